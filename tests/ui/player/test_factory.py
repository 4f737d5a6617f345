"""Machines where something is missing, each in a process of its own: the app lives on and says what and why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from ui.player.absent_player import AbsentPlayer
from ui.player.no_video_surface import NoVideoSurface

ROOT = Path(__file__).resolve().parents[3]

# Opens a file, steps through it, plays it and grabs the surface; prints what happened as JSON.
PROGRAM = """
import json, sys, threading
from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication
app = QApplication([])
from core.media.pts import frame_times
from ui.player.factory import create_player
player, surface = create_player()
surface.resize(640, 360)
surface.show()
said = {}

def wait(signal):
    loop = QEventLoop()
    QTimer.singleShot(20_000, loop.quit)
    signal.connect(loop.quit)
    loop.exec()

player.failed.connect(lambda error: said.update(failed=str(error)) or loop.quit())
loop = QEventLoop()
player.opened.connect(loop.quit)
QTimer.singleShot(20_000, loop.quit)
player.open(sys.argv[1])
loop.exec()
said["open"] = player.is_open
if player.is_open:
    player.set_frame_times(frame_times(sys.argv[1]))
    player.seek(1.0)
    wait(player.seek_finished)
    player.step(2)
    wait(player.seek_finished)
    said["position"] = player.position_s
    said["size"] = player.display_size
    player.play()
    wait(player.ended)
    said["end"] = player.position_s
image = surface.grab().toImage()
colours = {image.pixel(x, y) for x in range(0, 640, 2) for y in range(100, 260, 2)}
said.update(surface=type(surface).__name__, problem=str(player.video_problem), text=getattr(surface, "text", ""))
said["painted"] = len(colours) > 2
player.shutdown()
said["threads"] = threading.active_count()
print(json.dumps(said))
"""


def run(path: Path, **environment: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(path)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_with_everything_there_is_a_picture(media) -> None:
    said = run(media("tiny"))
    assert said["surface"] == "VideoSurface" and said["problem"] == "None"
    assert said["position"] == pytest.approx(1.08) and said["end"] == pytest.approx(2.96)
    assert said["threads"] == 1


@pytest.mark.parametrize(
    "environment", [{"QT_QPA_PLATFORM": "offscreen"}, {"QT_QPA_PLATFORM": "xcb", "QT_XCB_GL_INTEGRATION": "none"}]
)
def test_without_gl_there_are_positions_and_a_text(media, environment: dict[str, str]) -> None:
    said = run(media("tiny"), **environment)
    assert said["surface"] == "NoVideoSurface" and said["painted"]
    assert said["position"] == pytest.approx(1.08) and said["end"] == pytest.approx(2.96)
    assert said["size"] == [160, 120]
    assert "picture cannot be shown" in said["text"] and "OpenGL" in said["text"] and "apt-get install" in said["text"]
    assert said["threads"] == 1


@pytest.mark.parametrize("platform", ["xcb", "offscreen"])
def test_without_libmpv_nothing_opens_and_the_text_says_what_to_install(media, platform: str) -> None:
    said = run(media("tiny"), EIGHTCUT_LIBMPV="/nowhere/libmpv.so.2", QT_QPA_PLATFORM=platform)
    assert said["surface"] == "NoVideoSurface" and said["painted"] and not said["open"]
    assert "libmpv was not found" in said["text"] and "apt-get install libmpv2" in said["text"]
    assert said["failed"] == said["problem"]


def test_a_player_without_libmpv_keeps_still(qtbot) -> None:
    problem = EnvironmentProblem("Video cannot be played", "libmpv was not found", "Install it")
    player = AbsentPlayer(problem)
    surface = NoVideoSurface(player)
    qtbot.addWidget(surface)
    with qtbot.waitSignal(player.failed) as failed:
        player.open("a.mp4")
    assert failed.args == [problem]
    player.open("b.mp4")
    player.close()
    for order in (player.play, player.toggle, player.pause):
        order()
    player.set_speed(2.0)
    player.set_volume(10)
    player.seek(3.0)
    assert not player.is_open and player.paused and "Install it" in surface.text
    player.shutdown()
