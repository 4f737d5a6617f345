"""Which videos a project gets items from, and how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QSpinBox, QWidget

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
    """What was chosen. `classifier` is empty for a grid of windows."""

    media_ids: tuple[int, ...]
    per_video: int
    window_s: float
    hop_s: float
    classifier: str


class ItemsForm(QWidget):
    """Frames of each video, windows on a grid, or the regions that a scan found."""

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
        self.window_s = _seconds(2.0)
        self.hop_s = _seconds(2.0)
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
        ):
            self._form.addRow(caption, field)
            field.setAccessibleName(caption)
        self._form.addRow("", self.summary)
        for box in (self.media, self.source):
            box.currentIndexChanged.connect(lambda _: self._look())
        for box in (self.per_video, self.window_s, self.hop_s):
            box.valueChanged.connect(lambda _: self._look())

    def show_choice(self, kind: ItemKind, choice: MediaChoice) -> None:
        """What there is to choose from."""
        self._kind = kind
        blocked = self.media.blockSignals(True)
        self.media.clear()
        self.media.addItem(f"The open list ({_files(len(choice.listed))})", tuple(choice.listed))
        if choice.selected:
            self.media.addItem(f"What is selected in it ({_files(len(choice.selected))})", tuple(choice.selected))
            self.media.setCurrentIndex(1 if len(choice.selected) > 1 else 0)
        self.media.blockSignals(blocked)
        self.show_classifiers(())

    def show_classifiers(self, classifiers: Sequence[str]) -> None:
        """These have scanned something: their regions can be windows."""
        blocked = self.source.blockSignals(True)
        self.source.clear()
        self.source.addItem("On a grid over each file", "")
        for name in classifiers:
            self.source.addItem(f"Regions that {name} found", name)
        self.source.blockSignals(blocked)
        self._look()

    @property
    def complaint(self) -> str:
        """Why nothing can be added, or empty."""
        return "" if self._media else "The open list is empty: drop videos on the main window first."

    @property
    def values(self) -> NewItems:
        return NewItems(
            tuple(media.id for media in self._media),
            self.per_video.value(),
            self.window_s.value(),
            self.hop_s.value(),
            self.source.currentData() or "",
        )

    @property
    def _media(self) -> Sequence[Media]:
        return self.media.currentData() or ()

    def _look(self) -> None:
        frames, regions = self._kind is ItemKind.FRAME, bool(self.source.currentData())
        self._form.setRowVisible(self.per_video, frames)
        self._form.setRowVisible(self.source, not frames)
        for field in (self.window_s, self.hop_s):
            self._form.setRowVisible(field, not frames and not regions)
        if frames:
            count = len(self._media) * self.per_video.value()
            self.summary.setText(
                f"Up to {count:,} pictures. Those that are in the project already are not added twice."
            )
        elif regions:
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


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
