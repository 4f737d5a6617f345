"""The history as scripts see it, and what opening it may meet."""

from __future__ import annotations

import inspect
import sqlite3
from pathlib import Path

import pytest

from core.db import ProcessedDB, legacy_history
from core.errors import NewerDataError, UserError
from core.storage.backup import list_backups
from core.storage.problems import DatabaseCorrupt, DatabaseLocked, DatabaseUnreadable


def source(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return str(path)


def test_the_signatures_scripts_rely_on() -> None:
    def parameters(name: str) -> str:
        given = list(inspect.signature(getattr(ProcessedDB, name)).parameters.values())[1:]
        return ", ".join(p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in given)

    assert parameters("add") == (
        "filename, start_time, output_path, label='', category='', short_side=None, portrait_ratio='', "
        "crop_center=0.5, fmt='MP4', clip_count=3, clip_duration=8.0, spread=3.0, profile='default', "
        "source_path='', scan_export=False"
    )
    assert parameters("get_export_folders") == "profile='default', include_scan_exports=False"
    assert parameters("get_training_stats") == "profile='default', include_scan_exports=False"
    assert parameters("get_training_data") == (
        "profile, positive_folder, negative_folder='', fallback_video_dir='', include_scan_exports=False, "
        "use_hard_negatives=True"
    )
    assert parameters("save_scan_results") == "filename, profile, model, regions, max_versions=5"
    assert parameters("get_scan_versions") == "filename, profile, model"
    assert parameters("get_scan_results") == "filename, profile, scan_timestamp=None"
    assert parameters("add_hard_negatives") == "filename, profile, times, source_path='', source_model=''"
    assert parameters("get_hard_negatives") == "profile"
    assert parameters("delete_hard_negatives_by_ids") == "ids"


def test_folders_and_stats_of_both_kinds_of_slash(db: ProcessedDB) -> None:
    db.add("a.mp4", 1.0, "/out/cat/vid_001/clip_001_m1_0.mp4")
    db.add("a.mp4", 4.0, "/out/cat/vid_001/clip_001_m1_1.mp4")
    db.add("b.mp4", 1.0, "C:\\out\\cat\\vid_002\\clip_002_m1_0.mp4")
    db.add("b.mp4", 9.0, "/out/dog/vid_002/clip_002_m2_0.mp4")
    db.add("b.mp4", 20.0, "/out/scanned/vid_002/clip_002_a1_0.mp4", scan_export=True)
    db.add("b.mp4", 30.0, "/out/dog/vid_002/clip_002_a2_0.mp4", scan_export=True)
    db.add("c.mp4", 1.0, "/out/mouse/vid_001/clip_001_m1_0.mp4", profile="other")
    assert db.get_export_folders() == ["cat", "dog"]
    assert db.get_export_folders(include_scan_exports=True) == ["cat", "dog", "scanned"]
    assert db.get_export_folders("other") == ["mouse"]
    assert db.get_export_folders("none") == []
    assert db.get_training_stats() == {"cat": {"clips": 3, "videos": 2}, "dog": {"clips": 1, "videos": 1}}
    assert db.get_training_stats(include_scan_exports=True) == {
        "cat": {"clips": 3, "videos": 2},
        "dog": {"clips": 2, "videos": 1},
        "scanned": {"clips": 1, "videos": 1},
    }


def test_folders_without_clips_are_gone(db: ProcessedDB) -> None:
    db.add("a.mp4", 1.0, "/out/cat/vid_001/clip_001_m1_0.mp4")
    [marker] = db.clips.markers(db.media.by_name("a.mp4", "default").id, "default")
    db.clips.delete_batch(marker.batch_id)
    assert db.get_export_folders() == []
    assert db.get_training_stats() == {}


def test_what_is_disabled_for_training_does_not_count(db: ProcessedDB) -> None:
    first = db.add("a.mp4", 1.0, "/out/cat/vid_001/clip_001_m1_0.mp4")
    db.add("b.mp4", 2.0, "/out/cat/vid_002/clip_002_m1_0.mp4")
    db.clips.set_disabled([first], True)
    db.media.set_disabled(db.profiles.ensure("default"), db.media.by_name("b.mp4", "default").id, True)
    assert db.get_training_stats() == {}
    assert db.get_training_data("default", "cat") == []
    db.clips.set_disabled([first], False)
    assert db.get_training_data("default", "cat") == [("a.mp4", [1.0], [], [])]


def test_training_data(db: ProcessedDB, tmp_path: Path) -> None:
    video = source(tmp_path, "a.mp4", "content of a")
    db.add("a.mp4", 10.0, "/out/yes/vid_001/clip_001_m1_0.mp4", source_path=video)
    db.add("a.mp4", 5.0, "/out/yes/vid_001/clip_001_m2_0.mp4", source_path=video)
    db.add("a.mp4", 10.0, "/out/yes/vid_001/clip_001_m3_0.mp4", source_path=video)
    db.add("a.mp4", 30.0, "/out/no/vid_001/clip_001_m4_0.mp4", source_path=video)
    db.add("a.mp4", 10.0, "/out/no/vid_001/clip_001_m5_0.mp4", source_path=video)
    db.add("a.mp4", 50.0, "/out/else/vid_001/clip_001_m6_0.mp4", source_path=video)
    db.add("a.mp4", 60.0, "/out/yes/vid_001/clip_001_a1_0.mp4", source_path=video, scan_export=True)
    db.add("soft.mp4", 1.0, "/out/else/vid_002/clip_002_m1_0.mp4")
    db.add_hard_negatives("a.mp4", "default", [70.0, 5.0])
    assert db.get_training_data("default", "yes", "no") == [(video, [5.0, 10.0], [50.0, 60.0], [30.0, 70.0])]
    assert db.get_training_data("default", "yes") == [(video, [5.0, 10.0], [30.0, 50.0, 60.0], [70.0])]
    assert db.get_training_data("default", "yes", "no", use_hard_negatives=False) == [
        (video, [5.0, 10.0], [50.0, 60.0], [30.0])
    ]
    assert db.get_training_data("default", "yes", "no", include_scan_exports=True) == [
        (video, [5.0, 10.0, 60.0], [50.0], [30.0, 70.0])
    ]
    assert db.get_training_data("default", "nothing", use_hard_negatives=False) == []
    assert db.get_training_data("nobody", "yes") == []


def test_hard_negatives_bring_a_media_of_their_own(db: ProcessedDB) -> None:
    db.add_hard_negatives("h.mp4", "p", [3.0], source_path="/gone/h.mp4")
    assert db.get_training_data("p", "yes") == [("/gone/h.mp4", [], [], [3.0])]


def test_a_missing_source_is_listed_where_it_was_or_where_the_fallback_has_it(db: ProcessedDB, tmp_path: Path) -> None:
    db.add("a.mp4", 1.0, "/out/yes/vid_001/clip_001_m1_0.mp4", source_path="/gone/a.mp4")
    assert db.get_training_data("default", "yes") == [("/gone/a.mp4", [1.0], [], [])]
    assert db.get_training_data("default", "yes", fallback_video_dir=str(tmp_path))[0][0] == "/gone/a.mp4"
    there = source(tmp_path, "a.mp4", "found")
    assert db.get_training_data("default", "yes", fallback_video_dir=str(tmp_path))[0][0] == there


@pytest.mark.allow_warnings
def test_another_file_at_the_old_path_is_not_trained_on(db: ProcessedDB, tmp_path: Path) -> None:
    video = source(tmp_path, "a.mp4", "old content")
    db.add("a.mp4", 1.0, "/out/yes/vid_001/clip_001_m1_0.mp4", source_path=video)
    source(tmp_path, "a.mp4", "new content")
    db.add("a.mp4", 2.0, "/out/yes/vid_002/clip_002_m1_0.mp4", source_path=video)
    assert db.get_training_data("default", "yes") == [(video, [2.0], [], [])]
    moved = source(tmp_path / "aside", "a.mp4", "old content")
    db.save_scan_results(moved, "default", "M", [])
    assert db.get_training_data("default", "yes") == [(moved, [1.0], [], []), (video, [2.0], [], [])]


def test_two_files_of_one_name_share_nothing(db: ProcessedDB, tmp_path: Path) -> None:
    first, second = source(tmp_path / "1", "x.mp4", "one"), source(tmp_path / "2", "x.mp4", "two")
    for number, video in enumerate((first, second), 1):
        db.add("x.mp4", number, f"/out/c/vid_00{number}/clip_00{number}_m1_0.mp4", source_path=video)
        db.save_scan_results(video, "default", "M", [(number, number + 1, 0.5)])
        db.add_hard_negatives("x.mp4", "default", [100.0 + number], source_path=video)
    assert db.get_training_data("default", "c") == [(first, [1.0], [], [101.0]), (second, [2.0], [], [102.0])]
    assert db.get_scan_results(first, "default")["M"][0][1] == 1.0
    assert db.get_scan_results(second, "default")["M"][0][1] == 2.0
    assert db.get_training_stats() == {"c": {"clips": 2, "videos": 2}}
    assert db.get_scan_results("x.mp4", "default")["M"][0][1] == 2.0, "a bare name is the newest"
    third = source(tmp_path / "3", "x.mp4", "three")
    assert db.get_scan_results(third, "default") == {}


def test_two_missing_files_of_one_name_share_nothing(db: ProcessedDB) -> None:
    db.add("x.mp4", 1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path="/gone/1/x.mp4")
    db.add("x.mp4", 2.0, "/out/c/vid_002/clip_002_m1_0.mp4", source_path="/gone/2/x.mp4")
    assert [entry[:2] for entry in db.get_training_data("default", "c")] == [
        ("/gone/1/x.mp4", [1.0]),
        ("/gone/2/x.mp4", [2.0]),
    ]


def test_a_renamed_or_moved_file_keeps_its_history(db: ProcessedDB, tmp_path: Path) -> None:
    video = source(tmp_path, "x.mp4", "content")
    db.add("x.mp4", 1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path=video)
    db.save_scan_results("x.mp4", "default", "M", [(1, 2, 0.5)])
    moved = tmp_path / "y.mp4"
    Path(video).rename(moved)
    assert db.get_scan_results(str(moved), "default")["M"]
    db.add("y.mp4", 5.0, "/out/c/vid_001/clip_001_m2_0.mp4", source_path=str(moved))
    assert db.get_training_data("default", "c") == [(str(moved), [1.0, 5.0], [], [])]
    assert db.get_scan_results("x.mp4", "default") == db.get_scan_results("y.mp4", "default")


def test_what_scripts_said_before_the_file_was_there_is_its_own(db: ProcessedDB, tmp_path: Path) -> None:
    db.save_scan_results("x.mp4", "default", "M", [(1, 2, 0.5)])
    db.add("y.mp4", 1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path=str(tmp_path / "y.mp4"))
    x, y = source(tmp_path, "x.mp4", "x"), source(tmp_path, "y.mp4", "y")
    assert db.get_scan_results(x, "default")["M"], "even before the file is in the history"
    db.add_hard_negatives("x.mp4", "default", [7.0], source_path=x)
    db.add_hard_negatives("y.mp4", "default", [8.0], source_path=y)
    assert db.get_scan_results(x, "default")["M"]
    assert (y, [1.0], [], [8.0]) in db.get_training_data("default", "c")


def test_empty_files_are_told_apart_by_path(db: ProcessedDB, tmp_path: Path) -> None:
    a, b = source(tmp_path, "a.mp4", ""), source(tmp_path, "b.mp4", "")
    db.add("a.mp4", 1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path=a)
    db.add("b.mp4", 2.0, "/out/c/vid_002/clip_002_m1_0.mp4", source_path=b)
    assert db.get_training_data("default", "c") == [(a, [1.0], [], []), (b, [2.0], [], [])]


def test_a_name_and_a_path_that_differ_both_find_the_media(db: ProcessedDB) -> None:
    db.add("alias.mp4", 1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path="/gone/real.mp4")
    db.save_scan_results("alias.mp4", "default", "M", [(1, 2, 0.5)])
    assert db.get_scan_results("real.mp4", "default") == db.get_scan_results("/gone/real.mp4", "default") != {}


def test_clips_of_a_batch_come_together(db: ProcessedDB) -> None:
    for index in range(3):
        db.add("a.mp4", 10.0 + 3 * index, f"/out/c/vid_004/clip_004_m2_{index}.mp4", label="door", clip_count=3)
    for index in range(2):
        db.add("a.mp4", 50.0, f"/out/c/old/take_{index}.mp4", clip_count=2)
    db.add("a.mp4", 60.0, "/out/c/old/take_2.mp4", clip_count=1)
    media = db.media.by_name("a.mp4", "default")
    markers = db.clips.markers(media.id, "default")
    assert [(m.number, m.batch.cursor_s, len(m.paths)) for m in markers] == [(2, 10.0, 3), (3, 50.0, 2), (4, 60.0, 1)]
    assert markers[0].settings.label == "door"
    assert db.profiles.media_number(db.profiles.ensure("default"), media.id) == 4
    db.add("a.mp4", 10.0, "/out/c/vid_004/clip_004_m2_0.mp4", label="window", clip_count=3)
    again = db.clips.markers(media.id, "default")
    assert [len(marker.paths) for marker in again] == [3, 2, 1], "said twice, there once"
    assert again[0].settings.label == "window"


def test_everything_a_script_says_is_kept(db: ProcessedDB) -> None:
    db.add(
        "a.mp4",
        12.5,
        "/out/c/vid_001/clip_001_m1_0.webm",
        "door",
        "Other",
        512,
        "9:16",
        0.25,
        "MKV",
        4,
        6.0,
        2.0,
        "p",
        "/gone/a.mp4",
        False,
    )
    [marker] = db.clips.markers(db.media.by_path("/gone/a.mp4").id, "p")
    settings = marker.settings
    assert (settings.label, settings.category, settings.short_side, settings.format) == ("door", "Other", 512, "MKV")
    assert (settings.portrait_ratio, settings.crop_center, settings.folder) == ("9:16", 0.25, "/out/c")
    assert (marker.batch.cursor_s, marker.batch.clips, marker.batch.duration_s, marker.batch.spread_s) == (
        12.5,
        4,
        6,
        2,
    )


def test_read_only(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    with ProcessedDB(path) as db:
        db.add("a.mp4", 1.0, "/out/cat/vid_001/clip_001_m1_0.mp4")
    with ProcessedDB(path, read_only=True) as db:
        assert db.read_only
        assert db.get_export_folders() == ["cat"]
        with pytest.raises(UserError, match="read-only"):
            db.add("a.mp4", 2.0, "/out/cat/vid_001/clip_001_m2_0.mp4")
    with pytest.raises(DatabaseUnreadable):
        ProcessedDB(tmp_path / "none.db", read_only=True)
    assert not (tmp_path / "none.db").exists()


def test_locked_corrupt_and_newer(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLocked):
        ProcessedDB(path, busy_timeout_s=0.05)
    holder.execute("ROLLBACK")
    holder.close()
    ProcessedDB(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 4711")
    connection.close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    for read_only in (False, True):
        with pytest.raises(NewerDataError):
            ProcessedDB(path, read_only=read_only)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    path.write_bytes(b"this is no database at all, just some text that goes on for a while" * 4)
    for read_only in (False, True):
        with pytest.raises(DatabaseCorrupt):
            ProcessedDB(path, read_only=read_only)
    zero = tmp_path / "zero.db"
    zero.touch()
    ProcessedDB(zero).close()


def test_the_default_place_and_its_forerunner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with sqlite3.connect(legacy_history()) as connection:
        connection.execute("CREATE TABLE processed (filename TEXT, start_time REAL, output_path TEXT)")
        connection.execute("INSERT INTO processed VALUES ('a.mp4', 1.0, '/out/cat/clip_001/clip_001_0.mp4')")
    connection.close()
    with ProcessedDB() as db:
        assert db.path == tmp_path / "data" / "history.db"
        assert db.get_export_folders() == ["cat"]
        assert "1 clips" in db.adoption.text
    with ProcessedDB() as db:
        assert db.adoption is None
        assert db.get_training_stats() == {"cat": {"clips": 1, "videos": 1}}
    assert list_backups(db.path) == []
