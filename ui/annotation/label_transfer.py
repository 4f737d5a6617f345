"""Labels to and from files, for coders on other machines."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QWidget

from core.changes import Changes
from core.db import ProcessedDB
from core.domain.amounts import count_text
from core.domain.annotation import Project
from core.domain.name_template import safe
from core.ops import label_exchange
from core.ops.label_exchange import ImportSummary
from ui import settings as keys
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import Lane, Runner
from ui.settings import Settings

_FILTER = "Labels of 8-cut (*.jsonl);;All files (*)"


class LabelTransfer(QObject):
    """Asks for files and moves labels, in the background."""

    told = pyqtSignal(str)
    failed = pyqtSignal(object)
    imported = pyqtSignal(object, object)
    """An `ImportSummary`, and the changes to announce."""

    def __init__(self, db: ProcessedDB, runner: Runner, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._db, self._runner, self._settings, self._window = db, runner, settings, parent

    def ask_for_export(self, project: Project) -> None:
        """Ask where to, and write the labels of a project."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Export labels", str(self._folder / export_name(project)), _FILTER
        )
        if name:
            self._settings.set(keys.LAST_OPEN_FOLDER, str(Path(name).parent))
            self.export_to(project, Path(name))

    def export_to(self, project: Project, path: Path) -> None:
        """Write the labels of a project."""
        self._submit(
            "Export labels",
            lambda _: label_exchange.export_labels(self._db, project, path),
            lambda left_out: self.told.emit(
                f"The labels are in {path.name}. Import that file on the other machine."
                + (f" {left_out}." if left_out else "")
            ),
        )

    def ask_for_import(self) -> None:
        """Ask for a file, and merge it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Import labels", str(self._folder), _FILTER)
        if name:
            self._settings.set(keys.LAST_OPEN_FOLDER, str(Path(name).parent))
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Merge a file of labels."""

        def done(result: tuple[ImportSummary, Changes]) -> None:
            self.told.emit(import_text(result[0]))
            self.imported.emit(*result)
            if result[0].kept:
                self._warn(result[0])

        self._submit("Import labels", lambda _: label_exchange.import_labels(self._db, path), done)

    def _warn(self, summary: ImportSummary) -> None:
        dialog = MessageDialog(
            self._window,
            "Rounds of two machines",
            "The labels came, the rounds of the file did not",
            (f"{summary.kept}.",),
            ("Close",),
            glyph="warning",
            token="warning",
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @property
    def _folder(self) -> Path:
        return Path(self._settings.get(keys.LAST_OPEN_FOLDER) or Path.home())

    def _submit(self, title: str, work, on_done) -> None:
        self._runner.submit(Lane.DB, title, work, on_done=on_done, on_failed=self.failed.emit)


def export_name(project: Project) -> str:
    """How its file is called unless the person says otherwise."""
    return f"{safe(project.name)} labels.jsonl".strip()


def import_text(summary: ImportSummary) -> str:
    """What came of an import, in sentences."""
    if summary.unchanged and not summary.kept:
        return f"Everything in the file was in {summary.project.name} already."
    parts = [
        f"{summary.answers:,} new answers and {summary.items:,} new items"
        f" {'make' if summary.created else 'are in'} the project {summary.project.name}."
    ]
    if summary.restored:
        parts.append("It had been deleted here and is back.")
    if summary.rounds:
        parts.append(f"{count_text(summary.rounds, 'round')} came with the split: further ones keep its test set.")
    if summary.kept:
        parts.append("The rounds of the file were left out.")
    if summary.contradictions:
        parts.append(f"{len(summary.contradictions):,} answers of one coder differ; the newer ones count.")
    if summary.altered:
        parts.append(f"{summary.altered:,} answers were edited in the file; what was here stays.")
    if summary.missing:
        names = ", ".join(summary.missing[:3]) + (" …" if len(summary.missing) > 3 else "")
        parts.append(f"Items of {len(summary.missing):,} videos wait until these are opened here: {names}")
    return " ".join(parts)
