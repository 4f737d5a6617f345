"""How a round is run: what it asks for, and how it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QFormLayout, QLabel, QSpinBox, QWidget

from core.domain.annotation import ItemKind
from core.ops.models import EmbeddingState
from core.ops.run_round import RoundOptions
from ui.theme import Space

_STRATEGIES = (
    ("Mixed (recommended)", "mixed"),
    ("The most uncertain", "entropy"),
    ("By chance", "random"),
)
_BACKBONES = ("resnet50", "timm:resnet18.a1_in1k", "timm:convnext_tiny.fb_in1k")
_HEADS = (("Blend", "blend"), ("Logistic regression", "logistic"), ("Extra trees", "trees"))
_FILE, _IMAGENET = "A file…", "ImageNet (downloaded once)"


class RoundForm(QWidget):
    """The options of a round; those of pictures or those of sounds. Emits `edited`."""

    edited = pyqtSignal()

    def __init__(self, kind: ItemKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        frames = kind is ItemKind.FRAME
        self._wanted = "LOGMEL"
        self.top_k = _number(50, 1, 10_000, " items")
        self.top_k.setToolTip("How many items the round wants labelled next")
        self.strategy = QComboBox()
        for text, value in _STRATEGIES:
            self.strategy.addItem(text, value)
        self.strategy.setToolTip("Mixed: typical items first, then uncertain, diverse, high-scored and random ones")
        self.backbone = QComboBox()
        self.backbone.setEditable(True)
        self.backbone.addItems(_BACKBONES)
        self.backbone.setToolTip("resnet50, or timm: and the name of any network of timm")
        self.weights = QComboBox()
        self.weights.addItem(_IMAGENET, "imagenet")
        self.weights.addItem(_FILE, "")
        self.weights.setToolTip("What round 0 starts from; every later round starts from the one before it")
        self.frozen = QCheckBox("Learn only the last layer")
        self.frozen.setToolTip("Seconds without a graphics card; a little less exact than learning all of it")
        self.epochs = _number(30, 1, 1000, " at most")
        self.embedding = QComboBox()
        self.embedding.setToolTip("What turns sound into numbers; LOGMEL needs nothing, the others hear more")
        self.head = QComboBox()
        for text, value in _HEADS:
            self.head.addItem(text, value)
        self.anew = QCheckBox("Begin anew from the labels of now")
        self.anew.setToolTip("Throw away what the stopped round has done, and learn from what is labelled by now")
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("muted", True)
        self.about.setProperty("small", True)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(Space.M)
        form.setVerticalSpacing(Space.S)
        own = (
            (("Network", self.backbone), ("Weights", self.weights), ("Epochs", self.epochs))
            if frames
            else (("Embedding", self.embedding), ("Head", self.head))
        )
        for caption, field in (("Ask for", self.top_k), ("Choose", self.strategy), *own):
            form.addRow(caption, field)
            field.setAccessibleName(caption)
            if isinstance(field, QComboBox):
                field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
                field.setMinimumContentsLength(14)
        if frames:
            form.addRow("", self.frozen)
        form.addRow(self.about)
        form.addRow(self.anew)
        self.anew.hide()
        for field in (self.backbone, self.weights, self.epochs, self.frozen, self.embedding, self.head):
            if field.parent() is None:
                # Of the other kind of project: out of sight, at its usual value.
                field.setParent(self)
                field.hide()
        self.weights.activated.connect(self._weights_chosen)
        self.frozen.toggled.connect(self.epochs.setDisabled)
        self.frozen.toggled.connect(lambda _: self.edited.emit())

    def show_models(self, models: Sequence[EmbeddingState]) -> None:
        """The embedding models, those that are here first in mind."""
        wanted = self.embedding.currentData() or self._wanted
        self.embedding.clear()
        for model in models:
            self.embedding.addItem(model.name if model.present else f"{model.name}   to download", model.name)
        self.embedding.setCurrentIndex(max(0, self.embedding.findData(wanted)))

    def show_number(self, number: int, stopped: Sequence[str] = ()) -> None:
        """Say what the next round starts from.

        Args:
            stopped: what going on with it means where it was stopped, as `core.ops.run_round.stopped` says it.
        """
        self.weights.setEnabled(number == 0)
        about = (
            "Round 0 puts a fifth of the videos aside for testing, once and for all; nobody is asked about them."
            if number == 0
            else f"It starts from the models of round {number - 1}. A round that was stopped goes on where it was."
        )
        self.about.setText(" ".join(f"{each}." for each in stopped) or about)
        self.anew.setVisible(bool(stopped))
        if not stopped:
            self.anew.setChecked(False)

    def set_weights(self, file: str) -> None:
        """Start from this file, or by its name from what the program knows."""
        place = self.weights.findData(file)
        if place < 0:
            self.weights.insertItem(1, Path(file).name, file)
            place = 1
        self.weights.setCurrentIndex(place)
        self.weights.setItemData(place, file)

    @property
    def chosen(self) -> dict[str, Any]:
        """What is chosen, for the next time; not the weights, which are those of round 0."""
        return {
            "top_k": self.top_k.value(),
            "strategy": self.strategy.currentData(),
            "backbone": self.backbone.currentText().strip(),
            "epochs": self.epochs.value(),
            "frozen": self.frozen.isChecked(),
            "embedding": self.embedding.currentData(),
            "head": self.head.currentData(),
        }

    def choose(self, chosen: Mapping[str, Any]) -> None:
        """Fill in what was chosen another time; what makes no sense any more is left as it is."""
        for box, key in ((self.top_k, "top_k"), (self.epochs, "epochs")):
            if isinstance(chosen.get(key), int):
                box.setValue(chosen[key])
        for box, key in ((self.strategy, "strategy"), (self.head, "head")):
            if box.findData(chosen.get(key)) >= 0:
                box.setCurrentIndex(box.findData(chosen[key]))
        if chosen.get("backbone"):
            self.backbone.setCurrentText(str(chosen["backbone"]))
        self.frozen.setChecked(chosen.get("frozen") is True)
        self._wanted = str(chosen.get("embedding") or "LOGMEL")

    @property
    def options(self) -> RoundOptions:
        """What is chosen, as a snapshot."""
        return RoundOptions(
            top_k=self.top_k.value(),
            epochs=self.epochs.value(),
            strategy=self.strategy.currentData(),
            backbone=self.backbone.currentText().strip() or _BACKBONES[0],
            frozen=self.frozen.isChecked(),
            weights=self.weights.currentData() or "imagenet",
            embedding=self.embedding.currentData() or "LOGMEL",
            head=self.head.currentData(),
            anew=self.anew.isChecked(),
        )

    def _weights_chosen(self, place: int) -> None:
        if self.weights.itemText(place) != _FILE:
            return
        name, _ = QFileDialog.getOpenFileName(
            self, "Weights to start from", str(Path.home()), "Weights (*.safetensors *.pth *.pt);;All files (*)"
        )
        if name:
            self.set_weights(name)
        else:
            self.weights.setCurrentIndex(0)


def _number(value: int, low: int, high: int, suffix: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    box.setSuffix(suffix)
    return box
