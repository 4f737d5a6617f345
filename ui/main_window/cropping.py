"""Puts the parts of cropping together: state, page in the deck, overlay, end-frame dock, tracking."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QDockWidget, QWidget

from ui import settings as keys
from ui.action_table import Act
from ui.crop.end_frame import EndFrameView
from ui.crop.overlay import CropOverlay, Trim
from ui.crop.page import CropPage
from ui.main_window.crop_controller import CropController, CropViews
from ui.main_window.crop_state import CropState
from ui.main_window.cutting_state import CuttingState
from ui.main_window.end_frame_controller import EndFrameController
from ui.main_window.export_controller import ExportController
from ui.main_window.playback_controller import PlaybackController
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.main_window.track_controller import TrackController
from ui.main_window.window import MainWindow
from ui.player.player import Player
from ui.services import Services

TITLE = "Crop && Track"
END_FRAME_WIDTH_PX = 320


class Cropping(QObject):
    """Everything about cropping in one window."""

    def __init__(
        self, services: Services, window: MainWindow, state: CuttingState, player: Player, surface: QWidget
    ) -> None:
        super().__init__(window)
        self._settings = services.settings
        self._window = window
        self.page = CropPage()
        self.crops = CropState(services.settings, self)
        self._services, self._state, self._player, self.surface = services, state, player, surface
        window.control_deck.add_panel(self.page, TITLE)
        self.end_frame = EndFrameView()
        self.dock = self._build_dock()
        self._ends = EndFrameController(services.runner, state, self.crops, self.end_frame, self._trim)
        window.deck.edited.connect(surface.update)
        self.track = TrackController(
            services.runner, state, self.crops, self.page.keyframes, window.notices, services.paths
        )

    def join(self, timeline: TimelinePresenter, playback: PlaybackController, export: ExportController) -> None:
        """Connect with those who show, move and export; called once."""
        views = CropViews(self.page, CropOverlay(self._trim), self.surface, timeline.show_keyframes)
        self.controller = CropController(
            self._services, self._state, self.crops, self._player, playback, views, self._window.notices
        )
        export.prepare = self.crops.applied
        self.controller.bind(self._window.actions_table, export.export)

    def _trim(self) -> Trim:
        settings = self._window.deck.values.settings
        return Trim(settings.short_side, settings.side_step)

    def _build_dock(self) -> QDockWidget:
        dock = QDockWidget("End frame", self._window)
        dock.setObjectName("end_frame")
        dock.setWidget(self.end_frame)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        action = self._window.actions_table[Act.END_FRAME]
        self._window.actions_table.connect(Act.END_FRAME, lambda: dock.setVisible(action.isChecked()))
        if state := self._settings.get(keys.WINDOW_STATE):
            self._window.restoreState(state)
        else:
            self._window.resizeDocks([dock], [END_FRAME_WIDTH_PX], Qt.Orientation.Horizontal)
        dock.setVisible(self._settings.get(keys.END_FRAME))
        action.setChecked(self._settings.get(keys.END_FRAME))
        dock.visibilityChanged.connect(self._follow_dock)
        self._window.closing.connect(lambda: self._settings.set(keys.WINDOW_STATE, bytes(self._window.saveState())))
        return dock

    def _follow_dock(self, _: bool) -> None:
        """A window that closes or shrinks to an icon hides its docks too: that is nobody's choice."""
        shown = not self.dock.isHidden()
        self._window.actions_table[Act.END_FRAME].setChecked(shown)
        self._settings.set(keys.END_FRAME, shown)
