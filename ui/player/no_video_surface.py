"""The surface of machines that cannot show video: it says why, what to do, and that cutting still works."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from ui.player.player import Player
from ui.player.surface import SurfaceFace

MARGIN_PX = 24


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
        return "\n".join(part for part in (problem.what, problem.why, problem.fix) if part) if problem else ""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        painter.setPen(self.palette().placeholderText().color())
        area = QRectF(self.rect()).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self.text)
        self._paint_overlays(painter)
        painter.end()
