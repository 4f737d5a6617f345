"""Keeps the numbers true: time, frame, title, the name of the next batch, whether the picture can be shown."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from core.domain.timecode import frame_number
from ui.main_window.cutting_state import CuttingState
from ui.main_window.window import MainWindow
from ui.player.player import Player
from ui.session_bridge import SessionBridge


class Readout(QObject):
    """Writes into the transport bar and the title; reads, never decides."""

    def __init__(self, window: MainWindow, bridge: SessionBridge, state: CuttingState, player: Player) -> None:
        super().__init__(window)
        self._window = window
        self._session = bridge.session
        self._state = state
        self._player = player
        player.position_changed.connect(self._show_position)
        player.audio_tracks_changed.connect(lambda tracks: window.transport.show_tracks(tracks, player.audio_track))
        state.facts_changed.connect(self._show_position)
        state.media_changed.connect(self._show_all)
        for changed in (state.cursor_changed, state.batch_changed, window.deck.edited):
            changed.connect(self._show_target)
        bridge.focus_changed.connect(self._show_all)
        self._show_all()

    def _show_all(self) -> None:
        media = self._state.media
        self._window.show_context(media.name if media else "", self._session.profile)
        self._show_position()
        self._show_target()

    def _show_position(self, *_: object) -> None:
        state, position_s = self._state, self._player.position_s
        if state.media is None:
            self._window.transport.show_position(None, None, False)
            return
        video = state.info.video if state.info else None
        frame = None
        if state.times:
            frame = state.times.index(position_s)
        elif video and not video.variable_rate:
            frame = frame_number(position_s, video.fps)
        self._window.transport.show_position(position_s, frame, bool(video and video.variable_rate))

    def _show_target(self, *_: object) -> None:
        state = self._state
        if state.media is None:
            self._window.transport.show_target("")
            return
        end_s, length_s = state.batch.span.end_s, state.duration_s
        if length_s and end_s > length_s + 1e-3:
            self._window.transport.show_target(f"The batch ends {end_s - length_s:.1f} s after the end of the file")
        else:
            settings = self._window.deck.values.settings
            self._window.transport.show_target(f"→ {settings.name}, {state.batch.clips} × {state.batch.duration_s:g} s")
