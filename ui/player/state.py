"""What a player knows: the open file, where it is, how it plays. Read-only from outside, with a signal per change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import EightCutError
from ui.player.reverse import Reverse
from ui.player.seek_queue import SeekQueue


class FrameTimes(Protocol):
    """The presentation times of a video's frames, as `core.media.pts` builds them."""

    def at(self, t: float) -> float:
        """The time of the frame on screen at `t`."""

    def next(self, t: float) -> float:
        """The time of the frame after the one on screen at `t`; the last frame's own at the end."""

    def previous(self, t: float) -> float:
        """The time of the frame before the one on screen at `t`; the first frame's own at the start."""

    def index(self, t: float) -> int:
        """The number of the frame on screen at `t`, from 0."""


@dataclass(frozen=True)
class AudioTrack:
    """One audio stream of the open file; `index` counts from 0 among the audio streams."""

    index: int
    title: str = ""
    language: str = ""
    codec: str = ""
    channels: int = 0


@dataclass(frozen=True)
class OpenedMedia:
    """What a player knows about a file once it is open. `size` is the displayed one: rotated, square pixels."""

    duration_s: float
    size: tuple[int, int] | None
    audio_tracks: tuple[AudioTrack, ...] = ()
    start_s: float = 0.0


class PlayerState(QObject):
    """The readable half of a player; `ui.player.player.Player` is the whole."""

    opened = pyqtSignal(str)  # path; size, tracks, duration and the first position are known
    failed = pyqtSignal(object)  # EightCutError; nothing is open any more
    closed = pyqtSignal()
    position_changed = pyqtSignal(float)  # pts of the frame on screen, in seconds
    duration_changed = pyqtSignal(float)
    paused_changed = pyqtSignal(bool)
    speed_changed = pyqtSignal(float)
    volume_changed = pyqtSignal(float, bool)  # percent, muted
    audio_tracks_changed = pyqtSignal(object)  # tuple[AudioTrack, ...]
    seek_finished = pyqtSignal(float)  # the position asked for last is reached; pts in seconds
    ended = pyqtSignal()  # the last frame was reached while playing without a loop
    frame_shown = pyqtSignal()  # a new picture has been drawn

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self._media: OpenedMedia | None = None
        self._position_s = 0.0
        self._paused = True
        self._speed = 1.0
        self._volume = 100.0
        self._muted = False
        self._loop: tuple[float, float] | None = None
        self._audio_track: int | None = None
        self._times: FrameTimes | None = None
        self._scrubbing = False
        self._seeks = SeekQueue(self._do_seek)
        self._reverse: Reverse

    @property
    def path(self) -> str:
        """The file that is open or being opened, "" without one."""
        return self._path

    @property
    def is_open(self) -> bool:
        """Whether `opened` was emitted for the current path."""
        return self._media is not None

    @property
    def position_s(self) -> float:
        """The observed time of the frame on screen, exactly its pts. Export from this, not from a slider's value."""
        return self._position_s

    @property
    def wanted_s(self) -> float:
        """Where the latest seek goes; the position when none is under way."""
        wanted = self._seeks.wanted_s
        return self._position_s if wanted is None else wanted

    @property
    def duration_s(self) -> float:
        return self._media.duration_s if self._media else 0.0

    @property
    def display_size(self) -> tuple[int, int] | None:
        """Width and height of the picture as it is shown (rotated, square pixels); None without a picture."""
        return self._media.size if self._media else None

    @property
    def audio_tracks(self) -> tuple[AudioTrack, ...]:
        return self._media.audio_tracks if self._media else ()

    @property
    def audio_track(self) -> int | None:
        """Index of the audible track, None when there is none."""
        return self._audio_track

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def reversing(self) -> bool:
        """Whether it plays backwards; it is paused then for everything else."""
        return self._reverse.rate > 0

    @property
    def seeking(self) -> bool:
        """Whether the position asked for last is still to come."""
        return self._seeks.busy

    @property
    def scrubbing(self) -> bool:
        """From the first scrub(t, False) until the final, exact one has landed: positions may be those of keyframes."""
        return self._scrubbing

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def volume(self) -> float:
        """0–100 percent."""
        return self._volume

    @property
    def muted(self) -> bool:
        return self._muted

    @property
    def loop(self) -> tuple[float, float] | None:
        return self._loop

    @property
    def engine_version(self) -> str:
        """What plays, as it names itself; "" where nothing does."""
        return ""

    @property
    def video_problem(self) -> EightCutError | None:
        """Why no picture can be shown on this machine; None when it can."""
        return None

    def _do_seek(self, time_s: float, exact: bool) -> None:
        """Start a seek; ends in one `_report_seek_finished`."""
        raise NotImplementedError
