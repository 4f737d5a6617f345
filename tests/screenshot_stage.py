"""The real window with generated footage, and a camera: what the pictures of the docs and the benchmarks stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication, QDialog, QWidget

from core.media.process import run
from core.media.tools import find_tool
from core.paths import data_paths
from ui import settings as keys
from ui import theme
from ui.app import Program
from ui.main_window.open_history import open_history
from ui.settings import Settings

SIZE_PX = (1360, 860)
SETTLED_MS = 400
LONGEST_MS = 60_000
FOOTAGE = {
    "Harbour at dawn, take 2.mp4": "gradients=s=1280x720:r=25:d=60:c0=0x10243f:c1=0x2d6a8a:c2=0xe09a5a:n=3:speed=0.01",
    "Workshop – angle grinder.mkv": "cellauto=s=640x360:r=25:rule=110",
    "2026-04-19 interview with a very long file name that nobody would want to type, camera B, reel 0007.mp4": (
        "life=s=640x360:r=25:mold=10:ratio=0.2:death_color=0x203050:life_color=0x9ad0ff"
    ),
    "street_004.mp4": "testsrc2=s=640x360:r=30",
}
SOUND = (
    "aevalsrc='0.6*sin(2*PI*180*t)*exp(-3*mod(t,2.4))+0.25*(random(0)-0.5)*exp(-mod(t+0.7,5))"
    "+0.03*(random(1)-0.5)':s=48000:d=60"
)


def make_footage(folder: Path) -> list[Path]:
    """Short films that look like something, made by ffmpeg."""
    made = []
    for name, picture in FOOTAGE.items():
        target = folder / name
        seconds = "60" if not made else "12"
        encode = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", seconds)
        inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", SOUND)
        done = run([str(find_tool("ffmpeg")), "-v", "error", "-y", *inputs, *encode, str(target)])
        if done.returncode:
            raise SystemExit(done.stderr)
        made.append(target)
    return made


def wait(milliseconds: int = SETTLED_MS) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(LONGEST_MS // 20):
        if condition():
            return
        wait(20)
    raise SystemExit("a screenshot's state was not reached")


@contextmanager
def program(data: Path) -> Iterator[Program]:
    """The real window on its own data folder, started as `./8cut.sh` does."""
    paths = data_paths(data).prepare()
    settings = Settings(paths.settings)
    settings.set(keys.FOLDER_CHECK, False)
    made = Program(open_history(paths), paths, settings)
    made.window.resize(*SIZE_PX)
    made.window.show()
    made.window.activateWindow()
    wait()
    made.start([])
    wait_until(lambda: not made.runner.active)
    yield made
    made.window.close()
    made.shut_down()
    made.window.deleteLater()
    wait(50)


class Camera:
    """Saves widgets as PNG in both themes."""

    def __init__(self, folder: Path, only: list[str]) -> None:
        self._folder = folder
        self._only = only
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, name: str, widget, themes: tuple[theme.Theme, ...] = (theme.DARK, theme.LIGHT)) -> None:
        for chosen in themes:
            file = f"{name}-{chosen.name}"
            if self._only and not any(file.startswith(wanted) for wanted in self._only):
                continue
            theme.apply(QApplication.instance(), chosen)
            wait()
            picture = widget.grab()
            picture.save(str(self._folder / f"{file}.png"))
            print(f"{file}.png  {picture.width()}×{picture.height()}")
        theme.apply(QApplication.instance(), theme.DARK)
        wait(50)


def open_first(app: Program, footage: list[Path]) -> None:
    app.controllers.media.add([str(path) for path in footage])
    wait_until(lambda: app.state.times is not None and app.window.media_model.rowCount() == len(footage))
    wait_until(lambda: not app.runner.active)


def shown_dialog(window: QWidget) -> QDialog | None:
    """The dialog that belongs to the window and is open."""
    return next((each for each in window.findChildren(QDialog) if each.isVisible()), None)
