"""One answer: its key in a box, its name beside it, large enough to hit without looking."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import Space, current

HEIGHT_PX = 44
_KEY_PX = 26
_WIDEST_NAME_PX = 240


class AnswerButton(QAbstractButton):
    """Checkable; `share` (0–1) draws how probable a model thinks it is, None draws nothing."""

    def __init__(self, name: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.share: float | None = None
        self.setText(name)
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({key})")
        self.setCheckable(True)
        # A click must not take the keys away from the item.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_share(self, share: float | None) -> None:
        self.share = share
        self.setAccessibleDescription("" if share is None else f"A model says {share:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        name = min(_WIDEST_NAME_PX, self.fontMetrics().horizontalAdvance(self.text()))
        return QSize(_KEY_PX + name + 4 * Space.S, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(_KEY_PX + 48 + 3 * Space.S, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground, text = theme.raised, theme.text
        if self.isChecked():
            ground, text = theme.accent, theme.accent_text
        elif self.isDown():
            ground = theme.pressed
        elif self.underMouse() and self.isEnabled():
            ground = theme.hover
        if not self.isEnabled():
            text = theme.text_disabled
        edge = theme.focus if self.hasFocus() else theme.accent if self.isChecked() else theme.control_border
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, Space.RADIUS_L, Space.RADIUS_L)
        if self.share is not None:
            self._paint_share(painter, box)
        self._paint_key(painter, box, QColor(text))
        painter.setPen(QColor(text))
        name = box.adjusted(_KEY_PX + 2 * Space.S, 0, -Space.S, 0)
        shown = QFontMetricsF(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, name.width())
        painter.drawText(name, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)

    def _paint_key(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        place = QRectF(box.left() + Space.S, box.center().y() - _KEY_PX / 2, _KEY_PX, _KEY_PX)
        edge = QColor(colour)
        edge.setAlphaF(0.55)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(place, Space.RADIUS, Space.RADIUS)
        font = self.font()
        font.setBold(True)
        painter.save()
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), self.key)
        painter.restore()

    def _paint_share(self, painter: QPainter, box: QRectF) -> None:
        colour = QColor(current().region)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        width = (box.width() - 2 * Space.S) * min(1.0, max(0.0, self.share or 0.0))
        painter.drawRoundedRect(QRectF(box.left() + Space.S, box.bottom() - 5, width, 3), 1.5, 1.5)
