"""What can be done with exported batches: overwrite, label, re-export, delete, keep from training, and undo it all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QDialog

from core.changes import Changes
from core.domain.amounts import count_text
from core.domain.export import CutSummary, ExportJob, Marker
from core.domain.trash import DeletePreview
from core.ops import manifest, replace, trash
from core.session import Session
from ui import settings as keys
from ui.commands.command import About, Command
from ui.commands.exchange import Exchange, Mover
from ui.dialogs.delete_clips import DeleteClipsDialog
from ui.dialogs.edit_label import EditLabelDialog
from ui.dialogs.folders import open_folder
from ui.dialogs.reexport import ReexportDialog
from ui.jobs.runner import Lane
from ui.main_window.export_controller import ExportController
from ui.main_window.export_deck import AUDIO_CHOICES, CATEGORIES, FORMATS
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.main_window.window import MainWindow
from ui.services import Services

RECENT_LABELS = 30


class HistoryController(QObject):
    """Acts on a marker: the one under the mouse, else the one at the cursor."""

    def __init__(
        self,
        services: Services,
        window: MainWindow,
        export: ExportController,
        timeline: TimelinePresenter,
        mover: Mover,
    ) -> None:
        super().__init__(window)
        self._db = services.db
        self._session: Session = services.session
        self._runner = services.runner
        self._settings = services.settings
        self._window = window
        self._notices = window.notices
        self._export = export
        self._timeline = timeline
        self._undo = services.undo
        self._mover = mover
        self._groups: dict[int, _Group] = {}
        export.exported.connect(self._exported)
        export.ended_badly.connect(self._leave_group)
        export.overwrite.changed.connect(self._show_armed)
        window.timeline.marker_activated.connect(self.activate)

    # -- overwrite ----------------------------------------------------------------------------------------------------

    def activate(self, batch_id: object) -> None:
        """A double-click on a marker arms it."""
        marker = self._timeline.marker(batch_id)
        if marker is None:
            self._notices.tell("This batch belongs to another profile; switch to it to overwrite the batch.")
            return
        self.overwrite(marker)

    def overwrite(self, marker: Marker | None = None) -> None:
        """Arm a marker; again, and it is let be."""
        marker = self._target(marker)
        if marker is None:
            return
        if self._export.overwrite.marker == marker:
            self._export.overwrite.disarm()
            return
        self._export.overwrite.arm(marker)
        self._timeline.go_to(marker)
        files = count_text(len(marker.paths), "file")
        self._notices.tell(f"Batch {marker.number} is armed: Export makes its {files} anew, Esc lets it be.")

    def disarm(self) -> None:
        self._export.overwrite.disarm()

    def reexport(self) -> None:
        """Ask with which settings every batch of the open media is to be made anew, and do it."""
        media, markers = self._session.media, list(self._timeline.markers)
        if media is None or not markers:
            self._notices.tell("This file has no exported batches in this profile yet.")
            return
        profile = self._session.profile
        dialog = ReexportDialog(media.name, self._export.deck_settings, FORMATS, AUDIO_CHOICES, self._window)

        def count() -> None:
            settings = dialog.settings
            self._runner.submit(
                Lane.IO,
                "Estimate a re-export",
                lambda _: replace.estimate(markers, settings),
                on_done=lambda found: dialog.show_totals(found.batches, found.clips, found.seconds, found.size_bytes),
                on_failed=self._notices.complain,
                quiet=True,
                supersedes="estimate",
            )

        def go() -> None:
            settings = dialog.settings
            group = _Group(len(markers), f"Re-export {count_text(len(markers), 'batch', 'batches')}")
            for marker in markers:
                request = replace.again(self._db, marker, media, profile, settings)
                self._export.plan_overwrite(
                    request, marker.batch_id, partial(self._join_group, group), partial(self._shrink, group)
                )

        dialog.edited.connect(count)
        dialog.accepted.connect(go)
        self._open(dialog)
        count()

    # -- labels and training ------------------------------------------------------------------------------------------

    def edit_label(self, marker: Marker | None = None) -> None:
        marker = self._target(marker)
        if marker is None:
            return
        recent = [
            *self._settings.get(keys.RECENT_LABELS),
            *self._db.clips.recent_labels(self._session.profile, RECENT_LABELS),
        ]
        dialog = EditLabelDialog(
            f"Batch {marker.number}",
            marker.settings.label,
            marker.settings.category,
            list(dict.fromkeys(recent)),
            CATEGORIES,
            self._window,
        )
        dialog.accepted.connect(lambda: self._relabel(marker, dialog.label, dialog.category))
        self._open(dialog)

    def _relabel(self, marker: Marker, label: str, category: str) -> None:
        before = (marker.settings.label, marker.settings.category)
        if (label, category) == before:
            return
        self._export.remember_label(label)
        self._push(
            f"Label batch {marker.number}",
            partial(trash.relabel, self._db, {marker.batch_id: (label, category)}),
            partial(trash.relabel, self._db, {marker.batch_id: before}),
        )

    def toggle_training(self, marker: Marker | None = None) -> None:
        """Keep a batch out of training, or let it in again."""
        marker = self._target(marker)
        if marker is None:
            return
        use = marker.disabled
        text = f"Use batch {marker.number} for training" if use else f"Keep batch {marker.number} from training"
        self._push(
            text,
            partial(trash.set_training, self._db, marker.clip_ids, use),
            partial(trash.set_training, self._db, marker.clip_ids, not use),
        )
        self._notices.tell(
            f"Batch {marker.number} is {'used' if use else 'not used'} for training.", action=("Undo", self._undo.undo)
        )

    # -- files --------------------------------------------------------------------------------------------------------

    def reveal(self, marker: Marker | None = None) -> None:
        marker = self._target(marker)
        if marker and not open_folder(Path(marker.paths[0]).parent):
            self._notices.tell(f"No file manager could open the folder of batch {marker.number}.", "warning")

    def delete(self, marker: Marker | None = None) -> None:
        """Show what deleting a batch would do, and do it when the person agrees."""
        marker = self._target(marker)
        if marker is None:
            return
        clips = trash.clips_of(self._db, [marker.batch_id])
        what = f"batch {marker.number}" + (f" “{marker.settings.label}”" if marker.settings.label else "")
        self.ask_to_delete(clips, what)

    def ask_to_delete(self, clip_ids: Sequence[int], what: str) -> None:
        """The same for any clips; `what` is what they are called in the question."""
        self._runner.submit(
            Lane.DB,
            "Look at what would be deleted",
            lambda _: trash.preview(self._db, clip_ids),
            on_done=partial(self._show_preview, what),
            on_failed=self._notices.complain,
            quiet=True,
        )

    def _show_preview(self, what: str, preview: DeletePreview) -> None:
        if not preview.clips:
            return
        dialog = DeleteClipsDialog(preview, what, self._window)
        about = self._about_open

        def delete() -> None:
            self._export.overwrite.disarm()
            chosen = dialog.chosen
            self._undo.push(Exchange(f"Delete {what}", self._mover, chosen, (), about=about))
            self._notices.tell(f"Deleted {count_text(len(chosen), 'clip')}.", action=("Undo", self._undo.undo))

        dialog.accepted.connect(delete)
        self._open(dialog)

    def rebuild_dataset(self) -> None:
        """Write dataset.json of the deck's export folder anew."""
        folder = self._export.deck_settings.folder

        def rebuild(_: object) -> str:
            known = manifest.known_folder(self._db, folder)
            manifest.rebuild(self._db, known)
            return known

        self._runner.submit(
            Lane.DB,
            "Rebuild dataset.json",
            rebuild,
            on_done=lambda known: self._notices.tell(f"dataset.json of {Path(known).name} is up to date.", "success"),
            on_failed=self._notices.complain,
            quiet=True,
        )

    # -- undo ---------------------------------------------------------------------------------------------------------

    def _exported(self, job: ExportJob, summary: CutSummary) -> None:
        group = self._groups.pop(job.id, None)
        if group:
            group.add(summary)
            self._end_group(group)
        elif summary.clip_ids and (job.replaces is None or summary.replaced_ids):
            verb = "Export" if job.replaces is None else "Overwrite"
            self._undo.push(
                Exchange(
                    f"{verb} batch {job.batch_number}",
                    self._mover,
                    summary.replaced_ids,
                    summary.clip_ids,
                    happened=True,
                    about=About(job.request.media, job.request.profile),
                )
            )

    def _join_group(self, group: _Group, job: ExportJob) -> None:
        self._groups[job.id] = group

    def _leave_group(self, job: ExportJob) -> None:
        group = self._groups.pop(job.id, None)
        if group:
            self._shrink(group)

    def _shrink(self, group: _Group) -> None:
        """One of the group will not come: it failed or was cancelled."""
        group.expected -= 1
        self._end_group(group)

    def _end_group(self, group: _Group) -> None:
        if group.complete and group.coming:
            self._undo.push(Exchange(group.text, self._mover, group.leaving, group.coming, happened=True))
            self._notices.tell(f"{group.text}: done.", "success")

    def _push(self, text: str, forward: Callable[[], Changes], backward: Callable[[], Changes]) -> None:
        def with_manifest(operation: Callable[[], Changes]) -> Changes:
            changes = operation()
            self._mover.write_manifests()
            return changes

        self._undo.push(
            Command(
                text,
                partial(with_manifest, forward),
                partial(with_manifest, backward),
                self._session.publish,
                self._notices.complain,
                self._about_open,
            )
        )

    @property
    def _about_open(self) -> About | None:
        media = self._session.media
        return About(media, self._session.profile) if media else None

    # -- inside -------------------------------------------------------------------------------------------------------

    def _target(self, marker: Marker | None) -> Marker | None:
        found = marker or self._timeline.marker_at_cursor()
        if found is None:
            self._notices.tell("There is no batch of this profile at the cursor. M goes to the next one.")
        return found

    def _show_armed(self) -> None:
        marker = self._export.overwrite.marker
        self._timeline.show_armed(marker.batch_id if marker else None)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class _Group:
    """Overwrites that are undone together; those that fail are not waited for."""

    def __init__(self, expected: int, text: str) -> None:
        self.expected = expected
        self.text = text
        self.leaving: list[int] = []
        self.coming: list[int] = []
        self._finished = 0

    def add(self, summary: CutSummary) -> None:
        self._finished += 1
        if summary.replaced_ids:
            self.leaving += summary.replaced_ids
            self.coming += summary.clip_ids

    @property
    def complete(self) -> bool:
        return self._finished == self.expected
