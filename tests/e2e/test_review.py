"""Reviewing with the keyboard alone, with the real player: a key per region, and the next one plays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import long_video, save_many, show_scan
from ui.main_window.scan_results.region_model import Shown

Start = Callable[..., Driver]
REGIONS, EVERY_S = 200, 2.0
KEYS = {Qt.Key.Key_A: Shown.ACCEPTED, Qt.Key.Key_X: Shown.DISABLED, Qt.Key.Key_N: Shown.NEGATIVE}


def test_two_hundred_regions_are_reviewed_with_one_key_each(start: Start, tmp_path: Path) -> None:
    video = long_video(tmp_path / "long.mp4", REGIONS * EVERY_S)
    app = start(video)
    app.until_open(video.name)
    media = app.state.media
    save_many(app.program.db, media, REGIONS, EVERY_S)
    show_scan(app, media)
    panel = app.program.scanning.panel
    assert panel.model.rowCount() == REGIONS
    seen: list[int] = []

    def playing() -> bool:
        row = panel.table.current_row
        inside = row.start_s - 0.15 <= app.player.position_s <= row.end_s + 0.15
        return inside and not app.player.seeking and not app.player.paused

    # The command that begins the review is a key too; from then on one key for each region.
    app.window.activateWindow()
    QTest.keyClick(app.window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    app.until(lambda: panel.review.isChecked() and app.window.focusWidget() is panel.table)
    app.until(playing)
    for number in range(REGIONS):
        seen.append(panel.table.current_row.id)
        QTest.keyClick(app.window.focusWidget(), list(KEYS)[number % 3])
        if number < REGIONS - 1:
            app.until(lambda: panel.table.current_row.id not in seen[-1:] and playing())
    app.until_idle()
    assert len(set(seen)) == REGIONS, "each was heard once"
    assert any("last region" in message for message in app.messages())
    states = Counter(panel.model.state_of(row) for row in panel.model.rows)
    assert states == {Shown.ACCEPTED: 67, Shown.DISABLED: 67, Shown.NEGATIVE: 66}
    assert len(app.program.db.get_hard_negatives("default")) == 66
    assert not app.failed_jobs()
