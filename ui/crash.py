"""Nothing goes wrong unseen: every hook Python and Qt have leads to the log and, for a mistake, to one dialog.

PyQt6 aborts the process when an exception leaves a slot and `sys.excepthook` is the default one. With this hook the
app goes on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
import traceback
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from PyQt6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, pyqtSignal, pyqtSlot, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication, QDialog

from core.errors import Cancelled, EightCutError
from core.log import LOG_NAME
from ui.dialogs.crash_dialog import CrashDialog
from ui.dialogs.messages import error_dialog
from ui.dialogs.versions import system_report

log = logging.getLogger(__name__)
qt_log = logging.getLogger("qt")

FATAL_NAME = "fatal.log"
LOG_LINES = 25
# A mistake that comes back after its dialog was closed is shown again so often; later ones only reach the log.
MOST_SHOWN = 3
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@dataclass(frozen=True)
class Crash:
    """One mistake as it is shown: `signature` is the same for the same mistake at the same place."""

    signature: str
    headline: str
    report: str


class CrashHooks(QObject):
    """Owns the hooks; `uninstall` gives back those that were there before."""

    _happened = pyqtSignal(object)

    def __init__(self, log_folder: Path) -> None:
        super().__init__()
        self._folder = Path(log_folder)
        self._counts: Counter[str] = Counter()
        self._times_shown: Counter[str] = Counter()
        self._waiting: list[Crash | EightCutError] = []
        self._dialog: QDialog | None = None
        self._shown = ""
        # Queued: hooks run on any thread and in the middle of anything, dialogs belong to the event loop.
        self._happened.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        self._before_qt = qInstallMessageHandler(on_qt_message)
        self._fatal = self._start_faulthandler()

    @property
    def dialog(self) -> QDialog | None:
        """The dialog that is open now."""
        return self._dialog

    def count(self, signature: str) -> int:
        """How often this mistake has happened."""
        return self._counts[signature]

    def uninstall(self) -> None:
        """Put the former hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(self._before_qt)
        if self._fatal is not None:
            faulthandler.disable()
            self._fatal.close()
            self._fatal = None

    def _start_faulthandler(self) -> TextIO | None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fatal = (self._folder / FATAL_NAME).open("a", encoding="utf-8")
        except OSError as error:
            log.info("No file for fatal errors: %s", error)
            with contextlib.suppress(RuntimeError, ValueError, AttributeError):
                # Without a console there is no standard error to fall back to.
                faulthandler.enable()
            return None
        faulthandler.enable(fatal)
        return fatal

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._record(error, trace, "the window")

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self._record(args.exc_value, args.exc_traceback, args.thread.name if args.thread else "a thread")

    def _on_unraisable(self, args: Any) -> None:
        if args.exc_value is not None:
            self._record(args.exc_value, args.exc_traceback, f"{args.err_msg or 'while clearing up'} {args.object!r}")

    def _record(self, error: BaseException, trace: TracebackType | None, where: str) -> None:
        if isinstance(error, KeyboardInterrupt):
            self._before[0](type(error), error, trace)
        elif isinstance(error, Cancelled):
            log.debug("Cancelled in %s", where)
        elif isinstance(error, EightCutError):
            log.warning("%s", error, exc_info=(type(error), error, trace))
            self._happened.emit(error)
        else:
            log.critical("A mistake in 8-cut, in %s", where, exc_info=(type(error), error, trace))
            self._happened.emit(describe(error, trace, where, self._folder / LOG_NAME))

    @pyqtSlot(object)
    def _arrived(self, what: Crash | EightCutError) -> None:
        if isinstance(what, Crash):
            self._counts[what.signature] += 1
            if what.signature == self._shown and isinstance(self._dialog, CrashDialog):
                self._dialog.set_count(self._counts[what.signature])
                return
            waits = any(isinstance(other, Crash) and other.signature == what.signature for other in self._waiting)
            if waits or self._times_shown[what.signature] >= MOST_SHOWN:
                return
        self._waiting.append(what)
        self._show_next()

    def _show_next(self) -> None:
        if self._dialog is not None or not self._waiting or QApplication.instance() is None:
            return
        what = self._waiting.pop(0)
        parent = QApplication.activeWindow()
        if isinstance(what, Crash):
            self._dialog = CrashDialog(what.headline, what.report, self._folder, parent)
            self._dialog.set_count(self._counts[what.signature])
            self._shown = what.signature
            self._times_shown[what.signature] += 1
        else:
            self._dialog = error_dialog(parent, what)
        self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The next one waits until this one is really gone, however it goes.
        self._dialog.destroyed.connect(self._closed)
        self._dialog.show()

    def _closed(self) -> None:
        self._dialog, self._shown = None, ""
        self._show_next()


def describe(error: BaseException, trace: TracebackType | None, where: str, log_path: Path) -> Crash:
    """What to show and send of a mistake."""
    frames = traceback.extract_tb(trace)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"
    headline = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    text = "".join(traceback.format_exception(type(error), error, trace))
    report = f"{system_report()}\n\nIn {where}\n{text}\nThe end of the log:\n{_log_end(log_path)}"
    return Crash(f"{type(error).__name__} {place}", headline, report)


def _log_end(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - (1 << 14)))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError as error:
        return f"(no log: {error.strerror})"
    return "\n".join(lines[-LOG_LINES:])


def on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    """Qt's own messages go to the log."""
    category = f"{context.category}: " if context.category and context.category != "default" else ""
    qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s%s", category, message)


def install(log_folder: Path) -> CrashHooks:
    """Install all hooks; keep the result as long as the process lives. Works before there is a QApplication."""
    return CrashHooks(log_folder)
