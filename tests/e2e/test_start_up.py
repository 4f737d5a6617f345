"""What the window does with what it finds at the start: an old history, old exports, a database it cannot open."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.paths import data_paths
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui.dialogs.database import DatabaseDialog
from ui.main_window.legacy_dialog import LegacyDialog
from ui.main_window.open_history import open_history

Start = Callable[..., Driver]


@pytest.fixture
def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: MediaShelf) -> Path:
    """A home with the forerunner's history and two exports in its oldest layout."""
    home = tmp_path / "home"
    group = home / "clips" / "Barks" / "clip_001"
    group.mkdir(parents=True)
    video = home / "walk.mp4"
    shutil.copy(media("h264_2997"), video)
    with sqlite3.connect(home / ".8cut.db") as old:
        old.execute(
            "CREATE TABLE processed (id INTEGER PRIMARY KEY, filename TEXT, start_time REAL, output_path TEXT,"
            " label TEXT, source_path TEXT)"
        )
        for index in range(2):
            clip = group / f"clip_001_{index}.mp4"
            shutil.copy(media("tiny"), clip)
            row = ("walk.mp4", 4.0, str(clip), "dog", str(video))
            old.execute(
                "INSERT INTO processed (filename, start_time, output_path, label, source_path) VALUES (?,?,?,?,?)", row
            )
    old.close()
    monkeypatch.setenv("HOME", str(home))
    return home


def test_the_old_history_is_taken_over_and_its_exports_move_when_told(
    start: Start, qtbot: QtBot, old_home: Path
) -> None:
    before = (old_home / ".8cut.db").read_bytes()
    app = start(old_home / "walk.mp4")
    app.until_open("walk.mp4")
    app.until(lambda: app.window.banner.isVisible())
    (marker,) = app.program.controllers.timeline.markers
    assert (marker.batch.cursor_s, marker.settings.label, len(marker.paths)) == (4.0, "dog", 2)
    assert (old_home / ".8cut.db").read_bytes() == before

    qtbot.mouseClick(app.window.banner.buttons[0], Qt.MouseButton.LeftButton)
    dialog = app.window.findChild(LegacyDialog)
    qtbot.mouseClick(dialog.move_button, Qt.MouseButton.LeftButton)
    folder = old_home / "clips" / "Barks"
    app.until(
        lambda: sorted(path.name for path in folder.glob("vid_001/*.mp4")) == ["clip_001_0.mp4", "clip_001_1.mp4"]
    )
    app.until_idle()
    assert not (folder / "clip_001").exists()
    (marker,) = app.program.controllers.timeline.markers
    assert all("vid_001" in path for path in marker.paths)
    app.close()

    again = start()
    again.until_idle()
    assert not again.window.banner.isVisible()


@pytest.mark.allow_warnings
def test_a_damaged_history_is_never_ignored(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    paths = data_paths(tmp_path / "data").prepare()
    paths.database.write_bytes(b"these bytes are no database " * 300)
    damaged = paths.database.read_bytes()
    seen: list[str] = []

    def quit_from_dialog() -> None:
        dialog = next(widget for widget in qapp.topLevelWidgets() if isinstance(widget, DatabaseDialog))
        seen.append(dialog.headline.text())
        qtbot.mouseClick(dialog.quit_button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(200, quit_from_dialog)
    assert open_history(paths) is None
    assert "cannot be read" in seen[0]
    assert paths.database.read_bytes() == damaged


@pytest.mark.allow_warnings
def test_a_history_in_use_can_be_retried(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    paths = data_paths(tmp_path / "data").prepare()
    open_history(paths).close()
    other = sqlite3.connect(paths.database, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")

    def let_go_and_retry() -> None:
        dialog = next((widget for widget in qapp.topLevelWidgets() if isinstance(widget, DatabaseDialog)), None)
        if dialog is None:
            return
        look.stop()
        other.close()
        qtbot.mouseClick(dialog.retry_button, Qt.MouseButton.LeftButton)

    look = QTimer()
    look.setInterval(50)
    look.timeout.connect(let_go_and_retry)
    look.start()
    db = open_history(paths)
    assert db is not None
    db.close()


@pytest.mark.allow_warnings
def test_a_newer_history_is_left_alone(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    paths = data_paths(tmp_path / "data").prepare()
    open_history(paths).close()
    with sqlite3.connect(paths.database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = paths.database.read_bytes()

    def quit_from_dialog() -> None:
        dialog = next(widget for widget in qapp.topLevelWidgets() if isinstance(widget, DatabaseDialog))
        assert not dialog.read_only_button.isVisible()
        qtbot.mouseClick(dialog.quit_button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(200, quit_from_dialog)
    assert open_history(paths) is None
    assert paths.database.read_bytes() == before
