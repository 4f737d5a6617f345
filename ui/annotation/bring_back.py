"""The button that brings deleted projects back; hidden while there are none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QMenu, QPushButton, QWidget

from core.domain.annotation import Project


class BringBackButton(QPushButton):
    """Its menu names the projects."""

    chosen = pyqtSignal(object)
    """A project."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Bring back", parent)
        self.setToolTip("Projects that were deleted, with all their labels")
        self.setMenu(QMenu(self))
        self.hide()

    def show_projects(self, deleted: Sequence[Project]) -> None:
        """Offer these."""
        self.menu().clear()
        for project in deleted:
            # A single & would underline the letter behind it.
            entry = self.menu().addAction(project.name.replace("&", "&&"))
            entry.triggered.connect(partial(self._choose, project))
        self.setVisible(bool(deleted))

    def _choose(self, project: Project, _checked: bool = False) -> None:
        self.chosen.emit(project)
