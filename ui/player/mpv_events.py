"""What happens on mpv's event thread: listen, read properties, and pass plain numbers on as signals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from ui.player.seek_flight import SeekFlight
from ui.player.state import AudioTrack, OpenedMedia

NOMINAL_FRAME_S = 0.04


class EventReader(QObject):
    """Runs on mpv's event thread: listens, reads properties there, and reports with the number of the opening meant."""

    opened = pyqtSignal(int, object, float)  # opening, OpenedMedia, nominal length of a frame
    failed = pyqtSignal(int)
    position = pyqtSignal(int, float)
    sought = pyqtSignal(int, float)
    ended = pyqtSignal(int)

    def __init__(self, mpv: ModuleType, core: Any) -> None:
        super().__init__()
        self._core = core
        self._openings: dict[int, int] = {}  # playlist entry id -> opening
        self._opening = 0
        self._is_open = False
        self._flight = SeekFlight()
        self._reading = threading.Lock()
        self._stopped = False
        ids = mpv.MpvEventID
        self._handlers: dict[int, Callable[[Any], None]] = {
            ids.START_FILE: self._on_start_file,
            ids.END_FILE: self._on_end_file,
            ids.SEEK: lambda _event: self._flight.started(),
            ids.PLAYBACK_RESTART: self._on_restart,
        }
        self._bad_ends = (mpv.MpvEventEndFile.ERROR, mpv.MpvEventEndFile.REDIRECT)
        core.register_event_callback(self._on_event)
        core.observe_property("time-pos", self._on_time)
        core.observe_property("eof-reached", self._on_eof)

    def stop(self) -> None:
        """From the GUI thread, before the core is terminated: a property read meanwhile would read freed memory."""
        with self._reading:
            self._stopped = True

    def load_replied(self, opening: int) -> None:
        """The entry that was just loaded is the first of the playlist; its events carry its id."""
        entry = self._read("playlist/0/id")
        if entry is not None:
            self._openings[int(entry)] = opening

    def seek_replied(self, opening: int, accepted: bool) -> None:
        """mpv took the seek, or refused it: then it is over at once."""
        if accepted:
            self._flight.accepted()
        else:
            self._finish_seek(opening)

    def _on_event(self, event: Any) -> None:
        handler = self._handlers.get(event.event_id.value)
        if handler is not None:
            handler(event)

    def _on_start_file(self, event: Any) -> None:
        self._opening = self._openings.get(int(event.data.playlist_entry_id), 0)
        self._is_open = False
        self._flight.reset()

    def _on_end_file(self, event: Any) -> None:
        data = event.data
        opening = self._openings.pop(int(data.playlist_entry_id), 0)
        # A folder or a list of files is "redirected" to what is in it: not a media either.
        if data.reason in self._bad_ends or (not self._is_open and opening == self._opening):
            self.failed.emit(opening)
        self._is_open = False

    def _on_restart(self, _event: Any) -> None:
        if not self._is_open:
            self._is_open = True
            frames_per_s = self._read("container-fps") or 0.0
            self.opened.emit(self._opening, self._media(), 1 / frames_per_s if frames_per_s else NOMINAL_FRAME_S)
        elif self._flight.landed():
            self._finish_seek(self._opening)

    def _finish_seek(self, opening: int) -> None:
        self.sought.emit(opening, float(self._read("time-pos") or 0.0))

    def _on_time(self, _name: str, value: float | None) -> None:
        if value is not None and self._is_open:
            self.position.emit(self._opening, float(value))

    def _on_eof(self, _name: str, value: bool | None) -> None:
        if value:
            self.ended.emit(self._opening)

    def _media(self) -> OpenedMedia:
        tracks = [track for track in self._read("track-list") or [] if track.get("type") == "audio"]
        return OpenedMedia(
            duration_s=float(self._read("duration") or 0.0),
            size=self._displayed_size(),
            audio_tracks=tuple(
                AudioTrack(
                    index,
                    title=str(track.get("title", "")),
                    language=str(track.get("lang", "")),
                    codec=str(track.get("codec", "")),
                    channels=int(track.get("demux-channel-count", 0)),
                )
                for index, track in enumerate(tracks)
            ),
            start_s=float(self._read("time-pos") or 0.0),
        )

    def _displayed_size(self) -> tuple[int, int] | None:
        """`dw` and `dh` have square pixels but are not turned yet, in any version of mpv."""
        picture = self._read("video-params") or {}
        size = int(picture.get("dw") or 0), int(picture.get("dh") or 0)
        if not all(size):
            return None
        return size[::-1] if int(picture.get("rotate") or 0) % 180 else size

    def _read(self, name: str) -> Any:
        with self._reading:
            return None if self._stopped else getattr(self._core.lazy, name, None)
