"""What a new project asks of its coders: ready-made questions or one's own."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.annotation import DISTANCE, NO_HUMAN, PERSPECTIVE, TARGET_SOUND, ItemKind, Task
from ui.theme import Space
from ui.theme.icons import icon

_MOST_TASKS = 6


@dataclass(frozen=True)
class NewProject:
    """What was filled in."""

    name: str
    kind: ItemKind
    tasks: tuple[Task, ...]
    screener: str
    overlap: float
    repeats: float
    show_picture: bool


@dataclass(frozen=True)
class _ReadyMade:
    title: str
    kind: ItemKind
    tasks: tuple[Task, ...] = ()
    screener: str = ""


_READY_MADE = (
    _ReadyMade("Perspective and distance, on pictures", ItemKind.FRAME, (PERSPECTIVE, DISTANCE), NO_HUMAN),
    _ReadyMade("Target sound, on windows of sound", ItemKind.WINDOW, (TARGET_SOUND,)),
    _ReadyMade("My own questions, on pictures", ItemKind.FRAME),
    _ReadyMade("My own questions, on windows of sound", ItemKind.WINDOW),
)


class ProjectForm(QWidget):
    """Emits `edited` after every change; `complaint` says what is missing."""

    edited = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.name.setPlaceholderText("Such as “Street interviews 2026”")
        self.kind = QComboBox()
        for ready in _READY_MADE:
            self.kind.addItem(ready.title, ready)
        self.tasks = TaskEditor()
        self.screener = QLineEdit()
        self.screener.setPlaceholderText("Optional: a key that answers the marked questions with “cannot tell”")
        self.overlap = _percent(15, "Items that every coder judges; without some there is no agreement to measure")
        self.repeats = _percent(5, "Items that come back unannounced, to see how steady a coder is")
        self.show_picture = QCheckBox("Show the picture of a window, too")
        self.show_picture.setToolTip("Off, coders judge the sound alone")
        self._lay_out()
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        for line in (self.name, self.screener):
            line.textChanged.connect(lambda _: self.edited.emit())
        self.tasks.edited.connect(self.edited)
        self._show_kind()

    def clear(self) -> None:
        self.name.clear()
        self.kind.setCurrentIndex(0)
        self._show_kind()
        self.name.setFocus()

    @property
    def complaint(self) -> str:
        """Why no project can be made of this yet, or empty."""
        if not self.name.text().strip():
            return "Give the project a name."
        return self.tasks.complaint

    @property
    def values(self) -> NewProject:
        """What is filled in; only where `complaint` is empty."""
        ready: _ReadyMade = self.kind.currentData()
        screened = any(task.screened for task in self.tasks.tasks)
        return NewProject(
            self.name.text().strip(),
            ready.kind,
            self.tasks.tasks,
            self.screener.text().strip() if screened else "",
            self.overlap.value() / 100,
            self.repeats.value() / 100,
            self.show_picture.isChecked() and ready.kind is ItemKind.WINDOW,
        )

    def _show_kind(self) -> None:
        ready: _ReadyMade = self.kind.currentData()
        self.tasks.show_tasks(ready.tasks)
        self.screener.setText(ready.screener)
        self.show_picture.setVisible(ready.kind is ItemKind.WINDOW)
        self.edited.emit()

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(Space.M)
        form.setVerticalSpacing(Space.S)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        shares = QHBoxLayout()
        shares.setSpacing(Space.S)
        shares.addWidget(self.overlap)
        shares.addWidget(_muted("of the items go to every coder"), 1)
        again = QHBoxLayout()
        again.setSpacing(Space.S)
        again.addWidget(self.repeats)
        again.addWidget(_muted("come back to the same coder, unannounced"), 1)
        for caption, field in (
            ("Name", self.name),
            ("What is judged", self.kind),
            ("Questions", self.tasks),
            ("Screener", self.screener),
            ("Overlap", shares),
            ("Repeats", again),
        ):
            form.addRow(caption, field)
        form.addRow("", self.show_picture)
        for caption, field in (
            ("Name", self.name),
            ("What is judged", self.kind),
            ("Screener", self.screener),
            ("Overlap in percent", self.overlap),
            ("Repeats in percent", self.repeats),
        ):
            field.setAccessibleName(caption)


class TaskEditor(QWidget):
    """One line per question: its name, its classes separated by commas, whether the screener answers it."""

    edited = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_TaskLine] = []
        self.add = QPushButton("Add a question")
        self.add.setAutoDefault(False)
        self.add.clicked.connect(lambda _=False: (self._append(None), self.edited.emit()))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.XS)
        below = QHBoxLayout()
        below.addWidget(self.add)
        below.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(self._lines)
        column.addLayout(below)

    def show_tasks(self, tasks: tuple[Task, ...]) -> None:
        """Fill in these, or one empty line."""
        for row in self._rows:
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for task in tasks or (None,):
            self._append(task)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Those that are whole."""
        return tuple(row.made() for row in self._rows if not row.complaint)

    @property
    def complaint(self) -> str:
        """What is wrong with the first line that is not whole, or empty."""
        wrong = next((row.complaint for row in self._rows if row.complaint), "")
        names = [row.name.text().strip() for row in self._rows]
        if not wrong and len(set(names)) < len(names):
            return "Two questions have the same name."
        return wrong

    def _append(self, task: Task | None) -> None:
        row = _TaskLine(task)
        row.edited.connect(self._look)
        row.removed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._lines.addWidget(row)
        self._look()

    def _remove(self, row: _TaskLine) -> None:
        if len(self._rows) > 1:
            self._rows.remove(row)
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
            self._look()

    def _look(self) -> None:
        self.add.setEnabled(len(self._rows) < _MOST_TASKS)
        for row in self._rows:
            row.remove.setEnabled(len(self._rows) > 1)
        self.edited.emit()


class _TaskLine(QWidget):
    edited = pyqtSignal()
    removed = pyqtSignal()

    def __init__(self, task: Task | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.classes = QLineEdit(), QLineEdit()
        self.name.setPlaceholderText("Question")
        self.name.setAccessibleName("Name of the question")
        self.classes.setPlaceholderText("Answers, separated by commas: yes, no, unsure")
        self.classes.setAccessibleName("Answers of the question")
        self.screened = QCheckBox("screened")
        self.screened.setToolTip("The screener's key answers it with “cannot tell”")
        self.remove = QToolButton()
        self.remove.setIcon(icon("close"))
        self.remove.setToolTip("Take the question away")
        self.remove.setAccessibleName("Take the question away")
        if task is not None:
            self.name.setText(task.name)
            self.classes.setText(", ".join(task.classes))
            self.screened.setChecked(task.screened)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.name, 2)
        row.addWidget(self.classes, 5)
        row.addWidget(self.screened)
        row.addWidget(self.remove)
        for line in (self.name, self.classes):
            line.textChanged.connect(lambda _: self.edited.emit())
        self.screened.toggled.connect(lambda _: self.edited.emit())
        self.remove.clicked.connect(lambda _=False: self.removed.emit())

    def made(self) -> Task:
        """The question; raises ValueError, in words for a person, for a line that is not whole."""
        classes = tuple(part.strip() for part in self.classes.text().split(",") if part.strip())
        return Task(self.name.text().strip(), classes, self.screened.isChecked())

    @property
    def complaint(self) -> str:
        try:
            self.made()
        except ValueError as error:
            return f"{self.name.text().strip() or 'A question'}: {error}."
        return ""


def _percent(value: int, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, 100)
    box.setValue(value)
    box.setSuffix(" %")
    box.setToolTip(tip)
    return box


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("muted", True)
    return label
