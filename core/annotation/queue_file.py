"""queue.csv: what a round asks for, one row an item, and reading it back after somebody edited it by hand."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.domain.annotation import Item, ItemKind, QueueEntry
from core.errors import UserError

_PLACE = {ItemKind.FRAME: ("frame",), ItemKind.WINDOW: ("start_s", "end_s")}
_REST = ("round", "score", "reason", "probability", "item")
BY_HAND = "by hand"
_MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class QueueRead:
    """What a queue file asks for.

    Args:
        entries: rows whose item the project has, in their order, each once.
        unknown: (number of the line, one sentence) of the others.
    """

    entries: tuple[QueueEntry, ...]
    unknown: tuple[tuple[int, str], ...]


def queue_text(
    entries: Iterable[QueueEntry], items: Mapping[str, Item], names: Mapping[str, str], kind: ItemKind, number: int
) -> str:
    """The content of queue.csv.

    Args:
        items: by key.
        names: content key -> file name of the video.
        number: of the round.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("video", *_PLACE[kind], *_REST))
    for entry in entries:
        item = items[entry.item_key]
        place = (item.frame,) if kind is ItemKind.FRAME else (f"{item.start_s:.3f}", f"{item.end_s:.3f}")
        name = names.get(item.content_key, item.content_key)
        writer.writerow(
            (name, *place, number, f"{entry.score:.6f}", entry.reason, f"{entry.probability:.6f}", item.key)
        )
    return text.getvalue()


def read_queue(path: Path, items: Iterable[Item], names: Mapping[str, str], test: Collection[str] = ()) -> QueueRead:
    """What a queue file asks for now; rows are found by `item`, or by video and frame or start where that is empty.

    Args:
        names: content key -> file name of the video.
        test: content keys of the test set, which nobody is ever asked about.

    Raises:
        UserError: it is no such file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, restkey="rest", restval="")
            if not rows.fieldnames or not {"item", "video"} & set(rows.fieldnames):
                raise UserError(
                    f"{path.name} is no queue",
                    "It has neither a column item nor video",
                    "Choose a queue.csv of a round",
                )
            found = [(rows.line_num, row) for row, _ in zip(rows, range(_MOST_ROWS), strict=False)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path.name} cannot be read", str(error), "Choose a queue.csv of a round") from error
    by_key: dict[str, Item] = {}
    by_place: dict[tuple[str, int], list[Item]] = {}
    for item in items:
        by_key[item.key] = item
        by_place.setdefault((names.get(item.content_key, item.content_key), _place(item)), []).append(item)
    entries: dict[str, QueueEntry] = {}
    unknown = []
    for line, row in found:
        named = by_place.get(_named(row), ())
        item = by_key.get(row.get("item", "").strip()) or (named[0] if len(named) == 1 else None)
        what = row.get("video") or row.get("item") or "a row without a video"
        if item is None:
            why = (
                "several items may be meant, and the column item is empty" if named else "the project has no such item"
            )
            unknown.append((line, f"{what}: {why}"))
        elif item.content_key in test:
            unknown.append((line, f"{what}: it is of the test set, which is never asked for"))
        elif item.key not in entries:
            reason = row.get("reason") or BY_HAND
            entries[item.key] = QueueEntry(
                item.key, _number(row, "score", 0.0), reason, min(1.0, max(0.0, _number(row, "probability", 1.0)))
            )
    return QueueRead(tuple(entries.values()), tuple(unknown))


def _place(item: Item) -> int:
    return item.frame if item.kind is ItemKind.FRAME else round(item.start_s * 1000)


def _named(row: Mapping[str, str]) -> tuple[str, int]:
    """What a row without a key means; frame -1 is in no project."""
    if row.get("frame"):
        return row.get("video", ""), round(_number(row, "frame", -1.0))
    return row.get("video", ""), round(1000 * _number(row, "start_s", -0.001))


def _number(row: Mapping[str, str], column: str, otherwise: float) -> float:
    try:
        value = float(row.get(column) or otherwise)
    except ValueError:
        return otherwise
    return value if math.isfinite(value) else otherwise
