"""Decisions that survive a rescan, and two versions of a scan compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.scan import Comparison, Decision, Hit, NewRegion
from core.domain.timespan import Span, Spans

# Edges closer than this are the same: less than half a hop of short grains.
SAME_EDGE_S = 0.2


def inherit(hits: Sequence[Hit], decisions: Iterable[Decision]) -> list[NewRegion]:
    """The regions of a new version, each with what was decided about the one it overlaps most.

    Of several new regions on one trimmed one, only that which overlaps it most takes over its times: a region must not
    come twice.
    """
    decided = [decision for decision in decisions if decision.decided]
    reaches = Spans(_reach(decision) for decision in decided)
    best = [_best(hit, decided, reaches) for hit in hits]
    trims: dict[int, int] = {}
    for number, choice in enumerate(best):
        if choice is not None and decided[choice].trimmed:
            rival = trims.setdefault(choice, number)
            if _overlap(hits[number], decided[choice]) > _overlap(hits[rival], decided[choice]):
                trims[choice] = number
    return [
        _region(hit, None if choice is None else decided[choice], trims.get(choice) == number)
        for number, (hit, choice) in enumerate(zip(hits, best, strict=True))
    ]


def overlaps_any(span: Span, marks: Iterable[Span]) -> bool:
    """Whether a region holds one of the marks, of which one of length 0 is a moment."""
    return any(
        span.overlap_s(mark) > 0 or (mark.length_s == 0 and span.start_s <= mark.start_s <= span.end_s)
        for mark in marks
    )


def compare(old: Sequence[Hit], new: Sequence[Hit]) -> Comparison:
    """What a version gained, lost and moved against an older one; regions are paired one to one by their overlap."""
    before_spans = Spans(hit.span for hit in old)
    pairs = sorted(
        (
            (-before.span.overlap_s(after.span), number, other)
            for other, after in enumerate(new)
            for number in before_spans.near(after.span)
            for before in (old[number],)
            if before.span.overlap_s(after.span) > 0
        ),
    )
    partner_of_old: dict[int, int] = {}
    taken: set[int] = set()
    for _, number, other in pairs:
        if number not in partner_of_old and other not in taken:
            partner_of_old[number] = other
            taken.add(other)
    matched = [(old[number], new[other]) for number, other in sorted(partner_of_old.items())]
    return Comparison(
        gained=tuple(hit for number, hit in enumerate(new) if number not in taken),
        lost=tuple(hit for number, hit in enumerate(old) if number not in partner_of_old),
        moved=tuple(pair for pair in matched if not _same(*pair)),
        kept=tuple(pair for pair in matched if _same(*pair)),
    )


def _best(hit: Hit, decided: Sequence[Decision], reaches: Spans) -> int | None:
    overlaps = {number: _overlap(hit, decided[number]) for number in reaches.near(hit.span)}
    best = max(overlaps, key=overlaps.__getitem__, default=None)
    return best if best is not None and overlaps[best] > 0 else None


def _reach(decision: Decision) -> Span:
    """What was found and what it was trimmed to, and all between them."""
    found = decision.found
    return Span(min(found.start_s, decision.start_s), max(found.end_s, decision.end_s, decision.start_s))


def _overlap(hit: Hit, decision: Decision) -> float:
    trimmed = Span(decision.start_s, max(decision.start_s, decision.end_s))
    return max(hit.span.overlap_s(decision.found), hit.span.overlap_s(trimmed))


def _region(hit: Hit, decision: Decision | None, takes_times: bool) -> NewRegion:
    if decision is None:
        return NewRegion(hit, hit.start_s, hit.end_s)
    start, end = (decision.start_s, decision.end_s) if takes_times else (hit.start_s, hit.end_s)
    return NewRegion(hit, start, end, decision.disabled, decision.accepted, decision.region_id)


def _same(before: Hit, after: Hit) -> bool:
    return abs(before.start_s - after.start_s) <= SAME_EDGE_S and abs(before.end_s - after.end_s) <= SAME_EDGE_S
