"""The regions of one scan as Qt sees them: arrays in memory, sorted here because a proxy would sort row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum, IntEnum

import numpy as np
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont

from core.domain.scan import RegionRow
from core.domain.timecode import format_time, parse_time
from core.scan.region_columns import RegionColumns
from ui.theme import current, qcolor

ROW_ROLE = Qt.ItemDataRole.UserRole
STATE_ROLE = Qt.ItemDataRole.UserRole + 1
HOUR_S = 3600.0


class Column(IntEnum):
    """The columns of the table."""

    START = 0
    END = 1
    SCORE = 2
    STATE = 3


class Shown(Enum):
    """What the state column says, strongest first: word, icon and colour token."""

    DISABLED = ("Disabled", "close", "text_disabled")
    NEGATIVE = ("Negative", "minus", "region_negative")
    EXPORTED = ("Exported", "export", "region_exported")
    ACCEPTED = ("Accepted", "check", "success")
    NEW = ("New", "plus", "info")
    OPEN = ("", "", "text")

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def icon(self) -> str:
        return self.value[1]

    @property
    def token(self) -> str:
        return self.value[2]


class Order(Enum):
    """What the rows are sorted by. Uncertain ones have a score near the threshold."""

    TIME = "time"
    SCORE = "score"
    UNCERTAINTY = "uncertainty"
    END = "end"
    STATE = "state"


_ORDER_OF_COLUMN = {
    Column.START: Order.TIME,
    Column.END: Order.END,
    Column.SCORE: Order.SCORE,
    Column.STATE: Order.STATE,
}
_TITLES = {Column.START: "Start", Column.END: "End", Column.SCORE: "Score", Column.STATE: ""}

_TIPS = {
    Column.START: "Click a time to go there; double-click to change it",
    Column.END: "Click a time to hear the last three seconds; double-click to change it",
    Column.SCORE: "The highest probability in the region",
    Column.STATE: "Accepted, disabled, negative or exported",
}
_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE = _SELECTABLE | Qt.ItemFlag.ItemIsEditable
# A table that paints asks for each role of each cell: what has no answer is told at once.
_ANSWERED = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.EditRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.FontRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        ROW_ROLE,
        STATE_ROLE,
    }
)


class RegionModel(QAbstractTableModel):
    """Start, end, score and state of each region. A time that is typed is asked for by `times_edited`, not stored."""

    times_edited = pyqtSignal(object, float, float)
    """The row as it was, and the start and the end it should have."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = _Shown(RegionColumns.of(()))
        self._negative: Collection[int] = frozenset()
        self._exported: Collection[int] = frozenset()
        self._order, self._descending = Order.TIME, False
        self._threshold = 0.5
        self._new: Collection[int] = frozenset()
        self._all = RegionColumns.of(())
        self._wanted: Callable[[RegionColumns], np.ndarray] | None = None

    def show(
        self,
        rows: Sequence[RegionRow],
        negative: Collection[int] = frozenset(),
        exported: Collection[int] = frozenset(),
        threshold: float = 0.5,
        new: Collection[int] = frozenset(),
    ) -> None:
        """Replace all rows; where the same ones stay in their places, selection and scrolling do too.

        `new` are those that the version before did not have.
        """
        self._new = new
        self._negative, self._exported, self._threshold = negative, exported, threshold
        self._all = RegionColumns.of(rows)
        ordered = self._sorted(self._all if self._wanted is None else self._all.where(self._wanted(self._all)))
        if np.array_equal(ordered.ids, self.rows.ids):
            self._shown = _Shown(ordered)
            if len(ordered):
                self.dataChanged.emit(self.index(0, 0), self.index(len(ordered) - 1, Column.STATE))
            return
        self.beginResetModel()
        self._shown = _Shown(ordered)
        self.endResetModel()

    def keep(self, wanted: Callable[[RegionColumns], np.ndarray] | None) -> None:
        """Show only the rows for which this is True (bool[n] of n rows); None shows all."""
        self._wanted = wanted
        self.show(self._all, self._negative, self._exported, self._threshold, self._new)

    @property
    def left_out(self) -> int:
        """How many rows the filter does not show."""
        return len(self._all) - len(self.rows)

    def sort_by(self, order: Order, descending: bool = False) -> None:
        """Show the rows in another order."""
        self._order, self._descending = order, descending
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ids = [self.row_at(index.row()).id for index in before]
        self._shown = _Shown(self._sorted(self.rows))
        places = {row_id: place for place, row_id in enumerate(self.rows.ids.tolist())}
        after = [self.index(places[row_id], index.column()) for row_id, index in zip(ids, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column in _ORDER_OF_COLUMN:
            self.sort_by(_ORDER_OF_COLUMN[Column(column)], order is Qt.SortOrder.DescendingOrder)

    @property
    def negative(self) -> Collection[int]:
        """The ids of shown rows that hold a hard negative."""
        return self._negative

    @property
    def exported(self) -> Collection[int]:
        """The ids of shown rows whose clips were cut."""
        return self._exported

    @property
    def order(self) -> Order:
        return self._order

    @property
    def rows(self) -> RegionColumns:
        """As they are shown."""
        return self._shown.rows

    def row_at(self, place: int) -> RegionRow:
        return self._shown.row_at(place)

    def place_of(self, region_id: int) -> int | None:
        found = np.flatnonzero(self.rows.ids == region_id)
        return int(found[0]) if len(found) else None

    def nearest(self, time_s: float) -> int:
        """The place of the row that starts nearest to a time; there has to be one."""
        return int(np.abs(self.rows.starts - time_s).argmin())

    @property
    def hours(self) -> bool:
        """Whether times reach beyond the first hour."""
        return self._shown.hours

    def state_of(self, row: RegionRow) -> Shown:
        shown = state_of(row, self._negative, self._exported)
        return Shown.NEW if shown is Shown.OPEN and row.id in self._new else shown

    # -- Qt -----------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[Column(section)]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS[Column(section)]
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        stored_time = index.column() in (Column.START, Column.END) and self.row_at(index.row()).id > 0
        return _EDITABLE if stored_time else _SELECTABLE

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role not in _ANSWERED or not index.isValid():
            return None
        row, column = self.row_at(index.row()), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.text_of(row, column)
        if role == ROW_ROLE:
            return row
        if role == STATE_ROLE:
            return self.state_of(row)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        if role == Qt.ItemDataRole.FontRole and row.disabled and column != Column.STATE:
            font = QFont()
            font.setStrikeOut(True)
            return font
        if role == Qt.ItemDataRole.TextAlignmentRole and column == Column.SCORE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._tooltip(row)
        return None

    def setData(self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row = self.row_at(index.row())
        if str(value).strip() == self.text_of(row, index.column()):
            return True
        try:
            typed = parse_time(str(value))
        except ValueError:
            return False
        start, end = (typed, row.end_s) if index.column() == Column.START else (row.start_s, typed)
        self.times_edited.emit(row, start, end)
        return True

    def text_of(self, row: RegionRow, column: int) -> str:
        """What a cell says."""
        if column in (Column.START, Column.END):
            text = format_time(row.start_s if column == Column.START else row.end_s, 2)
            return text if self._shown.hours else text[3:]
        if column == Column.SCORE:
            return f"{row.hit.score:.2f}"
        return self.state_of(row).word

    def _colour(self, row: RegionRow, column: int) -> QColor | None:
        shown = self.state_of(row)
        if shown is Shown.DISABLED or column == Column.STATE:
            return qcolor(getattr(current(), shown.token))
        return None

    def _tooltip(self, row: RegionRow) -> str:
        lines = [f"{format_time(row.start_s)} – {format_time(row.end_s)}, score {row.hit.score:.2f}"]
        lines += [word for word in [self.state_of(row).word] if word]
        if row.by_hand:
            lines.append("Made by hand")
        elif row.trimmed:
            lines.append(f"Found at {format_time(row.hit.start_s)} – {format_time(row.hit.end_s)}")
        if row.id in self._new:
            lines.append("New in this version")
        if row.inherited:
            lines.append("Decided in an earlier version")
        return "\n".join(lines)

    def _sorted(self, rows: RegionColumns) -> RegionColumns:
        by_time = rows.in_order()
        if self._order is Order.TIME:
            return by_time[::-1] if self._descending else by_time
        keys = self._keys(by_time)
        # Equal ones stay in order of time, whichever way round.
        ranks = np.unique(keys, return_inverse=True)[1]
        return by_time.where(np.argsort(-ranks if self._descending else ranks, kind="stable"))

    def _keys(self, rows: RegionColumns) -> np.ndarray:
        if self._order is Order.END:
            return rows.table["end_s"]
        if self._order is Order.SCORE:
            return rows.table["score"]
        if self._order is Order.UNCERTAINTY:
            return np.abs(rows.table["score"] - self._threshold)
        words = np.full(len(rows), Shown.OPEN.word, dtype="U8")
        for which, shown in (
            (rows.among(self._new), Shown.NEW),
            (rows.table["accepted"], Shown.ACCEPTED),
            (rows.among(self._exported), Shown.EXPORTED),
            (rows.among(self._negative), Shown.NEGATIVE),
            (rows.table["disabled"], Shown.DISABLED),
        ):
            words[which] = shown.word
        return words


class _Shown:
    """Rows in the order shown, and what is found out about them once somebody asks."""

    def __init__(self, rows: RegionColumns) -> None:
        self.rows = rows
        self.hours = bool(len(rows)) and bool(rows.ends.max() >= HOUR_S)
        self._made: dict[int, RegionRow] = {}

    def row_at(self, place: int) -> RegionRow:
        """One row, made once: the table asks for each a dozen times to paint it."""
        row = self._made.get(place)
        if row is None:
            row = self._made[place] = self.rows[place]
        return row


def state_of(row: RegionRow, negative: Collection[int], exported: Collection[int]) -> Shown:
    """The strongest of what holds for a region."""
    if row.disabled:
        return Shown.DISABLED
    if row.id in negative:
        return Shown.NEGATIVE
    if row.id in exported:
        return Shown.EXPORTED
    return Shown.ACCEPTED if row.accepted else Shown.OPEN
