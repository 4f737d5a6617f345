"""What training tells about a model: grouped cross-validation of the whole way from recordings to regions.

The report is JSON-able:

- `grouping` "video" or "clip", `folds`, `head`, `heads` {kind: {average_precision, f1}}, `warnings` [texts]
- `average_precision`, `f1`, `precision`, `recall`, `false_per_hour` at `threshold`, which is the suggested one
- `target` {wanted, reached, threshold, precision, recall, low, high}: for a target precision, with 95 % interval
- `curve` [[threshold, precision, recall], …] from low to high thresholds
- `reliability` [[mean probability, share of positives, count], …], `calibration_error`, `calibration`
- `videos` [{group, clips, found, false, duration_s}, …] at the suggested threshold
- `false_hits` [{group, start_s, end_s, score}, …]: the strongest; forgotten clips are often among them
- `ablation` {with, without}: the same figures with and without hard negatives, or None
- `located` [{group, clip: [start, end], sound: [start, end]}, …]: where in the clips the sound was found
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.learning.calibration import Calibration, calibrate
from core.learning.judge import (
    FLOOR,
    Heard,
    Judged,
    Point,
    at_threshold,
    average_precision,
    for_precision,
    interval,
    judge,
    judge_all,
    suggest,
    sweep,
)
from core.learning.samples import Recording

_BINS = 10
_MOST_FALSE = 20
_MOST_NEGATIVES = 20_000


@dataclass(frozen=True)
class OutOfFold:
    """A recording and its logits from a detector that had not seen it.

    Args:
        fold: number of the fold.
        found: the grains of its clips that hold the sound.
    """

    recording: Recording
    logits: np.ndarray
    fold: int
    found: np.ndarray


@dataclass(frozen=True)
class Evaluated:
    """Figures of one kind of head.

    Args:
        calibration: learned on everything out of fold; what the final detector uses.
        heard: probabilities by calibrations that had not seen the fold either.
    """

    calibration: Calibration
    heard: tuple[Heard, ...]
    ranked: Judged
    samples: tuple[np.ndarray, np.ndarray]

    @property
    def average_precision(self) -> float:
        return average_precision(self.ranked)

    @property
    def ranked_f1(self) -> float:
        """The best F1 along the ranking: cheap, for comparing heads."""
        right = np.cumsum(self.ranked.right)
        total = np.arange(1, len(right) + 1) + self.ranked.clips
        return float((2 * right / total).max()) if len(right) else 0.0


def evaluate(scored: Sequence[OutOfFold], rng: np.random.Generator) -> Evaluated:
    """Calibrate and judge what a kind of head said out of fold."""
    logits, truth, weights, fold = _samples(scored, rng)
    whole = calibrate(logits, truth, weights)
    probabilities = np.zeros(len(logits))
    heard = []
    maps: dict[int, Calibration] = {}
    for one in scored:
        if one.fold not in maps:
            others = fold != one.fold
            own = calibrate(logits[others], truth[others], weights[others])
            # Some folds calibrated and some not could not be compared.
            maps[one.fold] = own if (own.kind == "none") == (whole.kind == "none") else whole
            probabilities[~others] = maps[one.fold].apply(logits[~others])
        heard.append(Heard(one.recording, maps[one.fold].apply(one.logits)))
    ranked = judge_all(heard, FLOOR, fuse_s=0.0)
    return Evaluated(whole, tuple(heard), ranked, _weighted_reliability(probabilities, truth, weights))


def _samples(
    scored: Sequence[OutOfFold], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(logits, truth, weights, fold) of the located grains and of what lies far from every marker."""
    total = sum(len(one.recording.far) for one in scored)
    share = min(1.0, _MOST_NEGATIVES / max(1, total))
    parts = []
    for one in scored:
        far = one.recording.far
        if share < 1.0:
            far = rng.choice(far, round(share * len(far)), replace=False)
        for grains, label, weight in (
            (one.found, True, 1.0),
            (far, False, 1.0 / share),
            (one.recording.stated, False, 1.0),
        ):
            size = len(grains)
            parts.append((one.logits[grains], np.full(size, label), np.full(size, weight), np.full(size, one.fold)))
    logits, truth, weights, fold = (np.concatenate(column) for column in zip(*parts, strict=True))
    return logits, truth, weights, fold


def _weighted_reliability(
    probabilities: np.ndarray, truth: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(rows of mean probability, share of positives, weight per bin; bin edges)."""
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    place = np.clip(np.digitize(probabilities, edges) - 1, 0, _BINS - 1)
    rows = []
    for number in range(_BINS):
        own = place == number
        weight = weights[own].sum()
        if weight:
            rows.append(
                (
                    np.average(probabilities[own], weights=weights[own]),
                    np.average(truth[own], weights=weights[own]),
                    weight,
                )
            )
    return np.asarray(rows).reshape(-1, 3), edges


def figures(evaluated: Evaluated, target_precision: float) -> dict[str, Any]:
    """The part of the report that follows from one head's figures."""
    points = sweep(evaluated.heard, evaluated.ranked)
    chosen = at_threshold(evaluated.heard, suggest(points))
    hours = sum(len(one.recording.far) * _hop_s(one.recording) for one in evaluated.heard) / 3600
    rows = evaluated.samples[0]
    return {
        "average_precision": evaluated.average_precision,
        "f1": chosen.f1,
        "precision": chosen.precision,
        "recall": chosen.recall,
        "threshold": chosen.threshold,
        "false_per_hour": chosen.wrong / hours if hours else 0.0,
        "target": _target(points, target_precision),
        "curve": [[point.threshold, point.precision, point.recall] for point in points],
        "reliability": rows.tolist(),
        "calibration_error": float(np.average(np.abs(rows[:, 0] - rows[:, 1]), weights=rows[:, 2])) if len(rows) else 0,
        "calibration": evaluated.calibration.kind,
        "videos": _videos(evaluated.heard, chosen.threshold),
        "false_hits": _false_hits(evaluated.heard, chosen.threshold),
    }


def located(recordings: Sequence[Recording], found: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """Where in each clip the sound was found, seconds."""
    places = []
    for recording, grains in zip(recordings, found, strict=True):
        starts, span_s = recording.embedded.starts_s, recording.embedded.span_s
        for clip, bag in zip(recording.clips, recording.bags, strict=True):
            own = grains[np.isin(grains, bag)]
            sound = [float(starts[own[0]]), float(starts[own[-1]]) + span_s] if len(own) else None
            places.append({"group": recording.group, "clip": [clip.start_s, clip.end_s], "sound": sound})
    return places


def _target(points: Sequence[Point], wanted: float) -> dict[str, Any]:
    point = for_precision(points, wanted)
    shown = point or max(points, key=lambda one: (one.precision, one.recall), default=Point(0.5, 0, 0, 0))
    low, high = interval(shown.right, shown.right + shown.wrong)
    return {
        "wanted": wanted,
        "reached": point is not None,
        "threshold": shown.threshold,
        "precision": shown.precision,
        "recall": shown.recall,
        "low": low,
        "high": high,
    }


def _videos(heard: Sequence[Heard], threshold: float) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for one in heard:
        judged = judge(one.hits(threshold), one.recording)
        group = one.recording.group
        row = rows.setdefault(group, {"group": group, "clips": 0, "found": 0, "false": 0, "duration_s": 0.0})
        row["clips"] += judged.clips
        row["found"] += int(judged.right.sum())
        row["false"] += int((~judged.right).sum())
        row["duration_s"] = max(row["duration_s"], float(one.recording.embedded.duration_s))
    return list(rows.values())


def _false_hits(heard: Sequence[Heard], threshold: float) -> list[dict[str, Any]]:
    found = []
    for one in heard:
        for score, span in judge(one.hits(threshold), one.recording).wrong_spans:
            found.append((score, one.recording.group, span))
    found.sort(key=lambda item: -item[0])
    return [
        {"group": group, "start_s": span.start_s, "end_s": span.end_s, "score": score}
        for score, group, span in found[:_MOST_FALSE]
    ]


def _hop_s(recording: Recording) -> float:
    starts = recording.embedded.starts_s
    return float(starts[1] - starts[0]) if len(starts) > 1 else recording.embedded.span_s
