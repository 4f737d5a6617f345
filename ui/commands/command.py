"""The shape of every undoable command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtGui import QUndoCommand

from core.changes import Changes
from core.domain.media import Media
from core.errors import EightCutError

Operation = Callable[[], Changes]


@dataclass(frozen=True)
class About:
    """The media that a command changes and the profile in which it does: it may be undone while another is open."""

    media: Media
    profile: str


class Command(QUndoCommand):
    """Runs `forward` on redo and `backward` on undo, and publishes what each changed.

    An operation that fails is told to the person, and the command becomes obsolete: the stack then forgets it instead
    of offering to undo what never happened. Both directions must stay under 50 ms: they run on the GUI thread.
    """

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
        self._do(self._forward)

    def undo(self) -> None:
        self._do(self._backward)

    def _do(self, operation: Operation) -> None:
        try:
            self._publish(operation())
        except EightCutError as error:
            self.setObsolete(True)
            self._complain(error)
