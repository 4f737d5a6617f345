"""From the key E to files on disk: plan, queue, tell, and resume what a crash interrupted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from core.changes import Changes, Kind
from core.domain.amounts import count_text
from core.domain.export import CutRequest, CutSummary, ExportJob, ExportSettings, Marker
from core.domain.subprofile import Subprofile
from core.errors import EightCutError
from core.ops import cut, replace
from core.session import Session
from ui import settings as keys
from ui.dialogs.folders import open_folder
from ui.jobs.runner import Lane
from ui.main_window.cutting_state import CuttingState
from ui.main_window.deck_settings import read_deck, write_deck
from ui.main_window.export_checks import ExportChecks
from ui.main_window.export_deck import ExportDeck
from ui.main_window.notices import Notices
from ui.main_window.overwrite import Overwrite
from ui.player.player import Player
from ui.services import Services

RECENT_LABELS = 30


class ExportController(QObject):
    """Every export carries its own snapshot; nothing the person does afterwards changes it."""

    exported = pyqtSignal(object, object)
    """A job ended with every clip made: `ExportJob`, `CutSummary`."""
    ended_badly = pyqtSignal(object)
    """A job failed, wholly or in part, or was cancelled."""

    def __init__(
        self,
        services: Services,
        state: CuttingState,
        player: Player,
        deck: ExportDeck,
        notices: Notices,
        checks: ExportChecks,
    ) -> None:
        super().__init__(state)
        self._db = services.db
        self._session: Session = services.session
        self._runner = services.runner
        self._settings = services.settings
        self._state = state
        self._player = player
        self._deck = deck
        self._notices = notices
        self._checks = checks
        self._trash = services.paths.trash
        self.overwrite = Overwrite(deck, state)
        self.prepare: Callable[[CutRequest, str | None], CutRequest] = lambda request, _: request
        """Adds to a request what is not in the deck: its crop, in the ratio asked for or in the one chosen."""
        self._restore_deck()
        deck.edited.connect(self._deck_edited)
        deck.export_requested.connect(lambda: self.export())
        state.batch_changed.connect(self._batch_changed)
        state.media_changed.connect(lambda: deck.set_ready(state.media is not None))

    def export(self, ratio: str | None = None, subprofile: Subprofile | None = None) -> None:
        """Cut the pending batch, in another ratio for once. Works while playing and while other exports run.

        To a subprofile it goes with what that one sets.
        """
        media = self._state.media
        if media is None:
            self._notices.tell("Open a video first, then press E where a clip should start.")
            return
        if self._deck.complaint:
            self._notices.tell(f"{self._deck.complaint}.", "warning")
            return
        armed = self.overwrite.marker
        if armed and subprofile:
            self._notices.tell("An overwrite is armed: E does it, Escape leaves it.", "warning")
            return
        if armed:
            request = replace.again(self._db, armed, media, self._session.profile, self.overwrite.settings())
            request = dataclasses.replace(request, batch=self.overwrite.batch(), settings=self.overwrite.settings())
        else:
            # What is heard is what is cut.
            settings = dataclasses.replace(self._deck.values.settings, audio_track=self._player.audio_track or 0)
            request = CutRequest(media, self._state.batch, settings, self._session.profile)
            request = subprofile.applied(request) if subprofile else request
        if not armed or ratio is not None:
            request = self.prepare(request, ratio)
        self._checks.check(request, armed.batch_id if armed else None, lambda: self._plan(request, armed))

    def _plan(self, request: CutRequest, armed: Marker | None) -> None:
        self.remember_label(request.settings.label)
        if armed:
            if self.overwrite.marker == armed:
                self.overwrite.disarm()
            self.plan_overwrite(request, armed.batch_id)
            return
        self._runner.submit(
            Lane.DB,
            "Plan an export",
            lambda _: cut.plan(self._db, request),
            on_done=self._start,
            on_failed=self._notices.complain,
            quiet=True,
            where=request.media.name,
        )

    def plan_overwrite(
        self,
        request: CutRequest,
        batch_id: int,
        planned: Callable[[ExportJob], None] = lambda job: None,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a batch anew; `planned` gets the job before it starts, `refused` is called when there will be none."""

        def start(job: ExportJob) -> None:
            planned(job)
            self._start(job)

        def failed(error: EightCutError) -> None:
            refused()
            self._notices.complain(error)

        self._runner.submit(
            Lane.DB,
            "Plan an overwrite",
            lambda _: replace.plan(self._db, request, batch_id),
            on_done=start,
            on_failed=failed,
            on_cancelled=refused,
            quiet=True,
            where=request.media.name,
        )

    @property
    def deck_settings(self) -> ExportSettings:
        """What the deck would export with now."""
        return self._deck.values.settings

    def offer_interrupted(self, offer: Callable[[Sequence[ExportJob]], None]) -> None:
        """Clear what a crash left half-written, then offer the exports it interrupted, if there are any."""

        def look(_: object) -> list[ExportJob]:
            cut.clean_partials(self._db)
            return cut.interrupted(self._db)

        def found(jobs: list[ExportJob]) -> None:
            if jobs:
                offer(jobs)

        self._runner.submit(
            Lane.DB, "Look for interrupted exports", look, on_done=found, on_failed=self._notices.complain, quiet=True
        )

    def resume(self, jobs: Sequence[ExportJob]) -> None:
        for job in jobs:
            self._start(job)

    def discard(self, jobs: Sequence[ExportJob]) -> None:
        """Give interrupted exports up; the clips that were finished stay."""

        def drop(_: object) -> Changes:
            changes = Changes()
            for job in jobs:
                changes |= cut.discard(self._db, job.id)
            return changes

        self._runner.submit(
            Lane.DB,
            "Discard interrupted exports",
            drop,
            on_done=self._session.publish,
            on_failed=self._notices.complain,
            quiet=True,
        )

    # -- one job ------------------------------------------------------------------------------------------------------

    def _start(self, job: ExportJob) -> None:
        folder = str(Path(job.clips[0].path).parent) if job.clips else ""
        self._runner.submit(
            Lane.FFMPEG,
            f"Export {len(job.open_clips)} clips",
            lambda ctx: cut.run(self._db, job.id, ctx, self._trash),
            on_done=lambda result: self._ended(job, *result),
            on_failed=lambda error: self._broke(job, error),
            on_cancelled=lambda: self._cancelled(job),
            where=job.request.media.name,
            folder=folder,
        )
        self._session.publish(Changes.of(Kind.JOBS))

    def _ended(self, job: ExportJob, summary: CutSummary, changes: Changes) -> None:
        self._session.publish(changes)
        if summary.failed:
            self.ended_badly.emit(job)
            path, reason = summary.failed[0]
            done = f"{len(summary.done)} of {len(summary.done) + len(summary.failed)} clips made. "
            if job.replaces is not None:
                done = "The old files stay. "
            self._notices.tell(f"{done}{Path(path).name}: {reason}", "error", ("Retry", lambda: self._retry(job)))
            return
        self.exported.emit(job, summary)
        folder = str(Path(summary.done[0]).parent) if summary.done else ""
        if summary.notes:
            self._notices.tell(f"{summary.notes[0]}.", "warning", ("Open folder", lambda: open_folder(folder)))
            return
        clips = count_text(len(summary.done), "clip")
        self._notices.tell(f"{clips} in {Path(folder).name}", "success", ("Open folder", lambda: open_folder(folder)))

    def _cancelled(self, job: ExportJob) -> None:
        self._session.publish(_about(job))
        self.ended_badly.emit(job)

    def _broke(self, job: ExportJob, error: EightCutError) -> None:
        self._session.publish(_about(job))
        self.ended_badly.emit(job)
        self._notices.complain(error, ("Retry", lambda: self._retry(job)))

    def _retry(self, job: ExportJob) -> None:
        """Only what has no good file yet is made again."""
        self._start(self._db.jobs.get(job.id))

    # -- the deck -----------------------------------------------------------------------------------------------------

    def _restore_deck(self) -> None:
        values = read_deck(self._settings)
        self._deck.show_values(values)
        self._deck.suggest_labels(self._settings.get(keys.RECENT_LABELS))
        self._state.shape_batch(values.clips, values.spread_s, values.duration_s)

    def _deck_edited(self) -> None:
        values = self._deck.values
        self._remember_deck()
        self._state.shape_batch(values.clips, values.spread_s, values.duration_s)

    def _batch_changed(self) -> None:
        self._deck.show_batch(self._state.batch)
        self._remember_deck()

    def _remember_deck(self) -> None:
        """What is filled in for one overwrite only is not worth remembering."""
        if not self.overwrite.armed:
            write_deck(self._settings, self._deck.values)

    def remember_label(self, label: str) -> None:
        """Offer it first from now on."""
        if label:
            known = self._settings.get(keys.RECENT_LABELS)
            recent = [label, *(other for other in known if other != label)][:RECENT_LABELS]
            self._settings.set(keys.RECENT_LABELS, recent)
            self._deck.suggest_labels(recent)


def _about(job: ExportJob) -> Changes:
    return Changes.of(Kind.CLIPS, job.request.media.id) | Changes.of(Kind.JOBS)
