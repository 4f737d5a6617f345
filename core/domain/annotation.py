"""Labelling: projects, their tasks and items, and what coders answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

NA = "NA"
"""The answer "does not apply" or "cannot tell". Every task has it; it is an answer, never a missing value."""


class ItemKind(Enum):
    """What a coder is shown: one picture, or a piece of sound."""

    FRAME = "frame"
    WINDOW = "window"


@dataclass(frozen=True)
class Task:
    """One question about every item.

    Args:
        classes: the answers in the order of their keys 1–9. `NA` is not among them: it is key 0 of every task.
        screened: answered with `NA` by the project's screener, such as "no human visible".
    """

    name: str
    classes: tuple[str, ...]
    screened: bool = False

    def __post_init__(self) -> None:
        if not self.name or not 2 <= len(self.classes) <= 9 or len(set(self.classes)) != len(self.classes):
            raise ValueError("a task has a name and two to nine different classes")
        if NA in self.classes or "" in self.classes:
            raise ValueError(f"a class has a name, and {NA!r} is an answer of every task")

    @property
    def answers(self) -> tuple[str, ...]:
        """The classes and `NA`."""
        return (*self.classes, NA)


PERSPECTIVE = Task("perspective", ("1st person", "2nd person", "3rd person"))
DISTANCE = Task("distance", ("Personal", "Social", "Public"), screened=True)
TARGET_SOUND = Task("target sound", ("yes", "no", "unsure"))
NO_HUMAN = "no human visible"
"""The ready-made screener: one key that answers `distance` with `NA`."""


@dataclass(frozen=True)
class Project:
    """A set of items that several coders judge.

    Args:
        id: row id in this history; 0 before it is stored.
        uid: the same on every machine; labels are merged by it.
        salt: with the coder's name it decides the coder's order.
        screener: text of the key that answers every screened task with `NA`; empty for none.
        overlap: share of items that every coder judges, 0–1.
        repeats: share of a coder's items that come back silently, 0–1.
        show_picture: whether windows show their picture too.
        assisted: whether coders see what the model thinks; logged with each answer.
    """

    id: int
    uid: str
    name: str
    kind: ItemKind
    tasks: tuple[Task, ...]
    salt: str
    screener: str = ""
    overlap: float = 0.15
    repeats: float = 0.05
    show_picture: bool = False
    assisted: bool = False

    def task(self, name: str) -> Task:
        """Raises KeyError for a task that the project does not have."""
        for task in self.tasks:
            if task.name == name:
                return task
        raise KeyError(name)


@dataclass(frozen=True)
class Item:
    """One frame or window of one video.

    Args:
        content_key: of the video; the group that splits, bootstraps and caps go by.
        frame: number of the picture from 0 for a frame, -1 for a window.
        start_s, end_s: of a window; both the time of the picture for a frame.
    """

    content_key: str
    kind: ItemKind
    frame: int
    start_s: float
    end_s: float

    @property
    def key(self) -> str:
        """The same on every machine and unique within a project."""
        if self.kind is ItemKind.FRAME:
            return f"{self.content_key}#{self.frame}"
        start_ms = round(self.start_s * 1000)
        return f"{self.content_key}@{start_ms}+{round(self.end_s * 1000) - start_ms}"


@dataclass(frozen=True)
class Answer:
    """What one coder said about one item in one task. Never changed: a new answer takes the place of an older one.

    Args:
        uid: the same on every machine.
        label: one of the task's classes, or `NA`.
        seconds: time spent looking, idle time left out.
        shown_at, saved_at: UTC, ISO 8601 with microseconds.
        round: of the queue it came from; -1 where it came from no round.
        repeat: whether it answers a silent repeat instead of the first showing.
        withdrawn: taken back by undo.
        touched_at: when it was last withdrawn or brought back, as saved_at; empty for never.
    """

    uid: str
    item_key: str
    task: str
    coder: str
    label: str
    note: str = ""
    difficult: bool = False
    seconds: float = 0.0
    shown_at: str = ""
    saved_at: str = ""
    assisted: bool = False
    round: int = -1
    repeat: bool = False
    withdrawn: bool = False
    touched_at: str = ""


@dataclass(frozen=True)
class QueueEntry:
    """One item that a round wants judged, and why.

    Args:
        score: the uncertainty it was ranked by; higher comes first.
        reason: "typical", "uncertain", "diverse", "high score" or "random".
        probability: with which the strategy would have drawn it, 0–1.
    """

    item_key: str
    score: float
    reason: str
    probability: float


@dataclass(frozen=True)
class Coder:
    """Somebody who labels in a project.

    Args:
        away: gets no items of their own any more; what they answered stays.
        touched_at: when that was last changed, UTC, ISO 8601; empty for never.
    """

    name: str
    away: bool = False
    touched_at: str = ""


@dataclass(frozen=True)
class Queue:
    """What a round wants judged next. Of two queues the one of the later round counts, then the one made later.

    Args:
        made_at: UTC, ISO 8601 with microseconds.
    """

    round: int
    made_at: str
    entries: tuple[QueueEntry, ...]


@dataclass(frozen=True)
class Round:
    """One turn of draw, label, train, evaluate.

    Args:
        folder: where its files are.
        finished_at: UTC, ISO 8601; empty while it runs.
        metrics: JSON-able; what it measured.
    """

    number: int
    folder: str
    finished_at: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Gold:
    """A decision on what is right for one item in one task. The newest one counts.

    Args:
        uid: the same on every machine.
        label: one of the task's classes, or `NA`; empty takes earlier decisions back.
        coder: who decided.
        decided_at: UTC, ISO 8601 with microseconds.
    """

    uid: str
    item_key: str
    task: str
    label: str
    coder: str
    decided_at: str


@dataclass(frozen=True)
class Step:
    """One showing in a coder's queue: an item, for the first time or as a silent repeat."""

    item: Item
    repeat: bool = False
