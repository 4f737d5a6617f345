"""Does tasks on the machines of a Ray cluster: tasks for work on processors, an actor on each graphics card.

Where what runs, and what is run again when a machine goes, is Ray's business. Results come back to the process that
gives the tasks, which alone writes them. Only this module knows Ray; it is imported when somebody asks for it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from core.corpus.local_pool import DEFAULT_TIMEOUT_S
from core.corpus.space import VideoCache
from core.corpus.task import Lane, Outcome, Recipe, Task, Worker
from core.errors import EightCutError, EnvironmentProblem
from core.job import JobContext

log = logging.getLogger(__name__)

STORE_BYTES = 200 * 10**6
"""Results are small; Ray would take a third of the memory for them."""
_LOOK_AT_CLUSTER_S = 5.0
_ROOT = Path(__file__).resolve().parents[2]


class RayPool:
    """A cluster, joined or started on this machine.

    Args:
        recipe: makes in each worker what does the work. Hashable.
        lanes: those that will be asked for.
        cache: for remote videos, in the same folder of every machine.
        address: of a running cluster, such as "10.0.0.1:6379" or "auto"; empty to start one on this machine.
        workers: tasks on processors at one time, of the whole cluster; 0 for one on each processor.
        timeout_s: a task that takes longer is given up.

    Raises:
        EnvironmentProblem: Ray is not installed, or there is no cluster at that address.
    """

    def __init__(
        self,
        recipe: Recipe,
        lanes: Collection[Lane],
        cache: VideoCache,
        address: str = "",
        workers: int = 0,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self._ray, self._workers = _connect(address, workers), workers
        self._arguments = recipe, cache, timeout_s
        # A video whose decoder crashes is tried by Ray once more; the runner then tries it alone.
        self._task = self._ray.remote(num_cpus=1, max_retries=1)(do_task)
        self._flying: dict[Any, tuple[Task, int]] = {}
        self._looked_s, self._processors, self._cards = float("-inf"), 1, 0
        self._with_actors = "gpu" in lanes
        self._numbers = count()
        self._actors: dict[int, Any] = {}
        self._coming: dict[Any, tuple[int, Any]] = {}

    # -- what the runner asks -----------------------------------------------------------------------------------------

    def room(self, lane: Lane) -> int:
        self._look()
        flying = sum(task.lane == lane for task, _ in self._flying.values())
        if lane == "gpu":
            return 2 * len(self._actors) - flying
        # As many again wait at hand, unless Ray has processors enough to begin with those at once.
        few = 0 < self._workers < self._processors
        return (self._workers if few else 2 * self._processors) - flying

    def give(self, task: Task) -> None:
        if task.lane == "cpu":
            retries = 1 if task.attempt == 1 else 0
            self._flying[self._task.options(max_retries=retries).remote(task, *self._arguments)] = task, -1
            return
        at = Counter(number for _, number in self._flying.values())
        number = min(self._actors, key=lambda each: at[each])
        self._flying[self._actors[number].do.remote(task)] = task, number

    def finished(self, wait_s: float) -> list[Outcome]:
        if not self._flying:
            time.sleep(wait_s)  # an actor is still on its way
            return []
        ready, _ = self._ray.wait(list(self._flying), num_returns=1, timeout=wait_s, fetch_local=False)
        if ready:
            ready, _ = self._ray.wait(list(self._flying), num_returns=len(self._flying), timeout=0, fetch_local=False)
        return [self._outcome(reference) for reference in ready]

    def close(self, *, at_once: bool) -> None:
        if at_once:
            for reference, (task, _) in self._flying.items():
                if task.lane == "cpu":
                    self._ray.cancel(reference, force=True)
        for actor in [*self._actors.values(), *(actor for _, actor in self._coming.values())]:
            self._ray.kill(actor)
        self._flying.clear()
        self._ray.shutdown()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _outcome(self, reference: Any) -> Outcome:
        task, number = self._flying.pop(reference)
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            log.info("Lost %s: %s", task.video.address, error)
            if (actor := self._actors.pop(number, None)) is not None:
                self._ray.kill(actor)
            return Outcome(task, crash=f"Its worker died ({type(error).__name__})")

    def _look(self) -> None:
        """See what the cluster has now: machines come and go, and so do actors."""
        if time.monotonic() - self._looked_s > _LOOK_AT_CLUSTER_S:
            self._looked_s = time.monotonic()
            there = self._ray.cluster_resources()
            self._processors, self._cards = max(1, int(there.get("CPU", 0))), int(there.get("GPU", 0))
        if self._with_actors:
            self._tend_actors()

    def _tend_actors(self) -> None:
        """Have one for each card; without a card, one all the same."""
        while len(self._actors) + len(self._coming) < max(1, self._cards):
            self._start_actor()
        # Only one that has answered gets work: another may wait for ever for a card that went with its machine.
        answered, _ = self._ray.wait(list(self._coming), num_returns=max(1, len(self._coming)), timeout=0)
        for reference in answered:
            number, actor = self._coming.pop(reference)
            try:
                self._ray.get(reference)
            except self._ray.exceptions.RayError as error:
                log.info("An actor died before its first task: %s", error)
            else:
                self._actors[number] = actor

    def _start_actor(self) -> None:
        # It takes no processor for itself: on a cluster that has only one, nothing else would ever run.
        actor = self._ray.remote(num_cpus=0, num_gpus=1 if self._cards else 0)(TaskActor).remote(*self._arguments)
        self._coming[actor.hello.remote()] = next(self._numbers), actor


class TaskActor:
    """Lives on one graphics card and does one task after the other."""

    def __init__(self, recipe: Recipe, cache: VideoCache, timeout_s: float) -> None:
        self._worker, self._cache, self._timeout_s = Worker(recipe), cache, timeout_s

    def hello(self) -> bool:
        """Answers once it lives."""
        return True

    def do(self, task: Task) -> Outcome:
        return _do(self._worker, task, self._cache, self._timeout_s)


def do_task(task: Task, recipe: Recipe, cache: VideoCache, timeout_s: float) -> Outcome:
    """A task in one of Ray's processes, which keeps its models for the next one."""
    return _do(_worker(recipe), task, cache, timeout_s)


def _do(worker: Worker, task: Task, cache: VideoCache, timeout_s: float) -> Outcome:
    with _given_up_after(timeout_s):
        try:
            worker.check(task.names)
        except EightCutError as error:
            return Outcome(task, problem=_not_ready(error))
        try:
            with cache.holding(task.video, JobContext()) as path:
                return worker.do(task, path)
        except Exception as error:  # noqa: BLE001 – the outer edge of a worker
            return Outcome.of_error(task, error)


def _not_ready(error: EightCutError) -> EnvironmentProblem:
    """What is missing on the machine that this runs on; every video that came to it would fail alike."""
    import ray

    where = f"{socket.gethostname()} ({ray.util.get_node_ip_address()})"
    return EnvironmentProblem(
        f"The machine {where} of the cluster cannot take part",
        str(error).rstrip("."),
        "Set it up like the others or take it out of the cluster, then start the same command again",
    )


@lru_cache(maxsize=1)
def _worker(recipe: Recipe) -> Worker:
    return Worker(recipe)


@contextlib.contextmanager
def _given_up_after(timeout_s: float) -> Iterator[None]:
    """End the process when the block takes longer, whatever it hangs in; its standard error says where that was."""
    faulthandler.dump_traceback_later(timeout_s, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _connect(address: str, workers: int) -> Any:
    # Read when the package is imported: nothing is reported to anybody.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if not address:
        # Its name for "no other machines": without it Ray listens on every network, with it on this machine alone.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    try:
        import ray
    except ImportError as error:
        raise EnvironmentProblem(
            "Ray is not installed", str(error), "Run ./setup_env.sh, or choose --engine local"
        ) from error
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "include_dashboard": None if address else False}
    own = {"num_cpus": workers or None, "object_store_memory": STORE_BYTES, "_node_ip_address": "127.0.0.1"}
    environment = {"env_vars": {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1"}}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ray.init(address=address or "local", runtime_env=environment, **quiet, **({} if address else own))
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        where = f"There is no Ray cluster at {address}" if address else "Ray does not start"
        raise EnvironmentProblem(where, str(error), "See ray status, or choose --engine local") from error
    finally:
        for number, handler in handlers.items():  # Ray ends the program in its own way otherwise
            signal.signal(number, handler)
    return ray
