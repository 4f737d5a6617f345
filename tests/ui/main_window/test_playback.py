"""Transport with a player whose clock we turn: loops, the ends of a cut, the shuttle, reaction time, volume, tracks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.media import Media
from core.media.pts import FrameTimes
from ui.main_window.cutting_state import CuttingState
from ui.main_window.ends_loop import END_S, ends_of
from ui.main_window.playback_controller import PlaybackController
from ui.player.fake_player import FakePlayer
from ui.player.player import AudioTrack, OpenedMedia

FRAME_S = 0.04
LENGTH_S = 60.0


class World:
    """A media of a minute, 25 frames a second, open at ten seconds with three clips of four seconds."""

    def __init__(self) -> None:
        self.state = CuttingState()
        self.player = FakePlayer()
        self.playback = PlaybackController(self.state, self.player)
        tracks = (AudioTrack(0), AudioTrack(1), AudioTrack(2))
        self.player.add_media("/v.mp4", OpenedMedia(LENGTH_S, (640, 360), tracks))
        self.state.open_media(Media(1, "b3-1", "/v.mp4"), 10.0)
        self.player.open("/v.mp4")
        self.state.set_facts(times=FrameTimes(np.arange(1500) / 25, FRAME_S))
        self.state.shape_batch(3, 5.0, 4.0)
        self.player.seek(10.0)

    def play_for(self, seconds: float) -> list[float]:
        """Positions, a frame at a time."""
        seen = []
        for _ in range(round(seconds / FRAME_S)):
            self.player.tick(FRAME_S)
            seen.append(round(self.player.position_s, 3))
        return seen


@pytest.fixture
def world(qapp) -> World:
    return World()


def test_play_loops_the_batch(world: World) -> None:
    world.playback.toggle_play()
    seen = world.play_for(30)
    assert min(seen) >= 10.0
    assert max(seen) < 24.0
    assert seen.count(10.0) >= 2


def test_checking_the_cut_plays_only_the_ends_in_turn(world: World) -> None:
    world.playback.set_only_ends(True)
    world.playback.toggle_play()
    seen = world.play_for(20)
    ends = ends_of(world.state.batch.spans, LENGTH_S)
    assert all(any(start <= time_s < stop for start, stop in ends) for time_s in seen)
    order = [index for time_s in seen for index, (start, stop) in enumerate(ends) if start <= time_s < stop]
    changes = [one for one, before in zip(order[1:], order, strict=False) if one != before]
    assert changes[:7] == [1, 2, 3, 4, 5, 0, 1]


def test_leaving_the_check_plays_the_batch_again(world: World) -> None:
    world.playback.set_only_ends(True)
    world.playback.toggle_play()
    world.play_for(3)
    world.playback.set_only_ends(False)
    assert world.player.loop == (10.0, 24.0)


def test_the_ends_follow_the_cursor(world: World) -> None:
    world.playback.set_only_ends(True)
    world.state.set_cursor(30.0)
    assert world.player.loop == (30.0, 31.0)


@given(
    st.floats(0, 100),
    st.integers(1, 20),
    st.floats(0.5, 30),
    st.floats(2, 30),
    st.one_of(st.just(0.0), st.floats(0.1, 200)),
)
def test_ends_lie_in_their_clips_and_in_the_media(
    cursor_s: float, clips: int, spread_s: float, duration_s: float, length_s: float
) -> None:
    batch = Batch(cursor_s, clips, spread_s, duration_s)
    for start_s, stop_s in ends_of(batch.spans, length_s):
        assert 0 < stop_s - start_s <= END_S + 1e-9
        assert not length_s or stop_s <= length_s + 1e-9
        assert any(span.start_s <= start_s and stop_s <= span.end_s + 1e-9 for span in batch.spans)


def test_the_shuttle_is_free_of_the_batch(world: World) -> None:
    world.playback.shuttle(1)
    assert (world.player.loop, world.player.paused, world.player.speed) == (None, False, 1.0)
    world.playback.shuttle(1)
    assert world.player.speed == 2.0
    assert max(world.play_for(8)) > 24.0
    world.playback.shuttle(-1)
    assert world.player.reversing
    before = world.player.position_s
    world.play_for(1)
    assert world.player.position_s < before
    world.playback.shuttle(0)
    assert (world.player.reversing, world.player.paused, world.player.speed) == (False, True, 1.0)


def test_play_stops_a_shuttle_and_the_next_one_loops_again(world: World) -> None:
    world.playback.shuttle(-1)
    world.playback.toggle_play()
    assert not world.player.reversing
    assert world.player.paused
    world.playback.toggle_play()
    assert world.player.loop == (10.0, 24.0)
    assert not world.player.paused


def test_marking_during_a_shuttle_does_not_catch_it_in_the_batch(world: World) -> None:
    world.playback.shuttle(1)
    world.play_for(5)
    world.playback.set_start()
    assert world.state.cursor_s == pytest.approx(world.player.position_s)
    assert world.player.loop is None


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_reaction_time_counts_only_while_playing(world: World, speed: float) -> None:
    world.playback.set_reaction(0.2)
    world.player.set_speed(speed)
    world.playback.toggle_play()
    world.play_for(2)
    at = world.player.position_s
    world.playback.set_start()
    assert world.state.cursor_s == pytest.approx(at - 0.2 * speed, abs=FRAME_S)
    world.player.pause()
    world.player.seek(40.0)
    world.playback.set_start()
    assert world.state.cursor_s == 40.0


def test_reaction_time_counts_for_the_end_too(world: World) -> None:
    world.playback.set_reaction(0.4)
    world.state.shape_batch(clips=1, duration_s=20)
    world.playback.toggle_play()
    world.play_for(5)
    at = world.player.position_s
    world.playback.set_end()
    assert world.state.batch.duration_s == pytest.approx(at - 0.4 - 10.0, abs=FRAME_S)


def test_louder_is_heard_even_when_muted(world: World) -> None:
    world.player.set_volume(50)
    world.player.set_muted(True)
    world.playback.change_volume(-5)
    assert (world.player.volume, world.player.muted) == (45, True)
    world.playback.change_volume(5)
    assert (world.player.volume, world.player.muted) == (50, False)
    world.playback.change_volume(500)
    assert world.player.volume == 100


def test_tracks_go_round(world: World) -> None:
    assert [world.playback.next_track() for _ in range(4)] == [1, 2, 0, 1]
    assert world.player.audio_track == 1
    world.player.add_media("/one.mp4", OpenedMedia(5.0, None, (AudioTrack(0),)))
    world.player.open("/one.mp4")
    assert world.playback.next_track() is None


def test_without_a_media_nothing_happens(qapp) -> None:
    playback = PlaybackController(CuttingState(), player := FakePlayer())
    playback.shuttle(1)
    playback.check_cut()
    playback.set_start()
    playback.set_end()
    assert player.paused
