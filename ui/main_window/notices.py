"""How the main window tells people things: in passing, or in a dialog when they have to act."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from core.errors import EightCutError, EnvironmentProblem
from ui.dialogs.messages import show_error
from ui.theme import Space
from ui.widgets.toast import Toast

log = logging.getLogger(__name__)
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
        if isinstance(error, EnvironmentProblem):
            show_error(self._window, error)
        else:
            self.tell(str(error), "error", action)
