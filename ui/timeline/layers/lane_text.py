"""What the optional lanes have in common: a ground, a line above, and a word while there is nothing to show."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter

from ui.timeline.view import Lane, View


def paint_ground(painter: QPainter, view: View, lane: Lane) -> None:
    """Fill the part of the lane that is to be painted."""
    width = view.right_px - view.left_px
    painter.fillRect(QRectF(view.left_px, lane.top, width, lane.height), view.colours["timeline_back"])
    painter.fillRect(QRectF(view.left_px, lane.bottom - 1 / view.dpr, width, 1 / view.dpr), view.colours["border"])


def paint_text(painter: QPainter, view: View, lane: Lane, text: str) -> None:
    """A quiet line in the middle of the lane."""
    painter.setFont(view.type.small)
    painter.setPen(view.colours["text_muted"])
    painter.drawText(QRectF(0, lane.top, view.width_px, lane.height), int(Qt.AlignmentFlag.AlignCenter), text)
