"""What the optional lanes of the timeline show, from the cache where it is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.media import Media
from core.job import JobContext

if TYPE_CHECKING:
    from core.media.spectrogram import Spectrogram
    from core.media.thumbnail_strip import ThumbnailStrip


def spectrogram(media: Media, cache: Path, ctx: JobContext) -> Spectrogram:
    """The pitches of the file's sound; raises UserError when it has none."""
    from core.media.spectrogram import load_or_build

    return load_or_build(media.path, media.content_key, cache, ctx)


def thumbnails(media: Media, cache: Path, ctx: JobContext) -> ThumbnailStrip:
    """Pictures spread over the video; raises UserError when it has none."""
    from core.media.thumbnail_strip import load_or_build

    return load_or_build(media.path, media.content_key, cache, ctx)
