"""A run over a corpus: does what is missing, keeps each result as it comes, survives whatever stops it.

Nothing is remembered between runs but the results themselves: to go on with a run that was killed, start it again.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from core.corpus.features import Failure
from core.corpus.results import Key, Known, Result, Results
from core.corpus.run_log import RunLog
from core.corpus.sources import Video
from core.corpus.space import FreeSpace
from core.corpus.task import Engine, Lane, Outcome, Task
from core.errors import Cancelled, EnvironmentProblem
from core.job import JobContext

log = logging.getLogger(__name__)

WINDOW = 64
"""The next task is drawn from so many: two runs over one list do not walk in step and do the same videos."""
_WAIT_S = 0.2
_LONG_S = 600.0


@dataclass(frozen=True)
class Wanted:
    """An extractor that a run is about, and where it works."""

    key: Key
    lane: Lane


@dataclass
class Summary:
    """How a run ended.

    Args:
        done, failed: results and failures that this run added.
        before: results that were there already.
        left: what is still missing: cancelled, or stopped for lack of disk.
        failures: (address, extractor, reason) of those that failed in this run.
        stopped: why it ended early; None where it did all there was to do.
    """

    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    before: int = 0
    failed_before: int = 0
    left: int = 0
    seconds: float = 0.0
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    stopped: EnvironmentProblem | Cancelled | None = None


class Plan:
    """What is missing of what is wanted.

    A result older than its video counts as missing: the file was replaced.
    """

    def __init__(
        self, videos: Sequence[Video], wanted: Sequence[Wanted], results: Results, *, retry_failed: bool = False
    ) -> None:
        self.videos, self.wanted = videos, wanted
        self._retry_failed = retry_failed
        self._known = {each.key: results.known(each.key) for each in wanted}
        self.before = self.failed_before = self.total = 0
        now = time.time()
        for video in videos:
            for each in wanted:
                state = self._state(video, self._known[each.key], now)
                self.before += state == "done"
                self.failed_before += state == "failed"
                self.total += state == "missing"

    def tasks(self, lane: Lane) -> Iterator[Task]:
        """One for each video that lacks something of a lane, in order."""
        keys, now = [each.key for each in self.wanted if each.lane == lane], time.time()
        for video in self.videos:
            missing = tuple(key for key in keys if self._state(video, self._known[key], now) == "missing")
            if missing:
                yield Task(video, missing, lane)

    def is_old(self, key: Key, number: str) -> bool:
        """Whether the video (id) had a result when the run began. Of a task: one of a file that was replaced since."""
        return number in self._known[key].done

    def had_failed(self, key: Key, number: str) -> bool:
        """Whether there was a failure of the video (id) when the run began."""
        return number in self._known[key].failed

    def _state(self, video: Video, known: Known, now: float) -> str:
        number = video.id
        written_s = known.done.get(number)
        if written_s is not None:
            # A clock that is wrong must not make a video new for ever.
            replaced = 0 < written_s < video.modified_s <= now
            return "missing" if replaced else "done"
        return "failed" if number in known.failed and not self._retry_failed else "missing"


class Run:
    """One run; use it once.

    Args:
        plan: what to do.
        results: where it goes.
        engine: who does it; closed at the end.
        free: the disks to watch.
        run_log: what is told of each video.
        ctx: asked for cancellation; told of progress in results.
        on_outcome: called with each result that was kept.
    """

    def __init__(
        self,
        plan: Plan,
        results: Results,
        engine: Engine,
        free: FreeSpace,
        run_log: RunLog,
        ctx: JobContext,
        on_outcome: Callable[[Result], None] | None = None,
    ) -> None:
        self._plan, self._results, self._engine = plan, results, engine
        self._free, self._log, self._ctx = free, run_log, ctx
        self._on_outcome = on_outcome
        self._lanes = {each.lane: _Drawer(plan.tasks(each.lane)) for each in plan.wanted}
        self._again: deque[Task] = deque()
        self._alone: deque[Task] = deque()
        self._flying = 0
        self._solo = False
        self._total = plan.total
        self._elsewhere = 0
        self._started_s = time.monotonic()
        self.summary = Summary(before=plan.before, failed_before=plan.failed_before)

    def go(self) -> Summary:
        """Do all there is to do. What ends it early is in the summary, and what was done until then is kept."""
        at_once = True
        try:
            self._work()
            at_once = False
        except (EnvironmentProblem, Cancelled) as stop:
            self.summary.stopped = stop
        finally:
            self._engine.close(at_once=at_once)
        self.summary.seconds = time.monotonic() - self._started_s
        self.summary.left = self._total - self._count()
        return self.summary

    def _work(self) -> None:
        problem: EnvironmentProblem | None = None
        while True:
            self._ctx.check()
            problem = problem or self._disk_problem()
            if problem is None:
                self._give()
            if not self._flying and (problem is not None or self._nothing_left()):
                break
            for outcome in self._engine.finished(_WAIT_S):
                self._flying -= 1
                self._solo = False
                problem = problem or outcome.problem
                try:
                    self._take(outcome)
                except EnvironmentProblem as error:
                    # No room for a result: the others that are under way may still find some.
                    problem = problem or error
            self._ctx.progress(self._count(), self._total, self._text())
        if problem is not None:
            raise problem

    def _disk_problem(self) -> EnvironmentProblem | None:
        try:
            self._free.check()
        except EnvironmentProblem as error:
            return error
        return None

    # -- giving -------------------------------------------------------------------------------------------------------

    def _give(self) -> None:
        if self._solo:
            return
        for lane, drawer in self._lanes.items():
            while self._engine.room(lane) > 0 and (task := self._next(drawer)) is not None:
                self._hand_over(task)
        if not self._drawn_out():
            return
        while self._again and self._engine.room(self._again[0].lane) > 0:
            self._hand_over(self._again.popleft())
        if self._alone and not self._flying and self._engine.room(self._alone[0].lane) > 0:
            # It has the machine for itself: what killed its worker may have been too little memory for two.
            self._solo = True
            self._hand_over(self._alone.popleft())

    def _drawn_out(self) -> bool:
        return all(drawer.empty for drawer in self._lanes.values())

    def _nothing_left(self) -> bool:
        return self._drawn_out() and not self._again and not self._alone

    def _next(self, drawer: _Drawer) -> Task | None:
        """The next task of a lane; what another run has done meanwhile is left out."""
        while (task := drawer.draw()) is not None:
            number = task.video.id
            keys = tuple(
                key for key in task.keys if self._plan.is_old(key, number) or not self._results.is_done(key, number)
            )
            self._elsewhere += len(task.keys) - len(keys)
            if keys:
                return Task(task.video, keys, task.lane, task.attempt)
        return None

    def _hand_over(self, task: Task) -> None:
        self._engine.give(task)
        self._flying += 1

    # -- taking -------------------------------------------------------------------------------------------------------

    def _take(self, outcome: Outcome) -> None:
        task = outcome.task
        if outcome.problem is not None:
            return
        if outcome.crash:
            self._crashed(outcome)
            return
        doubtful = []
        for key in task.keys:
            found = outcome.rows[key.extractor]
            if isinstance(found, Failure) and found.environment and task.attempt == 1:
                # The machine's fault: once more when everything else is done.
                doubtful.append(key)
                self._log.tell(key, task.video, "again later", found.reason, found.details)
            elif isinstance(found, Failure):
                self._fail(key, task.video, found.reason, outcome.content_key, found.details)
            else:
                self._keep(Result(task.video.address, outcome.content_key, key, found), outcome.seconds)
        if doubtful:
            self._again.append(Task(task.video, tuple(doubtful), task.lane, task.attempt + 1))

    def _crashed(self, outcome: Outcome) -> None:
        """The worker died: each extractor once more, alone, so that only the one whose fault it is has no row."""
        task = outcome.task
        for key in task.keys:
            if task.attempt == 1 or len(task.keys) > 1:
                self._alone.append(Task(task.video, (key,), task.lane, task.attempt + 1))
                self._log.tell(key, task.video, "again later", outcome.crash)
            else:
                self._fail(key, task.video, f"{outcome.crash}. It happened twice", "")

    def _fail(self, key: Key, video: Video, reason: str, content_key: str, details: str = "") -> None:
        result = Result(video.address, content_key, key, reason=reason)
        self._results.save(result, anew=self._plan.is_old(key, video.id))
        self.summary.failed[key.extractor] += 1
        self.summary.failures.append((video.address, key.extractor, reason))
        self._log.tell(key, video, "failed", reason, details)
        if self._on_outcome:
            self._on_outcome(result)

    def _keep(self, result: Result, seconds: float) -> None:
        number = Video(result.video).id
        self._results.save(result, after_failure=self._plan.had_failed(result.key, number))
        self.summary.done[result.key.extractor] += 1
        self._log.tell(result.key, Video(result.video), "done", f"{seconds:.1f} s")
        if self._on_outcome:
            self._on_outcome(result)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _count(self) -> int:
        return self.summary.done.total() + self.summary.failed.total() + self._elsewhere

    def _text(self) -> str:
        count, seconds = self._count(), max(time.monotonic() - self._started_s, 1e-3)
        parts = [f"{count:,} of {self._total:,}, {60 * count / seconds:,.0f} a minute"]
        # The bar guesses from the last half minute, in which a slow run may not have done anything.
        left_s = seconds * (self._total - count) / count if count else 0.0
        if left_s > _LONG_S:
            parts.append(f"{left_s / 3600:,.1f} h left")
        if failed := self.summary.failed.total():
            parts.append(f"{failed:,} failed")
        return ", ".join(parts)


class _Drawer:
    """Draws tasks roughly in order: at random from the next few."""

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks
        self._window: list[Task] = []
        self._random = random.Random()
        self._fill()

    @property
    def empty(self) -> bool:
        return not self._window

    def draw(self) -> Task | None:
        """One of the next; None when there are no more."""
        if not self._window:
            return None
        task = self._window.pop(self._random.randrange(len(self._window)))
        self._fill()
        return task

    def _fill(self) -> None:
        while len(self._window) < WINDOW and (task := next(self._tasks, None)) is not None:
            self._window.append(task)
