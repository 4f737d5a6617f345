"""Extractors that cost nothing, over text files that say what is to happen to whoever looks at them.

A file is words: `kill`, `crash` (the worker dies so), `once` (it dies the first time only), `hang`, `environment`,
`bug`, `memory`, or text, whose length is the figure. `kill:name` concerns only the extractor of that name.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.corpus.extractor import Column
from core.corpus.features import Failure
from core.corpus.results import Key, Result, Results
from core.corpus.runner import Wanted
from core.errors import EnvironmentProblem
from core.job import JobContext

WITHOUT_WEIGHTS = "EIGHTCUT_TOYS_WITHOUT_WEIGHTS"
"""Set where the toys cannot play, such as on one node of a cluster."""
COLUMNS = (Column("length", "", "int", "characters"), Column("words", "", "json", "all of them"))
SIZE, WORDS = Key("size", 1), Key("words", 2)
WANTED = (Wanted(SIZE, "cpu"), Wanted(WORDS, "cpu"))
BESIDE = (*WANTED, Wanted(Key("slow", 1), "gpu"))


@dataclass(frozen=True)
class ToyRecipe:
    """Args:
    array: numbers in an array that each row brings; 0 for none.
    """

    array: int = 0

    def make(self, names: Sequence[str]) -> ToySet:
        return ToySet(names, self.array)


class ToySet:
    def __init__(self, names: Sequence[str], array: int) -> None:
        self._names, self._array = names, array

    def check(self, ctx: JobContext) -> None:
        if WITHOUT_WEIGHTS in os.environ:
            raise EnvironmentProblem("The weights of the toy are not here", "Nobody put them there", "Fetch them")

    def extract(self, path: Path, content_key: str, ctx: JobContext) -> dict[str, dict[str, Any] | Failure]:
        text = path.read_text()
        return {name: self._one(name, text, path) for name in self._names}

    def close(self) -> None:
        """Nothing is held."""

    def _one(self, name: str, text: str, path: Path) -> dict[str, Any] | Failure:
        for line in text.split():
            word, _, whose = line.partition(":")
            if whose in ("", name) and word in _DEEDS:
                failure = _DEEDS[word](path)
                if failure is not None:
                    return failure
        row = {"length": len(text), "words": text.split()}
        return {**row, "array": np.arange(self._array, dtype=np.float32)} if self._array else row


def _kill(_: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _crash(_: Path) -> None:
    ctypes.string_at(0)


def _once(path: Path) -> None:
    mark = path.with_suffix(".died")
    if not mark.exists():
        mark.touch()
        _kill(path)


def _hang(_: Path) -> None:
    threading.Event().wait()


def _environment(_: Path) -> Failure:
    return Failure(str(EnvironmentProblem("The model cannot be loaded")), environment=True)


def _bug(_: Path) -> None:
    raise ZeroDivisionError("a bug")


def _memory(_: Path) -> None:
    raise MemoryError


_DEEDS = {
    "kill": _kill,
    "crash": _crash,
    "once": _once,
    "hang": _hang,
    "environment": _environment,
    "bug": _bug,
    "memory": _memory,
}


def write_corpus(folder: Path, count: int, **special: str) -> Path:
    """`count` files with a text each; `v007="kill"` says otherwise for one."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = f"v{number:03d}"
        (folder / f"{name}.mp4").write_text(special.get(name, f"video {number} " + "x" * number))
    return folder


def rows(results: Results, *keys: Key) -> list[tuple[str, str, str, Any]]:
    """(file name, extractor, reason, values) of all there is, sorted."""
    return sorted(
        (Path(one.video).name, one.key.extractor, one.reason, str(one.values)) for one in results.all(keys or None)
    )


def expected(folder: Path, *keys: Key) -> list[tuple[str, str, str, Any]]:
    """What `rows` are to be, of files that all hold mere text."""
    found = []
    for path in folder.iterdir():
        text = path.read_text()
        values = str({"length": len(text), "words": text.split()})
        found += [(path.name, key.extractor, "", values) for key in keys]
    return sorted(found)


def one_row_each(found: Sequence[Result]) -> bool:
    """Whether no video has two rows of one extractor."""
    return len({(one.video, one.key.extractor) for one in found}) == len(found)


def used(folder: Path) -> int:
    """Bytes of the files in a folder, which others may be removing meanwhile."""
    total = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
