"""Does tasks in processes of this machine, one task in each at a time.

So a process that dies (killed for its memory, a crash inside a decoder) takes exactly one task with it, and it is known
which. Results go through the process that gives the tasks: workers write nothing.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from core.corpus.space import VideoCache
from core.corpus.task import Lane, Outcome, Recipe, Task, Worker
from core.errors import Cancelled, EnvironmentProblem
from core.job import JobContext

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT_S = 3600.0
_GOODBYE_S = 10.0
_START_S = 300.0
_STILLBORN = 4
_HELLO = "hello"
_SPAWN = multiprocessing.get_context("spawn")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


class LocalPool:
    """Processes of this machine, so many for each lane, started when first needed.

    Args:
        recipe: makes in each worker what does the work.
        workers: how many processes by lane.
        cache: for remote videos, which this process fetches ahead.
        timeout_s: a task that takes longer is given up, its process killed.
    """

    def __init__(
        self, recipe: Recipe, workers: Mapping[Lane, int], cache: VideoCache, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> None:
        self._recipe = recipe
        self._seats = [_Seat(lane) for lane, count in workers.items() for _ in range(count)]
        self._threads = max(1, (os.cpu_count() or 1) // max(1, len(self._seats)))
        self._cache = cache
        self._timeout_s = timeout_s
        self._ctx = JobContext()
        self._fetchers = ThreadPoolExecutor(max(2, len(self._seats)), thread_name_prefix="fetch")
        self._lock = threading.Lock()
        self._fetching: dict[Lane, int] = dict.fromkeys(workers, 0)
        self._ready: deque[tuple[Task, Path, ExitStack]] = deque()
        self._ended: deque[Outcome] = deque()
        self._bell, self._rope = socket.socketpair()
        self._stillborn = 0

    # -- what the runner asks -----------------------------------------------------------------------------------------

    def room(self, lane: Lane) -> int:
        seats = [seat for seat in self._seats if seat.lane == lane]
        with self._lock:
            waiting = self._fetching[lane] + sum(task.lane == lane for task, _, _ in self._ready)
        # One more for each worker is fetched, or at hand, while it works.
        return 2 * len(seats) - waiting - sum(seat.task is not None for seat in seats)

    def give(self, task: Task) -> None:
        if not task.video.remote:
            with self._lock:
                self._ready.append((task, Path(task.video.address), ExitStack()))
        else:
            with self._lock:
                self._fetching[task.lane] += 1
            self._fetchers.submit(self._fetch, task)
        self._seat_the_ready()

    def finished(self, wait_s: float) -> list[Outcome]:
        self._seat_the_ready()
        busy = [seat for seat in self._seats if seat.task is not None]
        with self._lock:
            wait_s = 0.0 if self._ended else wait_s
        heard = wait([self._bell, *(seat.connection for seat in busy)], wait_s)
        if self._bell in heard:
            self._bell.recv(4096)
        with self._lock:
            outcomes = list(self._ended)
            self._ended.clear()
        for seat in busy:
            outcome = seat.outcome(self._timeout_s)
            if outcome is not None:
                outcomes.append(self._unless_stillborn(outcome, seat))
        self._seat_the_ready()
        return outcomes

    def close(self, *, at_once: bool) -> None:
        self._ctx.cancel()
        self._fetchers.shutdown(cancel_futures=True)
        for seat in self._seats:
            seat.leave(at_once or seat.task is not None)
        while self._ready:
            self._ready.pop()[2].close()
        self._bell.close()
        self._rope.close()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _unless_stillborn(self, outcome: Outcome, seat: _Seat) -> Outcome:
        """A worker that died before it could begin says nothing about its video, and many of them about the machine."""
        if seat.began:
            self._stillborn = 0
            return outcome
        self._stillborn += 1
        if self._stillborn < _STILLBORN:
            return outcome
        fix = "Close other programs, take fewer --workers, and look at what is printed above"
        return Outcome(outcome.task, problem=EnvironmentProblem("No worker process starts", outcome.crash, fix))

    def _fetch(self, task: Task) -> None:
        """On a thread of its own: bring a remote video here, then let it wait for a worker."""
        held, outcome = ExitStack(), None
        try:
            path = held.enter_context(self._cache.holding(task.video, self._ctx))
        except Cancelled:
            log.debug("Not fetched any more: %s", task.video.address)
            return
        except Exception as error:  # noqa: BLE001 – the outer edge of a thread; without an outcome the run would wait for ever
            outcome = Outcome.of_error(task, error)
        with self._lock:
            self._fetching[task.lane] -= 1
            if outcome is None:
                self._ready.append((task, path, held))
            else:
                self._ended.append(outcome)
        with suppress(OSError):  # nobody listens any more once the pool is closed
            self._rope.send(b"!")

    def _seat_the_ready(self) -> None:
        for seat in self._seats:
            if seat.task is not None:
                continue
            with self._lock:
                chosen = next((one for one in self._ready if one[0].lane == seat.lane), None)
                if chosen is None:
                    continue
                self._ready.remove(chosen)
            seat.start(self._recipe, self._threads)
            seat.give(*chosen)


class _Seat:
    """A place for one worker process, and the task it is at."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.task: Task | None = None
        self.connection: Connection | None = None
        self.began = False
        self._process: multiprocessing.process.BaseProcess | None = None
        self._held = ExitStack()
        self._since_s = 0.0

    def start(self, recipe: Recipe, threads: int) -> None:
        """Have a living process."""
        if self._process is not None and self._process.is_alive():
            return
        self._bury()
        self.connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=serve, args=(theirs, recipe), name=f"8-cut {self.lane}", daemon=True)
        with _environment(dict.fromkeys(_THREADS, str(threads))):
            self._process.start()
        theirs.close()
        self.began = False

    def give(self, task: Task, path: Path, held: ExitStack) -> None:
        self.task, self._held, self._since_s = task, held, time.monotonic()
        try:
            self.connection.send((task, path))
        except OSError as error:
            log.debug("The worker was gone before it got its task: %s", error)  # `outcome` says so

    def outcome(self, timeout_s: float) -> Outcome | None:
        """How its task ended; None while it goes on."""
        crash = ""
        try:
            while self.connection.poll():
                heard = self.connection.recv()
                if heard != _HELLO:
                    return self._done(heard)
                # How long the process took to start is not the video's fault.
                self.began, self._since_s = True, time.monotonic()
        except (EOFError, OSError):
            self._process.join(_GOODBYE_S)
            crash = _how_it_died(self._process.exitcode)
        if not crash and time.monotonic() - self._since_s > (timeout_s if self.began else max(timeout_s, _START_S)):
            crash = f"It was given up after {timeout_s / 60:.0f} min (--timeout)"
        if not crash:
            return None
        self._bury()
        return self._done(Outcome(self.task, crash=crash, seconds=time.monotonic() - self._since_s))

    def leave(self, at_once: bool) -> None:
        """End the process; one without a task ends by itself when nobody talks to it any more."""
        if self._process is not None and not at_once:
            self.connection.close()
            self._process.join(_GOODBYE_S)
        self._bury()
        self._held.close()
        self.task = None

    def _done(self, outcome: Outcome) -> Outcome:
        self._held.close()
        self.task = None
        return outcome

    def _bury(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()
        self._process = self.connection = None


def serve(connection: Connection, recipe: Recipe) -> None:
    """The whole life of a worker process: do what comes, until nobody is at the other end."""
    # Ctrl+C goes to all processes of a terminal; the one that gives the tasks decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(recipe)
    try:
        connection.send(_HELLO)
        while True:
            task, path = connection.recv()
            connection.send(worker.do(task, path))
    except (EOFError, OSError):
        worker.close()


def _how_it_died(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        often = " (often: too little memory)" if name == "SIGKILL" else ""
        return f"Its worker was killed by {name}{often}"
    return f"Its worker ended by itself with code {code}"


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for a process that starts within the block; what a person has set stays."""
    new = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]
