"""The Train dialog: choose, see at once what there is to learn from, train, and judge what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSplitter, QVBoxLayout, QWidget

from core.changes import Changes, Kind
from core.domain.amounts import count_text, size_text
from core.errors import EightCutError
from core.job import JobContext
from core.ops import models as model_ops
from core.ops import train_stats
from core.ops.models import EmbeddingState
from core.ops.train import TrainOutcome, TrainRequest
from core.ops.train_stats import Forecast
from ui import settings as keys
from ui.dialogs.messages import MessageDialog, complain
from ui.jobs.row import show_progress, status_text
from ui.jobs.runner import Job, Lane
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.theme import Space
from ui.training.report_view import ReportView
from ui.training.train_care import TrainCare
from ui.training.train_form import TrainForm
from ui.training.weights_dialog import WeightsDialog

STATISTICS_AFTER_MS = 250
DEFAULT_SIZE_PX, SMALLEST_SIZE_PX = (1080, 760), (920, 600)


@dataclass(frozen=True)
class _Data:
    """What the dialog shows without a choice: classes, and embedding models."""

    stats: Mapping[str, Mapping[str, int]]
    models: list[EmbeddingState]


class TrainDialog(QDialog):
    """Works for the profile it was opened in. Training goes on when it is closed."""

    trained = pyqtSignal(str)
    """A classifier of this name is to be used from now on."""
    restored = pyqtSignal(str)
    """Another version of this classifier is in use."""

    def __init__(self, services: Services, parent: QWidget | None, manage_negatives: Callable[[], None]) -> None:
        super().__init__(parent)
        self._db, self._paths = services.db, services.paths
        self._runner, self._settings = services.runner, services.settings
        self._session = services.session
        self.profile = services.session.profile
        self._job: Job | None = None
        self._notes: tuple[str, ...] = ()
        self._weights: WeightsDialog | None = None
        self.setWindowTitle(f"Train — {self.profile}")
        self.setMinimumSize(*SMALLEST_SIZE_PX)
        self.resize(*DEFAULT_SIZE_PX)
        self.form = TrainForm()
        self.statistics = QLabel("Counting…")
        self.statistics.setProperty("title", True)
        self.statistics.setWordWrap(True)
        self.details = QLabel()
        self.details.setProperty("muted", True)
        self.details.setWordWrap(True)
        self.warnings = QLabel()
        self.warnings.setProperty("tone", "warning")
        self.warnings.setWordWrap(True)
        self.report = ReportView()
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the training")
        self.status = QLabel()
        self.status.setProperty("muted", True)
        self.train = QPushButton("Train")
        self.train.setProperty("primary", True)
        self.cancel = QPushButton("Cancel")
        self.use = QPushButton("Use this classifier")
        self.use.setToolTip("Close, and scan with it from now on")
        self.dismiss = QPushButton("Close")
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(STATISTICS_AFTER_MS)
        self._debounce.timeout.connect(self._count)
        self._lay_out()
        self._connect(services.bridge, manage_negatives)
        self._show_running(False)
        self.use.hide()
        self.refresh()

    # -- reading ------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read classes, models and history again, in the background."""
        scan_exports, profile = self.form.scan_exports.isChecked(), self.profile
        self._submit(
            "Read classes",
            lambda _: _Data(
                self._db.get_training_stats(profile, scan_exports), model_ops.embedding_models(self._paths)
            ),
            self._show_data,
            "train-classes",
        )

    def _show_data(self, data: _Data) -> None:
        self.form.show_classes(data.stats)
        self.form.show_models(data.models, self._settings.get(keys.TRAIN_MODEL))
        self._edited()

    def _edited(self) -> None:
        complaint = self.form.complaint
        self.train.setEnabled(not complaint and self._job is None)
        self._debounce.start()

    def _choice_edited(self) -> None:
        """What was said about the last training is not about this choice."""
        self._notes = ()
        self._edited()

    def _count(self) -> None:
        """Statistics and history of what is chosen now."""
        request = self.form.request(self.profile)
        self._submit(
            "Read the versions",
            lambda _: train_stats.history(self._paths, request.profile, request.model, request.name),
            self._show_history,
            "train-history",
        )
        if self.form.complaint:
            self._show_forecast(Forecast(complaint=self.form.complaint))
        else:
            self._submit(
                "Count examples",
                lambda _: train_stats.forecast(self._db, request),
                self._show_forecast,
                "train-statistics",
            )

    def _show_forecast(self, found: Forecast) -> None:
        if found.complaint:
            self.statistics.setText(found.complaint)
            self.details.clear()
            self.warnings.clear()
            self.train.setEnabled(False)
        else:
            self.statistics.setText(f"{count_text(found.clips, 'clip')} from {count_text(found.videos, 'video')}")
            self.details.setText(details(found))
            self.warnings.setText("\n".join(f"• {text.rstrip('.')}." for text in self._notes or found.warnings))
        self.details.setVisible(bool(self.details.text()))
        self.warnings.setVisible(bool(self.warnings.text()))

    def _show_history(self, versions: list) -> None:
        self.report.show_history(versions)
        current = next((version for version in versions if version.current), None)
        self._show_report(current.report if current else {})

    def _show_report(self, report: dict[str, Any]) -> None:
        self._submit(
            "Read the names of videos",
            lambda _: train_stats.named_videos(self._db, report),
            lambda videos: self.report.show_report(report, videos),
            "train-report",
        )

    # -- training -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Train what is chosen; weights that are not here are asked for first."""
        model = self.form.chosen_model
        if self.form.complaint or self._job is not None:
            return
        request = self.form.request(self.profile)
        if model is None or model.present:
            self._train(request)
            return
        question = MessageDialog(
            self,
            f"Download {model.name}?",
            f"{model.name} is not on this machine yet",
            (
                f"{size_text(model.size_bytes)} will be downloaded once and kept. {model.source}. "
                f"Licence: {model.licence}.",
            ),
            ("Cancel", "Other ways…", "Download and train"),
            glyph="download",
        )
        answers = {1: self.show_weights, 2: lambda: self._train(request)}
        question.accepted.connect(lambda: answers.get(question.choice, lambda: None)())
        question.finished.connect(question.deleteLater)
        question.open()

    def show_weights(self) -> None:
        """Open the dialog of weights at the chosen model."""
        if self._weights is None:
            self._weights = WeightsDialog(self._paths, self._runner, self)
            self._weights.changed.connect(self.refresh)
        self._weights.refresh()
        self._weights.show_model(self.form.model.currentData() or "")
        self._weights.open()

    def _train(self, request: TrainRequest) -> None:
        self._settings.set(keys.TRAIN_MODEL, request.model)
        db, paths = self._db, self._paths

        def work(ctx: JobContext) -> TrainOutcome:
            from core.ops.cache import open_embedder
            from core.ops.train import train

            with open_embedder(paths) as embedder:
                return train(db, paths, embedder, request, ctx)

        self._notes = ()
        self._show_running(True)
        self._job = self._runner.submit(
            Lane.ENGINE,
            f"Train {request.model}{' ' + request.name if request.name else ''}",
            work,
            on_done=self._done,
            on_failed=self._failed,
            on_cancelled=lambda: self._ended("Cancelled. What was computed is kept."),
            where=", ".join(request.positives),
        )
        if self._job.state.final:
            self._job = None

    def _done(self, outcome: TrainOutcome) -> None:
        name, report = outcome.classifier.name, outcome.classifier.trained.report
        self._notes = (*(f"Left out: {problem}" for problem in outcome.problems), *report.get("warnings", ()))
        self._ended(f"{name} is trained.")
        self.use.show()
        self._session.publish(outcome.changes)
        self.trained.emit(name)
        self._recount()

    def _recount(self) -> None:
        self._debounce.stop()
        self._count()

    def _failed(self, error: EightCutError) -> None:
        self._ended("")
        complain(self, error)

    def _ended(self, text: str) -> None:
        self._job = None
        self._show_running(False)
        self.status.setText(text)
        # Weights may have come, or have been refused.
        self.refresh()

    def _show_running(self, running: bool) -> None:
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        self.train.setVisible(not running)
        self.form.setEnabled(not running)
        if running:
            self.status.setText("Waiting for other work…")
            self.progress.setValue(0)
            self.use.hide()

    def _job_changed(self, job: Job) -> None:
        if job is self._job:
            show_progress(self.progress, job.progress.fraction)
            self.status.setText(status_text(job))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _submit(self, title: str, work: Callable[[JobContext], Any], on_done: Callable, key: str) -> None:
        self._runner.submit(
            Lane.DB, title, work, on_done=on_done, on_failed=partial(complain, self), quiet=True, supersedes=key
        )

    def _connect(self, bridge: SessionBridge, manage_negatives: Callable[[], None]) -> None:
        self.form.edited.connect(self._choice_edited)
        self.form.scan_exports.toggled.connect(lambda _: self.refresh())
        self.form.manage_requested.connect(manage_negatives)
        self.form.weights_requested.connect(self.show_weights)
        care = TrainCare(self._db, self._paths, self._runner, lambda: self.form.request(self.profile), self)
        care.failed.connect(partial(complain, self))
        care.changed.connect(self._session.publish)
        care.changed.connect(lambda _: self._recount())
        care.restored.connect(self.restored)
        care.told.connect(self.status.setText)
        self.form.update_paths_requested.connect(care.update_paths)
        self.report.restore_requested.connect(care.restore)
        self.report.pin_requested.connect(care.pin)
        self.train.clicked.connect(self.start)
        self.cancel.clicked.connect(lambda: self._job.cancel() if self._job else None)
        self.use.clicked.connect(self.accept)
        self.dismiss.clicked.connect(self.reject)
        self._runner.job_changed.connect(self._job_changed)
        bridge.changed.connect(self._follow_changes)

    def _follow_changes(self, changes: Changes) -> None:
        if not self.isVisible():
            return
        if changes.touches(Kind.CLIPS):
            self.refresh()
        elif changes.touches(Kind.NEGATIVES):
            self._edited()

    def _lay_out(self) -> None:
        right = QWidget()
        words = QVBoxLayout(right)
        words.setContentsMargins(Space.M, 0, 0, 0)
        words.setSpacing(Space.S)
        for label in (self.statistics, self.details, self.warnings):
            words.addWidget(label)
        words.addWidget(self.report, 1)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.form)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([400, DEFAULT_SIZE_PX[0] - 400])
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.status, 1)
        for button in (self.cancel, self.dismiss, self.use, self.train):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(halves, 1)
        column.addWidget(self.progress)
        column.addLayout(buttons)


def details(found: Forecast) -> str:
    """What else would be learned from, in one line."""
    parts = [f"{found.seconds:.0f} s of marked sound"]
    if found.negatives:
        parts.append(count_text(found.negatives, "negative clip"))
    if found.hard:
        parts.append(count_text(found.hard, "hard negative"))
    if found.missing:
        parts.append(f"{count_text(len(found.missing), 'video')} missing")
    return " · ".join(parts)
