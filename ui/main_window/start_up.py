"""What happens after the first painted frame: interrupted work is offered, the list read, the last file opened."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QObject

from core.changes import Kind
from core.db import ProcessedDB
from core.domain.export import ExportJob
from core.paths import DataPaths
from ui.jobs.runner import JobRunner
from ui.main_window.commands import Controllers
from ui.main_window.window import MainWindow
from ui.session_bridge import SessionBridge


class StartUp(QObject):
    """Runs once; everything slow goes through the job runner."""

    def __init__(
        self,
        db: ProcessedDB,
        paths: DataPaths,
        bridge: SessionBridge,
        runner: JobRunner,
        window: MainWindow,
        controllers: Controllers,
    ) -> None:
        super().__init__(window)
        self._db = db
        self._paths = paths
        self._session = bridge.session
        self._runner = runner
        self._window = window
        self._controllers = controllers
        bridge.changed.connect(lambda changes: self._show_profiles() if changes.touches(Kind.PROFILES) else None)

    def begin(self, media: Sequence[str]) -> None:
        """Open these files, or what was open last."""
        self._show_profiles()
        if self._db.read_only:
            self._window.notices.tell("The history is open read-only: nothing can be exported or changed.", "warning")
        else:
            self._controllers.export.offer_interrupted(self._offer)
        if media:
            self._controllers.media.refresh_list()
            self._controllers.media.add(media)
        else:
            self._controllers.media.refresh_list(then=self._controllers.media.resume)

    def _show_profiles(self) -> None:
        current = self._session.profile
        names = self._db.profiles.names()
        self._window.show_profiles(names if current in names else sorted([*names, current]), current)

    def _offer(self, jobs: Sequence[ExportJob]) -> None:
        clips = sum(len(job.open_clips) for job in jobs)
        exports = "An export was" if len(jobs) == 1 else f"{len(jobs)} exports were"
        self._window.banner.ask(
            f"{exports} interrupted; {clips} clips are still to be made.",
            ("Resume", lambda: self._controllers.export.resume(jobs)),
            ("Discard", lambda: self._controllers.export.discard(jobs)),
        )
