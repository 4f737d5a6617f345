"""The estimate settles on the truth and does not jump."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.jobs.eta import Eta, format_eta


def test_nothing_is_said_too_early_or_without_a_total() -> None:
    eta = Eta()
    eta.update(0.0, None)
    assert eta.remaining_s(5.0) is None
    eta.update(0.0, 0.0)
    eta.update(0.2, 0.1)
    assert eta.remaining_s(0.3) is None


@given(total_s=st.floats(2.0, 10_000.0))
def test_steady_work_is_foretold(total_s: float) -> None:
    eta = Eta()
    for step in range(51):
        eta.update(step * total_s / 100, step / 100)
    assert eta.remaining_s(total_s / 2) == pytest.approx(total_s / 2, rel=1e-6)


def test_it_counts_down_between_two_steps_and_never_below_zero() -> None:
    eta = Eta()
    eta.update(0.0, 0.0)
    eta.update(10.0, 0.5)
    assert eta.remaining_s(13.0) == pytest.approx(7.0)
    assert eta.remaining_s(100.0) == 0.0


def test_one_hiccup_moves_it_only_a_little() -> None:
    eta = Eta()
    for step in range(51):
        eta.update(step * 0.1, step / 100)
    calm = eta.remaining_s(5.0)
    eta.update(5.3, 0.51)
    assert eta.remaining_s(5.3) == pytest.approx(calm, rel=0.15)


def test_a_second_pass_starts_afresh() -> None:
    eta = Eta()
    eta.update(0.0, 0.0)
    eta.update(10.0, 1.0)
    eta.update(11.0, 0.0)
    assert eta.remaining_s(12.0) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1 s"),
        (3.2, "4 s"),
        (59.1, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.5, "1 h 00 min"),
        (3780, "1 h 03 min"),
    ],
)
def test_format(seconds: float, text: str) -> None:
    assert format_eta(seconds) == text
