"""How far a labelling project has come: its items, and what each coder has done and how fast."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from core.annotation.queue import progress
from core.db import ProcessedDB
from core.domain.annotation import Answer, Item, Project
from core.job import JobContext


@dataclass(frozen=True)
class CoderWork:
    """One coder.

    Args:
        done, total: steps of the coder's queue, silent repeats included.
        seconds: median time spent on an item, idle time left out; None before the first.
        hours: time spent in all.
        last_at: of the newest answer, UTC, ISO 8601; empty before the first.
    """

    name: str
    done: int
    total: int
    seconds: float | None
    hours: float
    last_at: str


@dataclass(frozen=True)
class Overview:
    """One project.

    Args:
        labelled: items that somebody has answered in every task.
        missing: items of videos that are not in this history.
        decided: adjudicated labels.
        queued: items that the newest round asks for.
    """

    project: Project
    items: int
    videos: int
    labelled: int
    missing: int
    decided: int
    queued: int
    coders: tuple[CoderWork, ...]


def overviews(db: ProcessedDB, ctx: JobContext | None = None) -> tuple[Overview, ...]:
    """Of every project, by name."""
    ctx = ctx or JobContext()
    found = []
    for project in db.annotation.projects():
        ctx.check()
        found.append(overview(db, project))
    return tuple(found)


def overview(db: ProcessedDB, project: Project) -> Overview:
    """Of one project."""
    store = db.annotation
    items, answers = store.items(project.id), store.answers(project.id)
    tasks = {task.name for task in project.tasks}
    known: dict[str, set[str]] = {}
    for answer in answers:
        known.setdefault(answer.item_key, set()).add(answer.task)
    keys = {item.content_key for item in items}
    gone = {key for key in keys if db.media.by_key(key) is None}
    queue = store.queue(project.id)
    coders = _work(db, project, items, answers, {entry.item_key for entry in queue}, keys - gone)
    return Overview(
        project,
        len(items),
        len(keys),
        sum(said >= tasks for said in known.values()),
        sum(item.content_key in gone for item in items),
        len(store.gold(project.id)),
        len(queue),
        coders,
    )


def labels_now(db: ProcessedDB, project: Project) -> dict[str, dict[str, str]]:
    """{task: {item key: class}}: adjudicated labels, else those of the majority; NA and ties are left out."""
    from core.annotation.consensus import decide

    found = decide(db.annotation.answers(project.id), db.annotation.gold(project.id)).labels
    return {task: dict(own) for task, own in found.items()}


def _work(
    db: ProcessedDB,
    project: Project,
    items: Sequence[Item],
    answers: Iterable[Answer],
    first: Collection[str],
    here: Collection[str],
) -> tuple[CoderWork, ...]:
    """Everybody's, counted without building their queues."""
    team = db.annotation.team(project.id)
    names = [[coder.name for coder in team if coder.away is away] for away in (False, True)]
    steps = progress(project, items, *names, answers, first, here)
    by_coder: dict[str, list[Answer]] = {}
    for answer in answers:
        by_coder.setdefault(answer.coder, []).append(answer)
    return tuple(_coder(one.name, *steps[one.name], by_coder.get(one.name, ())) for one in team)


def _coder(name: str, done: int, total: int, own: Sequence[Answer]) -> CoderWork:
    # The answers of one save share their time.
    spent = {(answer.item_key, answer.repeat): answer.seconds for answer in own}
    return CoderWork(
        name,
        done,
        total,
        median(spent.values()) if spent else None,
        sum(spent.values()) / 3600,
        max((answer.saved_at for answer in own), default=""),
    )
