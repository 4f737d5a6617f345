from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.media import Media
from core.media.pts import FrameTimes
from ui.main_window.cutting_state import CuttingState

MEDIA = Media(1, "b3-1", "/videos/a.mp4")
TIMES = FrameTimes(np.arange(250) / 25, 0.04)


@pytest.fixture
def state() -> CuttingState:
    state = CuttingState()
    state.open_media(MEDIA)
    return state


@given(st.floats(-100, 100))
def test_the_cursor_is_always_a_frame_of_the_video(time_s: float) -> None:
    state = CuttingState()
    state.open_media(MEDIA)
    state.set_facts(times=TIMES)
    state.set_cursor(time_s)
    assert state.cursor_s in TIMES.times


def test_the_cursor_moves_onto_a_frame_when_the_frame_times_arrive(state: CuttingState) -> None:
    state.set_cursor(1.03)
    assert state.cursor_s == 1.03
    state.set_facts(times=TIMES)
    assert state.cursor_s == pytest.approx(1.0)


def test_another_media_starts_without_the_facts_of_the_last_one(state: CuttingState) -> None:
    state.set_facts(times=TIMES)
    state.shape_batch(clips=5)
    state.open_media(Media(2, "b3-2", "/videos/b.mp4"), 3.0)
    assert state.times is None
    assert (state.cursor_s, state.batch.clips) == (3.0, 5)


@given(st.integers(-5, 200), st.floats(-10, 100), st.floats(-10, 100))
def test_the_batch_stays_within_its_ranges(clips: int, spread_s: float, duration_s: float) -> None:
    state = CuttingState()
    state.shape_batch(clips, spread_s, duration_s)
    assert 1 <= state.batch.clips <= 99
    assert 0.5 <= state.batch.spread_s <= 30
    assert 2 <= state.batch.duration_s <= 30


def test_only_real_changes_are_announced(state: CuttingState) -> None:
    heard: list[str] = []
    state.batch_changed.connect(lambda: heard.append("batch"))
    state.cursor_changed.connect(lambda _: heard.append("cursor"))
    state.locked_changed.connect(lambda _: heard.append("lock"))
    state.shape_batch(clips=state.batch.clips)
    state.set_cursor(state.cursor_s)
    state.set_locked(False)
    assert heard == []
    state.shape_batch(clips=7)
    state.set_cursor(2.0)
    state.set_locked(True)
    assert heard == ["batch", "cursor", "lock"]
