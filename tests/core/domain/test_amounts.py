"""How many and how large, as a person reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.amounts import count_text, size_text


def test_one_is_told_from_many() -> None:
    assert count_text(0, "clip") == "0 clips"
    assert count_text(1, "clip") == "1 clip"
    assert count_text(1204, "clip") == "1,204 clips"
    assert count_text(2, "batch", "batches") == "2 batches"
    assert count_text(1, "window is", "windows are") == "1 window is"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (812_000, "812 kB"),
        (999_600, "1.0 MB"),
        (9_940_000, "9.9 MB"),
        (9_960_000, "10 MB"),
        (2_100_000_000, "2.1 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_a_size_keeps_the_digits_that_matter(size_bytes: float, text: str) -> None:
    assert size_text(size_bytes) == text


@given(st.integers(0, 10**15))
def test_a_size_is_told_to_a_twentieth(size_bytes: int) -> None:
    number, unit = size_text(size_bytes).split()
    told = float(number) * 1000 ** ("B", "kB", "MB", "GB", "TB").index(unit)
    assert abs(told - size_bytes) <= 0.05 * size_bytes + 0.5
