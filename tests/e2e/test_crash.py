"""Kill -9 in the middle of a batch: no half file anywhere, the job offered again, the history right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf, build

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 60.0
Start = Callable[..., Driver]


@pytest.fixture
def doomed(tmp_path: Path, media: MediaShelf) -> Iterator[subprocess.Popen]:
    """The program with E pressed, in a process of its own."""
    video = build("gop250_25", tmp_path, name="long.mp4", seconds=40, width=640, height=480)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.press_export", tmp_path / "data", tmp_path / "out", video],
        cwd=ROOT,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def wait_for(condition: Callable[[], bool], process: subprocess.Popen) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        assert process.poll() is None, "the program ended before it was killed"
        assert time.monotonic() < deadline, "nothing was exported"
        process_yield()


def process_yield() -> None:
    """Give the other process its turn."""
    os.sched_yield()


def partial_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "partial" in path.name]


def good_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.mp4") if not path.name.startswith("."))


@pytest.mark.parametrize("moment", ["first bytes", "first clip done"])
def test_a_killed_export_is_offered_again_and_leaves_no_half_file(
    start: Start, qtbot: QtBot, tmp_path: Path, doomed: subprocess.Popen, moment: str
) -> None:
    out = tmp_path / "out"
    reached = partial_files if moment == "first bytes" else good_files
    wait_for(lambda: out.exists() and any(path.stat().st_size for path in reached(out)), doomed)
    os.killpg(doomed.pid, signal.SIGKILL)
    doomed.wait(10)
    finished = good_files(out)
    assert len(finished) < 9

    app = start()
    app.until(lambda: app.window.banner.isVisible())
    assert "interrupted" in app.window.banner.text
    assert partial_files(out) == []
    assert good_files(out) == finished
    app.until_open("long.mp4")
    shown = [Path(path) for marker in app.program.controllers.timeline.markers for path in marker.paths]
    assert set(shown) <= set(finished)
    assert len(shown) >= len(finished) - 1, "only the clip that was being entered may be missing until the job resumes"

    qtbot.mouseClick(app.window.banner.buttons[0], Qt.MouseButton.LeftButton)
    app.until(lambda: len(good_files(out)) == 9)
    app.until_idle()
    assert partial_files(out) == []
    for path in good_files(out):
        with av.open(str(path)) as clip:
            assert sum(1 for _ in clip.decode(video=0)) == 200
    (marker,) = app.program.controllers.timeline.markers
    assert [Path(path) for path in marker.paths] == good_files(out)
    app.close()
    assert not start().window.banner.isVisible()


def test_a_killed_export_can_be_given_up(start: Start, qtbot: QtBot, tmp_path: Path, doomed: subprocess.Popen) -> None:
    out = tmp_path / "out"
    wait_for(lambda: out.exists() and bool(partial_files(out)), doomed)
    os.killpg(doomed.pid, signal.SIGKILL)
    doomed.wait(10)
    finished = good_files(out)
    app = start()
    app.until(lambda: app.window.banner.isVisible())
    qtbot.mouseClick(app.window.banner.buttons[1], Qt.MouseButton.LeftButton)
    app.until_idle()
    assert good_files(out) == finished
    assert partial_files(out) == []
    assert app.program.db.jobs.open() == []
