"""Hits against marks: right, wrong, or nobody's business. And the curves that follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.scan import Hit, RegionRule, WindowScores
from core.domain.timespan import Span
from core.learning.samples import Recording
from core.learning.scorers import logit, sigmoid
from core.scan.regions import find_regions

FLOOR = 1e-3
_MOST_THRESHOLDS = 40
# Width of the smoothing of F1, in logits of the threshold, and how finely it is looked at.
_SMOOTHING, _GRID = 1.0, 200
_ENOUGH_RECALL = 0.25


@dataclass(frozen=True)
class Heard:
    """A recording and the probabilities of a model that had not seen it."""

    recording: Recording
    probabilities: np.ndarray

    def hits(self, threshold: float, fuse_s: float | None = None) -> list[Hit]:
        """What a scan would find."""
        rule = RegionRule(threshold) if fuse_s is None else RegionRule(threshold, fuse_s=fuse_s)
        return find_regions(self.windows, rule)

    @property
    def windows(self) -> WindowScores:
        embedded = self.recording.embedded
        starts = embedded.starts_s
        hop_s = float(starts[1] - starts[0]) if len(starts) > 1 else embedded.span_s
        return WindowScores(self.probabilities, hop_s, embedded.span_s, embedded.duration_s)


@dataclass(frozen=True)
class Judged:
    """Scores of the hits that count, strongest first, which of them were right, and how many clips there were."""

    scores: np.ndarray
    right: np.ndarray
    clips: int
    wrong_spans: tuple[tuple[float, Span], ...] = ()


def judge(hits: Sequence[Hit], recording: Recording) -> Judged:
    """One hit per clip is right, the strongest. A hit that is mostly elsewhere is wrong, unless it is near a marker."""
    free = list(recording.clips)
    scores, right, wrong = [], [], []
    for hit in sorted(hits, key=lambda one: -one.score):
        span = hit.span
        match = max(free, key=span.overlap_s, default=None)
        if match is not None and span.overlap_s(match) >= 0.5 * min(span.length_s, match.length_s):
            free.remove(match)
            scores.append(hit.score)
            right.append(True)
        elif not _nobodys(span, recording):
            scores.append(hit.score)
            right.append(False)
            wrong.append((hit.score, span))
    return Judged(np.asarray(scores), np.asarray(right, bool), len(recording.clips), tuple(wrong))


def _nobodys(span: Span, recording: Recording) -> bool:
    """True where the middle of a hit lies where marks do not tell what there is."""
    middles = recording.middles_s
    nearest = int(np.argmin(np.abs(middles - (span.start_s + span.end_s) / 2)))
    return bool(recording.ignored[nearest])


def judge_all(heard: Sequence[Heard], threshold: float, fuse_s: float | None = None) -> Judged:
    """All recordings together."""
    parts = [judge(one.hits(threshold, fuse_s), one.recording) for one in heard]
    scores = np.concatenate([part.scores for part in parts]) if parts else np.zeros(0)
    right = np.concatenate([part.right for part in parts]) if parts else np.zeros(0, bool)
    order = np.argsort(-scores, kind="stable")
    return Judged(scores[order], right[order], sum(part.clips for part in parts))


def average_precision(judged: Judged) -> float:
    """Mean of the precision at every clip that was found; clips not found count as 0."""
    if not judged.clips:
        return 0.0
    precision = np.cumsum(judged.right) / np.arange(1, len(judged.right) + 1)
    return float(precision[judged.right].sum() / judged.clips)


@dataclass(frozen=True)
class Point:
    """What a threshold means."""

    threshold: float
    right: int
    wrong: int
    clips: int

    @property
    def precision(self) -> float:
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.clips if self.clips else 0.0

    @property
    def f1(self) -> float:
        found = self.right + self.wrong + self.clips
        return 2 * self.right / found if found else 0.0


def sweep(heard: Sequence[Heard], ranked: Judged) -> list[Point]:
    """What up to 40 thresholds mean to a scan, lowest first.

    Args:
        ranked: hits down to the floor, from which the thresholds are taken.
    """
    if not len(ranked.scores):
        return []
    # Evenly in the logarithm of the rank: the strongest hits, of which there are few, decide.
    steps = np.geomspace(1, len(ranked.scores), _MOST_THRESHOLDS).round().astype(int) - 1
    return [at_threshold(heard, float(threshold)) for threshold in np.unique(np.minimum(ranked.scores[steps], 1.0))]


def suggest(points: Sequence[Point]) -> float:
    """The threshold with the best F1 to be expected in other videos; 0.5 where there is none.

    F1 over the logit of the threshold is smoothed first: with a few dozen clips its highest step is where chance put
    it. And it counts with some occurrences that nobody marked, see `likely_occurrences`: they are found like the marked
    ones, and would else pass for errors and drive the threshold up.
    """
    usable = [point for point in points if 0.0 < point.threshold < 1.0]
    if not usable:
        return 0.5
    total = likely_occurrences(usable)
    at = logit(np.array([point.threshold for point in usable]))
    f1 = np.array([2 * point.recall * total / (point.right + point.wrong + total) for point in usable])
    grid = np.linspace(at[0], at[-1], _GRID)
    nearness = np.exp(-0.5 * ((grid[:, None] - grid) / _SMOOTHING) ** 2)
    smooth = (nearness @ np.interp(grid, at, f1)) / nearness.sum(axis=1)
    return float(sigmoid(grid[np.argmax(smooth)]))


def likely_occurrences(points: Sequence[Point]) -> float:
    """How often the sound may be there, marked or not.

    If the marked clips are a fair sample, hits over recall is no less than the number of occurrences, at any threshold.
    Taken is the middle between the smallest such bound and the number of clips.
    """
    bounds = [(point.right + point.wrong) / point.recall for point in points if point.recall >= _ENOUGH_RECALL]
    clips = points[0].clips
    return (clips + max(clips, min(bounds, default=clips))) / 2


def at_threshold(heard: Sequence[Heard], threshold: float) -> Point:
    """What a threshold means to a scan of these recordings."""
    judged = judge_all(heard, threshold)
    right = int(judged.right.sum())
    return Point(threshold, right, len(judged.right) - right, judged.clips)


def for_precision(points: Sequence[Point], target: float) -> Point | None:
    """The lowest threshold from which on precision never falls below the target; None where even the highest fails."""
    found = None
    for point in reversed(points):
        if point.precision < target:
            break
        found = point
    return found


def interval(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if not total:
        return 0.0, 1.0
    share, square = right / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    reach = z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return max(0.0, middle - reach), min(1.0, middle + reach)
