"""One item of a list and a row of answers: what adjudication and doubtful labels have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QSplitter, QTabBar, QVBoxLayout, QWidget

from core.domain.annotation import Item, Project
from core.domain.media import Media
from core.errors import EightCutError
from core.paths import DataPaths
from ui.annotation.answer_panel import AnswerPanel
from ui.annotation.item_stage import ItemStage, PlayerMaker, make_player
from ui.annotation.labelling_keys import digit_of
from ui.annotation.prefetch import AHEAD, BEHIND, Prefetch
from ui.jobs.runner import Runner
from ui.theme import Space


@dataclass(frozen=True)
class Question:
    """One item to decide about.

    Args:
        text: what is known about it, in a sentence.
        decided: the answer it has, empty for none.
        mark: what the list says beside its number.
        keep: what K says about it, empty for nothing.
        locked: whether it may only be looked at.
    """

    item: Item
    text: str
    decided: str = ""
    mark: str = ""
    keep: str = ""
    locked: bool = False


class _Rows(QListWidget):
    """A list in which digits are answers and do not search."""

    def __init__(self, press: Callable[[QKeyEvent], bool]) -> None:
        super().__init__()
        self._press = press

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self._press(event):
            super().keyPressEvent(event)


class JudgeView(QWidget):
    """The list on the left, the item on the right, one key for an answer; then the next open one comes."""

    decided = pyqtSignal(object, str)
    """A question, and the answer to it."""

    def __init__(
        self,
        runner: Runner,
        paths: DataPaths,
        project: Project,
        maker: PlayerMaker = make_player,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._questions: tuple[Question, ...] = ()
        self._panel: AnswerPanel | None = None
        self.list = _Rows(self._press)
        self.list.setAccessibleName("Items to decide")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.stage = ItemStage(project, maker)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.prefetch = Prefetch(runner, paths, picture=project.show_picture, parent=self)
        self.prefetch.arrived.connect(lambda _: self._show_item())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._answers = QVBoxLayout()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(Space.S, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.stage, 1)
        column.addWidget(self.text)
        column.addLayout(self._answers)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.list)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([180, 720])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(halves)
        self.list.currentRowChanged.connect(lambda _: self._show_question())

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_task(self, task_name: str) -> None:
        """Let the answers of this task be chosen."""
        if self._panel is not None:
            self._answers.removeWidget(self._panel)
            self._panel.hide()
            self._panel.deleteLater()
        alone = replace(self._project, tasks=(self._project.task(task_name),), screener="")
        self._panel = AnswerPanel(alone)
        self._panel.completed.connect(self._answered)
        self._answers.addWidget(self._panel)

    def show_questions(self, questions: Sequence[Question], media: Mapping[str, Media], keep: bool = False) -> None:
        """Show these; `keep` the row that is current, else the first open one."""
        row = self.list.currentRow() if keep else -1
        self._questions = tuple(questions)
        self.prefetch.set_media(media)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for number, question in enumerate(self._questions, start=1):
            entry = QListWidgetItem(f"{number}   {question.mark}")
            entry.setToolTip(question.text)
            self.list.addItem(entry)
        if not 0 <= row < len(self._questions):
            row = next((place for place, each in enumerate(self._questions) if not each.decided), 0)
        self.list.setCurrentRow(row)
        self.list.blockSignals(blocked)
        self._show_question()

    @property
    def question(self) -> Question | None:
        row = self.list.currentRow()
        return self._questions[row] if 0 <= row < len(self._questions) else None

    def _show_question(self) -> None:
        question = self.question
        if question is None or self._panel is None:
            self.text.clear()
            self.prefetch.stop()
            self.stage.show_waiting()
            return
        self.text.setText(question.text)
        self._panel.clear()
        self._panel.setEnabled(not question.locked)
        self._panel.show_labels({self._panel.current_task.name: question.decided} if question.decided else {})
        row = self.list.currentRow()
        around = [*self._questions[row : row + 1 + AHEAD], *self._questions[max(0, row - BEHIND) : row]]
        self.prefetch.want(list(dict.fromkeys(each.item for each in around)))
        self._show_item()

    def _show_item(self) -> None:
        question = self.question
        if question is None:
            return
        ready = self.prefetch.get(question.item)
        if ready is None:
            self.stage.show_waiting()
        elif isinstance(ready, EightCutError):
            self.stage.show_problem(ready)
        elif ready.image is not None:
            self.stage.show_picture(ready.image)
        else:
            self.stage.show_window(ready.view)

    # -- what the person does -----------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """To the next one that is not decided, else to the next."""
        row, count = self.list.currentRow(), len(self._questions)
        order = [*range(row + 1, count), *range(row)]
        following = next((place for place in order if not self._questions[place].decided), min(row + 1, count - 1))
        self.list.setCurrentRow(following)

    def keep(self) -> None:
        """Say that the label it has is right."""
        question = self.question
        if question is not None and question.keep and not question.locked:
            self.decided.emit(question, question.keep)

    def _answered(self) -> None:
        if self.question is not None and self._panel is not None:
            label = self._panel.labels[self._panel.current_task.name]
            self.decided.emit(self.question, label)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if not self._press(event):
            super().keyPressEvent(event)

    def _press(self, event: QKeyEvent) -> bool:
        digit, question = digit_of(event), self.question
        open_one = self._panel is not None and question is not None and not question.locked
        if digit is not None:
            return open_one and self._panel.press(digit)
        if event.key() == Qt.Key.Key_K and not event.modifiers():
            self.keep()
            return True
        if event.key() == Qt.Key.Key_Space:
            self.stage.toggle_sound()
            return True
        return False

    def shut_down(self) -> None:
        """Before the widget dies."""
        self.prefetch.stop()
        self.stage.shut_down()


def task_tabs(project: Project) -> QTabBar:
    """One tab for each question; hidden where there is a single one."""
    tabs = QTabBar()
    tabs.setExpanding(False)
    tabs.setAccessibleName("Questions")
    for task in project.tasks:
        tabs.addTab(task.name)
    tabs.setVisible(len(project.tasks) > 1)
    return tabs
