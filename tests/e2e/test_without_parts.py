"""The window on machines that lack something: no OpenGL, no libmpv, no ffmpeg. It opens, says so, and goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media_factory import MediaShelf

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from core.paths import data_paths
from ui import settings as keys, theme
from ui.app import Program, make_application
from ui.main_window.open_history import open_history
from ui.settings import Settings
def main(data, out, video):
    app = make_application(["8-cut"])
    paths = data_paths(data).prepare()
    settings = Settings(paths.settings)
    settings.set(keys.FOLDER, out)
    settings.set(keys.FOLDER_CHECK, False)
    settings.set(keys.CLIPS, 1)
    settings.set(keys.DURATION_S, 2.0)
    theme.apply(app, theme.DARK)
    program = Program(open_history(paths), paths, settings)
    program.window.show()
    program.start([video])
    said = []
    pressed = []
    def look():
        from ui.dialogs.messages import MessageDialog
        from ui.widgets.toast import ToastCard
        for card in program.window.findChildren(ToastCard):
            said.append(card.message.text())
        for dialog in program.window.findChildren(MessageDialog):
            said.append(dialog.headline.text())
            dialog.close()
        if program.state.info is not None and not pressed:
            pressed.append(True)
            program.controllers.export.export()
        elif pressed and not program.runner.active:
            print(f"clips {len(list(Path(out).rglob('*.mp4')))}")
            print("problem", program.player.video_problem)
            print("said", " | ".join(dict.fromkeys(said)))
            program.window.close()
            app.quit()
    timer = QTimer()
    timer.setInterval(50)
    timer.timeout.connect(look)
    timer.start()
    app.exec()
    timer.stop()
    program.take_apart()
    print("left", len(app.allWidgets()))
main(*sys.argv[1:])
"""


def run_window(tmp_path: Path, video: Path, **environment: str) -> str:
    """What the window said and made when it was asked to export once."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "data", tmp_path / "out", video],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "left 0\n" in done.stdout, "widgets that PyQt has to delete at exit, where it may crash"
    return done.stdout


def test_without_opengl_the_window_cuts_by_numbers(tmp_path: Path, media: MediaShelf) -> None:
    said = run_window(tmp_path, media("tiny"), QT_QPA_PLATFORM="offscreen")
    assert "clips 1" in said
    assert "picture cannot be shown" in said


@pytest.mark.parametrize("tool", ["ffmpeg", "ffprobe"])
def test_without_ffmpeg_the_window_says_how_to_get_it(tmp_path: Path, media: MediaShelf, tool: str) -> None:
    video = media("tiny")
    said = run_window(tmp_path, video, **{f"EIGHTCUT_{tool.upper()}": str(tmp_path / "nowhere" / tool)})
    if tool == "ffmpeg":
        assert "clips 0" in said
        assert "ffmpeg" in said.partition("said")[2]
    else:
        assert "clips 1" in said, "ffprobe is only a fallback"


def test_without_libmpv_the_window_explains_and_still_cuts(tmp_path: Path, media: MediaShelf) -> None:
    said = run_window(tmp_path, media("tiny"), EIGHTCUT_LIBMPV=str(tmp_path / "nowhere.so"))
    assert "clips 1" in said
    assert "libmpv" in said.partition("problem")[2]
