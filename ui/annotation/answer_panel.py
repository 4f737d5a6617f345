"""All questions about one item with their answers; a number key answers the current one and goes on to the next."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.domain.annotation import NA, Project, Task
from ui.annotation.answer_button import AnswerButton
from ui.theme import Space
from ui.widgets.elided_label import ElidedLabel

SCREENER_KEY = "X"
NA_TEXT = "cannot tell"
_IN_A_ROW = 6
_TITLE_PX = 130


class AnswerPanel(QWidget):
    """Nothing is chosen until the person chooses."""

    changed = pyqtSignal()
    """An answer was given by the person."""
    completed = pyqtSignal()
    """The last open question was answered."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._rows = [_TaskRow(task) for task in project.tasks]
        self._current = 0
        self.screener: AnswerButton | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for number, row in enumerate(self._rows):
            row.answered.connect(lambda number=number: self._answered(number))
            column.addWidget(row)
        if project.screener and any(task.screened for task in project.tasks):
            column.addLayout(self._build_screener(project.screener))
        self.clear()

    # -- what is answered ---------------------------------------------------------------------------------------------

    @property
    def labels(self) -> dict[str, str]:
        """The answer to each question that has one."""
        return {row.task.name: row.label for row in self._rows if row.label}

    @property
    def complete(self) -> bool:
        return all(row.label for row in self._rows)

    @property
    def current_task(self) -> Task:
        """The one that number keys answer."""
        return self._rows[self._current].task

    @property
    def open_tasks(self) -> list[str]:
        """Names of the questions without an answer."""
        return [row.task.name for row in self._rows if not row.label]

    def clear(self) -> None:
        """A new item: no answer, no prediction, the first question is the current one."""
        self.show_labels({})
        self.show_predictions({})

    def show_labels(self, labels: Mapping[str, str]) -> None:
        """What this coder said about the item before; silent."""
        for row in self._rows:
            row.set_label(labels.get(row.task.name, ""))
        self._show_screener()
        self._make_current(self._first_open(0) if not self.complete else 0)

    def show_predictions(self, predictions: Mapping[str, Mapping[str, float]]) -> None:
        """What a model thinks, 0–1 by task and class; only in assisted projects. It chooses nothing."""
        for row in self._rows:
            row.set_shares(predictions.get(row.task.name, {}))

    # -- keys ---------------------------------------------------------------------------------------------------------

    def press(self, digit: int) -> bool:
        """Answer the current question by its key, 0 for `NA`; False when it has no such answer."""
        return self._rows[self._current].press(digit)

    def press_screener(self) -> bool:
        """The screener's key; False when the project has none."""
        if self.screener is None:
            return False
        self.screener.click()
        return True

    def move_current(self, step: int) -> None:
        """Let number keys answer another question."""
        self._make_current(min(len(self._rows) - 1, max(0, self._current + step)))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _answered(self, number: int) -> None:
        self._show_screener()
        self._make_current(self._first_open(number))
        self._tell()

    def _screen(self) -> None:
        wanted = self.screener.isChecked()
        for row in self._rows:
            if row.task.screened:
                row.set_label(NA if wanted else "")
        self._make_current(self._first_open(0))
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        if self.complete:
            self.completed.emit()

    def _first_open(self, after: int) -> int:
        """The next question without an answer, round once; the same one when there is none."""
        order = [*range(after, len(self._rows)), *range(after)]
        return next((number for number in order if not self._rows[number].label), after)

    def _make_current(self, number: int) -> None:
        self._current = number
        for place, row in enumerate(self._rows):
            row.set_current(place == number and len(self._rows) > 1)

    def _show_screener(self) -> None:
        if self.screener is not None:
            screened = [row.label for row in self._rows if row.task.screened]
            self.screener.setChecked(all(label == NA for label in screened))

    def _build_screener(self, text: str) -> QHBoxLayout:
        self.screener = AnswerButton(text, SCREENER_KEY)
        names = ", ".join(task.name for task in self._project.tasks if task.screened)
        self.screener.setToolTip(f"{text}: {names} does not apply ({SCREENER_KEY})")
        self.screener.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.screener.clicked.connect(lambda _=False: self._screen())
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addSpacing(_TITLE_PX + Space.S)
        row.addWidget(self.screener)
        row.addStretch()
        return row


class _TaskRow(QWidget):
    """One question and its answers."""

    answered = pyqtSignal()

    def __init__(self, task: Task, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = task
        self._title = ElidedLabel(task.name)
        self._title.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self._buttons = QButtonGroup(self)
        # An exclusive group could not go back to nothing chosen for the next item.
        self._buttons.setExclusive(False)
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        columns = min(_IN_A_ROW, len(task.answers))
        for number, name in enumerate(task.answers):
            is_na = name == NA
            button = AnswerButton(NA_TEXT if is_na else name, "0" if is_na else str(number + 1))
            self._buttons.addButton(button, 0 if is_na else number + 1)
            grid.addWidget(button, number // columns, number % columns)
        self._buttons.idClicked.connect(self._clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        place = QWidget()
        place.setFixedWidth(_TITLE_PX)
        inside = QVBoxLayout(place)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._title)
        row.addWidget(place)
        row.addLayout(grid, 1)

    @property
    def label(self) -> str:
        """The chosen class or `NA`; empty for none."""
        checked = next((button for button in self._buttons.buttons() if button.isChecked()), None)
        return "" if checked is None else self._label_of(self._buttons.id(checked))

    def set_label(self, label: str) -> None:
        for button in self._buttons.buttons():
            button.setChecked(bool(label) and self._label_of(self._buttons.id(button)) == label)

    def set_shares(self, shares: Mapping[str, float]) -> None:
        for button in self._buttons.buttons():
            button.set_share(shares.get(self._label_of(self._buttons.id(button))))

    def set_current(self, current: bool) -> None:
        """Mark it as the one that number keys answer."""
        self._title.setText(f"▸ {self.task.name}" if current else self.task.name)
        self._title.setProperty("muted", not current)
        self._title.style().unpolish(self._title)
        self._title.style().polish(self._title)

    def press(self, digit: int) -> bool:
        button = self._buttons.button(digit)
        if button is None:
            return False
        button.click()
        return True

    def _clicked(self, number: int) -> None:
        for button in self._buttons.buttons():
            button.setChecked(self._buttons.id(button) == number)
        self.answered.emit()

    def _label_of(self, number: int) -> str:
        return NA if number == 0 else self.task.classes[number - 1]
