"""What a training would see, before it is started, and how the versions of a classifier did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.db import ProcessedDB
from core.domain.amounts import count_text
from core.domain.media import Media
from core.errors import UserError
from core.ops.models import model_store
from core.ops.train import TrainRequest, marked_files
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.learning.model_store import ModelVersion

FEW_VIDEOS, FEW_CLIPS, LOPSIDED = 3, 20, 5


@dataclass(frozen=True)
class Forecast:
    """What would be learned from.

    Args:
        clips, videos: positive ones.
        seconds: of sound in the positive clips.
        negatives: clips of the negative classes; `hard` are the hard negatives.
        missing: media of which no file is where it was.
        warnings: plain sentences; training works all the same.
        complaint: why it would not work, or empty.
    """

    clips: int = 0
    videos: int = 0
    seconds: float = 0.0
    negatives: int = 0
    hard: int = 0
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    complaint: str = ""


def forecast(db: ProcessedDB, request: TrainRequest) -> Forecast:
    """Count what a request would train on. Looks for the files, so not for the GUI thread."""
    try:
        files = marked_files(db, request)
    except UserError as error:
        return Forecast(complaint=f"{error.what}. {error.fix}." if error.fix else f"{error.what}.")
    missing = tuple(file.path for file in files if not Path(file.path).is_file())
    there = [file for file in files if file.path not in missing]
    clips = sum(len(file.positives) for file in there)
    videos = sum(bool(file.positives) for file in there)
    hard = sum(len(file.hard) for file in there)
    negatives = sum(len(file.negatives) for file in there) - hard
    seconds = sum(span.length_s for file in there for span in file.positives)
    complaint = (
        "" if clips else "No clip of these classes has its video here: say where they are, and update the paths."
    )
    return Forecast(
        clips, videos, seconds, negatives, hard, missing, _warnings(clips, videos, negatives + hard), complaint
    )


def missing_media(db: ProcessedDB, request: TrainRequest) -> list[Media]:
    """The media that a request would leave out because their file is gone."""
    found = [db.media.by_path(path) for path in forecast(db, request).missing]
    return [media for media in found if media is not None]


def _warnings(clips: int, videos: int, negatives: int) -> tuple[str, ...]:
    found = []
    if clips and videos < FEW_VIDEOS:
        found.append(
            f"Clips from only {count_text(videos, 'video')}: the classifier may learn the recording instead of the "
            f"sound. {FEW_VIDEOS} or more are better."
        )
    if 0 < clips < FEW_CLIPS:
        found.append(f"Only {count_text(clips, 'clip')}: {FEW_CLIPS} or more make it dependable.")
    if clips and negatives and max(clips, negatives) > LOPSIDED * min(clips, negatives):
        more, less = ("negatives", "clips") if negatives > clips else ("clips", "negatives")
        found.append(f"More than {LOPSIDED} times as many {more} as {less}: the rarer side counts for little.")
    return tuple(found)


def history(paths: DataPaths, profile: str, model: str, name: str) -> list[ModelVersion]:
    """All versions of the classifier that a training would add one to, newest first; empty where there is none."""
    store = model_store(paths)
    return store.history(store.path(profile, model, name))


def named_videos(db: ProcessedDB, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The per-video table of a report, with the name of each file beside its content key."""
    rows = []
    for row in report.get("videos", ()):
        media = db.media.by_key(row["group"])
        rows.append({**row, "name": media.name if media else row["group"]})
    return rows
