"""Vectors of many items that may lie on disk: written one block after another, and read the same way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.media.cache_file import written_beside

BLOCK = 1_024


class Rows:
    """Some rows of a matrix, in any order. Only what is asked for is read.

    Args:
        matrix: float[N, D], may be mapped from disk.
        places: int[M] or bool[N], which rows; None for all of them.
    """

    def __init__(self, matrix: np.ndarray, places: np.ndarray | None = None) -> None:
        self._matrix = matrix
        self._places = np.arange(len(matrix)) if places is None else places
        if self._places.dtype == bool:
            self._places = np.flatnonzero(self._places)

    @classmethod
    def of(cls, found: np.ndarray | Rows) -> Rows:
        """What is an array, as rows."""
        return found if isinstance(found, Rows) else cls(np.asarray(found))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return self._matrix.shape[1]

    def those(self, places: np.ndarray) -> Rows:
        """A part of them, by place or by a mask. Reads nothing."""
        return Rows(self._matrix, self._places[places])

    def read(self, places: np.ndarray | slice) -> np.ndarray:
        """float32[n, D] of some, by place; what is not a number counts as 0."""
        found = np.asarray(self._matrix[self._places[places]], np.float32)
        return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)

    def blocks(self, count: int | None = None) -> Iterator[np.ndarray]:
        """float32[n, D] of all, or of the first `count`, in order."""
        end = len(self) if count is None else count
        for start in range(0, end, BLOCK):
            yield self.read(slice(start, min(start + BLOCK, end)))

    def and_then(self, other: Rows) -> Rows:
        """These and others after them."""
        if self._matrix is other._matrix:
            return Rows(self._matrix, np.concatenate([self._places, other._places]))
        if not len(other):
            return self
        return Rows(np.concatenate([self._matrix[self._places], other._matrix[other._places]]))


def write_rows(target: Path, count: int, blocks: Iterator[np.ndarray]) -> None:
    """Write blocks float[n, D], `count` rows in all, as one float16 matrix that `read_rows` maps.

    Raises:
        EnvironmentProblem: it cannot be written.
    """
    with written_beside(target, "round") as file:
        for number, block in enumerate(blocks):
            if number == 0:
                header = {"descr": "<f2", "fortran_order": False, "shape": (count, block.shape[1])}
                np.lib.format.write_array_header_1_0(file, header)
            file.write(block.astype("<f2").tobytes())


def read_rows(path: Path) -> np.ndarray:
    """float16[N, D], mapped from disk.

    Raises:
        OSError, ValueError: there is no such file, or it is none that was written whole.
    """
    return np.load(path, mmap_mode="r", allow_pickle=False)
