"""Everything that can be set, in pages. A change counts at once; there is nothing to confirm."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.paths import DataPaths
from ui.actions import ActionTable
from ui.jobs.runner import JobRunner
from ui.main_window.cache_page import CachePage
from ui.main_window.settings_pages import ExportPage, GeneralPage, KeyboardPage, Page, PlaybackPage
from ui.settings import Settings
from ui.theme import Space

LIST_WIDTH_PX = 148
SIZE_PX = (720, 640)


class SettingsDialog(QDialog):
    """Stays open beside the work, so that one sees what a change does."""

    def __init__(
        self,
        settings: Settings,
        actions: ActionTable,
        paths: DataPaths,
        runner: JobRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle("Settings")
        self.resize(*SIZE_PX)
        self.pages: tuple[Page, ...] = (
            GeneralPage(settings, paths),
            PlaybackPage(settings),
            ExportPage(settings),
            KeyboardPage(settings, actions),
            CachePage(paths, runner),
        )
        self.list = QListWidget()
        self.list.setAccessibleName("Pages")
        self.list.setFixedWidth(LIST_WIDTH_PX)
        self._stack = QStackedWidget()
        for page in self.pages:
            self.list.addItem(page.title)
            self.list.item(self.list.count() - 1).setSizeHint(QSize(0, Space.CONTROL))
            self._stack.addWidget(_scrolled(page))
        self.list.currentRowChanged.connect(self._open_page)
        self.reset_button = QPushButton("Reset this page")
        self.reset_button.setAutoDefault(False)
        self.reset_button.clicked.connect(self._reset)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self._arrange()
        self.list.setCurrentRow(0)

    @property
    def page(self) -> Page:
        return self.pages[self.list.currentRow()]

    def _open_page(self, row: int) -> None:
        self._stack.setCurrentIndex(row)
        self.reset_button.setVisible(bool(self.pages[row].settings))

    def _reset(self) -> None:
        for setting in self.page.settings:
            self._settings.reset(setting)

    def _arrange(self) -> None:
        pages = QHBoxLayout()
        pages.setSpacing(Space.S)
        pages.addWidget(self.list)
        pages.addWidget(self._stack, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.reset_button)
        foot.addStretch()
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(pages, 1)
        column.addLayout(foot)


def _scrolled(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
