"""A field for a time: `83.5`, `1:23.5` or `00:01:23.500`."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QWidget

from core.domain.timecode import format_time, parse_time

MILLISECOND_S = 0.001


class TimeField(QLineEdit):
    """Says `time_entered` once a sound time was typed and Enter pressed or the field left; Escape gives it up."""

    time_entered = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value_s = 0.0
        self.setText(format_time(0.0))
        self.setToolTip("A time such as 83.5 or 1:23.5")
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("000:00:00.000") + 20)
        self.textEdited.connect(lambda _text: self._show_validity())
        self.editingFinished.connect(self._finish)

    @property
    def value_s(self) -> float:
        """The last sound time, in seconds."""
        return self._value_s

    def set_value(self, seconds: float) -> None:
        """Show a time; what somebody is typing just now is left alone."""
        self._value_s = seconds
        if not (self.hasFocus() and self.isModified()):
            self.setText(format_time(seconds))
            self._show_validity()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._restore()
        else:
            super().keyPressEvent(event)

    def _finish(self) -> None:
        if not self.isModified():
            return
        try:
            seconds = parse_time(self.text())
        except ValueError:
            self._restore()
            return
        self.setModified(False)
        if abs(seconds - self._value_s) >= MILLISECOND_S / 2:
            self._value_s = seconds
            self.time_entered.emit(seconds)
        self._restore()

    def _restore(self) -> None:
        self.setText(format_time(self._value_s))
        self.setModified(False)
        self._show_validity()

    def _show_validity(self) -> None:
        try:
            parse_time(self.text())
            invalid = False
        except ValueError:
            invalid = True
        if self.property("invalid") != invalid:
            self.setProperty("invalid", invalid)
            self.style().unpolish(self)
            self.style().polish(self)
