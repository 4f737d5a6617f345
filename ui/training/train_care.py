"""Beside training: another version of a classifier, versions that are kept, videos that lie elsewhere now."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from core.changes import Changes
from core.db import ProcessedDB
from core.job import JobContext
from core.ops import models as model_ops
from core.ops import relink, train_stats
from core.ops.models import Classifier
from core.ops.train import TrainRequest
from core.paths import DataPaths
from ui.jobs.runner import Lane, Runner


class TrainCare(QObject):
    """Works on the classifier that the dialog's choice would train."""

    changed = pyqtSignal(object)
    """`Changes` of models or media."""
    restored = pyqtSignal(str)
    """This classifier has another version in use."""
    told = pyqtSignal(str)
    failed = pyqtSignal(object)

    def __init__(
        self,
        db: ProcessedDB,
        paths: DataPaths,
        runner: Runner,
        request: Callable[[], TrainRequest],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._db, self._paths, self._runner, self._request = db, paths, runner, request

    def restore(self, stamp: str) -> None:
        """Use an older version from now on."""
        name = self._name

        def done(result: tuple[Classifier, Changes]) -> None:
            self.changed.emit(result[1])
            self.restored.emit(name)

        self._runner.submit(
            Lane.DB,
            "Use another version",
            lambda _: model_ops.restore(self._paths, name, stamp),
            on_done=done,
            on_failed=self.failed.emit,
            quiet=True,
        )

    def pin(self, stamp: str, pinned: bool) -> None:
        """Never delete a version, or let it go with the others again."""
        name = self._name
        self._runner.submit(
            Lane.DB,
            "Keep a version",
            lambda _: model_ops.pin(self._paths, name, stamp, pinned),
            on_done=self.changed.emit,
            on_failed=self.failed.emit,
            quiet=True,
        )

    def update_paths(self, folder: str) -> None:
        """Look for missing videos below a folder and remember where they are."""
        request = self._request()

        def look(ctx: JobContext) -> tuple[int, Changes]:
            plan = relink.search(folder, train_stats.missing_media(self._db, request), ctx)
            return len(plan.sure), relink.link(self._db, plan.sure) if plan.sure else Changes()

        def done(result: tuple[int, Changes]) -> None:
            count, changes = result
            self.told.emit("1 missing video found there." if count == 1 else f"{count} missing videos found there.")
            self.changed.emit(changes)

        self._runner.submit(
            Lane.IO, "Look for missing videos", look, on_done=done, on_failed=self.failed.emit, where=folder
        )

    @property
    def _name(self) -> str:
        request = self._request()
        return model_ops.model_store(self._paths).path(request.profile, request.model, request.name).stem
