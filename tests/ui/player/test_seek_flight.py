"""Telling our seek's end from other restarts."""

from __future__ import annotations

from ui.player.seek_flight import SeekFlight


def test_a_seek_lands_once() -> None:
    flight = SeekFlight()
    flight.accepted()
    flight.started()
    assert flight.landed()
    assert not flight.landed()


def test_the_jump_of_a_loop_before_ours_is_not_ours() -> None:
    flight = SeekFlight()
    flight.started()  # the loop's own
    flight.accepted()
    assert not flight.landed(), "that was the loop's restart"
    flight.started()
    assert flight.landed()


def test_another_file_forgets_the_flight() -> None:
    flight = SeekFlight()
    flight.accepted()
    flight.started()
    flight.reset()
    assert not flight.landed()
