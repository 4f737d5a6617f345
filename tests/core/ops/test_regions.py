"""What a person does to regions: by row, undone by row, and never lost to a threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.changes import Kind
from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.media import Media
from core.domain.scan import Hit, NewRegion, RegionRow, RegionRule, ScanMade, WindowScores
from core.errors import UserError
from core.ops import negatives, regions, scan_export
from core.ops.scan_rule import set_rule
from core.scan.region_columns import RegionColumns
from core.scan.regions import find_regions

PEAKS_S = (5.0, 20.0, 35.0, 50.0)
RULE = RegionRule(0.5)


def windows() -> WindowScores:
    """Four hits, each a little weaker than the one before, on quiet ground."""
    scores = np.full(120, 0.05, np.float32)
    for number, peak in enumerate(PEAKS_S):
        first = round(peak / 0.5)
        scores[first : first + 3] = 0.95 - 0.1 * number
    return WindowScores(scores, 0.5, 2.0, 61.5)


@pytest.fixture
def media(db: ProcessedDB) -> Media:
    return db.media.register("b3-1-a", "/videos/a.mp4")


@pytest.fixture
def stamp(db: ProcessedDB, media: Media) -> str:
    hits = find_regions(windows(), RULE)
    made = ScanMade(windows(), "default_M", "1", RULE.threshold)
    found = [NewRegion(hit, hit.start_s, hit.end_s) for hit in hits]
    return db.scans.save_scan(db.profiles.ensure("default"), media.id, "M", found, made)


def rows(db: ProcessedDB, media: Media) -> tuple[RegionRow, ...]:
    return regions.view(db, media, "default", {})[0].regions


def test_the_view_has_the_version_asked_for_and_the_newest_otherwise(db: ProcessedDB, media: Media, stamp: str) -> None:
    newer = db.scans.save(db.profiles.ensure("default"), media.id, "M", [(1.0, 2.0, 0.9)])
    db.scans.save(db.profiles.ensure("default"), media.id, "B", [])
    scans = {scan.label: scan for scan in regions.view(db, media, "default", {"M": stamp})}
    assert list(scans) == ["B", "M"]
    assert (len(scans["M"].regions), scans["M"].is_newest, scans["M"].age) == (4, False, 1)
    assert scans["M"].made is not None
    newest = regions.view(db, media, "default", {"M": "gone"})[1]
    assert (newest.timestamp, newest.is_newest, newest.age, newest.made) == (newer, True, 2, None)
    assert regions.view(db, media, "nobody", {}) == ()


def test_a_version_says_what_it_has_that_the_one_before_had_not(db: ProcessedDB, media: Media, stamp: str) -> None:
    before = rows(db, media)
    found = [(before[0].start_s, before[0].end_s, 0.9), (before[1].start_s, before[1].end_s + 1.0, 0.9), (55, 58, 0.8)]
    db.scans.save(db.profiles.ensure("default"), media.id, "M", found)
    scan = regions.view(db, media, "default", {})[0]
    assert scan.against.timestamp == stamp
    assert scan.against.new == {scan.regions[2].id}
    assert [span.start_s for span in scan.against.lost] == [before[2].start_s, before[3].start_s]
    assert scan.against.moved == 1
    assert regions.view(db, media, "default", {"M": stamp})[0].against is None


def test_split_and_merge_come_back_by_row(db: ProcessedDB, media: Media, stamp: str) -> None:
    before = rows(db, media)
    halves = regions.split(before[0], before[0].start_s + 1.0)
    made = regions.put_in_place(db, media, "default", "M", stamp, [before[0].id], halves)
    after = rows(db, media)
    assert [row.id for row in after] == [*made, *(row.id for row in before[1:])]
    assert after[0].end_s == after[1].start_s == before[0].start_s + 1.0
    merged = regions.merge(after[:3])
    one = regions.put_in_place(db, media, "default", "M", stamp, [row.id for row in after[:3]], [merged])
    assert (rows(db, media)[0].start_s, rows(db, media)[0].end_s) == (before[0].start_s, before[1].end_s)
    assert db.get_scan_versions(media.path, "default", "M")[0]["count"] == 3

    regions.exchange(db, media.id, one, [row.id for row in after[:3]])
    assert rows(db, media) == after
    assert regions.exchange(db, media.id, made, [before[0].id]).touches(Kind.SCANS, media.id)
    assert rows(db, media) == before


def test_what_was_made_by_hand_stays_at_any_threshold(db: ProcessedDB, media: Media, stamp: str) -> None:
    last = rows(db, media)[3]
    halves = regions.split(last, last.start_s + 1.0)
    regions.put_in_place(db, media, "default", "M", stamp, [last.id], halves)
    set_rule(db, media, "default", "M", stamp, RegionRule(0.9))
    assert [row.by_hand for row in rows(db, media)] == [False, True, True], "the weakest hit was split"
    set_rule(db, media, "default", "M", stamp, RULE)
    assert [row.by_hand for row in rows(db, media)] == [False, False, False, True, True], "not found once more"


def test_a_row_is_the_same_row_after_the_threshold_went_up_and_down(db: ProcessedDB, media: Media, stamp: str) -> None:
    before = rows(db, media)
    set_rule(db, media, "default", "M", stamp, RegionRule(0.9))
    assert [row.hit.score for row in rows(db, media)] == [before[0].hit.score]
    regions.set_disabled(db, media.id, [before[2].id], True)
    set_rule(db, media, "default", "M", stamp, RULE)
    assert [(row.id, row.disabled) for row in rows(db, media)] == [(row.id, row.id == before[2].id) for row in before]


def test_a_preview_shows_what_storing_would_give(db: ProcessedDB, media: Media, stamp: str) -> None:
    scan = regions.view(db, media, "default", {})[0]
    for threshold in (0.3, 0.7, 0.9, 0.99):
        shown = regions.preview(scan, RegionRule(threshold)).rows
        set_rule(db, media, "default", "M", stamp, RegionRule(threshold))
        assert [row.hit for row in shown] == [row.hit for row in rows(db, media)]
        known = {row.id for row in scan.rows}
        assert all(row.id in known or row.id < 0 for row in shown)


def test_only_rows_that_somebody_may_ask_for_stay_hidden_for_long(db: ProcessedDB, media: Media, stamp: str) -> None:
    before = rows(db, media)
    for threshold in (0.9, 0.6, 0.7, 0.8, 0.65):
        set_rule(db, media, "default", "M", stamp, RegionRule(threshold), {before[2].id})
    kept = {row.id for row in regions.view(db, media, "default", {})[0].rows if row.hidden}
    assert before[2].id in kept
    assert not {before[0].id, before[1].id, before[3].id} & kept
    assert len(kept) <= 1 + len(before), "of the others those that the last change hid"
    set_rule(db, media, "default", "M", stamp, RULE, {before[2].id})
    assert [row.hit for row in rows(db, media)] == [row.hit for row in before]
    assert before[2].id in {row.id for row in rows(db, media)}


def test_a_preview_knows_what_is_negative_and_exported_before_it_has_rows(
    db: ProcessedDB, media: Media, stamp: str
) -> None:
    found = rows(db, media)
    regions.mark_negative(db, media, "default", "M", stamp, found[:1])
    scan = regions.view(db, media, "default", {})[0]
    shown = regions.preview(scan, RegionRule(0.9))
    assert shown.rows[0].id < 0, "other edges, so another row"
    assert shown.negative == {shown.rows[0].id}
    assert shown.exported == frozenset()


def test_hidden_rows_are_forgotten_only_when_nothing_was_decided(db: ProcessedDB, media: Media, stamp: str) -> None:
    before = rows(db, media)
    regions.set_accepted(db, media.id, [before[3].id], True)
    set_rule(db, media, "default", "M", stamp, RegionRule(0.9))
    regions.forget_hidden(db, media, "default", "M", stamp)
    kept = regions.view(db, media, "default", {})[0].rows
    assert [row.id for row in kept if row.hidden] == [before[3].id]
    set_rule(db, media, "default", "M", stamp, RULE)
    assert [row.accepted for row in rows(db, media)] == [False, False, False, True]


def test_a_decision_is_about_the_sound_at_whatever_threshold_it_was_found(
    db: ProcessedDB, media: Media, stamp: str
) -> None:
    low = rows(db, media)[0]
    set_rule(db, media, "default", "M", stamp, RegionRule(0.9))
    scan = regions.view(db, media, "default", {})[0]
    assert scan.regions[0].hit.span != low.hit.span
    assert [row.id for row in regions.hidden_beside(scan, scan.regions)] == [low.id]


def test_marks_are_of_the_media_and_come_back_by_id(db: ProcessedDB, media: Media, stamp: str) -> None:
    other = db.media.register("b3-1-b", "/videos/b.mp4")
    found = rows(db, media)
    marks, changes = regions.mark_negative(db, media, "default", "M", stamp, found[:2])
    assert changes.touches(Kind.NEGATIVES, media.id)
    assert not changes.touches(Kind.NEGATIVES, other.id)
    assert regions.view(db, media, "default", {})[0].negative == {found[0].id, found[1].id}
    assert regions.marks_in(db, media, "default", found[1:]) == marks[1:]
    assert regions.mark_negative(db, media, "default", "M", stamp, found[:2])[0] == [], "marked already"
    negatives.unmark(db, marks)
    assert regions.view(db, media, "default", {})[0].negative == frozenset()
    negatives.restore(db, marks)
    mark = db.get_hard_negatives("default")[0]
    assert (mark["source_model"], mark["scan_timestamp"], mark["end_time"]) == ("M", stamp, found[0].end_s)


@pytest.mark.parametrize(("start", "end"), [(-1.0, 2.0), (3.0, 3.05), (5.0, 4.0), (58.0, 61.6)])
def test_times_that_make_no_region_are_refused(start: float, end: float) -> None:
    with pytest.raises(UserError):
        regions.check_times(start, end, 61.5)


def test_a_region_is_split_only_inside_and_one_alone_is_not_merged(db: ProcessedDB, media: Media, stamp: str) -> None:
    found = rows(db, media)
    for moment in (found[0].start_s, found[0].end_s, found[1].start_s):
        with pytest.raises(UserError):
            regions.split(found[0], moment)
    with pytest.raises(UserError):
        regions.merge(found[:1])


SHAPE = Batch(0.0, 1, 3.0, 8.0)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(10.0, 12.0)], [(10.0, 1)]),
        ([(10.0, 18.0)], [(10.0, 1)]),
        ([(10.0, 21.0)], [(10.0, 2)]),
        ([(10.0, 20.9)], [(10.0, 1)]),
        ([(10.0, 14.0), (12.0, 21.0)], [(10.0, 2)]),
        ([(97.0, 99.0)], [(91.9, 1)]),
        ([(0.0, 50.0)], [(0.0, 15)]),
    ],
)
def test_what_a_region_is_cut_into(spans: list, expected: list) -> None:
    made = scan_export.batches([_row(number, *span) for number, span in enumerate(spans)], SHAPE, 100.0)
    assert [(round(batch.cursor_s, 3), batch.clips) for batch in made] == expected


@given(
    st.lists(st.tuples(st.floats(0, 90), st.floats(0, 60)), max_size=6),
    st.builds(Batch, st.just(0.0), st.just(1), st.sampled_from([0.5, 1.0, 3.0, 8.0]), st.sampled_from([0.5, 1.0, 8.0])),
)
def test_clips_are_counted_as_they_are_made(spans: list, shape: Batch) -> None:
    found = [_row(number, start, start + length) for number, (start, length) in enumerate(spans)]
    made = scan_export.batches(found, shape, 150.0)
    assert scan_export.clips_in_all(RegionColumns.of(found), shape) == sum(batch.clips for batch in made)


def test_a_very_long_region_makes_several_batches() -> None:
    made = scan_export.batches([_row(1, 0.0, 400.0)], SHAPE, 1000.0)
    assert [batch.clips for batch in made] == [99, 32]
    starts = [start for batch in made for start in batch.starts_s]
    assert starts == [number * 3.0 for number in range(131)]
    assert starts[-1] + 8.0 <= 400.0 < starts[-1] + 3.0 + 8.0


def _row(number: int, start: float, end: float) -> RegionRow:
    return RegionRow(number, Hit(start, end, 0.9), start, end)
