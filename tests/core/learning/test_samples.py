"""Which grains become examples of what, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.timespan import Span
from core.errors import UserError
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.samples import select
from tests.core.learning.worlds import Vectors, video, world


def still(duration_s: float = 200.0, span_s: float = 2.0, hop_s: float = 0.5) -> Vectors:
    starts = np.arange(int((duration_s - span_s) / hop_s) + 1) * hop_s
    return Vectors(starts, np.ones((len(starts), 3), np.float16), span_s, duration_s)


def chosen(indices: np.ndarray, embedded: Vectors) -> list[float]:
    return embedded.starts_s[indices].tolist()


def test_grains_inside_a_clip_are_its_bag() -> None:
    embedded = still()
    found = select([MediaExamples("a", embedded, (Span(20, 28),))], TrainOptions())
    # 2 s grains; the first and last stick out by a quarter of a grain at most.
    assert chosen(found.recordings[0].bags[0], embedded) == [19.5 + 0.5 * n for n in range(15)]


def test_windows_as_long_as_the_clip_must_overlap_it_by_half() -> None:
    embedded = still(span_s=8.0, hop_s=1.0)
    found = select([MediaExamples("a", embedded, (Span(20, 28),))], TrainOptions(neg_margin_s=30))
    assert chosen(found.recordings[0].bags[0], embedded) == [float(start) for start in range(16, 25)]


def test_automatic_negatives_keep_the_margin_from_every_marker() -> None:
    embedded = still(600.0)
    marked = MediaExamples("a", embedded, (Span(100, 108),), soft=(Span(300, 308),))
    one = select([marked], TrainOptions(neg_margin_s=30)).recordings[0]
    middles = one.middles_s[one.far]
    for span in (*marked.positives, *marked.soft):
        assert not np.any((middles > span.start_s - 30) & (middles < span.end_s + 30))
    assert len(one.far) > 600
    assert not set(one.far) & set(np.flatnonzero(one.ignored))


def test_a_margin_that_leaves_nothing_is_made_smaller_and_said() -> None:
    found = select([MediaExamples("a", still(60.0), (Span(20, 28),))], TrainOptions(neg_margin_s=600))
    assert found.margin_s < 600
    assert len(found.recordings[0].far)
    assert any("margin" in warning for warning in found.warnings)


def test_hard_negatives_near_a_marker_count_but_not_those_inside_a_clip() -> None:
    embedded = still()
    example = MediaExamples(
        "a", embedded, (Span(50, 58),), negatives=(Span(62, 64), Span(53, 54)), hard=frozenset({0, 1})
    )
    one = select([example], TrainOptions()).recordings[0]
    assert chosen(one.stated, embedded) == [61.0, 61.5, 62.0, 62.5, 63.0]
    assert not one.ignored[one.stated].any()


def test_switched_off_hard_negatives_are_skipped_but_explicit_ones_stay() -> None:
    example = MediaExamples(
        "a", still(), (Span(50, 58),), negatives=(Span(120, 120), Span(150, 158)), hard=frozenset({0})
    )
    on = select([example], TrainOptions()).recordings[0]
    off = select([example], TrainOptions(use_hard_negatives=False)).recordings[0]
    assert set(off.stated) < set(on.stated)
    assert np.all(off.middles_s[off.stated] >= 150)


def test_a_video_with_nothing_but_negatives_is_no_source_of_automatic_ones() -> None:
    rejected = MediaExamples("b", still(), negatives=(Span(50, 52),), hard=frozenset({0}))
    _, one = select([MediaExamples("a", still(), (Span(50, 58),)), rejected], TrainOptions()).recordings
    assert not len(one.far)
    assert len(one.stated)
    assert one.ignored.sum() == len(one.ignored) - len(one.stated)


@pytest.mark.parametrize(
    ("examples", "why"),
    [
        ([], "No clip of the class"),
        ([MediaExamples("a", still(), negatives=(Span(1, 2),))], "No clip of the class"),
        ([MediaExamples("a", still(100), (Span(300, 308),))], "outside of their recordings"),
        ([MediaExamples("a", still(8.0), (Span(0, 8),))], "Every moment"),
        (
            [MediaExamples("a", still(), (Span(50, 58),)), replace(video(1).examples, group="b")],
            "different lengths: 3, 12",
        ),
    ],
)
def test_data_that_cannot_make_a_model_is_explained(examples: list[MediaExamples], why: str) -> None:
    with pytest.raises(UserError, match=why) as caught:
        select(examples, TrainOptions())
    assert caught.value.what
    assert caught.value.fix


def test_vectors_that_are_no_numbers() -> None:
    few, many = world(2)
    few.embedded.vectors[:5] = np.nan
    few.embedded.vectors[20] = np.inf
    found = select([few, many], TrainOptions())
    one = found.recordings[0]
    used = np.concatenate([one.far, one.stated, *one.bags])
    assert np.isfinite(one.embedded.vectors[used]).all()
    many.embedded.vectors[::2] = np.nan
    many.embedded.vectors[1::4] = np.nan
    with pytest.raises(UserError, match="not numbers"):
        select([few, many], TrainOptions())


def test_warnings_name_what_is_thin() -> None:
    (warning, clips) = select(world(1), TrainOptions(neg_margin_s=5)).warnings
    assert "one video" in warning
    assert "3 clips" in clips
    assert any("2 videos" in text for text in select(world(2), TrainOptions(neg_margin_s=5)).warnings)
    assert not select(world(4, clips=5), TrainOptions(neg_margin_s=5)).warnings
