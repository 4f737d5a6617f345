"""What a coder gets to see and hear of an item, ready to be shown, and how to say that there is nothing to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.db import ProcessedDB
from core.domain.annotation import Item, ItemKind
from core.domain.media import Media
from core.errors import UserError
from core.job import JobContext
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.media.spectrogram import Spectrogram

FRAMES = "frames"
"""The folder of decoded pictures in the cache."""


@dataclass(frozen=True)
class ItemView:
    """An item as it is shown.

    Args:
        file: the picture as PNG, or the window as a short file of its own.
        seconds: how long a window lasts; 0 for a picture.
        pitches: of a window.
    """

    file: Path
    seconds: float = 0.0
    pitches: Spectrogram | None = None


def media_of(db: ProcessedDB, items: tuple[Item, ...]) -> dict[str, Media]:
    """The media of these items by content key; those that this history does not know are left out."""
    keys = {item.content_key for item in items}
    return {key: media for key in keys if (media := db.media.by_key(key)) is not None}


def prepare(
    item: Item, media: Mapping[str, Media], paths: DataPaths, ctx: JobContext, *, picture: bool = False
) -> ItemView:
    """Decode one item, or find it in the cache.

    Args:
        picture: show the picture of a window, too.

    Raises:
        UserError: the video is not known here, is gone, or nothing can be decoded there.
        EnvironmentProblem: the cache cannot be written.
        Cancelled: `ctx` was cancelled.
    """
    source = media.get(item.content_key)
    if source is None:
        raise UserError(
            "The video of this item is not on this machine",
            "The project came from elsewhere, and no file with this content was opened here",
            "Open the video in 8-cut once, or go on with the next item",
        )
    if item.kind is ItemKind.FRAME:
        from core.media.frame_cache import FrameCache

        cache = FrameCache(paths.cache / FRAMES)
        return ItemView(cache.path(source.path, item.content_key, item.frame, item.start_s, ctx))
    return _window(item, source, paths, ctx, picture)


def prepare_frames(items: tuple[Item, ...], media: Mapping[str, Media], paths: DataPaths, ctx: JobContext) -> None:
    """Decode the pictures of all items ahead of time, each video once; those that cannot be decoded are passed over."""
    from core.media.frame_cache import FrameCache, WantedFrame

    wanted = [
        WantedFrame(Path(media[item.content_key].path), item.content_key, item.frame, item.start_s)
        for item in items
        if item.kind is ItemKind.FRAME and item.content_key in media
    ]
    FrameCache(paths.cache / FRAMES).prefetch(wanted, ctx)


def _window(item: Item, media: Media, paths: DataPaths, ctx: JobContext, picture: bool) -> ItemView:
    from core.media.spectrogram import load_or_build
    from core.media.window_clip import FOLDER, window_clip

    file = window_clip(media.path, item.content_key, item.start_s, item.end_s, paths.cache, picture=picture, ctx=ctx)
    pitches = load_or_build(file, f"{file.stem}-{'v' if picture else 'a'}", paths.cache / FOLDER, ctx)
    return ItemView(file, item.end_s - item.start_s, pitches)
