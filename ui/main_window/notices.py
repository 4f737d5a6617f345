"""How the main window tells people things: in passing, or in a dialog when they have to act."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QPlainTextEdit, QWidget

from core.errors import EightCutError, EnvironmentProblem, NewerDataError
from ui.dialogs.messages import error_dialog
from ui.dialogs.text_dialog import TextDialog
from ui.theme import Space
from ui.widgets.toast import Toast

log = logging.getLogger(__name__)
PROBLEMS_TOLD = 2
Action = tuple[str, Callable[[], object]]


class Notices(QObject):
    """One per window. Errors of the input pass by; problems of the machine stay until they are answered."""

    def __init__(self, window: QWidget, stage: QWidget) -> None:
        """Messages pass over `stage`; dialogs belong to `window`."""
        super().__init__(window)
        self._window = window
        self._toast = Toast(stage, bottom_margin_px=Space.L)

    def tell(self, text: str, kind: str = "info", action: Action | None = None) -> None:
        """A message that goes by itself; `kind` is info, success, warning or error."""
        self._toast.show_message(text, kind, action)

    def complain(self, error: EightCutError, action: Action | None = None) -> None:
        """An expected error, told by its class."""
        log.info("Told: %s", error)
        if isinstance(error, EnvironmentProblem | NewerDataError):
            self._open_dialog(error, action)
        else:
            self.tell(str(error), "error", action)

    def tell_problems(self, lines: Sequence[str], text: str) -> None:
        """Two sentences or fewer one by one; `text` in the place of more of them, with a button to read them all."""
        if len(lines) <= PROBLEMS_TOLD:
            for line in lines:
                self.tell(line, "error")
        else:
            self.tell(text, "error", ("Why…", lambda: self._show_text(text, "\n".join(lines))))

    def dismiss(self) -> None:
        """Take all passing messages away."""
        self._toast.clear()

    def _show_text(self, title: str, text: str) -> None:
        dialog = TextDialog(title, text, self._window)
        dialog.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _open_dialog(self, error: EightCutError, action: Action | None) -> None:
        """Ask without a loop of its own: the window goes on, and what the dialog offers runs when it is chosen."""
        dialog = error_dialog(self._window, error, retry=action is not None)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if action:
            dialog.finished.connect(lambda _: action[1]() if dialog.choice == 1 else None)
        dialog.open()
