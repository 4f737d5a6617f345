"""How long somebody looked, with a clock that the test turns."""

from __future__ import annotations

import pytest

from ui.annotation.attention import Attention


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_silence_counts_only_so_far(clock: Clock) -> None:
    attention = Attention(20.0, clock)
    attention.start()
    clock.now_s += 5.0
    attention.touch()
    clock.now_s += 600.0
    attention.touch()
    clock.now_s += 1.0
    assert attention.seconds == 26.0


def test_what_is_out_of_sight_does_not_count(clock: Clock) -> None:
    attention = Attention(20.0, clock)
    attention.start()
    clock.now_s += 3.0
    attention.pause()
    clock.now_s += 15.0
    attention.touch()
    assert attention.seconds == 3.0
    attention.go_on()
    clock.now_s += 2.0
    assert attention.seconds == 5.0


def test_a_new_item_begins_at_zero(clock: Clock) -> None:
    attention = Attention(20.0, clock)
    assert attention.seconds == 0.0
    attention.start()
    clock.now_s += 3.0
    attention.start()
    assert attention.seconds == 0.0
