"""What a player promises, and the state and decisions that every player shares.

`Player` is the whole public face: the libmpv adapter and the fake for widget tests fill in the few methods whose names
start with `_do_`, and report what happened through the ones that start with `_report_`. Both pass the same tests.

Times are seconds of the file's own presentation clock. Everything lives on the GUI thread.
"""

from __future__ import annotations

import math
import time

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from core.errors import EightCutError
from ui.player.reverse import Reverse
from ui.player.state import AudioTrack, FrameTimes, OpenedMedia, PlayerState

__all__ = ["SPEEDS", "AudioTrack", "FrameTimes", "OpenedMedia", "Player"]

SPEEDS = (1.0, 2.0, 4.0)


class Player(PlayerState):
    """Plays one file at a time, frame-exactly. Starts paused, keeps the last frame at the end.

    Every call is allowed at any time and returns at once; calls that need an open file do nothing without one.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ended_s = math.inf  # where the sound gave out: a little before the duration that the file claims
        self._paused_loop: tuple[float, float] | None = None  # the one it played when it was paused, until a seek
        self._reverse = Reverse(self, self._now_s, self._reverse_to)

    # -- what one can ask ---------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Open a file, paused on its first frame; `opened` or `failed` follows. Replaces whatever is open."""
        self._forget_media()
        self._path = str(path)
        self._do_open(self._path)

    def close(self) -> None:
        """Close the file; no signal of it arrives any more."""
        if not self._path:
            return
        self._forget_media()
        self._do_close()
        self.closed.emit()

    def shutdown(self) -> None:
        """Free everything; the player is of no use afterwards. Idempotent. Call it before the surface dies."""
        self._forget_media()

    def play(self) -> None:
        """Play on; with a loop set and the position outside it, from the loop's start."""
        if not self.is_open:
            return
        self._stop_reverse()
        self._enter_loop()
        self._set_paused(False)

    def pause(self) -> None:
        self._stop_reverse()
        self._set_paused(True)

    def toggle(self) -> None:
        """Play when still, pause when moving (either way)."""
        if self._paused and not self._reverse.rate:
            self.play()
        else:
            self.pause()

    def shuttle(self, direction: int) -> None:
        """J (-1), K (0), L (+1): each press doubles the speed in its direction, up to 4; the other one turns round.

        Backwards is silent and shows as many exact frames as the machine can decode.
        """
        if direction == 0:
            self.set_speed(1.0)
            self.pause()
        elif not self.is_open:
            return
        elif direction > 0:
            faster = min(SPEEDS[-1], self._speed * 2) if not self._paused else 1.0
            self.set_speed(faster)
            self.play()
        else:
            rate = min(SPEEDS[-1], self._reverse.rate * 2) if self._reverse.rate else 1.0
            self._set_paused(True)
            self.set_speed(1.0)
            self._reverse.start(self.wanted_s, rate)
            self.speed_changed.emit(-rate)

    def seek(self, time_s: float, exact: bool = True) -> None:
        """Show the frame at `time_s` (clamped to the file), or only the nearest keyframe. `seek_finished` follows."""
        if not self.is_open:
            return
        self._stop_reverse()
        self._scrubbing = False
        self._seeks.seek(self._target(time_s), exact)

    def scrub(self, time_s: float, final: bool) -> None:
        """Follow a drag. One seek is in flight, the latest wins; the one with `final` is always exact."""
        if not self.is_open:
            return
        self._stop_reverse()
        self._scrubbing = True
        if final:
            self._seeks.seek(self._target(time_s), True)
        else:
            self._seeks.drag(self._target(time_s))

    def step(self, frames: int) -> None:
        """Pause and move by whole frames; steps asked for while one is under way add up.

        Needs the frame times; until they are set the length of a frame is the file's nominal one.
        """
        if not self.is_open or frames == 0:
            return
        self.pause()
        time_s = self.wanted_s
        if self._times is None:
            time_s += frames * self._do_frame_length_s()
        else:
            for _ in range(abs(frames)):
                time_s = self._times.next(time_s) if frames > 0 else self._times.previous(time_s)
        self._scrubbing = False
        self._seeks.seek(self._target(time_s), True)

    def set_frame_times(self, times: FrameTimes | None) -> None:
        """Give the demuxed frame times of the open file; forgotten when another is opened."""
        self._times = times
        if self._media is not None:
            self._set_position(self._position_s)

    def snap(self, time_s: float) -> float:
        """The pts of the frame on screen at `time_s`; the time itself while the frame times are unknown."""
        return float(self._times.at(time_s)) if self._times is not None else time_s

    def set_loop(self, start_s: float | None, end_s: float | None = None) -> None:
        """Play only frames with start ≤ pts < end, over and over; `set_loop(None)` plays to the end again.

        May change while playing; a position left outside jumps to the new start. Seeking outside stays possible.
        """
        loop = None if start_s is None or end_s is None or end_s <= start_s else (float(start_s), float(end_s))
        if loop == self._loop:
            return
        self._loop = loop
        if self._media is not None:
            self._do_loop(loop)
            if not self._paused and loop is None and self._is_at_end():
                self._report_ended()
            elif not self._paused:
                self._enter_loop()

    def set_speed(self, speed: float) -> None:
        """1, 2 or 4 times (any positive number works); the pitch stays."""
        if speed > 0 and speed != self._speed:
            self._speed = float(speed)
            self._do_speed(self._speed)
            self.speed_changed.emit(self._speed)

    def set_volume(self, percent: float) -> None:
        volume = min(100.0, max(0.0, float(percent)))
        if volume != self._volume:
            self._volume = volume
            self._do_volume(volume, self._muted)
            self.volume_changed.emit(volume, self._muted)

    def set_muted(self, muted: bool) -> None:
        if muted != self._muted:
            self._muted = bool(muted)
            self._do_volume(self._volume, self._muted)
            self.volume_changed.emit(self._volume, self._muted)

    def set_audio_track(self, index: int) -> None:
        """Hear another track, by its index in `audio_tracks`; an index that is not there is ignored."""
        if any(track.index == index for track in self.audio_tracks):
            self._audio_track = index
            self._do_audio_track(index)

    def screenshot(self) -> QImage:
        """The current picture at its displayed size, without overlays; a null image without a picture."""
        return QImage()

    # -- what a kind of player fills in -------------------------------------------------------------------------------

    def _do_open(self, path: str) -> None:
        """Start to open; ends in `_report_opened` or `_report_failed`."""
        raise NotImplementedError

    def _do_close(self) -> None:
        raise NotImplementedError

    def _do_pause(self, paused: bool) -> None:
        raise NotImplementedError

    def _do_loop(self, loop: tuple[float, float] | None) -> None:
        raise NotImplementedError

    def _do_speed(self, speed: float) -> None:
        raise NotImplementedError

    def _do_volume(self, percent: float, muted: bool) -> None:
        raise NotImplementedError

    def _do_audio_track(self, index: int) -> None:
        raise NotImplementedError

    def _do_frame_length_s(self) -> float:
        """The nominal length of a frame, for steps before the frame times are known."""
        raise NotImplementedError

    def _now_s(self) -> float:
        """The clock that playing backwards follows."""
        return time.monotonic()

    # -- what a kind of player reports --------------------------------------------------------------------------------

    def _report_opened(self, media: OpenedMedia) -> None:
        self._media = media
        self._audio_track = media.audio_tracks[0].index if media.audio_tracks else None
        if self._loop:
            self._do_loop(self._loop)
        self._set_position(media.start_s)
        self.duration_changed.emit(media.duration_s)
        self.audio_tracks_changed.emit(media.audio_tracks)
        self.opened.emit(self._path)

    def _report_failed(self, error: EightCutError) -> None:
        self._forget_media()
        self.failed.emit(error)

    def _report_position(self, time_s: float) -> None:
        if self._media is None:
            return
        loop = self._paused_loop if self._paused else self._loop
        if loop and not self._seeks.busy:
            # At the jump of a loop mpv names the loop's end, or what the sound device still has from before.
            if self.snap(time_s) >= loop[1]:
                return
            time_s = max(time_s, loop[0])
        self._set_position(time_s)

    def _report_seek_finished(self, time_s: float) -> None:
        if self._media is None or not self._seeks.busy:
            return
        self._set_position(time_s)
        self._paused_loop = None
        if self._seeks.finished():
            self._scrubbing = False
            self.seek_finished.emit(self._position_s)

    def _report_ended(self) -> None:
        # In a loop the end of what can be played is only the moment before the jump.
        if self._media is not None and not self._paused and not self._loop:
            self._ended_s = self._position_s
            self._set_paused(True)
            self.ended.emit()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _forget_media(self) -> None:
        self._stop_reverse()
        self._seeks.clear()
        self._scrubbing = False
        self._path = ""
        self._media = None
        self._times = None
        self._audio_track = None
        self._loop = None
        self._paused_loop = None
        self._position_s = 0.0
        self._ended_s = math.inf
        self._set_paused(True)

    def _set_position(self, time_s: float) -> None:
        """Where the picture has ended and the sound goes on, and after a seek to the last frame, mpv names the sound's
        time: with the frame times known the position is that of the frame on screen."""
        time_s = self.snap(time_s)
        if time_s != self._position_s:
            self._position_s = time_s
            self.position_changed.emit(time_s)

    def _set_paused(self, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            self._paused_loop = self._loop
            self._do_pause(paused)
            self.paused_changed.emit(paused)

    def _target(self, time_s: float) -> float:
        return self.snap(min(self.duration_s, max(0.0, time_s)))

    def _enter_loop(self) -> None:
        """Go where playing has something to play: the loop's start from outside it, the beginning from the end."""
        at_end = self._is_at_end()
        if self._loop and (at_end or not self._loop[0] <= self.wanted_s < self._loop[1]):
            self._seeks.seek(self._target(self._loop[0]), True)
        elif at_end:
            self._seeks.seek(self._target(0.0), True)

    def _is_at_end(self) -> bool:
        time_s = self.wanted_s
        if self._times is not None:
            return self._times.next(time_s) <= time_s
        return time_s >= self._ended_s or time_s >= self.duration_s - self._do_frame_length_s()

    def _stop_reverse(self) -> None:
        if self._reverse.rate:
            self._reverse.stop()
            self.speed_changed.emit(self._speed)

    def _reverse_to(self, time_s: float) -> None:
        self._seeks.seek(self._target(time_s), True)
        if time_s <= 0.0:
            self._stop_reverse()
