"""What every player promises; run against libmpv with a real picture, and against the fake."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.ui.player.conftest import Stage

NEAR = 1e-6


def test_opens_paused_on_the_first_frame(stage: Stage, media) -> None:
    assert not stage.player.is_open and stage.player.paused and stage.player.position_s == 0.0
    times = stage.open(media("h264_2997"))
    player = stage.player
    assert player.is_open and player.paused and player.path == str(media("h264_2997"))
    assert player.position_s == pytest.approx(times.start_s, abs=NEAR)
    assert player.duration_s == pytest.approx(20.0, abs=0.1)
    assert player.display_size == (320, 240)
    assert [track.index for track in player.audio_tracks] == [0] and player.audio_track == 0


@pytest.mark.parametrize(
    ("kind", "size", "tracks"),
    [
        ("rotated90", (240, 320), 1),
        ("anamorphic", (426, 240), 1),
        ("no_audio", (320, 240), 0),
        ("audio_only", None, 1),
        ("tenbit", (320, 240), 1),
    ],
)
def test_knows_what_is_in_the_file(stage: Stage, media, kind: str, size, tracks: int) -> None:
    stage.open(media(kind))
    found = stage.player.display_size
    assert found is None if size is None else found == pytest.approx(size, abs=1)
    assert len(stage.player.audio_tracks) == tracks
    assert stage.player.audio_track == (0 if tracks else None)


@pytest.mark.parametrize("kind", ["gop250_25", "vfr", "h264_2997"])
def test_seek_lands_on_the_frame_at_that_time(stage: Stage, media, kind: str) -> None:
    times = stage.open(media(kind))
    for number in (300, 7, 249, 0, len(times) - 1):
        stage.go(float(times.times[number]) + 0.004)
        assert stage.player.position_s == pytest.approx(times.times[number], abs=NEAR)


def test_seek_is_clamped_to_the_file(stage: Stage, media) -> None:
    times = stage.open(media("tiny"))
    stage.go(1e6)
    assert stage.player.position_s == pytest.approx(times.last_s, abs=NEAR)
    stage.go(-5)
    assert stage.player.position_s == pytest.approx(times.start_s, abs=NEAR)


def test_the_latest_of_many_seeks_wins(stage: Stage, media) -> None:
    times = stage.open(media("gop250_25"))
    finished = []
    stage.player.seek_finished.connect(finished.append)
    for number in (10, 400, 30, 222):
        stage.player.seek(times.times[number])
    assert stage.player.wanted_s == pytest.approx(times.times[222], abs=NEAR)
    stage.settle()
    assert stage.player.position_s == stage.player.wanted_s == pytest.approx(times.times[222], abs=NEAR)
    assert finished[-1] == stage.player.position_s


def test_a_drag_ends_on_the_exact_frame(stage: Stage, media) -> None:
    times = stage.open(media("gop250_25"))
    for number in range(0, 600, 60):
        stage.player.scrub(times.times[number], False)
    stage.player.scrub(times.times[333], True)
    stage.settle()
    assert not stage.player.scrubbing
    assert stage.player.position_s == pytest.approx(times.times[333], abs=NEAR)


def test_a_drag_held_still_shows_the_exact_frame(stage: Stage, media) -> None:
    times = stage.open(media("gop250_25"))
    stage.player.scrub(1.0, False)
    stage.player.scrub(times.times[444], False)
    stage.settle()
    assert stage.player.position_s == pytest.approx(times.times[444], abs=NEAR)


@pytest.mark.parametrize("kind", ["vfr", "gop250_25"])
def test_steps_move_by_whole_frames(stage: Stage, media, kind: str) -> None:
    times = stage.open(media(kind))
    stage.go(times.times[100])
    for frames, expected in ((1, 101), (-1, 100), (-2, 98), (5, 103)):
        stage.player.step(frames)
        stage.settle()
        assert stage.player.position_s == pytest.approx(times.times[expected], abs=NEAR)


def test_quick_steps_add_up(stage: Stage, media) -> None:
    times = stage.open(media("vfr"))
    stage.go(times.times[50])
    for _ in range(7):
        stage.player.step(1)
    stage.settle()
    assert stage.player.position_s == pytest.approx(times.times[57], abs=NEAR)


def test_steps_stop_at_both_ends(stage: Stage, media) -> None:
    times = stage.open(media("tiny"))
    stage.player.step(-3)
    stage.settle()
    assert stage.player.position_s == pytest.approx(times.start_s, abs=NEAR)
    stage.go(times.last_s)
    stage.player.step(2)
    stage.settle()
    assert stage.player.position_s == pytest.approx(times.last_s, abs=NEAR)


def test_steps_without_frame_times_use_the_nominal_rate(stage: Stage, media) -> None:
    times = stage.open(media("gop250_25"), with_times=False)
    stage.player.step(2)
    stage.settle()
    assert stage.player.position_s == pytest.approx(times.times[2], abs=NEAR)


def test_a_step_pauses(stage: Stage, media) -> None:
    stage.open(media("h264_2997"))
    stage.player.play()
    stage.player.step(1)
    assert stage.player.paused
    stage.settle()


def test_play_and_pause(stage: Stage, media) -> None:
    times = stage.open(media("h264_2997"))
    changes = []
    stage.player.paused_changed.connect(changes.append)
    stage.player.toggle()
    stage.let_play(lambda: stage.player.position_s >= 0.2)
    stage.player.toggle()
    assert changes == [False, True]
    assert stage.positions == sorted(stage.positions)
    assert {times.at(position) for position in stage.positions} == set(stage.positions)


def test_the_end_pauses_on_the_last_frame_and_play_starts_over(stage: Stage, media) -> None:
    times = stage.open(media("tiny"))
    ended = []
    stage.player.ended.connect(lambda: ended.append(stage.player.position_s))
    stage.go(2.6)
    stage.player.play()
    stage.let_play(lambda: bool(ended))
    assert stage.player.paused
    assert stage.player.position_s == pytest.approx(times.last_s, abs=NEAR)
    stage.player.play()
    stage.let_play(lambda: 0.0 < stage.player.position_s < 1.0)
    assert not stage.player.paused


def test_a_loop_plays_its_frames_only(stage: Stage, media) -> None:
    times = stage.open(media("gop250_25"))
    start, end = float(times.times[50]), float(times.times[60])
    stage.player.set_loop(start, end)
    stage.player.seek(times.times[55])
    stage.player.play()
    stage.positions.clear()
    stage.let_play(lambda: jumps(stage.positions) >= 2)
    stage.player.pause()
    assert not [position for position in stage.positions if not start - NEAR <= position < end]
    assert len({times.index(position) for position in stage.positions}) >= 8


def test_play_enters_the_loop_and_follows_it(stage: Stage, media) -> None:
    times = stage.open(media("no_audio"))
    first, second = (float(times.times[50]), float(times.times[75])), (float(times.times[200]), float(times.times[225]))
    stage.go(15.0)
    stage.player.set_loop(*first)
    assert stage.player.position_s == pytest.approx(15.0, abs=NEAR), "a loop does not move a paused player"
    stage.player.play()
    stage.let_play(lambda: first[0] < stage.player.position_s < first[1])
    stage.player.set_loop(*second)
    stage.let_play(lambda: second[0] < stage.player.position_s < second[1])
    stage.player.set_loop(None)
    stage.let_play(lambda: stage.player.position_s > second[1])
    assert stage.player.loop is None


def test_a_loop_beyond_the_end_goes_round_at_the_end(stage: Stage, media) -> None:
    stage.open(media("tiny"))
    stage.player.set_loop(2.4, 99.0)
    stage.player.play()
    stage.let_play(lambda: jumps(stage.positions) >= 2)
    assert not stage.player.paused


def test_paused_inside_a_loop_every_frame_can_be_reached(stage: Stage, media) -> None:
    times = stage.open(media("gop250_25"))
    stage.player.set_loop(2.0, 3.0)
    for number in (74, 75, 49, 50, 500):
        stage.go(times.times[number])
        assert stage.player.position_s == pytest.approx(times.times[number], abs=NEAR)


def test_sound_alone_plays_seeks_and_loops(stage: Stage, media) -> None:
    stage.open(media("audio_only"))
    stage.go(7.25)
    assert stage.player.position_s == pytest.approx(7.25, abs=0.05)
    stage.player.set_loop(3.0, 3.4)
    stage.player.play()
    stage.positions.clear()
    stage.let_play(lambda: jumps(stage.positions) >= 2)
    stage.player.pause()
    assert all(3.0 <= position <= 3.4 for position in stage.positions[1:])
    assert stage.player.screenshot().isNull()


def test_speed_volume_mute_are_remembered_across_files(stage: Stage, media) -> None:
    player = stage.player
    said = []
    player.speed_changed.connect(said.append)
    player.volume_changed.connect(lambda percent, muted: said.append((percent, muted)))
    player.set_speed(2.0)
    player.set_volume(140)
    player.set_volume(30)
    player.set_muted(True)
    stage.open(media("tiny"))
    assert (player.speed, player.volume, player.muted) == (2.0, 30.0, True)
    assert said == [2.0, (30.0, False), (30.0, True)]


def test_shuttle_speeds_up_and_turns_round(stage: Stage, media) -> None:
    stage.open(media("h264_2997"))
    stage.go(10.0)
    speeds = []
    stage.player.speed_changed.connect(speeds.append)
    for _ in range(4):
        stage.player.shuttle(1)
    assert stage.player.speed == 4.0 and not stage.player.paused
    stage.player.shuttle(-1)
    assert stage.player.paused and speeds[-1] == -1.0
    begin = stage.player.wanted_s
    stage.let_play(lambda: stage.player.position_s < begin - 0.2)
    stage.player.shuttle(-1)
    assert speeds[-1] == -2.0
    stage.player.shuttle(0)
    assert stage.player.speed == 1.0 and stage.player.paused and speeds[-1] == 1.0
    stage.settle()


def test_backwards_stops_at_the_beginning(stage: Stage, media) -> None:
    times = stage.open(media("tiny"))
    stage.go(0.3)
    stage.player.shuttle(-1)
    stage.let_play(lambda: stage.player.position_s <= times.start_s + NEAR)
    stage.settle()
    assert stage.player.paused


def test_what_cannot_be_opened_fails_and_the_next_file_opens(stage: Stage, media, tmp_path: Path) -> None:
    missing = tmp_path / "gone.mp4"
    for path in (missing, media("text"), media("empty"), media("truncated"), media("directory")):
        error = stage.open_in_vain(path)
        assert path.name in error.what and error.why and error.fix
        assert not stage.player.is_open and stage.player.path == ""
    stage.open(media("tiny"))
    assert len(stage.failures) == 5


def test_only_the_last_of_quick_openings_reports(stage: Stage, media) -> None:
    opened = []
    stage.player.opened.connect(opened.append)
    for kind in ("h264_2997", "vfr", "text", "no_audio"):
        stage.prepare(media(kind))
    if hasattr(stage.player, "hold"):
        stage.player.hold()
    for kind in ("h264_2997", "vfr", "text"):
        stage.player.open(str(media(kind)))
    stage.player.close()
    stage.player.open(str(media("no_audio")))
    if hasattr(stage.player, "hold"):
        stage.player.settle()
    stage.until(lambda: bool(opened))
    stage.go(1.0)
    assert opened == [str(media("no_audio"))] and not stage.failures
    assert stage.player.audio_tracks == ()


def test_close_during_a_seek(stage: Stage, media) -> None:
    stage.open(media("gop250_25"))
    stage.player.seek(20.0)
    stage.player.close()
    assert not stage.player.is_open and not stage.player.seeking and stage.player.position_s == 0.0
    stage.positions.clear()
    stage.open(media("tiny"))
    assert all(position < 0.1 for position in stage.positions)


def test_orders_without_a_file_do_nothing(stage: Stage) -> None:
    player = stage.player
    for order in (player.play, player.toggle, player.pause, player.close):
        order()
    player.seek(3.0)
    player.scrub(2.0, True)
    player.step(1)
    player.shuttle(1)
    player.shuttle(-1)
    player.set_audio_track(4)
    player.set_loop(1.0, 2.0)
    assert player.paused and not player.seeking and player.duration_s == 0.0 and player.screenshot().isNull()


def test_the_loop_and_frame_times_belong_to_one_file(stage: Stage, media) -> None:
    stage.open(media("vfr"))
    stage.player.set_loop(1.0, 2.0)
    stage.open(media("tiny"), with_times=False)
    assert stage.player.loop is None
    assert stage.player.snap(0.0123) == 0.0123


@pytest.mark.parametrize(
    "name", ['it\'s "quoted".mp4', "two\nlines.mp4", "été 🎬 .mp4", "-y.mp4", "a%20b#c?d.mp4", "--.mp4"]
)
def test_any_file_name_opens(stage: Stage, media, tmp_path: Path, name: str) -> None:
    stage.open(media.copy("tiny", tmp_path / name))
    assert stage.player.display_size == (160, 120)


def test_shutdown_twice_and_orders_after_it(stage: Stage, media) -> None:
    stage.open(media("tiny"))
    stage.player.play()
    stage.player.shutdown()
    stage.player.shutdown()
    stage.player.seek(1.0)
    stage.player.set_speed(2.0)
    assert not stage.player.is_open


def jumps(positions: list[float]) -> int:
    """How often the position went back."""
    return sum(after < before - 0.1 for before, after in pairwise(positions))
