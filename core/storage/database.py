"""The one connection policy: a connection per thread, WAL, short explicit transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.storage.problems import read_only_refusal, translate

BUSY_TIMEOUT_S = 5.0


def utc_now() -> str:
    """The present as rows store it: `2026-11-30T14:05:12.123456+00:00`."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def after(latest: str | None) -> str:
    """The present, or a microsecond after `latest` where the clock was turned back since; None or empty for nothing."""
    now = utc_now()
    if not latest or now > latest:
        return now
    later = datetime.fromisoformat(latest).astimezone(UTC) + timedelta(microseconds=1)
    return later.isoformat(timespec="microseconds")


def uri(path: Path, **options: str) -> str:
    """An SQLite URI of the file; odd characters in its name are escaped."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"file:{quote(str(path))}?{query}"


def connect(path: Path, *, read_only: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """Open one connection under the policy. A read-only one leaves the journal mode as it is."""
    connection = _open(path, {"mode": "ro" if read_only else "rwc"}, busy_timeout_s)
    try:
        if read_only:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        else:
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        connection.close()
        denied = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not (read_only and denied and path.exists()) or path.with_name(path.name + "-wal").exists():
            raise
        # A WAL database in a folder that cannot be written to: with no log beside it, nobody has it open.
        connection = _open(path, {"immutable": "1"}, busy_timeout_s)
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _open(path: Path, options: dict[str, str], busy_timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        uri(path, **options),
        uri=True,
        isolation_level=None,
        timeout=busy_timeout_s,
        check_same_thread=False,  # close() runs on the thread that shuts the program down
    )


class _OfThread(threading.local):
    """What a thread keeps: its connection and how deep it is in nested write() blocks."""

    connection: sqlite3.Connection | None = None
    depth: int = 0
    doomed: bool = False


class Database:
    """A history file opened by any number of threads, each over its own connection.

    Raises, here and from every method: DatabaseLocked, DatabaseCorrupt, DatabaseUnreadable, and UserError for a write
    to a read-only database.
    """

    def __init__(self, path: Path, *, read_only: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = path
        self.read_only = read_only
        self._busy_timeout_s = busy_timeout_s
        self._of_thread = _OfThread()
        self._open: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened at first use."""
        if self._of_thread.connection is None:
            with self._lock:
                if self._closed:
                    raise RuntimeError("the database is closed")
                self._close_dead()
                with self._translated():
                    opened = connect(self.path, read_only=self.read_only, busy_timeout_s=self._busy_timeout_s)
                self._open.append((threading.current_thread(), opened))
            self._of_thread.connection = opened
        return self._of_thread.connection

    def query(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a SELECT."""
        with self._translated():
            return self.connection.execute(sql, parameters).fetchall()

    def values(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple]:
        """All rows of a SELECT as plain tuples: half the time of `query` where there are thousands."""
        with self._translated():
            cursor = self.connection.cursor()
            cursor.row_factory = None
            return cursor.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        """The first row of a SELECT, or None."""
        with self._translated():
            return self.connection.execute(sql, parameters).fetchone()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """BEGIN IMMEDIATE … COMMIT, ROLLBACK on any exception. Nested blocks join the outermost one.

        A nested block that failed takes the whole transaction with it, even when its error was caught further out.
        """
        if self.read_only:
            raise read_only_refusal(self.path)
        state, connection = self._of_thread, self.connection
        with self._translated():
            if state.depth == 0:
                connection.execute("BEGIN IMMEDIATE")
                state.doomed = False
            state.depth += 1
            try:
                yield connection
                if state.depth == 1:
                    if state.doomed:
                        raise RuntimeError("a nested write failed and its error was dropped")
                    connection.execute("COMMIT")
            except BaseException:
                state.doomed = True
                if state.depth == 1 and connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                state.depth -= 1

    def close(self) -> None:
        """Close the connections of all threads; the last one folds the WAL back into the file. Idempotent."""
        with self._lock:
            self._closed = True
            for _thread, connection in self._open:
                connection.close()
            self._open.clear()
        self._of_thread = _OfThread()

    def _close_dead(self) -> None:
        for entry in [entry for entry in self._open if not entry[0].is_alive()]:
            entry[1].close()
            self._open.remove(entry)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            problem = translate(error, self.path)
            if problem is None:
                raise
            raise problem from error
