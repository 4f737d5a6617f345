"""The heads of the columns of figures over a media list: widths by dragging, order by clicking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QPoint, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QResizeEvent, QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import QHeaderView, QMenu, QWidget

from core.domain.features import FeatureColumn
from ui.main_window.figures import NAME, Order

MIN_WIDTH_PX, MAX_WIDTH_PX, HEIGHT_PX = 36, 600, 28
# A head is at first as wide as its text, within these; so much is for the name, and so much it keeps.
FIRST_WIDTHS_PX, NAME_PX, LEAST_NAME_PX = (60, 104), 140, 100
_AROUND_TEXT_PX = 34


class FigureHeader(QHeaderView):
    """Section 0 is the name. A third click on a head gives the list its own order."""

    order_changed = pyqtSignal(object)
    """An Order, or None for the list's own."""
    widths_changed = pyqtSignal(dict)
    """Pixels by name of column."""
    spans_changed = pyqtSignal()
    """A column begins or ends elsewhere."""
    choice_requested = pyqtSignal()
    filter_requested = pyqtSignal(str)
    """Begin a filter by this column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._heads = QStandardItemModel(0, 1, self)
        self.setModel(self._heads)
        self._names: tuple[str, ...] = ()
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.setMinimumSectionSize(MIN_WIDTH_PX)
        self.setMaximumSectionSize(MAX_WIDTH_PX)
        self.setFixedHeight(HEIGHT_PX)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Columns of the list")
        self.sortIndicatorChanged.connect(self._order_chosen)
        self.sectionResized.connect(self._resized)
        self.hide()

    def show_columns(self, columns: Sequence[FeatureColumn], widths: Mapping[str, int]) -> None:
        """Show these heads; hidden without any."""
        blocked = QSignalBlocker(self)
        self._names = tuple(column.name for column in columns)
        self._heads.clear()
        self._heads.setColumnCount(1 + len(columns))
        name = QStandardItem("Name")
        name.setToolTip("Click to sort by name, once more to turn round, a third time for the list's own order")
        self._heads.setHorizontalHeaderItem(0, name)
        for place, column in enumerate(columns, start=1):
            head = QStandardItem(column.title)
            unit = f" ({column.unit_beside})" if column.unit_beside else ""
            head.setToolTip(f"{column.title}{unit}\n{column.about}\nIn the filter: {column.name}>…")
            self._heads.setHorizontalHeaderItem(place, head)
            self.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            first = self.fontMetrics().horizontalAdvance(column.title) + _AROUND_TEXT_PX
            width = widths.get(column.name, min(FIRST_WIDTHS_PX[1], max(FIRST_WIDTHS_PX[0], first)))
            self.resizeSection(place, min(MAX_WIDTH_PX, max(MIN_WIDTH_PX, width)))
        self.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        del blocked
        self._fit_name()
        self.setVisible(bool(columns))

    def show_order(self, order: Order | None) -> None:
        """Mark the head that the list is sorted by."""
        blocked = QSignalBlocker(self)
        section = -1 if order is None else self._section(order.column)
        down = order is not None and order.descending
        self.setSortIndicator(section, Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder)
        del blocked
        self.viewport().update()

    @property
    def widths(self) -> dict[str, int]:
        """Pixels by name of column."""
        return {name: self.sectionSize(place) for place, name in enumerate(self._names, start=1)}

    @property
    def spans(self) -> list[tuple[int, int]]:
        """(left, width) in pixels of each column of figures."""
        return [
            (self.sectionViewportPosition(place), self.sectionSize(place)) for place in range(1, 1 + len(self._names))
        ]

    @property
    def wanted_px(self) -> int:
        """How wide it has to be for all columns and some of the names."""
        return NAME_PX + sum(self.widths.values()) if self._names else 0

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_name()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        self.menu_at(event.pos()).popup(event.globalPos())

    def menu_at(self, position: QPoint) -> QMenu:
        """What can be done with the head at a place."""
        menu = QMenu(self)
        section = self.logicalIndexAt(position)
        if section > 0:
            name = self._names[section - 1]
            menu.addAction(f"Filter by {name}…", lambda: self.filter_requested.emit(f"{name}>"))
        menu.addAction("The list's own order", lambda: self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder))
        menu.addSeparator()
        menu.addAction("Columns…", self.choice_requested.emit)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _resized(self, section: int, *_: int) -> None:
        if section > 0:
            self._fit_name()
            self.widths_changed.emit(self.widths)

    def _fit_name(self) -> None:
        """The name takes the room that is left, but never so little that nobody can read it."""
        blocked = QSignalBlocker(self)
        self.resizeSection(0, max(LEAST_NAME_PX, self.viewport().width() - sum(self.widths.values())))
        del blocked
        self.spans_changed.emit()

    def _section(self, column: str) -> int:
        if column == NAME:
            return 0
        return 1 + self._names.index(column) if column in self._names else -1

    def _order_chosen(self, section: int, direction: Qt.SortOrder) -> None:
        if section < 0:
            self.order_changed.emit(None)
            return
        name = NAME if section == 0 else self._names[section - 1]
        self.order_changed.emit(Order(name, direction == Qt.SortOrder.DescendingOrder))
