"""Where someone speaks in a recording, from the cache where it is known, and regions chosen by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.domain.media import Media
from core.domain.scan import RegionRow
from core.domain.speech import SpeechFilter, SpeechTrack
from core.domain.timespan import Span
from core.job import JobContext
from core.media.audio_reader import read_blocks
from core.media.cache_file import load_or_make

if TYPE_CHECKING:
    import numpy as np

    from core.scan.region_columns import RegionColumns

FOLDER = "speech"


def track(media: Media, cache: Path, ctx: JobContext) -> SpeechTrack:
    """The speech of a media, from `<cache>/speech/` or found and put there. Memory hardly grows with its length.

    Raises:
        UserError: the file cannot be read, or has no sound.
        EnvironmentProblem: the speech network is missing, or the cache cannot be written.
        Cancelled: `ctx` was cancelled; nothing is left behind.
    """
    from core.models.speech import REVISION

    target = cache / FOLDER / f"{media.content_key}-{REVISION}.json"
    return load_or_make(target, "speech", _load, lambda file: _find(file, media, ctx))


def keeper(
    media: Media, cache: Path, by: SpeechFilter, ctx: JobContext
) -> Callable[[RegionColumns], np.ndarray] | None:
    """What says which regions of a media pass the filter, bool[n] of n; None where all do. Raises as `track`."""
    if by is SpeechFilter.ANY:
        return None
    from core.scan.speech import wanted

    found = track(media, cache, ctx)
    return lambda rows: wanted(rows.starts, rows.ends, found, by)


def choose(rows: Sequence[RegionRow], found: SpeechTrack, by: SpeechFilter) -> tuple[RegionRow, ...]:
    """The regions that pass the filter, in their order."""
    import numpy as np

    from core.scan.speech import wanted

    starts = np.array([row.start_s for row in rows], np.float64)
    ends = np.array([max(row.start_s, row.end_s) for row in rows], np.float64)
    return tuple(row for row, good in zip(rows, wanted(starts, ends, found, by), strict=True) if good)


def _find(file: IO[bytes], media: Media, ctx: JobContext) -> None:
    import numpy as np

    from core.models.speech import FRAME_S, probabilities
    from core.scan.speech import speech_spans

    samples = 0

    def blocks():
        nonlocal samples
        for block in read_blocks(media.path, ctx=ctx):
            samples += len(block)
            yield block

    parts = list(probabilities(blocks()))
    duration_s = samples / 16_000
    found = speech_spans(np.concatenate(parts) if parts else np.zeros(0, np.float32), FRAME_S, duration_s)
    spans = [(round(span.start_s, 3), round(span.end_s, 3)) for span in found.spans]
    file.write(json.dumps({"duration_s": duration_s, "spans": spans}).encode())


def _load(target: Path) -> SpeechTrack | None:
    """What a file of the cache says; None where there is none, or none that is whole."""
    try:
        stored = json.loads(target.read_bytes())
        return SpeechTrack(
            tuple(Span(float(start), float(end)) for start, end in stored["spans"]), stored["duration_s"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
