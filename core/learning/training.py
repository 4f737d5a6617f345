"""Training: from marked recordings to a detector, and what is to be expected of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core import __version__
from core.errors import UserError
from core.job import JobContext
from core.learning.detector import Gathered, fit, gather
from core.learning.evaluation import Evaluated, OutOfFold, evaluate, figures, located
from core.learning.examples import HEADS, MediaExamples, TrainOptions
from core.learning.folds import Fold, folds, training_part_is_enough
from core.learning.heads import KINDS
from core.learning.samples import Selection, select
from core.learning.trained import Trained

# Cross-validation of few clips is noisy: a preferred head is left only for one that is clearly better.
_CLEARLY = 0.01
# With up to 18 clips boosting is level with blend and would double the time of training.
_BOOSTING_FROM = 200


def train(
    examples: Sequence[MediaExamples], options: TrainOptions | None = None, ctx: JobContext | None = None
) -> Trained:
    """A calibrated detector from marked recordings, with the report of `core.learning.evaluation`.

    Raises:
        UserError: the data cannot make a model; says why.
        Cancelled: through `ctx`.
    """
    # Before the limit: it only reaches libraries that are loaded.
    import sklearn.ensemble  # noqa: F401
    from threadpoolctl import threadpool_limits

    options, ctx = options or TrainOptions(), ctx or JobContext()
    if options.head not in HEADS:
        raise UserError(f"There is no head {options.head!r}", "", "Choose one of " + ", ".join(HEADS))
    # Thousands of small fits: threads would wait for each other longer than they work, and the sums would depend on
    # the number of cores.
    with threadpool_limits(1):
        return _train(examples, options, ctx)


def _train(examples: Sequence[MediaExamples], options: TrainOptions, ctx: JobContext) -> Trained:
    began = time.perf_counter()
    ctx.progress(0, 1, "Choosing examples")
    selection = select(examples, options, ctx)
    grouping, parts = folds(selection)
    kinds = _candidates(selection) if options.head == "auto" else (options.head,)
    gathered = gather(selection.recordings, _rng(options, 0), ctx)
    found = {id(one.embedded): grains for one, grains in zip(selection.recordings, gathered.found, strict=True)}
    evaluated = _cross_validate([(part, part) for part in parts], kinds, found, options, ctx)
    head = _choose(evaluated)
    ablation = _ablation(examples, parts, head, found, evaluated[head], options, ctx)
    ctx.progress(0.9, 1, "Fitting")
    detector = fit(gathered, (head,), options.max_negative_ratio, _rng(options, 0), ctx)[head]
    detector = replace(detector, calibration=evaluated[head].calibration)
    report: dict[str, Any] = {
        "grouping": grouping,
        "folds": len(parts),
        "head": head,
        "heads": {
            kind: {"average_precision": one.average_precision, "f1": one.ranked_f1} for kind, one in evaluated.items()
        },
        "warnings": list(selection.warnings),
        **figures(evaluated[head], options.target_precision),
        "ablation": ablation,
        "located": located(selection.recordings, gathered.found),
        "fit_s": time.perf_counter() - began,
    }
    ctx.progress(1, 1, "Trained")
    width = selection.recordings[0].embedded.vectors.shape[1]
    return Trained(detector, width, _meta(selection, gathered, options), report)


def _cross_validate(
    parts: Sequence[tuple[Fold, Fold]],
    kinds: Sequence[str],
    found: Mapping[int, np.ndarray],
    options: TrainOptions,
    ctx: JobContext,
) -> dict[str, Evaluated]:
    """Every kind of head, judged on recordings that were left out.

    Args:
        parts: folds to train on, and the same folds as they are judged.
        found: where the sound is, by the id of the embeddings; only calibration asks, never the fit.
    """
    scored: dict[str, list[OutOfFold]] = {kind: [] for kind in kinds}
    for number, (part, judged) in enumerate(parts):
        ctx.progress(0.05 + 0.6 * number / len(parts), 1, f"Cross-validation {number + 1} of {len(parts)}")
        if not training_part_is_enough(part.train):
            continue
        gathered = gather(part.train, _rng(options, number + 1), ctx)
        for kind, detector in fit(gathered, kinds, options.max_negative_ratio, _rng(options, number + 1), ctx).items():
            for one in judged.test:
                ctx.check()
                inside = np.concatenate([np.zeros(0, int), *one.bags])
                own = np.intersect1d(found[id(one.embedded)], inside)
                scored[kind].append(OutOfFold(one, detector.logits(one.embedded), number, own))
    if not any(scored.values()):
        raise UserError(
            "The model could not be checked",
            "Whatever video is left out, the others hold no clip or no place for negatives",
            "Cut clips from one more video, or make the margin smaller",
        )
    return {kind: evaluate(ones, _rng(options, 100)) for kind, ones in scored.items()}


def _candidates(selection: Selection) -> tuple[str, ...]:
    """Kinds of head to compare: all, but boosting only where there is much to learn from."""
    return tuple(kind for kind in KINDS if kind != "boosting" or selection.positives >= _BOOSTING_FROM)


def _choose(evaluated: Mapping[str, Evaluated]) -> str:
    """The best average precision; the earlier of KINDS where the difference is small."""
    top = max(one.average_precision for one in evaluated.values())
    return next(kind for kind, one in evaluated.items() if one.average_precision >= top - _CLEARLY)


def _ablation(
    examples: Sequence[MediaExamples],
    parts: Sequence[Fold],
    head: str,
    found: Mapping[int, np.ndarray],
    with_them: Evaluated,
    options: TrainOptions,
    ctx: JobContext,
) -> dict[str, Any] | None:
    """The same head with and without hard negatives, both judged against all that is known; None where none are."""
    if not options.use_hard_negatives or not any(example.hard for example in examples):
        return None
    ctx.progress(0.7, 1, "Without hard negatives, to compare")
    _, plain = folds(select(examples, replace(options, use_hard_negatives=False), ctx))
    without = _cross_validate(list(zip(plain, parts, strict=True)), (head,), found, options, ctx)[head]
    rows = {}
    for name, one in (("with", with_them), ("without", without)):
        own = figures(one, options.target_precision)
        rows[name] = {key: own[key] for key in ("average_precision", "f1", "threshold", "false_per_hour")}
    return rows


def _meta(selection: Selection, gathered: Gathered, options: TrainOptions) -> dict[str, Any]:
    """What the model was made of."""
    return {
        "embedding": dict(options.embedding),
        "code_version": __version__,
        "options": {
            "head": options.head,
            "neg_margin_s": selection.margin_s,
            "max_negative_ratio": options.max_negative_ratio,
            "use_hard_negatives": options.use_hard_negatives,
            "target_precision": options.target_precision,
            "seed": options.seed,
        },
        "data": {
            "videos": [
                {"group": one.group, "clips": [[clip.start_s, clip.end_s] for clip in one.clips]}
                for one in selection.recordings
            ],
            "clips": selection.positives,
            "positive_grains": len(gathered.positive),
            "weak_negatives": len(gathered.weak),
            "stated_negatives": len(gathered.stated),
        },
    }


def _rng(options: TrainOptions, number: int) -> np.random.Generator:
    return np.random.default_rng((options.seed, number))
