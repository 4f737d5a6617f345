"""The face every player surface has: where the picture lies, what is painted over it, clicks on it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPalette, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from core.errors import EightCutError
from ui.player.player import Player

MARGIN_PX = 24
# Paints over the picture; gets the painter and the rectangle of the picture in widget coordinates (empty without one).
Overlay = Callable[[QPainter, QRectF], None]


def fit(size: tuple[int, int] | None, area: QRectF) -> QRectF:
    """The largest centred rectangle with the shape of `size` inside `area`, in the same coordinates; empty without."""
    if not size or min(size) <= 0 or area.isEmpty():
        return QRectF()
    scale = min(area.width() / size[0], area.height() / size[1])
    picture = QRectF(0.0, 0.0, size[0] * scale, size[1] * scale)
    picture.moveCenter(area.center())
    return picture


def paint_problem(painter: QPainter, area: QRectF, palette: QPalette, problem: EightCutError) -> None:
    """Say in the middle of `area` what is wrong, why, and what to do."""
    painter.fillRect(area, palette.window())
    painter.setPen(palette.windowText().color())
    inner = area.adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
    painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), problem_text(problem))


def problem_text(problem: EightCutError) -> str:
    return "\n".join(part for part in (problem.what, problem.why, problem.fix) if part)


class SurfaceFace:
    """Mixed into a QWidget. Fractions run from 0 at the left and top edge of the displayed picture to 1."""

    clicked = pyqtSignal(float, float)  # left button on the picture: fractions across and down
    dragged = pyqtSignal(float, float)  # moved with the left button held, after `clicked`: fractions, kept inside
    released = pyqtSignal()  # the left button that was pressed on the picture
    double_clicked = pyqtSignal()  # anywhere on the surface: full screen

    def _init_face(self: QWidget, player: Player) -> None:
        self._player = player
        self._overlays: list[Overlay] = []
        self._pressed = False
        self.setAccessibleName("Video")
        self.setMinimumSize(160, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        for changed in (player.opened, player.failed, player.closed):
            changed.connect(lambda *_: self.update())

    def add_overlay(self: QWidget, overlay: Overlay) -> None:
        """Call `overlay` after every picture; later ones paint over earlier ones. `update()` repaints."""
        self._overlays.append(overlay)
        self.update()

    def remove_overlay(self: QWidget, overlay: Overlay) -> None:
        self._overlays.remove(overlay)
        self.update()

    def video_rect(self: QWidget) -> QRectF:
        """Where the displayed picture lies in the widget, in widget coordinates; empty without a picture."""
        return fit(self._player.display_size, QRectF(self.rect()))

    def picture_position(self, point: QPointF) -> tuple[float, float] | None:
        """Fractions of the picture under a point of the widget; None outside the picture."""
        rect = self.video_rect()
        if rect.isEmpty() or not rect.contains(point):
            return None
        return (point.x() - rect.left()) / rect.width(), (point.y() - rect.top()) / rect.height()

    def widget_position(self, across: float, down: float) -> QPointF:
        """The point of the widget where these fractions of the picture lie."""
        rect = self.video_rect()
        return QPointF(rect.left() + across * rect.width(), rect.top() + down * rect.height())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        position = self.picture_position(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if position is None:
            event.ignore()
        else:
            self._pressed = True
            self.clicked.emit(*position)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        rect = self.video_rect()
        if not self._pressed or rect.isEmpty():
            event.ignore()
            return
        across = (event.position().x() - rect.left()) / rect.width()
        down = (event.position().y() - rect.top()) / rect.height()
        self.dragged.emit(min(1.0, max(0.0, across)), min(1.0, max(0.0, down)))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if self._pressed and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = False
            self.released.emit()
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        event.ignore()

    def _paint_overlays(self, painter: QPainter) -> None:
        rect = self.video_rect()
        for overlay in tuple(self._overlays):
            painter.save()
            overlay(painter, rect)
            painter.restore()
