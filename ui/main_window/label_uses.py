"""Closing the loop: labelled windows become clips, hard negatives or a classifier; regions of a scan become items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from core.changes import Changes
from core.domain.amounts import count_text
from core.domain.annotation import Project
from core.domain.export import CutSummary
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.errors import EightCutError, UserError
from core.job import JobContext
from core.ops import close_loop, negatives
from core.ops.label_overview import labels_now
from core.ops.train import TrainOutcome, TrainRequest
from ui import settings as keys
from ui.annotation.alive import while_alive
from ui.annotation.use_labels_dialog import UseLabelsDialog
from ui.commands.command import Command
from ui.commands.exchange import Exchange, Mover
from ui.jobs.runner import Lane
from ui.main_window.export_deck import ExportDeck
from ui.main_window.notices import Notices
from ui.services import Services


class LabelUses(QObject):
    """One action each way; all of it can be undone in the main window."""

    trained = pyqtSignal(str)
    """A classifier of this name is to be used from now on."""

    def __init__(
        self, services: Services, mover: Mover, deck: ExportDeck, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._db, self._paths = services.db, services.paths
        self._runner, self._settings = services.runner, services.settings
        self._session, self._undo, self._mover = services.session, services.undo, mover
        self._deck, self._notices = deck, notices

    # -- regions to items ---------------------------------------------------------------------------------------------

    def judge_regions(self, project: Project, media: Media, regions: Sequence[RegionRow]) -> None:
        """Let regions of a scan be judged in a project of windows."""
        added: list[str] = []

        def forward() -> Changes:
            new, changes = close_loop.regions_to_items(self._db, project, media, regions)
            added[:] = new
            return changes

        def backward() -> Changes:
            return close_loop.take_items_back(self._db, project, tuple(added))[1]

        self.push(f"Add {count_text(len(regions), 'region')} to {project.name}", forward, backward)
        if added:
            text = f"{count_text(len(added), 'region')} will be judged in {project.name}."
            self._notices.tell(text, "success", ("Undo", self._undo.undo))
        elif self._undo.canUndo():
            self._notices.tell(f"{project.name} has these regions already.")

    # -- windows to something else ------------------------------------------------------------------------------------

    def show_dialog(self, project: Project, parent: QWidget) -> UseLabelsDialog:
        """The dialog that asks what the labels are for."""
        folder = self._deck.values.settings.folder
        dialog = UseLabelsDialog(project, parent, str(_above(folder)))
        dialog.clips_requested.connect(partial(self.cut_clips, project))
        dialog.negatives_requested.connect(partial(self.mark_negatives, project))
        dialog.training_requested.connect(partial(self.train, project))
        self._runner.submit(
            Lane.DB,
            "Count labels",
            lambda _: labels_now(self._db, project),
            on_done=while_alive(dialog, dialog.show_labels),
            on_failed=self._notices.complain,
            quiet=True,
        )
        return dialog

    def cut_clips(self, project: Project, task: str, answer: str, folder: str) -> None:
        """A clip for each window that has the answer, with the settings of the deck."""
        if not folder:
            self._notices.complain(UserError("Clips need a folder", "The field is empty", "Type or choose one"))
            return
        settings = replace(self._deck.values.settings, folder=folder)
        profile = self._session.profile

        def work(ctx: JobContext) -> tuple[CutSummary, Changes]:
            return close_loop.windows_to_clips(
                self._db, project, task, answer, settings, profile, ctx, self._paths.trash
            )

        def done(result: tuple[CutSummary, Changes]) -> None:
            summary, changes = result
            self._session.publish(changes)
            if not summary.clip_ids:
                self._notices.tell(f"All windows of {answer} are clips already.")
                return
            clips = count_text(len(summary.clip_ids), "clip")
            self._undo.push(Exchange(f"Cut {clips} of {answer}", self._mover, (), summary.clip_ids, happened=True))
            self._mover.write_manifests()
            self._notices.tell(f"{clips} of {answer} were cut.", "success", ("Undo", self._undo.undo))

        self._runner.submit(
            Lane.FFMPEG,
            f"Cut windows of {answer}",
            work,
            on_done=done,
            on_failed=self._notices.complain,
            where=project.name,
            folder=folder,
        )

    def mark_negatives(self, project: Project, task: str, answer: str) -> None:
        """Windows that have the answer are not the sound: hard negatives of the profile."""
        profile = self._session.profile

        def done(result: tuple[Sequence[int], Changes]) -> None:
            marked, changes = result
            if not marked:
                self._notices.tell(f"All windows of {answer} are hard negatives already.")
                return
            happened = [changes]

            def forward() -> Changes:
                return happened.pop() if happened else negatives.restore(self._db, marked)[1]

            self.push(f"Mark {answer} as hard negatives", forward, lambda: negatives.unmark(self._db, marked)[1])
            text = f"{count_text(len(marked), 'window')} of {answer} are hard negatives now."
            self._notices.tell(text, "success", ("Undo", self._undo.undo))

        # All labels of the project are weighed up, which takes a second for some ten thousand.
        self._runner.submit(
            Lane.DB,
            f"Mark {answer} as hard negatives",
            lambda _: close_loop.windows_to_negatives(self._db, project, task, answer, profile),
            on_done=done,
            on_failed=self._notices.complain,
            where=project.name,
        )

    def train(self, project: Project, task: str, positive: str, others: tuple[str, ...]) -> None:
        """A classifier for scanning; an earlier version can be brought back in the Train dialog."""
        request = TrainRequest(
            self._session.profile,
            (),
            model=self._settings.get(keys.TRAIN_MODEL),
            name=_name(f"{project.name} {positive}"),
        )

        def work(ctx: JobContext) -> TrainOutcome:
            from core.ops.cache import open_embedder

            with open_embedder(self._paths) as embedder:
                return close_loop.windows_to_training(
                    self._db, self._paths, embedder, project, task, positive, others, request, ctx
                )

        def done(outcome: TrainOutcome) -> None:
            self._session.publish(outcome.changes)
            self.trained.emit(outcome.classifier.name)

        self._runner.submit(
            Lane.ENGINE,
            f"Train on {project.name}",
            work,
            on_done=done,
            on_failed=self._notices.complain,
            where=f"{positive} against {', '.join(others)}",
        )
        self._notices.tell(f"A classifier of {positive} is being trained; it scans as soon as it is there.")

    # -- inside -------------------------------------------------------------------------------------------------------

    def push(self, text: str, forward: Callable[[], Changes], backward: Callable[[], Changes]) -> None:
        """Do an operation so that it can be undone in the main window."""

        def complain(error: EightCutError) -> None:
            self._notices.complain(error)

        self._undo.push(Command(text, forward, backward, self._session.publish, complain))


def _above(folder: str) -> Path:
    """Where folders of classes lie: beside the deck's own."""
    return Path(folder).expanduser().parent if folder.strip() else Path.home()


def _name(text: str) -> str:
    """A name for a classifier, which is part of a file's name."""
    return re.sub(r"[^\w-]+", "_", text).strip("_")[:40]
