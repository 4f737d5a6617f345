"""Icons drawn as paths: crisp at every scale, in the colour of the theme that is in force when they are painted."""

from __future__ import annotations

import re
from functools import cache

from PyQt6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ui.theme.apply import current
from ui.theme.icon_paths import PATHS

GRID = 16.0
STROKE = 1.5
CORNER = 1.0
_COMMAND = re.compile(r"([MLCZOR])([^MLCZOR]*)")


def icon(name: str, token: str = "text", on_token: str | None = None) -> QIcon:
    """The icon `name` of `icon_paths.PATHS` in the colour of a theme token, `on_token` while it is checked.

    Raises:
        KeyError: there is no such icon.
    """
    if name not in PATHS:
        raise KeyError(name)
    return QIcon(_Engine(name, token, on_token or token))


def paint_icon(painter: QPainter, name: str, rect: QRectF, color: QColor) -> None:
    """Paint an icon into the largest square in the middle of `rect`."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / GRID, side / GRID)
    pen = QPen(color, STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    for filled, path in _paths(name):
        painter.setPen(Qt.PenStyle.NoPen if filled else pen)
        painter.setBrush(color if filled else Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
    painter.restore()


@cache
def _paths(name: str) -> tuple[tuple[bool, QPainterPath], ...]:
    return tuple((text.startswith("#"), _parse(text)) for text in PATHS[name])


def _parse(text: str) -> QPainterPath:
    path = QPainterPath()
    for command, rest in _COMMAND.findall(text):
        values = [float(value) for value in rest.split()]
        points = [QPointF(x, y) for x, y in zip(values[::2], values[1::2], strict=False)]
        if command == "M":
            path.moveTo(points[0])
        elif command == "L":
            for point in points:
                path.lineTo(point)
        elif command == "C":
            path.cubicTo(*points)
        elif command == "O":
            path.addEllipse(points[0], values[2], values[2])
        elif command == "R":
            path.addRoundedRect(QRectF(*values), CORNER, CORNER)
        else:
            path.closeSubpath()
    return path


class Glyph(QWidget):
    """An icon as a picture beside text; says nothing to a screen reader, the text does."""

    def __init__(self, name: str, size_px: int, parent: QWidget | None = None, token: str = "text_muted") -> None:
        super().__init__(parent)
        self._name, self._token = name, token
        self.setFixedSize(size_px, size_px)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_icon(self, name: str, token: str | None = None) -> None:
        """Show another icon, in another colour if given."""
        self._name, self._token = name, token or self._token
        self.update()

    @property
    def name(self) -> str:
        return self._name

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        paint_icon(painter, self._name, QRectF(self.rect()), QColor(getattr(current(), self._token)))


class _Engine(QIconEngine):
    """Paints one icon of the table; asks for the colour at the moment of painting."""

    def __init__(self, name: str, token: str, on_token: str) -> None:
        super().__init__()
        self._name, self._token, self._on_token = name, token, on_token

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        theme = current()
        if mode == QIcon.Mode.Disabled:
            color = theme.text_disabled
        elif mode == QIcon.Mode.Selected:
            color = theme.selection_text
        else:
            color = getattr(theme, self._on_token if state == QIcon.State.On else self._token)
        paint_icon(painter, self._name, QRectF(rect), QColor(color))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        pixels = (QSizeF(size) * scale).toSize()
        pixmap = QPixmap(pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), pixels), mode, state)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._token, self._on_token)
