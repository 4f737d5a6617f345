"""One coder at one project: which item comes, what was said about it, and getting every answer into the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal

from core.annotation.queue import CoderQueue
from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import Answer, Item, Project, Step
from core.domain.media import Media
from core.job import JobContext
from core.ops import label
from core.ops.item_view import media_of
from core.ops.label_predictions import predictions
from ui.annotation.alive import while_alive
from ui.annotation.outbox import Outbox
from ui.jobs.runner import Lane, Runner
from ui.session_bridge import SessionBridge

Predictions = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Said:
    """What a coder said about one step."""

    labels: Mapping[str, str]
    note: str = ""
    difficult: bool = False


@dataclass(frozen=True)
class _Loaded:
    """Everything about the coder's work, read at once off the GUI thread."""

    queue: CoderQueue
    said: dict[Step, Said]
    media: dict[str, Media]
    round: int
    of_round: frozenset[str]
    predictions: Predictions
    joined: Changes


class LabellingSession(QObject):
    """Lives as long as its window. Everything that touches the history runs on the database's lane."""

    loaded = pyqtSignal()
    """The queue is known, for the first time or anew."""
    step_changed = pyqtSignal()
    """Another step is the current one; None when nothing is left to do."""
    failed = pyqtSignal(object)
    """An answer could not be stored (EightCutError); it is kept, and tried again with the next one."""
    nothing_to_undo = pyqtSignal(str)

    def __init__(
        self,
        db: ProcessedDB,
        bridge: SessionBridge,
        runner: Runner,
        project: Project,
        coder: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._db, self._runner, self._publish = db, runner, bridge.session.publish
        self.project, self.coder = project, coder
        self.queue = CoderQueue((), ())
        self.step: Step | None = None
        self.media: Mapping[str, Media] = {}
        self.predictions: Predictions = {}
        self._said: dict[Step, Said] = {}
        self._round, self._of_round = -1, frozenset[str]()
        self._passed: set[Step] = set()
        self._outbox = Outbox()
        self._unconfirmed: dict[Step, Said] = {}
        self._publishing = False
        self._from_start = False
        bridge.changed.connect(self._follow)

    # -- reading ------------------------------------------------------------------------------------------------------

    def load(self, go_to: Step | None = None) -> None:
        """Read queue and answers; stays at the current step, or goes to `go_to`, else to the first open one."""
        self._submit(
            "Read the queue", lambda _: self._read(), while_alive(self, lambda found: self._take(found, go_to))
        )

    def _read(self) -> _Loaded:
        joined = label.join(self._db, self.project, self.coder)
        queue = label.queue(self._db, self.project, self.coder)
        items = {step.item.key: step.item for step in queue.steps}
        answers = self._db.annotation.answers(self.project.id, coder=self._db.annotation.coder_name(self.coder))
        newest = self._db.annotation.newest_queue(self.project.id)
        of_round = frozenset(entry.item_key for entry in newest.entries) if newest else frozenset()
        number = newest.round if newest else -1
        media = media_of(self._db, tuple(items.values()))
        thought = predictions(self._db, self.project) if self.project.assisted else {}
        return _Loaded(queue, said_of(items, answers), media, number, of_round, thought, joined)

    def _take(self, found: _Loaded, go_to: Step | None) -> None:
        if found.round != self._round and self.total:
            # What a new round asks for stands at the beginning.
            self._from_start = True
        self.queue, self._said, self.media = found.queue, found.said, found.media
        self._round, self._of_round, self.predictions = found.round, found.of_round, found.predictions
        # What was answered while the queue was being read.
        for step, said in self._unconfirmed.items():
            self._said[step] = said
            self.queue.mark(step)
        if found.joined:
            self._announce(found.joined)
        there = set(self.queue.steps)
        self._passed &= there
        self.loaded.emit()
        if go_to in there:
            self._go(go_to)
        elif self.step not in there:
            self._go(self._next())

    def _follow(self, changes: Changes) -> None:
        if changes.touches(Kind.LABELS) and not self._publishing:
            self.load()

    # -- where one is -------------------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        return len(self.queue)

    @property
    def done(self) -> int:
        return self.queue.done

    @property
    def passed(self) -> int:
        """How many were passed over because they cannot be shown, and have no answer."""
        return len(self._passed)

    @property
    def position(self) -> int:
        """Of the current step, from 0; the total when there is none."""
        return self.total if self.step is None else self.queue.position(self.step)

    @property
    def said(self) -> Said:
        """What this coder said about the current step before."""
        return self._said.get(self.step, Said({})) if self.step else Said({})

    def coming(self, ahead: int, behind: int) -> list[Item]:
        """What will probably be looked at next: the current item, those after it that are open, those before it."""
        if self.step is None:
            return []
        here = self.position
        after = (step for step in islice(self.queue.steps, here + 1, None) if not self.queue.is_answered(step))
        steps = [self.step, *islice(after, ahead), *reversed(self.queue.steps[max(0, here - behind) : here])]
        return list(dict.fromkeys(step.item for step in steps))

    # -- going --------------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """To the next step without an answer; a round's new queue comes before everything."""
        self._go(self._next())

    def move(self, steps: int) -> None:
        """So many steps on or back in the order, answered or not; stops at both ends."""
        self.jump(self.position + steps)

    def jump(self, position: int) -> None:
        """To the step at this place, from 0."""
        if self.total:
            self._go(self.queue.steps[min(self.total - 1, max(0, position))])

    def pass_over(self) -> None:
        """Go on from a step that cannot be shown; it stays without an answer and does not come back today."""
        if self.step is not None:
            self._passed.add(self.step)
            self.go_on()

    def _next(self) -> Step | None:
        after = None if self._from_start else self.step
        self._from_start = False
        step = self.queue.next_open(after)
        seen: set[Step] = set()
        while step in self._passed and step not in seen:
            seen.add(step)
            step = self.queue.next_open(step)
        return None if step in self._passed else step

    def _go(self, step: Step | None) -> None:
        self.step = step
        self.step_changed.emit()

    # -- answers ------------------------------------------------------------------------------------------------------

    def save(self, said: Said, seconds: float, shown_at: str, assisted: bool) -> None:
        """Store what was said about the current step, in the background."""
        step = self.step
        if step is None or not said.labels:
            return
        number = self._round if step.item.key in self._of_round else -1
        self._outbox.put(
            partial(
                label.save,
                self._db,
                self.project,
                self.coder,
                step,
                dict(said.labels),
                note=said.note,
                difficult=said.difficult,
                seconds=round(seconds, 3),
                shown_at=shown_at,
                assisted=assisted,
                round=number,
            )
        )
        self._said[step] = self._unconfirmed[step] = said
        self._passed.discard(step)
        self.queue.mark(step)
        self._deliver()

    def undo(self) -> None:
        """Take back the last save of this coder, also one from before the program was started, and go there."""
        self._touch(label.undo, "There is nothing to take back.")

    def redo(self) -> None:
        """Bring back what was taken back last."""
        self._touch(label.redo, "There is nothing to bring back.")

    def _touch(self, operation, nothing: str) -> None:
        def work(_: JobContext) -> tuple[Step | None, Changes]:
            changes = self._outbox.drain()
            step, more = operation(self._db, self.project, self.coder)
            return step, changes | more

        def done(result: tuple[Step | None, Changes]) -> None:
            step, changes = result
            if not self._outbox:
                # All is stored, also what had failed before; what was taken back must not count as answered.
                self._unconfirmed.clear()
            self._announce(changes)
            if step is None:
                self.nothing_to_undo.emit(nothing)
            else:
                self.load(step)

        self._submit("Undo", work, while_alive(self, done))

    def retry(self) -> None:
        """Try once more to store what could not be stored."""
        self._deliver()

    @property
    def unsaved(self) -> int:
        """How many answers wait to be stored."""
        return len(self._outbox)

    def flush(self) -> None:
        """Store what waits, now: the window or the program is closing. Raises EightCutError where it cannot be."""
        self._announce(self._outbox.drain())

    def _deliver(self) -> None:
        outbox, publish = self._outbox, self._publish

        def done(changes: Changes) -> None:
            if sip.isdeleted(self):
                # The window was closed meanwhile; the other surfaces want to know all the same.
                publish(changes)
                return
            if not outbox:
                self._unconfirmed.clear()
            self._announce(changes)

        self._submit("Save an answer", lambda _: outbox.drain(), done)

    def _announce(self, changes: Changes) -> None:
        self._publishing = True
        try:
            self._publish(changes)
        finally:
            self._publishing = False

    def _submit(self, title: str, work, on_done) -> None:
        failed = while_alive(self, lambda error: self.failed.emit(error))
        self._runner.submit(Lane.DB, title, work, on_done=on_done, on_failed=failed, quiet=True)


def said_of(items: Mapping[str, Item], answers: Iterable[Answer]) -> dict[Step, Said]:
    """What one coder said, by step; note and flag are those of the newest answer."""
    found: dict[Step, Said] = {}
    for answer in answers:
        if answer.item_key in items:
            step = Step(items[answer.item_key], answer.repeat)
            before = found.get(step, Said({})).labels
            found[step] = Said({**before, answer.task: answer.label}, answer.note, answer.difficult)
    return found
