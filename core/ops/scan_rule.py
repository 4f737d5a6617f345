"""Threshold and gap of a stored scan: the regions that its scores make at others, for looking and for keeping."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import NewRegion, RegionRule, WindowScores
from core.scan.decisions import inherited
from core.scan.intervals import overlap_any
from core.scan.region_columns import ROW, RegionColumns
from core.scan.regions import find_hits
from core.storage.scans import RuleChange


def rows_of(
    db: ProcessedDB, profile_id: int | None, media: Media, label: str, timestamp: str | None = None
) -> RegionColumns:
    """All rows of a version (the newest by default), hidden ones included, in order of start."""
    return RegionColumns(np.array(db.scans.table(profile_id, media.id, label, timestamp), dtype=ROW))


def regions_of(windows: WindowScores, rule: RegionRule, rows: RegionColumns) -> RegionColumns:
    """The regions that scores make by a rule, in place of `rows`, in order of start.

    What has a row already keeps it with its decision; what has none gets an id below 0 and takes over what was decided
    about the row that it overlaps most. What was made by hand stays.
    """
    made = rows.where(rows.table["by_hand"])
    known = rows.where(~rows.table["by_hand"])
    hits = find_hits(windows, rule)
    if len(made):
        hits = hits[~overlap_any(*hits[:, :2].T, made.starts, made.ends)]
    found = _new_rows(hits, known.where(known.decided))
    if len(known):
        order = np.argsort(known.extents, kind="stable")
        place = order[np.searchsorted(known.extents, found.extents, sorter=order).clip(max=len(known) - 1)]
        same = known.extents[place] == found.extents
        found.table[same] = known.table[place[same]]
        found.table["hidden"] = False
    return RegionColumns(np.concatenate((found.table, made.table))).in_order()


def _new_rows(hits: np.ndarray, decided: RegionColumns) -> RegionColumns:
    """Rows for hits (float64[n, 3]) that have none, with ids below 0, and what they take over from the decided ones."""
    table = np.zeros(len(hits), dtype=ROW)
    table["id"] = -1 - np.arange(len(hits))
    for column, name in enumerate(("start_s", "end_s", "score")):
        table[name] = hits[:, column]
    table["found_start_s"], table["found_end_s"] = hits[:, 0], hits[:, 1]
    past = decided.table
    choices, takes_times = inherited(
        hits[:, :2],
        np.column_stack((past["found_start_s"], past["found_end_s"])),
        np.column_stack((past["start_s"], past["end_s"])),
    )
    heirs = np.flatnonzero(choices >= 0)
    for name in ("disabled", "accepted"):
        table[name][heirs] = past[name][choices[heirs]]
    table["inherited_from"][heirs] = past["id"][choices[heirs]]
    for name in ("start_s", "end_s"):
        table[name][takes_times] = past[name][choices[takes_times]]
    return RegionColumns(table)


def set_rule(
    db: ProcessedDB,
    media: Media,
    profile: str,
    label: str,
    timestamp: str,
    rule: RegionRule,
    wanted: Collection[int] | None = None,
) -> Changes:
    """Store a version at another threshold and gap. Decisions stay, shown or not.

    Args:
        wanted: the rows that somebody may have to find again by their ids. Others that nothing was decided about are
            not kept beyond the change after the one that hid them. None: all are kept.
    """
    with db.write():
        profile_id = db.profiles.ensure(profile)
        made = db.scans.made(profile_id, media.id, label, timestamp)
        if made is None:
            return Changes.of(Kind.SCANS, media.id)
        rows = rows_of(db, profile_id, media, label, timestamp)
        found = regions_of(made.windows, rule, rows)
        shown = rows.table["by_hand"] | np.isin(rows.ids, found.ids)
        hidden = rows.table["hidden"]
        keep = np.ones(len(rows), dtype=bool) if wanted is None else rows.decided | rows.among(wanted)
        new = found.where(found.ids < 0)
        change = RuleChange(
            rule.threshold,
            rule.fuse_s,
            shown=rows.ids[shown & hidden].tolist(),
            hidden=rows.ids[~shown & ~hidden].tolist(),
            forgotten=rows.ids[~shown & hidden & ~keep].tolist(),
            new=[
                NewRegion(row.hit, row.start_s, row.end_s, row.disabled, row.accepted, heir_of or None)
                for row, heir_of in zip(new, new.table["inherited_from"].tolist(), strict=True)
            ],
        )
        db.scans.change_rule(profile_id, media.id, label, timestamp, change)
    return Changes.of(Kind.SCANS, media.id)
