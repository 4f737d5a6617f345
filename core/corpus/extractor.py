"""What an extractor of features is, and the table of those there are.

To add one, write a file with a class of this shape and add its line to `EXTRACTORS`; nothing else has to know.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from core.errors import UserError
from core.paths import DataPaths, data_paths

if TYPE_CHECKING:
    import numpy as np

    from core.job import JobContext
    from core.scan.embedding import Embedder

ColumnType = Literal["int", "float", "str", "bool", "json", "array"]
Wants = Literal["nothing", "samples", "pairs", "all"]
Row = dict[str, Any]
"""A value for each column of an extractor; None where the video has none, such as the mean angle of no face."""

SAMPLE_EVERY, MAX_SAMPLES = 15, 200
"""Sampled are frames 0, 15, 30, …; where these are more than 200, 200 of them, spread evenly over the video."""
SAMPLE_PX, STREAM_PX = 960, 256
"""The longest side of a sampled picture, and of one of the stream of all frames; smaller videos stay as they are."""

EXTRACTORS: dict[str, str] = {
    "cuts": "core.corpus.extractors.cuts:Cuts",
    "density": "core.corpus.extractors.density:Density",
    "gaze": "core.corpus.extractors.gaze:Gaze",
    "objects": "core.corpus.extractors.objects:Objects",
    "text": "core.corpus.extractors.text:Text",
    "embeddings": "core.corpus.extractors.embeddings:Embeddings",
}


@dataclass(frozen=True)
class Column:
    """One figure of a video.

    Args:
        name: unique within its extractor; a table of several calls it `extractor_name`.
        unit: "s", "1/s", "px", "°", "share" (0–1), "bits", or "" for a plain count or text.
        type: what its values are. "json": a list or dict of plain values. "array": a float32 array of one dimension,
            which is kept in a file beside the table.
        about: one sentence for a person.
    """

    name: str
    unit: str
    type: ColumnType
    about: str


@dataclass(frozen=True)
class VideoFacts:
    """What is known of a video before it is decoded; the picture as displayed. No picture: width 0, no frames.

    Args:
        duration_s: from the first frame to the end of the last one; of the sound where there is no picture.
        fps: frames a second, the mean where the rate varies.
        frame_count: as the header says where no extractor looks at frames, which may be 0.
    """

    path: Path
    content_key: str
    duration_s: float
    fps: float
    width: int
    height: int
    frame_count: int


@dataclass(frozen=True)
class Frame:
    """A decoded frame, turned as displayed, with square pixels.

    Args:
        index: counts the frames of the video from 0.
        time_s: when it starts.
        rgb: uint8 (height, width, 3); the longest side is SAMPLE_PX at most, STREAM_PX in the stream of all frames.
            Shared by all extractors: read it, never write to it.
        next_rgb: the frame right after it, of the same size; only in pairs, and None after the last frame.
        next_s: when that one starts.
    """

    index: int
    time_s: float
    rgb: np.ndarray
    next_rgb: np.ndarray | None = None
    next_s: float | None = None


class Frames(Protocol):
    """The frames of a video that an extractor wants, in order of time, each to be seen once.

    They are decoded while it looks, so nobody holds them all.

    Attributes:
        ctx: for an extractor whose steps take long without a frame.
    """

    ctx: JobContext

    def __iter__(self) -> Iterator[Frame]: ...


@dataclass(frozen=True)
class Settings:
    """What the extractors of a run may ask for. Plain values, so that a worker process gets it as it is.

    Args:
        paths: where trained weights lie, and the cache of embeddings.
        device: "auto", "cpu", "cuda" or "mps", for those that can use one.
        open_embedder: makes an embedder of a data folder and a device; None for one without a cache. A function of a
            module, such as `core.ops.cache.open_embedder`, which goes to a worker by its name.
    """

    paths: DataPaths = field(default_factory=data_paths)
    device: str = "auto"
    open_embedder: Callable[[DataPaths, str], Embedder] | None = None


class Extractor(Protocol):
    """Made once in a worker, as `Class(settings)`, then asked for many videos, one after the other.

    A class that says `takes_argument = True` is made as `Class(settings, argument)`; the argument is what follows the
    dash in its name, or empty.

    Attributes:
        name: a key of EXTRACTORS; with an argument "key-argument". Safe in a file name.
        version: counts up whenever the same video would get other figures; results of another version are not kept.
        columns: what `extract` returns, in order.
        needs: "gpu" where it gains from one; the others run beside it.
        wants: which frames: sampled ones; the same as pairs with their next frame; all of them, small; none.
    """

    name: str
    version: int
    columns: tuple[Column, ...]
    needs: Literal["cpu", "gpu"]
    wants: Wants

    def check(self, ctx: JobContext) -> None:
        """Make sure that it can run here, fetching weights with progress; loads nothing into memory.

        Raises:
            EnvironmentProblem: a package or weights are missing, and how to get them.
            Cancelled: through `ctx`.
        """

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The figures of one video.

        Raises:
            UserError: the video lacks what it looks for, such as sound.
            Cancelled: the run was cancelled; raised by the frames, too.
        """

    def close(self) -> None:
        """Let go of models; it may be used again afterwards."""


def extractor(name: str, settings: Settings | None = None) -> Extractor:
    """The extractor of a name, such as "cuts", or with its argument "embeddings-YAMNET". Loads no library yet.

    Raises:
        UserError: there is none of that name, or it takes no such argument.
    """
    key, dash, argument = name.partition("-")
    if key not in EXTRACTORS:
        raise UserError(f"There is no extractor {name!r}", "", f"Choose from {', '.join(EXTRACTORS)}")
    module, _, class_name = EXTRACTORS[key].partition(":")
    made = getattr(importlib.import_module(module), class_name)
    settings = settings or Settings()
    if getattr(made, "takes_argument", False):
        return made(settings, argument)
    if dash:
        raise UserError(f"The extractor {key} has no {argument!r}", "It comes in one kind only", f"Ask for {key}")
    return made(settings)


def extractors(names: Iterable[str], settings: Settings | None = None) -> tuple[Extractor, ...]:
    """Those of these names, each once, in the order given.

    Raises:
        UserError: one does not exist, or none was named.
    """
    found = {one.name: one for one in (extractor(name, settings) for name in dict.fromkeys(names))}
    if not found:
        raise UserError("No features were chosen", "", f"Choose from {', '.join(EXTRACTORS)}")
    return tuple(found.values())
