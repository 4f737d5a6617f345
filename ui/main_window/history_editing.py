"""Puts the parts of editing the history together: undo of moved files, marker commands, context menu, trash."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QLabel

from ui.action_table import Act
from ui.commands.exchange import Mover
from ui.main_window.export_controller import ExportController
from ui.main_window.history_controller import HistoryController
from ui.main_window.marker_menu import MarkerMenu
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.main_window.trash_controller import TrashController
from ui.main_window.window import MainWindow
from ui.services import Services
from ui.timeline.widget import coverage_text


class HistoryEditing(QObject):
    """Everything about changing what was exported, in one window."""

    def __init__(
        self, services: Services, window: MainWindow, timeline: TimelinePresenter, export: ExportController
    ) -> None:
        super().__init__(window)
        self._window = window
        self._timeline = timeline
        self.mover = Mover(
            services.db, services.paths.trash, services.runner, services.session.publish, window.notices.complain, self
        )
        self.history = HistoryController(services, window, export, timeline, self.mover)
        self.menu = MarkerMenu(window, self.history, timeline)
        self.trash = TrashController(services, window, self.mover)
        self._coverage = QLabel()
        self._coverage.setProperty("muted", True)
        self._coverage.setToolTip("How much of this file is cut already: the green line in the timeline")
        window.statusBar().insertPermanentWidget(1, self._coverage)
        timeline.composed.connect(self._show_coverage)
        self._read_only = services.db.read_only
        self._bind()

    def begin(self) -> None:
        """At the start: carry on what was interrupted, and offer to empty what has been in the trash for long."""
        if not self._read_only:
            self.trash.begin()

    def _bind(self) -> None:
        connect, history = self._window.actions_table.connect, self.history
        connect(Act.OVERWRITE, lambda: history.overwrite())
        connect(Act.EDIT_LABEL, lambda: history.edit_label())
        connect(Act.REEXPORT, history.reexport)
        connect(Act.REVEAL_CLIPS, lambda: history.reveal())
        connect(Act.TRAINING, lambda: history.toggle_training())
        connect(Act.DELETE_CLIPS, lambda: history.delete())
        connect(Act.TRASH, self.trash.show)
        connect(Act.REBUILD_DATASET, history.rebuild_dataset)
        connect(Act.FOCUS_VIDEO, history.disarm)
        self._timeline.composed.connect(self._show_training)

    def _show_training(self) -> None:
        marker = self._timeline.marker_at_cursor()
        self._window.actions_table[Act.TRAINING].setChecked(marker is not None and not marker.disabled)

    def _show_coverage(self) -> None:
        self._coverage.setText(coverage_text(self._window.timeline.scene))
