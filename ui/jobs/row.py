"""One job as a row: what, where, how far, how long still, and the four things a person can do with it."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QToolButton, QWidget

from ui.dialogs.folders import open_folder
from ui.dialogs.text_dialog import TextDialog
from ui.jobs.eta import format_eta
from ui.jobs.job import BugError, Job, State
from ui.theme.icons import Glyph, icon
from ui.theme.tokens import Space
from ui.widgets.elided_label import ElidedLabel

# State: icon, its colour, the word beside it
STATES = {
    State.WAITING: ("waiting", "text_muted", "waiting"),
    State.RUNNING: ("play", "accent", ""),
    State.DONE: ("check", "success", "done"),
    State.FAILED: ("error", "danger", "failed"),
    State.CANCELLED: ("minus", "text_muted", "cancelled"),
}
PROGRESS_STEPS = 1000


def show_progress(bar: QProgressBar, fraction: float | None, running: bool = True) -> None:
    """Set a bar to a fraction; while it is unknown the bar moves to and fro."""
    if fraction is None:
        bar.setRange(0, 0 if running else 1)
        bar.setValue(0)
    else:
        bar.setRange(0, PROGRESS_STEPS)
        bar.setValue(round(fraction * PROGRESS_STEPS))


def status_text(job: Job) -> str:
    """`2 of 3 clips · 4 s`: what the job says about itself and how long it still takes."""
    if job.state is State.RUNNING and job.context.cancelled:
        return "stopping"
    if job.state is not State.RUNNING:
        return STATES[job.state][2]
    progress = job.progress
    parts = [progress.text or (f"{progress.fraction:.0%}" if progress.fraction is not None else "")]
    if job.eta_s is not None:
        parts.append(f"{format_eta(job.eta_s)} left")
    return " · ".join(part for part in parts if part) or "running"


def job_log(job: Job) -> str:
    """Everything the job wrote down, and how it failed."""
    parts = list(job.log_lines)
    if job.error is not None:
        parts += ["", str(job.error)] if parts else [str(job.error)]
    if isinstance(job.error, BugError):
        parts += ["", job.error.report]
    return "\n".join(parts)


class JobRow(QFrame):
    """Shows a `Job`; `refresh` looks at it again."""

    def __init__(self, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("JobRow")
        self.job = job
        self._glyph = Glyph("waiting", Space.ICON, self)
        self.title = ElidedLabel(job.title)
        self.status = QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setProperty("muted", True)
        self.detail = ElidedLabel(job.where)
        self.detail.setProperty("small", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress of {job.title}")
        self.cancel_button = self._button("close", "Cancel", job.cancel)
        self.retry_button = self._button("retry", "Retry", job.retry)
        self.log_button = self._button("log", "Log", self.show_log)
        self.folder_button = self._button("folder", "Open folder", lambda: open_folder(job.folder))
        self._arrange()
        self.refresh()

    def refresh(self) -> None:
        """Show how the job stands now."""
        job = self.job
        name, token, _ = STATES[job.state]
        self._glyph.show_icon(name, token)
        self.status.setText(status_text(job))
        failed = job.state is State.FAILED
        self.detail.setText(str(job.error) if failed else job.where)
        self._set(self.detail, "tone", "danger" if failed else "")
        self._set(self.detail, "muted", not failed)
        self.detail.setVisible(bool(self.detail.text()))
        self.bar.setVisible(job.state is State.RUNNING)
        show_progress(self.bar, job.progress.fraction)
        may_retry = job.state in (State.FAILED, State.CANCELLED)
        self.cancel_button.setVisible(not job.state.final)
        self.cancel_button.setEnabled(not job.context.cancelled)
        self.retry_button.setVisible(may_retry)
        self.log_button.setVisible(bool(job.log_lines) or job.error is not None)
        self.folder_button.setVisible(bool(job.folder))
        self.setAccessibleName(f"{job.title}: {self.status.text()}")

    def show_log(self) -> None:
        """Open what the job wrote down in a window of its own."""
        dialog = TextDialog(f"Log of {self.job.title}", job_log(self.job), self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _arrange(self) -> None:
        # Hidden buttons keep their place, and Cancel and Retry share one: in all rows they stand in columns.
        buttons = QGridLayout()
        buttons.setHorizontalSpacing(Space.XS)
        for column, button in (
            (0, self.folder_button),
            (1, self.log_button),
            (2, self.retry_button),
            (2, self.cancel_button),
        ):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
            buttons.addWidget(button, 0, column, Qt.AlignmentFlag.AlignLeft)
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._glyph, 0, 0)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.status, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addLayout(buttons, 0, 3, 2, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.detail, 1, 1, 1, 2)
        grid.addWidget(self.bar, 2, 1, 1, 3)

    def _button(self, icon_name: str, text: str, act) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(icon_name))
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setAccessibleName(f"{text}: {self.job.title}")
        button.clicked.connect(lambda _checked=False: act())
        return button

    @staticmethod
    def _set(widget: QWidget, name: str, value: object) -> None:
        """A property that the style sheet looks at; the style is only asked again when it changes."""
        if widget.property(name) != value:
            widget.setProperty(name, value)
            widget.style().unpolish(widget)
            widget.style().polish(widget)
