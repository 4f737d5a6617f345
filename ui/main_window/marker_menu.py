"""The context menu of the timeline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu

from core.domain.export import Marker
from core.domain.timecode import format_time
from ui.action_table import Act
from ui.main_window.history_controller import HistoryController
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.main_window.window import MainWindow

Section = Callable[[QMenu, float], None]


class MarkerMenu(QObject):
    """About the marker under the mouse, then about the place; others add `sections` about the place."""

    def __init__(self, window: MainWindow, history: HistoryController, timeline: TimelinePresenter) -> None:
        super().__init__(window)
        self._window = window
        self._history = history
        self._timeline = timeline
        self.sections: list[Section] = []
        self.menu: QMenu | None = None
        window.timeline.context_requested.connect(self.show)

    def show(self, time_s: float, marker_id: object, position: QPoint) -> None:
        """Open the menu at a global position."""
        menu = QMenu(self._window)
        marker = self._timeline.marker(marker_id)
        if marker is None and time_s == self._window.timeline.scene.cursor_s:
            # Opened by a key: it is about what is at the cursor.
            marker = self._timeline.marker_at_cursor()
        if marker is not None:
            self._add_marker(menu, marker)
            menu.addSeparator()
        menu.addAction(f"Cursor to {format_time(time_s)}", lambda: self._timeline.go_to_time(time_s))
        self._add_region(menu, time_s)
        for section in self.sections:
            section(menu, time_s)
        if self._timeline.markers:
            menu.addSeparator()
            self._add(menu, Act.REEXPORT, self._history.reexport)
        self.menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.aboutToHide.connect(self._forget)
        menu.popup(position)

    def _add_marker(self, menu: QMenu, marker: Marker) -> None:
        history = self._history
        menu.addAction(f"Go to batch {marker.number}", partial(self._timeline.go_to, marker))
        self._add(menu, Act.OVERWRITE, partial(history.overwrite, marker))
        self._add(menu, Act.EDIT_LABEL, partial(history.edit_label, marker))
        self._add(menu, Act.REVEAL_CLIPS, partial(history.reveal, marker))
        training = self._add(menu, Act.TRAINING, partial(history.toggle_training, marker))
        training.setCheckable(True)
        training.setChecked(not marker.disabled)
        menu.addSeparator()
        self._add(menu, Act.DELETE_CLIPS, partial(history.delete, marker))

    def _add_region(self, menu: QMenu, time_s: float) -> None:
        """What was exported of the scan region at this place."""
        scene = self._window.timeline.scene
        region = scene.region_table.at(time_s) if scene.regions else None
        if region is None:
            return
        inside = [marker for marker in self._timeline.markers if region.start_s <= marker.batch.cursor_s < region.end_s]
        clips = [clip for marker in inside for clip in marker.clip_ids]
        if clips:
            menu.addAction(
                "Delete the region's exports…", partial(self._history.ask_to_delete, clips, "the region's exports")
            )

    def _add(self, menu: QMenu, act: Act, run: Callable[[], object]) -> QAction:
        """An entry called like the command; its key is shown, but belongs to the command alone."""
        command = self._window.actions_table[act]
        keys = command.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        text = command.text().removesuffix(" at the cursor")
        return menu.addAction(command.icon(), f"{text}\t{keys}" if keys else text, lambda: run())

    def _forget(self) -> None:
        self.menu = None
