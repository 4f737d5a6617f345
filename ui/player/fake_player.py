"""A player without libmpv for widget tests: it keeps every promise of `Player`, with a clock that the test turns."""

from __future__ import annotations

import math

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from core.errors import EightCutError
from ui.player.player import AudioTrack, OpenedMedia, Player

DEFAULT_MEDIA = OpenedMedia(duration_s=60.0, size=(640, 360), audio_tracks=(AudioTrack(0, channels=2),))


class FakePlayer(Player):
    """Opens whatever it is told to. Time passes only in `tick`.

    Results arrive at once; after `hold()` they wait for `settle()`, as with a slow disk.

    Args:
        fps: frames per second of every video, for positions and steps without frame times.
    """

    def __init__(self, parent: QObject | None = None, fps: float = 25.0) -> None:
        self._clock_s = 0.0
        self._playhead_s = 0.0
        self._coming: list[tuple] = []
        super().__init__(parent)
        self.fps = fps
        self.calls: list[tuple] = []  # every order to the machinery, for tests about how often it is called
        self._known: dict[str, OpenedMedia | EightCutError] = {}
        self._held = False
        self._delivering = False
        self._problem: EightCutError | None = None

    # -- what a test arranges -----------------------------------------------------------------------------------------

    def add_media(self, path: str, media: OpenedMedia | EightCutError) -> None:
        """What opening `path` gives: a media, or the error it fails with. Other paths give DEFAULT_MEDIA."""
        self._known[str(path)] = media

    def set_video_problem(self, problem: EightCutError | None) -> None:
        self._problem = problem

    def hold(self) -> None:
        """Keep the results of opening and seeking back until `settle`."""
        self._held = True

    def settle(self) -> None:
        """Deliver everything that was held back, and at once from now on."""
        self._held = False
        self._deliver()

    def tick(self, seconds: float) -> None:
        """Let the clock run: plays (or shuttles) as far as `seconds` take it."""
        self._clock_s += seconds
        self._reverse.tick()
        if self.is_open and not self._paused:
            self._advance(seconds * self._speed)

    # -- Player -------------------------------------------------------------------------------------------------------

    @property
    def video_problem(self) -> EightCutError | None:
        return self._problem

    def shutdown(self) -> None:
        super().shutdown()
        self._coming.clear()

    def screenshot(self) -> QImage:
        if self.display_size is None:
            return QImage()
        image = QImage(*self.display_size, QImage.Format.Format_RGB32)
        image.fill(0)
        return image

    def _do_open(self, path: str) -> None:
        self._order("open", path)
        found = self._known.get(path)
        if found is None:
            found = DEFAULT_MEDIA
        self._coming.append(("open", found))
        self._deliver()

    def _do_close(self) -> None:
        self._order("close")

    def _do_seek(self, time_s: float, exact: bool) -> None:
        self._order("seek", time_s, exact)
        self._coming.append(("seek", self._frame(time_s if exact else time_s // 1.0)))
        self._deliver()

    def _do_pause(self, paused: bool) -> None:
        self._order("pause", paused)

    def _do_loop(self, loop: tuple[float, float] | None) -> None:
        self._order("loop", loop)

    def _do_speed(self, speed: float) -> None:
        self._order("speed", speed)

    def _do_volume(self, percent: float, muted: bool) -> None:
        self._order("volume", percent, muted)

    def _do_audio_track(self, index: int) -> None:
        self._order("audio_track", index)

    def _do_frame_length_s(self) -> float:
        return 1.0 / self.fps

    def _now_s(self) -> float:
        return self._clock_s

    def _forget_media(self) -> None:
        self._coming = []
        super()._forget_media()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _order(self, *call: object) -> None:
        self.calls.append(call)

    def _frame(self, time_s: float) -> float:
        """The pts of the frame on screen at `time_s`."""
        last = max(0.0, self.duration_s - 1.0 / self.fps)
        if self._times is not None:
            return float(self._times.at(time_s))
        return min(last, int(time_s * self.fps + 1e-6) / self.fps)

    def _deliver(self) -> None:
        """Hand results over one after the other: a result may ask for the next."""
        if self._held or self._delivering:
            return
        self._delivering = True
        try:
            while self._coming:
                kind, value = self._coming.pop(0)
                if kind == "seek":
                    self._report_seek_finished(value)
                    self.frame_shown.emit()
                elif isinstance(value, EightCutError):
                    self._report_failed(value)
                else:
                    self._report_opened(value)
                    self.frame_shown.emit()
        finally:
            self._delivering = False

    def _advance(self, seconds: float) -> None:
        # What does not fill a whole frame stays for the next tick.
        begin = self._playhead_s if self._frame(self._playhead_s) == self._position_s else self._position_s
        target = begin + seconds
        start, end = self._loop or (0.0, math.inf)
        end = min(end, self.duration_s)
        if self._loop and target >= end:
            target = start + (target - start) % (end - start)
        if target >= end:
            self._report_position(self._frame(self.duration_s))
            self._report_ended()
            return
        self._playhead_s = target
        self._report_position(self._frame(target))
        self.frame_shown.emit()
