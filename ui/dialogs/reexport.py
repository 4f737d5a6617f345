"""Exporting every batch of a media anew: with which settings, and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text, size_text
from core.domain.export import ExportSettings
from core.domain.timecode import format_time
from ui.theme.tokens import Space

WIDTH_PX = 460
RESIZE_LIMIT_PX = 4320


class ReexportDialog(QDialog):
    """Emits `edited` when the settings change; `show_totals` answers. Accepting it means: export with `settings`."""

    edited = pyqtSignal()

    def __init__(
        self,
        name: str,
        settings: ExportSettings,
        formats: Sequence[str],
        audio_choices: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle("Re-export all batches")
        self.setFixedWidth(WIDTH_PX)
        title = QLabel(f"Re-export every batch of {name}")
        title.setProperty("title", True)
        title.setWordWrap(True)
        self.format = QComboBox()
        self.format.addItems(list(formats))
        self.format.setCurrentText(settings.format)
        self.audio = QComboBox()
        for text, value in audio_choices:
            self.audio.addItem(text, value)
        self.audio.setCurrentIndex(max(0, self.audio.findData(settings.audio)))
        self.short_side_px = _number((0, RESIZE_LIMIT_PX), settings.short_side or 0, " px")
        self.short_side_px.setSpecialValueText("Original")
        self.crf = _number((0, 51), settings.crf)
        form = QFormLayout()
        form.setSpacing(Space.S)
        for caption, field in (
            ("Format", self.format),
            ("Audio", self.audio),
            ("Short side", self.short_side_px),
            ("Quality (CRF)", self.crf),
        ):
            field.setAccessibleName(caption)
            form.addRow(caption, field)
        self.totals = QLabel("Counting…")
        self.totals.setProperty("numbers", True)
        note = QLabel("Times, names, labels and crops stay. Each batch is replaced when all its new files are good.")
        note.setProperty("muted", True)
        note.setWordWrap(True)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        self.export_button = QPushButton("Re-export")
        self.export_button.setProperty("primary", True)
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.export_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        for part in (title, form, self.totals, note, buttons):
            column.addWidget(part) if isinstance(part, QWidget) else column.addLayout(part)
        for box in (self.format, self.audio):
            box.currentTextChanged.connect(self.edited)
        for number in (self.short_side_px, self.crf):
            number.valueChanged.connect(self.edited)

    @property
    def settings(self) -> ExportSettings:
        return replace(
            self._settings,
            format=self.format.currentText(),
            audio=self.audio.currentData(),
            short_side=self.short_side_px.value() or None,
            crf=self.crf.value(),
        )

    def show_totals(self, batches: int, clips: int, seconds: float, size_bytes: float | None) -> None:
        """What it comes to; the size is a guess, or None when nothing can be said."""
        size = f"about {size_text(size_bytes)}" if size_bytes is not None else "size unknown for this format"
        of, files = count_text(batches, "batch", "batches"), count_text(clips, "clip")
        self.totals.setText(f"{of} · {files} · {format_time(seconds, 0)} · {size}")
        self.export_button.setText(f"Re-export {files}")


def _number(limits: tuple[int, int], value: int, suffix: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(*limits)
    box.setValue(value)
    box.setSuffix(suffix)
    return box
