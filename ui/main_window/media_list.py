"""The left pane: the profile's media with a filter, what each has yielded, and which files are gone."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.media import Media
from ui.main_window.media_list_model import MediaFilter, MediaListModel, Role
from ui.theme import Space, current, qcolor
from ui.widgets.empty_state import EmptyState

ROW_HEIGHT_PX = 28
BADGE_MIN_WIDTH_PX = 22


class MediaListPanel(QWidget):
    """Double-click or Enter opens a media; the context menu belongs to the window."""

    open_requested = pyqtSignal(object)
    add_requested = pyqtSignal()
    context_requested = pyqtSignal(object, QPoint)

    def __init__(self, model: MediaListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._filter = MediaFilter(model)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Filter by name")
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName("Filter the list by name")
        self._search.textChanged.connect(self._apply_filter)
        self._view = self._build_view()
        self._empty = EmptyState(
            "No media yet", "Drop videos or folders here, or add them.", ("Add files…", self.add_requested.emit)
        )
        self._nothing_found = EmptyState("Nothing matches", "No name in this list holds these words.")
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        self._count.setProperty("small", True)
        self._stack = QStackedLayout()
        for page in (self._view, self._empty, self._nothing_found):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.S, Space.S, Space.XS, Space.S)
        layout.setSpacing(Space.S)
        layout.addWidget(self._search)
        layout.addLayout(self._stack, 1)
        layout.addWidget(self._count)
        model.modelReset.connect(self._show_page)
        self._show_page()

    def reveal(self, media_id: int) -> None:
        """Scroll to this media and select it, where the filter lets it through."""
        row = self._model.row_of(media_id)
        if row is not None:
            index = self._filter.mapFromSource(self._model.index(row))
            if index.isValid():
                self._view.setCurrentIndex(index)
                self._view.scrollTo(index)

    def selected(self) -> Media | None:
        index = self._view.currentIndex()
        return index.data(Role.MEDIA) if index.isValid() else None

    def neighbour(self, media_id: int | None, step: int) -> Media | None:
        """The media `step` rows on in what is shown, skipping missing files; None at the end."""
        rows = self._filter.rowCount()
        shown = [self._filter.index(row, 0) for row in range(rows)]
        position = next((row for row, index in enumerate(shown) if index.data(Role.MEDIA).id == media_id), None)
        start = (-1 if step > 0 else rows) if position is None else position
        for row in range(start + step, rows if step > 0 else -1, step):
            if not shown[row].data(Role.MISSING):
                return shown[row].data(Role.MEDIA)
        return None

    def focus_filter(self) -> None:
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def _build_view(self) -> QListView:
        view = QListView(self)
        view.setModel(self._filter)
        view.setItemDelegate(MediaDelegate(view))
        view.setUniformItemSizes(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setAccessibleName("Media")
        view.activated.connect(lambda index: self.open_requested.emit(index.data(Role.MEDIA)))
        view.customContextMenuRequested.connect(self._ask_for_menu)
        return view

    def _ask_for_menu(self, position: QPoint) -> None:
        index = self._view.indexAt(position)
        if index.isValid():
            self.context_requested.emit(index.data(Role.MEDIA), self._view.viewport().mapToGlobal(position))

    def _apply_filter(self, text: str) -> None:
        self._filter.set_text(text)
        self._show_page()

    def _show_page(self) -> None:
        total, shown = self._model.rowCount(), self._filter.rowCount()
        page = self._view if shown else self._nothing_found if total else self._empty
        self._stack.setCurrentWidget(page)
        self._search.setVisible(total > 0)
        files = "1 file" if total == 1 else f"{total:,} files"
        self._count.setText("" if not total else files if shown == total else f"{shown:,} of {files}")


class MediaDelegate(QStyledItemDelegate):
    """One line per media: its name elided in the middle, then a badge with the number of clips or a warning."""

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
        area = option.rect.adjusted(20, 0, -8, 0)
        if index.data(Role.CURRENT):
            painter.setPen(qcolor(theme.accent))
            painter.drawText(QRect(option.rect.x() + 4, area.y(), 16, area.height()), Qt.AlignmentFlag.AlignCenter, "▸")
        area.setRight(self._paint_badge(painter, area, index) - 8)
        missing = index.data(Role.MISSING)
        painter.setPen(qcolor(theme.text_muted if missing else theme.text))
        name = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()

    def _paint_badge(self, painter: QPainter, area: QRect, index: QModelIndex) -> int:
        """Paint what the row has to say at its right end; returns where that begins."""
        theme = current()
        if index.data(Role.MISSING):
            painter.setPen(qcolor(theme.warning))
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, "missing")
            return area.right() - painter.fontMetrics().horizontalAdvance("missing")
        count = index.data(Role.CLIP_COUNT)
        if not count:
            return area.right()
        width = max(BADGE_MIN_WIDTH_PX, painter.fontMetrics().horizontalAdvance(str(count)) + 12)
        badge = QRect(area.right() - width, area.center().y() - 8, width, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(theme.marker))
        painter.drawRoundedRect(badge, 8, 8)
        painter.setPen(qcolor(theme.marker_text))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(count))
        return badge.left()
