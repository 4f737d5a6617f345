"""What of a media list is to be seen, and in which order while it is looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from PyQt6.QtCore import QAbstractListModel, QMimeData, QModelIndex, Qt

from core.domain.features import Condition, parse_filter
from core.domain.media import Media
from core.domain.media_list import Separator
from ui.main_window.figures import Order, sorted_rows
from ui.main_window.media_list_model import MediaListModel, Role

ROWS_MIME = "application/x-8cut-rows"
# From so many separate stretches on, showing all rows anew costs the view less than being told of each.
MANY_STRETCHES = 40


class MediaFilter(QAbstractListModel):
    """The rows of a `MediaListModel` that are to be seen, in the same order, or sorted by a column.

    A `QSortFilterProxyModel` asks Python about every row and tells the view of every gap; with 10,000 rows that takes
    seconds. This one compares names in one pass and tells of stretches.
    """

    def __init__(self, source: MediaListModel) -> None:
        super().__init__(source)
        self._source = source
        self._text = ""
        self._words: tuple[str, ...] = ()
        self._conditions: tuple[Condition, ...] = ()
        self._order: Order | None = None
        self._hide_exported = False
        self._show_hidden = False
        self._shown = self._accepted(0, source.rowCount())
        self._placed: list[int] = []
        self._places: dict[int, int] = {}
        """Where each row of the list is seen while sorted, made when first asked for."""
        source.modelAboutToBeReset.connect(self.beginResetModel)
        source.modelReset.connect(self._reset)
        source.rowsAboutToBeRemoved.connect(self._rows_going)
        source.rowsRemoved.connect(self._rows_gone)
        source.rowsInserted.connect(self._rows_came)
        source.layoutAboutToBeChanged.connect(self._order_changing)
        source.layoutChanged.connect(self._order_changed)
        source.dataChanged.connect(self._data_changed)
        source.marks_changed.connect(self._refilter)
        source.figures_changed.connect(self._figures_changed)

    # -- what is let through ------------------------------------------------------------------------------------------

    @property
    def narrowed(self) -> bool:
        """Whether words, conditions or Hide exported leave something out."""
        return bool(self._words or self._conditions) or self._hide_exported

    @property
    def media_count(self) -> int:
        """How many media are seen."""
        if len(self._shown) == self._source.rowCount():
            return self._source.media_count
        return sum(isinstance(self._source.entry_at(row), Media) for row in self._shown)

    def set_text(self, text: str) -> None:
        """Only names that hold every word, in any order and case, and media whose figures answer every condition.

        Separators go while there are any.
        """
        self._text = text
        self._words, self._conditions = parse_filter(text, self._source.figures.names)
        self._refilter()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return self._conditions

    @property
    def order(self) -> Order | None:
        return self._order

    def set_order(self, order: Order | None) -> None:
        """Sort by a column while looking; None for the list's own order."""
        if order != self._order:
            self.beginResetModel()
            self._order = order
            self._shown = self._accepted(0, self._source.rowCount())
            self.endResetModel()

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
        if self._order is not None:
            if self._placed is not self._shown:
                self._placed, self._places = self._shown, {source: row for row, source in enumerate(self._shown)}
            return self._places.get(source_row)
        row = bisect_left(self._shown, source_row)
        return row if row < len(self._shown) and self._shown[row] == source_row else None

    # -- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self._source.value(self._shown[index.row()], role) if index.isValid() else None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            # Sorted by a column, there is no place in the list's own order that a drop could mean.
            return Qt.ItemFlag.ItemIsDropEnabled if self._order is None else Qt.ItemFlag.NoItemFlags
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
        """Rows of the list that are to be seen; sorted, these are always asked for all at once."""
        rows = self._let_through(start, end)
        if self._order is None:
            return rows
        return sorted_rows(rows, self._source.rows, self._source.names, self._source.figures, self._order)

    def _let_through(self, start: int, end: int) -> list[int]:
        names, marks, words = self._source.names, self._source.marks, self._words
        figures, conditions = self._source.figures, self._conditions
        entries, plain = self._source.rows, not self.narrowed
        hidden: Collection[int] = () if self._show_hidden else marks.hidden
        if plain and not hidden:
            return list(range(start, end))
        found = []
        for row in range(start, end):
            entry = entries[row]
            if isinstance(entry, Separator):
                if not words and not conditions:
                    found.append(row)
                continue
            if entry.id in hidden or (self._hide_exported and marks.counts.get(entry.id)):
                continue
            if words:
                name = names[row].casefold()
                if not all(word in name for word in words):
                    continue
            if conditions and not figures.answer(entry.id, conditions):
                continue
            found.append(row)
        return found

    def _refilter(self) -> None:
        shown = self._accepted(0, self._source.rowCount())
        if shown == self._shown:
            return
        if self._order is not None:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()
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

    def _figures_changed(self) -> None:
        self._words, self._conditions = parse_filter(self._text, self._source.figures.names)
        self._refilter()

    def _reset(self) -> None:
        self._shown = self._accepted(0, self._source.rowCount())
        self.endResetModel()

    def _rows_going(self, _parent: QModelIndex, first: int, last: int) -> None:
        if self._order is not None:
            self.beginResetModel()
            return
        self._going = bisect_left(self._shown, first), bisect_right(self._shown, last)
        if self._going[0] < self._going[1]:
            self.beginRemoveRows(QModelIndex(), self._going[0], self._going[1] - 1)

    def _rows_gone(self, _parent: QModelIndex, first: int, last: int) -> None:
        if self._order is not None:
            self._reset()
            return
        start, end = self._going
        self._shown[start:] = [row - (last - first + 1) for row in self._shown[end:]]
        if start < end:
            self.endRemoveRows()

    def _rows_came(self, _parent: QModelIndex, first: int, last: int) -> None:
        if self._order is not None:
            self.beginResetModel()
            self._reset()
            return
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
        if self._order is not None:
            start, end = 0, len(self._shown)
        if start < end:
            self.dataChanged.emit(self.index(start), self.index(end - 1))


def stretches(rows: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each run of neighbouring numbers."""
    if not rows:
        return []
    edges = [(before, after) for before, after in pairwise(rows) if after != before + 1]
    firsts = [rows[0], *(after for _, after in edges)]
    lasts = [*(before for before, _ in edges), rows[-1]]
    return list(zip(firsts, lasts, strict=True))
