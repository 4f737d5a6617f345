"""The hard negatives as a table in memory; the id of a mark is in a column that nobody sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt

from core.domain.timecode import format_time

SORT_ROLE = Qt.ItemDataRole.UserRole
MARK_ROLE = Qt.ItemDataRole.UserRole + 1
ALL = "(all)"


class Column(IntEnum):
    """The columns; `ID` is hidden."""

    FILE = 0
    TIME = 1
    MODEL = 2
    DATE = 3
    ID = 4


_TITLES = {
    Column.FILE: "File",
    Column.TIME: "Time",
    Column.MODEL: "Found by",
    Column.DATE: "Marked",
    Column.ID: "Id",
}


class NegativesModel(QAbstractTableModel):
    """Rows as `ProcessedDB.get_hard_negatives` gives them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._marks: list[Mapping[str, Any]] = []

    def show(self, marks: Sequence[Mapping[str, Any]]) -> None:
        self.beginResetModel()
        self._marks = list(marks)
        self.endResetModel()

    @property
    def models(self) -> list[str]:
        """The source models there are, sorted; one that is not known is an empty string."""
        return sorted({mark["source_model"] for mark in self._marks})

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._marks)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[Column(section)]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        mark = self._marks[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(mark, index.column())
        if role == SORT_ROLE:
            return _sort_key(mark, index.column())
        if role == MARK_ROLE:
            return mark
        if role == Qt.ItemDataRole.ToolTipRole:
            return mark["source_path"] or mark["filename"]
        return None


class NegativesFilter(QSortFilterProxyModel):
    """Sorts by what the columns mean, and shows one source model or all."""

    def __init__(self, source: NegativesModel) -> None:
        super().__init__(source)
        self._model: str | None = None
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)

    def set_source_model(self, model: str | None) -> None:
        """Show only marks of this model; None for all."""
        self._model = model
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        mark = self.sourceModel().index(row, 0).data(MARK_ROLE)
        return self._model is None or mark["source_model"] == self._model

    @property
    def ids(self) -> list[int]:
        """Of all rows that are shown."""
        return [self.index(row, 0).data(MARK_ROLE)["id"] for row in range(self.rowCount())]


def model_text(model: str) -> str:
    """How a source model is called; marks made by hand have none."""
    return model or "(by hand)"


def _text(mark: Mapping[str, Any], column: int) -> str:
    if column == Column.FILE:
        return mark["filename"].replace("\\", "/").rpartition("/")[2]
    if column == Column.TIME:
        return format_time(mark["start_time"], 2)
    if column == Column.MODEL:
        return model_text(mark["source_model"])
    return _date(mark["created_at"]) if column == Column.DATE else str(mark["id"])


def _sort_key(mark: Mapping[str, Any], column: int) -> object:
    if column == Column.TIME:
        return mark["start_time"]
    if column == Column.DATE:
        return mark["created_at"] or ""
    return mark["id"] if column == Column.ID else _text(mark, column).casefold()


def _date(stamp: str | None) -> str:
    try:
        return datetime.fromisoformat(stamp or "").astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return stamp or ""
