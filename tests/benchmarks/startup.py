"""How long from starting the process to the first painted frame: `python -m tests.benchmarks.startup [--runs 7]`.

The baseline of the same run is a bare PyQt6 window: what Qt and Python cost without 8-cut.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "torchaudio", "torchvision", "sklearn", "transformers", "timm", "av", "scipy")

WINDOW = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from core.paths import data_paths
from ui import app as composition, settings as keys, theme
from ui.main_window.open_history import open_history
from ui.settings import Settings
paths = data_paths({data!r}).prepare()
app = composition.make_application([])
settings = Settings(paths.settings)
theme.apply(app, theme.theme_named(settings.get(keys.THEME)))
program = composition.Program(open_history(paths), paths, settings)
program.window.show()
"""
BARE = """
import sys, time
from PyQt6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.show()
"""
# After the first paint event has been dealt with, on the clock that started just before the process.
PAINTED = """
from PyQt6.QtCore import QEvent, QObject, QTimer
class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not getattr(self, "seen", False):
            self.seen = True
            QTimer.singleShot(0, done)
        return False
def done():
    took_s = time.time() - float(sys.argv[1])
    heavy = [name for name in {heavy!r} if name in sys.modules]
    print(took_s, ",".join(heavy), sep=";", flush=True)
    {end}
eye = Eye()
app.installEventFilter(eye)
app.exec()
"""

# Without the interpreter's own end: PyQt visits what is left of module-level windows there and may trip over it.
END = "program.shut_down(); os._exit(0)"


def first_paint_s(code: str, end: str) -> tuple[float, str]:
    """Seconds from starting a process to its first painted frame, and the heavy modules it had loaded."""
    command = [sys.executable, "-c", code + PAINTED.format(heavy=HEAVY, end=end), str(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    seconds, _, heavy = done.stdout.strip().splitlines()[-1].partition(";")
    return float(seconds), heavy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        window = WINDOW.format(root=str(ROOT), data=str(Path(folder, "data")))
        first_paint_s(window, END)
        ours, bare, heavy = [], [], set()
        for _ in range(runs):
            seconds, loaded = first_paint_s(window, END)
            ours.append(seconds)
            heavy |= set(filter(None, loaded.split(",")))
            bare.append(first_paint_s(BARE, "app.quit()")[0])
    print(f"{'':14}{'min':>8}{'median':>8}{'max':>8}   seconds from process start to first painted frame, {runs} runs")
    for name, values in (("8-cut", ours), ("bare window", bare)):
        print(f"{name:14}{min(values):8.2f}{statistics.median(values):8.2f}{max(values):8.2f}")
    print(f"{'ratio':14}{'':8}{statistics.median(ours) / statistics.median(bare):8.2f}")
    print(f"heavy libraries loaded: {', '.join(sorted(heavy)) or 'none'}")


if __name__ == "__main__":
    main()
