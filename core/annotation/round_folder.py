"""The files of one round. Every finished step is a file of its own, so a killed round goes on after the last one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from core.annotation.rows import read_rows, write_rows
from core.errors import EnvironmentProblem, UserError
from core.media.cache_file import written_beside
from core.media.claim import claim

_STEPS = "steps"
_OPTIONS = "options"
_RUNNING = ".running"
QUEUE, METRICS, FIGURE = "queue.csv", "metrics.json", "figure.svg"
FROZEN = "frozen split"
"""The step that keeps the split of a finished round 0 while it is made anew."""


class RoundFolder:
    """A folder `round_NN`.

    Args:
        path: made when it is not there.
        options: what decides the outcome, JSON-able, with the `project` it is of. Steps that were made with others are
            thrown away.
        anew: throw away what was done in any case. `cleared` says whether something was.

    Raises:
        UserError: what lies there is of another project, or no round of this program; it stays as it is.
    """

    def __init__(self, path: Path, options: Mapping[str, Any], anew: bool = False) -> None:
        self.path = path
        self._options = options
        known = self.known(_OPTIONS)
        self._refuse_others(known, options)
        stale = anew or known != json.loads(json.dumps(options))
        if stale:
            self.clear()
        self.cleared = stale and known is not None

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """What the step gave when it was done before, else what `work` gives now, JSON-able; kept before it returns."""
        known = self.known(name)
        if known is None:
            self._write(name, work())
            known = self.known(name)
        return known

    def forget(self, name: str) -> None:
        """Let the step be done anew."""
        _step_file(self.path, name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Throw away what was done: only what a round writes; a note that a person left beside it stays."""
        shutil.rmtree(self.path / _STEPS, ignore_errors=True)
        for name in (QUEUE, METRICS, FIGURE):
            (self.path / name).unlink(missing_ok=True)
        for model in self.path.glob("model_*"):
            # The epochs of a training that was killed are a folder.
            if model.is_dir():
                shutil.rmtree(model)
            else:
                model.unlink()
        self._write(_OPTIONS, self._options)
        self.cleared = True

    def write_rows(self, name: str, count: int, blocks: Iterator[np.ndarray]) -> None:
        """Put a matrix of `count` rows, given in blocks, in place in one step; `round_rows` maps it."""
        write_rows(_step_file(self.path, name, "npy"), count, blocks)

    def arrays(self, name: str, work: Callable[[], Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """As `step`, for plain arrays by name."""
        target = _step_file(self.path, name, "npz")
        if not target.is_file():
            found = dict(work())
            with written_beside(target, "round") as file:
                np.savez(file, **found)
        return read_arrays(target)

    def write(self, name: str, text: str) -> Path:
        """Put a file in place in one step."""
        target = self.path / name
        with written_beside(target, "round") as file:
            file.write(text.encode())
        return target

    def checkpoint(self, task: str) -> Path:
        """Where the model of a task lies."""
        return checkpoint_in(self.path, task)

    def known(self, name: str) -> Any:
        """What a step gave; None where it was not done.

        Raises:
            UserError: its file is damaged.
        """
        try:
            return json.loads(_step_file(self.path, name).read_text(encoding="utf-8"))["value"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"The files of the round in {self.path} are damaged",
                f"{_STEPS}/{_step_file(self.path, name).name} cannot be read: {error}",
                "Delete that folder and run the round again",
            ) from error

    def _write(self, name: str, value: Any) -> None:
        text = json.dumps({"value": value}, ensure_ascii=False, sort_keys=True, allow_nan=False)
        with written_beside(_step_file(self.path, name), "round") as file:
            file.write(text.encode())

    def _refuse_others(self, known: Any, options: Mapping[str, Any]) -> None:
        if known is not None and known.get("project") != options.get("project"):
            why = "It holds a round of another project"
        elif known is None and any((self.path / name).exists() for name in (QUEUE, METRICS)):
            why = f"It holds a {QUEUE} or {METRICS} that 8-cut did not write there, or whose steps are gone"
        else:
            return
        raise UserError(
            f"The folder {self.path} is taken", why, "Choose another folder for the rounds, or move that one away"
        )


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder of a round, so that no other process or thread mixes its own labels and models into it.

    Raises:
        UserError: somebody is running this round already.
        EnvironmentProblem: the folder cannot be made or written to.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            mine = held.enter_context(claim(folder / _RUNNING))
        except OSError as error:
            raise EnvironmentProblem(
                f"The folder {folder} cannot be used", error.strerror or str(error), "Choose another one"
            ) from error
        if not mine:
            raise UserError(
                f"{folder.name} is being run already", f"Another window or command works in {folder}", "Wait for it"
            )
        yield


def checkpoint_in(folder: Path, task: str) -> Path:
    """The file of a task's model in the folder of a round."""
    return folder / f"model_{quote(task, safe='')}.safetensors"


def has_step(folder: Path, name: str) -> bool:
    """Whether a step of a round was done."""
    return _step_file(folder, name).is_file()


def read_step(folder: Path, name: str) -> Any:
    """What a finished step of a round gave.

    Raises:
        UserError: the folder or this step of it is not there.
    """
    try:
        return json.loads(_step_file(folder, name).read_text(encoding="utf-8"))["value"]
    except (OSError, ValueError, KeyError) as error:
        raise _gone(folder) from error


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays in a file; nothing in it is run."""
    with np.load(path, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def round_arrays(folder: Path, name: str) -> dict[str, np.ndarray]:
    """The arrays of a finished step of a round.

    Raises:
        UserError: they are not there.
    """
    try:
        return read_arrays(_step_file(folder, name, "npz"))
    except (OSError, ValueError) as error:
        raise _gone(folder) from error


def round_rows(folder: Path, name: str) -> np.ndarray:
    """float16[N, D], the rows of a finished step, mapped from disk. Rounds of before kept them as e0 of its arrays.

    Raises:
        UserError: they are not there.
    """
    try:
        path = _step_file(folder, name, "npy")
        return read_rows(path) if path.is_file() else round_arrays(folder, name)["e0"]
    except (OSError, ValueError, KeyError) as error:
        raise _gone(folder) from error


def _step_file(folder: Path, name: str, suffix: str = "json") -> Path:
    return folder / _STEPS / f"{quote(name, safe=' ')}.{suffix}"


def _gone(folder: Path) -> UserError:
    return UserError(
        f"The files of {folder.name} are gone",
        f"They were in {folder}",
        "Bring the folder back, or run that round again",
    )
