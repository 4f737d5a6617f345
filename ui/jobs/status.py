"""Running work in the status bar: one line, one bar; a click opens the drawer."""

from __future__ import annotations

import time

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ui.jobs.job import Job, State
from ui.jobs.row import STATES, show_progress, status_text
from ui.jobs.runner import Runner
from ui.theme.icons import Glyph
from ui.theme.tokens import Space
from ui.widgets.elided_label import ElidedLabel

WIDTH_PX = 420
BAR_PX = 88
QUIET_FOR_MS = 300
"""Background work that ends sooner is not mentioned: nobody could read it."""


class JobStatus(QPushButton):
    """As wide at rest as at work, so that nothing beside it jumps. `clicked` asks for the drawer."""

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("flat", True)
        self.setAutoDefault(False)
        self._runner = runner
        self._seen_failures: set[int] = set()
        self._shown: tuple = ()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(QUIET_FOR_MS)
        self._later.timeout.connect(self.refresh)
        self._glyph = Glyph("play", 14, self)
        self.text_label = ElidedLabel("", self)
        self.time_label = QLabel("", self)
        self.bar = QProgressBar(self)
        self._arrange()
        for signal in (runner.job_added, runner.job_changed, runner.job_removed):
            signal.connect(self.refresh)
        self.clicked.connect(self.acknowledge)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH_PX // 2, 24)

    def acknowledge(self) -> None:
        """Failures up to now have been seen: they no longer show here."""
        self._seen_failures |= {job.id for job in self._runner.jobs if job.state is State.FAILED}
        self.refresh()

    def refresh(self) -> None:
        """Show the most telling job: a running one, a waiting one, a failure nobody has seen, none."""
        active = sorted(self._worth_telling(), key=lambda job: (job.quiet, job.state is not State.RUNNING, job.id))
        failures = [job for job in self._runner.jobs if job.state is State.FAILED and job.id not in self._seen_failures]
        if active:
            self._show_active(active[0], sum(not job.quiet for job in active[1:]))
        elif failures:
            count = len(failures)
            text = failures[-1].title if count == 1 else f"{count} jobs"
            self._show("error", "danger", f"{text} failed", "", None)
        else:
            self._show("", "", "No jobs", "", None)

    def _worth_telling(self) -> list[Job]:
        """Those the person started, and quiet ones that have lasted; asks again later for the others."""
        active = self._runner.active
        before_s = time.monotonic() - QUIET_FOR_MS / 1000
        told = [job for job in active if not job.quiet or job.added_s <= before_s]
        if len(told) < len(active) and not self._later.isActive():
            self._later.start()
        return told

    def _show_active(self, job: Job, others: int) -> None:
        text = job.title + (f" (+{others})" if others else "")
        name, token, _ = STATES[job.state]
        self._show(name, token, text, status_text(job), job)

    def _show(self, glyph: str, token: str, text: str, status: str, job: Job | None) -> None:
        fraction = None if job is None else job.progress.fraction if job.state is State.RUNNING else 0.0
        shown = (glyph, token, text, status, job is None, fraction)
        if shown == self._shown:
            return
        self._shown = shown
        self._glyph.setVisible(bool(glyph))
        if glyph:
            self._glyph.show_icon(glyph, token)
        side = Qt.AlignmentFlag.AlignLeft if glyph else Qt.AlignmentFlag.AlignRight
        self.text_label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.text_label.setText(text)
        self.time_label.setText(status)
        self.bar.setVisible(job is not None)
        if job is not None:
            show_progress(self.bar, fraction)
        self.setAccessibleName(f"Jobs: {text} {status}".strip())
        self.setToolTip(f"{text}\n{status}\nClick for all jobs".replace("\n\n", "\n"))

    def _arrange(self) -> None:
        self.time_label.setTextFormat(Qt.TextFormat.PlainText)
        self.time_label.setProperty("muted", True)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(BAR_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.S, 0, Space.S, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._glyph)
        row.addWidget(self.text_label, 1)
        row.addWidget(self.time_label)
        row.addWidget(self.bar)
        for child in (self.text_label, self.time_label, self.bar):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
