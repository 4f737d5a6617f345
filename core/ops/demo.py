"""The whole loop on made-up sounds: cut, train, scan, mark what is wrong, train again, and see what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.db import ProcessedDB
from core.demo.scenes import Event, mark_clips
from core.demo.videos import KINDS, DemoVideo, make_videos
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.domain.timespan import Span
from core.job import JobContext, PartOfJob
from core.ops import cut, negatives, scan
from core.ops.cache import open_embedder
from core.ops.media import add_files
from core.ops.models import Classifier
from core.ops.train import TrainRequest, train
from core.paths import DataPaths
from core.scan.embedding import Embedder

PROFILE, MODEL = "default", "LOGMEL"
_CLIP_S = 8.0
_MARKS_PER_VIDEO = 2


@dataclass(frozen=True)
class Score:
    """Regions of one kind against the truth of some videos."""

    kind: str
    part: str
    found: int
    missed: int
    false: int


@dataclass(frozen=True)
class DemoResult:
    """What the demo showed: the same videos scanned before and after the hard negatives."""

    videos: tuple[DemoVideo, ...]
    clips: int
    before: tuple[Score, ...]
    marked: int
    after: tuple[Score, ...]


def run(
    paths: DataPaths, folder: Path, length_s: float, ctx: JobContext, say: Callable[[str], None] = lambda _text: None
) -> DemoResult:
    """Do all of it.

    Args:
        folder: for videos and clips.
        length_s: of each video, at least 90 s.
        say: told what happens, in sentences.

    Raises:
        EnvironmentProblem: ffmpeg is missing, or the folder cannot be written to.
        Cancelled: through `ctx`.
    """
    steps = iter(range(5))

    def step(title: str) -> PartOfJob:
        say(title)
        return PartOfJob(ctx, next(steps), 5, title)

    with ProcessedDB(paths.prepare().database) as db, open_embedder(paths, "cpu") as embedder:
        videos = make_videos(folder / "videos", length_s, step(f"Making videos with {_listed(KINDS)} in noise"))
        media = dict(zip(videos, add_files(db, PROFILE, [video.path for video in videos]).media, strict=True))
        learn = [video for video in videos if video.part == "learn"]
        others = {video: one for video, one in media.items() if video.part != "learn"}
        clips = _cut(db, learn, media, folder / "clips", step(f"Cutting examples out of {len(learn)} of them"))
        loop = _Loop(db, paths, embedder, others)
        before, false = loop.round(step(f"Training on {MODEL} and scanning the {len(others)} others"))
        step("Marking the false regions of the review videos as hard negatives")
        marked = sum(loop.mark(video, rows, classifier) for video, rows, classifier in false)
        after, _ = loop.round(step("Training again with them, and scanning again"))
    return DemoResult(tuple(videos), clips, before, marked, after)


def _cut(
    db: ProcessedDB, videos: Sequence[DemoVideo], media: dict[DemoVideo, Media], folder: Path, ctx: JobContext
) -> int:
    """Clips around some events of each kind, as an editor would mark them: the sound is somewhere inside."""
    rng = np.random.default_rng(0)
    plans = [(video, kind) for video in videos for kind in KINDS]
    made = 0
    for number, (video, kind) in enumerate(plans):
        events = video.scene.of_kind(kind)[:_MARKS_PER_VIDEO]
        for clip in mark_clips(events, video.scene.duration_s, rng, _CLIP_S):
            ctx.check()
            ctx.progress(number, len(plans))
            settings = ExportSettings(str(folder / kind), label=kind, preset="ultrafast", audio="aac")
            request = CutRequest(media[video], Batch(clip.start_s, 1, 1.0, _CLIP_S), settings, PROFILE)
            job = cut.plan(db, request, ctx)
            made += len(cut.run(db, job.id, JobContext())[0].done)
    return made


class _Loop:
    """Train every kind, scan every video, and hold the regions against the truth."""

    def __init__(self, db: ProcessedDB, paths: DataPaths, embedder: Embedder, videos: dict[DemoVideo, Media]) -> None:
        self._db, self._paths, self._embedder, self._videos = db, paths, embedder, videos

    def round(self, ctx: JobContext) -> tuple[tuple[Score, ...], list[tuple[DemoVideo, list[RegionRow], Classifier]]]:
        """The scores, and the false regions of the review videos."""
        scores, false = [], []
        for number, kind in enumerate(KINDS):
            step = PartOfJob(ctx, number, len(KINDS), kind)
            request = TrainRequest(PROFILE, (kind,), model=MODEL, name=kind)
            classifier = train(self._db, self._paths, self._embedder, request, step).classifier
            rule = scan.rule_for(classifier)
            found: dict[str, list[tuple[list[Event], list[RegionRow]]]] = {}
            for video, media in self._videos.items():
                rows = scan.scan(self._db, media, PROFILE, classifier, self._embedder, rule, step)[0].regions
                events = video.scene.of_kind(kind)
                found.setdefault(video.part, []).append((events, list(rows)))
                wrong = [row for row in rows if not _hits(row, events)]
                if video.part == "review" and wrong:
                    false.append((video, wrong, classifier))
            scores += [_score(kind, part, pairs) for part, pairs in found.items()]
        return tuple(scores), false

    def mark(self, video: DemoVideo, rows: Sequence[RegionRow], classifier: Classifier) -> int:
        """Say of regions that they are not the sound."""
        media = self._videos[video]
        stamp = self._db.get_scan_versions(media.path, PROFILE, classifier.label)[0]["timestamp"]
        added, _changes = negatives.mark_regions(self._db, media, PROFILE, classifier.label, stamp, rows)
        return added


def _score(kind: str, part: str, pairs: Sequence[tuple[list[Event], list[RegionRow]]]) -> Score:
    found = missed = false = 0
    for events, rows in pairs:
        heard = sum(any(_overlap(row, event) for row in rows) for event in events)
        found += heard
        missed += len(events) - heard
        false += sum(not _hits(row, events) for row in rows)
    return Score(kind, part, found, missed, false)


def _hits(row: RegionRow, events: Sequence[Event]) -> bool:
    return any(_overlap(row, event) for event in events)


def _overlap(row: RegionRow, event: Event) -> bool:
    return Span(row.start_s, row.end_s).overlap_s(event.span) > 0


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]
