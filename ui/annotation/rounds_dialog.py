"""Rounds of a project: run one, see what came of it, and label what it asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.changes import Changes, Kind
from core.domain.annotation import Project, Round
from core.errors import EightCutError
from core.job import JobContext
from core.ops import models as model_ops
from core.ops import run_round
from core.ops.label_overview import Overview, overview
from core.ops.models import EmbeddingState
from core.ops.run_round import FirstQueue, RoundResult
from ui import settings as keys
from ui.annotation.dashboard import Dashboard
from ui.annotation.round_form import RoundForm
from ui.dialogs.messages import complain
from ui.dialogs.text_dialog import TextDialog
from ui.jobs.row import show_progress, status_text
from ui.jobs.runner import Job, Lane
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.theme import Space

DEFAULT_SIZE_PX = (1060, 700)


@dataclass(frozen=True)
class _Read:
    overview: Overview
    rounds: tuple[Round, ...]
    models: Sequence[EmbeddingState]
    stopped: tuple[str, ...]
    unlabelled: bool


class RoundsDialog(QDialog):
    """A round goes on when the dialog is closed; it is a row of the job panel then."""

    label_requested = pyqtSignal(object)
    doubts_requested = pyqtSignal(object)

    def __init__(self, services: Services, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._db, self._paths = services.db, services.paths
        self._runner, self._settings = services.runner, services.settings
        self._session = services.session
        self.project = project
        self._job: Job | None = None
        self._rounds: tuple[Round, ...] = ()
        self._first = False
        self.setWindowTitle(f"Rounds — {project.name}")
        self.resize(*DEFAULT_SIZE_PX)
        self.form = RoundForm(project.kind)
        self.form.choose(services.settings.get(keys.LABEL_ROUND))
        self.dashboard = Dashboard()
        self.advice = QLabel()
        self.advice.setWordWrap(True)
        self.evidence = QPushButton("Evidence…")
        self.evidence.setProperty("flat", True)
        self.run = QPushButton("Run round 0")
        self.run.setProperty("primary", True)
        self.cancel = QPushButton("Cancel")
        self.label = QPushButton("Label the queue now")
        self.folder = QPushButton("Open the folder")
        self.doubts = QPushButton("Check these…")
        self.doubts.setToolTip("Labels that are likely wrong")
        self.dismiss = QPushButton("Close")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the round")
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setProperty("muted", True)
        self._lay_out()
        self._connect(services.bridge)
        self._show_running(False)
        self.reload()

    # -- reading ------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read rounds and progress again, in the background."""
        db, project, paths = self._db, self.project, self._paths

        def work(_: JobContext) -> _Read:
            rounds = db.annotation.rounds(project.id)
            stopped = run_round.stopped(db, project, len(_finished(rounds)), paths)
            unlabelled = run_round.needs_first_queue(db, project)
            return _Read(overview(db, project), rounds, model_ops.embedding_models(paths), stopped, unlabelled)

        self._runner.submit(
            Lane.DB, "Read rounds", work, on_done=self._show, on_failed=self._complain, quiet=True, supersedes="rounds"
        )

    def _show(self, found: _Read) -> None:
        self._rounds = _finished(found.rounds)
        self.form.show_models(found.models)
        self.form.show_number(self.number, found.stopped)
        self._first = found.unlabelled and found.overview.items > 0
        self.run.setText("Choose what to label first" if self._first else f"Run round {self.number}")
        self.run.setEnabled(self._first or found.overview.labelled > 0)
        self.run.setToolTip("" if found.overview.labelled else "Label something first")
        if self._first:
            self.run.setToolTip("By what the items look or sound like")
            self.form.about.setText(
                "Nothing is labelled yet. What comes first is chosen by what the items look or sound like; "
                "round 0 learns from it when it is labelled."
            )
        self.dashboard.show_rounds(found.rounds, found.overview)
        self._show_advice()
        self.label.setVisible(found.overview.queued > 0)
        self.label.setText(f"Label the queue now ({found.overview.queued:,})")
        self.folder.setVisible(bool(self._rounds))
        self.doubts.setVisible(bool(self._rounds))

    @property
    def number(self) -> int:
        """Of the round that comes next."""
        return len(self._rounds)

    def _show_advice(self) -> None:
        newest = self._rounds[-1].metrics if self._rounds else {}
        texts = [f"• {each['sentence']}." for each in newest.get("advice", ())]
        texts += [f"• {problem}" for problem in newest.get("problems", ())]
        self.advice.setText("\n".join(texts))
        self.advice.setVisible(bool(texts))
        self.evidence.setVisible(bool(newest.get("advice")))

    def _show_evidence(self) -> None:
        """The numbers that the advice rests on."""
        text = json.dumps(self._rounds[-1].metrics["advice"], indent=2, ensure_ascii=False)
        dialog = TextDialog("What the advice rests on", text, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _follow(self, changes: Changes) -> None:
        if changes.touches(Kind.LABELS) and self.isVisible():
            self.reload()

    # -- running ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run the next round with what is chosen."""
        if self._job is not None:
            return
        db, paths, project, number, options = self._db, self._paths, self.project, self.number, self.form.options
        first = self._first
        self._settings.set(keys.LABEL_ROUND, {**self._settings.get(keys.LABEL_ROUND), **self.form.chosen})
        self.form.anew.setChecked(False)
        self._show_running(True)
        self._job = self._runner.submit(
            Lane.ENGINE,
            f"First queue of {project.name}" if first else f"Round {number} of {project.name}",
            lambda ctx: (
                run_round.first_queue(db, project, options, ctx, paths)
                if first
                else run_round.run(db, project.name, number, options, ctx, paths)
            ),
            on_done=self._chosen if first else self._done,
            on_failed=self._failed,
            on_cancelled=self._cancelled,
            where=project.name,
        )
        if self._job.state.final:
            self._job = None

    def _done(self, result: tuple[RoundResult, Changes]) -> None:
        made, changes = result
        told = f"Round {made.number} asks for {len(made.entries):,} items. They come first in the labelling window."
        self._ended(" ".join([told, *(f"{note}." for note in made.notes)]))
        self._session.publish(changes)
        self.reload()

    def _chosen(self, result: tuple[FirstQueue, Changes]) -> None:
        found, changes = result
        left_out = f" {len(found.unread):,} cannot be read." if found.unread else ""
        self._ended(f"{len(found.entries):,} items come first in the labelling window.{left_out}")
        self._session.publish(changes)
        self.reload()

    def _cancelled(self) -> None:
        self._ended("Cancelled. What was finished is kept: run it again to go on.")
        self.reload()

    def _failed(self, error: EightCutError) -> None:
        self._ended("")
        self._complain(error)

    def _ended(self, text: str) -> None:
        self._job = None
        self._show_running(False)
        self.status.setText(text)

    def _complain(self, error: EightCutError) -> None:
        complain(self, error)

    def _show_running(self, running: bool) -> None:
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        self.run.setVisible(not running)
        self.form.setEnabled(not running)
        if running:
            self.status.setText("Waiting for other work…")
            self.progress.setValue(0)

    def _job_changed(self, job: Job) -> None:
        if job is self._job:
            show_progress(self.progress, job.progress.fraction)
            self.status.setText(status_text(job))

    def _open_folder(self) -> None:
        folder = Path(self._rounds[-1].folder)
        if folder.is_dir():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
        else:
            self.status.setText(f"The folder is gone: {folder}")

    # -- building -----------------------------------------------------------------------------------------------------

    def _connect(self, bridge: SessionBridge) -> None:
        self.run.clicked.connect(self.start)
        self.cancel.clicked.connect(lambda: self._job.cancel() if self._job else None)
        self.label.clicked.connect(lambda: self.label_requested.emit(self.project))
        self.doubts.clicked.connect(lambda: self.doubts_requested.emit(self.project))
        self.folder.clicked.connect(self._open_folder)
        self.evidence.clicked.connect(self._show_evidence)
        self.dismiss.clicked.connect(self.accept)
        self._runner.job_changed.connect(self._job_changed)
        bridge.changed.connect(self._follow)

    def _lay_out(self) -> None:
        left = QWidget()
        options = QVBoxLayout(left)
        options.setContentsMargins(0, 0, Space.M, 0)
        options.setSpacing(Space.M)
        options.addWidget(self.form)
        options.addStretch()
        advice = QWidget()
        words = QHBoxLayout(advice)
        words.setContentsMargins(0, 0, 0, 0)
        words.addWidget(self.advice, 1)
        words.addWidget(self.evidence)
        right = QWidget()
        results = QVBoxLayout(right)
        results.setContentsMargins(Space.M, 0, 0, 0)
        results.setSpacing(Space.S)
        results.addWidget(advice)
        results.addWidget(self.dashboard, 1)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(left)
        halves.addWidget(scroll)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([320, DEFAULT_SIZE_PX[0] - 320])
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.status, 1)
        for button in (self.doubts, self.folder, self.label, self.cancel, self.dismiss, self.run):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(halves, 1)
        column.addWidget(self.progress)
        column.addLayout(buttons)


def _finished(rounds: Sequence[Round]) -> tuple[Round, ...]:
    return tuple(each for each in rounds if each.finished_at)
