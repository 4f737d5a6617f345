"""The connection policy: threads, nesting, read-only, and what the machine can do to a file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem, UserError
from core.storage.database import Database
from core.storage.problems import DatabaseCorrupt, DatabaseLocked, DatabaseUnreadable


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "odd name #1 ?é.db", busy_timeout_s=0.05)
    with opened.write() as connection:
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    yield opened
    opened.close()


def names(database: Database) -> list[str]:
    return [row["name"] for row in database.query("SELECT name FROM things ORDER BY id")]


def put(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO things (name) VALUES (?)", (name,))


def test_the_policy_holds_on_every_connection(database: Database) -> None:
    seen = []

    def look() -> None:
        seen.append([database.one(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous", "foreign_keys")])

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [["wal", 1, 1]] * 2


def test_an_exception_rolls_everything_back(database: Database) -> None:
    with pytest.raises(KeyError), database.write():
        put(database, "a")
        raise KeyError
    assert names(database) == []
    put(database, "b")
    assert names(database) == ["b"]


def test_a_nested_failure_that_was_caught_still_undoes_the_whole(database: Database) -> None:
    with pytest.raises(RuntimeError, match="nested write failed"), database.write():
        put(database, "a")
        with pytest.raises(KeyError), database.write():
            put(database, "b")
            raise KeyError
    assert names(database) == []


def test_threads_see_each_others_commits_and_their_connections_are_closed(database: Database) -> None:
    for number in range(20):
        thread = threading.Thread(target=put, args=(database, str(number)))
        thread.start()
        thread.join()
    assert names(database) == [str(number) for number in range(20)]
    # Connections of threads that ended do not pile up: this thread's, and that of the last one at most.
    assert len(database._open) <= 2
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        names(database)


def test_after_close_nothing_lies_beside_the_file(database: Database) -> None:
    put(database, "a")
    folder = database.path.parent
    database.close()
    assert [path.name for path in folder.iterdir()] == [database.path.name]


def test_a_constraint_is_a_bug_and_stays_one(database: Database) -> None:
    put(database, "a")
    with pytest.raises(sqlite3.IntegrityError):
        put(database, "a")


def test_locked_by_another_program(database: Database) -> None:
    with sqlite3.connect(database.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLocked) as caught:
            put(database, "a")
        assert "in use" in caught.value.what
        assert caught.value.fix
        assert names(database) == []
        other.execute("ROLLBACK")
    other.close()
    put(database, "a")


def test_a_full_disk_is_said_and_loses_nothing(database: Database) -> None:
    put(database, "a")
    with database.write() as connection:
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(EnvironmentProblem, match="could not be written") as caught, database.write() as connection:
        connection.executemany("INSERT INTO things (name) VALUES (?)", [("x" * 5000 + str(i),) for i in range(10)])
    assert caught.value.why == "The disk is full"
    assert names(database) == ["a"]


def test_damage_found_while_reading(database: Database, tmp_path: Path) -> None:
    for number in range(2000):
        put(database, f"{number:0100d}")
    database.close()
    data = bytearray(database.path.read_bytes())
    page = 4096
    data[3 * page :] = b"\xa5" * (len(data) - 3 * page)
    broken = tmp_path / "broken.db"
    broken.write_bytes(data)
    reader = Database(broken)
    with pytest.raises(DatabaseCorrupt):
        names(reader)
    reader.close()


def test_read_only_reads_and_refuses_to_write(database: Database) -> None:
    put(database, "a")
    reader = Database(database.path, read_only=True)
    assert names(reader) == ["a"]
    with pytest.raises(UserError, match="read-only"):
        put(reader, "b")
    reader.close()


def test_read_only_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    reader = Database(tmp_path / "none.db", read_only=True)
    with pytest.raises(DatabaseUnreadable):
        reader.query("SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    missing = Database(tmp_path / "none" / "h.db")
    with pytest.raises(DatabaseUnreadable):
        missing.query("SELECT 1")
