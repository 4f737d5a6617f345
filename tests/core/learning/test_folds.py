"""Nothing of a video is ever on both sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.timespan import Span
from core.errors import UserError
from core.learning import training
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.folds import Fold, folds
from core.learning.samples import select
from tests.core.learning.worlds import Vectors, world


def plain(group: str, clips: int, duration_s: float = 400.0) -> MediaExamples:
    starts = np.arange(int((duration_s - 2) / 0.5) + 1) * 0.5
    marks = tuple(Span(20.0 + 30 * n, 28.0 + 30 * n) for n in range(clips))
    return MediaExamples(group, Vectors(starts, np.ones((len(starts), 2), "f2"), 2.0, duration_s), marks)


def no_leak(parts: Sequence[Fold]) -> None:
    for part in parts:
        assert not {one.group for one in part.train} & {one.group for one in part.test}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 6)), min_size=2, max_size=12))
def test_groups_stay_together_and_each_is_tested_once(videos: list[tuple[str, int]]) -> None:
    if len({group for group, clips in videos if clips}) < 2:
        videos = [*videos, ("x", 2), ("y", 1)]
    selection = select([plain(group, clips) for group, clips in videos], TrainOptions(neg_margin_s=2))
    grouping, parts = folds(selection)
    assert grouping == "video"
    assert 2 <= len(parts) <= 5
    no_leak(parts)
    tested = [id(one) for part in parts for one in part.test]
    assert sorted(tested) == sorted(id(one) for one in selection.recordings)
    assert all(any(one.bags for one in part.test) for part in parts)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12))
def test_one_video_is_parted_between_its_clips(clips: int) -> None:
    selection = select([plain("a", clips), plain("b", 0)], TrainOptions(neg_margin_s=5))
    grouping, parts = folds(selection)
    assert grouping == "clip"
    for part in parts:
        (test,) = part.test
        train = next(one for one in part.train if one.group == "a")
        assert len(test.bags)
        assert len(train.bags) + len(test.bags) == clips
        for kind in ("far", "stated"):
            assert not set(getattr(train, kind)) & set(getattr(test, kind))
        assert not {grain for bag in train.bags for grain in bag} & {grain for bag in test.bags for grain in bag}
        # What is not tested in this fold counts neither way.
        assert test.ignored[train.far].all()
    assert sum(len(part.test[0].bags) for part in parts) == clips


def test_one_clip_is_too_little() -> None:
    with pytest.raises(UserError, match="One clip is too little"):
        folds(select([plain("a", 1)], TrainOptions()))


def leaking(parts: Sequence[Fold]) -> list[Fold]:
    """What must never happen: half of every tested video is in the training set too."""
    return [Fold((*part.train, *part.test[:1]), part.test) for part in parts]


def test_a_leak_is_seen() -> None:
    selection = select(world(4), TrainOptions(neg_margin_s=5))
    _, parts = folds(selection)
    no_leak(parts)
    with pytest.raises(AssertionError):
        no_leak(leaking(parts))


def confounded() -> list[MediaExamples]:
    """Nothing is common to the clips but the voice of their own video: there is nothing to learn across videos."""
    found = []
    for number in range(6):
        rng = np.random.default_rng(number)
        count = 400
        starts = np.arange(count) * 0.5
        vectors = rng.normal(size=(count, 16))
        marks = tuple(Span(begin, begin + 8.0) for begin in (20.0, 70.0, 120.0))
        for mark in marks:
            inside = (starts >= mark.start_s + 2) & (starts < mark.start_s + 5)
            vectors[inside] += 6.0 * np.random.default_rng((7, number)).normal(size=16)
        embedded = Vectors(starts, vectors.astype("f2"), 2.0, 201.5)
        found.append(MediaExamples(f"v{number}", embedded, marks))
    return found


def test_figures_of_grouped_folds_do_not_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    options = TrainOptions(head="logistic", neg_margin_s=5)
    honest = training.train(confounded(), options).report["average_precision"]
    real = training.folds
    monkeypatch.setattr(training, "folds", lambda selection: ("video", leaking(real(selection)[1])))
    leaked = training.train(confounded(), options).report["average_precision"]
    assert honest < 0.5
    assert leaked > honest + 0.15
