"""The middle of the window: the video, or what to do while there is none; files can be dropped on it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtWidgets import QStackedLayout, QWidget

from ui.widgets.empty_state import EmptyState


class VideoStage(QWidget):
    """Shows the surface while a media is open, and never reparents it: that would cost its picture."""

    def __init__(self, surface: QWidget, welcome: EmptyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surface = surface
        self._welcome = welcome
        self._problem = EmptyState("", icon="warning")
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for page in (welcome, surface, self._problem):
            self._stack.addWidget(page)

    def show_welcome(self) -> None:
        self._stack.setCurrentWidget(self._welcome)

    def show_video(self) -> None:
        self._stack.setCurrentWidget(self._surface)

    def show_problem(self, what: str, why_and_fix: Sequence[str]) -> None:
        """Say in the picture's place why it cannot be shown."""
        self._problem.set_texts(what, "\n".join(line for line in why_and_fix if line))
        self._stack.setCurrentWidget(self._problem)
