"""The subprofiles of a profile: where their clips go, their key, and what their preset sets."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.clip import (
    CLIPS_RANGE,
    DEFAULT_CLIPS,
    DEFAULT_DURATION_S,
    DEFAULT_SPREAD_S,
    DURATION_RANGE_S,
    SPREAD_RANGE_S,
)
from core.domain.subprofile import KEYS, Preset, Subprofile
from ui.main_window.export_deck import AUDIO_CHOICES, FORMATS, RESIZE_LIMIT_PX
from ui.theme import Space

SIZE_PX = (680, 480)


class SubprofilesDialog(QDialog):
    """A list on the left, the chosen one's fields on the right; nothing is stored before Save."""

    saved = pyqtSignal(object)
    delete_requested = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Subprofiles")
        self.resize(*SIZE_PX)
        self._all: tuple[Subprofile, ...] = ()
        self._editing = Subprofile(0, "")
        self.title = QLabel()
        self.title.setProperty("title", True)
        self.list = QListWidget()
        self.list.setAccessibleName("Subprofiles")
        self.list.setMaximumWidth(220)
        self.list.currentRowChanged.connect(self._choose)
        self._create_fields()
        self._lay_out()
        self._edit(Subprofile(0, ""))

    def show_subprofiles(self, subprofiles: Sequence[Subprofile], profile: str) -> None:
        """Show these of this profile; what is being edited stays unless it is gone."""
        self._all = tuple(subprofiles)
        self.title.setText(f"Subprofiles of {profile}")
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for each in self._all:
            self.list.addItem(f"{each.key}   {each.name}" if each.key else f"     {each.name}")
        self.list.blockSignals(blocked)
        self.select(self._editing.id)

    def select(self, subprofile_id: int) -> None:
        """Edit the one with this id, or a new one when there is none."""
        row = next((row for row, each in enumerate(self._all) if each.id == subprofile_id), -1)
        blocked = self.list.blockSignals(True)
        self.list.setCurrentRow(row)
        self.list.blockSignals(blocked)
        self._choose(row)

    @property
    def values(self) -> Subprofile:
        """What is filled in."""
        preset = Preset(
            **{name: value.value() for name, (check, value) in self._numbers.items() if check.isChecked()},
            format=self.format.currentText() if self.format.currentIndex() else None,
            audio=self.audio.currentData(),
            label=self.label.text().strip() or None,
        )
        own_folder = self.where.currentIndex() == 1
        return Subprofile(
            self._editing.id,
            self.name.text().strip(),
            self.key.currentData(),
            "" if own_folder else self.suffix.text().strip(),
            self.folder.text().strip() if own_folder else "",
            preset,
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    def _create_fields(self) -> None:
        self.name, self.suffix, self.folder, self.label = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self.name.setPlaceholderText("wide")
        self.suffix.setPlaceholderText("wide")
        self.label.setPlaceholderText("As filled in")
        self.key = QComboBox()
        self.key.addItem("None", None)
        for key in KEYS:
            self.key.addItem(str(key), key)
        self.where = QComboBox()
        self.where.addItems(["Export folder with an ending", "A folder of its own"])
        self.browse = QToolButton()
        self.browse.setText("Browse…")
        self.browse.clicked.connect(self._browse)
        self.format, self.audio = QComboBox(), QComboBox()
        self.format.addItems(["As filled in", *FORMATS])
        self.audio.addItem("As filled in", None)
        for text, value in AUDIO_CHOICES:
            self.audio.addItem(text, value)
        self._numbers = {
            "duration_s": _optional(QDoubleSpinBox(), DURATION_RANGE_S, DEFAULT_DURATION_S, " s"),
            "clips": _optional(QSpinBox(), CLIPS_RANGE, DEFAULT_CLIPS, ""),
            "spread_s": _optional(QDoubleSpinBox(), SPREAD_RANGE_S, DEFAULT_SPREAD_S, " s"),
            "short_side": _optional(QSpinBox(), (0, RESIZE_LIMIT_PX), 512, " px"),
        }
        self._numbers["short_side"][1].setSpecialValueText("Original")
        self.problem = QLabel()
        self.problem.setProperty("tone", "danger")
        self.problem.setWordWrap(True)
        for line in (self.name, self.suffix, self.folder, self.label):
            line.textChanged.connect(self._look)
        for box in (self.key, self.where, self.format, self.audio):
            box.currentIndexChanged.connect(self._look)
        for check, number in self._numbers.values():
            check.toggled.connect(self._look)
            number.valueChanged.connect(self._look)
        self.new_button = self._button("New", lambda: self.select(0))
        self.delete_button = self._button("Delete", lambda: self.delete_requested.emit(self._editing))
        self.save_button = self._button("Save", self._save)
        self.save_button.setProperty("primary", True)
        self.close_button = self._button("Close", self.accept)

    def _lay_out(self) -> None:
        folder = QHBoxLayout()
        folder.setSpacing(Space.XS)
        folder.addWidget(self.folder, 1)
        folder.addWidget(self.browse)
        self.folder_row = QWidget()
        folder.setContentsMargins(0, 0, 0, 0)
        self.folder_row.setLayout(folder)
        form = QFormLayout()
        form.setHorizontalSpacing(Space.M)
        form.setVerticalSpacing(Space.S)
        rows = (
            ("Name", self.name, self.name),
            ("Key", self.key, self.key),
            ("Clips go to", self.where, self.where),
            ("Ending", self.suffix, self.suffix),
            ("Folder", self.folder_row, self.folder),
        )
        for caption, row, field in rows:
            form.addRow(caption, row)
            field.setAccessibleName(caption)
        for (check, number), caption in zip(
            self._numbers.values(), ("Duration", "Clips", "Spread", "Short side"), strict=True
        ):
            check.setText(caption)
            number.setAccessibleName(caption)
            form.addRow(check, number)
        for caption, field in (("Format", self.format), ("Audio", self.audio), ("Label", self.label)):
            form.addRow(caption, field)
            field.setAccessibleName(caption)
        self._form = form
        left = QVBoxLayout()
        left.setSpacing(Space.S)
        left.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addWidget(self.new_button)
        row.addWidget(self.delete_button)
        left.addLayout(row)
        right = QVBoxLayout()
        right.setSpacing(Space.S)
        right.addLayout(form)
        right.addStretch()
        right.addWidget(self.problem)
        middle = QHBoxLayout()
        middle.setSpacing(Space.L)
        middle.addLayout(left)
        middle.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.title)
        column.addLayout(middle, 1)
        column.addLayout(buttons)

    def _choose(self, row: int) -> None:
        if row >= 0:
            self._edit(self._all[row])
        else:
            used = {each.key for each in self._all}
            self._edit(Subprofile(0, "", next((key for key in KEYS if key not in used), None)))

    def _edit(self, subprofile: Subprofile) -> None:
        self._editing, preset = subprofile, subprofile.preset
        self.name.setText(subprofile.name)
        self.key.setCurrentIndex(subprofile.key or 0)
        self.where.setCurrentIndex(1 if subprofile.folder else 0)
        self.suffix.setText(subprofile.suffix)
        self.folder.setText(subprofile.folder)
        for name, (check, number) in self._numbers.items():
            value = getattr(preset, name)
            check.setChecked(value is not None)
            if value is not None:
                number.setValue(value)
        self.format.setCurrentText(preset.format or "As filled in")
        self.audio.setCurrentIndex(max(0, self.audio.findData(preset.audio)))
        self.label.setText(preset.label or "")
        self._look()

    def _look(self) -> None:
        values = self.values
        own = self.where.currentIndex() == 1
        self._form.setRowVisible(self.suffix, not own)
        self._form.setRowVisible(self.folder_row, own)
        for check, number in self._numbers.values():
            number.setEnabled(check.isChecked())
        taken = next(
            (each for each in self._all if each.id != values.id and each.key == values.key and values.key), None
        )
        problem = f"The key {values.key} exports to {taken.name} already" if taken else values.complaint
        started = values != Subprofile(0, "", values.key)
        self.problem.setText(f"{problem}." if problem and started else "")
        self.save_button.setEnabled(not problem and values != self._editing)
        self.delete_button.setEnabled(self._editing.id != 0)

    def _save(self) -> None:
        self.saved.emit(self.values)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of the subprofile", self.folder.text().strip())
        if chosen:
            self.folder.setText(chosen)

    @staticmethod
    def _button(text: str, act) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button


def _optional(box, limits: tuple[float, float], value: float, suffix: str) -> tuple[QCheckBox, QWidget]:
    """A number that the preset sets only while it is checked."""
    box.setRange(*limits)
    box.setValue(value)
    box.setSuffix(suffix)
    return QCheckBox(), box
