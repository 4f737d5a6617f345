"""Labels that are likely wrong: keep each or change it. Nothing changes by itself, and the test set not by accident."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.db import ProcessedDB
from core.domain.annotation import Project
from core.domain.media import Media
from core.errors import EightCutError, UserError
from core.job import JobContext
from core.ops import label, run_round
from core.ops.item_view import media_of
from core.paths import DataPaths
from ui.annotation.agreement_tables import answer_text
from ui.annotation.alive import while_alive
from ui.annotation.item_stage import PlayerMaker, make_player
from ui.annotation.judge_view import JudgeView, Question, task_tabs
from ui.commands.command import Command
from ui.commands.history import EditHistory
from ui.dialogs.messages import complain
from ui.jobs.runner import Lane
from ui.services import Services
from ui.theme import Space
from ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from core.annotation.label_errors import LabelDoubt

DEFAULT_SIZE_PX = (960, 660)


@dataclass(frozen=True)
class _Read:
    doubts: tuple[LabelDoubt, ...]
    media: dict[str, Media]


class DoubtsDialog(QDialog):
    """Reads the doubts once; what is decided here stays in the list, with its decision."""

    def __init__(
        self,
        services: Services,
        history: EditHistory,
        project: Project,
        coder: str,
        parent: QWidget | None = None,
        maker: PlayerMaker = make_player,
    ) -> None:
        super().__init__(parent)
        self._db, self._paths, self._runner, self._history = services.db, services.paths, services.runner, history
        self._session, self._coder = services.session, coder
        self.project = project
        self._read: _Read | None = None
        self._decided: dict[tuple[str, str], str] = {}
        self.setWindowTitle(f"Check these — {project.name}")
        self.resize(*DEFAULT_SIZE_PX)
        self.tasks = task_tabs(project)
        self.about = QLabel("Models that never saw the video of an item, and the items most like it, say otherwise.")
        self.about.setProperty("muted", True)
        self.about.setWordWrap(True)
        self.tests = QCheckBox("Test items may be changed")
        self.tests.setToolTip("They are the yardstick of all rounds: figures before and after cannot be compared then")
        self.judge = JudgeView(services.runner, services.paths, project, maker)
        self.keep = QPushButton("Keep (K)")
        self.keep.setToolTip("The label it has is right")
        self.undo = QPushButton("Undo")
        self.dismiss = QPushButton("Close")
        self.nothing = EmptyState("Nothing to check", "No label of this question looks wrong.", icon="check")
        self.waiting = EmptyState("Looking…", "Every label is compared with what the others teach.")
        self.problem = EmptyState("", "")
        for button in (self.keep, self.undo):
            button.setEnabled(False)
        self._lay_out()
        self._connect()
        self.reload()

    # -- reading ------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Look for doubts, in the background."""
        self._stack.setCurrentWidget(self.waiting)
        self._runner.submit(
            Lane.ENGINE,
            f"Look for wrong labels in {self.project.name}",
            partial(_find, self._db, self.project, self._paths),
            on_done=while_alive(self, self._show),
            on_failed=while_alive(self, self._failed),
            on_cancelled=while_alive(self, self.reject),
            quiet=True,
            supersedes="doubts",
        )

    def _show(self, found: _Read) -> None:
        self._read = found
        for place, task in enumerate(self.project.tasks):
            self.tasks.setTabText(place, f"{task.name} ({len(self._of(task.name))})")
        self._show_task()

    def _of(self, task: str) -> list[LabelDoubt]:
        return [doubt for doubt in self._read.doubts if doubt.task == task] if self._read else []

    @property
    def task(self) -> str:
        return self.project.tasks[self.tasks.currentIndex()].name

    def _show_task(self) -> None:
        if self._read is None:
            return
        self.judge.show_task(self.task)
        self._show_questions(keep=False)
        self._stack.setCurrentWidget(self.judge if self._of(self.task) else self.nothing)

    def _show_questions(self, keep: bool = True) -> None:
        self.judge.show_questions([self._question(doubt) for doubt in self._of(self.task)], self._read.media, keep)
        self.undo.setEnabled(self._history.can_undo_of(self._key))
        self.keep.setEnabled(bool(self._of(self.task)))

    def _question(self, doubt: LabelDoubt) -> Question:
        decided = self._decided.get((doubt.item.key, doubt.task), "")
        locked = doubt.test and not self.tests.isChecked()
        text = (
            f"Labelled {answer_text(doubt.label)}; may be {answer_text(doubt.suggested)} ({doubt.confidence:.0%} sure)."
        )
        if doubt.test:
            text += " It is of the test set, whose labels are the yardstick of all rounds."
        if decided:
            text += " Kept." if decided == doubt.label else f" Changed to {answer_text(decided)}."
        mark = "✓" if decided else "test" if doubt.test else f"{doubt.confidence:.0%}"
        return Question(doubt.item, text, decided, mark, doubt.label, locked)

    # -- deciding -----------------------------------------------------------------------------------------------------

    @property
    def _key(self) -> tuple[str, str]:
        return "doubts", self.project.uid

    def _decide(self, question: Question, answer: str) -> None:
        place = (question.item.key, self.task)
        before = self._decided.get(place, "")
        act = partial(label.adjudicate, self._db, self.project, *place, coder=self._coder or "adjudicator")

        def to(decision: str):
            def operation():
                changes = act(decision or None)
                self._note(place, decision)
                return changes

            return operation

        self.judge.go_on()
        self._history.push(
            self._key,
            Command(f"Check {self.task}", to(answer), to(before), self._session.publish, self._complain),
        )
        self.undo.setEnabled(self._history.can_undo_of(self._key))

    def _note(self, place: tuple[str, str], decision: str) -> None:
        self._decided[place] = decision
        if self.isVisible():
            self._show_questions()

    def _failed(self, error: EightCutError) -> None:
        if isinstance(error, UserError):
            self.problem.set_texts(error.what, ". ".join(part for part in (error.why, error.fix) if part))
            self._stack.setCurrentWidget(self.problem)
        else:
            self._complain(error)

    def _complain(self, error: EightCutError) -> None:
        complain(self, error)

    def done(self, result: int) -> None:
        self.judge.shut_down()
        super().done(result)

    # -- building -----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.tasks.currentChanged.connect(lambda _: self._show_task())
        self.tests.toggled.connect(lambda _: self._read and self._show_questions())
        self.judge.decided.connect(self._decide)
        self.keep.clicked.connect(self.judge.keep)
        self.undo.clicked.connect(lambda: self._history.undo_of(self._key))
        self.dismiss.clicked.connect(self.accept)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(Space.S)
        above.addWidget(self.tasks)
        above.addStretch()
        above.addWidget(self.tests)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        for page in (self.waiting, self.nothing, self.problem, self.judge):
            self._stack.addWidget(page)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        for button in (self.keep, self.undo, self.dismiss):
            button.setAutoDefault(False)
        below.addWidget(self.keep)
        below.addWidget(self.undo)
        below.addStretch()
        below.addWidget(self.dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.about)
        column.addLayout(above)
        column.addWidget(holder, 1)
        column.addLayout(below)


def _find(db: ProcessedDB, project: Project, paths: DataPaths, ctx: JobContext) -> _Read:
    """Runs on a worker."""
    doubts = run_round.label_errors(db, project, ctx, paths)
    return _Read(doubts, media_of(db, tuple(doubt.item for doubt in doubts)))
