"""Everything about the files that is set once and then left alone: presets, quality, encoder, rate, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.export import ExportSettings, parse_rate
from core.domain.name_template import DEFAULT_TEMPLATE, TOKENS
from core.domain.preset import DeckShape, Preset
from core.media.encoder_options import ENCODER_TITLES, PRESETS, SOFTWARE_ENCODER
from core.media.encoders import EncoderFinding
from ui.theme.tokens import Space

WIDTH_PX = 560
FIELD_WIDTH_PX = 190
RATES = ("Source", "16", "23.976", "24", "25", "29.97", "30", "50", "60")
SIDE_STEPS = (2, 8, 16, 32, 64)
NO_PRESET = "None"


class ExportOptions(QDialog):
    """Shows the settings of the deck and emits `edited` with new ones at once; `show_…` changes it silently."""

    edited = pyqtSignal(object)
    """`ExportSettings`, as they are now."""
    preset_chosen = pyqtSignal(str)
    save_requested = pyqtSignal()
    delete_requested = pyqtSignal(str)
    probe_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export settings")
        self.setFixedWidth(WIDTH_PX)
        self._settings = ExportSettings("")
        self._silent = False
        self._create_fields()
        self._lay_out()
        self._connect()

    def show_settings(self, settings: ExportSettings) -> None:
        self._silent = True
        self._settings = settings
        self.crf.setValue(settings.crf)
        self.effort.setCurrentText(settings.preset)
        self.encoder.setCurrentIndex(max(0, self.encoder.findData(settings.encoder)))
        self.fps.setCurrentText(_rate_text(settings.fps))
        row = self.side_step.findData(settings.side_step)
        if row < 0:
            self.side_step.addItem(str(settings.side_step), settings.side_step)
            row = self.side_step.count() - 1
        self.side_step.setCurrentIndex(row)
        self.webp_lossless.setChecked(settings.webp_lossless)
        self.webp_quality.setValue(settings.webp_quality)
        if settings.template != self.template.text().strip():
            self.template.setText(settings.template)
        self.webp_quality.setEnabled(not settings.webp_lossless)
        self._silent = False

    def show_presets(self, presets: Sequence[Preset], current: str, shape: DeckShape) -> None:
        """Offer these; `current` is the name of the one that holds, or says which was changed, or is empty."""
        self._silent = True
        self.preset.clear()
        names = [NO_PRESET, *(preset.name for preset in presets)]
        self.preset.addItems(names if not current or current in names else [NO_PRESET, current, *names[1:]])
        self.preset.setCurrentText(current or NO_PRESET)
        chosen = next((preset for preset in presets if preset.name == current), None)
        self.meaning.setText(chosen.meaning if chosen else _no_preset(shape.settings))
        self.delete.setEnabled(bool(chosen and chosen.own))
        self._silent = False

    def show_encoders(self, findings: Sequence[EncoderFinding]) -> None:
        """Only encoders that work can be chosen; the others say why not."""
        model = self.encoder.model()
        for finding in findings:
            row = self.encoder.findData(finding.name)
            item = model.item(row)
            item.setEnabled(finding.usable or finding.name == SOFTWARE_ENCODER)
            item.setToolTip("" if finding.usable else f"Not usable here: {finding.reason}")
        refused = [finding for finding in findings if not finding.usable]
        self.encoders.setText("\n".join(f"{ENCODER_TITLES[each.name]}: {each.reason}" for each in refused))
        self.encoders.setVisible(bool(refused))
        self.probe.setEnabled(True)
        self.probe.setText("Check again")

    def show_names(self, text: str, problem: str) -> None:
        """What the files would be called, and what is wrong with that."""
        self.preview.setText(text)
        self.preview.setVisible(bool(text))
        self.name_problem.setText(problem[:1].upper() + problem[1:])
        self.name_problem.setVisible(bool(problem))

    def show_problem(self, text: str) -> None:
        """What of the preset's rules does not hold."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _create_fields(self) -> None:
        self.preset = QComboBox()
        self.save = self._button("Save as…", "Keep these settings under a name")
        self.delete = self._button("Delete", "Delete this preset of yours")
        self.meaning = _note()
        self.problem = _note("danger")
        self.crf = _number((0, 51))
        self.crf.setToolTip("Lower is better and larger: 18 looks like the source, 23 is half the size, 0 has no loss")
        self.effort = QComboBox()
        self.effort.addItems(PRESETS)
        self.effort.setToolTip("Slower ones make smaller files of the same quality")
        self.encoder = QComboBox()
        for name, title in ENCODER_TITLES.items():
            self.encoder.addItem(title, name)
            if name != SOFTWARE_ENCODER:
                self.encoder.model().item(self.encoder.count() - 1).setEnabled(False)
        self.probe = self._button("Checking…", "Try each encoder on one frame: a driver may be there now")
        self.probe.setEnabled(False)
        self.encoders = _note()
        self.fps = QComboBox()
        self.fps.setEditable(True)
        self.fps.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.fps.addItems(RATES)
        self.fps.setToolTip("Another rate shows at each moment what was on the screen then; sound stays as it is")
        self.rate_problem = _note("danger")
        self.side_step = QComboBox()
        for step in SIDE_STEPS:
            self.side_step.addItem(str(step), step)
        self.side_step.setToolTip("What is too much is cut off evenly at both ends")
        self.webp_lossless = QCheckBox("Lossless")
        self.webp_quality = _number((0, 100))
        self.template = QLineEdit()
        self.template.setPlaceholderText(DEFAULT_TEMPLATE)
        self.template.setClearButtonEnabled(True)
        self.insert = QToolButton()
        self.insert.setText("Insert")
        self.insert.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.insert)
        for token, meaning in TOKENS.items():
            menu.addAction(f"{{{token}}} – {meaning}", lambda token=token: self._insert(token))
        self.insert.setMenu(menu)
        self.preview = _note()
        self.preview.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.name_problem = _note("danger")
        self.close_button = self._button("Close", "")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addLayout(self._form(("Preset", self.preset, self.save, self.delete)))
        column.addWidget(self.meaning)
        column.addWidget(self.problem)
        column.addWidget(_heading("Video"))
        column.addLayout(
            self._form(
                ("Quality (CRF)", self.crf),
                ("Effort", self.effort),
                ("Encoder", self.encoder, self.probe),
            )
        )
        column.addWidget(self.encoders)
        column.addWidget(_heading("Picture"))
        column.addLayout(self._form(("Frames a second", self.fps), ("Sides divisible by", self.side_step)))
        column.addWidget(self.rate_problem)
        column.addLayout(self._form(("WebP", self.webp_lossless), ("WebP quality", self.webp_quality)))
        column.addWidget(_heading("Names of files"))
        line = QHBoxLayout()
        line.setSpacing(Space.XS)
        line.addWidget(self.template, 1)
        line.addWidget(self.insert)
        self.template.setAccessibleName("Template of names")
        column.addLayout(line)
        column.addWidget(self.preview)
        column.addWidget(self.name_problem)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column.addLayout(buttons)
        for hidden in (self.problem, self.encoders, self.rate_problem, self.name_problem):
            hidden.hide()

    def _form(self, *rows: tuple) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(Space.M)
        form.setVerticalSpacing(Space.XS)
        for caption, field, *beside in rows:
            field.setAccessibleName(caption)
            field.setFixedWidth(FIELD_WIDTH_PX)
            title = QLabel(caption)
            title.setFixedWidth(120)
            title.setBuddy(field)
            line = QHBoxLayout()
            line.setSpacing(Space.XS)
            for widget in (field, *beside):
                line.addWidget(widget)
            line.addStretch(1)
            form.addRow(title, line)
        return form

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        return button

    def _connect(self) -> None:
        for number in (self.crf, self.webp_quality):
            number.valueChanged.connect(self._changed)
        for box in (self.effort, self.encoder, self.side_step):
            box.currentIndexChanged.connect(self._changed)
        self.fps.currentTextChanged.connect(self._changed)
        self.webp_lossless.toggled.connect(self._changed)
        self.template.textChanged.connect(self._changed)
        self.preset.textActivated.connect(self._choose_preset)
        self.save.clicked.connect(self.save_requested)
        self.delete.clicked.connect(lambda: self.delete_requested.emit(self.preset.currentText()))
        self.probe.clicked.connect(self._probe)
        self.close_button.clicked.connect(self.accept)

    def _choose_preset(self, name: str) -> None:
        self.preset_chosen.emit("" if name == NO_PRESET else name)

    def _probe(self) -> None:
        self.probe.setEnabled(False)
        self.probe.setText("Checking…")
        self.probe_requested.emit()

    def _insert(self, token: str) -> None:
        if not self.template.text():
            self.template.setText(DEFAULT_TEMPLATE)
            self.template.end(False)
        self.template.insert(f"{{{token}}}")
        self.template.setFocus()

    def _changed(self) -> None:
        if self._silent:
            return
        text = self.fps.currentText().strip()
        fps, problem = self._settings.fps, ""
        try:
            fps = "" if text.lower() in ("", "source") else str(parse_rate(text))
        except ValueError:
            problem = "Frames a second are a number, such as 25 or 30000/1001"
        self.rate_problem.setText(problem)
        self.rate_problem.setVisible(bool(problem))
        self.webp_quality.setEnabled(not self.webp_lossless.isChecked())
        self._settings = replace(
            self._settings,
            crf=self.crf.value(),
            preset=self.effort.currentText(),
            encoder=self.encoder.currentData(),
            fps=fps,
            side_step=self.side_step.currentData(),
            webp_lossless=self.webp_lossless.isChecked(),
            webp_quality=self.webp_quality.value(),
            template=self.template.text().strip(),
        )
        self.edited.emit(self._settings)


def _no_preset(settings: ExportSettings) -> str:
    if settings.training:
        return f"Changed by hand; the rules of {settings.training} still hold. Choose {NO_PRESET} to drop them."
    return "A preset sets length, rate, size and format together; a model's rules are then checked."


def _rate_text(fps: str) -> str:
    """A rate as it is offered: television's fractions by their usual names."""
    if not fps:
        return RATES[0]
    return next((rate for rate in RATES[1:] if parse_rate(rate) == parse_rate(fps)), fps)


def _note(tone: str = "") -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("tone" if tone else "muted", tone or True)
    return label


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, Space.S, 0, 0)
    return label


def _number(limits: tuple[int, int]) -> QSpinBox:
    box = QSpinBox()
    box.setRange(*limits)
    return box
