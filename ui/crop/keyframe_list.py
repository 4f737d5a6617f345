"""The keyframes of the open media: a list to go through, and buttons to add, move, delete and find them."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text
from core.domain.crop_plan import CropKeyframe
from core.domain.timecode import format_time
from ui.theme import Space, numbers_font

_TIME = Qt.ItemDataRole.UserRole
_SMALLEST_PX = 52


def describe(keyframe: CropKeyframe) -> str:
    """`9:16 at 42 %, by chance 1:1`."""
    place = f"{keyframe.ratio} at {keyframe.center * 100:.0f} %" if keyframe.ratio else "whole picture"
    chance = " or ".join(keyframe.random_ratios)
    return f"{place}, by chance {chance}" if chance else place


class KeyframeList(QWidget):
    """Rows in order of time. While keyframes are proposed, the buttons ask whether to keep them."""

    add_requested = pyqtSignal()
    move_requested = pyqtSignal()
    delete_requested = pyqtSignal()
    step_requested = pyqtSignal(int)
    chosen = pyqtSignal(float)
    track_requested = pyqtSignal()
    keep_requested = pyqtSignal()
    discard_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = QListWidget(self)
        self.rows.setUniformItemSizes(True)
        self.rows.setFont(numbers_font(self.font()))
        self.rows.setAccessibleName("Crop keyframes")
        self.rows.itemActivated.connect(self._activated)
        self.rows.itemClicked.connect(self._activated)
        self.empty = QLabel("One crop for the whole file. Add a keyframe where it should change.", self)
        self.empty.setWordWrap(True)
        self.empty.setProperty("muted", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget(self)
        # As high as the page is anyway: a list alone would make the deck grow.
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._pages.setMinimumHeight(_SMALLEST_PX)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.rows)
        self.title = QLabel("Keyframes", self)
        self.title.setProperty("muted", True)
        self.title.setProperty("small", True)
        self._foot = QStackedWidget(self)
        self._foot.addWidget(self._edit_row())
        self._foot.addWidget(self._proposal_row())
        self.track = self._button(
            "Track subject", "Let a detector find the person in this batch and propose keyframes", self.track_requested
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.XS // 2)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.track)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._foot)

    def show_keyframes(
        self, keyframes: Sequence[CropKeyframe], current: CropKeyframe | None, duration_s: float | None
    ) -> None:
        """Show these; the one in force is marked, those beyond the end are named so."""
        texts = []
        for each in keyframes:
            late = "   beyond the end" if duration_s and each.time_s >= duration_s else ""
            texts.append((each, f"{format_time(each.time_s)}   {describe(each)}{late}"))
        if [text for _, text in texts] != [self.rows.item(row).text() for row in range(self.rows.count())]:
            self.rows.clear()
            for each, text in texts:
                item = QListWidgetItem(text)
                item.setData(_TIME, each.time_s)
                self.rows.addItem(item)
        self._pages.setCurrentWidget(self.rows if keyframes else self.empty)
        number = next((row for row, each in enumerate(keyframes) if each == current), -1)
        if number != self.rows.currentRow():
            self.rows.setCurrentRow(number)
        for button in (self.delete, self.move_here):
            button.setEnabled(number >= 0)
        for button in (self.previous, self.next):
            button.setEnabled(bool(keyframes))

    def show_proposals(self, count: int) -> None:
        """Ask whether to keep so many proposed keyframes; 0 asks nothing."""
        self._foot.setCurrentIndex(1 if count else 0)
        self.proposal.setText(f"{count_text(count, 'keyframe')} proposed")

    def set_ready(self, ready: bool) -> None:
        for button in (self.add, self.track):
            button.setEnabled(ready)

    def set_tracking(self, running: bool) -> None:
        """Whether a detector is at work for this media."""
        self.track.setEnabled(not running)
        self.track.setText("Tracking…" if running else "Track subject")

    def _edit_row(self) -> QWidget:
        self.add = self._button("Add", "Keyframe at the playhead, with the crop as it is there", self.add_requested)
        self.move_here = self._button("Move here", "Move the keyframe in force to the playhead", self.move_requested)
        self.delete = self._button("Delete", "Delete the keyframe in force", self.delete_requested)
        self.previous = self._button("◀", "Go to the keyframe before", None)
        self.next = self._button("▶", "Go to the next keyframe", None)
        self.previous.setAccessibleName("Previous keyframe")
        self.next.setAccessibleName("Next keyframe")
        self.previous.clicked.connect(lambda: self.step_requested.emit(-1))
        self.next.clicked.connect(lambda: self.step_requested.emit(1))
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button in (self.add, self.move_here, self.delete, self.previous, self.next):
            layout.addWidget(button)
        layout.addStretch(1)
        return row

    def _proposal_row(self) -> QWidget:
        self.proposal = QLabel(self)
        self.keep = QPushButton("Keep", self)
        self.keep.setToolTip("Keep the proposed keyframes; they take the place of those in the batch")
        self.discard = QPushButton("Discard", self)
        self.keep.clicked.connect(self.keep_requested)
        self.discard.clicked.connect(self.discard_requested)
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self.proposal, 1)
        layout.addWidget(self.keep)
        layout.addWidget(self.discard)
        return row

    def _button(self, text: str, tip: str, signal: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        if signal is not None:
            button.clicked.connect(signal)
        return button

    def _activated(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_TIME))
