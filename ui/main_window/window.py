"""The shell: panels in their places, menus, what is remembered of the layout. No decisions are made here."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core import APP_NAME
from ui import settings as keys
from ui.action_table import Act
from ui.actions import ActionTable
from ui.jobs.panel import JobPanel
from ui.jobs.runner import JobRunner
from ui.jobs.status import JobStatus
from ui.main_window.banner import Banner
from ui.main_window.control_deck import ControlDeck
from ui.main_window.export_deck import ExportDeck
from ui.main_window.lists_pane import ListsPane
from ui.main_window.media_list import MediaListPanel
from ui.main_window.media_list_model import MediaListModel
from ui.main_window.notices import Notices
from ui.main_window.screens import bring_into_sight
from ui.main_window.transport_bar import TransportBar
from ui.main_window.video_stage import VideoStage
from ui.settings import Settings
from ui.theme import Space
from ui.timeline.layers.spectrogram import SpectrogramLayer
from ui.timeline.layers.speech import SpeechLayer
from ui.timeline.layers.thumbnails import ThumbnailLayer
from ui.timeline.widget import TimelineWidget
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.empty_state import EmptyState

DEFAULT_SIZE_PX = (1360, 860)
SMALLEST_SIZE_PX = (880, 600)
TIMELINE_HEIGHT_PX = 150


class MainWindow(QMainWindow):
    """Lists on the left, the video over its timeline in the middle, the deck below."""

    closing = pyqtSignal()
    files_dropped = pyqtSignal(list)
    profile_chosen = pyqtSignal(str)

    def __init__(self, settings: Settings, runner: JobRunner) -> None:
        super().__init__()
        self._settings = settings
        self.setWindowTitle(APP_NAME)
        self.setMinimumSize(*SMALLEST_SIZE_PX)
        self.setAcceptDrops(True)
        self.actions_table = ActionTable(self, settings)
        self.media_model = MediaListModel(self)
        self.media_panel = MediaListPanel(self.media_model)
        self.pinned_model = MediaListModel(self)
        self.pinned_panel = MediaListPanel(self.pinned_model)
        self.lists_pane = ListsPane(self.media_panel, self.pinned_panel, self.actions_table[Act.NEW_LIST])
        self.banner = Banner()
        self.thumbnails, self.spectrogram, self.speech = ThumbnailLayer(), SpectrogramLayer(), SpeechLayer()
        self.timeline = TimelineWidget(layers=[self.thumbnails, self.spectrogram, self.speech])
        self.transport = TransportBar(self.actions_table)
        self.deck = ExportDeck()
        self.control_deck = ControlDeck()
        self.job_panel = JobPanel(runner)
        self.job_status = JobStatus(runner)
        self.profile = QComboBox()
        self.welcome = EmptyState(
            "Drop videos here",
            "8-cut cuts exact clips from long footage: find the moment, press E.",
            ("Open files…", self.actions_table[Act.OPEN_FILES].trigger),
            ("Open folder…", self.actions_table[Act.OPEN_FOLDER].trigger),
            icon="film",
        )
        self.stage: VideoStage | None = None
        self.notices: Notices | None = None
        self._chrome: tuple[QWidget, ...] = ()
        self._hidden: list[QWidget] = []
        self.right_pane: QWidget | None = None

    def set_surface(self, surface: QWidget) -> None:
        """Put everything in its place around the player's surface; called once."""
        self.stage = VideoStage(surface, self.welcome)
        self.notices = Notices(self, self.stage)
        self.setCentralWidget(self._build_body())
        self._build_status_bar()
        self.menus = self.actions_table.fill(self.menuBar())
        self.menuBar().setCornerWidget(self._build_profile_box(), Qt.Corner.TopRightCorner)
        self._restore_layout()

    def show_profiles(self, names: list[str], current: str) -> None:
        blocked = self.profile.blockSignals(True)
        self.profile.clear()
        self.profile.addItems(names)
        self.profile.setCurrentText(current)
        self.profile.blockSignals(blocked)

    def show_context(self, media_name: str, profile: str) -> None:
        """Name what is open in the title and in the status bar."""
        self.setWindowTitle(f"{media_name} — {APP_NAME}" if media_name else APP_NAME)
        self._context.setText(" · ".join(part for part in (media_name, profile) if part))

    def set_left_panel(self, shown: bool) -> None:
        if not shown:
            self._remember_width()
        self.lists_pane.setVisible(shown)
        self._settings.set(keys.LEFT_PANEL, shown)

    def add_right_pane(self, pane: QWidget) -> None:
        """Put this to the right of the video; called once."""
        self.right_pane = pane
        pane.setMinimumWidth(264)
        self._columns.addWidget(pane)
        self._chrome = (*self._chrome, pane)
        pane.setVisible(self._settings.get(keys.RIGHT_PANEL))
        self._size_columns()

    def set_right_panel(self, shown: bool) -> None:
        if not shown:
            self._remember_width()
        self.right_pane.setVisible(shown)
        if shown:
            self._size_columns()
        self._settings.set(keys.RIGHT_PANEL, shown)

    def grow_timeline(self, height_px: int) -> None:
        """Give the timeline this much more of the video's height, or back; before the window shows nothing moves."""
        if self.isVisible() and height_px:
            video, timeline = self._middle.sizes()
            self._middle.setSizes([max(0, video - height_px), max(0, timeline + height_px)])

    def set_full_screen(self, full: bool) -> None:
        """The window goes full screen, not the video: reparenting the surface would cost its picture."""
        if full == self.isFullScreen():
            return
        if full:
            self.remember_layout()
        self.set_chrome_visible(not full)
        self.showFullScreen() if full else self.showNormal()
        self.actions_table[Act.FULL_SCREEN].setChecked(full)

    def set_chrome_visible(self, visible: bool) -> None:
        """Leave only the video and its timeline, or bring the rest back."""
        if not visible:
            self._hidden = [part for part in self._chrome if part.isVisible()]
        for part in self._hidden:
            part.setVisible(visible)

    def set_jobs_shown(self, shown: bool) -> None:
        self.job_panel.setVisible(shown)
        self._settings.set(keys.JOBS_DRAWER, shown)

    def remember_layout(self) -> None:
        """Store sizes and positions for the next start."""
        if self.isFullScreen():
            return
        self._settings.set(keys.GEOMETRY, bytes(self.saveGeometry()))
        self._settings.set(keys.SPLITTER_STATE, bytes(self._middle.saveState()))
        self._remember_width()

    def _remember_width(self) -> None:
        if self.lists_pane.isVisible():
            self._settings.set(keys.LEFT_WIDTH_PX, max(80, self.lists_pane.width()))
        if self.right_pane is not None and self.right_pane.isVisible():
            self._settings.set(keys.RIGHT_WIDTH_PX, max(80, self.right_pane.width()))

    def widen_lists(self, wanted_px: int) -> None:
        """Give the lists this much room, where that leaves most of the window to the rest."""
        sizes = self._columns.sizes()
        more = min(wanted_px + 2 * Space.M, self.width() // 3) - sizes[0]
        if more > 0 and self.lists_pane.isVisible():
            self._columns.setSizes([sizes[0] + more, sizes[1] - more, *sizes[2:]])

    def _size_columns(self) -> None:
        """Each side as wide as it was, the video takes the rest."""
        left, right = (self._settings.get(key) for key in (keys.LEFT_WIDTH_PX, keys.RIGHT_WIDTH_PX))
        self._columns.setSizes([left, max(400, self.width() - left - right), right][: self._columns.count()])

    # -- events -------------------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.remember_layout()
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    # -- building -----------------------------------------------------------------------------------------------------

    def _build_body(self) -> QWidget:
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.setChildrenCollapsible(False)
        self._middle.addWidget(self.stage)
        self._middle.addWidget(self.timeline)
        self._middle.setStretchFactor(0, 1)
        self._middle.setSizes([DEFAULT_SIZE_PX[1], TIMELINE_HEIGHT_PX])
        self.control_deck.add_panel(self.deck, "Export")
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._middle, 1)
        column.addWidget(self.transport)
        column.addWidget(_line())
        column.addWidget(self.control_deck)
        self._chrome = (
            self.menuBar(),
            self.lists_pane,
            self.transport,
            self.control_deck,
            self.statusBar(),
            self.job_panel,
        )
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._columns.setChildrenCollapsible(False)
        self._columns.addWidget(self.lists_pane)
        self._columns.addWidget(centre)
        self._columns.setStretchFactor(1, 1)
        self.lists_pane.setMinimumWidth(160)
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._columns, 1)
        rows.addWidget(self.job_panel)
        return body

    def _build_status_bar(self) -> None:
        self._context = ElidedLabel()
        self._context.setProperty("muted", True)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(Space.M, 0, Space.S, 0)
        bar.addWidget(self._context, 1)
        bar.addPermanentWidget(self.job_status)
        self.job_status.clicked.connect(self.actions_table[Act.JOBS].trigger)

    def _build_profile_box(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(Space.S, 0, Space.S, 0)
        row.setSpacing(Space.S)
        title = QLabel("Profile")
        title.setProperty("muted", True)
        title.setBuddy(self.profile)
        self.profile.setAccessibleName("Profile")
        self.profile.setMinimumWidth(120)
        self.profile.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.profile.textActivated.connect(self.profile_chosen)
        row.addWidget(title)
        row.addWidget(self.profile)
        manage = QToolButton()
        manage.setDefaultAction(self.actions_table[Act.PROFILES])
        manage.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        row.addWidget(manage)
        return box

    def _restore_layout(self) -> None:
        get = self._settings.get
        if not (get(keys.GEOMETRY) and self.restoreGeometry(get(keys.GEOMETRY))):
            self.resize(*DEFAULT_SIZE_PX)
        bring_into_sight(self)
        if get(keys.SPLITTER_STATE):
            self._middle.restoreState(get(keys.SPLITTER_STATE))
        self._columns.setSizes([get(keys.LEFT_WIDTH_PX), DEFAULT_SIZE_PX[0]])
        self.lists_pane.setVisible(get(keys.LEFT_PANEL))
        self.job_panel.setVisible(get(keys.JOBS_DRAWER))


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("line", True)
    return line
