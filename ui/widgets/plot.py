"""A small plot: lines and points between two axes, painted in the theme's colours, with a readout under the mouse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.theme import Space, current

_NEAR_PX = 24.0
_TICKS = 5


@dataclass(frozen=True)
class Line:
    """Points joined in order. `tips` are what the mouse reads at each point; `colour` is one of the theme's."""

    points: tuple[tuple[float, float], ...]
    colour: str = "accent"
    name: str = ""
    dashed: bool = False
    dots: bool = False
    tips: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """One point that matters, with a word beside it."""

    x: float
    y: float
    text: str
    colour: str = "warning"


class Plot(QWidget):
    """Lines and marks over `x_range` and `y_range`; says so where there is nothing to draw."""

    def __init__(
        self,
        x_title: str,
        y_title: str,
        *,
        x_range: tuple[float, float] = (0.0, 1.0),
        y_range: tuple[float, float] = (0.0, 1.0),
        empty: str = "Nothing to show yet",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._titles = (x_title, y_title)
        self._x, self._y = x_range, y_range
        self._whole_numbers = False
        self._empty = empty
        self._lines: tuple[Line, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(150)

    def show_lines(
        self,
        lines: Sequence[Line],
        marks: Sequence[Mark] = (),
        x_range: tuple[float, float] | None = None,
        whole_numbers: bool = False,
    ) -> None:
        """Draw these instead of what was there. `whole_numbers`: the x axis counts things."""
        self._lines, self._marks = tuple(lines), tuple(marks)
        self._x = x_range or self._x
        self._whole_numbers = whole_numbers
        named = [f"{line.name}: {len(line.points)} points" for line in self._lines if line.name]
        self.setAccessibleName(f"{self._titles[1]} over {self._titles[0]}")
        self.setAccessibleDescription(", ".join(named))
        self.update()

    @property
    def lines(self) -> tuple[Line, ...]:
        return self._lines

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self._marks

    def sizeHint(self) -> QSize:
        return QSize(380, 240)

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        theme = current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small_font)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.field))
        painter.drawRoundedRect(QRectF(self.rect()), Space.RADIUS, Space.RADIUS)
        if not any(line.points for line in self._lines):
            painter.setPen(QColor(theme.text_muted))
            painter.drawText(QRectF(self.rect()), int(Qt.AlignmentFlag.AlignCenter), self._empty)
            return
        box = self._box()
        self._paint_axes(painter, box)
        painter.save()
        painter.setClipRect(box.adjusted(-4, -4, 4, 4))
        for line in self._lines:
            self._paint_line(painter, box, line)
        painter.restore()
        for mark, label in zip(self._marks, self.mark_labels(), strict=True):
            self._paint_mark(painter, box, mark, label)
        self._paint_names(painter, box)

    def _paint_axes(self, painter: QPainter, box: QRectF) -> None:
        theme = current()
        metrics = QFontMetricsF(painter.font())
        for value in self._ticks(self._x, self._whole_numbers):
            x = round(self._at(box, value, self._y[0]).x()) + 0.5
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(QColor(theme.text_muted))
            text = f"{value:g}"
            painter.drawText(
                QPointF(x - metrics.horizontalAdvance(text) / 2, box.bottom() + metrics.ascent() + 5), text
            )
        for value in self._ticks(self._y):
            y = round(self._at(box, self._x[0], value).y()) + 0.5
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(theme.text_muted))
            text = f"{value:g}"
            painter.drawText(
                QPointF(box.left() - metrics.horizontalAdvance(text) - 6, y + metrics.ascent() / 2 - 1), text
            )
        painter.setPen(QColor(theme.text_muted))
        below = QRectF(box.left(), self.height() - metrics.height() - 4, box.width(), metrics.height())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), self._titles[0])
        painter.save()
        # A title that is longer than its axis is centred in all the height there is.
        fits = metrics.horizontalAdvance(self._titles[1]) <= box.height()
        painter.translate(metrics.height() + 1, box.center().y() if fits else self.height() / 2)
        painter.rotate(-90)
        beside = QRectF(-self.height() / 2, -metrics.height(), self.height(), metrics.height())
        painter.drawText(beside, int(Qt.AlignmentFlag.AlignCenter), self._titles[1])
        painter.restore()

    def _paint_line(self, painter: QPainter, box: QRectF, line: Line) -> None:
        colour = QColor(getattr(current(), line.colour))
        points = [self._at(box, x, y) for x, y in line.points]
        pen = QPen(colour, 1.2 if line.dashed else 2.0)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if line.dashed:
            pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if line.dots:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            for point in points:
                painter.drawEllipse(point, 3.2, 3.2)

    def _paint_mark(self, painter: QPainter, box: QRectF, mark: Mark, label: QRectF) -> None:
        theme = current()
        point = self._at(box, mark.x, mark.y)
        colour = QColor(getattr(theme, mark.colour))
        painter.setPen(QPen(QColor(theme.field), 2))
        painter.setBrush(colour)
        painter.drawEllipse(point, 5.5, 5.5)
        ground = QColor(theme.field)
        ground.setAlphaF(0.85)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(label, 3, 3)
        painter.setPen(colour)
        painter.drawText(label, int(Qt.AlignmentFlag.AlignCenter), mark.text)

    def _paint_names(self, painter: QPainter, box: QRectF) -> None:
        """A legend where more than one line has a name."""
        named = [line for line in self._lines if line.name]
        if len(named) < 2:
            return
        metrics = QFontMetricsF(painter.font())
        x, y = box.left() + 8, box.bottom() - 8 - metrics.height() * (len(named) - 1)
        if any(line.points and line.points[0] == (self._x[0], self._y[0]) for line in self._lines):
            # The lower left corner is taken.
            y = box.top() + 8 + metrics.ascent()
        for line in named:
            pen = QPen(QColor(getattr(current(), line.colour)), 2)
            if line.dashed:
                pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y - metrics.ascent() / 2 + 1), QPointF(x + 18, y - metrics.ascent() / 2 + 1))
            painter.setPen(QColor(current().text))
            painter.drawText(QPointF(x + 24, y), line.name)
            y += metrics.height()

    # -- geometry -----------------------------------------------------------------------------------------------------

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(56, 14, -16, -44)

    @property
    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(Space.FONT_SMALL)
        return font

    def mark_labels(self) -> list[QRectF]:
        """Where the words beside the marks stand, in their order: inside the axes, and in nobody's way."""
        box, metrics = self._box(), QFontMetricsF(self._small_font)
        points = [self._at(box, mark.x, mark.y) for mark in self._marks]
        dots = [QRectF(point.x() - 6, point.y() - 6, 12, 12) for point in points]
        height = metrics.height() + 2
        labels: list[QRectF] = []
        for mark, point in zip(self._marks, points, strict=True):
            width = metrics.horizontalAdvance(mark.text) + 6
            left = point.x() + 7 if point.x() + 7 + width < box.right() else point.x() - 7 - width
            beside = QRectF(max(left, box.left()), point.y() + 3, width, height)
            beside.moveBottom(min(beside.bottom(), box.bottom()))
            # The nearest free place, close to what is in the way; over a dot only where there is no other.
            own = beside.top()
            ways = [top for each in dots + labels for top in (each.bottom() + 1, each.top() - height - 1)]
            tops = sorted([own, *ways], key=lambda top, own=own: abs(top - own))
            places = [QRectF(beside.left(), top, width, height) for top in tops]
            inside = [place for place in places if box.top() <= place.top() and place.bottom() <= box.bottom()]
            apart = [place for place in inside if not any(place.intersects(other) for other in labels)]
            free = [place for place in apart if not any(place.intersects(dot) for dot in dots)]
            labels.append(next(iter(free or apart), beside))
        return labels

    def _at(self, box: QRectF, x: float, y: float) -> QPointF:
        wide, high = (self._x[1] - self._x[0]) or 1.0, (self._y[1] - self._y[0]) or 1.0
        return QPointF(
            box.left() + (x - self._x[0]) / wide * box.width(), box.bottom() - (y - self._y[0]) / high * box.height()
        )

    @staticmethod
    def _ticks(limits: tuple[float, float], whole: bool = False) -> list[float]:
        low, high = limits
        if whole:
            least = max(1.0, (high - low) / 8)
            power = 10 ** math.floor(math.log10(least))
            step = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= least)
            return [float(value) for value in range(math.ceil(low / step) * step, math.floor(high) + 1, step)]
        return [round(low + (high - low) * part / _TICKS, 6) for part in range(_TICKS + 1)]

    # -- the mouse ----------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        tip = self.tip_at(event.position())
        if tip:
            QToolTip.showText(event.globalPosition().toPoint(), tip, self)
        else:
            QToolTip.hideText()

    def event(self, event: QEvent | None) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            return True
        return super().event(event)

    def tip_at(self, position: QPointF) -> str:
        """What the nearest point says, empty when none is near."""
        box = self._box()
        nearest, text = _NEAR_PX, ""
        for line in self._lines:
            for (x, y), tip in zip(line.points, line.tips, strict=False):
                point = self._at(box, x, y)
                away = math.hypot(point.x() - position.x(), point.y() - position.y())
                if away < nearest:
                    nearest, text = away, tip
        return text
