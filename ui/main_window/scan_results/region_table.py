"""The table of regions: one key per decision, times edited in place."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.domain.scan import RegionRow
from core.domain.timecode import parse_time
from ui.main_window.scan_results.region_model import ROW_ROLE, Column, RegionModel, Shown
from ui.theme import current, qcolor
from ui.theme.icons import paint_icon

ROW_HEIGHT_PX = 26
BEFORE_END_S = 3.0
_ICON_PX = 12
_WORDS_FROM_PX = 88
_PAD_PX = 8
_EDITOR_MORE_PX = 14


class RegionAct(Enum):
    """What can be done with regions: what the menu says, and the key in the table."""

    PLAY = ("Play in a loop", Qt.Key.Key_Space)
    NEXT = ("Next region", Qt.Key.Key_S)
    PREVIOUS = ("Previous region", Qt.Key.Key_W)
    ACCEPT = ("Accept, and on", Qt.Key.Key_A)
    REJECT = ("Reject, and on", Qt.Key.Key_X)
    DISABLE = ("Disable or enable", Qt.Key.Key_Delete)
    NEGATIVE = ("Hard negative or not", Qt.Key.Key_N)
    SPLIT = ("Split at the playhead", Qt.Key.Key_B)
    MERGE = ("Merge the selected", Qt.Key.Key_M)
    TRIM_START = ("Start at the playhead", Qt.Key.Key_BracketLeft)
    TRIM_END = ("End at the playhead", Qt.Key.Key_BracketRight)
    RESET = ("Times as found", Qt.Key.Key_R)

    @property
    def text(self) -> str:
        return self.value[0]

    @property
    def key(self) -> Qt.Key:
        return self.value[1]


_GROUPS = (
    (RegionAct.PLAY, RegionAct.NEXT, RegionAct.PREVIOUS),
    (RegionAct.ACCEPT, RegionAct.REJECT, RegionAct.DISABLE, RegionAct.NEGATIVE),
    (RegionAct.SPLIT, RegionAct.MERGE, RegionAct.TRIM_START, RegionAct.TRIM_END, RegionAct.RESET),
)
_KEYS = {act.key: act for act in RegionAct} | {
    Qt.Key.Key_Backspace: RegionAct.DISABLE,
    Qt.Key.Key_Return: RegionAct.ACCEPT,
    Qt.Key.Key_Enter: RegionAct.ACCEPT,
    Qt.Key.Key_P: RegionAct.PLAY,
}
_KEY_NAMES = {
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Delete: "Del",
    Qt.Key.Key_BracketLeft: "[",
    Qt.Key.Key_BracketRight: "]",
}


def key_name(act: RegionAct) -> str:
    """How the menu writes the key of an act."""
    return _KEY_NAMES.get(act.key) or chr(act.key)


class RegionTable(QTableView):
    """Asks by `acted(act, rows)` and `seek_requested(seconds)`; single keys are its own while it has the focus."""

    acted = pyqtSignal(object, list)
    seek_requested = pyqtSignal(float)
    current_changed = pyqtSignal(object)
    """The current `RegionRow`, or None."""

    def __init__(self, model: RegionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._regions = model
        self._wanted: int | None = None
        self.extra_entries: list[tuple[str, Callable[[list[RegionRow]], object]]] = []
        """More of the context menu, by others; each gets the selected rows."""
        self.setModel(model)
        self.setItemDelegate(_RegionDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Regions")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT_PX)
        rows.setMinimumSectionSize(ROW_HEIGHT_PX)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(24)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(Column.STATE, QHeaderView.ResizeMode.Stretch)
        columns.setSortIndicator(Column.START, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        model.modelAboutToBeReset.connect(self._remember_current)
        model.modelReset.connect(self._find_current)
        self._fit_columns()

    # -- rows ---------------------------------------------------------------------------------------------------------

    @property
    def current_row(self) -> RegionRow | None:
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    @property
    def selected_rows(self) -> list[RegionRow]:
        """In the order shown; the current one where nothing is selected."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        rows = [self._regions.row_at(place) for place in places]
        return rows or [row for row in [self.current_row] if row is not None]

    def go_to(self, region_id: int) -> bool:
        """Make a region the current one; False when it is not shown."""
        place = self._regions.place_of(region_id)
        if place is None:
            return False
        self._select(place)
        return True

    def step(self, rows: int) -> RegionRow | None:
        """Go so many rows on; None, and no move, at an end. Without a current row, the first or the last."""
        index, count = self.currentIndex(), self._regions.rowCount()
        place = index.row() + rows if index.isValid() else (0 if rows > 0 else count - 1)
        if not 0 <= place < count:
            return None
        self._select(place)
        return self._regions.row_at(place)

    def _select(self, place: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        index = self._regions.index(place, Column.START)
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def _remember_current(self) -> None:
        row = self.current_row
        self._wanted = row.id if row else None
        self._wanted_s = row.start_s if row else 0.0

    def _fit_columns(self) -> None:
        """As wide as the longest time: hours only where there are any."""
        text = "00:00:00.00" if self._regions.hours else "00:00.00"
        times = self.fontMetrics().horizontalAdvance(text) + 12
        for column, width in ((Column.START, times), (Column.END, times), (Column.SCORE, 60)):
            self.setColumnWidth(column, width)

    def _find_current(self) -> None:
        """After a reset: the same region, or the one that begins where it was."""
        self._fit_columns()
        self.executeDelayedItemsLayout()  # left to later, all of it is painted twice
        if self._wanted is None or not self._regions.rowCount():
            self.current_changed.emit(None)
            return
        place = self._regions.place_of(self._wanted)
        if place is None:
            place = self._regions.nearest(self._wanted_s)
        self._select(place)

    def currentChanged(self, current_index: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current_index, previous)
        self.current_changed.emit(current_index.data(ROW_ROLE) if current_index.isValid() else None)

    # -- keys and mouse -----------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Qt makes the first row the current one here without showing it.
        if self.currentIndex().isValid() and not self.selectionModel().hasSelection():
            self._select(self.currentIndex().row())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._act_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._act_of(event)
        if act is None or self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
            return
        event.accept()
        rows = self.selected_rows
        if rows or act is RegionAct.NEXT:
            self.acted.emit(act, rows)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.button() is Qt.MouseButton.LeftButton and plain and index.isValid():
            row = index.data(ROW_ROLE)
            before_end = index.column() == Column.END
            self.seek_requested.emit(max(0.0, row.end_s - BEFORE_END_S) if before_end else row.start_s)

    def _act_of(self, event: QKeyEvent) -> RegionAct | None:
        allowed = Qt.KeyboardModifier.KeypadModifier
        return _KEYS.get(Qt.Key(event.key())) if not event.modifiers() & ~allowed else None

    def _show_menu(self, position: QPoint) -> None:
        rows = self.selected_rows
        if not rows:
            return
        menu = QMenu(self)
        for group in _GROUPS:
            for act in group:
                action = menu.addAction(f"{act.text}\t{key_name(act)}")
                action.triggered.connect(lambda _checked=False, act=act: self.acted.emit(act, rows))
                action.setEnabled(act is not RegionAct.MERGE or len(rows) > 1)
            menu.addSeparator()
        for text, act in self.extra_entries:
            menu.addAction(text).triggered.connect(lambda _checked=False, act=act: act(rows))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(position))


class _RegionDelegate(QStyledItemDelegate):
    """Paints the state with its icon, never by colour alone; edits times in a field that shows what is no time.

    It paints without the style, which takes three times as long: the table is painted anew with each step of a slider.
    """

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        model: RegionModel = index.model()
        row, column = model.row_at(index.row()), index.column()
        shown, tokens = model.state_of(row), current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(option.rect, qcolor(tokens.selection))
        # What stands at the left may use the room to its right.
        text, room = model.text_of(row, column), option.rect.adjusted(_PAD_PX, 0, 0, 0)
        if column == Column.STATE:
            if shown.icon:
                box = QRectF(option.rect.left() + 8, option.rect.center().y() - _ICON_PX / 2 + 0.5, _ICON_PX, _ICON_PX)
                paint_icon(painter, shown.icon, box, QColor(getattr(tokens, shown.token)))
            # Too narrow for the word, the icon alone says it.
            room.setLeft(room.left() + _ICON_PX + 6)
            text = text if option.rect.width() >= _WORDS_FROM_PX else ""
        if text:
            struck = row.disabled and column != Column.STATE
            option.font.setStrikeOut(struck)
            painter.setFont(option.font)
            quiet = shown is Shown.DISABLED or column == Column.STATE
            token = "selection_text" if selected else shown.token if quiet else "text"
            painter.setPen(qcolor(getattr(tokens, token)))
            side = Qt.AlignmentFlag.AlignLeft
            if column == Column.SCORE:
                side = Qt.AlignmentFlag.AlignRight
                room.setRight(room.right() - _PAD_PX)
            painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), text)
        if column == Column.SCORE:
            self._bar(painter, option, row.hit.score, dim=row.disabled)

    def _bar(self, painter: QPainter, option: QStyleOptionViewItem, score: float, dim: bool) -> None:
        """The score as a thin line under its number."""
        colour = qcolor(current().region_disabled if dim else current().region, 0.9)
        width = (option.rect.width() - 12) * min(1.0, max(0.0, score))
        painter.fillRect(QRectF(option.rect.left() + 6, option.rect.bottom() - 2, width, 2), colour)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget:
        field = QLineEdit(parent)
        field.setFrame(False)
        field.setToolTip("A time such as 83.5 or 1:23.5")
        field.textEdited.connect(lambda _text: _show_validity(field))
        return field

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Over the whole cell and as much more as a time needs with the frame around it."""
        box = option.rect
        box.setWidth(box.width() + _EDITOR_MORE_PX)
        editor.setGeometry(box)

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: RegionModel, index: QModelIndex) -> None:
        model.setData(index, editor.text())


def _show_validity(field: QLineEdit) -> None:
    try:
        parse_time(field.text())
        invalid = False
    except ValueError:
        invalid = True
    field.setProperty("invalid", invalid)
    field.style().unpolish(field)
    field.style().polish(field)
