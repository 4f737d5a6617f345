"""The shape of every undoable command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtGui import QUndoCommand

from core.changes import Changes
from core.domain.media import Media
from core.errors import EightCutError, EnvironmentProblem

Operation = Callable[[], Changes]


@dataclass(frozen=True)
class About:
    """The media that a command changes and the profile in which it does: it may be undone while another is open."""

    media: Media
    profile: str


class Command(QUndoCommand):
    """Runs `forward` on redo and `backward` on undo, and publishes what each changed.

    An operation that fails is told to the person, and the command becomes obsolete: the stack then forgets it instead
    of offering to undo what never happened. Only where the machine is in the way of an undo is it kept: once there is
    room on the disk it can be tried again. Both directions must stay under 50 ms: they run on the GUI thread.
    """

    still_done = False
    """It was to be undone and could not be; redo then has nothing to do."""

    def __init__(
        self,
        text: str,
        forward: Operation,
        backward: Operation,
        publish: Callable[[Changes], None],
        complain: Callable[[EightCutError], None],
        about: About | None = None,
    ) -> None:
        super().__init__(text)
        self.about = about
        self._forward, self._backward = forward, backward
        self._publish, self._complain = publish, complain

    def redo(self) -> None:
        if self.still_done:
            self.still_done = False
        else:
            self._do(self._forward)

    def undo(self) -> None:
        self._do(self._backward, undoing=True)

    def _do(self, operation: Operation, undoing: bool = False) -> None:
        try:
            self._publish(operation())
        except EightCutError as error:
            self.still_done = undoing and isinstance(error, EnvironmentProblem)
            self.setObsolete(not self.still_done)
            self._complain(error)
