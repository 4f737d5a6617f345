"""How far the coders of a project agree: figures, confusions, and the items they disagree on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from core.db import ProcessedDB
from core.domain.annotation import Answer, Project, Task
from core.job import JobContext

if TYPE_CHECKING:
    from core.learning.agreement import Agreement, Figures


@dataclass(frozen=True)
class PairReport:
    """Two coders.

    Args:
        shared: items both answered.
        confusion: rows are the first coder's answers, columns the second's, in the order of `TaskReport.classes`.
    """

    first: str
    second: str
    shared: int
    figures: Figures
    by_class: dict[str, Figures]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Disagreement:
    """An item that coders answered differently. `gold` is what was decided, or empty."""

    item_key: str
    labels: dict[str, str]
    gold: str


@dataclass(frozen=True)
class SelfReport:
    """One coder against the same coder's answers to silent repeats."""

    coder: str
    repeats: int
    figures: Figures


@dataclass(frozen=True)
class TaskReport:
    """One task.

    Args:
        statement: why there are no figures, in one sentence; empty where there are some.
        classes: those that count, in order.
        answers: coder -> class -> how often.
        items, shared, videos: items with an answer, with two or more, and the videos of the latter.
        assisted: how many of the answers were given while predictions were shown.
    """

    task: str
    statement: str
    classes: tuple[str, ...]
    answers: dict[str, dict[str, int]]
    items: int
    shared: int
    videos: int
    assisted: int
    figures: Figures
    by_class: dict[str, Figures]
    pairs: tuple[PairReport, ...]
    disagreements: tuple[Disagreement, ...]
    repeats: tuple[SelfReport, ...]


@dataclass(frozen=True)
class AgreementReport:
    """A project's agreement, task by task.

    Args:
        with_na: whether NA counts as a class; else as no answer.
    """

    project: str
    with_na: bool
    coders: tuple[str, ...]
    tasks: tuple[TaskReport, ...] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """Plain lists, dictionaries, numbers and None."""
        return asdict(self)


def report(
    db: ProcessedDB, project: Project, ctx: JobContext | None = None, *, with_na: bool = True
) -> AgreementReport:
    """Compare the current answers of all coders."""
    ctx = ctx or JobContext()
    videos = {item.key: item.content_key for item in db.annotation.items(project.id)}
    gold = db.annotation.gold(project.id)
    answers = db.annotation.answers(project.id)
    tasks = []
    for done, task in enumerate(project.tasks):
        ctx.progress(done, len(project.tasks), task.name)
        ctx.check()
        own = [answer for answer in answers if answer.task == task.name]
        decided = {item: label for (item, of_task), label in gold.items() if of_task == task.name}
        tasks.append(_task_report(task, own, videos, decided, ctx, with_na))
    return AgreementReport(project.name, with_na, db.annotation.coders(project.id), tuple(tasks))


def _task_report(
    task: Task,
    answers: Sequence[Answer],
    videos: Mapping[str, str],
    gold: Mapping[str, str],
    ctx: JobContext,
    with_na: bool,
) -> TaskReport:
    import numpy as np

    from core.learning import agreement as figures

    classes = task.answers if with_na else task.classes
    counted = [answer for answer in answers if answer.label in classes]
    first = [answer for answer in counted if not answer.repeat]
    labels = _by_coder(first)
    table = figures.ratings(labels, videos, classes)
    found = figures.agreement(table, check=ctx.check)
    use = figures.shared(table)
    return TaskReport(
        task.name,
        _statement(task, labels, int(use.sum()), with_na),
        classes,
        {coder: {label: list(own.values()).count(label) for label in classes} for coder, own in labels.items()},
        len(table.items),
        int(use.sum()),
        len(np.unique(table.groups[use])),
        sum(answer.assisted for answer in first),
        found.overall,
        found.by_class,
        _pairs(found),
        _disagreements(labels, gold),
        _consistency(counted, videos, classes),
    )


def _statement(task: Task, labels: Mapping[str, Mapping[str, str]], shared: int, with_na: bool) -> str:
    besides = "" if with_na else " but NA"
    if not labels:
        return f"Nobody has answered anything{besides} in {task.name} yet."
    if len(labels) == 1:
        return f"Only {next(iter(labels))} has answered{besides} in {task.name}: agreement needs a second coder."
    if not shared:
        return f"No item of {task.name} has answers{besides} of two coders yet: agreement needs some in common."
    return ""


def _pairs(found: Agreement) -> tuple[PairReport, ...]:
    return tuple(
        PairReport(
            *names,
            int(found.confusion[names].sum()),
            own,
            found.pair_classes[names],
            tuple(tuple(map(int, row)) for row in found.confusion[names]),
        )
        for names, own in found.pairs.items()
    )


def _by_coder(answers: Sequence[Answer]) -> dict[str, dict[str, str]]:
    labels: dict[str, dict[str, str]] = {}
    for answer in answers:
        labels.setdefault(answer.coder, {})[answer.item_key] = answer.label
    return labels


def _disagreements(labels: Mapping[str, Mapping[str, str]], gold: Mapping[str, str]) -> tuple[Disagreement, ...]:
    by_item: dict[str, dict[str, str]] = {}
    for coder in sorted(labels):
        for item, label in labels[coder].items():
            by_item.setdefault(item, {})[coder] = label
    return tuple(
        Disagreement(item, said, gold.get(item, ""))
        for item, said in sorted(by_item.items())
        if len(set(said.values())) > 1
    )


def _consistency(
    answers: Sequence[Answer], videos: Mapping[str, str], classes: Sequence[str]
) -> tuple[SelfReport, ...]:
    from core.learning import agreement as figures

    first = _by_coder([answer for answer in answers if not answer.repeat])
    again = _by_coder([answer for answer in answers if answer.repeat])
    found = []
    for coder in sorted(again):
        both = sorted(again[coder].keys() & first.get(coder, {}).keys())
        numbers = {video: number for number, video in enumerate(sorted({videos[item] for item in both}))}
        own = figures.consistency(
            [classes.index(first[coder][item]) for item in both],
            [classes.index(again[coder][item]) for item in both],
            [numbers[videos[item]] for item in both],
            len(classes),
        )
        found.append(SelfReport(coder, len(both), own))
    return tuple(found)
