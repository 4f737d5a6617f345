"""The surface of machines that cannot show video: it says why, what to do, and that cutting still works."""

from __future__ import annotations

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from ui.player.player import Player
from ui.player.surface import SurfaceFace, paint_problem, problem_text


class NoVideoSurface(SurfaceFace, QWidget):
    """Stands where the picture would be. Overlays and clicks work as on the real one."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._init_face(player)
        self.setAccessibleDescription(self.text)

    @property
    def text(self) -> str:
        """What is shown: the problem in three sentences, or nothing when there is none."""
        problem = self._player.video_problem
        return problem_text(problem) if problem else ""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        if self._player.video_problem is not None:
            paint_problem(painter, QRectF(self.rect()), self.palette(), self._player.video_problem)
        self._paint_overlays(painter)
        painter.end()
