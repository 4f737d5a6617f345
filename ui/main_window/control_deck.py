"""The control deck: panels under the timeline, one at a time as tabs or all at once as columns."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from ui.theme import Space

COLUMN_WIDTH_PX = 320


class ControlDeck(QWidget):
    """Holds panels in the order they were added. Moving them between tabs and columns keeps their contents."""

    tab_changed = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panels: list[tuple[QWidget, str]] = []
        self._columns = False
        self._body: QWidget | None = None
        self._tab = 0
        self._tabs: QTabWidget | None = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)

    @property
    def columns(self) -> bool:
        """Whether all panels show side by side."""
        return self._columns

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in self._panels)

    def add_panel(self, panel: QWidget, title: str) -> None:
        """Add a panel behind the others."""
        self._panels.append((panel, title))
        self._arrange()

    def set_columns(self, columns: bool) -> None:
        if columns != self._columns:
            self._columns = columns
            self._arrange()

    def show_panel(self, panel: QWidget) -> None:
        """Bring a panel to the front, where it is not in sight anyway."""
        index = [each for each, _ in self._panels].index(panel)
        self.set_tab(index)

    def set_tab(self, index: int) -> None:
        """Choose the tab; an index that is not there is kept for the panel that may still come."""
        self._tab = index
        if self._tabs is not None and index < self._tabs.count():
            self._tabs.setCurrentIndex(index)

    @property
    def tab(self) -> int:
        return self._tab

    def _arrange(self) -> None:
        """Build the body anew around the panels; they themselves are only moved."""
        if self._tabs is not None:
            self._tabs.currentChanged.disconnect(self._chosen)  # panels that leave it are not chosen by anybody
        old, self._tabs = self._body, None
        for panel, _ in self._panels:
            panel.setParent(self)
        self._body = self._side_by_side() if self._columns else self._as_tabs()
        self._box.addWidget(self._body)
        if old is not None:
            self._box.removeWidget(old)
            old.setParent(None)
            old.deleteLater()
        self._body.show()

    def _as_tabs(self) -> QWidget:
        tabs = self._tabs = QTabWidget()
        tabs.setDocumentMode(True)
        for panel, title in self._panels:
            tabs.addTab(panel, title)
        tabs.setCurrentIndex(min(self._tab, tabs.count() - 1))
        tabs.currentChanged.connect(self._chosen)
        return tabs

    def _side_by_side(self) -> QWidget:
        row_of_columns = QWidget()
        row_of_columns.setProperty("surface", "window")
        row = QHBoxLayout(row_of_columns)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, (panel, title) in enumerate(self._panels):
            if number:
                line = QFrame()
                line.setProperty("line", True)
                line.setFrameShape(QFrame.Shape.VLine)
                row.addWidget(line)
            row.addWidget(_column(panel, title), panel.sizeHint().width())
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(row_of_columns)
        height = row_of_columns.sizeHint().height()
        scroll.setFixedHeight(height + scroll.horizontalScrollBar().sizeHint().height())
        return scroll

    def _chosen(self, index: int) -> None:
        self._tab = index
        self.tab_changed.emit(index)


def _column(panel: QWidget, title: str) -> QWidget:
    column = QWidget()
    column.setMinimumWidth(max(COLUMN_WIDTH_PX, panel.sizeHint().width()))
    box = QVBoxLayout(column)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    name = QLabel(title.replace("&&", "&"))
    name.setProperty("muted", True)
    name.setContentsMargins(Space.M, Space.S, Space.M, 0)
    box.addWidget(name)
    box.addWidget(panel)
    box.addStretch(1)
    panel.show()
    return column
