"""How well sounds are found: `python -m tests.benchmarks.detection [--sounds DIR] [--quick]`.

Noisy 10-minute scenes (six backgrounds, 0–20 dB, distractors) are made of labelled recordings, `<class>/*.ogg`, or of
synthesised sounds; no source is heard in both training and test scenes. Per class and training scene three clips of 8 s
are marked, as an editor would cut them; two more events per scene stay unmarked. Each class is trained on its own, so
all other classes are in its background. The classic recipe runs on the same embeddings (`tests.benchmarks.classic`).

Events are matched one to one, middles within 4 s. Average precision is the area under the best precision at each
recall that some threshold reaches. The hard negatives are the wrong regions at the suggested threshold in two more
scenes of the training sources.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.domain.scan import Hit, RegionRule, WindowScores
from core.domain.timespan import Span
from core.errors import EightCutError
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.trained import Trained
from core.learning.training import train
from core.models.encode import Output, encode
from core.models.registry import create_model
from core.scan.regions import find_regions
from tests.benchmarks.classic import ClassicDetector, Windows, runs
from tests.benchmarks.detection_scenes import Library, Marked, build

T = TypeVar("T")
TOLERANCE_S = 4.0
_THRESHOLDS = 60
_OUTPUTS = (Output(8.0, 1.0), Output(2.0, 0.5, grain=True))


@dataclass(frozen=True)
class Series:
    """Embeddings of a scene at one grain."""

    starts_s: np.ndarray
    vectors: np.ndarray
    span_s: float
    duration_s: float


@dataclass(frozen=True)
class Heard:
    """A scene, its embeddings as windows and as grains."""

    marked: Marked
    windows: Series
    grains: Series


@dataclass(frozen=True)
class Figures:
    """What one detector did for one class on the test scenes, 0–1 each, and how long it took to make it."""

    f1_best: float
    f1_suggested: float
    average_precision: float
    iou: float
    calibration_error: float
    fit_s: float


@dataclass(frozen=True)
class Row:
    """One line of the table; `after` is with hard negatives, None for the classic recipe."""

    name: str
    head: str
    before: Figures
    after: Figures | None


def main() -> None:
    options = _arguments()
    began = time.perf_counter()
    library = Library(options.sounds, options.classes)
    parts = {
        part: build(library, count, options.minutes * 60.0, part, options.seed)
        for part, count in (("train", options.scenes), ("test", options.scenes), ("review", options.review))
    }
    print(
        f"{len(library.classes)} classes, {options.scenes} + {options.scenes} + {options.review} scenes (train, test, "
        f"review) of {options.minutes:g} min, made in {time.perf_counter() - began:.0f} s"
    )
    for model in options.models:
        try:
            scenes = {part: _embed(model, marked) for part, marked in parts.items()}
        except EightCutError as error:
            print(f"\n{model} is left out. {error}")
            continue
        rows = []
        print(
            f"\n{model}: F1 at the best and at the suggested threshold, average precision, IoU, calibration error in %"
        )
        print(
            f"{'class':16}{'head':10}{'F1':>6}{'sugg.':>7}{'AP':>6}{'IoU':>6}{'cal.':>6}{'fit s':>7}   with hard neg."
        )
        for name in library.classes:
            for row in _class_rows(name, scenes, options):
                rows.append(row)
                print(_line(row), flush=True)
        _summary(rows)
    print(f"\n{time.perf_counter() - began:.0f} s in all")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sounds", type=Path, help="folder of <class>/<fold>-<source>-<take>.ogg")
    parser.add_argument("--models", nargs="+", default=["LOGMEL", "YAMNET"])
    parser.add_argument("--heads", nargs="+", default=["blend", "trees", "logistic", "boosting"])
    parser.add_argument("--classes", type=int, help="how many at most")
    parser.add_argument("--scenes", type=int, default=6, help="for training, and as many for testing")
    parser.add_argument("--review", type=int, default=2, help="scenes that hard negatives come from")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="three classes, three short scenes, one head")
    options = parser.parse_args()
    if options.quick:
        options.classes, options.scenes, options.review, options.minutes = options.classes or 3, 3, 1, 4.0
        options.heads = options.heads[:1]
    return options


def _embed(model_name: str, scenes: Sequence[Marked]) -> list[Heard]:
    import torch

    # The benchmark shall measure the recipe, not how threads wait for each other.
    torch.set_num_threads(1)
    model = create_model(model_name)
    model.load("cpu")
    found = []
    for marked in scenes:
        values: tuple[list, list] = ([], [])
        starts: tuple[list, list] = ([], [])
        for part in encode(model, (marked.scene.audio,), _OUTPUTS):
            values[part.output].append(part.values.astype(np.float16))
            starts[part.output].append(part.starts_s)
        series = [
            Series(np.concatenate(start), np.concatenate(value), output.span_s, marked.scene.duration_s)
            for start, value, output in zip(starts, values, _OUTPUTS, strict=True)
        ]
        found.append(Heard(marked, *series))
    model.close()
    return found


def _class_rows(name: str, scenes: dict[str, list[Heard]], options: argparse.Namespace) -> Iterator[Row]:
    yield Row(name, "classic", _classic(name, scenes, options.seed), None)
    marked = [MediaExamples(one.marked.name, one.grains, tuple(one.marked.marks[name])) for one in scenes["train"]]
    for head in options.heads:
        chosen = TrainOptions(head=head, seed=options.seed)
        trained, fit_s = _timed(lambda chosen=chosen: train(marked, chosen))
        before = _figures(name, scenes["test"], _regions(trained, scenes["test"]), trained.threshold, fit_s)
        reviewed = _review(name, trained, scenes["review"])
        again, fit_s = _timed(lambda chosen=chosen, more=reviewed: train([*marked, *more], chosen))
        after = _figures(name, scenes["test"], _regions(again, scenes["test"]), again.threshold, fit_s)
        yield Row(name, head, before, after)


def _review(name: str, trained: Trained, scenes: Sequence[Heard]) -> list[MediaExamples]:
    """Wrong regions as hard negatives: those that no event of the class touches."""
    found = []
    for one, hits in zip(scenes, _regions(trained, scenes)[1](trained.threshold), strict=True):
        events = [event.span for event in one.marked.scene.of_kind(name)]
        wrong = tuple(hit.span for hit in hits if not any(hit.span.overlap_s(span) for span in events))
        if wrong:
            examples = MediaExamples(one.marked.name, one.grains, negatives=wrong)
            found.append(replace(examples, hard=frozenset(range(len(wrong)))))
    return found


Scored = tuple[list[tuple[np.ndarray, np.ndarray, float]], Callable[[float], list[list[Hit]]]]
"""Per scene (starts, scores, span), and the regions of every scene at a threshold."""


def _regions(trained: Trained, scenes: Sequence[Heard]) -> Scored:
    scores = [trained.score(one.grains) for one in scenes]
    windows = [
        WindowScores(score, _OUTPUTS[1].hop_s, _OUTPUTS[1].span_s, one.grains.duration_s)
        for score, one in zip(scores, scenes, strict=True)
    ]
    series = [(one.grains.starts_s, score, one.grains.span_s) for one, score in zip(scenes, scores, strict=True)]
    return series, lambda threshold: [find_regions(one, RegionRule(threshold)) for one in windows]


def _classic(name: str, scenes: dict[str, list[Heard]], seed: int) -> Figures:
    def windows(one: Heard) -> Windows:
        return Windows(one.windows.starts_s, one.windows.vectors, tuple(one.marked.marks[name]))

    detector, fit_s = _timed(lambda: ClassicDetector([windows(one) for one in scenes["train"]], seed))
    scores = [detector.score(windows(one)) for one in scenes["test"]]
    series = [
        (one.windows.starts_s, score, one.windows.span_s) for one, score in zip(scenes["test"], scores, strict=True)
    ]

    def hits(threshold: float) -> list[list[Hit]]:
        return [runs(starts, score, threshold) for starts, score, _ in series]

    return _figures(name, scenes["test"], (series, hits), 0.5, fit_s)


def _figures(name: str, scenes: Sequence[Heard], scored: Scored, suggested: float, fit_s: float) -> Figures:
    series, hits = scored
    truth = [[event.span for event in one.marked.scene.of_kind(name)] for one in scenes]
    every = np.concatenate([score for _, score, _ in series])
    # Evenly in the logarithm of the rank, so that the strongest scores, of which there are few, are looked at closely.
    ranks = np.geomspace(1, len(every), _THRESHOLDS).round().astype(int) - 1
    points = [(_match(hits(float(level)), truth)) for level in np.unique(np.sort(every)[::-1][ranks])]
    best = max(points, key=lambda point: point.f1)
    recalls = np.array([point.recall for point in points])
    precisions = np.array([point.precision for point in points])
    steps = np.unique(np.concatenate([[0.0], recalls]))
    area = sum((high - low) * precisions[recalls >= high].max() for low, high in pairwise(steps))
    return Figures(
        best.f1, _match(hits(suggested), truth).f1, float(area), best.iou, _calibration_error(series, truth), fit_s
    )


@dataclass(frozen=True)
class Match:
    """Regions against events at one threshold."""

    right: int
    found: int
    events: int
    iou: float

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.found + self.events)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.events)


def _match(hits: Sequence[Sequence[Hit]], truth: Sequence[Sequence[Span]]) -> Match:
    """One to one, the strongest region first, each to the nearest free event within the tolerance."""
    overlaps = []
    for regions, events in zip(hits, truth, strict=True):
        free = list(events)
        for hit in sorted(regions, key=lambda one: -one.score):
            middle = (hit.start_s + hit.end_s) / 2
            nearest = min(free, key=lambda span: abs((span.start_s + span.end_s) / 2 - middle), default=None)
            if nearest is None or abs((nearest.start_s + nearest.end_s) / 2 - middle) > TOLERANCE_S:
                continue
            free.remove(nearest)
            shared = hit.span.overlap_s(nearest)
            overlaps.append(shared / (hit.span.length_s + nearest.length_s - shared))
    found, events = sum(map(len, hits)), sum(map(len, truth))
    return Match(len(overlaps), found, events, float(np.mean(overlaps)) if overlaps else 0.0)


def _calibration_error(
    series: Sequence[tuple[np.ndarray, np.ndarray, float]], truth: Sequence[Sequence[Span]]
) -> float:
    """Mean distance of probability and frequency over ten bins; a window is positive where it holds half of an event,
    or an event fills half of it.
    """
    labels = []
    for (starts, _, span_s), events in zip(series, truth, strict=True):
        label = np.zeros(len(starts), bool)
        for event in events:
            shared = np.minimum(starts + span_s, event.end_s) - np.maximum(starts, event.start_s)
            label |= shared >= 0.5 * min(event.length_s, span_s)
        labels.append(label)
    label, score = np.concatenate(labels), np.concatenate([one[1] for one in series])
    place = np.minimum((score * 10).astype(int), 9)
    return float(
        sum(abs(score[place == k].mean() - label[place == k].mean()) * (place == k).mean() for k in np.unique(place))
    )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _line(row: Row) -> str:
    text = f"{row.name:16}{row.head:10}{_numbers(row.before)}{row.before.fit_s:7.1f}"
    if row.after is not None:
        text += f"   F1 {100 * row.after.f1_best:3.0f} ({100 * row.after.f1_suggested:3.0f})"
        text += f" AP {100 * row.after.average_precision:3.0f}"
    return text


def _numbers(figures: Figures) -> str:
    return (
        f"{100 * figures.f1_best:6.0f}{100 * figures.f1_suggested:7.0f}{100 * figures.average_precision:6.0f}"
        f"{100 * figures.iou:6.0f}{100 * figures.calibration_error:6.1f}"
    )


def _summary(rows: Sequence[Row]) -> None:
    """Means over classes, and how far ahead of the classic recipe each head is."""
    heads = list(dict.fromkeys(row.head for row in rows))
    means = {}
    for head in heads:
        own = [row for row in rows if row.head == head]
        before = _mean([row.before for row in own])
        after = None if own[0].after is None else _mean([row.after for row in own if row.after])
        means[head] = before
        print(_line(Row("MEAN", head, before, after)))
    for head in heads[1:]:
        ahead = 100 * (means[head].f1_best - means["classic"].f1_best)
        area = 100 * (means[head].average_precision - means["classic"].average_precision)
        below = 100 * (means[head].f1_best - means[head].f1_suggested)
        print(f"{head}: {ahead:+.0f} F1 and {area:+.0f} AP against classic; suggested {below:.1f} F1 below the best")


def _mean(figures: Sequence[Figures]) -> Figures:
    return Figures(*np.mean([tuple(vars(one).values()) for one in figures], axis=0))


if __name__ == "__main__":
    main()
