"""What the fake adds for widget tests: results that wait, and a list of orders."""

from __future__ import annotations

from core.errors import UserError
from ui.player.fake_player import FakePlayer


def test_results_can_be_held_back(qtbot) -> None:
    player = FakePlayer()
    player.hold()
    player.open("a.mp4")
    assert not player.is_open
    player.settle()
    assert player.is_open and player.display_size == (640, 360)
    player.hold()
    player.scrub(10.0, False)
    player.scrub(11.0, False)
    player.scrub(12.0, True)
    assert player.seeking and player.scrubbing and player.position_s == 0.0
    player.settle()
    assert player.position_s == 12.0 and not player.scrubbing
    assert [call for call in player.calls if call[0] == "seek"] == [("seek", 10.0, True), ("seek", 12.0, True)]


def test_a_path_can_be_made_to_fail(qtbot) -> None:
    player = FakePlayer()
    error = UserError("Cannot open a.mp4", "It is broken", "Copy it again")
    player.add_media("a.mp4", error)
    with qtbot.waitSignal(player.failed) as failed:
        player.open("a.mp4")
    assert failed.args == [error]


def test_time_passes_only_in_tick(qtbot) -> None:
    player = FakePlayer(fps=25.0)
    player.open("a.mp4")
    player.set_speed(2.0)
    player.play()
    for _ in range(10):
        player.tick(0.01)
    assert player.position_s == 0.2


def test_an_end_inside_a_loop_is_only_its_jump(qtbot) -> None:
    player = FakePlayer()
    player.open("a.mp4")
    player.set_loop(58.0, 60.0)
    player.play()
    player._report_ended()  # as libmpv says it now and then, just before it jumps
    assert not player.paused
