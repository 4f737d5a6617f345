"""Videos made of pictures that a test draws, every pixel of them kept."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.corpus.extractor import Extractor, Row, VideoFacts
from core.corpus.frames import Channel, SharedDecode
from core.job import JobContext


def make_video(path: Path, pictures: Iterable[np.ndarray], fps: int = 25) -> Path:
    """Write RGB pictures, uint8 (height, width, 3), without any loss; `path` ends in .mkv."""
    with av.open(str(path), "w") as container:
        stream = None
        for number, rgb in enumerate(pictures):
            if stream is None:
                stream = container.add_stream("ffv1", rate=fps)
                stream.height, stream.width = rgb.shape[:2]
                stream.pix_fmt, stream.time_base = "bgr0", Fraction(1, fps)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="bgr0")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def run_one(extractor: Extractor, path: Path) -> Row:
    """What an extractor finds in a video, decoded as in a run; what it raised is raised."""
    shared = SharedDecode([extractor])
    try:
        (outcome,) = shared.run(path, "key", JobContext())
    finally:
        shared.close()
        extractor.close()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def facts(**changes: object) -> VideoFacts:
    """Of a video that does not exist, for extractors that are given their frames."""
    return VideoFacts(
        **({
            "path": Path("made.mkv"), "content_key": "key", "duration_s": 1.0, "fps": 25.0, "width": 64, "height": 48,
            "frame_count": 25,
        } | changes)
    )  # fmt: skip


def no_frames() -> Channel:
    """For extractors that only listen."""
    channel = Channel(1, JobContext())
    channel.finish()
    return channel
