"""The regions of a media as a panel shows them, and everything a person does to them. Each edit names rows by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import Hit, NewRegion, RegionRow, RegionRule, ScanMade
from core.domain.timecode import format_time
from core.domain.timespan import Span, Spans
from core.errors import UserError
from core.ops import negatives
from core.ops.scan_rule import regions_of, rows_of
from core.scan.decisions import pair, same_edges
from core.scan.intervals import edges, overlap_any
from core.scan.region_columns import RegionColumns

SHORTEST_S = 0.1
# A batch starts on the frame at or before its region's start, so it belongs to a region that holds half of it.
_EXPORTED_SHARE = 0.5


@dataclass(frozen=True)
class Version:
    """One scan of a media by one classifier; the stamp is empty for rows from before versions."""

    timestamp: str
    count: int
    max_score: float


@dataclass(frozen=True)
class Against:
    """A version beside the one before it.

    Args:
        timestamp: of the version before.
        new: ids of regions that it did not have.
        lost: what only it had.
        moved: how many are in both with other edges.
    """

    timestamp: str
    new: frozenset[int]
    lost: tuple[Span, ...]
    moved: int


@dataclass(frozen=True)
class ModelScan:
    """What a classifier's shown version found.

    Args:
        label: what its scans are called, "LOGMEL" or "LOGMEL_bark".
        versions: newest first.
        timestamp: of the one shown.
        regions: in order of start, hidden ones left out. Of a long recording thousands, so they come as columns.
        negative, exported: ids of those that hold a hard negative, and of those whose clips were cut.
        rows: all rows of the version, what a live threshold needs.
        made: the scores; None where nobody kept them.
        against: how it differs from the version before it; None where there is none.
        marks, cuts: hard negatives and starts of exports in the media, for regions that have no row yet.
    """

    label: str
    versions: tuple[Version, ...]
    timestamp: str
    regions: Sequence[RegionRow]
    negative: frozenset[int]
    exported: frozenset[int]
    rows: Sequence[RegionRow]
    made: ScanMade | None
    against: Against | None = None
    marks: tuple[Span, ...] = ()
    cuts: tuple[Span, ...] = ()

    @property
    def age(self) -> int:
        """How the shown version counts among all, the oldest being 1."""
        stamps = [version.timestamp for version in self.versions]
        return len(stamps) - stamps.index(self.timestamp) if self.timestamp in stamps else 1

    @property
    def is_newest(self) -> bool:
        return not self.versions or self.versions[0].timestamp == self.timestamp


def view(db: ProcessedDB, media: Media, profile: str, chosen: Mapping[str, str]) -> tuple[ModelScan, ...]:
    """Everything about the scans of a media that shows, one entry per classifier, by name. Not for the GUI thread.

    Args:
        chosen: the version to show by label; the newest where there is none or it is gone.
    """
    profile_id = db.profiles.id_of(profile)
    labels = db.scans.models(profile_id, media.id)
    if not labels:
        return ()
    marks = tuple(_mark_span(mark) for mark in _marks(db, media, profile))
    markers = [marker for marker in db.clips.markers(media.id, profile) if marker.scan_export]
    cuts = tuple(Span(m.batch.cursor_s, m.batch.cursor_s + m.batch.span.length_s * _EXPORTED_SHARE) for m in markers)
    scans = []
    for label in labels:
        versions = tuple(Version(**found) for found in db.scans.versions(profile_id, media.id, label))
        stamp = chosen.get(label, "")
        if stamp not in {version.timestamp for version in versions}:
            stamp = versions[0].timestamp if versions else ""
        rows = rows_of(db, profile_id, media, label, stamp)
        shown = rows.where(~rows.table["hidden"])
        scans.append(
            ModelScan(
                label,
                versions,
                stamp,
                shown,
                _those_with(shown, marks),
                _those_with(shown, cuts),
                rows,
                db.scans.made(profile_id, media.id, label, stamp),
                _against(db, profile_id, media, label, versions, stamp, shown),
                marks,
                cuts,
            )
        )
    return tuple(scans)


def _those_with(rows: RegionColumns, spans: Sequence[Span]) -> frozenset[int]:
    """The ids of the rows in which some of these spans lie."""
    return frozenset(rows.ids[overlap_any(rows.starts, rows.ends, *edges(spans))].tolist())


def _against(
    db: ProcessedDB,
    profile_id: int,
    media: Media,
    label: str,
    versions: Sequence[Version],
    stamp: str,
    shown: RegionColumns,
) -> Against | None:
    stamps = [version.timestamp for version in versions]
    place = stamps.index(stamp) + 1 if stamp in stamps else len(stamps)
    if place >= len(stamps):
        return None
    before = rows_of(db, profile_id, media, label, stamps[place])
    before = before.where(~before.table["hidden"])
    old_of_new = pair(before.starts, before.ends, shown.starts, shown.ends)
    lost = np.ones(len(before), dtype=bool)
    lost[old_of_new[old_of_new >= 0]] = False
    both = np.flatnonzero(old_of_new >= 0)
    old = before.where(old_of_new[both])
    moved = ~same_edges(old.starts, old.ends, shown.starts[both], shown.ends[both])
    return Against(
        stamps[place],
        frozenset(shown.ids[old_of_new < 0].tolist()),
        tuple(Span(*ends) for ends in np.column_stack((before.starts, before.ends))[lost].tolist()),
        int(moved.sum()),
    )


@dataclass(frozen=True)
class Preview:
    """Regions at another threshold, before they are stored. `negative` and `exported` are ids, as in `ModelScan`."""

    rows: RegionColumns
    negative: frozenset[int]
    exported: frozenset[int]


def preview(scan: ModelScan, rule: RegionRule) -> Preview:
    """The regions at another threshold and gap, for a slider that moves; nothing is stored.

    Those that have a row already keep its id, the others get ids below 0.
    """
    rows = RegionColumns.of(scan.rows)
    if scan.made is None:
        return Preview(RegionColumns.of(scan.regions), scan.negative, scan.exported)
    shown = regions_of(scan.made.windows, rule, rows)
    return Preview(shown, _those_with(shown, scan.marks), _those_with(shown, scan.cuts))


def forget_hidden(db: ProcessedDB, media: Media, profile: str, label: str, timestamp: str) -> None:
    """Remove rows that nobody can see or undo any more. Only where no edit of this version can be undone."""
    db.scans.forget_hidden(db.profiles.id_of(profile), media.id, label, timestamp)


def hidden_beside(scan: ModelScan, rows: Iterable[RegionRow]) -> list[RegionRow]:
    """Rows of other thresholds that stand for the same sounds: what is decided about one holds for all."""
    hidden = RegionColumns.of(scan.rows)
    hidden = hidden.where(hidden.table["hidden"])
    beside = RegionColumns.of(rows)
    found = hidden.table["found_start_s"], hidden.table["found_end_s"]
    return list(hidden.where(overlap_any(*found, beside.starts, beside.ends)))


# -- decisions --------------------------------------------------------------------------------------------------------


def set_disabled(db: ProcessedDB, media_id: int, ids: Sequence[int], disabled: bool) -> Changes:
    """Keep regions out of every export, or let them in again."""
    db.scans.set_disabled(ids, disabled)
    return Changes.of(Kind.SCANS, media_id)


def set_accepted(db: ProcessedDB, media_id: int, ids: Sequence[int], accepted: bool) -> Changes:
    """Confirm regions, or take that back."""
    db.scans.set_accepted(ids, accepted)
    return Changes.of(Kind.SCANS, media_id)


def set_times(db: ProcessedDB, media_id: int, region_id: int, start_s: float, end_s: float) -> Changes:
    """Trim or stretch a region."""
    db.scans.set_times(region_id, start_s, end_s)
    return Changes.of(Kind.SCANS, media_id)


def check_times(start_s: float, end_s: float, duration_s: float) -> None:
    """Raises UserError unless these can be the ends of a region of a media this long (0: not known yet)."""
    if start_s < 0 or (duration_s and end_s > duration_s + 1e-6):
        ends = f"It goes from {format_time(0.0)} to {format_time(duration_s)}" if duration_s else ""
        raise UserError("A region lies inside the media", ends, "Choose times in between")
    if end_s - start_s < SHORTEST_S - 1e-9:
        raise UserError("A region ends after its start", "", f"Leave at least {SHORTEST_S:g} s between the two")


# -- split and merge --------------------------------------------------------------------------------------------------


def split(row: RegionRow, at_s: float) -> tuple[NewRegion, NewRegion]:
    """The two halves of a region.

    Raises:
        UserError: the moment is not inside it.
    """
    if not row.start_s + SHORTEST_S <= at_s <= row.end_s - SHORTEST_S:
        raise UserError(
            "The region cannot be split here",
            f"{format_time(at_s)} is not inside {format_time(row.start_s)} – {format_time(row.end_s)}",
            "Go to the moment inside the region where it should be split",
        )
    return _by_hand(row, row.start_s, at_s), _by_hand(row, at_s, row.end_s)


def merge(rows: Sequence[RegionRow]) -> NewRegion:
    """One region in place of several.

    Raises:
        UserError: there are fewer than two.
    """
    if len(rows) < 2:
        raise UserError("There is nothing to merge", "", "Select two regions or more")
    strongest = max(rows, key=lambda row: row.hit.score)
    merged = _by_hand(strongest, min(row.start_s for row in rows), max(row.end_s for row in rows))
    return replace(merged, disabled=all(row.disabled for row in rows), accepted=all(row.accepted for row in rows))


def put_in_place(
    db: ProcessedDB,
    media: Media,
    profile: str,
    label: str,
    timestamp: str,
    leaving: Sequence[int],
    coming: Sequence[NewRegion],
) -> list[int]:
    """Let regions made by hand stand where others stood; returns their rows, for `exchange`."""
    with db.write():
        made = db.scans.add_by_hand(db.profiles.ensure(profile), media.id, label, timestamp, coming)
        db.scans.set_replaced(leaving, ())
        return made


def exchange(db: ProcessedDB, media_id: int, leaving: Sequence[int], coming: Sequence[int]) -> Changes:
    """Undo or redo `put_in_place`."""
    db.scans.set_replaced(leaving, coming)
    return Changes.of(Kind.SCANS, media_id)


# -- hard negatives ---------------------------------------------------------------------------------------------------


def mark_negative(
    db: ProcessedDB, media: Media, profile: str, label: str, timestamp: str, rows: Sequence[RegionRow]
) -> tuple[list[int], Changes]:
    """Mark regions as not the sound; returns the ids of the marks that are new, for `core.ops.negatives.unmark`."""
    with db.write():
        before = {mark["id"] for mark in _marks(db, media, profile)}
        _, changes = negatives.mark_regions(db, media, profile, label, timestamp, rows)
        return [mark["id"] for mark in _marks(db, media, profile) if mark["id"] not in before], changes


def marks_in(db: ProcessedDB, media: Media, profile: str, rows: Iterable[RegionRow]) -> list[int]:
    """The ids of the hard negatives that lie in these regions."""
    spans = Spans(Span(row.start_s, max(row.start_s, row.end_s)) for row in rows)
    return [mark["id"] for mark in _marks(db, media, profile) if spans.overlap(_mark_span(mark))]


def _marks(db: ProcessedDB, media: Media, profile: str) -> list[dict]:
    return [mark for mark in db.get_hard_negatives(profile) if mark["media_id"] == media.id]


def _mark_span(mark: dict) -> Span:
    return Span(mark["start_time"], max(mark["start_time"], mark["end_time"] or mark["start_time"]))


def _by_hand(row: RegionRow, start_s: float, end_s: float) -> NewRegion:
    hit = Hit(start_s, end_s, row.hit.score)
    return NewRegion(hit, start_s, end_s, row.disabled, row.accepted, by_hand=True)
