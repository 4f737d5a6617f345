"""Overlap, coverage, and folders that do not belong together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.coverage import coverage, folder_fits, overlap_share
from core.domain.timespan import Span

SPANS = st.lists(st.builds(lambda start, length: Span(start, start + length), st.floats(0, 90), st.floats(0, 30)))


def test_a_batch_over_itself_overlaps_wholly_and_one_beside_it_not_at_all() -> None:
    batch = Batch(10.0, 3, 3.0, 8.0)
    assert overlap_share(batch, batch.spans) == pytest.approx(1.0)
    assert overlap_share(batch, [Span(24.0, 30.0), Span(0.0, 10.0)]) == 0.0
    assert overlap_share(batch, [Span(0.0, 17.0)]) == pytest.approx(0.5)


def test_gaps_between_the_clips_of_a_batch_do_not_count() -> None:
    batch = Batch(0.0, 2, 10.0, 2.0)
    assert overlap_share(batch, [Span(2.0, 10.0)]) == 0.0
    assert overlap_share(batch, [Span(10.0, 12.0)]) == pytest.approx(0.5)


@given(SPANS, st.floats(0, 60), st.integers(1, 9), st.floats(0.5, 30), st.floats(2, 30))
def test_the_share_is_a_share_and_grows_with_what_is_cut(
    spans: list[Span], cursor: float, clips: int, spread: float, length: float
) -> None:
    batch = Batch(cursor, clips, spread, length)
    share = overlap_share(batch, spans)
    assert 0.0 <= share <= 1.0 + 1e-9
    assert overlap_share(batch, [*spans, Span(cursor, cursor + 1)]) >= share - 1e-9


@given(SPANS, st.floats(0.0, 100.0))
def test_coverage_is_disjoint_in_order_and_inside_the_media(spans: list[Span], duration: float) -> None:
    found, total = coverage(spans, duration)
    assert all(one.end_s < two.start_s for one, two in pairwise(found))
    assert all(0 <= span.start_s <= span.end_s <= duration for span in found)
    assert total <= duration + 1e-6


@pytest.mark.parametrize(
    ("source", "target", "fits"),
    [
        ("/footage/Dogs", "/clips/dog", True),
        ("/footage/dog barks 2024", "/clips/Barks", True),
        ("/footage/DogBarks", "/clips/barks_8s", True),
        ("/footage/cats", "/clips/dogs", False),
        ("/home/me/Videos", "/clips/dogs", True),
        ("/media/100CANON/2024-05-01", "/clips/dogs", True),
        ("/footage/cats", "/clips/8-cut", True),
        ("/", "/clips/dogs", True),
        ("/footage/Füße", "/clips/füsse", True),
    ],
)
def test_folders_fit_when_they_share_a_word_or_say_nothing(source: str, target: str, fits: bool) -> None:
    assert folder_fits(source, target) is fits
