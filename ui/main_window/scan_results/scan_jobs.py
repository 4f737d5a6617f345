"""Scans and exports of what they found, as jobs: what was started for a media is recorded for that media."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.amounts import count_text
from core.domain.export import CutRequest, CutSummary
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.domain.speech import SpeechFilter
from core.errors import EightCutError, EnvironmentProblem, UserError
from core.job import JobContext
from core.ops import scan_export, speech
from core.ops.media import add_files
from core.ops.models import classifiers
from core.ops.scan import Scanned, ScanSummary
from core.paths import DataPaths
from ui import settings as keys
from ui.dialogs.folders import open_folder
from ui.jobs.runner import Lane, Runner
from ui.main_window.cutting_state import CuttingState
from ui.main_window.export_controller import ExportController
from ui.main_window.export_deck import ExportDeck
from ui.main_window.notices import Notices
from ui.session_bridge import SessionBridge
from ui.settings import Settings

FAILURES_NAMED = 5
_Find = Callable[[JobContext], tuple[Sequence[Media], Sequence[tuple[str, str]]]]
_Tell = Callable[[ScanSummary], None]


@dataclass(frozen=True)
class _Scan:
    """What to scan with which classifier, in the profile that was open when it was asked for.

    Args:
        where: what the job's row says.
        find: the media, and (path, one sentence) of files that cannot be among them; asked on the worker.
        tell: what to say at the end.
        export: what to cut of each file once it is scanned; its media is replaced. None to cut nothing.
        speech: which of the regions are cut.
    """

    name: str
    profile: str
    where: str
    find: _Find
    tell: _Tell
    export: CutRequest | None = None
    speech: SpeechFilter = SpeechFilter.ANY


class ScanJobs(QObject):
    """Scans with the classifier that was chosen last, else with the newest of the profile."""

    scanned = pyqtSignal(object)
    """A file was scanned, told from the worker's thread: `core.ops.scan.Scanned`."""
    listed = pyqtSignal()
    """Files were added to the open list."""
    shown = pyqtSignal(str)
    """The results of this classifier are wanted on screen."""
    train_wanted = pyqtSignal()
    classifier_changed = pyqtSignal(str)
    """Another one scans from now on."""
    _to_export = pyqtSignal(object, object, object)
    """What is to be exported, the classifier's label and the filter by speech, told from the worker's thread."""

    def __init__(
        self,
        db: ProcessedDB,
        paths: DataPaths,
        bridge: SessionBridge,
        runner: Runner,
        settings: Settings,
        notices: Notices,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._db = db
        self._paths = paths
        self._session = bridge.session
        self._runner = runner
        self._settings = settings
        self._notices = notices
        self.scanned.connect(self._publish_scanned)
        self._to_export.connect(self._export_scanned)

    # -- which classifier ---------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The trained classifiers, those of the open profile first."""
        own = f"{self._session.profile}_"
        return sorted(classifiers(self._paths), key=lambda name: (not name.startswith(own), name))

    @property
    def chosen(self) -> str:
        """The one that scans; empty where none is trained."""
        names, wanted = self.names(), self._settings.get(keys.SCAN_CLASSIFIER)
        own = [name for name in names if name.startswith(f"{self._session.profile}_")]
        return wanted if wanted in names else (own or names or [""])[0]

    def choose(self, name: str) -> None:
        self._settings.set(keys.SCAN_CLASSIFIER, name)
        self.classifier_changed.emit(name)

    # -- scanning -----------------------------------------------------------------------------------------------------

    def scan_open(self) -> None:
        """Scan the media that is open now."""
        media = self._session.media
        if media is None:
            self._notices.tell("Open a file first, then scan it.")
        elif self.ready():
            self._scan(self._wish(media.name, lambda _: ([media], ()), lambda summary: self._tell_one(media, summary)))

    def scan_list(self) -> None:
        """Scan everything in the profile's open list."""
        media = self._db.lists.entries(self._session.profile)
        if not media:
            self._notices.tell("The list is empty: add files first.")
        elif self.ready():
            self._scan(self._wish(f"{len(media)} files", lambda _: (media, ()), self._tell_all))

    def scan_folder(self, folder: str) -> None:
        """Add all media of a folder to the open list, and scan them."""
        profile = self._session.profile

        def find(ctx: JobContext) -> tuple[Sequence[Media], Sequence[tuple[str, str]]]:
            added = add_files(self._db, profile, [folder], ctx)
            self.listed.emit()
            if not added.media:
                raise UserError(f"There is nothing to scan in {Path(folder).name}", added.problems[0])
            return added.media, added.failed

        if self.ready():
            self._scan(self._wish(folder, find, self._tell_all))

    def scan_and_export(self) -> None:
        """Scan everything in the open list and cut clips of all that is found, with the deck as it is now."""
        media = self._db.lists.entries(self._session.profile)
        if self._deck.complaint:
            self._notices.tell(f"{self._deck.complaint}.", "warning")
        elif not media:
            self._notices.tell("The list is empty: add files first.")
        elif self.ready():
            request = CutRequest(
                media[0], self._state.batch, self._deck.values.settings, self._session.profile, scan_export=True
            )
            request = self._export.prepare(request, None)
            by = SpeechFilter(self._settings.get(keys.SPEECH_FILTER))
            wish = self._wish(f"{len(media)} files", lambda _: (media, ()), self._tell_all)
            self._scan(replace(wish, export=request, speech=by))

    def ready(self) -> bool:
        """Whether something could be scanned now; if not, the person is told why."""
        if self._db.read_only:
            self._notices.tell("The history is open read-only: a scan could not be kept.", "warning")
        elif not self.chosen:
            self._notices.tell(
                "There is no classifier yet: train one from clips you cut.", action=("Train…", self.train_wanted.emit)
            )
        return bool(self.chosen) and not self._db.read_only

    def _wish(self, where: str, find: _Find, tell: _Tell) -> _Scan:
        """With the classifier and in the profile of this moment."""
        return _Scan(self.chosen, self._session.profile, where, find, tell)

    def _scan(self, scan: _Scan) -> None:
        def work(ctx: JobContext) -> tuple[str, ScanSummary]:
            from core.ops.cache import open_embedder
            from core.ops.models import open_classifier
            from core.ops.scan import scan_all

            classifier = open_classifier(self._paths, scan.name)
            media, unread = scan.find(ctx)
            for path, reason in unread:
                ctx.log(f"{Path(path).name} was not scanned: {reason}")

            def on_scanned(one: Scanned) -> None:
                self.scanned.emit(one)
                if scan.export is not None and one.regions:
                    self._to_export.emit(replace(scan.export, media=one.media), classifier.label, scan.speech)

            with open_embedder(self._paths) as embedder:
                summary, _ = scan_all(self._db, media, scan.profile, classifier, embedder, None, ctx, on_scanned)
            return classifier.label, replace(summary, failed=(*unread, *summary.failed))

        def done(result: tuple[str, ScanSummary]) -> None:
            label, summary = result
            if any(one.media == self._session.media for one in summary.scanned):
                self.shown.emit(label)
            scan.tell(summary)

        def failed(error: EightCutError) -> None:
            # What is in the way of the machine can be put out of it; another file or classifier has to be chosen.
            mendable = isinstance(error, EnvironmentProblem)
            self._notices.complain(error, ("Try again", lambda: self._scan(scan)) if mendable else None)

        self._runner.submit(
            Lane.ENGINE,
            f"Scan with {scan.name}",
            work,
            on_done=done,
            on_failed=failed,
            where=scan.where,
        )

    def _publish_scanned(self, scanned: Scanned) -> None:
        self._session.publish(Changes.of(Kind.SCANS, scanned.media.id))

    def _tell_one(self, media: Media, summary: ScanSummary) -> None:
        if summary.failed:
            self._notices.tell(f"{media.name} was not scanned: {summary.failed[0][1]}", "error")
        elif summary.regions:
            self._notices.tell(f"{count_text(summary.regions, 'region')} in {media.name}.", "success")
        else:
            self._notices.tell(f"No regions in {media.name}. A lower threshold may show some.")

    def _tell_all(self, summary: ScanSummary) -> None:
        parts = [f"{count_text(summary.regions, 'region')} in {count_text(len(summary.scanned), 'file')}"]
        if summary.without_hits:
            parts.append(f"{len(summary.without_hits)} without any")
        if summary.known_before:
            parts.append(f"{summary.known_before} scanned before")
        if summary.scanned or not summary.failed:
            self._notices.tell(", ".join(parts) + ".", "warning" if summary.failed else "success")
        failed = [Path(path).name for path, _ in summary.failed]
        more = f" and {len(failed) - FAILURES_NAMED:,} more" if len(failed) > FAILURES_NAMED else ""
        self._notices.tell_problems(
            [f"{name} was not scanned: {reason}" for name, (_, reason) in zip(failed, summary.failed, strict=True)],
            f"{len(failed):,} files were not scanned: {', '.join(failed[:FAILURES_NAMED])}{more}.",
        )

    # -- export -------------------------------------------------------------------------------------------------------

    def join(self, deck: ExportDeck, export: ExportController, state: CuttingState) -> None:
        """Those who know how clips are to be made."""
        self._deck, self._export, self._state = deck, export, state

    def export(self, media: Media, rows: Sequence[RegionRow], label: str) -> None:
        """Cut clips of these regions with the settings of the deck."""
        if self._deck.complaint:
            self._notices.tell(f"{self._deck.complaint}.", "warning")
            return
        values, profile = self._deck.values, self._session.profile
        shape = self._state.batch
        request = self._export.prepare(
            replace(CutRequest(media, shape, values.settings, profile), scan_export=True), None
        )
        planned = scan_export.batches(rows, shape, self._state.duration_s)
        clips = sum(batch.clips for batch in planned)
        self._export.remember_label(values.settings.label)
        self._runner.submit(
            Lane.FFMPEG,
            f"Export {count_text(clips, 'clip')} of {label}",
            lambda ctx: scan_export.run(self._db, request, planned, ctx, self._paths.trash),
            on_done=lambda result: self._exported(media, *result),
            on_failed=self._failed(media),
            on_cancelled=lambda: self._session.publish(scan_export.about(media)),
            retry=lambda: self.export(media, rows, label),
            where=media.name,
            folder=values.settings.folder,
        )

    def _export_scanned(self, request: CutRequest, label: str, by: SpeechFilter) -> None:
        """Cut what was found in a file that need not be open."""
        db, cache, trash = self._db, self._paths.cache, self._paths.trash
        self._runner.submit(
            Lane.FFMPEG,
            f"Export regions of {label}",
            lambda ctx: scan_export.run_for(
                db, request, label, ctx, trash, speech.keeper(request.media, cache, by, ctx)
            ),
            on_done=lambda result: self._session.publish(result[1]),
            on_failed=self._failed(request.media),
            on_cancelled=lambda: self._session.publish(scan_export.about(request.media)),
            where=request.media.name,
            folder=request.settings.folder,
        )

    def _exported(self, media: Media, summary: CutSummary, changes: Changes) -> None:
        self._session.publish(changes)
        if summary.failed:
            path, reason = summary.failed[0]
            made = f"{len(summary.done)} of {len(summary.done) + len(summary.failed)} made. "
            self._notices.tell(f"{made}{Path(path).name or media.name}: {reason}", "error")
            return
        folder = str(Path(summary.done[0]).parent) if summary.done else ""
        clips = count_text(len(summary.done), "clip")
        self._notices.tell(f"{clips} in {Path(folder).name}", "success", ("Open folder", lambda: open_folder(folder)))

    def _failed(self, media: Media) -> Callable[[EightCutError], None]:
        def failed(error: EightCutError) -> None:
            self._session.publish(scan_export.about(media))
            self._notices.complain(error)

        return failed
