"""A media list as Qt sees it: plain rows in memory, no disk and no database behind a repaint."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from os.path import basename
from pathlib import Path

from PyQt6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, Qt, pyqtSignal

from core.domain.media import Media
from core.domain.media_list import Entry, EntryKey, Separator, entry_key

ROWS_MIME = "application/x-8cut-rows"
# From so many separate stretches on, showing all rows anew costs the view less than being told of each.
MANY_STRETCHES = 40


class Role(IntEnum):
    """What a row knows beyond its text. A separator has only `KEY` and `LINE`."""

    MEDIA = Qt.ItemDataRole.UserRole
    CLIP_COUNT = Qt.ItemDataRole.UserRole + 1
    MISSING = Qt.ItemDataRole.UserRole + 2
    CURRENT = Qt.ItemDataRole.UserRole + 3
    HIDDEN = Qt.ItemDataRole.UserRole + 4
    DISABLED = Qt.ItemDataRole.UserRole + 5
    LINE = Qt.ItemDataRole.UserRole + 6
    """The separator of a row, None for a media."""
    KEY = Qt.ItemDataRole.UserRole + 7


@dataclass(frozen=True)
class Marks:
    """What is known about the media of a list beyond their order; ids of media."""

    counts: Mapping[int, int]
    missing: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    disabled: frozenset[int] = frozenset()


class MediaListModel(QAbstractListModel):
    """Rows in the list's own order, with the number of clips each has and whether its file is there."""

    marks_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.list_id: int | None = None
        self._rows: list[Entry] = []
        self._names: list[str] = []
        self._row_of: dict[EntryKey, int] = {}
        self._marks = Marks({})
        self._current: int | None = None
        self.media_count = 0

    # -- what it holds ------------------------------------------------------------------------------------------------

    def show(self, rows: Iterable[Entry], list_id: int | None = None) -> None:
        """Show these rows; those at either end that stay are not touched. Another list shows all anew."""
        rows = list(rows)
        if list_id is not None and list_id != self.list_id:
            self.beginResetModel()
            self.list_id = list_id
            self._set_rows(rows)
            self.endResetModel()
            return
        if rows == self._rows:
            return
        if len(rows) == len(self._rows) and {*map(entry_key, rows)} == self._row_of.keys():
            self._reorder(rows)
            return
        start, old_end, new_end = _difference(self._rows, rows)
        if old_end > start:
            self.beginRemoveRows(QModelIndex(), start, old_end - 1)
            self._set_rows(self._rows[:start] + self._rows[old_end:])
            self.endRemoveRows()
        if new_end > start:
            self.beginInsertRows(QModelIndex(), start, new_end - 1)
            self._set_rows(rows)
            self.endInsertRows()

    def append(self, media: Sequence[Media]) -> None:
        """Add media at the end; those that are in the list already are left out."""
        new = list({each.id: each for each in media if ("media", each.id) not in self._row_of}.values())
        if new:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            for row, each in enumerate(new, start=first):
                self._rows.append(each)
                self._names.append(each.name)
                self._row_of["media", each.id] = row
            self.media_count += len(new)
            self.endInsertRows()

    def show_counts(self, counts: Mapping[int, int]) -> None:
        self.show_marks(replace(self._marks, counts=counts))

    def show_missing(self, missing: frozenset[int]) -> None:
        self.show_marks(replace(self._marks, missing=missing))

    def show_marks(self, marks: Marks) -> None:
        """Show counts, and which media are missing, hidden and not for training."""
        if marks != self._marks:
            self._marks = marks
            if self._rows:
                self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
            self.marks_changed.emit()

    def mark_current(self, media_id: int | None) -> None:
        """Show this media as the open one."""
        before, self._current = self._current, media_id
        for changed in {before, media_id}:
            row = self.row_of(changed)
            if row is not None:
                self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, media_id: int | None) -> int | None:
        return self._row_of.get(("media", media_id))

    def row_of_key(self, key: EntryKey) -> int | None:
        return self._row_of.get(key)

    def entry_at(self, row: int) -> Entry:
        return self._rows[row]

    def media_at(self, row: int) -> Media:
        return self._rows[row]

    @property
    def rows(self) -> Sequence[Entry]:
        return tuple(self._rows)

    @property
    def names(self) -> Sequence[str]:
        """What each row is called; of a separator its heading."""
        return self._names

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(row for row in self._rows if isinstance(row, Media))

    @property
    def marks(self) -> Marks:
        return self._marks

    @property
    def missing_ids(self) -> frozenset[int]:
        return self._marks.missing

    # -- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self.value(index.row(), role) if index.isValid() else None

    def value(self, row: int, role: int) -> object:
        """What a row answers to a role."""
        entry = self._rows[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._names[row]
        if role == Role.KEY:
            return entry_key(entry)
        if isinstance(entry, Separator):
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return f"Separator {entry.text}".strip()
            return entry if role == Role.LINE else None
        return self._media_value(entry, role)

    def _media_value(self, media: Media, role: int) -> object:
        marks = self._marks
        if role == Role.MEDIA:
            return media
        if role == Role.CLIP_COUNT:
            return marks.counts.get(media.id, 0)
        if role == Role.CURRENT:
            return media.id == self._current
        if role == Role.MISSING:
            return media.id in marks.missing
        if role == Role.HIDDEN:
            return media.id in marks.hidden
        if role == Role.DISABLED:
            return media.id in marks.disabled
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{media.name}\n{Path(media.path).parent}\n{self._state_text(media)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{media.name}, {self._state_text(media)}"
        return None

    def _state_text(self, media: Media) -> str:
        marks, count = self._marks, self._marks.counts.get(media.id, 0)
        parts = ["no clips yet" if not count else "1 clip" if count == 1 else f"{count} clips"]
        for ids, text in (
            (marks.missing, "file missing"),
            (marks.hidden, "hidden"),
            (marks.disabled, "not for training"),
        ):
            if media.id in ids:
                parts.append(text)
        return ", ".join(parts)

    def _set_rows(self, rows: list[Entry]) -> None:
        self._rows = rows
        # A Path takes ten times as long, and there may be 10,000.
        self._names = [basename(row.path) if isinstance(row, Media) else row.text for row in rows]  # noqa: PTH119
        self._row_of = {entry_key(entry): row for row, entry in enumerate(rows)}
        self.media_count = sum(kind == "media" for kind, _ in self._row_of)

    def _reorder(self, rows: list[Entry]) -> None:
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        keys = [entry_key(self._rows[index.row()]) for index in held]
        self._set_rows(rows)
        self.changePersistentIndexList(held, [self.index(self._row_of[key]) for key in keys])
        self.layoutChanged.emit()


class MediaFilter(QAbstractListModel):
    """The rows of a `MediaListModel` that are to be seen, in the same order.

    A `QSortFilterProxyModel` asks Python about every row and tells the view of every gap; with 10,000 rows that takes
    seconds. This one compares names in one pass and tells of stretches.
    """

    def __init__(self, source: MediaListModel) -> None:
        super().__init__(source)
        self._source = source
        self._words: tuple[str, ...] = ()
        self._hide_exported = False
        self._show_hidden = False
        self._shown = self._accepted(0, source.rowCount())
        source.modelAboutToBeReset.connect(self.beginResetModel)
        source.modelReset.connect(self._reset)
        source.rowsAboutToBeRemoved.connect(self._rows_going)
        source.rowsRemoved.connect(self._rows_gone)
        source.rowsInserted.connect(self._rows_came)
        source.layoutAboutToBeChanged.connect(self._order_changing)
        source.layoutChanged.connect(self._order_changed)
        source.dataChanged.connect(self._data_changed)
        source.marks_changed.connect(self._refilter)

    # -- what is let through ------------------------------------------------------------------------------------------

    @property
    def narrowed(self) -> bool:
        """Whether words or Hide exported leave something out."""
        return bool(self._words) or self._hide_exported

    @property
    def media_count(self) -> int:
        """How many media are seen."""
        if len(self._shown) == self._source.rowCount():
            return self._source.media_count
        return sum(isinstance(self._source.entry_at(row), Media) for row in self._shown)

    def set_text(self, text: str) -> None:
        """Only names that hold every word, in any order and case. Separators go while there are words."""
        self._words = tuple(text.casefold().split())
        self._refilter()

    def set_hide_exported(self, hide: bool) -> None:
        """Leave out media that have clips."""
        self._hide_exported = hide
        self._refilter()

    def set_show_hidden(self, show: bool) -> None:
        """Let hidden media through, too."""
        self._show_hidden = show
        self._refilter()

    def source_row(self, row: int) -> int:
        """The row of the list at this row of what is seen; one beyond the end is the end of the list."""
        return self._shown[row] if row < len(self._shown) else self._source.rowCount()

    def row_of_source(self, source_row: int) -> int | None:
        """The row at which a row of the list is seen."""
        row = bisect_left(self._shown, source_row)
        return row if row < len(self._shown) and self._shown[row] == source_row else None

    # -- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self._source.value(self._shown[index.row()], role) if index.isValid() else None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [ROWS_MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """The rows as `list id` and then `kind id` a line; only this window reads it."""
        keys = [self.data(index, Role.KEY) for index in sorted(indexes, key=QModelIndex.row)]
        data = QMimeData()
        lines = [str(self._source.list_id or 0), *(f"{kind} {number}" for kind, number in keys)]
        data.setData(ROWS_MIME, "\n".join(lines).encode())
        return data

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    # -- inside -------------------------------------------------------------------------------------------------------

    def _accepted(self, start: int, end: int) -> list[int]:
        names, marks, words = self._source.names, self._source.marks, self._words
        entries, plain = self._source.rows, not self._words and not self._hide_exported
        hidden: Collection[int] = () if self._show_hidden else marks.hidden
        if plain and not hidden:
            return list(range(start, end))
        found = []
        for row in range(start, end):
            entry = entries[row]
            if isinstance(entry, Separator):
                if not words:
                    found.append(row)
                continue
            if entry.id in hidden or (self._hide_exported and marks.counts.get(entry.id)):
                continue
            if words:
                name = names[row].casefold()
                if not all(word in name for word in words):
                    continue
            found.append(row)
        return found

    def _refilter(self) -> None:
        shown = self._accepted(0, self._source.rowCount())
        if shown == self._shown:
            return
        staying, coming = set(shown), set(shown) - set(self._shown)
        gone = stretches([row for row, source in enumerate(self._shown) if source not in staying])
        come = stretches([row for row, source in enumerate(shown) if source in coming])
        if len(gone) + len(come) > MANY_STRETCHES:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._shown[first : last + 1]
            self.endRemoveRows()
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            self._shown[first:first] = shown[first : last + 1]
            self.endInsertRows()

    def _reset(self) -> None:
        self._shown = self._accepted(0, self._source.rowCount())
        self.endResetModel()

    def _rows_going(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._going = bisect_left(self._shown, first), bisect_right(self._shown, last)
        if self._going[0] < self._going[1]:
            self.beginRemoveRows(QModelIndex(), self._going[0], self._going[1] - 1)

    def _rows_gone(self, _parent: QModelIndex, first: int, last: int) -> None:
        start, end = self._going
        self._shown[start:] = [row - (last - first + 1) for row in self._shown[end:]]
        if start < end:
            self.endRemoveRows()

    def _rows_came(self, _parent: QModelIndex, first: int, last: int) -> None:
        start, count = bisect_left(self._shown, first), last - first + 1
        if start < len(self._shown):
            self._shown[start:] = [row + count for row in self._shown[start:]]
        new = self._accepted(first, last + 1)
        if new:
            self.beginInsertRows(QModelIndex(), start, start + len(new) - 1)
            self._shown[start:start] = new
            self.endInsertRows()

    def _order_changing(self) -> None:
        self.layoutAboutToBeChanged.emit()
        self._held = self.persistentIndexList()
        self._held_keys = [self.data(index, Role.KEY) for index in self._held]

    def _order_changed(self) -> None:
        self._shown = self._accepted(0, self._source.rowCount())
        moved = []
        for key in self._held_keys:
            row = self.row_of_source(self._source.row_of_key(key))
            moved.append(QModelIndex() if row is None else self.index(row))
        self.changePersistentIndexList(self._held, moved)
        self._held, self._held_keys = [], []
        self.layoutChanged.emit()

    def _data_changed(self, top: QModelIndex, bottom: QModelIndex) -> None:
        start, end = bisect_left(self._shown, top.row()), bisect_right(self._shown, bottom.row())
        if start < end:
            self.dataChanged.emit(self.index(start), self.index(end - 1))


def _difference(old: Sequence[Entry], new: Sequence[Entry]) -> tuple[int, int, int]:
    """(start, end in old, end in new) of what lies between the equal beginnings and the equal ends."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    same = 0
    while same < shorter - start and old[-1 - same] == new[-1 - same]:
        same += 1
    return start, len(old) - same, len(new) - same


def stretches(rows: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each run of neighbouring numbers."""
    if not rows:
        return []
    edges = [(before, after) for before, after in pairwise(rows) if after != before + 1]
    firsts = [rows[0], *(after for _, after in edges)]
    lasts = [*(before for before, _ in edges), rows[-1]]
    return list(zip(firsts, lasts, strict=True))
