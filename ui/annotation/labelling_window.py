"""The window in which items are judged, one at a time: no name, no neighbours, nothing that could tip the scale."""

from __future__ import annotations

from datetime import UTC, datetime

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.domain.amounts import count_text
from core.domain.annotation import ItemKind, Step
from core.errors import EightCutError
from core.ops.item_view import prepare_frames
from core.paths import DataPaths
from ui import settings as keys
from ui.annotation.answer_panel import AnswerPanel
from ui.annotation.attention import Attention
from ui.annotation.item_stage import ItemStage, PlayerMaker, make_player
from ui.annotation.labelling_bar import LabellingFooter, LeaveField, ProgressHeader
from ui.annotation.labelling_keys import LabellingKeys, Move
from ui.annotation.labelling_session import LabellingSession, Said
from ui.annotation.prefetch import AHEAD, BEHIND, Prefetch
from ui.jobs.runner import Job, Lane, Runner
from ui.settings import Settings
from ui.theme import Space
from ui.widgets.empty_state import EmptyState
from ui.widgets.toast import Toast

TITLE = "Labelling"
DEFAULT_SIZE_PX = (1120, 800)
RESIZED_MS = 200


class LabellingWindow(QWidget):
    """A window of its own. Close it whenever you like: what was saved stays, and one goes on where one stopped."""

    closing = pyqtSignal()
    agreement_requested = pyqtSignal()

    def __init__(
        self,
        session: LabellingSession,
        runner: Runner,
        paths: DataPaths,
        settings: Settings,
        parent: QWidget | None = None,
        maker: PlayerMaker = make_player,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("surface", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(TITLE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.session, self._runner, self._paths, self._settings = session, runner, paths, settings
        session.setParent(self)
        project = session.project
        self.header = ProgressHeader(session.coder)
        self.stage = ItemStage(project, maker)
        self.panel = AnswerPanel(project)
        self.footer = LabellingFooter()
        self.hint = QLabel()
        self.hint.setProperty("muted", True)
        self.finished = EmptyState("Everything is labelled", "", ("Close", self.close), icon="check")
        self.finished.add_action("See the agreement…", self.agreement_requested.emit)
        self.toast = Toast(self.stage, bottom_margin_px=Space.L)
        self.prefetch = Prefetch(runner, paths, picture=project.show_picture, parent=self)
        self.attention = Attention()
        self._warm_up: Job | None = None
        self._shown_at = ""
        self._on_stage: Step | None = None
        self._closed = False
        self._resized = QTimer(self, singleShot=True, interval=RESIZED_MS)
        self._resized.timeout.connect(self._fit_again)
        self._lay_out()
        self._connect()
        self._keys = self._bind_keys()
        if not (settings.get(keys.LABEL_GEOMETRY) and self.restoreGeometry(settings.get(keys.LABEL_GEOMETRY))):
            self.resize(*DEFAULT_SIZE_PX)
        self._feel_the_mouse()
        session.load()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def _loaded(self) -> None:
        self.prefetch.set_media(self.session.media)
        self._show_progress()
        if self._warm_up is None and self.session.project.kind is ItemKind.FRAME:
            items, media, paths = tuple(step.item for step in self.session.queue.steps), self.session.media, self._paths
            self._warm_up = self._runner.submit(
                Lane.IO, "Prepare pictures", lambda ctx: prepare_frames(items, media, paths, ctx), quiet=True
            )

    def _show_step(self) -> None:
        """Another item: nothing of the one before may stay."""
        step, said = self.session.step, self.session.said
        self._shown_at, self._on_stage = "", None
        self.hint.clear()
        self._show_progress()
        if step is None:
            self._show_finished()
            return
        self.panel.clear()
        self.panel.show_labels(said.labels)
        if self.session.project.assisted:
            self.panel.show_predictions(self.session.predictions.get(step.item.key, {}))
        self.footer.note.setText(said.note)
        self.footer.difficult.setChecked(said.difficult)
        self._pages.setCurrentWidget(self._judging)
        self._show_answers()
        self.setFocus()
        self.prefetch.set_room(self._room)
        self.prefetch.want(self.session.coming(AHEAD, BEHIND))
        self._show_item()

    def _show_item(self) -> None:
        self._on_stage = self.session.step
        ready = self.prefetch.get(self._on_stage.item)
        if ready is None:
            self.stage.show_waiting()
        elif isinstance(ready, EightCutError):
            self.stage.show_problem(ready)
        elif ready.image is not None:
            self.stage.show_picture(ready.image)
        else:
            self.stage.show_window(ready.view)
        self._show_answers()

    def _arrived(self, key: str) -> None:
        """A picture may come once more, sharper, after the window was made larger."""
        step = self.session.step
        if step is not None and step.item.key == key and (not self._shown_at or self.stage.player is None):
            self._show_item()

    def _fit_again(self) -> None:
        """Pictures are scaled off the GUI thread: those that are ready are too small or too large now."""
        if self.session.step is not None and self.prefetch.set_room(self._room):
            self.prefetch.want(self.session.coming(AHEAD, BEHIND))

    @property
    def _room(self) -> QSize:
        """For a picture, in device pixels."""
        return (QRectF(self.stage.picture.rect()).size() * self.devicePixelRatioF()).toSize()

    def _item_shown(self) -> None:
        """A paint event of the picture before may come while the next one is being put in its place."""
        if not self._shown_at and self._on_stage == self.session.step:
            self._shown_at = datetime.now(UTC).isoformat(timespec="microseconds")
            self.attention.start()
            if not self.isActiveWindow():
                self.attention.pause()

    def _show_finished(self) -> None:
        self.prefetch.stop()
        self.stage.show_waiting()
        self.finished.set_texts(*finished_texts(self.session))
        self._pages.setCurrentWidget(self.finished)

    def _show_progress(self) -> None:
        self.header.show_progress(self.session.position, self.session.total, self.session.done)
        self.footer.previous.setEnabled(self.session.position > 0)

    def _show_answers(self) -> None:
        self.panel.setEnabled(self._can_judge)
        self.footer.save.setEnabled(self.panel.complete and self._can_judge)

    @property
    def _can_judge(self) -> bool:
        """What is not in sight cannot be judged."""
        return self.session.step is not None and self.stage.judgeable

    # -- what the person does -----------------------------------------------------------------------------------------

    def save_and_go_on(self) -> None:
        """Store the answers and show the next item; without all answers it says which one is missing."""
        if self.stage.page is self.stage.problem:
            self.session.pass_over()
            return
        if not self._can_judge:
            return
        if not self.panel.complete:
            missing = ", ".join(self.panel.open_tasks)
            self.hint.setText(f"Still to answer: {missing}. 0 is “cannot tell”.")
            return
        said = Said(self.panel.labels, self.footer.note.text().strip(), self.footer.difficult.isChecked())
        self.session.save(said, self.attention.seconds, self._shown_at, self._assisted)
        self.session.go_on()

    @property
    def _assisted(self) -> bool:
        """Whether a prediction was in sight, which goes into the log with the answer."""
        step = self.session.step
        return self.session.project.assisted and step is not None and step.item.key in self.session.predictions

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        self.attention.touch()
        if not self._keys.press(event, judging=self._pages.currentWidget() is self._judging):
            super().keyPressEvent(event)

    def _jump(self, position: int) -> None:
        self.session.jump(position)
        self.setFocus()

    def _completed(self) -> None:
        self._show_answers()
        if self.footer.auto.isChecked() and self._can_judge:
            self.save_and_go_on()

    def _toggle_full_screen(self) -> None:
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def _answer(self, digit: int) -> bool:
        return self._can_judge and self.panel.press(digit)

    # -- errors -------------------------------------------------------------------------------------------------------

    def _complain(self, error: EightCutError) -> None:
        if self.session.unsaved:
            text = f"{error} {self.session.unsaved} not stored yet; they are kept."
            self.toast.show_message(text, "error", ("Try again", self.session.retry))
        else:
            self.toast.show_message(str(error), "error")

    # -- events -------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        self.attention.touch()
        super().mouseMoveEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._resized.start()

    def changeEvent(self, event: QEvent | None) -> None:
        if event.type() == QEvent.Type.ActivationChange and self._shown_at:
            self.attention.go_on() if self.isActiveWindow() else self.attention.pause()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        if not self._closed:
            try:
                self.session.flush()
            except EightCutError as error:
                event.ignore()
                self._complain(error)
                return
            self._shut_down()
        super().closeEvent(event)

    def _shut_down(self) -> None:
        self._closed = True
        self._settings.set(keys.LABEL_GEOMETRY, bytes(self.saveGeometry()))
        self.prefetch.stop()
        if self._warm_up is not None:
            self._warm_up.cancel()
        self.stage.shut_down()
        self.closing.emit()

    def _feel_the_mouse(self) -> None:
        """A mouse that moves over any part is a sign of life; what a part does not use comes here."""
        for part in (self, *self.findChildren(QWidget)):
            part.setMouseTracking(True)
        self.footer.note.textEdited.connect(lambda _: self.attention.touch())

    # -- building -----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        session, footer = self.session, self.footer
        session.loaded.connect(self._loaded)
        session.step_changed.connect(self._show_step)
        session.failed.connect(self._complain)
        session.nothing_to_undo.connect(lambda text: self.toast.show_message(text, "info"))
        self.prefetch.arrived.connect(self._arrived)
        self.stage.shown.connect(self._item_shown)
        self.stage.failed.connect(self._show_answers)
        self.stage.skip_requested.connect(session.pass_over)
        self.panel.changed.connect(self._show_answers)
        self.panel.completed.connect(self._completed)
        self.header.jump_requested.connect(self._jump)
        LeaveField(footer.note, self.setFocus, by_enter=True)
        LeaveField(self.header.place, self.setFocus)
        footer.save.clicked.connect(self.save_and_go_on)
        footer.previous.clicked.connect(lambda: session.move(-1))
        footer.skip.clicked.connect(lambda: session.move(1))
        footer.undo.clicked.connect(session.undo)
        footer.auto.setChecked(self._settings.get(keys.LABEL_AUTO_NEXT))
        footer.auto.toggled.connect(lambda on: self._settings.set(keys.LABEL_AUTO_NEXT, on))

    def _bind_keys(self) -> LabellingKeys:
        session, panel = self.session, self.panel
        return LabellingKeys(
            {
                Move.SAVE: self.save_and_go_on,
                Move.BACK: lambda: session.move(-1),
                Move.LATER: lambda: session.move(1),
                Move.TASK_ABOVE: lambda: panel.move_current(-1),
                Move.TASK_BELOW: lambda: panel.move_current(1),
                Move.SCREEN: lambda: self._can_judge and panel.press_screener(),
                Move.DIFFICULT: self.footer.difficult.toggle,
                Move.NOTE: self.footer.note.setFocus,
                Move.JUMP: self.header.ask,
                Move.SOUND: self.stage.toggle_sound,
                Move.FULL_SCREEN: self._toggle_full_screen,
                Move.UNDO: session.undo,
                Move.REDO: session.redo,
            },
            self._answer,
        )

    def _lay_out(self) -> None:
        below = QVBoxLayout()
        below.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        below.setSpacing(Space.M)
        below.addWidget(self.panel)
        below.addWidget(self.hint)
        below.addWidget(self.footer)
        self._judging = QWidget()
        judging = QVBoxLayout(self._judging)
        judging.setContentsMargins(0, 0, 0, 0)
        judging.setSpacing(0)
        judging.addWidget(self.stage, 1)
        judging.addLayout(below)
        above = QVBoxLayout()
        above.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        above.addWidget(self.header)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._judging)
        self._pages.addWidget(self.finished)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addLayout(self._pages, 1)


def finished_texts(session: LabellingSession) -> tuple[str, str]:
    """A title and sentences for when no step is left."""
    passed, missing = session.passed, session.queue.missing
    waiting = [_missing_text(missing)] if missing else []
    if not session.total:
        return "There is nothing to label here yet", " ".join(waiting) or "Add videos to the project first."
    parts = [f"You labelled {session.done:,} of {session.total:,}."]
    if passed:
        parts.append(f"{passed:,} could not be shown and were left out.")
    return "Nothing is left to label" if passed else "Everything is labelled", " ".join(parts + waiting)


def _missing_text(missing: int) -> str:
    items = count_text(missing, "item waits", "items wait")
    return f"{items} for videos that are not on this machine: open them in 8-cut once."
