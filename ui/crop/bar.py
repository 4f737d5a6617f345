"""The crop bar: the free axis of the picture as a strip, with the part that the crop keeps as a handle to push."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from core.domain.crop import MIDDLE, Axis, Crop, center_range, crop_rect, free_axis
from ui.theme import Space, current, qcolor

HEIGHT_PX = 24
_STEP, _PAGE = 0.01, 0.1
_GRIP_PX = 8


class CropBar(QWidget):
    """Shows a crop; `moved` says where it is pushed (the centre, 0–1), `settled` when the hand lets go of it."""

    moved = pyqtSignal(float)
    settled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size: tuple[int, int] | None = None
        self._crop = Crop()
        self._held: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Crop position")
        self.setToolTip("Push the crop along the picture; the arrow keys move it by 1 %")
        self._describe()

    @property
    def axis(self) -> Axis | None:
        """The direction in which the crop can move, None when it cannot."""
        return free_axis(*self._size, self._crop.ratio) if self._size and self._crop.ratio else None

    def show_crop(self, size: tuple[int, int] | None, crop: Crop) -> None:
        """Follow a crop that was set elsewhere; `size` is that of the displayed picture in pixels."""
        self._size, self._crop = size, crop
        self.setEnabled(self.axis is not None)
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, HEIGHT_PX)

    def handle(self) -> QRectF:
        """Where the kept part lies in the widget; the whole track without a free axis."""
        track = QRectF(1, 1, self.width() - 2, self.height() - 2)
        if self.axis is None:
            return track
        left, top, right, bottom = crop_rect(*self._size, self._crop).fractions(*self._size)
        low, high = (left, right) if self.axis is Axis.ACROSS else (top, bottom)
        return QRectF(track.left() + low * track.width(), track.top(), (high - low) * track.width(), track.height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        painter.setPen(QPen(qcolor(theme.focus if self.hasFocus() else theme.control_border), 1))
        painter.setBrush(qcolor(theme.field))
        painter.drawRoundedRect(track, Space.RADIUS, Space.RADIUS)
        movable, handle = self.axis is not None, self.handle()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(theme.accent if movable else theme.pressed))
        painter.drawRoundedRect(handle, Space.RADIUS, Space.RADIUS)
        painter.setPen(QPen(qcolor(theme.accent_text if movable else theme.text_muted), 1))
        if movable:
            for offset in (-2, 0, 2):
                x = handle.center().x() + offset * 1.5
                painter.drawLine(
                    QRectF(x, handle.center().y() - _GRIP_PX / 2, 0, _GRIP_PX).topLeft(),
                    QRectF(x, handle.center().y() - _GRIP_PX / 2, 0, _GRIP_PX).bottomLeft(),
                )
        else:
            painter.drawText(handle, int(Qt.AlignmentFlag.AlignCenter), self._reason())
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.axis is None:
            event.ignore()
            return
        handle, x = self.handle(), event.position().x()
        # Taken where it is; beside it, its middle jumps to the pointer.
        self._held = x - handle.center().x() if handle.left() <= x <= handle.right() else 0.0
        self._push(x)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if self._held is not None:
            self._push(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if self._held is not None and event.button() == Qt.MouseButton.LeftButton:
            self._held = None
            self.settled.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        low, high = center_range(*self._size, self._crop.ratio) if self._size else (MIDDLE, MIDDLE)
        center = min(high, max(low, self._crop.center))
        wanted = {
            Qt.Key.Key_Left: center - _STEP,
            Qt.Key.Key_Up: center - _STEP,
            Qt.Key.Key_Right: center + _STEP,
            Qt.Key.Key_Down: center + _STEP,
            Qt.Key.Key_PageUp: center - _PAGE,
            Qt.Key.Key_PageDown: center + _PAGE,
            Qt.Key.Key_Home: low,
            Qt.Key.Key_End: high,
        }.get(Qt.Key(event.key()))
        if wanted is None or self.axis is None:
            super().keyPressEvent(event)
            return
        self.moved.emit(min(high, max(low, wanted)))
        self.settled.emit()

    def _push(self, x_px: float) -> None:
        low, high = center_range(*self._size, self._crop.ratio)
        self.moved.emit(min(high, max(low, (x_px - self._held - 1) / max(1, self.width() - 2))))

    def _reason(self) -> str:
        if not self._crop.ratio:
            return "No crop"
        return "The whole picture" if self._size else ""

    def _describe(self) -> None:
        if self.axis is None:
            self.setAccessibleDescription(self._reason())
            return
        direction = "from the left" if self.axis is Axis.ACROSS else "from the top"
        self.setAccessibleDescription(f"{self._crop.ratio}, centre {self._crop.center * 100:.0f} % {direction}")
