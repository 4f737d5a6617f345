"""One picture on black, as large as it fits, or a sentence where there is none."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ui.theme import current


class PictureView(QWidget):
    """Emits `painted` when a picture is on screen for the first time."""

    painted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._fitted: QImage | None = None
        self._new = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("The item")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def image(self) -> QImage | None:
        return self._image

    def show_image(self, image: QImage | None) -> None:
        """Show this, or black for None."""
        self._image, self._fitted = image, None
        self._new = image is not None
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current().video_back))
        if self._image is None or self._image.isNull():
            return
        fitted = self._fit()
        ratio = fitted.devicePixelRatio()
        size = QSize(round(fitted.width() / ratio), round(fitted.height() / ratio))
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(self.rect().center())
        painter.drawImage(place.topLeft(), fitted)
        if self._new:
            self._new = False
            self.painted.emit()

    def _fit(self) -> QImage:
        """Scaled once per size; a prefetched picture usually comes in the size it is shown in."""
        ratio = self.devicePixelRatioF()
        wanted = (QRectF(self.rect()).size() * ratio).toSize()
        if self._fitted is None or not _fits(self._fitted.size(), wanted):
            image = self._image
            if not _fits(image.size(), wanted):
                image = image.scaled(
                    wanted, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
            self._fitted = QImage(image)
            self._fitted.setDevicePixelRatio(ratio)
        return self._fitted


def _fits(size: QSize, room: QSize) -> bool:
    """Whether a picture of this size fills the room along one side and does not stick out."""
    touches = abs(size.width() - room.width()) <= 1 or abs(size.height() - room.height()) <= 1
    return touches and size.width() <= room.width() + 1 and size.height() <= room.height() + 1
