"""What happens after the first painted frame: old histories, interrupted work, the list, the last file."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QObject, Qt

from core.changes import Changes, Kind
from core.domain.export import ExportJob
from core.domain.legacy_layout import LegacyPlan
from core.ops import history
from ui.jobs.runner import Lane
from ui.main_window.commands import Controllers
from ui.main_window.legacy_dialog import LegacyDialog
from ui.main_window.window import MainWindow
from ui.services import Services


class StartUp(QObject):
    """Runs once; everything slow goes through the job runner."""

    def __init__(self, services: Services, window: MainWindow, controllers: Controllers) -> None:
        super().__init__(window)
        self._db = services.db
        self._session = services.session
        self._runner = services.runner
        self._window = window
        self._controllers = controllers
        services.bridge.changed.connect(
            lambda changes: self._show_profiles() if changes.touches(Kind.PROFILES) else None
        )

    def begin(self, media: Sequence[str]) -> None:
        """Open these files, or what was open last."""
        self._show_profiles()
        if self._db.read_only:
            self._window.notices.tell("The history is open read-only: nothing can be exported or changed.", "warning")
        else:
            self._look_for_old_data()
            self._controllers.export.offer_interrupted(self._offer_exports)
        if media:
            self._controllers.media.refresh_list()
            self._controllers.media.add(media)
        else:
            self._controllers.media.refresh_list(then=self._controllers.media.resume)

    def _show_profiles(self) -> None:
        current = self._session.profile
        names = self._db.profiles.names()
        self._window.show_profiles(names if current in names else sorted([*names, current]), current)

    # -- data of older versions ---------------------------------------------------------------------------------------

    def _look_for_old_data(self) -> None:
        """Take over the history of the forerunner, finish an interrupted move, and offer to move the oldest exports."""
        self._runner.submit(
            Lane.DB,
            "Look for an older history",
            lambda _: history.catch_up(self._db),
            on_done=self._caught_up,
            on_failed=self._window.notices.complain,
            quiet=True,
        )

    def _caught_up(self, found: history.OldData) -> None:
        if found.adopted:
            self._window.notices.tell(found.adopted, "success")
        self._session.publish(found.changes)
        if found.plan.moves:
            self._window.banner.ask(
                f"Exports in the old folder layout were found: {found.plan.text}.",
                ("Show…", lambda: self._show_plan(found.plan)),
                ("Not now", lambda: None),
            )

    def _show_plan(self, plan: LegacyPlan) -> None:
        dialog = LegacyDialog(plan, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._move(plan))
        dialog.open()

    def _move(self, plan: LegacyPlan) -> None:
        def moved(changes: Changes) -> None:
            self._session.publish(changes)
            self._window.notices.tell(f"Done: {plan.text}.", "success")

        self._runner.submit(
            Lane.DB,
            "Move old exports",
            lambda ctx: history.move_old_exports(self._db, plan, ctx),
            on_done=moved,
            on_failed=self._window.notices.complain,
            where=f"{len(plan.moves)} files",
        )

    # -- interrupted exports ------------------------------------------------------------------------------------------

    def _offer_exports(self, jobs: Sequence[ExportJob]) -> None:
        clips = sum(len(job.open_clips) for job in jobs)
        exports = "An export was" if len(jobs) == 1 else f"{len(jobs)} exports were"
        self._window.banner.ask(
            f"{exports} interrupted; {clips} clips are still to be made.",
            ("Resume", lambda: self._controllers.export.resume(jobs)),
            ("Discard", lambda: self._controllers.export.discard(jobs)),
        )
