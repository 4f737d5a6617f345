"""The left half of the Train dialog: what to learn from, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import size_text
from core.domain.clip import illegal_name_reason
from core.ops.models import EmbeddingState
from core.ops.train import TrainRequest
from ui.theme import Space

MARGIN_RANGE_S = (0.0, 600.0)
_GRAINS = (("Automatic", 0.0), ("1 s", 1.0), ("2 s", 2.0), ("4 s", 4.0), ("8 s windows", 8.0))
_HEADS = (
    ("Automatic: the best in cross-validation", "auto"),
    ("Blend of trees and logistic regression", "blend"),
    ("Extra trees", "trees"),
    ("Logistic regression", "logistic"),
    ("Gradient boosting", "boosting"),
)
_ENCODINGS = (("Exact: each window on its own", "exact"), ("Shared: about eight times cheaper", "shared"))
_AUTOMATIC_GRAIN_S = 2.0
_CLASS_ROLE = Qt.ItemDataRole.UserRole


class TrainForm(QWidget):
    """Emits `edited` after every change by hand; the `show_…` methods are silent."""

    edited = pyqtSignal()
    manage_requested = pyqtSignal()
    weights_requested = pyqtSignal()
    update_paths_requested = pyqtSignal(str)
    """The folder to look for missing videos in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: dict[str, EmbeddingState] = {}
        self._create_fields()
        self._lay_out()
        self._connect()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_classes(self, stats: Mapping[str, Mapping[str, int]]) -> None:
        """The export folders of the profile with their clips and videos; what was checked stays so."""
        checked, negative = set(self.positives), self.negative.currentData()
        blocked = self.blockSignals(True)
        self.classes.clear()
        for name, counts in stats.items():
            item = QListWidgetItem(f"{name}   {_clips(counts)}")
            item.setData(_CLASS_ROLE, name)
            item.setToolTip(item.text())
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in checked else Qt.CheckState.Unchecked)
            self.classes.addItem(item)
        if len(stats) == 1:
            self.classes.item(0).setCheckState(Qt.CheckState.Checked)
        self.negative.clear()
        self.negative.addItem("None: automatic ones far from every clip", "")
        for name, counts in stats.items():
            self.negative.addItem(f"{name}   {_clips(counts)}", name)
        self.negative.setCurrentIndex(max(0, self.negative.findData(negative)))
        self.blockSignals(blocked)

    def show_models(self, models: Sequence[EmbeddingState], wanted: str) -> None:
        """The embedding models, and which of them are here."""
        self._models = {model.name: model for model in models}
        wanted = self.model.currentData() or wanted
        blocked = self.model.blockSignals(True)
        self.model.clear()
        for model in models:
            state = "" if model.present else f"   {size_text(model.size_bytes)} to download"
            self.model.addItem(f"{model.name}{state}", model.name)
        self.model.setCurrentIndex(max(0, self.model.findData(wanted)))
        self.model.blockSignals(blocked)
        self._show_model()

    def check(self, names: Sequence[str]) -> None:
        """Choose these classes as what to learn."""
        for row in range(self.classes.count()):
            item = self.classes.item(row)
            wanted = item.data(_CLASS_ROLE) in names
            item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)

    # -- what is chosen -----------------------------------------------------------------------------------------------

    @property
    def positives(self) -> tuple[str, ...]:
        items = [self.classes.item(row) for row in range(self.classes.count())]
        return tuple(item.data(_CLASS_ROLE) for item in items if item.checkState() is Qt.CheckState.Checked)

    @property
    def chosen_model(self) -> EmbeddingState | None:
        return self._models.get(self.model.currentData())

    @property
    def complaint(self) -> str:
        """Why this cannot be trained, or empty."""
        if not self.classes.count():
            return "There are no clips to learn from yet: cut some first, each class into a folder of its own."
        if not self.positives:
            return "Check at least one class to learn."
        if self.negative.currentData() in self.positives:
            return "One class cannot be both what to find and what not to find."
        name = self.name.text().strip()
        reason = illegal_name_reason(name) if name else None
        return f"The name cannot be used: {reason}." if reason else ""

    def request(self, profile: str) -> TrainRequest:
        """What is chosen, as a snapshot."""
        negative = self.negative.currentData()
        return TrainRequest(
            profile=profile,
            positives=self.positives,
            negatives=(negative,) if negative else (),
            model=self.model.currentData() or "LOGMEL",
            encoding=self.encoding.currentData(),
            grain_s=self.grain.currentData() or _AUTOMATIC_GRAIN_S,
            head=self.head.currentData(),
            name=self.name.text().strip(),
            neg_margin_s=self.margin_s.value(),
            use_hard_negatives=self.hard.isChecked(),
            include_scan_exports=self.scan_exports.isChecked(),
            video_folder=self.video_folder.text().strip(),
        )

    # -- building -----------------------------------------------------------------------------------------------------

    def _create_fields(self) -> None:
        self.classes = QListWidget()
        self.classes.setAccessibleName("Classes to learn")
        self.classes.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.classes.setMinimumHeight(96)
        # Of a long name the middle goes, so that the numbers behind it stay in sight.
        self.classes.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.classes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.negative = _box("A class of what it is not; beside it, places far from every clip are used")
        self.model = _box("What turns sound into numbers; LOGMEL needs nothing, the others hear more")
        self.weights = QPushButton("Weights…")
        self.weights.setToolTip("Which embedding models are here, and ways to get the others")
        self.about = QLabel()
        self.about.setProperty("muted", True)
        self.about.setProperty("small", True)
        self.about.setWordWrap(True)
        whole_row = self.about.sizePolicy()
        whole_row.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        self.about.setSizePolicy(whole_row)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.encoding = _box("How long recordings are encoded", _ENCODINGS)
        self.grain = _box("How much sound is judged at once; the sound itself is found inside the clips", _GRAINS)
        self.head = _box("What decides", _HEADS)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Optional: tells classifiers apart")
        self.margin_s = QDoubleSpinBox()
        self.margin_s.setRange(*MARGIN_RANGE_S)
        self.margin_s.setDecimals(0)
        self.margin_s.setValue(30.0)
        self.margin_s.setSuffix(" s")
        self.margin_s.setToolTip("Automatic negatives keep this far from every clip")
        self.scan_exports = QCheckBox("Include scan-exported clips")
        self.scan_exports.setToolTip("Also learn from clips that scans exported; nobody may have listened to them")
        self.hard = QCheckBox("Use hard negatives in training")
        self.hard.setChecked(True)
        self.hard.setToolTip("Learn what was marked as not the sound; off, the marks stay")
        self.manage = QPushButton("Manage…")
        self.video_folder = QLineEdit()
        self.video_folder.setPlaceholderText("Look for videos in…")
        self.video_folder.setToolTip("A folder in which videos may lie that are not where they were")
        self.browse = QPushButton("Browse…")
        self.update_paths = QPushButton("Update paths")
        self.update_paths.setToolTip("Remember where the missing videos were found")
        self.update_paths.setEnabled(False)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setHorizontalSpacing(Space.M)
        form.setVerticalSpacing(Space.S)
        for caption, field in (
            ("Negatives", self.negative),
            ("Embedding", self.model),
            ("", self.about),
            ("Encoding", self.encoding),
            ("Grain", self.grain),
            ("Head", self.head),
            ("Name", self.name),
            ("Margin", self.margin_s),
        ):
            form.addRow(caption, _beside(field, self.weights) if field is self.model else field)
            field.setAccessibleName(caption or "About the embedding model")
        form.addRow(self.scan_exports)
        hard = QHBoxLayout()
        hard.setSpacing(Space.S)
        hard.addWidget(self.hard, 1)
        hard.addWidget(self.manage)
        form.addRow(hard)
        folder = QHBoxLayout()
        folder.setSpacing(Space.S)
        folder.addWidget(self.video_folder, 1)
        folder.addWidget(self.browse)
        folder.addWidget(self.update_paths)
        self.video_folder.setAccessibleName("Folder of missing videos")
        title = QLabel("Learn to find")
        title.setProperty("muted", True)
        title.setBuddy(self.classes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(title)
        column.addWidget(self.classes, 1)
        column.addLayout(form)
        column.addLayout(folder)

    def _connect(self) -> None:
        self.classes.itemChanged.connect(lambda _: self.edited.emit())
        for box in (self.negative, self.model, self.encoding, self.grain, self.head):
            box.currentIndexChanged.connect(lambda _: self.edited.emit())
        self.model.currentIndexChanged.connect(lambda _: self._show_model())
        for line in (self.name, self.video_folder):
            line.textChanged.connect(lambda _: self.edited.emit())
        self.video_folder.textChanged.connect(lambda text: self.update_paths.setEnabled(Path(text.strip()).is_dir()))
        self.margin_s.valueChanged.connect(lambda _: self.edited.emit())
        for switch in (self.scan_exports, self.hard):
            switch.toggled.connect(lambda _: self.edited.emit())
        self.manage.clicked.connect(self.manage_requested)
        self.weights.clicked.connect(self.weights_requested)
        for button in (self.weights, self.manage, self.browse, self.update_paths):
            button.setAutoDefault(False)
        self.browse.clicked.connect(self._choose_folder)
        self.update_paths.clicked.connect(lambda: self.update_paths_requested.emit(self.video_folder.text().strip()))

    def _show_model(self) -> None:
        model = self.chosen_model
        if model is None:
            self.about.clear()
            return
        here = "here" if model.present else f"{size_text(model.size_bytes)} to download at the first use"
        self.about.setText(f"{model.source} · {model.dim} numbers · licence: {model.licence} · {here}")

    def _choose_folder(self) -> None:
        start = self.video_folder.text().strip() or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "Where missing videos may lie", start)
        if chosen:
            self.video_folder.setText(chosen)


def _box(tip: str, choices: Sequence[tuple[str, object]] = ()) -> QComboBox:
    box = QComboBox()
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(16)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for text, value in choices:
        box.addItem(text, value)
    return box


def _beside(field: QWidget, button: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addWidget(field, 1)
    row.addWidget(button)
    return row


def _clips(counts: Mapping[str, int]) -> str:
    clips, videos = counts["clips"], counts["videos"]
    return f"{clips} clip{'' if clips == 1 else 's'} in {videos} video{'' if videos == 1 else 's'}"
