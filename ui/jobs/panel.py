"""The drawer of jobs: the newest on top, ended ones until they are cleared."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui.jobs.job import Job, State
from ui.jobs.row import JobRow
from ui.jobs.runner import Runner
from ui.theme.tokens import Space
from ui.widgets.empty_state import EmptyState


class JobPanel(QFrame):
    """All jobs of a runner but the quiet ones that did not fail."""

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAccessibleName("Jobs")
        self._runner = runner
        self._rows: dict[int, JobRow] = {}
        self.count = QLabel()
        self.count.setProperty("muted", True)
        self.cancel_button = self._button("Cancel all", runner.cancel_all)
        self.clear_button = self._button("Clear finished", runner.clear_finished)
        self._list = QWidget()
        self._list.setProperty("surface", "panel")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch()
        self._stack = QStackedWidget()
        self._arrange()
        for job in runner.jobs:
            self._changed(job)
        runner.job_added.connect(self._changed)
        runner.job_changed.connect(self._changed)
        runner.job_removed.connect(self._removed)
        self._summarise()

    @property
    def rows(self) -> tuple[JobRow, ...]:
        """The rows, oldest job first."""
        return tuple(self._rows.values())

    def row(self, job: Job) -> JobRow | None:
        return self._rows.get(job.id)

    def _changed(self, job: Job) -> None:
        row = self._rows.get(job.id)
        if row is not None:
            row.refresh()
        elif not job.quiet or job.state is State.FAILED:
            self._rows[job.id] = row = JobRow(job)
            self._column.insertWidget(0, row)
        self._summarise()

    def _removed(self, job: Job) -> None:
        row = self._rows.pop(job.id, None)
        if row is not None:
            self._column.removeWidget(row)
            row.hide()
            # Retry removes the row whose button is being pressed.
            row.deleteLater()
        self._summarise()

    def _summarise(self) -> None:
        jobs = [row.job for row in self._rows.values()]
        active = sum(not job.state.final for job in jobs)
        failed = sum(job.state is State.FAILED for job in jobs)
        parts = [f"{active} running or waiting" if active else "", f"{failed} failed" if failed else ""]
        self.count.setText(" · ".join(part for part in parts if part))
        self.cancel_button.setEnabled(active > 0)
        self.clear_button.setEnabled(active < len(jobs))
        self._stack.setCurrentIndex(1 if jobs else 0)

    def _arrange(self) -> None:
        title = QLabel("Jobs")
        title.setProperty("title", True)
        head = QHBoxLayout()
        head.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        head.setSpacing(Space.S)
        head.addWidget(title)
        head.addWidget(self.count)
        head.addStretch()
        head.addWidget(self.cancel_button)
        head.addWidget(self.clear_button)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._list)
        self._stack.addWidget(EmptyState("Nothing to do", "Exports and other long work show here while they run."))
        self._stack.addWidget(area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)

    @staticmethod
    def _button(text: str, act) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("flat", True)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button
