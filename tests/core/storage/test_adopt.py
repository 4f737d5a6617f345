"""Histories of the forerunner: every age, every row, once, the original untouched."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db import ProcessedDB
from core.storage.backup import list_backups
from core.storage.legacy_reader import is_legacy
from core.storage.problems import DatabaseCorrupt, DatabaseLocked, DatabaseUnreadable

ROOT = Path(__file__).resolve().parents[3]
NEEDED = {
    "processed": ("filename", "start_time", "output_path"),
    "hidden_files": ("filename", "profile"),
    "scan_results": ("filename", "profile", "model", "start_time", "end_time", "score"),
    "hard_negatives": ("filename", "profile", "start_time", "source_path"),
}
NEWER = {
    "processed": [
        *("label", "category", "short_side", "portrait_ratio", "crop_center", "format", "clip_count"),
        *("clip_duration", "spread", "profile", "source_path", "scan_export", "processed_at"),
    ],
    "hidden_files": [],
    "scan_results": ["disabled", "orig_start_time", "orig_end_time", "scan_timestamp"],
    "hard_negatives": ["source_model"],
}


def write_legacy(path: Path, tables: dict[str, list[dict[str, Any]]], columns: dict[str, Iterable[str]]) -> None:
    """A legacy file with these tables, columns and rows; what a row does not say is NULL."""
    connection = sqlite3.connect(path)
    for table, names in columns.items():
        all_columns = [*NEEDED[table], *names]
        identity = "" if table == "hidden_files" else "id INTEGER PRIMARY KEY, "
        connection.execute(f"CREATE TABLE {table} ({identity}{', '.join(all_columns)})")
        marks = ", ".join("?" * len(all_columns))
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(all_columns)}) VALUES ({marks})",
            [[row.get(column) for column in all_columns] for row in tables.get(table, [])],
        )
    connection.commit()
    connection.close()


def processed(start: float, path: str, name: str = "a.mp4", **more: Any) -> dict[str, Any]:
    return {"filename": name, "start_time": start, "output_path": path, **more}


def adopt(tmp_path: Path, legacy: Path) -> ProcessedDB:
    return ProcessedDB(tmp_path / "history.db", adopt_from=legacy)


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


FULL = {
    "processed": [
        processed(10.0, f"/out/cat/vid_003/clip_003_m2_{index}.mp4", label="meow", category="Animal", short_side=256)
        | {"portrait_ratio": "9:16", "crop_center": 0.3, "format": "MP4", "clip_count": 3, "clip_duration": 6.0}
        | {"spread": 2.0, "profile": "p", "source_path": "/v/a.mp4", "processed_at": "2025-01-02 03:04:05"}
        for index in range(3)
    ]
    + [processed(40.0, "/out/cat/vid_003/clip_003_a1_0.mp4", profile="p", scan_export=1, source_path="/v/a.mp4")],
    "hidden_files": [{"filename": "a.mp4", "profile": "p"}],
    "scan_results": [
        {"filename": "a.mp4", "profile": "p", "model": "M", "start_time": 1.0, "end_time": 2.0, "score": 0.5},
        {"filename": "a.mp4", "profile": "p", "model": "M", "start_time": 3.5, "end_time": 4.0, "score": 0.75}
        | {"disabled": 1, "orig_start_time": 3.0, "orig_end_time": 5.0, "scan_timestamp": "20250102_030405_000001"},
        {"filename": "a.mp4", "profile": "p", "model": "M", "start_time": 7.0, "end_time": 8.0, "score": 0.25}
        | {"scan_timestamp": "20250103_030405_000001"},
    ],
    "hard_negatives": [
        {"filename": "a.mp4", "profile": "p", "start_time": 9.0, "source_path": "/v/a.mp4", "source_model": "M"}
    ],
}


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    write_legacy(folder / ".8cut.db", FULL, NEWER)
    return folder / ".8cut.db"


def check_full(db: ProcessedDB) -> None:
    media = db.media.by_path("/v/a.mp4")
    marker, scanned = db.clips.markers(media.id, "p")
    assert (marker.number, marker.batch.cursor_s, marker.batch.spread_s, marker.batch.duration_s) == (2, 10.0, 2.0, 6.0)
    found = marker.settings
    assert (found.label, found.category, found.short_side) == ("meow", "Animal", 256)
    assert (found.portrait_ratio, found.crop_center, found.folder) == ("9:16", 0.3, "/out/cat")
    assert len(marker.paths) == 3
    assert (scanned.scan_export, scanned.number) == (True, 1)
    assert db.get_training_data("p", "cat") == [("/v/a.mp4", [10.0, 12.0, 14.0], [40.0], [9.0])]
    assert db.media.hidden("p") == {media.id}
    assert db.profiles.media_number(db.profiles.id_of("p"), media.id) == 3
    versions = db.get_scan_versions("a.mp4", "p", "M")
    assert [version["timestamp"] for version in versions] == ["20250103_030405_000001", "20250102_030405_000001"]
    [trimmed] = db.get_scan_results("a.mp4", "p", "20250102_030405_000001")["M"]
    assert trimmed[1:] == (3.5, 4.0, 0.75, True, 3.0, 5.0)
    [oldest] = db.get_scan_results("a.mp4", "p", "")["M"]
    assert oldest[1:] == (1.0, 2.0, 0.5, False, 1.0, 2.0)
    [negative] = db.get_hard_negatives("p")
    assert (negative["start_time"], negative["source_model"]) == (9.0, "M")


def test_everything_is_taken_over_once_and_the_original_left_alone(tmp_path: Path, legacy: Path) -> None:
    before = files(legacy.parent)
    with adopt(tmp_path, legacy) as db:
        assert db.adoption.counts.clips == 4
        check_full(db)
    with adopt(tmp_path, legacy) as db:
        assert db.adoption is None
        check_full(db)
    moved = legacy.rename(legacy.with_name("renamed.db"))
    with adopt(tmp_path, moved) as db:
        assert db.adoption is None, "the same file under another name"
    assert files(legacy.parent) == {"renamed.db": before[".8cut.db"]}


@pytest.mark.parametrize("mode", ["open log", "log of a crash", "closed", "journal of a crash"])
def test_the_original_is_left_alone_whatever_lies_beside_it(tmp_path: Path, legacy: Path, mode: str) -> None:
    connection = sqlite3.connect(legacy, isolation_level=None)
    if mode == "journal of a crash":
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE junk (x)")
        connection.executemany("INSERT INTO junk VALUES (?)", [("y" * 3000,)] * 100)
        connection.execute("DELETE FROM processed")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO hard_negatives (filename, profile, start_time) VALUES ('late.mp4', 'p', 77.0)")
    folder = legacy.parent
    if mode == "closed":
        connection.close()
    elif mode != "open log":
        folder = tmp_path / "crashed"
        folder.mkdir()
        for suffix in ("", "-wal", "-journal"):
            if Path(f"{legacy}{suffix}").exists():
                shutil.copy(f"{legacy}{suffix}", folder)
        connection.close()
    before = files(folder)
    with adopt(tmp_path, folder / legacy.name) as db:
        assert db.adoption_problem is None
        times = [row["start_time"] for row in db.get_hard_negatives("p")]
        assert times == ([9.0] if mode == "journal of a crash" else [9.0, 77.0])
        assert db.adoption.counts.clips == 4
    after = files(folder)
    after.pop(".8cut.db-shm", None), before.pop(".8cut.db-shm", None)
    assert after == before
    connection.close()


def test_a_legacy_file_at_the_place_of_the_history_is_converted_and_kept(tmp_path: Path, legacy: Path) -> None:
    connection = sqlite3.connect(legacy)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert is_legacy(legacy)
    with pytest.raises(DatabaseUnreadable, match="read-only"):
        ProcessedDB(legacy, read_only=True)
    with ProcessedDB(legacy) as db:
        check_full(db)
        [backup] = list_backups(legacy)
    assert not is_legacy(legacy)
    assert is_legacy(backup.path)
    assert sorted(file.name for file in legacy.parent.iterdir()) == [".8cut.db", "backups"]
    with ProcessedDB(legacy) as db:
        check_full(db)
    assert len(list_backups(legacy)) == 1


CHILD = """
import os, signal, sys
from pathlib import Path
from core.db import ProcessedDB
from core.storage import adopt, adopt_rows

path, point = Path(sys.argv[1]), sys.argv[2]

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

if point == "after the backup":
    adopt.Database = die
elif point == "in the middle of the rows":
    adopt_rows.Importer._negatives = die
elif point == "before the rows are kept":
    adopt.asdict = die
elif point == "before the new file takes its place":
    replace = Path.replace
    Path.replace = lambda self, target: die() if self.name.endswith(".adopting") else replace(self, target)
elif point == "after it":
    adopt.AdoptionReport.text = property(die)
ProcessedDB(path)
"""


@pytest.mark.parametrize(
    "point",
    [
        "after the backup",
        "in the middle of the rows",
        "before the rows are kept",
        "before the new file takes its place",
        "after it",
    ],
)
def test_kill_while_converting(legacy: Path, point: str) -> None:
    child = subprocess.run([sys.executable, "-c", CHILD, str(legacy), point], cwd=ROOT, check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert is_legacy(legacy) == (point != "after it")
    with ProcessedDB(legacy) as db:
        check_full(db)
    assert sorted(file.name for file in legacy.parent.iterdir()) == [".8cut.db", "backups"]


@pytest.mark.allow_warnings
def test_a_legacy_file_that_cannot_be_read_does_not_stop_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\x00" + b"\x01" * 6000)
    with adopt(tmp_path, broken) as db:
        assert isinstance(db.adoption_problem, DatabaseCorrupt)
        assert db.get_export_folders() == []
    with ProcessedDB(tmp_path / "history.db", adopt_from=tmp_path / "none.db") as db:
        assert (db.adoption, db.adoption_problem) == (None, None)


def test_a_locked_legacy_file_at_the_place_of_the_history(legacy: Path) -> None:
    other = sqlite3.connect(legacy, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseLocked):
        ProcessedDB(legacy, busy_timeout_s=0.05)
    other.execute("ROLLBACK")
    other.close()
    with ProcessedDB(legacy) as db:
        check_full(db)


def test_the_oldest_files(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    rows = [processed(10.0, f"/out/cat/clip_001/clip_001_{index}.mp4") for index in range(3)]
    rows += [processed(30.0, "/out/cat/clip_002/clip_002.mp4"), processed(30.0, "/out/cat/clip_002/clip_002.mp4")]
    rows += [processed(40.0, ""), {"filename": "a.mp4", "output_path": "/out/cat/clip_003/clip_003_0.mp4"}]
    write_legacy(old, {"processed": rows}, {"processed": []})
    with adopt(tmp_path, old) as db:
        counts = db.adoption.counts
        assert (counts.clips, counts.batches, counts.repeated, counts.skipped) == (4, 2, 1, 2)
        assert db.get_training_data("default", "cat") == [("a.mp4", [10.0, 13.0, 16.0, 30.0], [], [])]


def test_rows_with_starts_of_their_own_keep_them(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    rows = [processed(10.0 + 2 * index, f"/out/cat/vid_001/clip_001_m1_{index}.mp4", spread=3.0) for index in range(3)]
    write_legacy(old, {"processed": rows}, {"processed": ["spread"]})
    with adopt(tmp_path, old) as db:
        assert db.get_training_data("default", "cat")[0][1] == [10.0, 12.0, 14.0]
        assert len(db.clips.markers(1, "default")) == 1


def test_files_of_one_name_are_told_apart_where_the_rows_can(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    rows = [
        processed(1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path="/v1/a.mp4"),
        processed(2.0, "/out/c/vid_002/clip_002_m1_0.mp4", source_path="/v2/a.mp4"),
        processed(3.0, "/out/c/vid_003/clip_003_m1_0.mp4"),
        processed(4.0, "/out/c/vid_004/clip_004_m1_0.mp4", name="b.mp4"),
        processed(5.0, "/out/c/vid_004/clip_004_m2_0.mp4", name="b.mp4", source_path="/v/b.mp4"),
    ]
    write_legacy(old, {"processed": rows}, {"processed": ["source_path"]})
    with adopt(tmp_path, old) as db:
        assert [entry[:2] for entry in db.get_training_data("default", "c")] == [
            ("/v1/a.mp4", [1.0]),
            ("/v2/a.mp4", [2.0, 3.0]),
            ("/v/b.mp4", [4.0, 5.0]),
        ]


def test_the_file_itself_takes_the_adopted_rows_over(tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.write_text("content")
    old = tmp_path / "old.db"
    rows = [processed(1.0, "/out/c/vid_001/clip_001_m1_0.mp4", source_path=str(video))]
    write_legacy(old, {"processed": rows}, {"processed": ["source_path"]})
    with adopt(tmp_path, old) as db:
        db.save_scan_results(str(video), "default", "M", [])
        media = db.media.by_path(str(video))
        assert media.content_key.startswith("b3-")
        assert len(db.clips.markers(media.id, "default")) == 1


names = st.sampled_from(["a.mp4", "b.mp4", "ü x.mp4"])
moments = st.floats(0, 1e4, allow_nan=False) | st.integers(0, 100) | st.just("12.5")
odd = st.none() | st.text(max_size=5) | st.floats(allow_nan=False) | st.integers(-5, 5)
profiles = st.none() | st.sampled_from(["default", "p"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[str]]]:
    """Rows of a legacy file and the columns its tables have: any subset."""
    columns = {
        table: draw(st.lists(st.sampled_from(newer), unique=True)) if newer else []
        for table, newer in NEWER.items()
        if draw(st.booleans()) or table == "processed"
    }
    clip = st.builds(
        "/out/{}/{}/{}_{}.mp4".format,
        st.sampled_from(["cat", "dog"]),
        st.sampled_from(["clip_001", "vid_001", "vid_002"]),
        st.sampled_from(["clip_001", "clip_001_m1", "clip_002_a1"]),
        st.integers(0, 3),
    )
    needed = {
        "filename": names,
        "profile": profiles,
        "model": st.sampled_from(["M", "N"]),
        "start_time": moments,
        "end_time": moments,
        "score": st.floats(0, 1),
        "output_path": clip,
        "source_path": st.sampled_from([None, "", "/v/a.mp4", "/w/a.mp4"]),
        "scan_timestamp": st.sampled_from([None, "", "20250101_000000_000000", "odd"]),
    }
    tables = {
        table: draw(
            st.lists(
                st.fixed_dictionaries({name: needed.get(name, odd) for name in (*NEEDED[table], *names_of_table)}),
                max_size=5,
            )
        )
        for table, names_of_table in columns.items()
    }
    return tables, columns


@settings(max_examples=30)
@given(histories())
def test_any_subset_of_columns_and_odd_values(
    history: tuple[dict[str, list[dict[str, Any]]], dict[str, list[str]]],
) -> None:
    tables, columns = history
    with TemporaryDirectory() as folder:
        old = Path(folder) / "old.db"
        write_legacy(old, tables, columns)
        before = old.read_bytes()
        with ProcessedDB(Path(folder) / "new.db", adopt_from=old) as db:
            assert db.adoption_problem is None
            counts = db.adoption.counts
            assert counts.clips + counts.repeated + counts.negatives == len(tables["processed"]) + len(
                tables.get("hard_negatives", [])
            )
            assert counts.regions == len(tables.get("scan_results", []))
            assert counts.skipped == 0
            found = db._database.query("SELECT path FROM clips")
            assert {row[0] for row in found} == {row["output_path"] for row in tables["processed"]}
            assert not db._database.query("PRAGMA foreign_key_check")
            for profile in db.profiles.names():
                db.get_training_data(profile, "cat", "dog")
        assert old.read_bytes() == before
        with ProcessedDB(old) as db:
            assert len(db._database.query("SELECT 1 FROM clips")) == counts.clips
