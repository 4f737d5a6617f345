"""Rows of a matrix: read in blocks, picked without reading, and kept in a file that is mapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.rows import BLOCK, Rows, read_rows, write_rows


def whole(rows: Rows) -> np.ndarray:
    return np.concatenate([np.zeros((0, rows.width)), *rows.blocks()])


@settings(max_examples=30)
@given(count=st.integers(0, 3 * BLOCK), data=st.data())
def test_rows_are_those_of_the_matrix(count: int, data: st.DataObject) -> None:
    matrix = np.arange(2.0 * count, dtype=np.float32).reshape(count, 2)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    mask = rng.random(count) < 0.5
    picked, order = Rows(matrix).those(mask), rng.permutation(int(mask.sum()))
    expected = matrix[mask][order]
    rows = picked.those(order)
    assert (len(rows), rows.width) == (len(expected), 2)
    assert np.array_equal(whole(rows), expected)
    assert np.array_equal(rows.read(np.arange(len(expected))), expected)
    for other in (Rows(matrix).those(~mask), Rows(matrix[~mask].copy())):
        assert np.array_equal(whole(rows.and_then(other)), np.concatenate([expected, matrix[~mask]]))


def test_what_is_no_number_counts_as_zero() -> None:
    assert Rows.of([[np.nan, 1.0], [np.inf, -np.inf]]).read(slice(None)).tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_a_file_of_rows_is_mapped_as_it_was_written(tmp_path: Path) -> None:
    matrix = np.random.default_rng(0).random((2500, 3), np.float32)
    path = tmp_path / "judged.npy"
    write_rows(path, len(matrix), iter(np.split(matrix, [1000, 1001])))
    found = read_rows(path)
    assert isinstance(found, np.memmap)
    assert np.array_equal(found, matrix.astype(np.float16))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="mmap"):
        read_rows(path)
