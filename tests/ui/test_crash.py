"""No mistake ends 8-cut, and none goes unseen."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from PyQt6.QtCore import Qt, QtMsgType
from PyQt6.QtWidgets import QApplication

from core.errors import Cancelled, UserError
from ui import crash
from ui.crash import MOST_SHOWN, CrashHooks, describe
from ui.dialogs.crash_dialog import CrashDialog
from ui.dialogs.messages import MessageDialog

ROOT = Path(crash.__file__).resolve().parent.parent
LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.allow_warnings


@pytest.fixture
def hooks(qapp, tmp_path: Path) -> Iterator[CrashHooks]:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    hooks = crash.install(tmp_path)
    yield hooks
    hooks.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    if hooks.dialog is not None:
        hooks.dialog.close()


def mistake(text: str = "oops") -> None:
    """Reach the hook as an exception in a slot does."""
    try:
        raise ValueError(text)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def shown(qtbot, hooks: CrashHooks) -> CrashDialog:
    qtbot.waitUntil(lambda: hooks.dialog is not None)
    return hooks.dialog


def test_a_mistake_is_logged_and_shown(qtbot, hooks: CrashHooks, caplog: pytest.LogCaptureFixture) -> None:
    mistake()
    dialog = shown(qtbot, hooks)
    assert isinstance(dialog, CrashDialog)
    assert dialog.headline.text() == "ValueError: oops"
    assert not dialog.isModal()
    assert "ValueError: oops" in caplog.text
    qtbot.mouseClick(dialog.copy_button, LEFT)
    report = QApplication.clipboard().text()
    for part in ("8-cut", "Python", "PyQt", "numpy", "Traceback", "ValueError: oops", "test_crash.py"):
        assert part in report
    qtbot.mouseClick(dialog.close_button, LEFT)
    qtbot.waitUntil(lambda: hooks.dialog is None)


def test_the_same_mistake_is_counted_not_stacked(qtbot, hooks: CrashHooks) -> None:
    for _ in range(3):
        mistake()
    dialog = shown(qtbot, hooks)
    qtbot.waitUntil(lambda: dialog.headline.text() == "ValueError: oops (3 times)")
    windows = [window for window in QApplication.topLevelWidgets() if isinstance(window, CrashDialog)]
    assert windows == [dialog]


def test_a_mistake_in_a_loop_stops_asking(qtbot, hooks: CrashHooks) -> None:
    for _ in range(MOST_SHOWN):
        mistake()
        shown(qtbot, hooks).close()
        qtbot.waitUntil(lambda: hooks.dialog is None)
    mistake()
    other_place_of_the_same_kind()
    assert "unlike" in shown(qtbot, hooks).headline.text()


def other_place_of_the_same_kind() -> None:
    try:
        raise ValueError("unlike the other")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def test_another_mistake_waits_its_turn(qtbot, hooks: CrashHooks) -> None:
    mistake()
    first = shown(qtbot, hooks)
    other_place_of_the_same_kind()
    other_place_of_the_same_kind()
    QApplication.processEvents()
    assert hooks.dialog is first
    first.close()
    qtbot.waitUntil(lambda: hooks.dialog is not None and "unlike" in hooks.dialog.headline.text())
    hooks.dialog.close()
    qtbot.waitUntil(lambda: hooks.dialog is None)


def test_a_mistake_on_another_thread_is_shown_on_this_one(qtbot, hooks: CrashHooks) -> None:
    def work() -> None:
        raise RuntimeError("from a thread")

    thread = threading.Thread(target=work, name="helper")
    thread.start()
    thread.join()
    dialog = shown(qtbot, hooks)
    assert "from a thread" in dialog.headline.text()
    assert "In helper" in dialog.view.toPlainText()


def test_what_cannot_be_raised_is_shown(qtbot, hooks: CrashHooks) -> None:
    class Untidy:
        def __del__(self) -> None:
            raise RuntimeError("while clearing up")

    Untidy()
    assert "while clearing up" in shown(qtbot, hooks).headline.text()


def test_an_expected_error_that_nobody_caught_is_told_in_its_own_words(qtbot, hooks: CrashHooks) -> None:
    error = UserError("Cannot read a.mp4", "It is empty", "Choose another")
    sys.excepthook(type(error), error, None)
    dialog = shown(qtbot, hooks)
    assert isinstance(dialog, MessageDialog)
    assert dialog.headline.accessibleName() == "Cannot read a.mp4"


def test_cancelled_is_silent_and_ctrl_c_ends(qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[type] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *rest: passed.append(kind))
    hooks = crash.install(tmp_path)
    sys.excepthook(Cancelled, Cancelled(), None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    QApplication.processEvents()
    assert hooks.dialog is None
    assert passed == [KeyboardInterrupt]
    hooks.uninstall()


def test_the_end_of_the_log_is_in_the_report(tmp_path: Path) -> None:
    log = tmp_path / "8-cut.log"
    log.write_text("\n".join(f"line {number}" for number in range(1000)), encoding="utf-8")
    report = describe(ValueError("x"), None, "the window", log).report
    assert "line 999" in report
    assert "line 900" not in report
    assert "no log" in describe(ValueError("x"), None, "the window", tmp_path / "none").report


def test_qt_messages_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Context:
        category = "qt.svg"

    with caplog.at_level(logging.DEBUG, "qt"):
        crash.on_qt_message(QtMsgType.QtWarningMsg, Context(), "careful")
        crash.on_qt_message(QtMsgType.QtDebugMsg, Context(), "detail")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "qt.svg: careful"),
        ("DEBUG", "qt.svg: detail"),
    ]


BUTTON = """
import sys
from pathlib import Path
from PyQt6.QtCore import QTimer, qWarning
from PyQt6.QtWidgets import QApplication, QPushButton
from core.log import start_logging
folder = Path(sys.argv[1])
start_logging(folder)
if sys.argv[2] == "hooked":
    from ui import crash
    crash.install(folder)
app = QApplication([])
class Painter(QPushButton):
    def paintEvent(self, event):
        raise RuntimeError("in a paint event")
button, painter = QPushButton(), Painter()
button.clicked.connect(lambda: 1 / 0)
painter.show()
QTimer.singleShot(0, button.click)
QTimer.singleShot(100, button.click)
QTimer.singleShot(200, lambda: qWarning("a warning of Qt"))
QTimer.singleShot(300, app.quit)
app.exec()
print("went on")
"""


def run_button(folder: Path, hooked: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", dedent(BUTTON), str(folder), hooked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_button_that_fails_does_not_end_the_app(tmp_path: Path) -> None:
    done = run_button(tmp_path, "hooked")
    assert done.returncode == 0, done.stderr
    assert "went on" in done.stdout
    text = (tmp_path / "8-cut.log").read_text(encoding="utf-8")
    assert text.count("ZeroDivisionError: division by zero") == 2
    assert "in a paint event" in text
    assert "a warning of Qt" in text
    assert (tmp_path / "fatal.log").exists()


def test_without_the_hooks_it_would(tmp_path: Path) -> None:
    assert run_button(tmp_path, "bare").returncode != 0


def test_a_hard_crash_leaves_its_stack(tmp_path: Path) -> None:
    code = "import sys, faulthandler; from pathlib import Path; from ui import crash; "
    code += "crash.install(Path(sys.argv[1])); faulthandler._sigabrt()"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "Aborted" in (tmp_path / "fatal.log").read_text(encoding="utf-8")


def test_a_log_folder_that_cannot_be_made_is_tolerated(qapp, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    hooks = crash.install(blocked / "logs")
    hooks.uninstall()
