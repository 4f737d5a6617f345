"""From marks to a detector: it finds the sound, says how well, scores the same everywhere, refuses what it must."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.domain.scan import RegionRule, WindowScores
from core.domain.timespan import Span
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.learning.examples import HEADS, MediaExamples, TrainOptions
from core.learning.trained import Trained
from core.learning.training import train
from core.scan.regions import find_regions
from tests.core.learning.worlds import GRAIN_S, HOP_S, Vectors, video, world

QUICK = TrainOptions(head="logistic", neg_margin_s=5)


@pytest.fixture(scope="module")
def blend() -> Trained:
    return train(world(4), replace(QUICK, head="blend", embedding={"model": "TEST", "hop_s": 0.5}))


def hits(trained: Trained, number: int) -> tuple[list[Span], tuple[Span, ...]]:
    new = video(number)
    embedded = new.examples.embedded
    scores = WindowScores(trained.score(embedded), HOP_S, GRAIN_S, embedded.duration_s)
    return [hit.span for hit in find_regions(scores, RegionRule(trained.threshold))], new.events


def test_the_sound_is_found_in_videos_that_were_not_trained_on(blend: Trained) -> None:
    for number in (50, 51, 52):
        found, events = hits(blend, number)
        assert len(found) == len(events)
        for span, event in zip(found, events, strict=True):
            assert abs((span.start_s + span.end_s) / 2 - (event.start_s + event.end_s) / 2) < 2.0


def test_the_report_says_so_and_is_json(blend: Trained) -> None:
    report = blend.report
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert json.loads(json.dumps(blend.meta, allow_nan=False)) == blend.meta
    assert report["grouping"] == "video"
    assert report["average_precision"] > 0.9
    assert report["f1"] > 0.9
    assert 0 < report["threshold"] == blend.threshold < 1
    assert report["target"]["reached"]
    assert report["target"]["low"] < report["target"]["precision"] <= report["target"]["high"]
    assert [row["group"] for row in sorted(report["videos"], key=lambda row: row["group"])] == [
        f"video-{number}" for number in range(4)
    ]
    assert sum(row["found"] for row in report["videos"]) >= 11
    assert report["calibration"] == "sigmoid"
    assert report["calibration_error"] < 0.05
    assert report["ablation"] is None
    thresholds = [point[0] for point in report["curve"]]
    assert thresholds == sorted(thresholds)
    assert blend.embedding == {"model": "TEST", "hop_s": 0.5}
    assert blend.meta["data"]["clips"] == 12


def test_the_sound_is_located_in_the_clips(blend: Trained) -> None:
    events = {f"video-{number}": video(number).events for number in range(4)}
    right = 0
    for place in blend.report["located"]:
        sound = Span(*place["sound"])
        right += any(sound.overlap_s(event) >= 1.0 for event in events[place["group"]])
        assert sound.length_s < 6.0
    assert right >= 11


@pytest.mark.parametrize("head", [head for head in HEADS if head != "blend"])
def test_every_head_trains(head: str) -> None:
    trained = train(world(3), replace(QUICK, head=head))
    assert trained.report["average_precision"] > 0.8
    assert trained.report["head"] in HEADS
    if head != "auto":
        assert trained.report["head"] == head


def test_training_and_scanning_give_the_same_score(blend: Trained) -> None:
    for one in world(4):
        detector, embedded = blend.detector, one.embedded
        everything = np.arange(len(embedded.vectors))
        rows = detector.features.rows(embedded, everything)
        single = np.concatenate([detector.head.logit(rows[k : k + 1]) for k in everything])
        reach = len(detector.kernel) // 2
        smooth = np.convolve(np.pad(single, reach, mode="edge"), detector.kernel, mode="valid")
        assert blend.score(embedded) == pytest.approx(detector.calibration.apply(smooth), abs=1e-6)


def test_float16_and_float32_vectors_score_the_same(blend: Trained) -> None:
    embedded = video(9).examples.embedded
    widened = Vectors(embedded.starts_s, embedded.vectors.astype(np.float32), embedded.span_s, embedded.duration_s)
    assert np.array_equal(blend.score(embedded), blend.score(widened))


def test_a_long_recording_is_scored_in_blocks(blend: Trained) -> None:
    one = video(3, duration_s=2_500.0, clips=10)
    scores = blend.score(one.examples.embedded)
    assert scores.dtype == np.float32
    assert len(scores) == len(one.examples.embedded.starts_s)
    for event in one.events:
        near = np.abs(one.examples.embedded.starts_s + 1.0 - (event.start_s + event.end_s) / 2) < 2.0
        assert scores[near].max() > blend.threshold


def test_the_same_data_make_the_same_model() -> None:
    first, second = (train(world(3), replace(QUICK, head="trees")) for _ in range(2))
    embedded = video(20).examples.embedded
    assert np.array_equal(first.score(embedded), second.score(embedded))
    first.report.pop("fit_s"), second.report.pop("fit_s")
    assert first.report == second.report


def test_one_video_is_enough_but_warned_of() -> None:
    trained = train(world(1, clips=6, duration_s=300.0), QUICK)
    assert trained.report["grouping"] == "clip"
    assert "one video" in trained.report["warnings"][0]
    assert trained.report["average_precision"] > 0.8


def test_two_clips_in_two_videos_are_the_least() -> None:
    trained = train(world(2, clips=1), QUICK)
    assert trained.report["folds"] == 2
    with pytest.raises(UserError, match="One clip is too little"):
        train(world(1, clips=1), QUICK)


def test_windows_of_eight_seconds_train_too() -> None:
    examples = [video(number, span_s=8.0, hop_s=1.0, strength=6.0, duration_s=300.0).examples for number in range(4)]
    trained = train(examples, QUICK)
    assert trained.report["average_precision"] > 0.7
    assert len(trained.score(examples[0].embedded)) == len(examples[0].embedded.starts_s)


def decoys() -> list[MediaExamples]:
    """Another sound, half like the target, that nobody rejected yet; in the last two videos somebody did."""
    rng = np.random.default_rng(3)
    found = []
    for number in range(6):
        one = video(number, duration_s=300.0, strength=1.6).examples
        sound = np.random.default_rng(12345).normal(size=12) + 1.0 * np.random.default_rng(77).normal(size=12)
        spans = []
        for begin in (130.0, 160.0, 190.0, 280.0):
            start = begin + rng.uniform(0, 3)
            inside = (one.embedded.starts_s >= start - 0.5) & (one.embedded.starts_s <= start + 0.5)
            one.embedded.vectors[inside] += (sound * 1.8).astype(np.float16)
            spans.append(Span(start, start + 2.0))
        found.append(replace(one, negatives=tuple(spans), hard=frozenset(range(len(spans)))))
    return found


def test_hard_negatives_help_and_the_report_shows_by_how_much() -> None:
    examples = decoys()
    report = train(examples, QUICK).report
    assert set(report["ablation"]) == {"with", "without"}
    assert report["ablation"]["with"]["average_precision"] == pytest.approx(report["average_precision"])
    assert report["ablation"]["with"]["average_precision"] > report["ablation"]["without"]["average_precision"]
    switched_off = train(examples, replace(QUICK, use_hard_negatives=False))
    assert switched_off.report["ablation"] is None
    assert switched_off.meta["data"]["stated_negatives"] == 0


def test_vectors_of_another_model_are_refused(blend: Trained) -> None:
    with pytest.raises(UserError, match="12 numbers, these have 13"):
        blend.score(video(1, width=13).examples.embedded)


def test_what_is_no_number_scores_zero(blend: Trained) -> None:
    embedded = video(8).examples.embedded
    embedded.vectors[100:110] = np.nan
    scores = blend.score(embedded)
    assert not scores[100:110].any()
    assert np.isfinite(scores).all()


def test_an_empty_recording_has_no_scores(blend: Trained) -> None:
    empty = Vectors(np.zeros(0), np.zeros((0, 12), np.float16), 2.0, 0.0)
    assert blend.score(empty).shape == (0,)


def test_an_empty_recording_among_the_examples_is_harmless() -> None:
    empty = Vectors(np.zeros(0), np.zeros((0, 12), np.float16), 2.0, 0.0)
    trained = train([MediaExamples("empty", empty, (Span(0, 8),)), *world(3)], QUICK)
    assert trained.meta["data"]["clips"] == 9


def test_silence_can_be_learned_from_without_a_fall() -> None:
    """All vectors alike: nothing to find, but neither a crash nor a warning."""
    examples = [
        replace(one, embedded=replace(one.embedded, vectors=np.zeros_like(one.embedded.vectors))) for one in world(3)
    ]
    trained = train(examples, QUICK)
    assert np.isfinite(trained.score(examples[0].embedded)).all()


def test_an_unknown_head() -> None:
    with pytest.raises(UserError, match="no head 'svm'"):
        train(world(2), replace(QUICK, head="svm"))


def test_cancelling() -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        train(world(2), QUICK, ctx)


def test_progress_ends_at_the_end() -> None:
    ctx = JobContext()
    train(world(2), QUICK, ctx)
    assert ctx.snapshot.fraction == 1.0
