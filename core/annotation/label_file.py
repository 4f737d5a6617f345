"""The file that carries the labels of a project from machine to machine: JSON Lines, see docs/file-formats.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from core.annotation.label_file_fields import flag, moment, number, share, text, whole
from core.annotation.label_file_rounds import SharedRound, round_row, take_round
from core.domain.annotation import Answer, Coder, Gold, Item, ItemKind, Project, Queue, QueueEntry, Task
from core.errors import NewerDataError, UserError
from core.media.cache_file import written_beside

FORMAT = "8-cut labels"
VERSION = 2
"""What this program reads. Version 2 has lines of rounds; a file without any is still written as version 1."""
_Row = TypeVar("_Row")


@dataclass
class Labels:
    """Everything about one project that travels.

    Args:
        touched_at: when the project's settings last changed; empty for never.
        videos: content key -> file name, to say which video is missing.
        rounds: the finished ones in order, each with its split; none where nobody ran one.
    """

    project: Project
    touched_at: str = ""
    videos: dict[str, str] = field(default_factory=dict)
    coders: list[Coder] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    gold: list[Gold] = field(default_factory=list)
    queue: Queue | None = None
    rounds: list[SharedRound] = field(default_factory=list)


def write(labels: Labels, path: Path) -> None:
    """Write the file beside its place, and give it its name when it is whole.

    Raises:
        EnvironmentProblem: the folder cannot be written to, or the disk is full.
    """
    with written_beside(path, "label file") as file:
        count = 0
        for row in _rows(labels):
            file.write(_line(row))
            count += 1
        file.write(_line({"type": "end", "lines": count}))


def read(path: Path) -> Labels:
    """What a file holds, every value checked.

    Raises:
        NewerDataError: a newer 8-cut wrote it.
        UserError: it is missing, not a label file, cut short, or a line of it makes no sense.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return _Reader(path).read(file)
    except OSError as error:
        raise UserError(f"Cannot read {path.name}", error.strerror or str(error), "Check the path") from error
    except UnicodeDecodeError as error:
        raise _no_label_file(path) from error


def _line(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode()


def _rows(labels: Labels) -> Iterator[dict[str, Any]]:
    project = asdict(labels.project)
    del project["id"]
    project["kind"] = labels.project.kind.value
    version = VERSION if labels.rounds else 1
    yield {"type": "header", "format": FORMAT, "version": version, "project": project, "touched_at": labels.touched_at}
    for key, name in sorted(labels.videos.items()):
        yield {"type": "video", "key": key, "name": name}
    for coder in labels.coders:
        yield {"type": "coder", **vars(coder)}
    for item in labels.items:
        yield {"type": "item", "video": item.content_key, "frame": item.frame, "start": item.start_s, "end": item.end_s}
    for answer in labels.answers:
        yield {"type": "answer", **vars(answer)}
    for gold in labels.gold:
        yield {"type": "gold", **vars(gold)}
    if labels.queue is not None:
        yield {"type": "queue", **asdict(labels.queue)}
    for each in labels.rounds:
        yield {"type": "round", **round_row(each)}


def _no_label_file(path: Path) -> UserError:
    return UserError(f"{path.name} is no file of labels", "8-cut did not write it", "Choose one from labels export")


class _Reader:
    """Reads line by line; knows the line it is at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0

    def read(self, file: Iterable[str]) -> Labels:
        labels: Labels | None = None
        ended = False
        for line in file:
            self._number += 1
            if ended:
                raise self._wrong("there is something behind the end")
            row = self._parse(line)
            if labels is None:
                labels = self._header(row)
            elif row.get("type") == "end":
                ended = self._checked(lambda row=row: row["lines"] == self._number - 1 or _fail("lines are missing"))
            else:
                self._checked(lambda row=row, labels=labels: _take(labels, row))
        if labels is None:
            raise _no_label_file(self._path)
        if not ended:
            raise UserError(
                f"{self._path.name} was cut short",
                f"It breaks off after line {self._number}",
                "Copy or export it again",
            )
        return labels

    def _parse(self, line: str) -> dict[str, Any]:
        try:
            row = json.loads(line, parse_constant=_fail)
        except ValueError as error:
            if self._number == 1:
                raise _no_label_file(self._path) from error
            raise self._wrong("it is no JSON") from error
        if not isinstance(row, dict):
            raise _no_label_file(self._path) if self._number == 1 else self._wrong("it is no object")
        return row

    def _header(self, row: dict[str, Any]) -> Labels:
        version = row.get("version")
        if row.get("format") != FORMAT or not isinstance(version, int):
            raise _no_label_file(self._path)
        if version > VERSION:
            raise NewerDataError(
                f"{self._path.name} was written by a newer 8-cut",
                f"It is a label file of version {version}, this program knows {VERSION}",
                "Update 8-cut; nothing was imported",
            )
        if version < 1:
            raise self._wrong(f"there is no version {version}")
        return self._checked(lambda: Labels(_project(row["project"]), moment(row, "touched_at", empty=True)))

    def _checked(self, make: Callable[[], _Row]) -> _Row:
        try:
            return make()
        except KeyError as error:
            raise self._wrong(f"{error.args[0]} is missing") from error
        except (ValueError, TypeError) as error:
            raise self._wrong(str(error)) from error

    def _wrong(self, why: str) -> UserError:
        return UserError(
            f"{self._path.name} cannot be imported",
            f"Line {self._number}: {why}",
            "Nothing was imported; export it again",
        )


def _take(labels: Labels, row: dict[str, Any]) -> None:
    """Add one line to what was read."""
    kind = row["type"]
    if kind == "video":
        labels.videos[text(row, "key")] = text(row, "name")
    elif kind == "coder":
        labels.coders.append(Coder(text(row, "name"), flag(row, "away"), moment(row, "touched_at", empty=True)))
    elif kind == "item":
        labels.items.append(_item(row, labels.project.kind))
    elif kind == "answer":
        labels.answers.append(_answer(row, labels.project))
    elif kind == "gold":
        labels.gold.append(_gold(row, labels.project))
    elif kind == "queue":
        labels.queue = _queue(row)
    elif kind == "round":
        take_round(labels.rounds, row, labels.project)
    else:
        raise ValueError(f"{kind} is no kind of line")


def _project(row: dict[str, Any]) -> Project:
    tasks = tuple(
        Task(text(task, "name"), tuple(str(label) for label in task["classes"]), flag(task, "screened"))
        for task in row["tasks"]
    )
    if not tasks:
        raise ValueError("the project has no task")
    return Project(
        0,
        text(row, "uid"),
        text(row, "name"),
        ItemKind(row["kind"]),
        tasks,
        text(row, "salt"),
        text(row, "screener", empty=True),
        share(row, "overlap"),
        share(row, "repeats"),
        flag(row, "show_picture"),
        flag(row, "assisted"),
    )


def _item(row: dict[str, Any], kind: ItemKind) -> Item:
    frame, start_s, end_s = whole(row, "frame"), number(row, "start"), number(row, "end")
    if (frame < 0) is not (kind is ItemKind.WINDOW) or not 0 <= start_s <= end_s:
        raise ValueError(f"it is no {kind.value}")
    return Item(text(row, "video"), kind, frame, start_s, end_s)


def _answer(row: dict[str, Any], project: Project) -> Answer:
    _refuse_label(project, row["task"], row["label"])
    return Answer(
        text(row, "uid"),
        text(row, "item_key"),
        row["task"],
        text(row, "coder"),
        row["label"],
        text(row, "note", empty=True),
        flag(row, "difficult"),
        number(row, "seconds"),
        text(row, "shown_at", empty=True),
        moment(row, "saved_at"),
        flag(row, "assisted"),
        whole(row, "round"),
        flag(row, "repeat"),
        flag(row, "withdrawn"),
        moment(row, "touched_at", empty=True),
    )


def _gold(row: dict[str, Any], project: Project) -> Gold:
    _refuse_label(project, row["task"], row["label"] or project.task(row["task"]).classes[0])
    return Gold(
        text(row, "uid"),
        text(row, "item_key"),
        row["task"],
        row["label"],
        text(row, "coder"),
        moment(row, "decided_at"),
    )


def _queue(row: dict[str, Any]) -> Queue:
    entries = tuple(
        QueueEntry(text(entry, "item_key"), number(entry, "score"), text(entry, "reason"), share(entry, "probability"))
        for entry in row["entries"]
    )
    return Queue(whole(row, "round"), moment(row, "made_at"), entries)


def _refuse_label(project: Project, task: Any, label: Any) -> None:
    if label not in project.task(task).answers:
        raise ValueError(f"{label} is no answer of {task}")


def _fail(why: str) -> bool:
    raise ValueError(why)
