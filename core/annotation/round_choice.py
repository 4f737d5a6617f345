"""What a round asks for: the pool and its scores, made from what the models said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.annotation.rows import Rows
from core.annotation.selection import Known, Pool, Rules, few_labels, select, uncertainty
from core.annotation.workshop import Judgement, group_of
from core.domain.annotation import Item, ItemKind, Project, QueueEntry
from core.domain.split import Split

if TYPE_CHECKING:
    from core.annotation.rounds import RoundOptions


def choose(
    project: Project,
    keys: Sequence[str],
    items: Mapping[str, Item],
    state: Mapping[str, Any],
    split: Split,
    said: Mapping[str, Judgement],
    options: RoundOptions,
    apart_s: float,
) -> tuple[QueueEntry, ...]:
    """The next items, of those that nobody answered and whose videos are not in the test set.

    Args:
        keys: of the items that were judged, in the order of the rows of `said`.
        apart_s: what the workshop holds for a sensible distance; the options' own comes first.
    """
    answered = set(state["answered"])
    groups = np.array([group_of(key) for key in keys], object)
    times = np.array([(items[key].start_s + items[key].end_s) / 2 for key in keys])
    outside = np.array([group not in split.test for group in groups], bool)
    done = np.array([key in answered for key in keys], bool)
    open_, known = np.flatnonzero(outside & ~done), np.flatnonzero(outside & done)
    embeddings = Rows.of(next(iter(said.values())).embeddings)
    unsure = uncertainty([one.probabilities[open_] for one in said.values()])
    pool = Pool(
        tuple(keys[place] for place in open_),
        tuple(groups[open_]),
        times[open_],
        unsure,
        _high(project, state, said)[open_],
        embeddings.those(open_),
    )
    labelled = sum(any(keys[place] in own for own in state["labels"].values()) for place in known)
    few = few_labels(max(len(one.classes) for one in said.values())) if labelled else len(keys) + 1
    rules = Rules(options.per_video, apart_s if options.apart_s is None else options.apart_s, few)
    lately = Known(tuple(groups[known]), times[known], embeddings.those(known))
    return select(pool, lately, options.top_k, options.strategy, split, rules, options.seed)


def _high(project: Project, state: Mapping[str, Any], said: Mapping[str, Judgement]) -> np.ndarray:
    """float64[N]: how probable what is looked for is. Of windows the first class of a task, the target; of frames the
    class that has fewest labels. Of several tasks the highest.
    """
    found = []
    for task in project.tasks:
        if task.name not in said:
            continue
        one, labels = said[task.name], Counter(state["labels"][task.name].values())
        target = task.classes[0]
        if project.kind is ItemKind.FRAME or target not in one.classes:
            target = min((name for name in one.classes if labels[name]), key=lambda name: (labels[name], name))
        found.append(one.probabilities[:, one.classes.index(target)].astype(np.float64))
    return np.max(found, axis=0)
