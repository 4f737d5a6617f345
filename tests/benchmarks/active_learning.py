"""How many labels a strategy of selection saves: `python -m tests.benchmarks.active_learning [--quick] [--sounds]`.

Two generated pools: frames of videos of people (perspective and distance; a head on a frozen ResNet-50, from ImageNet
or from `--weights`) and windows of noisy recordings (is there a bark?; the heads of scanning). Each starts from the
same few labels per seed and runs five rounds with *mixed*, *entropy* and *random*, on a split of its own per seed;
learning, calibration and selection are those of `8cut.sh round`. Embeddings are computed once.

`--first` asks something else: what a first batch without any label teaches, by chance and by `select_first`.

The score is the macro F1 on the test videos, the mean over tasks. Printed are the learning curves, mean and 95 %
interval over seeds, and how many labels a strategy needs for the score that *random* ends with.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.annotation.metrics import evaluate
from core.annotation.selection import (
    DIVERSE,
    STRATEGIES,
    TYPICAL,
    Known,
    Pool,
    Rules,
    few_labels,
    select,
    select_first,
    uncertainty,
)
from core.annotation.split import Split, make_split
from core.domain.annotation import NA
from core.errors import EightCutError, UserError
from tests.benchmarks.active_learning_worlds import World, frames, sounds

_T_975 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 10: 2.262, 20: 2.093}
"""Student's t for 95 %, by the number of runs."""


@dataclass(frozen=True)
class Plan:
    """How a run goes: labels to start from, labels per round, rounds."""

    start: int
    batch: int
    rounds: int

    @property
    def labels(self) -> list[int]:
        """How many there are when each round is measured."""
        return [self.start + self.batch * number for number in range(self.rounds + 1)]


def main() -> None:
    import torch

    # The benchmark shall measure selection, not how threads wait for each other.
    torch.set_num_threads(1)
    options = _arguments()
    began = time.perf_counter()
    batch = 20 if options.quick else 40
    if not options.sounds:
        with tempfile.TemporaryDirectory() as folder:
            try:
                world = frames(20 if options.quick else 60, options.weights, Path(folder), options.pool)
                _show(world, Plan(batch, batch, 5), options)
            except EightCutError as error:
                print(f"Frames are left out. {error}")
    if not options.frames:
        recordings = (24, 60.0) if options.quick else (60, 80.0)
        _show(sounds(*recordings, options.pool), Plan(30, 30, 5), options)
    print(f"\n{time.perf_counter() - began:.0f} s in all")


def _show(world: World, plan: Plan, options: argparse.Namespace) -> None:
    print(f"\n{world.name}: {len(world.keys)} items of {len(set(world.groups))} videos, {_balance(world)}", flush=True)
    if options.first:
        report_first(world, plan, options.seeds)
    else:
        report(run_all(world, plan, options.seeds), plan)


def report_first(world: World, plan: Plan, seeds: int) -> None:
    """Print what first batches of three sizes teach, by chance and by what round 0 without labels chooses."""
    print("labels     by chance        chosen   difference")
    for count in (plan.start, 2 * plan.start, 4 * plan.start):
        scores = 100 * np.array([_first_scores(world, count, seed) for seed in range(seeds)]).T
        print(f"{count:6}" + "".join(f"{_interval(one):>14}" for one in (*scores, scores[1] - scores[0])), flush=True)


def _first_scores(world: World, count: int, seed: int) -> tuple[float, ...]:
    split = make_split({group: ["any"] for group in sorted(set(world.groups))}, seed=seed)
    test = np.array([group in split.test for group in world.groups])
    open_ = np.flatnonzero(~test)
    nothing = np.zeros(len(open_))
    keys = tuple(world.keys[number] for number in open_)
    pool = Pool(keys, tuple(world.groups[open_]), world.times_s[open_], nothing, nothing, world.vectors[open_])
    place = {key: number for number, key in enumerate(world.keys)}
    reason = TYPICAL if world.target else DIVERSE
    chosen = [place[entry.item_key] for entry in select_first(pool, count, reason, Rules(0, world.apart_s), seed)]
    chance = np.random.default_rng((seed, 7)).choice(open_, count, replace=False)
    return tuple(_taught(world, np.array(labelled), split, test) for labelled in (chance, chosen))


def _taught(world: World, labelled: np.ndarray, split: Split, test: np.ndarray) -> float:
    """The score of what a batch teaches; a task of which it has one class only says that everywhere."""
    said = {}
    for task, truth in world.truth.items():
        classes = world.classes[task]
        try:
            said[task] = world.learn(world.vectors, truth[labelled], labelled, list(world.groups), split, classes)
        except UserError:
            common = Counter(name for name in truth[labelled] if name != NA).most_common(1)[0][0]
            said[task] = np.tile([float(name == common) for name in classes], (len(truth), 1))
    return _score(world, said, test)


def run_all(world: World, plan: Plan, seeds: int) -> dict[str, np.ndarray]:
    """{strategy: float[S, R + 1]}: the score of each seed when each round is measured."""
    return {strategy: np.array([run(world, plan, strategy, seed) for seed in range(seeds)]) for strategy in STRATEGIES}


def run(world: World, plan: Plan, strategy: str, seed: int) -> list[float]:
    """The scores of one run."""
    split = make_split({group: ["any"] for group in sorted(set(world.groups))}, seed=seed)
    test = np.array([group in split.test for group in world.groups])
    labelled = _start(world, split, plan.start, seed)
    scores = []
    for number in range(plan.rounds + 1):
        said = {
            task: world.learn(world.vectors, truth[labelled], labelled, list(world.groups), split, world.classes[task])
            for task, truth in world.truth.items()
        }
        scores.append(_score(world, said, test))
        if number < plan.rounds:
            chosen = _choose(world, said, labelled, split, plan.batch, strategy, seed * 100 + number)
            labelled = np.concatenate([labelled, chosen])
    return scores


def _start(world: World, split: Split, count: int, seed: int) -> np.ndarray:
    """Two items of every class from training videos, as whoever starts a project knows some, and random ones."""
    order = np.random.default_rng((seed, 99)).permutation(len(world.keys))
    allowed = [number for number in order if world.groups[number] not in split.test]
    first: list[int] = []
    for task, truth in world.truth.items():
        for name in world.classes[task]:
            own = [number for number in allowed if truth[number] == name and world.groups[number] in split.train]
            first += own[:2]
    return np.array(list(dict.fromkeys([*first, *allowed]))[:count])


def _choose(
    world: World,
    said: Mapping[str, np.ndarray],
    labelled: np.ndarray,
    split: Split,
    batch: int,
    strategy: str,
    seed: int,
) -> np.ndarray:
    """What `core.annotation.round_choice` would ask for."""
    done = set(labelled.tolist())
    outside = [number for number, group in enumerate(world.groups) if group not in split.test]
    open_ = np.array([number for number in outside if number not in done])
    high = []
    for task, truth in world.truth.items():
        counts = Counter(truth[labelled])
        target = world.target or min(world.classes[task], key=lambda name, counts=counts: counts[name])
        high.append(said[task][open_, world.classes[task].index(target)])
    pool = Pool(
        tuple(world.keys[number] for number in open_),
        tuple(world.groups[open_]),
        world.times_s[open_],
        uncertainty([one[open_] for one in said.values()]),
        np.max(high, axis=0),
        world.vectors[open_],
    )
    known = Known(tuple(world.groups[labelled]), world.times_s[labelled], world.vectors[labelled])
    rules = Rules(0, world.apart_s, few_labels(max(map(len, world.classes.values()))))
    place = {key: number for number, key in enumerate(world.keys)}
    return np.array([place[entry.item_key] for entry in select(pool, known, batch, strategy, split, rules, seed)])


def _score(world: World, said: Mapping[str, np.ndarray], test: np.ndarray) -> float:
    """Mean over tasks of the macro F1 on test items to which the task applies."""
    scores = []
    for task, truth in world.truth.items():
        own = np.flatnonzero(test & (truth != NA))
        figures = evaluate(
            list(truth[own]), said[task][own], list(world.groups[own]), world.classes[task], bootstraps=2
        )
        scores.append(figures["macro_f1"])
    return float(np.mean(scores))


def report(curves: dict[str, np.ndarray], plan: Plan) -> None:
    """Print curves, intervals, and the labels saved."""
    print("labels   " + "".join(f"{labels:>14}" for labels in plan.labels))
    for strategy, scores in curves.items():
        print(f"{strategy:9}" + "".join(f"{_interval(column):>14}" for column in 100 * scores.T))
    for strategy in ("mixed", "entropy"):
        print(f"{strategy}: {saving_text(curves[strategy], curves['random'], plan)}")


def saving_text(scores: np.ndarray, random: np.ndarray, plan: Plan) -> str:
    """How many labels less than random for the score random ends with, and the paired differences at the end."""
    wanted = float(random[:, -1].mean())
    needed = labels_for(wanted, scores.mean(axis=0), plan.labels)
    ahead = 100 * (scores[:, -1] - random[:, -1])
    tail = f"at the end {_interval(ahead)} points ahead of random on the same seeds"
    if needed is None:
        return f"never reaches the {100 * wanted:.0f} % that random ends with; {tail}"
    saved = plan.labels[-1] - needed
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(1000):
        rows = rng.integers(len(scores), size=len(scores))
        found = labels_for(float(random[rows, -1].mean()), scores[rows].mean(axis=0), plan.labels)
        draws.append(plan.labels[-1] - found if found is not None else 0.0)
    low, high = np.percentile(draws, (2.5, 97.5))
    return (
        f"{needed:.0f} labels for the {100 * wanted:.0f} % that random has with {plan.labels[-1]}: {saved:.0f} fewer "
        f"({100 * saved / plan.labels[-1]:.0f} %; 95 % over seeds {low:.0f} to {high:.0f}); {tail}"
    )


def labels_for(wanted: float, scores: Sequence[float], labels: Sequence[int]) -> float | None:
    """Where a curve first reaches a score, between its points by a straight line; None where it does not."""
    if scores[0] >= wanted:
        return float(labels[0])
    for place in range(1, len(scores)):
        low, high = scores[place - 1], scores[place]
        if high >= wanted:
            return labels[place - 1] + (labels[place] - labels[place - 1]) * (wanted - low) / (high - low)
    return None


def _interval(values: np.ndarray) -> str:
    """Mean and half of the 95 % interval of the mean."""
    half = _T_975[len(values)] * float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return f"{np.mean(values):.1f} ±{half:.1f}"


def _balance(world: World) -> str:
    parts = []
    for task, truth in world.truth.items():
        shares = ", ".join(f"{name} {100 * np.mean(truth == name):.0f} %" for name in world.classes[task])
        parts.append(f"{task}: {shares}")
    return "; ".join(parts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small pools")
    parser.add_argument("--sounds", action="store_true", help="only the pool of windows")
    parser.add_argument("--frames", action="store_true", help="only the pool of frames")
    parser.add_argument("--first", action="store_true", help="what a first batch without any label teaches")
    parser.add_argument("--pool", type=int, default=0, metavar="N", help="which pools to make (default: 0)")
    parser.add_argument("--weights", default="imagenet", metavar="FILE", help="of ResNet-50 (default: imagenet)")
    parser.add_argument("--seeds", type=int, default=5, choices=sorted(_T_975))
    return parser.parse_args()


if __name__ == "__main__":
    main()
