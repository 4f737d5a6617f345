"""A media list as Qt sees it: plain rows in memory, no disk and no database behind a repaint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from os.path import basename
from pathlib import Path

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, pyqtSignal

from core.domain.amounts import count_text
from core.domain.media import Media
from core.domain.media_list import Entry, EntryKey, Separator, entry_key
from ui.main_window.figures import ShownFigures


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
    FIGURES = Qt.ItemDataRole.UserRole + 8
    """The texts in the columns of figures."""


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
    figures_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.list_id: int | None = None
        self._rows: list[Entry] = []
        self._names: list[str] = []
        self._row_of: dict[EntryKey, int] = {}
        self._marks = Marks({})
        self._figures = ShownFigures()
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

    def show_missing(self, missing: frozenset[int]) -> None:
        self.show_marks(replace(self._marks, missing=missing))

    def show_marks(self, marks: Marks) -> None:
        """Show counts, and which media are missing, hidden and not for training."""
        if marks != self._marks:
            self._marks = marks
            if self._rows:
                self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
            self.marks_changed.emit()

    def show_figures(self, figures: ShownFigures) -> None:
        """Show these columns of figures."""
        self._figures = figures
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.figures_changed.emit()

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
    def figures(self) -> ShownFigures:
        return self._figures

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
        if role == Role.FIGURES:
            return self._figures.texts(media.id)
        if role == Role.MISSING:
            return media.id in marks.missing
        if role == Role.HIDDEN:
            return media.id in marks.hidden
        if role == Role.DISABLED:
            return media.id in marks.disabled
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (media.name, str(Path(media.path).parent), self._state_text(media), *self._figures.lines(media.id))
            return "\n".join(lines)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((media.name, self._state_text(media), *self._figures.lines(media.id)))
        return None

    def _state_text(self, media: Media) -> str:
        marks, count = self._marks, self._marks.counts.get(media.id, 0)
        parts = [count_text(count, "clip") if count else "no clips yet"]
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
