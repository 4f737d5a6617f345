"""Probabilities become spans of speech, and regions are told by how much of them is speech."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.speech import SpeechFilter, SpeechTrack
from core.domain.timespan import Span, covered_s, merge
from core.scan.speech import SHORTEST_S, speech_share, speech_spans, wanted

FRAME_S = 0.032


def track(*spans: tuple[float, float]) -> SpeechTrack:
    return SpeechTrack(tuple(Span(*span) for span in spans), 100.0)


def frames(*parts: tuple[float, int]) -> np.ndarray:
    return np.concatenate([np.full(count, value, np.float32) for value, count in parts])


def test_a_sentence_with_a_short_pause_is_one_span() -> None:
    found = speech_spans(frames((0.0, 50), (0.9, 20), (0.1, 8), (0.9, 20), (0.0, 50)), FRAME_S, 5.0)
    (span,) = found.spans
    assert span.start_s == 50 * FRAME_S - 0.03
    assert round(span.end_s, 6) == round(98 * FRAME_S + 0.03, 6)
    assert found.spoken_s == span.length_s


def test_a_click_is_no_speech_and_weak_frames_belong_to_strong_ones() -> None:
    assert speech_spans(frames((0.0, 50), (0.99, 3), (0.0, 50)), FRAME_S, 4.0).spans == ()
    assert speech_spans(frames((0.0, 50), (0.45, 30), (0.0, 50)), FRAME_S, 4.0).spans == ()
    (span,) = speech_spans(frames((0.0, 50), (0.45, 30), (0.6, 1), (0.0, 50)), FRAME_S, 4.0).spans
    assert span.length_s > 30 * FRAME_S


@settings(max_examples=40)
@given(values=st.lists(st.floats(0, 1, width=32), max_size=200))
def test_spans_are_apart_in_order_and_inside(values: list[float]) -> None:
    duration_s = len(values) * FRAME_S
    found = speech_spans(np.array(values, np.float32), FRAME_S, duration_s).spans
    assert all(0 <= span.start_s < span.end_s <= duration_s for span in found)
    assert all(before.end_s < after.start_s for before, after in itertools.pairwise(found))
    assert all(span.length_s >= SHORTEST_S - 1e-9 or span.start_s == 0 or span.end_s == duration_s for span in found)


times = st.floats(0, 100, width=32)
spans = st.lists(st.tuples(times, times).map(sorted), max_size=8)


@settings(max_examples=40)
@given(said=spans, asked=st.lists(st.tuples(times, times).map(sorted), min_size=1, max_size=8))
def test_the_share_is_what_is_covered(said: list, asked: list) -> None:
    said = [span for span in merge(Span(*span) for span in said) if span.length_s > 1e-3]
    starts, ends = (np.array(column, np.float64) for column in zip(*asked, strict=True))
    found = speech_share(starts, ends, SpeechTrack(tuple(said), 100.0))
    for (start, end), share in zip(asked, found, strict=True):
        if end - start > 1e-3:
            assert abs(share - covered_s(Span(start, end), said) / (end - start)) < 1e-6


def test_every_region_passes_exactly_one_of_the_two_filters() -> None:
    said = track((10.0, 12.0), (20.0, 21.0))
    starts, ends = np.array([10.5, 11.5, 19.0, 30.0, 20.5]), np.array([11.5, 14.5, 22.0, 31.0, 20.5])
    only = wanted(starts, ends, said, SpeechFilter.ONLY)
    assert only.tolist() == [True, False, False, False, True]
    assert wanted(starts, ends, said, SpeechFilter.WITHOUT).tolist() == (~only).tolist()
    assert wanted(starts, ends, said, SpeechFilter.ANY).all()
    assert not wanted(starts, ends, track(), SpeechFilter.ONLY).any()
