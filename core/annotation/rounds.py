"""One round: labels, split, agreement, models, evaluation, scores, selection, advice. Steps that are done stay done.

metrics.json, which the history keeps too, is

- `project`, `kind`, `round`, `options` {…}, `seed`
- `sizes` {items, labelled, pool, not_applicable, ties, unreadable, train, validation, test}, the last three counting
  labelled items, and `videos` {train, validation, test, unassigned}
- `coders` {name: answered items}, `agreement` (see `core.ops.agreement`; None where nobody shares an item)
- `tasks` {task: {classes, labels {class: labelled items}, missing [classes without a label to learn from], start,
  epochs, best_loss, accuracy {train, validation, test}, test (see `core.annotation.metrics`; None without labels),
  predictions {item: [true, predicted]} of the test set, fixed {item: predicted} of a fixed set without labels}}
- `queue` {wanted, chosen, reasons {reason: items}}, `advice` [{kind, sentence, evidence}], `problems` [sentences]
"""

from __future__ import annotations

import json
import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.annotation import advice, figures
from core.annotation.queue_file import queue_text
from core.annotation.round_choice import choose
from core.annotation.round_folder import FIGURE, FROZEN, METRICS, QUEUE, RoundFolder, round_rows
from core.annotation.round_report import task_figures
from core.annotation.round_since import going_on, without_gone
from core.annotation.round_start import Turn, labels_now, lessons_now, split_now
from core.annotation.rows import Rows
from core.annotation.selection import STRATEGIES
from core.annotation.workshop import Judgement, Lesson, Workshop, group_of
from core.domain.annotation import Item, QueueEntry
from core.domain.split import Split
from core.errors import UserError
from core.job import JobContext, PartOfJob

_STEPS = 6


@dataclass(frozen=True)
class RoundOptions:
    """How a round is run.

    Args:
        top_k: how many items to ask for.
        epochs: of training frame models, at most.
        strategy: "mixed", "entropy" or "random".
        backbone: of frame models: "resnet50", or "timm:NAME".
        frozen: learn a head on the backbone as it is.
        image_px: frame models look at squares of this side.
        weights: what frame models of round 0 start from: "imagenet", a file, or, by name only, "random".
        embedding: the embedding model of windows.
        head: kind of heads on embeddings.
        per_video: items of one video at most; 0 for twice an even spread.
        apart_s: least distance of items of one video; None for a second, or the length of a window.
        seed: of the split and everything drawn.
        device: "auto", "cpu", "cuda" or "mps".
        out: the folder of all rounds; None for one in the data folder.
        anew: begin from the labels of now even where the round could go on, or was finished.
    """

    top_k: int = 50
    epochs: int = 30
    strategy: str = "mixed"
    backbone: str = "resnet50"
    frozen: bool = False
    image_px: int = 224
    weights: str = "imagenet"
    embedding: str = "LOGMEL"
    head: str = "blend"
    per_video: int = 0
    apart_s: float | None = None
    seed: int = 42
    device: str = "auto"
    out: Path | None = None
    anew: bool = False

    def __post_init__(self) -> None:
        if self.apart_s is not None and not 0.0 <= self.apart_s < math.inf:
            raise UserError(f"{self.apart_s:g} s is no distance", "", "Choose 0 or more seconds")
        if self.top_k < 1 or self.epochs < 1 or self.per_video < 0 or self.image_px < 32:
            raise UserError(
                "A round asks for one item, runs one epoch and looks at 32 pixels at least", "", "Choose larger numbers"
            )
        if self.strategy not in STRATEGIES:
            raise UserError(f"There is no strategy {self.strategy!r}", "", "Choose one of " + ", ".join(STRATEGIES))

    @property
    def deciding(self) -> dict[str, Any]:
        """What decides the outcome, JSON-able."""
        found = asdict(self)
        del found["out"], found["device"], found["anew"]
        return found


@dataclass(frozen=True)
class RoundResult:
    """What a round came to: its folder, metrics.json, what it asks for, and, where it went on or was begun anew,
    sentences about that.
    """

    number: int
    folder: Path
    metrics: dict[str, Any]
    entries: tuple[QueueEntry, ...] = field(default_factory=tuple)
    notes: tuple[str, ...] = ()


def run_turn(
    turn: Turn,
    options: RoundOptions,
    workshop: Workshop,
    agreement: Callable[[JobContext], dict[str, Any] | None],
    ctx: JobContext,
) -> RoundResult:
    """Run a round, or what is left of it.

    Raises:
        UserError: there are no labels, too few videos, nothing to tell apart, or files of the round before are gone.
        EnvironmentProblem: weights are missing, or something cannot be written.
        LeakError: a video of the test set came where it must not be.
        Cancelled: through `ctx`; what was finished is kept.
    """
    deciding = {"options": options.deciding, "workshop": workshop.settings(), "project": turn.project.uid}
    folder = RoundFolder(turn.folder, {**deciding, "round": turn.number}, options.anew)
    notes = going_on(turn, folder)
    for note in notes:
        ctx.log(note)
    if turn.frozen is not None and folder.cleared:
        # Whatever stops a round that is made anew before it has a split again: the test set is still known.
        folder.step(FROZEN, turn.frozen.to_json)
    # One step, so that a resumed round never compares coders by answers that it did not learn from.
    state = folder.step(
        "labels", lambda: {**labels_now(turn), "agreement": agreement(PartOfJob(ctx, 0, _STEPS, "Agreement"))}
    )
    split = Split.from_json(folder.step("split", lambda: split_now(turn, state, options.seed).to_json()))
    folder.forget(FROZEN)
    known = {item.key: item for item in turn.items}
    state = without_gone(state, known)
    items = [known[key] for key in state["items"]]
    unread = workshop.prepare(items, PartOfJob(ctx, 1, _STEPS, "Reading"))
    unread |= folder.step("unreadable", lambda: unread)
    items = [item for item in items if item.key not in unread]
    lessons, problems = lessons_now(turn, state, split, {item.key for item in items}, folder)
    facts = _train(lessons, workshop, folder, PartOfJob(ctx, 2, _STEPS))
    keys, said = _judge(lessons, items, facts, workshop, folder, PartOfJob(ctx, 3, _STEPS))
    ctx.check()
    ctx.progress(4, _STEPS, "Choosing")
    if not known.keys() >= {row[0] for row in folder.known("chosen") or ()}:
        folder.forget("chosen")
    chosen = folder.step(
        "chosen",
        lambda: [
            list(asdict(entry).values())
            for entry in choose(turn.project, keys, known, state, split, said, options, workshop.apart_s)
        ],
    )
    entries = tuple(QueueEntry(*row) for row in chosen)
    ctx.progress(5, _STEPS, "Measuring")
    metrics = _metrics(turn, options, state, split, unread, problems, entries)
    for lesson in lessons:
        name = lesson.task.name
        metrics["tasks"][name] = task_figures(lesson, keys, said[name], facts[name], state, split, options.seed)
    metrics["advice"] = [asdict(one) for one in advice.advise([*turn.past, metrics])]
    _write(folder, turn, known, entries, metrics)
    return RoundResult(turn.number, turn.folder, metrics, entries, notes)


def _train(
    lessons: Sequence[Lesson], workshop: Workshop, folder: RoundFolder, ctx: JobContext
) -> dict[str, dict[str, Any]]:
    facts = {}
    for number, lesson in enumerate(lessons):
        ctx.check()
        part = PartOfJob(ctx, number, len(lessons), f"Learning {lesson.task.name}")
        name = f"train {lesson.task.name}"
        if not lesson.checkpoint.is_file():
            folder.forget(name)
        facts[lesson.task.name] = folder.step(name, lambda lesson=lesson, part=part: workshop.train(lesson, part))
    return facts


def _judge(
    lessons: Sequence[Lesson],
    items: Sequence[Item],
    facts: Mapping[str, Mapping[str, Any]],
    workshop: Workshop,
    folder: RoundFolder,
    ctx: JobContext,
) -> tuple[list[str], dict[str, Judgement]]:
    """Keys of the items, and what each task's model says about them.

    Kept are the keys, of the task in place n its probabilities p<n>, and, as rows, embeddings of the first one for
    telling items apart, which serve all tasks. No more of them than a part is held at a time.
    """

    def work() -> dict[str, np.ndarray]:
        found = {"keys": np.array([item.key for item in items], dtype=str)}
        for number, lesson in enumerate(lessons):
            part = PartOfJob(ctx, number, len(lessons), f"Judging {lesson.task.name}")
            said: list[np.ndarray] = []
            embeddings = _kept(workshop.judge(lesson.checkpoint, items, part), said)
            if number == 0:
                folder.write_rows("judged", len(items), embeddings)
            else:
                deque(embeddings, maxlen=0)
            found[f"p{number}"] = np.concatenate(said)
        return found

    judged = folder.arrays("judged", work)
    rows = Rows(round_rows(folder.path, "judged"))
    # Of a round that goes on, some may have been judged that the project does not have any more.
    known = {item.key for item in items}
    keys = [str(key) for key in judged["keys"]]
    here = np.array([key in known for key in keys], bool)
    said = {}
    for number, lesson in enumerate(lessons):
        classes = tuple(facts[lesson.task.name]["classes"])
        said[lesson.task.name] = Judgement(classes, judged[f"p{number}"][here], rows.those(here))
    return [key for key in keys if key in known], said


def _kept(parts: Iterator[Judgement], said: list[np.ndarray]) -> Iterator[np.ndarray]:
    """The embeddings of each part, once its probabilities are in `said`."""
    for part in parts:
        said.append(part.probabilities.astype(np.float32))
        yield part.embeddings


def _metrics(
    turn: Turn,
    options: RoundOptions,
    state: Mapping[str, Any],
    split: Split,
    unread: Mapping[str, str],
    problems: Sequence[str],
    entries: Sequence[QueueEntry],
) -> dict[str, Any]:
    labelled = set().union(*(own.keys() for own in state["labels"].values()))
    groups = {group_of(key) for key in state["items"]}
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    ties = sum(map(len, state["ties"].values()))
    told = [*problems, *_unread(unread, len(state["items"]))]
    if ties:
        told.append(f"{ties} answers have no majority and taught nothing; adjudicate them")
    if len(state["coders"]) == 1:
        told.append("There is a single coder, so nobody knows how far others would agree")
    if len(entries) < options.top_k:
        told.append(f"{len(entries)} items were chosen instead of {options.top_k}: the pool allows no more")
    return {
        "project": turn.project.name,
        "kind": turn.project.kind.value,
        "round": turn.number,
        "options": options.deciding,
        "seed": options.seed,
        "sizes": {
            "items": len(state["items"]),
            "labelled": len(labelled),
            "pool": sum(
                group_of(key) not in split.test and key not in unread
                for key in set(state["items"]) - set(state["answered"])
            ),
            "not_applicable": state["not_applicable"],
            "ties": ties,
            "unreadable": len(unread),
            **{name: sum(group_of(key) in own for key in labelled) for name, own in parts.items()},
            "videos": {
                **{name: len(own & groups) for name, own in parts.items()},
                "unassigned": len(groups - split.known),
            },
        },
        "coders": state["coders"],
        "agreement": state["agreement"],
        "queue": {
            "wanted": options.top_k,
            "chosen": len(entries),
            "reasons": dict(sorted(Counter(entry.reason for entry in entries).items())),
        },
        "problems": told,
        "tasks": {},
    }


def _unread(unread: Mapping[str, str], total: int) -> list[str]:
    """A sentence per cause, with how many items it concerns."""
    causes = Counter(unread.values())
    return [f"{count} of {total} items are left out: {cause}" for cause, count in sorted(causes.items())]


def _write(
    folder: RoundFolder, turn: Turn, items: Mapping[str, Item], entries: Sequence[QueueEntry], metrics: dict[str, Any]
) -> None:
    folder.write(QUEUE, queue_text(entries, items, turn.names, turn.project.kind, turn.number))
    folder.write(FIGURE, figures.draw([*turn.past, metrics]))
    # The last of them: where it is, the round is finished.
    folder.write(METRICS, json.dumps(metrics, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")
