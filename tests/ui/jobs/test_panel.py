"""The drawer and the status bar show what runs, and every button does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from core.errors import UserError
from core.job import JobContext
from tests.file_manager import Opened
from tests.ui.jobs.conftest import PATIENCE_S, Gate
from ui.dialogs.text_dialog import TextDialog
from ui.jobs.panel import JobPanel
from ui.jobs.row import JobRow
from ui.jobs.runner import ImmediateRunner, JobRunner, Lane, State
from ui.jobs.status import JobStatus

LEFT = Qt.MouseButton.LeftButton


def failing(context: JobContext) -> None:
    context.log("ffmpeg said no")
    raise UserError("Cannot write a.mp4", "The disk is full", "Free some space")


@pytest.fixture
def immediate(qapp) -> ImmediateRunner:
    return ImmediateRunner()


def panel_of(qtbot, runner) -> JobPanel:
    panel = JobPanel(runner)
    panel.resize(760, 400)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def only_row(panel: JobPanel) -> JobRow:
    (row,) = panel.rows
    return row


def test_an_empty_drawer_says_what_fills_it(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    assert "show here" in panel._stack.currentWidget().text.text()
    assert not panel.cancel_button.isEnabled()
    assert not panel.clear_button.isEnabled()


def test_a_running_job_shows_progress_and_cancels(qtbot, runner: JobRunner, gate: Gate) -> None:
    panel = panel_of(qtbot, runner)

    def work(context: JobContext) -> None:
        context.progress(1, 4, "clip 1 of 4")
        gate.wait(context)

    job = runner.submit(Lane.FFMPEG, "a.mp4: 4 clips", work, where="/data/door")
    row = only_row(panel)
    qtbot.waitUntil(lambda: row.status.text().startswith("clip 1 of 4"))
    assert row.title.text() == "a.mp4: 4 clips"
    assert row.detail.text() == "/data/door"
    assert row.bar.isVisible()
    assert row.bar.value() / row.bar.maximum() == 0.25
    assert not row.retry_button.isVisible()
    qtbot.mouseClick(row.cancel_button, LEFT)
    assert row.status.text() in ("stopping", "cancelled")
    qtbot.waitUntil(lambda: job.state is State.CANCELLED)
    assert row.status.text() == "cancelled"
    assert not row.bar.isVisible()
    assert not row.cancel_button.isVisible()


def test_a_failed_job_says_why_and_retries(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    outcomes = [failing, lambda context: None]
    immediate.submit(Lane.IO, "a.mp4", lambda context: outcomes.pop(0)(context), where="/data")
    row = only_row(panel)
    assert "The disk is full" in row.detail.text()
    assert row.status.text() == "failed"
    assert panel.count.text() == "1 failed"
    qtbot.mouseClick(row.retry_button, LEFT)
    again = only_row(panel)
    assert again is not row
    assert again.status.text() == "done"
    assert panel.count.text() == ""


def test_the_log_of_a_job_opens_and_copies(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    immediate.submit(Lane.IO, "a.mp4", failing)
    qtbot.mouseClick(only_row(panel).log_button, LEFT)
    (dialog,) = panel.findChildren(TextDialog)
    qtbot.mouseClick(dialog.copy_button, LEFT)
    assert "ffmpeg said no" in QApplication.clipboard().text()
    assert "The disk is full" in QApplication.clipboard().text()
    qtbot.mouseClick(dialog.close_button, LEFT)
    assert not dialog.isVisible()


@pytest.mark.allow_warnings
def test_the_log_of_a_mistake_holds_the_traceback(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    immediate.submit(Lane.IO, "divide", lambda context: 1 / 0)
    qtbot.mouseClick(only_row(panel).log_button, LEFT)
    (dialog,) = panel.findChildren(TextDialog)
    assert "Traceback" in dialog.view.toPlainText()
    dialog.close()


def test_the_folder_opens(qtbot, immediate: ImmediateRunner, file_manager: Opened, tmp_path: Path) -> None:
    panel = panel_of(qtbot, immediate)
    immediate.submit(Lane.IO, "here", lambda context: None, folder=str(tmp_path))
    qtbot.mouseClick(only_row(panel).folder_button, LEFT)
    assert file_manager.paths == [tmp_path]


def test_a_folder_that_is_gone_opens_the_one_above(
    qtbot, immediate: ImmediateRunner, file_manager: Opened, tmp_path: Path
) -> None:
    panel = panel_of(qtbot, immediate)
    immediate.submit(Lane.IO, "gone", lambda context: None, folder=str(tmp_path / "gone" / "deeper"))
    qtbot.mouseClick(only_row(panel).folder_button, LEFT)
    assert file_manager.paths == [tmp_path]


def test_buttons_that_do_nothing_are_not_there(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    immediate.submit(Lane.IO, "plain", lambda context: None)
    row = only_row(panel)
    buttons = (row.cancel_button, row.retry_button, row.log_button, row.folder_button)
    assert not any(button.isVisible() for button in buttons)


def test_cancel_all_and_clear(qtbot, runner: JobRunner, gate: Gate) -> None:
    panel = panel_of(qtbot, runner)
    jobs = [runner.submit(Lane.FFMPEG, f"job {number}", gate.wait) for number in range(3)]
    assert gate.entered.wait(PATIENCE_S)
    assert panel.count.text() == "3 running or waiting"
    assert not panel.clear_button.isEnabled()
    qtbot.mouseClick(panel.cancel_button, LEFT)
    qtbot.waitUntil(lambda: all(job.state is State.CANCELLED for job in jobs))
    assert not panel.cancel_button.isEnabled()
    qtbot.mouseClick(panel.clear_button, LEFT)
    assert panel.rows == ()


def test_the_newest_is_on_top(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    for title in ("first", "second"):
        immediate.submit(Lane.IO, title, lambda context: None)
    first, second = panel.rows
    QApplication.processEvents()
    assert second.y() < first.y()


def test_quiet_jobs_have_no_row_unless_they_fail(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    immediate.submit(Lane.IO, "waveform", lambda context: None, quiet=True)
    assert panel.rows == ()
    immediate.submit(Lane.IO, "waveform", failing, quiet=True)
    assert only_row(panel).status.text() == "failed"


def test_a_drawer_made_later_shows_what_runs(qtbot, runner: JobRunner, gate: Gate) -> None:
    job = runner.submit(Lane.IO, "wait", gate.wait)
    assert panel_of(qtbot, runner).row(job) is not None


def test_a_hundred_rows_scroll_and_long_names_give_way(qtbot, immediate: ImmediateRunner) -> None:
    panel = panel_of(qtbot, immediate)
    for number in range(100):
        immediate.submit(Lane.IO, f"{number} " + "very long name " * 30, failing, where="/data/" + "x" * 400)
    QApplication.processEvents()
    assert panel.width() == 760
    row = panel.rows[-1]
    assert "…" in row.title.shown_text()
    assert row.title.toolTip() == row.title.text()
    assert row.width() <= 760


def test_buttons_of_all_rows_stand_in_columns(qtbot, runner: JobRunner, gate: Gate) -> None:
    panel = panel_of(qtbot, runner)
    failed = runner.submit(Lane.IO, "failed", failing, folder="/tmp")
    running = runner.submit(Lane.IO, "running", gate.wait, folder="/tmp")
    qtbot.waitUntil(lambda: failed.state is State.FAILED and running.state is State.RUNNING)
    QApplication.processEvents()
    one, other = panel.row(failed), panel.row(running)
    assert one.folder_button.x() == other.folder_button.x()
    assert one.retry_button.x() == other.cancel_button.x()


def test_status_bar_at_rest_and_at_work(qtbot, runner: JobRunner, gate: Gate) -> None:
    status = JobStatus(runner)
    qtbot.addWidget(status)
    status.show()
    assert status.text_label.text() == "No jobs"
    assert not status.bar.isVisible()
    at_rest = status.sizeHint()

    def work(context: JobContext) -> None:
        context.progress(2, 3, "2 of 3")
        gate.wait(context)

    runner.submit(Lane.FFMPEG, "a.mp4", work)
    runner.submit(Lane.FFMPEG, "b.mp4", gate.wait)
    qtbot.waitUntil(lambda: status.time_label.text().startswith("2 of 3"))
    assert status.text_label.text() == "a.mp4 (+1)"
    assert status.bar.isVisible()
    assert status.sizeHint() == at_rest
    gate.open()
    qtbot.waitUntil(lambda: status.text_label.text() == "No jobs")


def test_status_bar_prefers_what_the_person_started(qtbot, runner: JobRunner, gate: Gate) -> None:
    status = JobStatus(runner)
    qtbot.addWidget(status)
    quiet = runner.submit(Lane.IO, "waveform", gate.wait, quiet=True)
    qtbot.waitUntil(lambda: status.text_label.text() == "waveform")
    runner.submit(Lane.DB, "rebuild", gate.wait)
    assert status.text_label.text() == "rebuild"
    gate.open()
    qtbot.waitUntil(lambda: quiet.state.final)


def test_status_bar_says_nothing_of_quiet_work_that_is_over_at_once(qtbot, runner: JobRunner) -> None:
    status, told = JobStatus(runner), []
    qtbot.addWidget(status)
    runner.job_changed.connect(lambda _: told.append(status.text_label.text()))
    runner.job_removed.connect(lambda _: told.append(status.text_label.text()))
    for _ in range(30):
        job = runner.submit(Lane.IO, "Try a threshold", lambda _: None, quiet=True)
        qtbot.waitUntil(lambda job=job: job.state.final)
    assert len(told) >= 60
    assert set(told) == {"No jobs"}


def test_status_bar_reports_failures_until_they_are_seen(qtbot, immediate: ImmediateRunner) -> None:
    status = JobStatus(immediate)
    qtbot.addWidget(status)
    status.show()
    immediate.submit(Lane.IO, "a.mp4", failing)
    assert status.text_label.text() == "a.mp4 failed"
    immediate.submit(Lane.IO, "b.mp4", failing)
    assert status.text_label.text() == "2 jobs failed"
    with qtbot.waitSignal(status.clicked):
        qtbot.mouseClick(status, LEFT)
    assert status.text_label.text() == "No jobs"
