from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.clip import (
    MAX_NAME_BYTES,
    Batch,
    ClipName,
    class_name,
    clips_that_fit,
    illegal_name_reason,
    media_folder_name,
    parse_clip_name,
)

legal_names = st.text(min_size=1, max_size=30).filter(lambda name: illegal_name_reason(name) is None)
durations = st.floats(2, 30)
spreads = st.floats(0.5, 30)


def test_clip_i_starts_at_the_cursor_plus_i_spreads() -> None:
    batch = Batch(10.0, clips=3, spread_s=3.0, duration_s=8.0)
    assert batch.starts_s == (10.0, 13.0, 16.0)
    assert (batch.span.start_s, batch.span.end_s) == (10.0, 24.0)


@given(st.floats(0, 1e5), st.integers(1, 99), spreads, durations)
def test_the_span_of_a_batch_is_the_hull_of_its_clips(
    cursor_s: float, clips: int, spread_s: float, length_s: float
) -> None:
    batch = Batch(cursor_s, clips, spread_s, length_s)
    assert len(batch.spans) == clips
    assert batch.span.start_s == batch.spans[0].start_s
    assert batch.span.end_s == pytest.approx(batch.spans[-1].end_s)


@given(st.floats(0, 4000), durations, spreads)
def test_as_many_clips_as_fit(length_s: float, duration_s: float, spread_s: float) -> None:
    clips = clips_that_fit(length_s, duration_s, spread_s)
    assert 1 <= clips <= 99
    if clips > 1:
        assert Batch(0.0, clips, spread_s, duration_s).span.end_s <= length_s + 1e-6
    if clips < 99 and length_s >= duration_s:
        assert Batch(0.0, clips + 1, spread_s, duration_s).span.end_s > length_s - 1e-6


@given(legal_names, st.integers(1, 5000), st.integers(1, 5000), st.integers(0, 98), st.booleans())
def test_names_of_clips_are_read_back(name: str, media: int, batch: int, index: int, scan: bool) -> None:
    clip = ClipName(name, media, batch, index, scan)
    assert parse_clip_name(str(clip)) == clip


def test_a_clip_is_named_as_the_layout_says() -> None:
    assert str(ClipName("clip", 1, 4, 0)) == "clip_001_m4_0"
    assert str(ClipName("clip", 12, 7, 2, scan_export=True)) == "clip_012_a7_2"
    assert media_folder_name(7) == "vid_007"
    assert parse_clip_name("holiday") is None


@pytest.mark.parametrize("path", ["/out/Barks/vid_001/clip_001_m1_0.mp4", r"C:\out\Barks\vid_001\clip_001_m1_0.mp4"])
def test_the_class_is_the_folder_above_the_medias_folder(path: str) -> None:
    assert class_name(path) == "Barks"


def test_a_path_without_folders_has_no_class() -> None:
    assert class_name("clip.mp4") == ""


@pytest.mark.parametrize(
    "name", ["", "  ", ".hidden", "a/b", "a\\b", "what?", "line\nbreak", " padded", "CON", "com1.x", "é" * 61]
)
def test_names_that_some_system_refuses_are_refused_everywhere(name: str) -> None:
    assert illegal_name_reason(name)


@given(st.text(min_size=1, max_size=80))
def test_a_legal_name_is_one_component_of_a_path(name: str) -> None:
    assume(illegal_name_reason(name) is None)
    assert not set(name) & set('/\\:*?"<>|\0')
    assert len(name.encode()) <= MAX_NAME_BYTES
