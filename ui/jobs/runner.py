"""Runs jobs on lanes of long-lived threads and brings their results home to the GUI thread.

A lane's thread loops over a queue, so that whatever belongs to a thread (a database connection) lives as long as the
lane. Progress is never signalled: a timer looks at it while something runs.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from PyQt6 import sip
from PyQt6.QtCore import QDeadlineTimer, QObject, Qt, QThread, QTimer, pyqtSignal, pyqtSlot

from core.errors import Cancelled, EightCutError
from core.job import JobContext
from ui.jobs.job import BugError, Callbacks, Job, Lane, Outcome, State

__all__ = ["ImmediateRunner", "Job", "JobRunner", "Lane", "Runner", "State"]

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL_MS = 50
KEPT_ROWS = 100
SHUTDOWN_S = 10.0


def execute(job: Job) -> Outcome:
    """Do the work of a job, whatever comes of it; the one place of this package that catches everything."""
    # Before the check: whoever cancels sets the cancel first and then looks whether the job was taken.
    job.taken = True
    try:
        job.context.check()
        return Outcome(State.DONE, job.work(job.context))
    except Cancelled:
        return Outcome(State.CANCELLED)
    except EightCutError as error:
        log.info("%s failed: %s", job.title, error)
        return Outcome(State.FAILED, error=error)
    except Exception as error:
        log.exception("A mistake in 8-cut stopped %r", job.title)
        return Outcome(State.FAILED, error=BugError.of(job.title, error))


class Runner(QObject):
    """What `JobRunner` and `ImmediateRunner` share: the list of jobs, what happens to it, and who is told."""

    job_added = pyqtSignal(object)
    job_changed = pyqtSignal(object)
    """State, progress or estimate; at most once per 50 ms and job."""
    job_finished = pyqtSignal(object)
    job_removed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._closing = False

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Waiting and running ones, and those that ended and were not cleared; oldest first."""
        return tuple(self._jobs)

    @property
    def active(self) -> tuple[Job, ...]:
        """Those that wait or run."""
        return tuple(job for job in self._jobs if not job.state.final)

    def submit(
        self,
        lane: Lane,
        title: str,
        work: Callable[[JobContext], T],
        *,
        on_done: Callable[[T], None] | None = None,
        on_failed: Callable[[EightCutError], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
        quiet: bool = False,
        retry: Callable[[], object] | None = None,
        where: str = "",
        folder: str = "",
        supersedes: str | None = None,
    ) -> Job:
        """Queue `work(context)` on a lane; the callbacks run on the GUI thread.

        Args:
            quiet: background work that opens no drawer and leaves no row when it ends well.
            retry: what Retry does after a failure or a cancel; by default the same work again.
            where: the second line of its row: a file, a folder.
            folder: what its "Open folder" opens.
            supersedes: a key; an unfinished job with the same key is cancelled and its result dropped.

        While the program closes the job comes back cancelled and no callback runs.
        """
        job = Job(
            lane,
            title,
            work,
            Callbacks(on_done, on_failed, on_cancelled),
            where=where,
            folder=folder,
            quiet=quiet,
            key=supersedes,
        )
        job.bind(self._cancel, lambda old: self._repeat(old, retry))
        if self._closing:
            job.context.cancel()
            job.state = State.CANCELLED
            return job
        if supersedes is not None:
            for older in self.active:
                if older.key == supersedes:
                    older.stale = True
                    older.cancel()
        self._jobs.append(job)
        self.job_added.emit(job)
        self._enqueue(job)
        return job

    def clear_finished(self) -> None:
        """Forget the jobs that have ended."""
        for job in self.jobs:
            if job.state.final:
                self.remove(job)

    def remove(self, job: Job) -> None:
        """Forget one job that has ended; a running one stays."""
        if job.state.final and job in self._jobs:
            self._jobs.remove(job)
            self.job_removed.emit(job)

    def cancel_all(self) -> None:
        # The last first, so that no waiting one begins when the one before it ends.
        for job in reversed(self.active):
            job.cancel()

    def _repeat(self, job: Job, retry: Callable[[], object] | None) -> None:
        self.remove(job)
        if retry is not None:
            retry()
            return
        callbacks = job.callbacks
        self.submit(
            job.lane,
            job.title,
            job.work,
            on_done=callbacks.on_done,
            on_failed=callbacks.on_failed,
            on_cancelled=callbacks.on_cancelled,
            quiet=job.quiet,
            where=job.where,
            folder=job.folder,
            supersedes=job.key,
        )

    def _begin(self, job: Job) -> None:
        if job.state is State.WAITING:
            job.state = State.RUNNING
            if not self._closing:
                self.job_changed.emit(job)

    def _end(self, job: Job, outcome: Outcome) -> None:
        if job.state.final:
            return
        job.state = State.CANCELLED if job.stale else outcome.state
        job.error = outcome.error
        if self._closing:
            return
        self.job_changed.emit(job)
        self.job_finished.emit(job)
        self._tidy(job)
        callbacks = job.callbacks
        if job.stale:
            return
        if job.state is State.DONE and callbacks.on_done:
            callbacks.on_done(outcome.result)
        elif job.state is State.FAILED and callbacks.on_failed:
            callbacks.on_failed(outcome.error)
        elif job.state is State.CANCELLED and callbacks.on_cancelled:
            callbacks.on_cancelled()

    def _tidy(self, job: Job) -> None:
        """Quiet jobs go when they end well; of the others the newest `KEPT_ROWS` stay."""
        if job.stale or (job.quiet and job.state is not State.FAILED):
            self.remove(job)
        ended = [old for old in self._jobs if old.state.final]
        for old in ended[: max(0, len(ended) - KEPT_ROWS)]:
            self.remove(old)

    def _enqueue(self, job: Job) -> None:
        raise NotImplementedError

    def _cancel(self, job: Job) -> None:
        raise NotImplementedError


class _Worker(QThread):
    """One thread of a lane."""

    began = pyqtSignal(object)
    ended = pyqtSignal(object, object)

    def __init__(self, name: str, jobs: queue.SimpleQueue[Job | None]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._queue = jobs

    def run(self) -> None:
        # The log shows this name; without it a foreign thread is called Dummy-N.
        threading.current_thread().name = self.objectName()
        while (job := self._queue.get()) is not None:
            self.began.emit(job)
            outcome = execute(job)
            self.ended.emit(job, outcome)
            # A thread that waits must not keep the last result alive.
            job = outcome = None


class JobRunner(Runner):
    """The runner of the real window. Call `shutdown` before the database closes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queues: dict[Lane, queue.SimpleQueue[Job | None]] = {}
        self._workers: list[_Worker] = []
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    def shutdown(self, timeout_s: float = SHUTDOWN_S) -> bool:
        """Refuse new work, cancel all, wait for the threads; False when one did not end within `timeout_s`.

        No callback and no signal comes after this. Idempotent.
        """
        self._closing = True
        self._timer.stop()
        for job in reversed(self.active):
            job.context.cancel()
        for lane, waiting in self._queues.items():
            for _ in range(lane.threads):
                waiting.put(None)
        deadline = QDeadlineTimer(round(timeout_s * 1000))
        stuck = [worker for worker in self._workers if not worker.wait(deadline)]
        for worker in stuck:
            log.error("%s did not stop within %g s; leaving without it", worker.objectName(), timeout_s)
            # Destroying a running QThread aborts the process: from now on nobody owns it.
            sip.transferto(worker, None)
        self._workers = []
        self._queues = {}
        for job in self.active:
            job.state = State.CANCELLED
        return not stuck

    def _enqueue(self, job: Job) -> None:
        self._lane(job.lane).put(job)

    def _cancel(self, job: Job) -> None:
        job.context.cancel()
        if not job.taken:
            self._end(job, Outcome(State.CANCELLED))
        elif not job.stale:
            self.job_changed.emit(job)

    def _lane(self, lane: Lane) -> queue.SimpleQueue[Job | None]:
        """The queue of a lane; its threads start with its first job."""
        if lane not in self._queues:
            self._queues[lane] = queue.SimpleQueue()
            for number in range(lane.threads):
                worker = _Worker(f"{lane.value[0]}-{number + 1}", self._queues[lane])
                worker.began.connect(self._worker_began, Qt.ConnectionType.QueuedConnection)
                worker.ended.connect(self._worker_ended, Qt.ConnectionType.QueuedConnection)
                worker.start()
                self._workers.append(worker)
        return self._queues[lane]

    @pyqtSlot(object)
    def _worker_began(self, job: Job) -> None:
        if not self._closing:
            self._begin(job)
            if not self._timer.isActive():
                self._timer.start()

    @pyqtSlot(object, object)
    def _worker_ended(self, job: Job, outcome: Outcome) -> None:
        if not any(other.state is State.RUNNING for other in self._jobs if other is not job):
            self._timer.stop()
        self._end(job, outcome)

    def _poll(self) -> None:
        now_s = time.monotonic()
        for job in self.jobs:
            if job.state is State.RUNNING and job.watch(now_s):
                self.job_changed.emit(job)


class ImmediateRunner(Runner):
    """Runs each job inside `submit`, for tests of widgets."""

    def shutdown(self, timeout_s: float = 0.0) -> bool:
        self._closing = True
        return True

    def _enqueue(self, job: Job) -> None:
        self._begin(job)
        outcome = execute(job)
        job.watch(time.monotonic())
        self._end(job, outcome)

    def _cancel(self, job: Job) -> None:
        job.context.cancel()
