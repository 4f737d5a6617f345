"""Which media a script means: it may name a file by path or by base name, and the file may be gone."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

from core.domain.media import Media
from core.errors import UserError
from core.storage.media import MediaStore, base_name

_log = logging.getLogger(__name__)
_WINDOWS_DRIVE = re.compile(r"^([A-Za-z]:|\\\\)")


class MediaLookup:
    """Finds or makes the media row for a file name."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._keys: dict[tuple[str, int, int], str] = {}

    def find(self, filename: str, profile: str) -> Media | None:
        """The media that `filename` (path or base name) stands for in a profile; None when there is nothing of it.

        A file that is there is identified by its content, so a replaced file never answers for the old one.
        """
        if _has_folder(filename):
            path = absolute(filename)
            key = self._content_key(path)
            if key is not None:
                return self._media.by_key(key) or self._media.waiting_for(path)
            known = self._media.by_path(path)
            if known is not None:
                return known
        return self._media.by_name(base_name(filename), profile)

    def ensure(self, filename: str, profile: str, source_path: str = "") -> Media:
        """The media of a file, made when new: by content where the file is there, else by path, else by name."""
        where = source_path or (filename if _has_folder(filename) else "")
        if where:
            path = absolute(where)
            key = self._content_key(path)
            media = self._media.register(key, path) if key else self._media.placeholder_for_path(path)
        else:
            media = self._media.by_name(filename, profile) or self._media.placeholder_for_name(filename)
        if filename:
            self._media.add_name(media.id, base_name(filename))
        return media

    def _content_key(self, path: str) -> str | None:
        """The identity of the file at `path`; None when it is not there, is empty or cannot be read."""
        from core.media.identity import content_key

        try:
            status = Path(path).stat()
        except (OSError, ValueError):
            return None
        state = (path, status.st_size, status.st_mtime_ns)
        if state not in self._keys:
            try:
                self._keys[state] = content_key(path)
            except UserError as error:
                _log.info("No content to identify: %s", error)
                return None
        return self._keys[state]


def absolute(path: str) -> str:
    """The path from the root; one of Windows stays as it is everywhere."""
    return path if _WINDOWS_DRIVE.match(path) else os.path.abspath(path)  # noqa: PTH100 – keeps symbolic links


def _has_folder(filename: str) -> bool:
    return "/" in filename or "\\" in filename
