"""Every wanted feature of one video, from one decode of it."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.corpus.extractor import Extractor, Row, Settings, extractors
from core.corpus.frames import SharedDecode
from core.errors import EightCutError, EnvironmentProblem
from core.job import JobContext

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a video has no row of an extractor.

    Args:
        reason: sentences for a person.
        environment: True where the machine is to blame (memory, disk) and not the video: trying again may help.
        details: the traceback of an unexpected error, for a log; else empty.
    """

    reason: str
    environment: bool = False
    details: str = ""


class Features:
    """A set of extractors in a worker: made once, asked for one video after the other. Not for several threads.

    Args:
        names: as `core.corpus.extractor.extractor` takes them.
        settings: for all of them.

    Raises:
        UserError: a name that does not exist.
    """

    def __init__(self, names: Iterable[str], settings: Settings | None = None) -> None:
        self.extractors = extractors(names, settings)
        self._shared = SharedDecode(self.extractors)

    def check(self, ctx: JobContext | None = None) -> None:
        """Make sure, before a run of hours, that each of them can run here; fetches weights.

        Raises:
            EnvironmentProblem: the first one that cannot.
            Cancelled: through `ctx`.
        """
        for one in self.extractors:
            one.check(ctx or JobContext())

    def extract(
        self, path: str | os.PathLike[str], content_key: str, ctx: JobContext | None = None
    ) -> dict[str, Row | Failure]:
        """The row of every extractor, or why it has none; one that fails does not stop the others.

        Raises:
            Cancelled: through `ctx`.
        """
        outcomes = self._shared.run(Path(path), content_key, ctx or JobContext())
        return {
            one.name: _failure(one, path, outcome) if isinstance(outcome, Exception) else _row(one, path, outcome)
            for one, outcome in zip(self.extractors, outcomes, strict=True)
        }

    def close(self) -> None:
        """Let go of every model and end the threads."""
        self._shared.close()
        for one in self.extractors:
            one.close()

    def __enter__(self) -> Features:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _row(one: Extractor, path: str | os.PathLike[str], row: Row) -> Row | Failure:
    """The row with its columns in order; one that does not keep what it declares is a failure, not a crooked table."""
    names = [column.name for column in one.columns]
    if not isinstance(row, dict) or set(row) != set(names):
        return _failure(one, path, TypeError(f"columns {names} were declared, {row!r:.200} came"))
    return {name: row[name] for name in names}


def _failure(one: Extractor, path: str | os.PathLike[str], error: Exception) -> Failure:
    if isinstance(error, EightCutError):
        return Failure(str(error), environment=isinstance(error, EnvironmentProblem))
    log.warning("%s failed on %s: %r", one.name, Path(path).name, error)
    details = "".join(traceback.format_exception(error))
    return Failure(f"{one.name} failed: {type(error).__name__}: {error}", isinstance(error, MemoryError), details)
