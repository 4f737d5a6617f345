"""How far coders agree, where they do not, and deciding what is right: one key for each item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.amounts import count_text
from core.domain.annotation import Item, Project
from core.domain.media import Media
from core.errors import EightCutError
from core.job import JobContext
from core.ops import agreement, label
from core.ops.agreement import AgreementReport, Disagreement, TaskReport
from core.ops.item_view import media_of
from ui.annotation.agreement_tables import (
    ConfusionTable,
    FiguresTable,
    answer_text,
    class_rows,
    overall_rows,
    repeat_rows,
)
from ui.annotation.alive import while_alive
from ui.annotation.item_stage import PlayerMaker, make_player
from ui.annotation.judge_view import JudgeView, Question, task_tabs
from ui.commands.command import Command
from ui.commands.history import EditHistory
from ui.dialogs.messages import complain
from ui.jobs.runner import Lane
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.theme import Space
from ui.widgets.empty_state import EmptyState

DEFAULT_SIZE_PX = (1000, 700)


@dataclass(frozen=True)
class _Read:
    report: AgreementReport
    items: dict[str, Item]
    media: dict[str, Media]


class AgreementDialog(QDialog):
    """Of one project. `coder` is who decides; whose answers they are stays hidden unless one asks."""

    closed = pyqtSignal()

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
        self._db, self._runner, self._history = services.db, services.runner, history
        self._session = services.session
        self.project, self._coder = project, coder
        self._read: _Read | None = None
        self.setWindowTitle(f"Agreement — {project.name}")
        self.resize(*DEFAULT_SIZE_PX)
        self.tasks = task_tabs(project)
        self.with_na = QCheckBox("“cannot tell” counts as an answer")
        self.with_na.setChecked(True)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.overall = FiguresTable("Who", "Items")
        self.classes = FiguresTable("Answer", "Said")
        self.pair = QComboBox()
        self.pair.setAccessibleName("Pair of coders")
        self.confusion = ConfusionTable()
        self.repeats = FiguresTable("Coder", "Repeats")
        self.judge = JudgeView(services.runner, services.paths, project, maker)
        self.names = QCheckBox("Show who said what")
        self.names.setToolTip("Off, one decides without knowing whose answers they are")
        self.undo = QPushButton("Undo")
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.nothing = EmptyState("No agreement yet", "")
        self.waiting = EmptyState("Counting…", "")
        self.dismiss = QPushButton("Close")
        self._lay_out()
        self._connect(services.bridge)
        self.reload()

    # -- reading ------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Count again, in the background."""
        with_na = self.with_na.isChecked()
        self._runner.submit(
            Lane.IO,
            f"Agreement of {self.project.name}",
            partial(_compute, self._db, self.project, with_na),
            on_done=while_alive(self, self._show),
            on_failed=while_alive(self, self._complain),
            quiet=True,
            supersedes="agreement",
        )

    def _show(self, found: _Read) -> None:
        again = self._read is not None
        self._read = found
        self._show_task(keep=again)

    def _show_task(self, keep: bool = False) -> None:
        report = self.task_report
        if report is None:
            return
        self.summary.setText(summary(report))
        if report.statement and not report.repeats:
            self.nothing.set_texts("No agreement to show yet", report.statement)
            self._stack.setCurrentWidget(self.nothing)
            return
        self._stack.setCurrentWidget(self.pages)
        self.overall.show_rows(overall_rows(report))
        self.classes.show_rows(class_rows(report))
        self.repeats.show_rows(repeat_rows(report))
        chosen = self.pair.currentText() if keep else ""
        blocked = self.pair.blockSignals(True)
        self.pair.clear()
        for pair in report.pairs:
            self.pair.addItem(f"{pair.first} and {pair.second}", pair)
        self.pair.setCurrentIndex(max(0, self.pair.findText(chosen)))
        self.pair.blockSignals(blocked)
        self._show_pair()
        if not keep:
            self.judge.show_task(report.task)
        self._show_disagreements(keep)

    @property
    def task_report(self) -> TaskReport | None:
        """Of the task that is chosen."""
        place = self.tasks.currentIndex()
        return self._read.report.tasks[place] if self._read and 0 <= place < len(self._read.report.tasks) else None

    def _show_pair(self) -> None:
        report = self.task_report
        if report is not None:
            self.confusion.show_pair(self.pair.currentData(), report.classes)

    def _show_disagreements(self, keep: bool = True) -> None:
        report = self.task_report
        if report is None:
            return
        questions = [
            Question(self._read.items[each.item_key], self._told(each), each.gold, "✓" if each.gold else "")
            for each in report.disagreements
        ]
        self.judge.show_questions(questions, self._read.media, keep)
        decided = sum(bool(question.decided) for question in questions)
        self.pages.setTabText(self._judge_place, f"Disagreements ({decided} of {len(questions)} decided)")
        self.undo.setEnabled(self._history.can_undo_of(self._key))

    def _told(self, each: Disagreement) -> str:
        decided = f" Decided: {answer_text(each.gold)}." if each.gold else ""
        if self.names.isChecked():
            said = ", ".join(f"{coder} said {answer_text(said)}" for coder, said in each.labels.items())
            return f"{said}.{decided}"
        order = self.task_report.classes
        return f"Said: {' or '.join(answer_text(name) for name in order if name in each.labels.values())}.{decided}"

    def _follow(self, changes: Changes) -> None:
        if changes.touches(Kind.LABELS) and self.isVisible():
            self.reload()

    # -- deciding -----------------------------------------------------------------------------------------------------

    @property
    def _key(self) -> tuple[str, str]:
        return "adjudication", self.project.uid

    def _decide(self, question: Question, answer: str) -> None:
        """What is right from now on; undo brings back what was decided before, or nothing."""
        task, key = self.task_report.task, question.item.key
        before = question.decided or None
        act = partial(label.adjudicate, self._db, self.project, key, task, coder=self._coder or "adjudicator")
        self.judge.go_on()
        self._history.push(
            self._key,
            Command(
                f"Decide {task}", partial(act, answer), partial(act, before), self._session.publish, self._complain
            ),
        )
        self.undo.setEnabled(self._history.can_undo_of(self._key))

    def _complain(self, error: EightCutError) -> None:
        complain(self, error)

    # -- closing ------------------------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        self.judge.shut_down()
        super().done(result)
        self.closed.emit()

    # -- building -----------------------------------------------------------------------------------------------------

    def _connect(self, bridge: SessionBridge) -> None:
        self.tasks.currentChanged.connect(lambda _: self._show_task())
        self.with_na.toggled.connect(lambda _: self.reload())
        self.pair.currentIndexChanged.connect(lambda _: self._show_pair())
        self.names.toggled.connect(lambda _: self._show_disagreements())
        self.judge.decided.connect(self._decide)
        self.undo.clicked.connect(lambda: self._history.undo_of(self._key))
        self.dismiss.clicked.connect(self.accept)
        bridge.changed.connect(self._follow)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(Space.S)
        above.addWidget(self.tasks)
        above.addStretch()
        above.addWidget(self.with_na)
        self.pages.addTab(self.overall, "Figures")
        self.pages.addTab(self.classes, "By answer")
        self.pages.addTab(_page(self.pair, self.confusion), "Confusion")
        self.pages.addTab(self.repeats, "Silent repeats")
        switches = QWidget()
        row = QHBoxLayout(switches)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.names)
        row.addStretch()
        row.addWidget(self.undo)
        self._judge_place = self.pages.addTab(_page(switches, self.judge), "Disagreements")
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        for page in (self.waiting, self.nothing, self.pages):
            self._stack.addWidget(page)
        below = QHBoxLayout()
        below.addStretch()
        below.addWidget(self.dismiss)
        for button in (self.undo, self.dismiss):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(above)
        column.addWidget(self.summary)
        column.addWidget(holder, 1)
        column.addLayout(below)


def summary(report: TaskReport) -> str:
    """What the figures are about, in a sentence."""
    if report.statement:
        return report.statement
    coders = "2 coders" if len(report.answers) == 2 else f"{len(report.answers)} coders"
    text = f"{report.shared:,} items of {count_text(report.videos, 'video')} were judged by two or more of {coders}."
    if report.assisted:
        text += f" {report.assisted:,} answers were given while predictions were shown: take them with care."
    return text


def _compute(db: ProcessedDB, project: Project, with_na: bool, ctx: JobContext) -> _Read:
    """Runs on a worker."""
    report = agreement.report(db, project, ctx, with_na=with_na)
    wanted = {each.item_key for task in report.tasks for each in task.disagreements}
    items = {item.key: item for item in db.annotation.items(project.id) if item.key in wanted}
    return _Read(report, items, media_of(db, tuple(items.values())))


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, Space.S, 0, 0)
    column.setSpacing(Space.S)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is widgets[-1] else 0)
    return page
