"""What goes to a worker and what comes back; plain values, so that they can travel between processes and machines."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from core.corpus.extractor import Row
from core.corpus.features import Failure
from core.corpus.results import Key
from core.corpus.sources import Video
from core.corpus.space import NoRoom
from core.errors import EightCutError, EnvironmentProblem
from core.job import JobContext
from core.media.identity import content_key

log = logging.getLogger(__name__)

Lane = Literal["cpu", "gpu"]


class FeatureSet(Protocol):
    """What finds figures in one video after the other; `core.corpus.features.Features` is one."""

    def check(self, ctx: JobContext) -> None:
        """Make sure that it can run on this machine; fetches weights where there is a network.

        Raises:
            EnvironmentProblem: a package or weights are missing.
        """

    def extract(self, path: Path, content_key: str, ctx: JobContext) -> Mapping[str, Row | Failure]: ...

    def close(self) -> None: ...


class Recipe(Protocol):
    """Goes to every worker by value and makes there what does the work."""

    def make(self, names: Sequence[str]) -> FeatureSet: ...


@dataclass(frozen=True)
class Task:
    """What to find in one video, in one go.

    Args:
        keys: extractors of the same lane; they share one decode.
        attempt: counts from 1.
    """

    video: Video
    keys: tuple[Key, ...]
    lane: Lane = "cpu"
    attempt: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(key.extractor for key in self.keys)


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    Args:
        rows: by extractor; empty when the worker died.
        crash: how the worker died, a sentence; empty where it lives.
        problem: what would stop every other task, too: the disk is full.
    """

    task: Task
    content_key: str = ""
    rows: Mapping[str, Row | Failure] = field(default_factory=dict)
    seconds: float = 0.0
    crash: str = ""
    problem: EnvironmentProblem | None = None

    @classmethod
    def failed(cls, task: Task, failure: Failure) -> Outcome:
        """Nothing could be found, for one reason."""
        return cls(task, rows=dict.fromkeys(task.names, failure))

    @classmethod
    def of_error(cls, task: Task, error: Exception) -> Outcome:
        """What it means for a task that its video could not be got or looked at."""
        if isinstance(error, NoRoom):
            return cls(task, problem=error)
        if isinstance(error, EightCutError):
            return cls.failed(task, Failure(str(error), environment=isinstance(error, EnvironmentProblem)))
        log.warning("Unexpected on %s: %r", task.video.address, error)
        details = "".join(traceback.format_exception(error))
        reason = f"Something went wrong that should not have: {type(error).__name__}: {error}"
        return cls.failed(task, Failure(reason, isinstance(error, MemoryError | OSError), details))


class Engine(Protocol):
    """Does tasks somewhere else; any order. Used from one thread."""

    def room(self, lane: Lane) -> int:
        """How many more tasks of a lane it wants now."""

    def give(self, task: Task) -> None: ...

    def finished(self, wait_s: float) -> list[Outcome]:
        """Those that ended since the last call; waits for the first one, but not longer than this."""

    def close(self, *, at_once: bool) -> None:
        """Let the workers go; `at_once` does not wait for what they are doing."""


class Worker:
    """Does tasks in this process, one after the other; keeps the models of the last one."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._names: tuple[str, ...] = ()
        self._features: FeatureSet | None = None
        self._checked: set[str] = set()

    def check(self, names: tuple[str, ...]) -> None:
        """Make sure, once, that these can run on this machine. Raises EightCutError."""
        if not self._checked.issuperset(names):
            self._set_of(names).check(JobContext())
            self._checked.update(names)

    def do(self, task: Task, path: Path) -> Outcome:
        """Find what is wanted in the file at `path`. Whatever goes wrong is an outcome."""
        started = time.monotonic()
        try:
            key = content_key(path)
            rows = self._set_of(task.names).extract(path, key, JobContext())
        except Exception as error:  # noqa: BLE001 – the outer edge of a worker: a bug in one video is that video's row
            return Outcome.of_error(task, error)
        return Outcome(task, key, rows, time.monotonic() - started)

    def close(self) -> None:
        """Let go of the models."""
        if self._features is not None:
            self._features.close()
            self._features = None

    def _set_of(self, names: tuple[str, ...]) -> FeatureSet:
        if self._features is None or names != self._names:
            self.close()
            self._features, self._names = self._recipe.make(names), names
        return self._features
