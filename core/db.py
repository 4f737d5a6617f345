"""The public face of the history database."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

from core.paths import data_paths
from core.storage.clips import ClipStore
from core.storage.database import Database
from core.storage.jobs import JobStore
from core.storage.lists import ListStore
from core.storage.media import MediaStore
from core.storage.migrate import migrate, migrations, refuse_newer
from core.storage.profiles import ProfileStore


class ProcessedDB:
    """The history: what was cut, scanned and judged, by media and profile.

    Args:
        path: the file, made when it is not there; None for the one in the data folder.
        read_only: for looking only; every write then raises UserError.

    Raises:
        NewerDataError: a newer 8-cut wrote the file; it is left untouched.
        DatabaseLocked, DatabaseCorrupt, DatabaseUnreadable (all EnvironmentProblem): it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, read_only: bool = False) -> None:
        self.path = Path(path) if path is not None else data_paths().prepare().database
        refuse_newer(self.path, len(migrations()))
        self._database = Database(self.path, read_only=read_only)
        try:
            migrate(self._database)
        except BaseException:
            self._database.close()
            raise
        self.media = MediaStore(self._database)
        self.profiles = ProfileStore(self._database)
        self.clips = ClipStore(self._database)
        self.lists = ListStore(self._database, self.profiles)
        self.jobs = JobStore(self._database, self.media, self.profiles)

    def write(self) -> AbstractContextManager:
        """One transaction around several calls; nested blocks join the outermost."""
        return self._database.write()

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()
