"""Threshold and fuse gap as sliders that take effect while they move, and the export of what they leave."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from ui.theme import Space

SETTLED_AFTER_MS = 350
_THRESHOLD_STEPS, _FUSE_STEPS_PER_S, _FUSE_MOST_S = 100, 2, 20


class TuningBar(QWidget):
    """`moved(threshold, fuse_s)` comes with every step of a slider, `settled` once it rests."""

    moved = pyqtSignal(float, float)
    settled = pyqtSignal(float, float)
    export_requested = pyqtSignal(bool)
    """Whether only the selected regions are meant."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rule = (0.5, 4.0)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(SETTLED_AFTER_MS)
        self._rest.timeout.connect(self._rested)
        self.threshold = _slider(1, _THRESHOLD_STEPS - 1, "Threshold", "Regions with a lower score are left out")
        self.fuse = _slider(
            0, _FUSE_MOST_S * _FUSE_STEPS_PER_S, "Fuse gap", "Regions no further apart than this become one"
        )
        self.threshold_text, self.fuse_text = QLabel(), QLabel()
        self.note = QLabel("This version kept no scores: scan again to move the threshold.")
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        self.export = QPushButton("Export")
        self.export.setProperty("primary", True)
        self.export.setToolTip("Cut clips of all regions that are neither disabled nor negative")
        self.export_selected = QPushButton("Selected")
        self.export_selected.setToolTip("Cut clips of the selected regions only")
        self._lay_out()
        self.threshold.valueChanged.connect(lambda step: self._move(step / _THRESHOLD_STEPS, self._rule[1]))
        self.fuse.valueChanged.connect(lambda step: self._move(self._rule[0], step / _FUSE_STEPS_PER_S))
        for slider in (self.threshold, self.fuse):
            slider.sliderReleased.connect(self.settle)
        self.export.clicked.connect(lambda: self.export_requested.emit(False))
        self.export_selected.clicked.connect(lambda: self.export_requested.emit(True))

    @property
    def rule(self) -> tuple[float, float]:
        """Threshold and fuse gap as they stand."""
        return self._rule

    @property
    def moving(self) -> bool:
        """Whether a change has not settled yet."""
        return self._rest.isActive()

    def show_rule(self, threshold: float, fuse_s: float) -> None:
        """Show a stored rule; what somebody drags just now is left alone."""
        if self.moving:
            return
        self._rule = (threshold, fuse_s)
        for slider, step in (
            (self.threshold, round(threshold * _THRESHOLD_STEPS)),
            (self.fuse, round(fuse_s * _FUSE_STEPS_PER_S)),
        ):
            blocked = slider.blockSignals(True)
            slider.setValue(step)
            slider.blockSignals(blocked)
        self._show_numbers()

    def set_tunable(self, tunable: bool) -> None:
        """Whether there are scores that regions can be made of."""
        self.threshold.setEnabled(tunable)
        self.fuse.setEnabled(tunable)
        self.note.setVisible(not tunable)

    def settle(self) -> None:
        """Take a change as meant now: something else is about to be shown."""
        if self.moving:
            self._rest.stop()
            self.settled.emit(*self._rule)

    def show_estimate(self, regions: int, clips: int) -> None:
        """How many regions would be exported, and how many clips they make."""
        text = f"Export {regions:,} → {clips:,} {'clip' if clips == 1 else 'clips'}"
        self.export.setText(text if clips else "Nothing to export")
        self.export.setEnabled(clips > 0)

    def _move(self, threshold: float, fuse_s: float) -> None:
        self._rule = (threshold, fuse_s)
        self._show_numbers()
        self._rest.start()
        self.moved.emit(threshold, fuse_s)

    def _rested(self) -> None:
        if self.threshold.isSliderDown() or self.fuse.isSliderDown():
            self._rest.start()
        else:
            self.settled.emit(*self._rule)

    def _show_numbers(self) -> None:
        self.threshold_text.setText(f"{self._rule[0]:.2f}")
        self.fuse_text.setText(f"{self._rule[1]:g} s")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(0)
        for row, (caption, slider, number) in enumerate(
            (("Threshold", self.threshold, self.threshold_text), ("Fuse gap", self.fuse, self.fuse_text))
        ):
            title = QLabel(caption)
            title.setProperty("muted", True)
            title.setBuddy(slider)
            # Of a fixed size: another number is then no reason to lay out the window anew.
            number.setFixedSize(self.fontMetrics().horizontalAdvance("00.0 s"), slider.sizeHint().height())
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(title, row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(number, row, 2)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.export, 1)
        buttons.addWidget(self.export_selected)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        column.setSpacing(Space.S)
        column.addLayout(grid)
        column.addWidget(self.note)
        column.addLayout(buttons)
        self.note.hide()


def _slider(low: int, high: int, name: str, tip: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(low, high)
    slider.setPageStep(5)
    slider.setAccessibleName(name)
    slider.setToolTip(tip)
    slider.setMinimumWidth(60)
    return slider
