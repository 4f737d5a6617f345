"""Regions made by hand: a history from before them is brought up to date with every decision in place."""

from __future__ import annotations

from pathlib import Path

from core.db import ProcessedDB
from core.domain.scan import Hit, NewRegion
from core.storage.migrate import FOLDER
from tests.core.storage.test_trash import older_history

STAMP = "20260101_000000_000000"


def test_regions_of_a_history_without_those_by_hand_keep_their_decisions(tmp_path: Path) -> None:
    assert FOLDER.joinpath("0006_regions_by_hand.sql").is_file()
    old = older_history(tmp_path / "history.db", 5)
    with old.write() as connection:
        connection.execute("INSERT INTO media VALUES (5, 'b3-x', '/videos/x.mp4', '2026')")
        connection.execute("INSERT INTO scan_versions VALUES (1, 1, 5, 'M', ?)", (STAMP,))
        connection.executemany(
            "INSERT INTO scan_regions (id, version_id, start_s, end_s, score, disabled, orig_start_s, orig_end_s,"
            " accepted, hidden) VALUES (?, 1, ?, ?, 0.5, ?, ?, ?, ?, ?)",
            [(1, 1.0, 2.0, 1, 0.5, 2.5, 0, 0), (2, 5.0, 6.0, 0, 5.0, 6.0, 1, 0), (3, 9.0, 9.5, 1, 9.0, 9.5, 0, 1)],
        )
    old.close()
    with ProcessedDB(tmp_path / "history.db") as db:
        before = db.scans.rows(1, 5, "M", STAMP)
        assert [(row.id, row.start_s, row.disabled, row.accepted, row.hidden) for row in before] == [
            (1, 1.0, True, False, False),
            (2, 5.0, False, True, False),
            (3, 9.0, True, False, True),
        ]
        assert not any(row.by_hand for row in before)
        (made,) = db.scans.add_by_hand(1, 5, "M", STAMP, [NewRegion(Hit(1.0, 6.0, 0.5), 1.0, 6.0, by_hand=True)])
        db.scans.set_replaced([1, 2], [])
        after = db.scans.rows(1, 5, "M", STAMP)
        assert [(row.id, row.by_hand) for row in after] == [(made, True), (3, False)]
        db.scans.set_replaced([made], [1, 2])
        assert db.scans.rows(1, 5, "M", STAMP) == before
