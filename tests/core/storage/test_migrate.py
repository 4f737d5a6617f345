"""Migrations: in order, each whole or not at all, never on a newer file, always after a good backup."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NewerDataError
from core.storage.backup import list_backups
from core.storage.database import Database
from core.storage.header import APPLICATION_ID, read_header
from core.storage.migrate import migrate, migrations, refuse_newer, statements
from core.storage.problems import DatabaseCorrupt, DatabaseUnreadable

ROOT = Path(__file__).resolve().parents[3]
FIRST = "CREATE TABLE things (name TEXT); -- a comment; with a semicolon\nINSERT INTO things VALUES ('a;b');\n"
SECOND = """
def apply(connection):
    connection.execute("ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 0")
    connection.execute("UPDATE things SET size = length(name)")
"""


def step_folder(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "steps"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem.removeprefix('m')}.{suffix}").write_text(text)
    return folder


def version(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return found


def run(path: Path, folder: Path) -> None:
    database = Database(path)
    try:
        migrate(database, folder)
    finally:
        database.close()


def rows(path: Path) -> list[tuple]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT * FROM things").fetchall()
    connection.close()
    return found


def test_the_real_steps_are_numbered_without_gaps() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_gap_is_refused(tmp_path: Path) -> None:
    folder = step_folder(tmp_path, m0001_a_sql=FIRST, m0003_b_py=SECOND)
    with pytest.raises(RuntimeError, match="without gaps"):
        migrations(folder)


def test_steps_run_once_and_in_order_with_a_backup_between(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    folder = step_folder(tmp_path, m0001_a_sql=FIRST)
    run(path, folder)
    assert rows(path) == [("a;b",)]
    assert list_backups(path) == [], "an empty file needs no backup"
    step_folder(tmp_path, m0002_b_py=SECOND)
    run(path, folder)
    run(path, folder)
    assert (version(path), rows(path)) == (2, [("a;b", 3)])
    assert read_header(path).application_id == APPLICATION_ID
    [backup] = list_backups(path)
    assert (version(backup.path), rows(backup.path)) == (1, [("a;b",)])


def test_a_failing_step_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    folder = step_folder(tmp_path, m0001_a_sql=FIRST)
    run(path, folder)
    step_folder(tmp_path, m0002_b_py=SECOND + "    raise ValueError('half way')\n")
    with pytest.raises(ValueError, match="half way"):
        run(path, folder)
    assert (version(path), rows(path)) == (1, [("a;b",)])


@pytest.mark.parametrize("point", range(4))
def test_kill_in_the_middle_of_a_migration(tmp_path: Path, point: int) -> None:
    path = tmp_path / "h.db"
    folder = step_folder(tmp_path, m0001_a_sql=FIRST)
    run(path, folder)
    lines = ["connection.execute('ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 0')"]
    lines += ["connection.executemany('INSERT INTO things (name) VALUES (?)', [('x' * 500,)] * 20_000)"]
    lines += ["connection.execute('UPDATE things SET size = length(name)')"]
    deadly = [*lines[:point], "os.kill(os.getpid(), signal.SIGKILL)", *lines[point:]]
    body = "\n".join(f"    {line}" for line in deadly)
    step_folder(tmp_path, m0002_b_py=f"import os, signal\ndef apply(connection):\n{body}\n")
    code = (
        "from pathlib import Path\nfrom core.storage.database import Database\n"
        "from core.storage.migrate import migrate\n"
        f"migrate(Database(Path({str(path)!r})), Path({str(folder)!r}))"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert rows(path) == [("a;b",)]
    assert version(path) == 1
    [backup] = list_backups(path)
    assert rows(backup.path) == [("a;b",)]
    step_folder(tmp_path, m0002_b_py=SECOND)
    run(path, folder)
    assert (version(path), rows(path)) == (2, [("a;b", 3)])


def snapshot(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def test_a_newer_file_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = snapshot(tmp_path)
    with pytest.raises(NewerDataError) as caught:
        refuse_newer(path, 1)
    assert "999" in caught.value.why
    assert snapshot(tmp_path) == before


def test_a_newer_version_that_only_the_log_knows_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA user_version = 999")
        connection.execute("INSERT INTO t VALUES (1)")
        assert int.from_bytes(path.read_bytes()[60:64], "big") == 0
        before = snapshot(tmp_path)
        with pytest.raises(NewerDataError):
            refuse_newer(path, 1)
        assert snapshot(tmp_path) == before
    connection.close()


def test_a_version_in_the_log_that_was_not_committed_does_not_count(tmp_path: Path) -> None:
    path, log = tmp_path / "h.db", tmp_path / "h.db-wal"
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("PRAGMA user_version = 999")
        data = bytearray(log.read_bytes())
    connection.close()
    frame = 24 + 4096
    assert (len(data) - 32) % frame == 0
    log.write_bytes(data)
    assert read_header(path).user_version == 999
    data[-frame + 4 : -frame + 8] = bytes(4)  # the last frame loses its mark of a commit
    log.write_bytes(data)
    assert read_header(path).user_version == 1


def test_files_that_are_no_history(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    text.write_text("not a database, but long enough to look like one: " * 10)
    with pytest.raises(DatabaseCorrupt, match="cannot be read"):
        read_header(text)
    whole = tmp_path / "h.db"
    run(whole, step_folder(tmp_path, m0001_a_sql=FIRST))
    cut = tmp_path / "cut.db"
    cut.write_bytes(whole.read_bytes()[:4096])
    with pytest.raises(DatabaseCorrupt) as caught:
        read_header(cut)
    assert "cut short" in caught.value.why
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(DatabaseCorrupt) as caught:
        run(foreign, tmp_path / "steps")
    assert "bookmarks" in caught.value.why
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(DatabaseUnreadable):
        read_header(folder)
    assert read_header(tmp_path / "none.db") is None


def test_read_only_of_an_older_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    folder = step_folder(tmp_path, m0001_a_sql=FIRST)
    run(path, folder)
    step_folder(tmp_path, m0002_b_py=SECOND)
    database = Database(path, read_only=True)
    with pytest.raises(DatabaseUnreadable, match="read-only"):
        migrate(database, folder)
    database.close()
    assert version(path) == 1


@given(st.lists(st.sampled_from(["SELECT 1", "SELECT ';'", "SELECT 1 -- ; x\n", "SELECT '--'", "/* ; */ SELECT 2"])))
def test_statements_are_split_where_they_end(parts: list[str]) -> None:
    found = statements("".join(f"{part};\n" for part in parts) + "-- the end\n")
    assert [statement.removesuffix(";").strip() for statement in found] == [part.strip() for part in parts]


def test_a_script_that_breaks_off_is_refused() -> None:
    with pytest.raises(RuntimeError, match="middle of a statement"):
        statements("SELECT 1;\nSELECT 2")
