"""The export panel of the control deck: what the next batch is called, where it goes and how it is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QStringListModel, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text
from core.domain.clip import CLIPS_RANGE, DURATION_RANGE_S, SPREAD_RANGE_S, Batch, illegal_name_reason
from core.domain.export import ExportSettings
from core.domain.preset import DeckShape
from core.domain.timecode import format_time
from ui.main_window.deck_layout import DeckLayout
from ui.widgets.elided_label import ElidedLabel

CATEGORIES = ("", "Human", "Animal", "Vehicle", "Tool", "Music", "Nature", "Sport", "Other")
FORMATS = ("MP4", "MKV", "MOV", "WEBP", "WAV", "FLAC")
NO_PRESET = "None"
# Everything the deck shows, as it is stored between starts.
DeckValues = DeckShape
AUDIO_CHOICES = (("Lossless", "lossless"), ("AAC", "aac"), ("None", "none"))
RESIZE_LIMIT_PX = 4320
_NUMBERS = (("Duration", 2), ("Clips", 2), ("Spread", 2), ("Short side", 2), ("Format", 2), ("Audio", 2))
_TWO_ROWS = ((("Label", 4), ("Category", 2), ("Name", 2), ("Folder", 8)), (*_NUMBERS, ("Preset", 4)))
_ARRANGEMENTS = (
    (True, _TWO_ROWS),
    (False, _TWO_ROWS),
    (False, ((("Label", 6), ("Category", 3), ("Name", 3)), (("Folder", 7), ("Preset", 5)), _NUMBERS)),
    (
        False,
        (
            (("Label", 3), ("Category", 3)),
            (("Name", 2), ("Folder", 4)),
            _NUMBERS[:3],
            _NUMBERS[3:],
            (("Preset", 6),),
        ),
    ),
)


class ExportDeck(QWidget):
    """Emits `edited` after every change by hand; `show_batch` and `show_values` change it silently."""

    edited = pyqtSignal()
    export_requested = pyqtSignal()
    preset_chosen = pyqtSignal(str)
    """The name of a preset, or empty for none."""
    options_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ExportSettings("")  # what has no field here (quality, encoder) stays as it was shown
        self._recent_labels = QStringListModel(self)
        self._create_fields()
        self._lay_out()
        self._connect()
        self._check()

    @property
    def values(self) -> DeckValues:
        settings = replace(
            self._shown,
            folder=self.folder.text().strip(),
            name=self.name.text().strip(),
            label=self.label.text().strip(),
            category=self.category.currentText().strip(),
            format=self.format.currentText(),
            short_side=self.resize_px.value() or None,
            audio=self.audio.currentData(),
        )
        return DeckValues(settings, self.clips.value(), self.spread_s.value(), self.duration_s.value())

    def show_values(self, values: DeckValues) -> None:
        """Show stored values without announcing them as edits."""
        settings = self._shown = values.settings
        blocked = self.blockSignals(True)
        self.folder.setText(settings.folder)
        self.name.setText(settings.name)
        self.label.setText(settings.label)
        self.category.setCurrentText(settings.category)
        self.format.setCurrentText(settings.format)
        self.resize_px.setValue(settings.short_side or 0)
        self.audio.setCurrentIndex(max(0, self.audio.findData(settings.audio)))
        self.clips.setValue(values.clips)
        self.spread_s.setValue(values.spread_s)
        self.duration_s.setValue(values.duration_s)
        self.blockSignals(blocked)
        self._check()

    def show_batch(self, batch: Batch) -> None:
        """Follow a batch that was changed elsewhere, with the wheel on the timeline for instance."""
        blocked = self.blockSignals(True)
        self.clips.setValue(batch.clips)
        self.spread_s.setValue(batch.spread_s)
        self.duration_s.setValue(batch.duration_s)
        self.blockSignals(blocked)
        self._check()

    def show_overwriting(self, batch_number: int | None) -> None:
        """The button says what it does; the number of files is not to be changed meanwhile. None: a usual export."""
        self.export.setText("Export  E" if batch_number is None else f"Overwrite {batch_number}  E")
        self.clips.setEnabled(batch_number is None)
        # These would be the names of a new batch.
        self.names.setVisible(batch_number is None)
        self._overwriting = batch_number is not None
        self.names.setVisible(not self._overwriting)
        self._check()

    def show_presets(self, names: list[str], current: str, meaning: str) -> None:
        """Offer these presets; `current` is the one that holds, or empty, and `meaning` what it is for."""
        names = [NO_PRESET, *names]
        if current and current not in names:
            names.insert(1, current)
        blocked = self.preset.blockSignals(True)
        if names != [self.preset.itemText(row) for row in range(self.preset.count())]:
            self.preset.clear()
            self.preset.addItems(names)
        self.preset.setCurrentText(current or NO_PRESET)
        self.preset.blockSignals(blocked)
        self.preset.setToolTip(meaning or "Length, rate, size and format in one choice")

    def set_complaint(self, text: str) -> None:
        """What else, known to others, keeps the batch from being exported; empty for nothing."""
        self._complaint = text
        self._check()

    def show_names(self, text: str, problem: str) -> None:
        """What the next files will be called, and why they cannot be."""
        self._name_problem = problem
        self.names.setText(text)
        self._check()

    def suggest_labels(self, labels: list[str]) -> None:
        """Offer these while typing, most recent first."""
        self._recent_labels.setStringList(labels)

    def set_ready(self, ready: bool) -> None:
        """Whether there is a media to cut from."""
        self._media_open = ready
        self._check()

    def _create_fields(self) -> None:
        self._media_open, self._overwriting = False, False
        self._complaint, self._name_problem = "", ""
        self.label = QLineEdit(self)
        self.label.setPlaceholderText("What is heard or seen")
        completer = QCompleter(self._recent_labels, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.label.setCompleter(completer)
        self.category = QComboBox(self)
        self.category.setEditable(True)
        self.category.addItems(CATEGORIES)
        self.name = QLineEdit(self)
        self.folder = QLineEdit(self)
        self.folder.setPlaceholderText("Export folder: its name is the class for training")
        self.browse = QToolButton(self)
        self.browse.setText("Browse…")
        self.format = QComboBox(self)
        self.format.addItems(FORMATS)
        self.audio = QComboBox(self)
        for text, value in AUDIO_CHOICES:
            self.audio.addItem(text, value)
        self.duration_s = _seconds(DURATION_RANGE_S, "Length of each clip")
        self.spread_s = _seconds(SPREAD_RANGE_S, "Seconds between the starts of neighbouring clips")
        self.clips = QSpinBox(self)
        self.clips.setRange(*CLIPS_RANGE)
        self.clips.setToolTip("Clips in a batch (turn the wheel over the timeline)")
        self.resize_px = QSpinBox(self)
        self.resize_px.setRange(0, RESIZE_LIMIT_PX)
        self.resize_px.setSingleStep(60)
        self.resize_px.setSpecialValueText("Original")
        self.resize_px.setSuffix(" px")
        self.resize_px.setToolTip("Length of the short side; Original keeps the source's size")
        self.preset = QComboBox(self)
        self.preset.addItem(NO_PRESET)
        self.preset.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.preset.setMinimumContentsLength(5)
        self.options = QPushButton("More…", self)
        self.options.setToolTip("Quality, encoder, frame rate, names of files, presets of your own")
        self.names = ElidedLabel(parent=self)
        self.names.setProperty("muted", True)
        self.names.setProperty("small", True)
        narrowest = ((self.duration_s, 84), (self.spread_s, 84), (self.clips, 60), (self.resize_px, 90))
        for field, width_px in (*narrowest, (self.category, 60), (self.label, 90), (self.name, 60), (self.folder, 90)):
            field.setMinimumWidth(width_px)  # a field may be narrower than it likes to be, for small windows
        self.summary = QLabel(self)
        self.summary.setProperty("muted", True)
        self.problem = QLabel(self)
        self.problem.setProperty("tone", "danger")
        self.problem.setWordWrap(True)
        self.export = QPushButton("Export  E", self)
        self.export.setProperty("primary", True)
        self.export.setToolTip("Export the batch at the cursor (E)")

    def _lay_out(self) -> None:
        fields = {
            "Label": self.label,
            "Category": self.category,
            "Name": self.name,
            "Folder": (self.folder, self.browse),
            "Duration": self.duration_s,
            "Clips": self.clips,
            "Spread": self.spread_s,
            "Short side": self.resize_px,
            "Format": self.format,
            "Audio": self.audio,
            "Preset": (self.preset, self.options),
        }
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(DeckLayout(fields, _ARRANGEMENTS, self.export, (self.problem, self.names, self.summary)))

    def _connect(self) -> None:
        for line in (self.label, self.name, self.folder):
            line.textChanged.connect(self._edited)
        for box in (self.category, self.format, self.audio):
            box.currentTextChanged.connect(self._edited)
        for number in (self.clips, self.spread_s, self.duration_s, self.resize_px):
            number.valueChanged.connect(self._edited)
        self.browse.clicked.connect(self._choose_folder)
        self.preset.textActivated.connect(lambda name: self.preset_chosen.emit("" if name == NO_PRESET else name))
        self.options.clicked.connect(self.options_requested)
        self.export.clicked.connect(self.export_requested)

    def _choose_folder(self) -> None:
        start = self.folder.text().strip() or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Export folder", start)
        if chosen:
            self.folder.setText(chosen)

    def _edited(self) -> None:
        self._check()
        self.edited.emit()

    @property
    def complaint(self) -> str:
        """Why Export would not work with what is filled in, or an empty string."""
        reason = illegal_name_reason(self.name.text().strip())
        if reason:
            return f"The name cannot be used: {reason}"
        if not self.folder.text().strip():
            return "Choose an export folder"
        # What is overwritten keeps its names.
        names = "" if self._overwriting else self._name_problem
        return self._complaint or names[:1].upper() + names[1:]

    def _check(self) -> None:
        complaint = self.complaint if self._media_open else ""
        self.problem.setText(complaint)
        self.problem.setVisible(bool(complaint))
        self.export.setEnabled(self._media_open and not complaint)
        batch = Batch(0.0, self.clips.value(), self.spread_s.value(), self.duration_s.value())
        self.spread_s.setEnabled(batch.clips > 1)
        self.summary.setText(f"{count_text(batch.clips, 'clip')} · {format_time(batch.span.length_s, 1)[3:]} in all")


def _seconds(limits: tuple[float, float], tip: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(*limits)
    box.setDecimals(2)
    box.setSingleStep(0.5)
    box.setSuffix(" s")
    box.setToolTip(tip)
    return box
