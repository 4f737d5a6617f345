"""Agreement figures: those of scikit-learn and of the krippendorff package, on any table with gaps."""

from __future__ import annotations

import warnings
from itertools import combinations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from core.learning import agreement as agree
from core.learning.agreement import MISSING, Figures, Ratings, agreement

CLASSES = ("a", "b", "c", "d")


@st.composite
def tables(draw: st.DrawFn) -> Ratings:
    """Random answers of two to five coders with gaps, over up to seven videos."""
    items, coders = draw(st.integers(1, 40)), draw(st.integers(2, 5))
    seed, gaps = draw(st.integers(0, 2**32 - 1)), draw(st.floats(0, 0.9))
    random = np.random.default_rng(seed)
    truth = random.integers(0, draw(st.integers(1, 4)), items)
    codes = np.where(random.random((items, coders)) < 0.6, truth[:, None], random.integers(0, 4, (items, coders)))
    codes[random.random((items, coders)) < gaps] = MISSING
    groups = random.integers(0, 7, items)
    names = tuple(f"coder {number}" for number in range(coders))
    return Ratings(codes, groups, CLASSES, names, tuple(f"item {number}" for number in range(items)))


def independent_alpha(codes: np.ndarray) -> float | None:
    """The package's alpha; None where it says that there is none."""
    data = np.where(codes == MISSING, np.nan, codes.astype(float)).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = krippendorff.alpha(reliability_data=data, value_domain=range(4), level_of_measurement="nominal")
        except ValueError:
            return None
    return None if np.isnan(found) else found


def independent_kappa(first: np.ndarray, second: np.ndarray) -> float | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cohen_kappa_score(first, second)
    return None if np.isnan(found) else found


def same(mine: float | None, other: float | None) -> bool:
    return mine is None if other is None else mine == pytest.approx(other, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_figures_equal_those_of_independent_implementations(table: Ratings) -> None:
    found = agreement(table, resamples=2)
    pairable = table.codes[agree.shared(table)]
    one_class = len(np.unique(pairable[pairable != MISSING])) <= 1
    assert same(found.overall.alpha.value, None if one_class else independent_alpha(table.codes))
    kappas = []
    for first, second in combinations(range(len(table.coders)), 2):
        both = (table.codes[:, first] != MISSING) & (table.codes[:, second] != MISSING)
        name = (table.coders[first], table.coders[second])
        assert (name in found.pairs) == bool(both.any())
        if not both.any():
            continue
        one, two = table.codes[both, first], table.codes[both, second]
        kappas.append(independent_kappa(one, two))
        assert same(found.pairs[name].kappa.value, kappas[-1])
        assert found.pairs[name].percent.value == pytest.approx((one == two).mean())
        assert same(found.pairs[name].alpha.value, independent_alpha(np.stack([one, two], 1)))
        for label in range(4):
            own = found.pair_classes[name][CLASSES[label]]
            assert same(own.kappa.value, independent_kappa(one == label, two == label))
            chosen = (one == label).sum() + (two == label).sum()
            both_chose = 2 * ((one == label) & (two == label)).sum()
            assert same(own.percent.value, both_chose / chosen if chosen else None)
    defined = [value for value in kappas if value is not None]
    assert same(found.overall.kappa.value, float(np.mean(defined)) if defined else None)


@settings(max_examples=30, deadline=None)
@given(tables())
def test_alpha_of_a_class_is_that_of_the_class_against_the_rest(table: Ratings) -> None:
    found = agreement(table, resamples=2)
    for label, name in enumerate(CLASSES):
        codes = np.where(table.codes == MISSING, MISSING, (table.codes == label).astype(int))
        pairable = codes[agree.shared(table)]
        one_class = len(np.unique(pairable[pairable != MISSING])) <= 1
        assert same(found.by_class[name].alpha.value, None if one_class else independent_alpha(codes))


@settings(max_examples=15, deadline=None)
@given(tables(), st.randoms())
def test_the_order_of_items_and_coders_does_not_matter(table: Ratings, random) -> None:
    rows, columns = list(range(len(table.items))), list(range(len(table.coders)))
    random.shuffle(rows)
    random.shuffle(columns)
    names = tuple(table.coders[column] for column in columns)
    other = Ratings(table.codes[rows][:, columns], table.groups[rows], CLASSES, names, table.items)
    one, two = agreement(table, resamples=20).overall, agreement(other, resamples=20).overall
    assert same(one.alpha.value, two.alpha.value)
    assert same(one.kappa.value, two.kappa.value)
    assert same(one.alpha.low, two.alpha.low)


def test_a_known_example_of_krippendorffs_paper() -> None:
    """The example of "Computing Krippendorff's alpha-reliability": four observers, twelve units, alpha 0.743."""
    gap = MISSING
    codes = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
            [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
        ]
    ).T
    codes = np.where(codes == gap, gap, codes - 1)
    items = tuple(f"unit {number}" for number in range(12))
    table = Ratings(codes, np.arange(12), ("1", "2", "3", "4", "5"), ("a", "b", "c", "d"), items)
    assert agreement(table).overall.alpha.value == pytest.approx(0.743, abs=5e-4)


def slow_interval(table: Ratings, seed: int, resamples: int) -> tuple[float, float]:
    """Draw videos one set at a time, stack their items and ask the package."""
    random = np.random.default_rng(seed)
    use = agree.shared(table)
    codes, groups = table.codes[use], np.unique(table.groups[use], return_inverse=True)[1]
    videos = groups.max() + 1
    found = []
    for drawn in random.multinomial(videos, np.full(videos, 1 / videos), size=resamples):
        chosen = np.concatenate([np.repeat(codes[groups == each], drawn[each], axis=0) for each in range(videos)])
        found.append(independent_alpha(chosen))
    return tuple(np.percentile(found, (2.5, 97.5)))


def world(videos: int, per_video: int, error: float, seed: int = 1) -> Ratings:
    """Three coders who mistake some items, the same ones of a video more often than others."""
    random = np.random.default_rng(seed)
    count = videos * per_video
    truth, groups = random.integers(0, 4, count), np.repeat(np.arange(videos), per_video)
    hard = random.random(videos)[groups] * 2 * error
    wrong = random.random((count, 3)) < hard[:, None]
    codes = np.where(wrong, random.integers(0, 4, (count, 3)), truth[:, None])
    return Ratings(codes, groups, CLASSES, ("x", "y", "z"), tuple(map(str, range(count))))


def test_the_interval_is_that_of_drawing_whole_videos() -> None:
    table = world(videos=12, per_video=6, error=0.3)
    found = agreement(table, seed=5, resamples=200).overall.alpha
    assert (found.low, found.high) == pytest.approx(slow_interval(table, 5, 200))
    assert found.low < found.value < found.high


def test_drawing_videos_in_pieces_is_drawing_them_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = world(videos=12, per_video=6, error=0.3)
    at_once = agreement(table)
    monkeypatch.setattr(agree, "_KEPT_VALUES", 100)
    assert agreement(table).overall.alpha.low == pytest.approx(at_once.overall.alpha.low)


def test_more_videos_make_the_interval_narrower() -> None:
    few, many = (agreement(world(videos, 5, 0.3)).overall.alpha for videos in (8, 200))
    assert many.high - many.low < few.high - few.low


def test_one_video_has_figures_but_no_interval() -> None:
    found = agreement(world(videos=1, per_video=30, error=0.3)).overall
    assert found.alpha.value is not None
    assert (found.alpha.low, found.kappa.high) == (None, None)


def test_a_lone_coder_and_no_overlap_have_no_figures() -> None:
    lone = agree.ratings({"anna": {"1": "a", "2": "b"}}, {"1": "v", "2": "v"}, CLASSES)
    apart = agree.ratings({"anna": {"1": "a"}, "bo": {"2": "b"}}, {"1": "v", "2": "w"}, CLASSES)
    nobody = agree.ratings({}, {}, CLASSES)
    for table in (lone, apart, nobody):
        found = agreement(table)
        assert found.overall == Figures()
        assert found.pairs == {}
        assert set(found.by_class) == set(CLASSES)


def test_agreeing_on_one_class_only_is_all_percent_and_no_kappa() -> None:
    answers = {str(number): "a" for number in range(5)}
    table = agree.ratings({"anna": answers, "bo": answers}, {item: item for item in answers}, CLASSES)
    found = agreement(table).overall
    assert (found.percent.value, found.kappa.value, found.alpha.value) == (1.0, None, None)


def test_consistency_is_the_agreement_of_a_coder_with_the_same_coder() -> None:
    first, again = [0, 1, 2, 0, 1, 2, 0, 0], [0, 1, 2, 0, 1, 1, 0, 1]
    found = agree.consistency(first, again, [0, 0, 1, 1, 2, 2, 3, 3], 3)
    assert found.percent.value == pytest.approx(6 / 8)
    assert found.kappa.value == pytest.approx(cohen_kappa_score(first, again))
    assert found.percent.low <= 6 / 8 <= found.percent.high
    assert agree.consistency([], [], [], 3) == Figures()


def test_work_can_be_stopped() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        agreement(world(4, 4, 0.3), check=stop)
