"""Writing in the picture: RapidOCR, which runs PP-OCR's networks and carries their weights in its package."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.corpus.extractor import Column, Frames, Row, Settings, VideoFacts
from core.corpus.needs import need_package
from core.job import JobContext

if TYPE_CHECKING:
    import numpy as np

DETECT_PX = 800
"""Where text lies is looked for in pictures of this size; letters below some 8 px of it are missed."""
MIN_SCORE = 0.6
SAME_TEXT = 0.6
"""Two readings that agree at least so far (0–1) are one text: the same line is not read alike in every frame."""
COMPARE_PX, SAME_LEVELS = 240, 10
"""A picture none of whose pixels, at that size, moved by more levels than this is not read again."""


@dataclass(frozen=True)
class Reading:
    """What one picture says.

    Args:
        text: all regions in reading order, one a line.
        regions: how many there are.
        area: share of the picture that they cover, 0–1.
    """

    text: str = ""
    regions: int = 0
    area: float = 0.0


class Text:
    """Whether there is writing, how much, and how often it changes; not what it says."""

    name = "text"
    version = 1
    needs = "cpu"
    wants = "samples"
    columns = (
        Column("any_text", "", "bool", "whether any frame has text"),
        Column("frames_with_text", "share", "float", "share of the frames with text"),
        Column("area", "share", "float", "mean share of the picture covered by text"),
        Column("regions_per_frame", "", "float", "mean number of lines of text in a frame"),
        Column("changes_per_s", "1/s", "float", "how often the text appears, changes or goes, each second"),
        Column("frames", "", "int", "frames looked at"),
    )

    def __init__(self, settings: Settings) -> None:
        """It has no settings."""
        self._engine: Any = None

    def check(self, ctx: JobContext) -> None:
        """Look for RapidOCR and what runs its networks.

        Raises:
            EnvironmentProblem: one of them is not installed.
        """
        need_package(self, "rapidocr")
        need_package(self, "onnxruntime")

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The figures of one video; see `columns`. Changes are counted from one sampled frame to the next."""
        readings: list[Reading] = []
        times_s, seen = [], None
        for frame in frames:
            look = thumbnail(frame.rgb)
            if seen is None or changed(seen, look):
                readings.append(self._read(frame.rgb))
                seen = look
            else:
                readings.append(readings[-1])
            times_s.append(frame.time_s)
        count = len(readings)
        with_text = sum(1 for one in readings if one.regions)
        span_s = times_s[-1] - times_s[0] if count > 1 else 0.0
        return {
            "any_text": bool(with_text),
            "frames_with_text": with_text / count if count else None,
            "area": sum(one.area for one in readings) / count if count else None,
            "regions_per_frame": sum(one.regions for one in readings) / count if count else None,
            "changes_per_s": changes([one.text for one in readings]) / span_s if span_s else None,
            "frames": count,
        }

    def close(self) -> None:
        """Let go of the networks."""
        self._engine = None

    def _read(self, rgb: np.ndarray) -> Reading:
        import cv2

        if self._engine is None:
            self._engine = load_engine()
        found = self._engine(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        boxes = [] if found.boxes is None else list(found.boxes)
        pixels = rgb.shape[0] * rgb.shape[1]
        area = sum(cv2.contourArea(box.astype("float32")) for box in boxes) / pixels
        return Reading("\n".join(found.txts or ()), len(boxes), min(1.0, area))


def load_engine() -> Any:
    """RapidOCR on one thread: a run has a process for each core."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            # It would warn about each frame without text.
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.text_score": MIN_SCORE,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECT_PX,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def changes(texts: list[str]) -> int:
    """How often a text in a row is another one than that before it."""
    return sum(1 for before, after in pairwise(texts) if not same_text(before, after))


def same_text(one: str, other: str) -> bool:
    """Whether two readings are of one text."""
    if not one or not other:
        return one == other
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= SAME_TEXT


def thumbnail(rgb: np.ndarray) -> np.ndarray:
    """A small grey picture to compare with the next one."""
    import cv2

    scale = min(1.0, COMPARE_PX / max(rgb.shape[:2]))
    size = [max(1, round(side * scale)) for side in rgb.shape[1::-1]]
    return cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)


def changed(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether there may be another text to read."""
    import cv2

    return int(cv2.absdiff(before, after).max()) > SAME_LEVELS
