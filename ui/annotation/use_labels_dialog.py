"""What labelled windows can become: clips, hard negatives, a classifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from core.domain.amounts import count_text
from core.domain.annotation import Project
from core.domain.name_template import safe
from ui.theme import Space

WIDTH_PX = 520


class UseLabelsDialog(QDialog):
    """Asks for a question and an answer, and what is to become of the windows that have it."""

    clips_requested = pyqtSignal(str, str, str)
    """Question, answer, folder."""
    negatives_requested = pyqtSignal(str, str)
    training_requested = pyqtSignal(str, str, tuple)
    """Question, the answer to find, the answers that are something else."""

    def __init__(self, project: Project, parent=None, folder: str = "") -> None:
        super().__init__(parent)
        self._project, self._folder = project, Path(folder) if folder else Path.home()
        self._counts: Mapping[tuple[str, str], int] = {}
        self.setWindowTitle(f"Use labels — {project.name}")
        self.setMinimumWidth(WIDTH_PX)
        self.task, self.answer = QComboBox(), QComboBox()
        for task in project.tasks:
            self.task.addItem(task.name, task)
        self.folder = QLineEdit()
        self.folder.setToolTip("Clips go here; the folder's name is their class when a classifier learns from them")
        self.note = QLabel()
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        self.clips = _button("Cut clips", "One clip for each window, with the settings of the export deck")
        self.negatives = _button("Mark as hard negatives", "The next training learns that they are not the sound")
        self.training = _button("Train a classifier", "Learn to find this answer; all other answers are what it is not")
        self.dismiss = _button("Close", "")
        form = QFormLayout()
        form.setHorizontalSpacing(Space.M)
        form.setVerticalSpacing(Space.S)
        for caption, field in (("Question", self.task), ("Answer", self.answer), ("Clips go to", self.folder)):
            form.addRow(caption, field)
            field.setAccessibleName(caption)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        for button in (self.clips, self.negatives, self.training):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addLayout(buttons)
        self.task.currentIndexChanged.connect(lambda _: self._show_answers())
        self.answer.currentIndexChanged.connect(lambda _: self._look())
        self.clips.clicked.connect(lambda _=False: self.clips_requested.emit(*self.chosen, self.folder.text().strip()))
        self.negatives.clicked.connect(lambda _=False: self.negatives_requested.emit(*self.chosen))
        self.training.clicked.connect(lambda _=False: self.training_requested.emit(*self.chosen, self._others))
        self.dismiss.clicked.connect(self.accept)
        self._show_answers()

    def show_labels(self, labels: Mapping[str, Mapping[str, str]]) -> None:
        """{question: {item: answer}} by gold or majority: how many windows have each answer."""
        self._counts = Counter((task, answer) for task, own in labels.items() for answer in own.values())
        self._show_answers()

    @property
    def chosen(self) -> tuple[str, str]:
        """Question and answer."""
        return self.task.currentText(), self.answer.currentData() or ""

    @property
    def _others(self) -> tuple[str, ...]:
        task, answer = self.chosen
        return tuple(each for each in self._answers() if each != answer and self._counts.get((task, each)))

    def _answers(self) -> Iterable[str]:
        return self.task.currentData().classes

    def _show_answers(self) -> None:
        place = max(0, self.answer.currentIndex())
        blocked = self.answer.blockSignals(True)
        self.answer.clear()
        for answer in self._answers():
            count = self._counts.get((self.task.currentText(), answer), 0)
            self.answer.addItem(f"{answer}   ({count:,})", answer)
        self.answer.setCurrentIndex(min(place, self.answer.count() - 1))
        self.answer.blockSignals(blocked)
        self._look()

    def _look(self) -> None:
        task, answer = self.chosen
        count = self._counts.get((task, answer), 0)
        self.folder.setText(str(self._folder / (safe(answer) or "clips")))
        for button in (self.clips, self.negatives):
            button.setEnabled(count > 0)
        self.training.setEnabled(count > 0 and bool(self._others))
        hint = "" if self._others else " To train on them, label some as something else, too."
        windows = count_text(count, "window is", "windows are")
        said = f"{windows} labelled {answer}, as adjudicated or by most coders.{hint}"
        self.note.setText(said if count else f"No window is {answer} yet.")


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(tip)
    return button
