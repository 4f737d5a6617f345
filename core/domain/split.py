"""Which videos a model learns from, which it is chosen by, and which only judge it; and the alarm when they mix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STAGES = ("training", "normalisation", "validation", "threshold", "selection")
"""Everything that may shape a model or the next round.

"training" fits weights, "normalisation" learns means and spreads of the inputs, "validation" stops and chooses among
models, "threshold" learns calibrations and thresholds, "selection" draws items for the next round.
"""
_FITS = ("training", "normalisation")
_CHOOSES = ("validation", "threshold")
_NAMED = 5


class LeakError(Exception):
    """A video came where it must never be, so every figure after it would be a lie. A bug or a doctored file: loud.

    Args:
        stage: one of STAGES.
        groups: the videos' content keys.
        why: what they are instead.
    """

    def __init__(self, stage: str, groups: tuple[str, ...], why: str) -> None:
        super().__init__(stage, groups, why)
        self.stage, self.groups, self.why = stage, groups, why

    def __str__(self) -> str:
        shown = ", ".join(self.groups[:_NAMED]) + (" …" if len(self.groups) > _NAMED else "")
        return f"{len(self.groups)} videos must not be used for {self.stage}, they are {self.why}: {shown}"


@dataclass(frozen=True)
class Split:
    """Three sets of whole videos (content keys) that never share one. The test set is frozen in round 0.

    Raises:
        LeakError: a video is in two of them.
    """

    train: frozenset[str]
    validation: frozenset[str]
    test: frozenset[str]
    seed: int = 42

    def __post_init__(self) -> None:
        twice = (self.train & self.validation) | (self.train & self.test) | (self.validation & self.test)
        if twice:
            raise LeakError("training", tuple(sorted(twice)), "in two sets of the split")

    @property
    def known(self) -> frozenset[str]:
        """Every video that has its place."""
        return self.train | self.validation | self.test

    def admit(self, stage: str, groups: Iterable[str]) -> None:
        """The alarm: pass the videos of everything a stage is about to use, before it uses them.

        The stages are those of STAGES. Fitting takes training videos only; stopping, choosing and calibrating take
        validation videos only; selection takes whatever is not of the test set.

        Raises:
            LeakError: a video must not be there. Never to be caught and carried on from.
            ValueError: there is no such stage.
        """
        if stage not in STAGES:
            raise ValueError(f"{stage!r} is none of {', '.join(STAGES)}")
        given = frozenset(groups)
        self._refuse(stage, given & self.test, "test videos")
        if stage in _FITS:
            self._refuse(stage, given & self.validation, "validation videos")
            self._refuse(stage, given - self.train, "not in the split")
        elif stage in _CHOOSES:
            self._refuse(stage, given & self.train, "training videos")
            self._refuse(stage, given - self.validation, "not in the split")

    @staticmethod
    def _refuse(stage: str, groups: frozenset[str], why: str) -> None:
        if groups:
            raise LeakError(stage, tuple(sorted(groups)), why)

    def to_json(self) -> dict[str, Any]:
        """For `Split.from_json`; lists are sorted."""
        sets = {"train": self.train, "validation": self.validation, "test": self.test}
        return {**{name: sorted(groups) for name, groups in sets.items()}, "seed": self.seed}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Split:
        """The split that `to_json` wrote.

        Raises:
            KeyError: something is missing.
            LeakError: a video was put into two sets.
        """
        return cls(frozenset(tree["train"]), frozenset(tree["validation"]), frozenset(tree["test"]), int(tree["seed"]))
