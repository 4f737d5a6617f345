"""Which videos a project gets items from, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from core.domain.amounts import count_text
from core.domain.annotation import ItemKind
from core.domain.media import Media
from ui.theme import Space


@dataclass(frozen=True)
class MediaChoice:
    """The media that can be added: all of the open list, and those selected in it."""

    listed: Sequence[Media]
    selected: Sequence[Media]


@dataclass(frozen=True)
class NewItems:
    """What was chosen. `classifier` is empty for a grid of windows; `scores` are None for the regions that it found."""

    media_ids: tuple[int, ...]
    per_video: int
    window_s: float
    hop_s: float
    classifier: str
    scores: tuple[float, float] | None = None


class ItemsForm(QWidget):
    """Frames of each video, windows on a grid, regions that a scan found, or its windows with scores in a range."""

    edited = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = ItemKind.FRAME
        self.media = QComboBox()
        self.per_video = QSpinBox()
        self.per_video.setRange(1, 10_000)
        self.per_video.setValue(10)
        self.per_video.setSuffix(" per video, evenly spaced")
        self.source = QComboBox()
        # A long name of a classifier must not push the list of projects aside.
        self.source.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.source.setMinimumContentsLength(20)
        self.window_s = _seconds(2.0)
        self.hop_s = _seconds(2.0)
        self.lowest, self.highest = _score(0.3, "Lowest score"), _score(0.7, "Highest score")
        self.scores = QWidget()
        row = QHBoxLayout(self.scores)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.lowest)
        row.addWidget(QLabel("to"))
        row.addWidget(self.highest)
        row.addStretch()
        self.summary = QLabel()
        self.summary.setProperty("muted", True)
        self.summary.setWordWrap(True)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(Space.M)
        self._form.setVerticalSpacing(Space.S)
        for caption, field in (
            ("From", self.media),
            ("Pictures", self.per_video),
            ("Windows", self.source),
            ("Length", self.window_s),
            ("Distance", self.hop_s),
            ("Scores", self.scores),
        ):
            self._form.addRow(caption, field)
            field.setAccessibleName(caption)
        self._form.addRow("", self.summary)
        for box in (self.media, self.source):
            box.currentIndexChanged.connect(lambda _: self._look())
        for box in (self.per_video, self.window_s, self.hop_s, self.lowest, self.highest):
            box.valueChanged.connect(lambda _: self._look())

    def show_choice(self, kind: ItemKind, choice: MediaChoice) -> None:
        """What there is to choose from."""
        self._kind = kind
        blocked = self.media.blockSignals(True)
        self.media.clear()
        self.media.addItem(f"The open list ({count_text(len(choice.listed), 'file')})", tuple(choice.listed))
        if choice.selected:
            self.media.addItem(
                f"What is selected in it ({count_text(len(choice.selected), 'file')})", tuple(choice.selected)
            )
            self.media.setCurrentIndex(1 if len(choice.selected) > 1 else 0)
        self.media.blockSignals(blocked)
        self.show_classifiers(())

    def show_classifiers(self, classifiers: Sequence[str]) -> None:
        """These have scanned something: their regions can be windows, and what they are unsure of can be asked."""
        blocked = self.source.blockSignals(True)
        self.source.clear()
        self.source.addItem("On a grid over each file", ("", False))
        for name in classifiers:
            self.source.addItem(f"Regions that {name} found", (name, False))
            self.source.addItem(f"Windows that {name} scored in a range", (name, True))
        self.source.blockSignals(blocked)
        self._look()

    @property
    def complaint(self) -> str:
        """Why nothing can be added, or empty."""
        if not self._media:
            return "The open list is empty: drop videos on the main window first."
        scores = self.values.scores
        return "The lowest score comes first." if scores and scores[0] > scores[1] else ""

    @property
    def values(self) -> NewItems:
        classifier, scored = self._source
        return NewItems(
            tuple(media.id for media in self._media),
            self.per_video.value(),
            self.window_s.value(),
            self.hop_s.value(),
            classifier,
            (self.lowest.value(), self.highest.value()) if scored else None,
        )

    @property
    def _media(self) -> Sequence[Media]:
        return self.media.currentData() or ()

    @property
    def _source(self) -> tuple[str, bool]:
        """The classifier, empty for none, and whether its scores choose."""
        return ("", False) if self._kind is ItemKind.FRAME else self.source.currentData() or ("", False)

    def _look(self) -> None:
        frames, (classifier, scored) = self._kind is ItemKind.FRAME, self._source
        self.source.setToolTip(self.source.currentText() if classifier else "")
        self._form.setRowVisible(self.per_video, frames)
        self._form.setRowVisible(self.source, not frames)
        for field in (self.window_s, self.hop_s):
            self._form.setRowVisible(field, not frames and not classifier)
        self._form.setRowVisible(self.scores, scored)
        if frames:
            count = len(self._media) * self.per_video.value()
            self.summary.setText(
                f"Up to {count:,} pictures. Those that are in the project already are not added twice."
            )
        elif scored:
            self.summary.setText(
                "Windows of the newest scan with such a score. Around the threshold the classifier is unsure. "
                "Where windows overlap, the one nearest to the middle of the range."
            )
        elif classifier:
            self.summary.setText("One window per region of the newest scan, disabled ones left out.")
        else:
            self.summary.setText("Every whole window of each file. Windows may overlap: then the distance is shorter.")
        self.edited.emit()


def _seconds(value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.1, 60.0)
    box.setDecimals(2)
    box.setSingleStep(0.5)
    box.setValue(value)
    box.setSuffix(" s")
    return box


def _score(value: float, name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, 1.0)
    box.setDecimals(2)
    box.setSingleStep(0.05)
    box.setValue(value)
    box.setAccessibleName(name)
    return box
