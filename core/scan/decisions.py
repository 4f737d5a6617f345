"""Decisions that survive a rescan, and two versions of a scan compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.domain.scan import Comparison, Decision, Hit, NewRegion
from core.scan.intervals import overlaps, touching_pairs

SAME_EDGE_S = 0.2


def inherit(hits: Sequence[Hit], decisions: Iterable[Decision]) -> list[NewRegion]:
    """The regions of a new version, each with what was decided about the one it overlaps most.

    Of several new regions on one trimmed one, only that which overlaps it most takes over its times: a region must not
    come twice.
    """
    decided = [decision for decision in decisions if decision.decided]
    found = _array([(hit.start_s, hit.end_s) for hit in hits])
    choices, takes = inherited(
        found,
        _array([(decision.found.start_s, decision.found.end_s) for decision in decided]),
        _array([(decision.start_s, decision.end_s) for decision in decided]),
    )
    return [
        _region(hit, None if choice < 0 else decided[choice], takes_times)
        for hit, choice, takes_times in zip(hits, choices.tolist(), takes.tolist(), strict=True)
    ]


def inherited(hits: np.ndarray, found: np.ndarray, trimmed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`inherit` on arrays of edges: hits float64[n, 2]; what was decided on as it was found and as it was trimmed to,
    float64[m, 2] each.

    Returns:
        For each hit the number of the decision it takes over, −1 for none (int[n]), and whether it takes over the
        times too (bool[n]).
    """
    choices, takes = np.full(len(hits), -1), np.zeros(len(hits), dtype=bool)
    times = np.column_stack((trimmed[:, 0], trimmed.max(axis=1, initial=-np.inf)))
    # What was found and what it was trimmed to, and all between them.
    reach = np.minimum(found[:, 0], trimmed[:, 0]), np.maximum(found[:, 1], times[:, 1])
    ones, others = touching_pairs(*hits.T, *reach)
    shared = np.maximum(
        overlaps(*hits[ones].T, *found[others].T),
        overlaps(*hits[ones].T, *times[others].T),
    )
    ones, others, shared = (each[shared > 0] for each in (ones, others, shared))
    best = _firsts(ones, np.lexsort((others, -shared, ones)))
    choices[ones[best]] = others[best]
    best = best[(found[others[best]] != trimmed[others[best]]).any(axis=1)]
    rivals = others[best]
    takes[ones[best][_firsts(rivals, np.lexsort((ones[best], -shared[best], rivals)))]] = True
    return choices, takes


def compare(old: Sequence[Hit], new: Sequence[Hit]) -> Comparison:
    """What a version gained, lost and moved against an older one; regions are paired one to one by their overlap."""
    before, after = (_array([(hit.start_s, hit.end_s) for hit in hits]) for hits in (old, new))
    partners = pair(*before.T, *after.T)
    both = np.flatnonzero(partners >= 0)
    both = both[np.argsort(partners[both])]
    same = same_edges(*before[partners[both]].T, *after[both].T).tolist()
    matched = [(old[number], new[other]) for number, other in zip(partners[both].tolist(), both.tolist(), strict=True)]
    kept_old = set(partners[both].tolist())
    return Comparison(
        gained=tuple(hit for hit, partner in zip(new, partners.tolist(), strict=True) if partner < 0),
        lost=tuple(hit for number, hit in enumerate(old) if number not in kept_old),
        moved=tuple(hits for hits, alike in zip(matched, same, strict=True) if not alike),
        kept=tuple(hits for hits, alike in zip(matched, same, strict=True) if alike),
    )


def pair(old_starts: np.ndarray, old_ends: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """For each new span the number of its partner among the old ones, −1 for none (int[n]).

    Those that share most time find each other first; each has one partner at most.
    """
    olds, news = touching_pairs(old_starts, old_ends, starts, ends)
    shared = overlaps(old_starts[olds], old_ends[olds], starts[news], ends[news])
    olds, news, shared = (each[shared > 0] for each in (olds, news, shared))
    partners = np.full(len(starts), -1)
    # Where both have no other choice there is nothing to decide.
    alone = (np.bincount(olds, minlength=len(old_starts))[olds] == 1) & (
        np.bincount(news, minlength=len(starts))[news] == 1
    )
    partners[news[alone]] = olds[alone]
    olds, news, shared = (each[~alone] for each in (olds, news, shared))
    order = np.lexsort((news, olds, -shared))
    taken: set[int] = set()
    for number, other in zip(olds[order].tolist(), news[order].tolist(), strict=True):
        if number not in taken and partners[other] < 0:
            partners[other] = number
            taken.add(number)
    return partners


def same_edges(old_starts: np.ndarray, old_ends: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """bool[n]: whether two spans agree but for what is less than half a hop of short grains."""
    return (np.abs(old_starts - starts) <= SAME_EDGE_S) & (np.abs(old_ends - ends) <= SAME_EDGE_S)


def _array(edges: list[tuple[float, float]]) -> np.ndarray:
    return np.array(edges, dtype=np.float64).reshape(-1, 2)


def _firsts(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The first place of every value in this order of places."""
    ordered = values[order]
    return order[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(order) else order


def _region(hit: Hit, decision: Decision | None, takes_times: bool) -> NewRegion:
    if decision is None:
        return NewRegion(hit, hit.start_s, hit.end_s)
    start, end = (decision.start_s, decision.end_s) if takes_times else (hit.start_s, hit.end_s)
    return NewRegion(hit, start, end, decision.disabled, decision.accepted, decision.region_id)
