"""What counts as true: the gold label, else what most coders said, each task on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.annotation import NA, Answer


@dataclass(frozen=True)
class Consensus:
    """The outcome per task; an item that nobody answered in a task is in none of its three.

    Args:
        labels: {task: {item key: class}}, what a model learns; never `NA`.
        not_applicable: {task: item keys} that are `NA`, by gold or by majority: nothing to learn there.
        ties: {task: item keys} without a majority; adjudication makes them gold.
    """

    labels: dict[str, dict[str, str]]
    not_applicable: dict[str, frozenset[str]]
    ties: dict[str, frozenset[str]]


def decide(answers: Iterable[Answer], gold: Mapping[tuple[str, str], str]) -> Consensus:
    """Weigh the answers up.

    Args:
        answers: silent repeats and withdrawn ones are left out; of several by one coder the newest counts.
        gold: {(item key, task): label}.
    """
    newest: dict[tuple[str, str], dict[str, Answer]] = {}
    for answer in answers:
        if answer.repeat or answer.withdrawn:
            continue
        of_item = newest.setdefault((answer.item_key, answer.task), {})
        before = of_item.get(answer.coder)
        if before is None or (before.saved_at, before.uid) < (answer.saved_at, answer.uid):
            of_item[answer.coder] = answer
    labels: dict[str, dict[str, str]] = {}
    aside: dict[str, set[str]] = {}
    ties: dict[str, set[str]] = {}
    for item_key, task in sorted(newest.keys() | gold.keys()):
        label = gold.get((item_key, task)) or _majority(newest[item_key, task].values())
        if label is None:
            ties.setdefault(task, set()).add(item_key)
        elif label == NA:
            aside.setdefault(task, set()).add(item_key)
        else:
            labels.setdefault(task, {})[item_key] = label
    return Consensus(labels, _frozen(aside), _frozen(ties))


def labels(answers: Iterable[Answer], gold: Mapping[tuple[str, str], str]) -> dict[str, dict[str, str]]:
    """{task: {item key: class}} as of `decide`: what there is to learn."""
    return decide(answers, gold).labels


def _majority(answers: Iterable[Answer]) -> str | None:
    """The label that more coders gave than any other one; None for a tie."""
    ranked = Counter(answer.label for answer in answers).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {task: frozenset(keys) for task, keys in sets.items()}
