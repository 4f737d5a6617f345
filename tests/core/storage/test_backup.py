"""Backups hold everything, and restoring never loses the file it replaces."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.storage.backup import backup_folder, list_backups, make_backup, restore_backup
from core.storage.problems import DatabaseCorrupt


def make(path: Path, name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS things (name TEXT)")
    connection.execute("INSERT INTO things VALUES (?)", (name,))
    return connection


def names(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT name FROM things")]
    connection.close()
    return found


def test_a_backup_holds_what_is_only_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    connection = make(path, "in the log")
    backup = make_backup(path, "test")
    connection.close()
    assert names(backup) == ["in the log"]
    assert [file.name for file in backup_folder(path).iterdir()] == [backup.name], "one file, no log, no leftovers"


def test_backups_of_one_second_have_names_of_their_own_and_are_listed_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    make(path, "a").close()
    made = [make_backup(path, "test") for _ in range(3)]
    assert len(set(made)) == 3
    listed = list_backups(path)
    assert {backup.path for backup in listed} == set(made)
    assert [backup.made_at for backup in listed] == sorted((backup.made_at for backup in listed), reverse=True)
    assert list_backups(tmp_path / "other.db") == []


def test_restore_replaces_a_damaged_file_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    make(path, "good").close()
    backup = make_backup(path, "test")
    path.write_bytes(b"garbage")
    Path(f"{path}-wal").write_bytes(b"old log")
    kept = restore_backup(backup, path)
    assert names(path) == ["good"]
    assert kept.read_bytes() == b"garbage"
    assert Path(f"{kept}-wal").read_bytes() == b"old log"
    assert not Path(f"{path}-wal").exists()


def test_a_restore_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "h.db"
    make(path, "good").close()
    backup = make_backup(path, "test")
    path.write_bytes(b"garbage")

    def fail(_self: Path, _target: Path) -> None:
        raise OSError("the power went")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(EnvironmentProblem, match="could not be restored"):
        restore_backup(backup, path)
    assert path.read_bytes() == b"garbage"
    assert not list(tmp_path.glob(".*"))


def test_restore_where_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    make(path, "good").close()
    backup = make_backup(path, "test")
    path.unlink()
    assert restore_backup(backup, path) is None
    assert names(path) == ["good"]


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    make(path, "present").close()
    backup = tmp_path / "bad.db"
    backup.write_bytes(b"SQLite format 3\x00" + b"\x00" * 5000)
    with pytest.raises(DatabaseCorrupt):
        restore_backup(backup, path)
    assert names(path) == ["present"]


def test_no_backup_where_its_folder_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    make(path, "a").close()
    backup_folder(path).write_text("a file in the way")
    with pytest.raises(EnvironmentProblem, match="No backup"):
        make_backup(path, "test")
