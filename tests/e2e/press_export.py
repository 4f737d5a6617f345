"""Run as a program: open a video in the real window, press E, and go on until somebody kills this process.

python -m tests.e2e.press_export DATA_FOLDER EXPORT_FOLDER VIDEO
"""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest

from core.paths import data_paths
from ui import settings as keys
from ui import theme
from ui.app import Program, make_application
from ui.main_window.open_history import open_history
from ui.settings import Settings


def main(data: str, out: str, video: str) -> int:
    app = make_application(sys.argv[:1])
    paths = data_paths(data).prepare()
    settings = Settings(paths.settings)
    settings.set(keys.FOLDER, out)
    settings.set(keys.CLIPS, 9)
    settings.set(keys.FOLDER_CHECK, False)
    theme.apply(app, theme.DARK)
    program = Program(open_history(paths), paths, settings)
    program.window.show()
    program.window.activateWindow()
    program.start([str(Path(video))])

    def press_when_open() -> None:
        if program.state.times is not None and program.window.isActiveWindow():
            look.stop()
            QTest.keyClick(program.window, Qt.Key.Key_E)

    look = QTimer()
    look.setInterval(20)
    look.timeout.connect(press_when_open)
    look.start()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
