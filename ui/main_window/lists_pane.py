"""The left pane: a tab for each list, the open list, and beside it the one that is pinned."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QIcon, QMouseEvent
from PyQt6.QtWidgets import QHBoxLayout, QSplitter, QTabBar, QToolButton, QVBoxLayout, QWidget

from core.domain.media_list import MediaList
from ui.main_window.media_list import MediaListPanel
from ui.theme import Space
from ui.theme.icons import icon
from ui.widgets.elided_label import ElidedLabel


class ListsPane(QWidget):
    """Says what the person wants of the tabs; shows what it is told."""

    chosen = pyqtSignal(int)
    reordered = pyqtSignal(list)
    menu_requested = pyqtSignal(int, QPoint)
    rename_requested = pyqtSignal(int)
    unpin_requested = pyqtSignal()

    def __init__(
        self, panel: MediaListPanel, pinned_panel: MediaListPanel, new: QAction, parent: QWidget | None = None
    ) -> None:
        """`new` is the command that makes a list."""
        super().__init__(parent)
        self.panel, self.pinned_panel = panel, pinned_panel
        self.tabs = _Tabs(self)
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.tabs.customContextMenuRequested.connect(self._menu_at)
        self.tabs.tabBarDoubleClicked.connect(self._double_clicked)
        self.tabs.dropped.connect(lambda: self.reordered.emit(self.order))
        self.new_button = QToolButton(self)
        self.new_button.setDefaultAction(new)
        self.new_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._pinned_name = ElidedLabel()
        self._pinned_name.setProperty("muted", True)
        self.unpin_button = QToolButton(self)
        self.unpin_button.setIcon(icon("close"))
        self.unpin_button.setToolTip("Take this list from beside the others")
        self.unpin_button.setAccessibleName("Take the pin away")
        self.unpin_button.clicked.connect(lambda _checked=False: self.unpin_requested.emit())
        self._lay_out()

    @property
    def order(self) -> list[int]:
        """The ids of the lists as their tabs stand now."""
        return [self.tabs.tabData(place) for place in range(self.tabs.count())]

    @property
    def open_list(self) -> int | None:
        """The id of the list whose tab is open."""
        return self.tabs.tabData(self.tabs.currentIndex())

    def show_lists(self, lists: Sequence[MediaList], shown: int | None, pinned: int | None) -> None:
        """Show these tabs, this one open, that one beside it."""
        blocked = self.tabs.blockSignals(True)
        if self.order != [each.id for each in lists]:
            while self.tabs.count():
                self.tabs.removeTab(self.tabs.count() - 1)
            for each in lists:
                self.tabs.setTabData(self.tabs.addTab(each.name), each.id)
        for place, each in enumerate(lists):
            self.tabs.setTabText(place, each.name.replace("&", "&&"))
            self.tabs.setTabToolTip(place, f"{each.name}\n{each.folder}".strip())
            self.tabs.setTabIcon(place, icon("pin", "text_muted") if each.id == pinned else QIcon())
            if each.id == shown:
                self.tabs.setCurrentIndex(place)
        self.tabs.blockSignals(blocked)
        beside = next((each for each in lists if each.id == pinned and pinned != shown), None)
        self._pinned.setVisible(beside is not None)
        self._pinned_name.setText(beside.name if beside else "")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, Space.XS, 0)
        head.setSpacing(0)
        head.addWidget(self.tabs, 1)
        head.addWidget(self.new_button)
        title = QHBoxLayout()
        title.setContentsMargins(Space.M, Space.XS, Space.XS, 0)
        title.addWidget(self._pinned_name, 1)
        title.addWidget(self.unpin_button)
        self._pinned = QWidget()
        beside = QVBoxLayout(self._pinned)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addLayout(title)
        beside.addWidget(self.pinned_panel, 1)
        self._pinned.hide()
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.setChildrenCollapsible(False)
        self.columns.addWidget(self.panel)
        self.columns.addWidget(self._pinned)
        for panel in (self.panel, self._pinned):
            panel.setMinimumWidth(150)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.columns, 1)

    def _tab_chosen(self, place: int) -> None:
        if place >= 0 and self.tabs.tabData(place) is not None:
            self.chosen.emit(self.tabs.tabData(place))

    def _double_clicked(self, place: int) -> None:
        if place >= 0:
            self.rename_requested.emit(self.tabs.tabData(place))

    def _menu_at(self, position: QPoint) -> None:
        place = self.tabs.tabAt(position)
        if place >= 0:
            self.menu_requested.emit(self.tabs.tabData(place), self.tabs.mapToGlobal(position))


class _Tabs(QTabBar):
    """Tabs that say once, when the mouse lets go, that they were dragged into another order."""

    dropped = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._moved = False
        self.setMovable(True)
        # A click leaves the keys where they were.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Lists")
        self.tabMoved.connect(self._note_move)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        super().mouseReleaseEvent(event)
        if self._moved:
            self._moved = False
            self.dropped.emit()

    def _note_move(self) -> None:
        self._moved = True
