"""From labels back to the work: windows become clips, hard negatives or a classifier; regions of a scan become items.

Every step tells what takes it back: clips go to the trash and come back (`core.ops.trash`), marks are unmarked
(`core.ops.negatives`), items that nobody answered are taken out again (`take_items_back`), a classifier has versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.annotation.consensus import decide
from core.annotation.round_folder import read_step
from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import Item, ItemKind, Project
from core.domain.clip import Batch
from core.domain.export import CutRequest, CutSummary, ExportJob, ExportSettings
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.domain.split import Split
from core.domain.timespan import Span
from core.errors import UserError
from core.job import JobContext, PartOfJob
from core.ops import cut, label, label_items
from core.paths import DataPaths
from core.storage.negatives import NegativeMark

if TYPE_CHECKING:
    from core.ops.train import MarkedFile, TrainOutcome, TrainRequest
    from core.scan.embedding import Embedder

_WHOLE_S = 1e6
_SAME_S = 0.05


@dataclass(frozen=True)
class Windows:
    """The windows of one media that have a label, in order of time."""

    media: Media
    spans: tuple[Span, ...]


def labelled_windows(db: ProcessedDB, project: Project, task: str, answer: str) -> tuple[Windows, ...]:
    """Windows that are `answer` by gold or majority, of the media in this history, by name.

    Raises:
        UserError: the project is about frames, has no such task or answer, or no window has it.
    """
    if project.kind is not ItemKind.WINDOW:
        raise UserError(
            f"{project.name} is about frames", "Only windows of sound can do this", "Choose another project"
        )
    names = [one.name for one in project.tasks]
    if task not in names or answer not in project.task(task).classes:
        raise UserError(f"{project.name} has no answer {answer!r} of a task {task!r}", "", f"Tasks: {', '.join(names)}")
    labels = _labels(db, project, task)
    return _windows(db, [item for item in db.annotation.items(project.id) if labels.get(item.key) == answer], answer)


def windows_to_clips(
    db: ProcessedDB,
    project: Project,
    task: str,
    answer: str,
    settings: ExportSettings,
    profile: str,
    ctx: JobContext,
    trash: Path | None = None,
) -> tuple[CutSummary, Changes]:
    """Export each labelled window as a clip of its own length. Those that are cut already are not cut again.

    Taken back by `core.ops.trash.delete` of the summary's `clip_ids`.

    Raises:
        UserError: no window has the label, or nothing could be cut.
        EnvironmentProblem: something that would fail for every clip.
        Cancelled: through `ctx`; clips that are done stay.
    """
    jobs: list[ExportJob] = []
    failed: list[tuple[str, str]] = []
    done: list[str] = []
    clip_ids: list[int] = []
    changes = Changes.of(Kind.JOBS)
    wanted = [(one, span) for one in labelled_windows(db, project, task, answer) for span in _new(db, one, profile)]
    try:
        for media, span in ((one.media, span) for one, span in wanted):
            ctx.check()
            batch = Batch(span.start_s, 1, span.length_s, span.length_s)
            try:
                jobs.append(cut.plan(db, CutRequest(media, batch, replace(settings, label=answer), profile), ctx))
            except UserError as error:
                failed.append((media.path, str(error)))
        while jobs:
            ctx.check()
            part = PartOfJob(ctx, len(wanted) - len(jobs), len(wanted))
            try:
                summary, changed = cut.run(db, jobs[0].id, part, trash)
            except UserError as error:
                failed += [(clip.path, str(error)) for clip in jobs[0].clips]
            else:
                done += summary.done
                failed += summary.failed
                clip_ids += summary.clip_ids
                changes |= changed
            jobs.pop(0)
    finally:
        for job in jobs:
            cut.discard(db, job.id)
    if wanted and not done:
        raise UserError("No clip was made", failed[0][1] if failed else "", "Check the files of the project")
    return CutSummary(tuple(done), tuple(failed), tuple(clip_ids)), changes


def windows_to_negatives(
    db: ProcessedDB, project: Project, task: str, answer: str, profile: str
) -> tuple[tuple[int, ...], Changes]:
    """Mark the labelled windows as hard negatives of a profile; returns the ids of those that are new.

    Taken back by `core.ops.negatives.unmark` of the ids.

    Raises:
        UserError: no window has the label.
    """
    found = labelled_windows(db, project, task, answer)
    changes = Changes()
    with db.write():
        before = {mark["id"] for mark in db.get_hard_negatives(profile)}
        profile_id = db.profiles.ensure(profile)
        for one in found:
            marks = [NegativeMark(span.start_s, span.end_s) for span in one.spans]
            db.negatives.add(profile_id, one.media.id, marks, filename=one.media.name, source_path=one.media.path)
            changes |= Changes.of(Kind.NEGATIVES, one.media.id)
        added = tuple(sorted({mark["id"] for mark in db.get_hard_negatives(profile)} - before))
    return added, changes


def training_files(
    db: ProcessedDB, project: Project, task: str, positive: str, negatives: Sequence[str]
) -> tuple[list[MarkedFile], list[str]]:
    """Recordings with their labelled windows as marks, and what was left out.

    Nothing is a negative but what somebody called one: the rest of a recording may well hold the sound. Videos of the
    frozen test set of the rounds are left out, so that the classifier can be judged by them.

    Raises:
        UserError: no window is positive or none negative.
    """
    from core.ops.train import MarkedFile

    held_out = _test_videos(db, project)
    marks: dict[int, tuple[Media, list[Span], list[Span]]] = {}
    for place, answers in ((1, (positive,)), (2, tuple(negatives))):
        for answer in answers:
            for one in labelled_windows(db, project, task, answer):
                marks.setdefault(one.media.id, (one.media, [], []))[place].extend(one.spans)
    left_out = [media.name for media, _, _ in marks.values() if media.content_key in held_out]
    files = [
        MarkedFile(media.path, tuple(sorted(yes)), (Span(0.0, _WHOLE_S),), tuple(sorted(no)))
        for media, yes, no in marks.values()
        if media.content_key not in held_out
    ]
    told = [f"Left out, since the frozen test set holds them: {', '.join(sorted(left_out))}"] if left_out else []
    return files, told


def windows_to_training(
    db: ProcessedDB,
    paths: DataPaths,
    embedder: Embedder,
    project: Project,
    task: str,
    positive: str,
    negatives: Sequence[str],
    request: TrainRequest,
    ctx: JobContext,
) -> TrainOutcome:
    """Train a classifier for scanning from labelled windows; it becomes the newest version under the request's name.

    Args:
        positive, negatives: answers of the task.
        request: profile, embedding model, head and name; its classes are not looked at.

    Raises:
        UserError: the labels cannot make a classifier; says why.
        EnvironmentProblem, Cancelled: as `core.ops.train.train`.
    """
    from core.learning.examples import TrainOptions
    from core.ops.train import store_trained, train_on

    files, told = training_files(db, project, task, positive, negatives)
    options = TrainOptions(head=request.head, neg_margin_s=0.0, embedding=request.key.meta)
    trained, problems = train_on(files, request.key, options, embedder, ctx)
    ctx.check()
    return store_trained(paths, trained, request, [*told, *problems])


def regions_to_items(
    db: ProcessedDB, project: Project, media: Media, regions: Iterable[RegionRow]
) -> tuple[tuple[str, ...], Changes]:
    """Add regions of a scan as windows to judge, as they were trimmed; returns the keys of those that are new.

    Taken back by `take_items_back` of the keys.

    Raises:
        UserError: the project is about frames.
    """
    items = label_items.region_items(db, project, [(media.id, one.start_s, one.end_s) for one in regions])
    keys = {item.key for item in items}
    with db.write():
        before = db.annotation.known_items(project.id, keys)
        db.annotation.add_items(project.id, items)
    return tuple(sorted(keys - before)), label.LABELS


def take_items_back(db: ProcessedDB, project: Project, keys: Iterable[str]) -> tuple[int, Changes]:
    """Take items out of a project again that nobody has answered and no round asks for; returns how many."""
    return db.annotation.remove_items(project.id, keys), Changes.of(Kind.LABELS)


def _labels(db: ProcessedDB, project: Project, task: str) -> dict[str, str]:
    return decide(db.annotation.answers(project.id), db.annotation.gold(project.id)).labels.get(task, {})


def _windows(db: ProcessedDB, items: Sequence[Item], answer: str) -> tuple[Windows, ...]:
    spans: dict[str, list[Span]] = {}
    for item in items:
        spans.setdefault(item.content_key, []).append(Span(item.start_s, item.end_s))
    known = [(media, own) for key, own in spans.items() if (media := db.media.by_key(key)) is not None]
    if not known:
        raise UserError(
            f"No window is labelled {answer!r}",
            "Their files are not on this machine" if spans else "Nobody said so, or coders disagree without a majority",
            "Label some, or adjudicate them",
        )
    return tuple(Windows(media, tuple(sorted(own))) for media, own in sorted(known, key=lambda one: one[0].path))


def _new(db: ProcessedDB, one: Windows, profile: str) -> list[Span]:
    """Those spans that no clip of the profile has already."""
    cut_already = db.clips.spans(one.media.id, profile)
    return [
        span
        for span in one.spans
        if not any(
            abs(clip.start_s - span.start_s) < _SAME_S and abs(clip.end_s - span.end_s) < _SAME_S
            for clip in cut_already
        )
    ]


def _test_videos(db: ProcessedDB, project: Project) -> frozenset[str]:
    rounds = db.annotation.rounds(project.id)
    return Split.from_json(read_step(Path(rounds[-1].folder), "split")).test if rounds else frozenset()
