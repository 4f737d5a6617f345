"""The last frame of the batch, with its crop: does the clip end where it should?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from core.domain.crop import Crop
from core.domain.timecode import format_time
from ui.crop.overlay import NO_TRIM, Trim, kept_area, paint_crop
from ui.theme import Space, current, qcolor

if TYPE_CHECKING:
    import numpy as np

CAPTION_PX = 24


class EndFrameView(QWidget):
    """Shows a picture, or in words why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._size = (1, 1)
        self._crop, self._trim = Crop(), NO_TRIM
        self._caption = ""
        self._text = "Open a video to see where its batch ends"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("End frame")

    @property
    def caption(self) -> str:
        """The line under the picture, or the text in its place."""
        return self._caption if self._image is not None else self._text

    def show_picture(
        self, rgb: np.ndarray, size: tuple[int, int], time_s: float, crop: Crop, trim: Trim = NO_TRIM
    ) -> None:
        """Show a frame.

        Args:
            rgb: uint8 (height, width, 3), contiguous.
            size: width and height of the displayed source in pixels, of which `rgb` may be a smaller copy.
        """
        height, width, _ = rgb.shape
        self._image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self._size, self._crop, self._trim = size, crop, trim
        self._caption = f"Last frame  {format_time(time_s)}" + (f"  ·  {crop.ratio}" if crop.ratio else "")
        self.setAccessibleDescription(self._caption)
        self.update()

    def show_text(self, text: str) -> None:
        """Say why there is no picture."""
        self._image, self._text = None, text
        self.setAccessibleDescription(text)
        self.update()

    def picture_rect(self) -> QRectF:
        """Where the picture lies; empty without one."""
        if self._image is None:
            return QRectF()
        area = QRectF(self.rect()).adjusted(0, 0, 0, -CAPTION_PX)
        scale = min(area.width() / self._image.width(), area.height() / self._image.height())
        rect = QRectF(0, 0, self._image.width() * scale, self._image.height() * scale)
        rect.moveCenter(area.center())
        return rect

    def sizeHint(self) -> QSize:
        return QSize(320, 180 + CAPTION_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 135 + CAPTION_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme, painter = current(), QPainter(self)
        painter.fillRect(self.rect(), qcolor(theme.video_back))
        painter.setPen(qcolor(theme.video_text))
        if self._image is None:
            inner = QRectF(self.rect()).adjusted(Space.M, Space.M, -Space.M, -Space.M)
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._text)
        else:
            rect = self.picture_rect()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, self._image)
            line = QRectF(self.rect()).adjusted(Space.S, self.height() - CAPTION_PX, -Space.S, 0)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), self._caption)
            if self._crop.ratio or self._trim != NO_TRIM:
                painter.save()
                paint_crop(painter, rect, kept_area(rect, self._size, self._crop, self._trim))
                painter.restore()
        painter.end()
