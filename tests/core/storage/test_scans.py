"""Scan versions: every scan is one, the newest is shown, the oldest go."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import ProcessedDB
from core.domain.scan import Hit, NewRegion, ScanMade, WindowScores
from core.storage.database import Database
from core.storage.migrate import FOLDER, migrate
from core.storage.scans import STAMP

times = st.floats(0, 1e5, allow_nan=False)
regions = st.lists(st.tuples(times, times, st.floats(0, 1)), max_size=6)


def test_every_call_is_a_version_even_one_without_regions(db: ProcessedDB) -> None:
    first = db.save_scan_results("a.mp4", "p", "M", [(1.0, 3.0, 0.5), (7.0, 9.0, 0.75)])
    second = db.save_scan_results("a.mp4", "p", "M", [])
    assert db.get_scan_versions("a.mp4", "p", "M") == [
        {"timestamp": second, "count": 0, "max_score": 0.0},
        {"timestamp": first, "count": 2, "max_score": 0.75},
    ]
    assert db.get_scan_results("a.mp4", "p") == {"M": []}
    older = db.get_scan_results("a.mp4", "p", first)["M"]
    assert [row[1:] for row in older] == [(1.0, 3.0, 0.5, False, 1.0, 3.0), (7.0, 9.0, 0.75, False, 7.0, 9.0)]
    assert db.get_scan_results("a.mp4", "p", "20000101_000000_000000") == {}
    assert datetime.strptime(first, STAMP) <= datetime.strptime(second, STAMP)


def test_versions_of_one_microsecond_differ(db: ProcessedDB) -> None:
    stamps = [db.save_scan_results("a.mp4", "p", "M", [], max_versions=300) for _ in range(200)]
    assert len(set(stamps)) == 200
    assert [version["timestamp"] for version in db.get_scan_versions("a.mp4", "p", "M")] == stamps[::-1]


def test_models_profiles_and_media_do_not_prune_each_other(db: ProcessedDB) -> None:
    for owner in (("a.mp4", "p", "M"), ("a.mp4", "p", "N"), ("a.mp4", "q", "M"), ("b.mp4", "p", "M")):
        for number in range(7):
            db.save_scan_results(*owner, [(number, number + 1, 0.5)])
    for owner in (("a.mp4", "p", "M"), ("a.mp4", "p", "N"), ("a.mp4", "q", "M"), ("b.mp4", "p", "M")):
        assert len(db.get_scan_versions(*owner)) == 5
    assert {model: rows[0][1] for model, rows in db.get_scan_results("a.mp4", "p").items()} == {"M": 6.0, "N": 6.0}
    with db.write() as connection:
        left = connection.execute("SELECT count(*) FROM scan_regions").fetchone()[0]
    assert left == 4 * 5


def test_the_new_version_always_stays(db: ProcessedDB) -> None:
    db.save_scan_results("a.mp4", "p", "M", [])
    newest = db.save_scan_results("a.mp4", "p", "M", [], max_versions=0)
    assert [version["timestamp"] for version in db.get_scan_versions("a.mp4", "p", "M")] == [newest]


def test_rows_without_time_stamp_are_no_version_but_shown_when_there_is_none(db: ProcessedDB) -> None:
    media = db.media.placeholder_for_name("a.mp4")
    profile_id = db.profiles.ensure("p")
    with db.write() as connection:
        version = connection.execute(
            "INSERT INTO scan_versions (profile_id, media_id, model, timestamp) VALUES (?, ?, 'M', '')",
            (profile_id, media.id),
        ).lastrowid
        connection.execute(
            "INSERT INTO scan_regions (version_id, start_s, end_s, score, orig_start_s, orig_end_s)"
            " VALUES (?, 1, 2, 0.5, 1, 2)",
            (version,),
        )
    assert db.get_scan_versions("a.mp4", "p", "M") == []
    assert len(db.get_scan_results("a.mp4", "p")["M"]) == 1
    db.save_scan_results("a.mp4", "p", "N", [(3, 4, 0.5)], max_versions=1)
    assert {model: rows[0][1] for model, rows in db.get_scan_results("a.mp4", "p").items()} == {"M": 1.0, "N": 3.0}
    db.save_scan_results("a.mp4", "p", "M", [(5, 6, 0.5)], max_versions=1)
    assert db.get_scan_results("a.mp4", "p")["M"][0][1] == 5.0
    assert len(db.get_scan_results("a.mp4", "p", "")["M"]) == 1, "legacy rows are not pruned as a version"


def test_edits_are_by_row_and_keep_what_the_scan_found(db: ProcessedDB) -> None:
    db.save_scan_results("a.mp4", "p", "M", [(1, 2, 0.5), (3, 4, 0.5)])
    first, second = (row[0] for row in db.get_scan_results("a.mp4", "p")["M"])
    db.scans.set_disabled([first], True)
    db.scans.set_times(second, 2.5, 4.5)
    assert db.get_scan_results("a.mp4", "p")["M"] == [
        (first, 1.0, 2.0, 0.5, True, 1.0, 2.0),
        (second, 2.5, 4.5, 0.5, False, 3.0, 4.0),
    ]


def test_nothing_known_is_empty(db: ProcessedDB) -> None:
    assert db.get_scan_versions("a.mp4", "p", "M") == []
    assert db.get_scan_results("a.mp4", "p") == {}
    assert db.profiles.names() == ["default"], "asking makes no profile"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(scans=st.lists(regions, min_size=1, max_size=6), kept=st.integers(1, 4))
def test_what_is_saved_is_read_back(db: ProcessedDB, scans: list, kept: int) -> None:
    profile = f"p{len(db.profiles.names())}"
    stamps = [db.save_scan_results("a.mp4", profile, "M", scan, kept) for scan in scans]
    versions = db.get_scan_versions("a.mp4", profile, "M")
    assert [version["timestamp"] for version in versions] == stamps[::-1][:kept]
    for scan, stamp in list(zip(scans, stamps, strict=True))[-kept:]:
        found = db.get_scan_results("a.mp4", profile, stamp)["M"]
        assert sorted(row[1:4] for row in found) == sorted(tuple(map(float, region)) for region in scan)
        assert [row[1] for row in found] == sorted(row[1] for row in found)
    newest = db.get_scan_results("a.mp4", profile)["M"]
    assert newest == db.get_scan_results("a.mp4", profile, stamps[-1])["M"]
    assert versions[0]["max_score"] == max((region[2] for region in scans[-1]), default=0.0)


def made(scores: list[float], classifier_version: str = "1") -> ScanMade:
    return ScanMade(WindowScores(scores, 0.5, 2.0, 60.0), "p_M", classifier_version, 0.25, 3.0)


def test_a_version_keeps_what_it_was_made_of(db: ProcessedDB) -> None:
    profile_id, media = db.profiles.ensure("p"), db.media.placeholder_for_name("a.mp4")
    region = NewRegion(Hit(1.0, 3.0, 0.5), 1.5, 2.5, disabled=True, accepted=True, inherited_from=7)
    first = db.scans.save_scan(profile_id, media.id, "M", [region], made([0.5, 0.25]))
    second = db.scans.save_scan(profile_id, media.id, "M", [], made([], "2"))
    found = db.scans.made(profile_id, media.id, "M", first)
    assert list(found.windows.scores) == [0.5, 0.25]
    assert found == replace(made(found.windows.scores), windows=found.windows)
    assert db.scans.made(profile_id, media.id, "M").classifier_version == "2"
    assert len(db.scans.made(profile_id, media.id, "M", second).windows.scores) == 0
    assert db.scans.made(profile_id, media.id, "N") is None
    (row,) = db.scans.rows(profile_id, media.id, "M", first)
    assert (row.hit, row.start_s, row.end_s) == (region.hit, 1.5, 2.5)
    assert row.disabled and row.accepted and row.inherited and not row.hidden
    assert db.scans.rows(profile_id, media.id, "M") == []


def test_scores_go_with_their_version(db: ProcessedDB) -> None:
    profile_id, media = db.profiles.ensure("p"), db.media.placeholder_for_name("a.mp4")
    for _ in range(4):
        db.scans.save_scan(profile_id, media.id, "M", [], made([0.5]), max_versions=2)
    with db.write() as connection:
        assert connection.execute("SELECT count(*) FROM scan_scores").fetchone()[0] == 2


def test_a_history_from_before_scores_keeps_its_scans(tmp_path: Path) -> None:
    first_step = tmp_path / "steps"
    first_step.mkdir()
    shutil.copy(next(FOLDER.glob("0001_*")), first_step)
    path = tmp_path / "old.db"
    database = Database(path)
    migrate(database, first_step)
    with database.write() as connection:
        connection.execute("INSERT INTO profiles (id, name, created_at) VALUES (77, 'p', '2026-01-01')")
        connection.execute(
            "INSERT INTO media (id, content_key, path, created_at) VALUES (5, 'name:a.mp4', 'a.mp4', '')"
        )
        connection.execute(
            "INSERT INTO scan_versions (id, profile_id, media_id, model, timestamp)"
            " VALUES (1, 77, 5, 'M', '20260101_000000_000000')"
        )
        connection.execute(
            "INSERT INTO scan_regions (version_id, start_s, end_s, score, disabled, orig_start_s, orig_end_s)"
            " VALUES (1, 1, 2, 0.5, 1, 0.5, 2.5)"
        )
    database.close()
    with ProcessedDB(path) as db:
        (row,) = db.scans.rows(77, 5, "M")
        assert (row.start_s, row.end_s, row.hit, row.disabled) == (1.0, 2.0, Hit(0.5, 2.5, 0.5), True)
        assert not row.accepted and not row.hidden and not row.inherited
        assert db.scans.made(77, 5, "M") is None
