"""The rows of a media list on screen: how they are painted, and how they are dragged."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDropEvent, QFont, QPainter
from PyQt6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.domain.media_list import EntryKey, Separator
from ui.main_window.media_filter import ROWS_MIME, MediaFilter
from ui.main_window.media_list_model import Role
from ui.theme import current, qcolor
from ui.theme.icons import paint_icon

ROW_HEIGHT_PX = 28
BADGE_MIN_WIDTH_PX = 22
ICON_PX = 14


class MediaView(QListView):
    """Rows in the order of their list; dropped ones are announced, never moved here."""

    rows_dropped = pyqtSignal(int, list, int)
    """The list they come from, the keys of the rows, and the row of what is seen that they were dropped before."""

    def __init__(self, model: MediaFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(MediaDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setAccessibleName("Media")
        self.spans: list[tuple[int, int]] = []
        """(left, width) of each column of figures."""

    def show_spans(self, spans: list[tuple[int, int]]) -> None:
        """Where the columns of figures are now."""
        self.spans = spans
        self.viewport().update()

    def dropEvent(self, event: QDropEvent | None) -> None:
        data = event.mimeData()
        if not data.hasFormat(ROWS_MIME) or self.model().order is not None:
            event.ignore()
            return
        list_id, keys = dropped_rows(bytes(data.data(ROWS_MIME)))
        row = self._row_at(event.position().toPoint().y())
        event.acceptProposedAction()
        self.setState(QAbstractItemView.State.NoState)
        self.viewport().update()
        self.rows_dropped.emit(list_id, keys, row)

    def _row_at(self, y: int) -> int:
        """The row that something dropped at this height comes before."""
        for index in (self.indexAt(self.viewport().rect().center()), self.model().index(0, 0)):
            if index.isValid():
                middle = self.visualRect(index)
                row = index.row() + round((y - middle.top()) / middle.height())
                return min(max(0, row), self.model().rowCount())
        return 0


def dropped_rows(text: bytes) -> tuple[int, list[EntryKey]]:
    """(list id, keys) of what `MediaFilter.mimeData` wrote."""
    first, *lines = text.decode().split("\n")
    pairs = (line.split(" ") for line in lines)
    return int(first), [(kind, int(number)) for kind, number in pairs]


class MediaDelegate(QStyledItemDelegate):
    """One line per media: its name elided in the middle, then what there is to say about it and its number of clips."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(120, ROW_HEIGHT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        theme = current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(theme.selection if selected else theme.hover))
            painter.drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 4, 4)
        line = index.data(Role.LINE)
        if line is not None:
            self._paint_line(painter, option.rect, line)
        else:
            self._paint_media(painter, option, index)
        painter.restore()

    def _paint_media(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        theme = current()
        area = option.rect.adjusted(20, 0, -8, 0)
        spans = self.parent().spans
        if spans:
            area.setRight(self._paint_figures(painter, option.rect, index, spans) - 8)
        if index.data(Role.CURRENT):
            painter.setPen(qcolor(theme.accent))
            painter.drawText(QRect(option.rect.x() + 4, area.y(), 16, area.height()), Qt.AlignmentFlag.AlignCenter, "▸")
        area.setRight(self._paint_badge(painter, area, index) - 8)
        for role, name in ((Role.DISABLED, "excluded"), (Role.HIDDEN, "hidden")):
            if index.data(role):
                box = QRectF(area.right() - ICON_PX, area.center().y() - ICON_PX / 2 + 1, ICON_PX, ICON_PX)
                paint_icon(painter, name, box, qcolor(theme.text_muted))
                area.setRight(area.right() - ICON_PX - 6)
        dim = index.data(Role.MISSING) or index.data(Role.HIDDEN)
        painter.setPen(qcolor(theme.text_muted if dim else theme.text))
        name = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)

    def _paint_figures(self, painter: QPainter, rect: QRect, index: QModelIndex, spans: list[tuple[int, int]]) -> int:
        """Paint the columns of figures; returns where the first begins."""
        painter.setPen(qcolor(current().text_muted))
        for text, (left, width) in zip(index.data(Role.FIGURES), spans, strict=False):
            cell = QRect(left + 4, rect.y(), width - 12, rect.height())
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, elided)
        return spans[0][0]

    def _paint_line(self, painter: QPainter, rect: QRect, line: Separator) -> None:
        theme, middle, left = current(), rect.center().y() + 1, rect.x() + 8
        if line.text:
            font = QFont(painter.font())
            font.setPixelSize(max(10, painter.fontInfo().pixelSize() - 1))
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(qcolor(theme.text_muted))
            area = rect.adjusted(8, 0, -24, 0)
            text = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            left += painter.fontMetrics().horizontalAdvance(text) + 8
        painter.setPen(qcolor(theme.control_border))
        painter.drawLine(left, middle, rect.right() - 8, middle)

    def _paint_badge(self, painter: QPainter, area: QRect, index: QModelIndex) -> int:
        """Paint what the row has to say at its right end; returns where that begins."""
        theme = current()
        right = area.right()
        count = index.data(Role.CLIP_COUNT)
        if count:
            width = max(BADGE_MIN_WIDTH_PX, painter.fontMetrics().horizontalAdvance(str(count)) + 12)
            badge = QRect(right - width, area.center().y() - 8, width, 17)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(theme.marker))
            painter.drawRoundedRect(badge, 8, 8)
            painter.setPen(qcolor(theme.marker_text))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(count))
            right = badge.left()
        if index.data(Role.MISSING):
            area = QRect(area.left(), area.top(), right - (6 if count else 0) - area.left(), area.height())
            painter.setPen(qcolor(theme.warning))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "missing")
            right = area.right() - painter.fontMetrics().horizontalAdvance("missing")
        return right
