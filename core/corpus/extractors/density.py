"""How much there is to see: colours, edges, movement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.corpus.extractor import Column, Frames, Row, Settings, VideoFacts
from core.corpus.needs import need_package
from core.job import JobContext

if TYPE_CHECKING:
    import numpy as np

BINS = 4
"""Of hue, of saturation and of brightness: 4 × 4 × 4 make 64 colours, so the entropy is 6 bits at most."""
CANNY_LOW, CANNY_HIGH = 100, 200
EDGES_PX = 480
FLOW_PX = 320
"""Movement is measured on pictures of this size, which averages the noise of single pixels away."""


class Density:
    """Colour entropy (Shannon 1948 over a 64-bin HSV histogram), edges (Canny 1986), optical flow (Farnebäck 2003)."""

    name = "density"
    version = 1
    needs = "cpu"
    wants = "pairs"
    columns = (
        Column("colour_entropy", "bits", "float", "how evenly 64 colours (HSV) are used: 0 one colour, 6 all alike"),
        Column("edges", "share", "float", "share of pixels on an edge (Canny)"),
        Column("flow_px", "px", "float", "mean movement from a frame to the next, in pixels of the video as displayed"),
        Column("flow_per_s", "widths/s", "float", "mean movement in picture widths a second"),
        Column("frames", "", "int", "frames looked at"),
    )

    def __init__(self, settings: Settings) -> None:
        """It has no settings."""

    def check(self, ctx: JobContext) -> None:
        """Look for OpenCV.

        Raises:
            EnvironmentProblem: it is not installed.
        """
        need_package(self, "cv2", "opencv-python-headless")

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The figures of one video; see `columns`. A video of one frame has no movement."""
        entropies, edges, flows_px, flows_per_s = [], [], [], []
        for frame in frames:
            entropies.append(colour_entropy(frame.rgb))
            edges.append(edge_share(frame.rgb))
            if frame.next_rgb is not None:
                widths = mean_flow(frame.rgb, frame.next_rgb)
                flows_px.append(widths * info.width)
                flows_per_s.append(widths / (frame.next_s - frame.time_s))
        means = [sum(values) / len(values) if values else None for values in (entropies, edges, flows_px, flows_per_s)]
        return dict(zip([column.name for column in self.columns], [*means, len(entropies)], strict=True))

    def close(self) -> None:
        """Nothing is held."""


def colour_entropy(rgb: np.ndarray) -> float:
    """Bits of the histogram of 64 HSV colours of a picture, 0–6."""
    import cv2
    import numpy as np

    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, [BINS] * 3, [0, 180, 0, 256, 0, 256])
    shares = counts[counts > 0] / counts.sum()
    return abs(float(-(shares * np.log2(shares)).sum()))


def edge_share(rgb: np.ndarray) -> float:
    """Share of the pixels of a picture that lie on an edge, 0–1; larger pictures are made EDGES_PX long first."""
    import cv2
    import numpy as np

    edges = cv2.Canny(_grey(rgb, EDGES_PX), CANNY_LOW, CANNY_HIGH)
    return float(np.count_nonzero(edges) / edges.size)


def mean_flow(before: np.ndarray, after: np.ndarray) -> float:
    """Mean length of the movement from one picture to the next, in widths of the picture."""
    import cv2
    import numpy as np

    first, second = (_grey(rgb, FLOW_PX) for rgb in (before, after))
    flow = cv2.calcOpticalFlowFarneback(
        first, second, None, pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5, poly_sigma=1.2, flags=0
    )
    return float(np.hypot(flow[..., 0], flow[..., 1]).mean() / first.shape[1])


def _grey(rgb: np.ndarray, max_px: int) -> np.ndarray:
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    scale = max_px / max(grey.shape)
    if scale >= 1:
        return grey
    size = [max(1, round(side * scale)) for side in grey.shape[::-1]]
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
