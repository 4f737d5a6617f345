"""What is being cut right now: facts of the open media, the cursor, and the batch that Export would make."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from core.domain.clip import CLIPS_RANGE, DURATION_RANGE_S, SPREAD_RANGE_S, Batch, clips_that_fit
from core.domain.media import Media, MediaInfo

Number = TypeVar("Number", int, float)


class FrameClock(Protocol):
    """The pts index of a video, as `core.media.pts.FrameTimes` provides it."""

    end_s: float

    def at(self, time_s: float) -> float: ...

    def next(self, time_s: float) -> float: ...

    def previous(self, time_s: float) -> float: ...

    def index(self, time_s: float) -> int: ...


class CuttingState(QObject):
    """Owned by the main window's controllers; panels only listen.

    The cursor is always inside the media and, once the frame times are known, always the pts of a frame.
    """

    media_changed = pyqtSignal()
    facts_changed = pyqtSignal()
    cursor_changed = pyqtSignal(float)
    batch_changed = pyqtSignal()
    locked_changed = pyqtSignal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.media: Media | None = None
        self.info: MediaInfo | None = None
        self.times: FrameClock | None = None
        self.player_duration_s = 0.0
        self._batch = Batch(0.0)
        self._locked = False

    @property
    def batch(self) -> Batch:
        return self._batch

    @property
    def cursor_s(self) -> float:
        return self._batch.cursor_s

    @property
    def locked(self) -> bool:
        """Whether the mouse only scrubs and leaves the cursor where it is."""
        return self._locked

    @property
    def duration_s(self) -> float:
        """The best knowledge there is: the frame times, else the probe, else what the player says."""
        if self.times:
            return max(self.times.end_s, self.info.duration_s if self.info else 0.0)
        return self.info.duration_s if self.info else self.player_duration_s

    def open_media(self, media: Media | None, cursor_s: float = 0.0) -> None:
        """Show another media; its facts arrive later through `set_facts`. The lock and the batch's shape stay."""
        self.media, self.info, self.times, self.player_duration_s = media, None, None, 0.0
        self._batch = replace(self._batch, cursor_s=max(0.0, cursor_s))
        self.media_changed.emit()
        self.cursor_changed.emit(self.cursor_s)

    def set_facts(self, info: MediaInfo | None = None, times: FrameClock | None = None) -> None:
        """Add what the probe or the pts index found out, and put the cursor on a frame again."""
        self.info = info or self.info
        self.times = times or self.times
        self.facts_changed.emit()
        self.set_cursor(self.cursor_s)

    def set_player_duration(self, duration_s: float) -> None:
        self.player_duration_s = duration_s
        self.facts_changed.emit()

    def snap(self, time_s: float) -> float:
        """The frame on screen at this time, inside the media."""
        time_s = max(0.0, time_s)
        if self.times:
            return self.times.at(time_s)
        return min(time_s, self.duration_s) if self.duration_s else time_s

    def set_cursor(self, time_s: float) -> None:
        snapped = self.snap(time_s)
        if snapped != self.cursor_s:
            self._batch = replace(self._batch, cursor_s=snapped)
            self.cursor_changed.emit(snapped)

    def set_locked(self, locked: bool) -> None:
        if locked != self._locked:
            self._locked = locked
            self.locked_changed.emit(locked)

    def shape_batch(
        self, clips: int | None = None, spread_s: float | None = None, duration_s: float | None = None
    ) -> None:
        """Change some of the batch's numbers; each is kept within its range."""
        batch = replace(
            self._batch,
            clips=_within(clips, CLIPS_RANGE, self._batch.clips),
            spread_s=_within(spread_s, SPREAD_RANGE_S, self._batch.spread_s),
            duration_s=_within(duration_s, DURATION_RANGE_S, self._batch.duration_s),
        )
        if batch != self._batch:
            self._batch = batch
            self.batch_changed.emit()

    def fit_clips_up_to(self, time_s: float) -> None:
        """As many clips as fit between the cursor and this time."""
        batch = self._batch
        self.shape_batch(clips=clips_that_fit(time_s - batch.cursor_s, batch.duration_s, batch.spread_s))

    def end_batch_at(self, time_s: float) -> None:
        """Let the batch end here: a single clip changes its length, several change their number."""
        if self._batch.clips > 1:
            self.fit_clips_up_to(time_s)
        else:
            self.shape_batch(duration_s=round(time_s - self.cursor_s, 3))


def _within(value: Number | None, limits: tuple[Number, Number], otherwise: Number) -> Number:
    return otherwise if value is None else min(limits[1], max(limits[0], value))
