"""Jobs run beside the window, end on its thread, and can be stopped, repeated and replaced."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from PyQt6.QtCore import QThread

from core.errors import Cancelled, UserError
from core.job import JobContext
from tests.ui.jobs.conftest import PATIENCE_S, Gate
from ui.jobs.job import BugError
from ui.jobs.runner import KEPT_ROWS, ImmediateRunner, Job, JobRunner, Lane, State


def ended(qtbot, job: Job) -> None:
    qtbot.waitUntil(lambda: job.state.final, timeout=int(PATIENCE_S * 1000))


def test_work_runs_elsewhere_and_the_result_comes_home(qtbot, runner: JobRunner) -> None:
    home = QThread.currentThread()
    seen: dict[str, object] = {}

    def work(context: JobContext) -> int:
        seen["worker"] = QThread.currentThread()
        return 42

    def done(result: int) -> None:
        seen["result"], seen["home"] = result, QThread.currentThread()

    job = runner.submit(Lane.IO, "count", work, on_done=done)
    assert job.state is State.WAITING
    ended(qtbot, job)
    assert job.state is State.DONE
    assert seen["result"] == 42
    assert seen["home"] is home
    assert seen["worker"] is not home


def test_a_lane_keeps_its_thread_and_its_order(qtbot, runner: JobRunner) -> None:
    local = threading.local()
    order: list[int] = []

    def work(number: int) -> None:
        local.count = getattr(local, "count", 0) + 1
        order.append((number, local.count))

    jobs = [runner.submit(Lane.DB, f"{number}", lambda _, number=number: work(number)) for number in range(5)]
    ended(qtbot, jobs[-1])
    assert order == [(number, number + 1) for number in range(5)]


def test_a_lane_runs_as_many_at_once_as_it_has_threads(qtbot, runner: JobRunner) -> None:
    gates = [Gate() for _ in range(3)]
    jobs = [runner.submit(Lane.IO, "wait", gate.wait) for gate in gates]
    assert gates[0].entered.wait(PATIENCE_S)
    assert gates[1].entered.wait(PATIENCE_S)
    qtbot.waitUntil(lambda: [job.state for job in jobs] == [State.RUNNING, State.RUNNING, State.WAITING])
    gates[0].open()
    assert gates[2].entered.wait(PATIENCE_S)
    for gate in gates:
        gate.open()
    for job in jobs:
        ended(qtbot, job)


def test_lanes_do_not_wait_for_each_other(qtbot, runner: JobRunner, gate: Gate) -> None:
    slow = runner.submit(Lane.FFMPEG, "slow", gate.wait)
    ended(qtbot, runner.submit(Lane.DB, "quick", lambda context: 1))
    assert not slow.state.final


def test_an_expected_error_is_told(qtbot, runner: JobRunner) -> None:
    told: list[UserError] = []
    error = UserError("Cannot read a.mp4", "It is empty", "Choose another")

    def work(context: JobContext) -> None:
        raise error

    job = runner.submit(Lane.IO, "read", work, on_failed=told.append, on_done=lambda _: told.append("done"))
    ended(qtbot, job)
    assert told == [error]
    assert job.state is State.FAILED
    assert job.error is error


@pytest.mark.allow_warnings
def test_a_mistake_is_logged_with_its_traceback(qtbot, runner: JobRunner, caplog: pytest.LogCaptureFixture) -> None:
    told: list[BugError] = []
    job = runner.submit(Lane.IO, "divide", lambda context: 1 / 0, on_failed=told.append)
    ended(qtbot, job)
    assert isinstance(job.error, BugError)
    assert "ZeroDivisionError" in job.error.report
    assert "ZeroDivisionError" in job.error.why
    assert told == [job.error]
    assert "Traceback" in caplog.text
    ended(qtbot, runner.submit(Lane.IO, "the lane lives", lambda context: 1))


def test_progress_reaches_the_window_while_the_job_runs(qtbot, runner: JobRunner, gate: Gate) -> None:
    def work(context: JobContext) -> None:
        context.progress(1, 4, "1 of 4")
        gate.wait(context)

    job = runner.submit(Lane.FFMPEG, "cut", work)
    with qtbot.waitSignal(
        runner.job_changed, check_params_cb=lambda changed: changed.progress.text == "1 of 4", timeout=10_000
    ):
        pass
    assert job.progress.fraction == 0.25
    gate.open()
    ended(qtbot, job)


def test_a_flood_of_progress_is_thinned(qtbot, runner: JobRunner) -> None:
    heard: list[Job] = []
    runner.job_changed.connect(heard.append)

    def work(context: JobContext) -> None:
        for step in range(20_000):
            context.progress(step, 20_000)

    ended(qtbot, runner.submit(Lane.IO, "flood", work))
    assert len(heard) < 200


def test_the_timer_rests_when_nothing_runs(qtbot, runner: JobRunner, gate: Gate) -> None:
    job = runner.submit(Lane.IO, "wait", gate.wait)
    qtbot.waitUntil(lambda: runner._timer.isActive())
    gate.open()
    ended(qtbot, job)
    assert not runner._timer.isActive()


def test_cancel_is_silent_and_told(qtbot, runner: JobRunner, gate: Gate) -> None:
    told: list[str] = []
    job = runner.submit(
        Lane.IO, "wait", gate.wait, on_cancelled=lambda: told.append("cancelled"), on_failed=lambda e: told.append("no")
    )
    assert gate.entered.wait(PATIENCE_S)
    job.cancel()
    job.cancel()
    ended(qtbot, job)
    assert (job.state, told) == (State.CANCELLED, ["cancelled"])


def test_a_waiting_job_is_cancelled_without_running(qtbot, runner: JobRunner, gate: Gate) -> None:
    ran: list[int] = []
    first = runner.submit(Lane.DB, "first", gate.wait)
    second = runner.submit(Lane.DB, "second", lambda context: ran.append(1))
    second.cancel()
    assert second.state is State.CANCELLED
    gate.open()
    ended(qtbot, first)
    ended(qtbot, runner.submit(Lane.DB, "third", lambda context: 1))
    assert not ran


def test_work_that_ended_before_it_saw_the_cancel_counts(qtbot, runner: JobRunner) -> None:
    entered, go = threading.Event(), threading.Event()

    def work(context: JobContext) -> str:
        entered.set()
        assert go.wait(PATIENCE_S)
        return "three files"

    told: list[str] = []
    job = runner.submit(Lane.IO, "cut", work, on_done=told.append)
    assert entered.wait(PATIENCE_S)
    job.cancel()
    go.set()
    ended(qtbot, job)
    assert (job.state, told) == (State.DONE, ["three files"])


def test_a_newer_job_of_the_same_key_takes_over(qtbot, runner: JobRunner) -> None:
    entered, go = threading.Event(), threading.Event()
    told: list[str] = []

    def stubborn(context: JobContext) -> str:
        entered.set()
        assert go.wait(PATIENCE_S)
        return "old"

    old = runner.submit(
        Lane.IO,
        "old",
        stubborn,
        supersedes="waveform",
        on_done=told.append,
        on_cancelled=lambda: told.append("cancelled"),
    )
    assert entered.wait(PATIENCE_S)
    other = runner.submit(Lane.IO, "another key", lambda context: "other", supersedes="probe", on_done=told.append)
    ended(qtbot, other)
    new = runner.submit(Lane.IO, "new", lambda context: "new", supersedes="waveform", on_done=told.append)
    ended(qtbot, new)
    go.set()
    ended(qtbot, old)
    assert told == ["other", "new"]
    assert old not in runner.jobs


def test_retry_does_it_again(qtbot, runner: JobRunner) -> None:
    attempts: list[int] = []

    def work(context: JobContext) -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise UserError("Not yet")
        return len(attempts)

    told: list[int] = []
    job = runner.submit(Lane.IO, "try", work, on_done=told.append)
    job.retry()
    ended(qtbot, job)
    job.retry()
    qtbot.waitUntil(lambda: told == [2])
    assert job not in runner.jobs
    assert [other.title for other in runner.jobs] == ["try"]


def test_retry_of_the_callers_own(qtbot, runner: JobRunner) -> None:
    asked: list[str] = []

    def work(context: JobContext) -> None:
        raise Cancelled

    job = runner.submit(Lane.IO, "try", work, retry=lambda: asked.append("retry"))
    ended(qtbot, job)
    job.retry()
    assert asked == ["retry"]
    assert runner.jobs == ()


def test_quiet_work_leaves_no_row_unless_it_fails(qtbot, runner: JobRunner) -> None:
    def fail(context: JobContext) -> None:
        raise UserError("No")

    ended(qtbot, runner.submit(Lane.IO, "good", lambda context: 1, quiet=True))
    bad = runner.submit(Lane.IO, "bad", fail, quiet=True)
    ended(qtbot, bad)
    assert runner.jobs == (bad,)


def test_only_the_newest_ended_jobs_stay(qapp) -> None:
    runner = ImmediateRunner()
    removed: list[Job] = []
    runner.job_removed.connect(removed.append)
    for number in range(KEPT_ROWS + 3):
        runner.submit(Lane.IO, str(number), lambda context: 1)
    assert [job.title for job in runner.jobs] == [str(number) for number in range(3, KEPT_ROWS + 3)]
    assert [job.title for job in removed] == ["0", "1", "2"]
    runner.clear_finished()
    assert runner.jobs == ()


def test_a_running_job_cannot_be_removed(qtbot, runner: JobRunner, gate: Gate) -> None:
    job = runner.submit(Lane.IO, "wait", gate.wait)
    runner.remove(job)
    runner.clear_finished()
    assert runner.jobs == (job,)


def test_shutdown_cancels_waits_and_calls_nobody(qapp, gate: Gate) -> None:
    runner = JobRunner()
    told: list[object] = []
    jobs = [
        runner.submit(Lane.FFMPEG, "wait", gate.wait, on_done=told.append, on_cancelled=lambda: told.append(1))
        for _ in range(3)
    ]
    assert gate.entered.wait(PATIENCE_S)
    assert runner.shutdown()
    assert runner.shutdown()
    qapp.processEvents()
    assert [job.state for job in jobs] == [State.CANCELLED] * 3
    late = runner.submit(Lane.IO, "late", lambda context: told.append("late"), on_cancelled=lambda: told.append("late"))
    assert late.state is State.CANCELLED
    assert not told


def test_a_worker_that_will_not_stop_is_left_and_logged() -> None:
    """In a process of its own, which ends with a thread still running."""
    code = """
import sys, threading
from PyQt6.QtCore import QCoreApplication
app = QCoreApplication([])
from ui.jobs.runner import JobRunner, Lane
runner, entered = JobRunner(), threading.Event()
runner.submit(Lane.IO, "stubborn", lambda context: (entered.set(), threading.Event().wait()))
entered.wait()
print("ended", runner.shutdown(0.05))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "ended False" in done.stdout
    assert "did not stop" in done.stderr
    assert done.returncode == 0, done.stderr


def test_a_callback_that_breaks_leaves_the_runner_in_order(qapp) -> None:
    runner = ImmediateRunner()

    def broken(result: int) -> None:
        raise ValueError("broken callback")

    with pytest.raises(ValueError, match="broken callback"):
        runner.submit(Lane.IO, "good", lambda context: 1, on_done=broken)
    assert runner.jobs[0].state is State.DONE


def test_the_immediate_runner_has_the_same_face(qapp) -> None:
    runner = ImmediateRunner()
    told: list[object] = []
    runner.job_finished.connect(lambda job: told.append(job.state))

    def cancelled(context: JobContext) -> None:
        raise Cancelled

    runner.submit(Lane.DB, "good", lambda context: 5, on_done=told.append)
    runner.submit(Lane.DB, "stopped", cancelled, on_cancelled=lambda: told.append("stopped"))
    assert told == [State.DONE, 5, State.CANCELLED, "stopped"]
    assert runner.active == ()
    public = {name for name in dir(JobRunner) if not name.startswith("_")}
    assert public <= {name for name in dir(ImmediateRunner) if not name.startswith("_")}


def test_worker_threads_carry_names_for_the_log(qtbot, runner: JobRunner) -> None:
    names: list[str] = []
    ended(qtbot, runner.submit(Lane.DB, "name", lambda context: names.append(threading.current_thread().name)))
    assert names == ["db-1"]
