"""A source video or audio file: who it is and what is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from core.domain.amounts import count_text

VIDEO_SUFFIXES = frozenset({".mp4", ".mkv", ".avi", ".mov", ".webm", ".flv", ".wmv", ".ts", ".m4v", ".mpg", ".mpeg"})
AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus"})
MEDIA_SUFFIXES = VIDEO_SUFFIXES | AUDIO_SUFFIXES


@dataclass(frozen=True)
class Media:
    """A media as the history knows it: a row id, the content key that identifies it, and where it was last seen."""

    id: int
    content_key: str
    path: str

    @property
    def name(self) -> str:
        return Path(self.path).name


@dataclass(frozen=True)
class AudioStream:
    """One audio track; `index` counts audio tracks from 0, as ffmpeg's `0:a:index` does."""

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str = ""
    language: str = ""
    title: str = ""


@dataclass(frozen=True)
class VideoStream:
    """The picture as it is shown: `width` and `height` after rotation and with square pixels."""

    codec: str
    fps: Fraction
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int = 0
    sample_aspect: Fraction = Fraction(1)
    variable_rate: bool = False
    hdr: bool = False
    pixel_format: str = ""
    start_s: float = 0.0
    frame_count: int = 0


@dataclass(frozen=True)
class MediaInfo:
    """What probing found. At least one of `video` and `audio` is there."""

    path: str
    duration_s: float
    container: str
    size_bytes: int
    video: VideoStream | None = None
    audio: tuple[AudioStream, ...] = field(default_factory=tuple)

    @property
    def summary(self) -> str:
        """One line for a tooltip: `1920×1080 · 29.97 fps · 2 audio tracks`."""
        parts = []
        if self.video:
            parts.append(f"{self.video.width}×{self.video.height}")
            parts.append(f"{float(self.video.fps):.4g} fps{' VFR' if self.video.variable_rate else ''}")
            if self.video.hdr:
                parts.append("HDR")
        else:
            parts.append("audio only")
        tracks = len(self.audio)
        parts.append(count_text(tracks, "audio track") if tracks else "no audio")
        return " · ".join(parts)
