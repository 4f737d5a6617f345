"""The shape of every undoable command."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QUndoCommand

from core.changes import Changes
from core.errors import EightCutError

Operation = Callable[[], Changes]


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
    ) -> None:
        super().__init__(text)
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
