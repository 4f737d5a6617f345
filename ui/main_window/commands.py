"""Says what every command of the window does: the one place where actions meet controllers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QFileDialog

from core.domain.media import MEDIA_SUFFIXES
from ui import settings as keys
from ui import theme
from ui.action_table import Act
from ui.commands.history import EditHistory
from ui.dialogs.log_view import LogView
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.main_window.cutting_state import CuttingState
from ui.main_window.export_controller import ExportController
from ui.main_window.list_controller import ListController
from ui.main_window.media_controller import MediaController
from ui.main_window.playback_controller import VOLUME_STEP, PlaybackController
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.main_window.window import MainWindow
from ui.player.player import Player
from ui.settings import Settings

SPEEDS = {Act.SPEED_1: 1.0, Act.SPEED_2: 2.0, Act.SPEED_4: 4.0}


@dataclass(frozen=True)
class Controllers:
    """Those who do the work."""

    media: MediaController
    lists: ListController
    playback: PlaybackController
    timeline: TimelinePresenter
    export: ExportController


class Commands(QObject):
    """Binds each action once; checkable ones follow what they stand for, whoever changed it."""

    def __init__(
        self,
        window: MainWindow,
        controllers: Controllers,
        state: CuttingState,
        player: Player,
        settings: Settings,
        undo: EditHistory,
        log_file: Path,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions = window.actions_table
        self._controllers = controllers
        self._state = state
        self._player = player
        self._settings = settings
        self._undo = undo
        self._log_file = log_file
        self._bind_files()
        self._bind_playback()
        self._bind_cutting()
        self._bind_view()

    def _bind_files(self) -> None:
        connect = self._actions.connect
        connect(Act.OPEN_FILES, self.choose_files)
        connect(Act.OPEN_FOLDER, self.choose_folder)
        connect(Act.QUIT, self._window.close)
        for action, act, can, changed in (
            (Act.UNDO, self._undo.undo, self._undo.can_undo, self._undo.can_undo_changed),
            (Act.REDO, self._undo.redo, self._undo.can_redo, self._undo.can_redo_changed),
        ):
            connect(action, act).setEnabled(can())
            changed.connect(self._actions[action].setEnabled)

    def _bind_playback(self) -> None:
        connect, playback = self._actions.connect, self._controllers.playback
        connect(Act.PLAY, playback.toggle_play)
        connect(Act.PAUSE_AND_SNAP, playback.pause_and_snap)
        connect(Act.FRAME_BACK, lambda: playback.step(-1))
        connect(Act.FRAME_FORWARD, lambda: playback.step(1))
        connect(Act.SECOND_BACK, lambda: playback.jump(-1.0))
        connect(Act.SECOND_FORWARD, lambda: playback.jump(1.0))
        connect(Act.SHUTTLE_BACK, lambda: playback.shuttle(-1))
        connect(Act.SHUTTLE_STOP, lambda: playback.shuttle(0))
        connect(Act.SHUTTLE_FORWARD, lambda: playback.shuttle(1))
        connect(Act.LOOP_ENDS, self._check_cut)
        connect(Act.VOLUME_UP, lambda: playback.change_volume(VOLUME_STEP))
        connect(Act.VOLUME_DOWN, lambda: playback.change_volume(-VOLUME_STEP))
        connect(Act.NEXT_TRACK, self._next_track)
        for action, speed in SPEEDS.items():
            connect(action, lambda speed=speed: self._player.set_speed(speed))
        connect(Act.MUTE, lambda: self._player.set_muted(not self._player.muted))
        connect(Act.NEXT_FILE, self._controllers.media.open_next)
        connect(Act.NEXT_MARKER, self._next_marker)
        self._player.speed_changed.connect(self._show_speed)
        self._player.volume_changed.connect(self._show_volume)
        self._show_speed(self._player.speed)
        self._show_volume(self._player.volume, self._player.muted)

    def _bind_cutting(self) -> None:
        connect, playback, state = self._actions.connect, self._controllers.playback, self._state
        connect(Act.SET_START, playback.set_start)
        connect(Act.SET_END, playback.set_end)
        connect(Act.LOCK, lambda: state.set_locked(not state.locked)).setChecked(state.locked)
        connect(Act.AUTOCLIP, playback.fit_clips)
        connect(Act.MORE_CLIPS, lambda: state.shape_batch(clips=state.batch.clips + 1))
        connect(Act.FEWER_CLIPS, lambda: state.shape_batch(clips=state.batch.clips - 1))
        connect(Act.EXPORT, self._controllers.export.export)
        state.locked_changed.connect(self._actions[Act.LOCK].setChecked)

    def _bind_view(self) -> None:
        connect, window, timeline = self._actions.connect, self._window, self._window.timeline
        connect(Act.ZOOM_IN, timeline.zoom_in)
        connect(Act.ZOOM_OUT, timeline.zoom_out)
        connect(Act.ZOOM_RESET, timeline.zoom_reset)
        left, jobs = self._actions[Act.LEFT_PANEL], self._actions[Act.JOBS]
        connect(Act.LEFT_PANEL, lambda: window.set_left_panel(left.isChecked()))
        connect(Act.JOBS, lambda: window.set_jobs_shown(jobs.isChecked()))
        left.setChecked(self._settings.get(keys.LEFT_PANEL))
        jobs.setChecked(self._settings.get(keys.JOBS_DRAWER))
        connect(Act.LOG, lambda: LogView(self._log_file, window).show())
        connect(Act.THEME, self._switch_theme)
        connect(Act.FOCUS_VIDEO, lambda: window.timeline.setFocus(Qt.FocusReason.ShortcutFocusReason))
        connect(Act.SHORTCUTS, lambda: ShortcutsDialog(self._actions, window).open())

    # -- what is more than one call -----------------------------------------------------------------------------------

    def choose_files(self) -> None:
        """Ask for files and add them to the list."""
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(MEDIA_SUFFIXES))
        names, _ = QFileDialog.getOpenFileNames(
            self._window, "Open files", self._start_folder(), f"Video and audio ({patterns});;All files (*)"
        )
        self._add(names)

    def choose_folder(self) -> None:
        """Ask for a folder and add all media in it."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open folder", self._start_folder())
        self._add([folder] if folder else [])

    def _add(self, paths: list[str]) -> None:
        if paths:
            first = Path(paths[0])
            self._settings.set(keys.LAST_OPEN_FOLDER, str(first if first.is_dir() else first.parent))
            self._controllers.media.add(paths)

    def _start_folder(self) -> str:
        return self._settings.get(keys.LAST_OPEN_FOLDER) or str(Path.home())

    def _check_cut(self) -> None:
        only_ends = self._actions[Act.LOOP_ENDS].isChecked()
        self._settings.set(keys.LOOP_ENDS, only_ends)
        if only_ends:
            self._controllers.playback.check_cut()

    def _next_track(self) -> None:
        chosen = self._controllers.playback.next_track()
        if chosen is None:
            self._window.notices.tell("This file has no other audio track.")
        else:
            self._window.transport.show_tracks(self._player.audio_tracks, chosen)

    def _next_marker(self) -> None:
        if not self._controllers.timeline.next_marker():
            self._window.notices.tell("This file has no exported batches in this profile yet.")

    def _show_speed(self, speed: float) -> None:
        for action, value in SPEEDS.items():
            self._actions[action].setChecked(speed == value)
        if speed in SPEEDS.values():
            self._settings.set(keys.SPEED, speed)

    def _show_volume(self, percent: float, muted: bool) -> None:
        self._actions[Act.MUTE].setChecked(muted)
        self._window.transport.show_volume(percent)
        self._settings.set(keys.VOLUME, round(percent))
        self._settings.set(keys.MUTED, muted)

    def _switch_theme(self) -> None:
        chosen = theme.LIGHT if theme.current().dark else theme.DARK
        self._settings.set(keys.THEME, chosen.name)
