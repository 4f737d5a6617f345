"""Where the fields of a deck stand: side by side while there is room, in more rows where there is less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import Space

Row = Sequence[tuple[str, int]]
"""Captions of fields, and how many columns each takes."""
ACT_WIDTH_PX = 184
_ANY_WIDTH_PX = 16_777_215
_LEAST_HEIGHT_PX = 156


class DeckLayout(QWidget):
    """Captioned fields in the first of several arrangements that fits, and what to do with them beside or below.

    Args:
        fields: a widget, or several side by side, by caption.
        arrangements: rows, and whether the act stands beside them; the one that needs most room first.
        act: the button.
        words: what is said about it, from top to bottom.
    """

    def __init__(
        self,
        fields: Mapping[str, QWidget | Sequence[QWidget]],
        arrangements: Sequence[tuple[bool, Sequence[Row]]],
        act: QWidget,
        words: Sequence[QWidget],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._arrangements = arrangements
        self._cells = {caption: _cell(caption, field) for caption, field in fields.items()}
        self._needs_px: dict[int, int] = {}
        self._arranged = -1
        self._act = QWidget()
        self._act_box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._act)
        self._act_box.setContentsMargins(0, 0, 0, 0)
        said = QVBoxLayout()
        said.setSpacing(Space.XS)
        said.addStretch(1)
        for each in words:
            said.addWidget(each)
        self._act_box.addLayout(said, 1)
        # The style gives buttons a least width of their own.
        holder = QWidget()
        holder.setMinimumWidth(ACT_WIDTH_PX)
        held = QVBoxLayout(holder)
        held.setContentsMargins(0, 0, 0, 0)
        held.addWidget(act)
        self._act_box.addWidget(holder, 0, Qt.AlignmentFlag.AlignBottom)
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(Space.M, Space.S, Space.M, Space.M)
        self._scroll = _Scroll(self._rows)
        self._box.addWidget(self._scroll, 1)
        self._box.addWidget(self._act)
        self._arrange(0)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the last arrangement goes, as high as the present one is."""
        return QSize(self._needed_px(len(self._arrangements) - 1), self._box.totalMinimumSize().height())

    def sizeHint(self) -> QSize:
        """High enough for all rows."""
        return QSize(super().sizeHint().width(), self._box.totalSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_box"):
            self._needs_px.clear()
            self._fit()

    def _fit(self) -> None:
        last = len(self._arrangements) - 1
        fitting = (number for number in range(last) if self._needed_px(number) <= self.width())
        wanted = next(fitting, last)
        if wanted != self._arranged:
            self._arrange(wanted)
            self.updateGeometry()

    def _needed_px(self, number: int) -> int:
        """How wide an arrangement is at least; found by trying, once for each style."""
        if number not in self._needs_px:
            before = self._arranged
            self._arrange(number)
            fields_px, act_px = self._grid.minimumSize().width(), self._act_box.minimumSize().width()
            beside = self._arrangements[number][0]
            self._needs_px[number] = 2 * Space.M + (
                fields_px + ACT_WIDTH_PX + Space.L if beside else max(fields_px, act_px)
            )
            self._arrange(before)
        return self._needs_px[number]

    def _arrange(self, number: int) -> None:
        beside, rows = self._arrangements[number]
        self._arranged = number
        grid = self._grid
        while grid.count():
            grid.takeAt(0)
        for column in range(grid.columnCount()):
            grid.setColumnStretch(column, 0)
        for place, row in enumerate(rows):
            column = 0
            for caption, span in row:
                grid.addWidget(self._cells[caption], place, column, 1, span)
                column += span
        for column in range(max(sum(span for _, span in row) for row in rows)):
            grid.setColumnStretch(column, 1)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        self._box.setSpacing(Space.L if beside else Space.S)
        self._act_box.setDirection(direction.TopToBottom if beside else direction.LeftToRight)
        self._act_box.setSpacing(Space.XS if beside else Space.L)
        self._act.setMinimumWidth(ACT_WIDTH_PX if beside else 0)
        self._act.setMaximumWidth(ACT_WIDTH_PX if beside else _ANY_WIDTH_PX)
        for part in (self._rows, self._scroll, self._act):
            part.updateGeometry()


class _Scroll(QScrollArea):
    """As high as its rows where there is room; in a small window three rows stay in sight, the others scroll."""

    def __init__(self, rows: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setWidget(rows)
        self.viewport().setAutoFillBackground(False)
        rows.setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        return self.widget().sizeHint()

    def minimumSizeHint(self) -> QSize:
        least = self.widget().minimumSizeHint()
        return QSize(least.width(), min(least.height(), _LEAST_HEIGHT_PX))


def _cell(caption: str, field: QWidget | Sequence[QWidget]) -> QWidget:
    """A field under its caption. Of several widgets the first is named by it and takes the room."""
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(Space.XS // 2)
    title = QLabel(caption)
    title.setProperty("muted", True)
    title.setProperty("small", True)
    column.addWidget(title)
    widgets = [field] if isinstance(field, QWidget) else list(field)
    # Of its own, so that it can grow: else the captions of fields of different heights stand at different heights.
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(Space.XS)
    for number, widget in enumerate(widgets):
        row.addWidget(widget, 0 if number else 1)
    column.addWidget(holder, 1)
    title.setBuddy(widgets[0])
    widgets[0].setAccessibleName(caption)
    return cell
