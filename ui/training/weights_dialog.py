"""Weights of models: which are here, what they cost and under which licence, and ways to get them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import size_text
from core.errors import EightCutError
from core.job import JobContext
from core.ops import weights
from core.ops.weights import WeightRow, WeightState
from core.paths import DataPaths
from ui.dialogs.folders import open_folder
from ui.jobs.row import show_progress, status_text
from ui.jobs.runner import Job, Lane, Runner
from ui.theme import Space
from ui.theme.icons import icon
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.tables import table_of

DEFAULT_SIZE_PX, SMALLEST_SIZE_PX = (880, 600), (680, 420)
_TITLES = ("Model", "Size", "Licence", "State")
_STATE_ICONS = {
    WeightState.BUILT_IN: ("check", "text_muted"),
    WeightState.HERE: ("check", "success"),
    WeightState.MISSING: ("download", "text_muted"),
    WeightState.REFUSED: ("warning", "warning"),
}


class WeightsDialog(QDialog):
    """One download at a time. It goes on when the dialog is closed, and is in the list of jobs as well."""

    changed = pyqtSignal()
    """A file came, or was refused."""

    def __init__(self, paths: DataPaths, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths, self._runner = paths, runner
        self._rows: list[WeightRow] = []
        self._job: Job | None = None
        self.setWindowTitle("Weights of models")
        self.setMinimumSize(*SMALLEST_SIZE_PX)
        self.resize(*DEFAULT_SIZE_PX)
        self.table = table_of("Models", _TITLES, words=True)
        self.about = _words("muted")
        self.address = _words("muted")
        self.message = _words("tone", "danger")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the download")
        self.status = ElidedLabel()
        self.status.setProperty("muted", True)
        self.download = QPushButton("Download")
        self.download.setProperty("primary", True)
        self.choose = QPushButton("Choose a file…")
        self.choose.setToolTip("Take a file that was downloaded elsewhere; it is checked and copied")
        self.check = QPushButton("Check")
        self.check.setToolTip("Compare its SHA-256 with the one it should have")
        self.folder = QPushButton("Open folder")
        self.folder.setToolTip("Where the files lie; one put there by hand under its name is found")
        self.cancel = QPushButton("Cancel")
        self.dismiss = QPushButton("Close")
        self._lay_out()
        self.table.itemSelectionChanged.connect(self._row_chosen)
        self.download.clicked.connect(self.fetch)
        self.check.clicked.connect(self.fetch)
        self.choose.clicked.connect(self._choose_file)
        self.folder.clicked.connect(lambda: open_folder(self._paths.weights))
        self.cancel.clicked.connect(lambda: self._job.cancel() if self._job else None)
        self.dismiss.clicked.connect(self.accept)
        runner.job_changed.connect(self._job_changed)
        self.refresh()

    def refresh(self) -> None:
        """Look what is here; the chosen row stays chosen."""
        wanted = self.row.title if self.row else ""
        self._rows = weights.weights(self._paths)
        self.table.setRowCount(len(self._rows))
        for place, row in enumerate(self._rows):
            for column, text in enumerate((row.title, _size(row), row.licence, row.state.value)):
                self.table.setItem(place, column, QTableWidgetItem(text))
            self.table.item(place, 0).setToolTip(row.source)
            self.table.item(place, len(_TITLES) - 1).setIcon(icon(*_STATE_ICONS[row.state]))
        self._select(wanted)

    def show_model(self, name: str) -> None:
        """Choose the row of this model."""
        self._select(next((row.title for row in self._rows if name in row.models), ""))

    @property
    def row(self) -> WeightRow | None:
        """The chosen one."""
        place = self.table.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def fetch(self) -> None:
        """Download the chosen one, or check the file that is here."""
        row = self.row
        if row is not None:
            what = "Check" if row.state is WeightState.HERE else "Download"
            self._run(f"{what} {row.file_name}", row, lambda ctx: weights.fetch(self._paths, row, ctx))

    def adopt(self, source: Path) -> None:
        """Take this file for the chosen one."""
        row = self.row
        if row is not None:
            self._run(f"Copy {row.file_name}", row, lambda ctx: weights.adopt(self._paths, row, source, ctx))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _select(self, title: str) -> None:
        titles = [row.title for row in self._rows]
        missing = [row.title for row in self._rows if row.state is not WeightState.BUILT_IN]
        wanted = title if title in titles else next(iter(missing), "")
        self.table.setCurrentCell(titles.index(wanted) if wanted in titles else 0, 0)
        self._show_row()

    def _row_chosen(self) -> None:
        """What was said was about another row."""
        if self._job is None:
            self.message.clear()
            self.status.clear()
        self._show_row()

    def _show_row(self) -> None:
        row, busy = self.row, self._job is not None
        here = row is not None and row.state is WeightState.HERE
        needed = row is not None and row.state is not WeightState.BUILT_IN
        self.download.setVisible(needed and not here)
        self.check.setVisible(here)
        for button in (self.download, self.check, self.choose):
            button.setEnabled(needed and not busy)
        self.cancel.setVisible(busy)
        self.progress.setVisible(busy)
        self.message.setVisible(bool(self.message.text()))
        if row is None:
            return
        self.about.setText(row.source)
        if not needed:
            self.address.setText("Nothing to download: it is part of 8-cut.")
        elif row.state is WeightState.REFUSED:
            aside = row.place.with_name(row.place.name + ".refused")
            self.address.setText(f"A file with a wrong SHA-256 was put aside: {aside}\nThe right one is at {row.url}")
        else:
            self.address.setText(f"{'From' if here else 'At'} {row.url}\n{'In' if here else 'Goes to'} {row.place}")

    def _run(self, title: str, row: WeightRow, work: Callable[[JobContext], Path]) -> None:
        if self._job is not None:
            return
        self.message.clear()
        self.status.setText("Starting…")
        self.progress.setValue(0)
        self._job = self._runner.submit(
            Lane.IO,
            title,
            work,
            on_done=lambda path: self._ended(f"{path.name} is here and is the right file."),
            on_failed=self._failed,
            on_cancelled=lambda: self._ended("Cancelled. Nothing half-fetched was kept."),
            where=row.title,
            folder=str(self._paths.weights),
        )
        if self._job.state.final:
            self._job = None
        self._show_row()

    def _failed(self, error: EightCutError) -> None:
        self.message.setText("\n".join(f"{part.rstrip('.')}." for part in (error.what, error.why, error.fix) if part))
        self._ended("")

    def _ended(self, text: str) -> None:
        self._job = None
        self.status.setText(text)
        self.refresh()
        self.changed.emit()

    def _job_changed(self, job: Job) -> None:
        if job is self._job:
            show_progress(self.progress, job.progress.fraction)
            self.status.setText(status_text(job))

    def _choose_file(self) -> None:
        row = self.row
        if row is None:
            return
        chosen, _ = QFileDialog.getOpenFileName(self, f"The weights of {row.title}", str(Path.home()))
        if chosen:
            self.adopt(Path(chosen))

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(self.folder)
        below.addWidget(self.status, 1)
        for button in (self.cancel, self.choose, self.check, self.download, self.dismiss):
            below.addWidget(button)
        for button in (self.folder, self.cancel, self.choose, self.check, self.download, self.dismiss):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.table, 1)
        for label in (self.about, self.address, self.message):
            column.addWidget(label)
        column.addWidget(self.progress)
        column.addLayout(below)


def _size(row: WeightRow) -> str:
    if row.state is WeightState.BUILT_IN:
        return "nothing"
    return size_text(row.size_bytes) if row.state is WeightState.HERE else f"about {size_text(row.size_bytes)}"


def _words(name: str, value: object = True) -> QLabel:
    label = QLabel()
    label.setProperty(name, value)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
