"""The profile's media list as Qt sees it: plain rows in memory, no disk and no database behind a repaint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from pathlib import Path

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, QSortFilterProxyModel, Qt

from core.domain.media import Media


class Role(IntEnum):
    """What a row knows beyond its text."""

    MEDIA = Qt.ItemDataRole.UserRole
    CLIP_COUNT = Qt.ItemDataRole.UserRole + 1
    MISSING = Qt.ItemDataRole.UserRole + 2
    CURRENT = Qt.ItemDataRole.UserRole + 3


class MediaListModel(QAbstractListModel):
    """Rows in the list's own order, with the number of clips each has and whether its file is there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Media] = []
        self._row_of: dict[int, int] = {}
        self._counts: Mapping[int, int] = {}
        self._missing: frozenset[int] = frozenset()
        self._current: int | None = None

    def show(self, rows: Iterable[Media]) -> None:
        """Replace all rows, unless they are the ones shown already."""
        rows = list(rows)
        if rows == self._rows:
            return
        self.beginResetModel()
        self._rows = rows
        self._row_of = {media.id: row for row, media in enumerate(rows)}
        self.endResetModel()

    def show_counts(self, counts: Mapping[int, int]) -> None:
        self._counts = counts
        self._all_changed()

    def show_missing(self, missing: frozenset[int]) -> None:
        self._missing = missing
        self._all_changed()

    def mark_current(self, media_id: int | None) -> None:
        """Show this media as the open one."""
        before, self._current = self._current, media_id
        for changed in (before, media_id):
            row = self._row_of.get(changed)
            if row is not None:
                self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, media_id: int) -> int | None:
        return self._row_of.get(media_id)

    def media_at(self, row: int) -> Media:
        return self._rows[row]

    @property
    def media(self) -> tuple[Media, ...]:
        return tuple(self._rows)

    @property
    def missing_ids(self) -> frozenset[int]:
        return self._missing

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        media = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return media.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(media)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{media.name}, {self._state_text(media)}"
        return {
            Role.MEDIA: media,
            Role.CLIP_COUNT: self._counts.get(media.id, 0),
            Role.MISSING: media.id in self._missing,
            Role.CURRENT: media.id == self._current,
        }.get(role)

    def _tooltip(self, media: Media) -> str:
        return f"{media.name}\n{Path(media.path).parent}\n{self._state_text(media)}"

    def _state_text(self, media: Media) -> str:
        count = self._counts.get(media.id, 0)
        clips = "no clips yet" if not count else "1 clip" if count == 1 else f"{count} clips"
        return f"{clips}, file missing" if media.id in self._missing else clips

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))


class MediaFilter(QSortFilterProxyModel):
    """Rows whose name holds every word of the filter, in any order and case."""

    def __init__(self, source: MediaListModel) -> None:
        super().__init__(source)
        self._words: tuple[str, ...] = ()
        self.setSourceModel(source)

    def set_text(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        name = self.sourceModel().media_at(row).name.casefold()
        return all(word in name for word in self._words)
