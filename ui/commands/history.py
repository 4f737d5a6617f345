"""One Undo for several undo stacks: what was done last is undone first, whichever stack holds it."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PyQt6 import sip
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QUndoCommand, QUndoStack


class EditHistory(QObject):
    """Stacks by key, so that the edits of one place can be forgotten without losing those of the others."""

    can_undo_changed = pyqtSignal(bool)
    can_redo_changed = pyqtSignal(bool)
    undone = pyqtSignal(object)
    """The `QUndoCommand` that was undone."""
    redone = pyqtSignal(object)
    """The one that was done again."""

    def __init__(self, main: QUndoStack, parent: QObject | None = None) -> None:
        """`main` is for everything without a key; whoever has it may push on it directly."""
        super().__init__(parent)
        self._stacks: dict[Hashable, QUndoStack] = {}
        self._done: list[QUndoStack] = []
        self._undone: list[QUndoStack] = []
        self._seen: dict[QUndoStack, int] = {}
        self._moving = False
        self._main = main
        self._follow(main)

    def push(self, key: Hashable, command: QUndoCommand) -> bool:
        """Do a command on the stack of `key`; False where it failed and the stack forgot it."""
        if key not in self._stacks:
            self._stacks[key] = QUndoStack(self)
            self._follow(self._stacks[key])
        stack = self._stacks[key]
        done = stack.index()
        stack.push(command)
        return stack.index() > done

    def drop(self, key: Hashable, command: QUndoCommand) -> None:
        """Forget a command whose work failed in the background, where nothing was done on its stack since."""
        stack = self._stacks.get(key)
        if stack is None or not stack.index() or stack.command(stack.index() - 1) is not command:
            return
        # Qt removes an obsolete command without undoing it.
        command.setObsolete(True)
        del self._done[len(self._done) - 1 - self._done[::-1].index(stack)]
        self._move(stack, stack.undo)
        self._announce()

    def forget(self, key: Hashable) -> None:
        """Nothing done on the stack of `key` can be undone any more."""
        if key in self._stacks:
            self._stacks[key].clear()

    def holds(self, key: Hashable) -> bool:
        """Whether something on the stack of `key` could be undone or done again."""
        return key in self._stacks and self._stacks[key].count() > 0

    def can_undo_of(self, key: Hashable) -> bool:
        """Whether something was done on the stack of `key` that was not undone."""
        return key in self._stacks and self._stacks[key].canUndo()

    def undo_of(self, key: Hashable) -> None:
        """Undo what was done last on the stack of `key`, whatever was done elsewhere since."""
        if self.can_undo_of(key):
            stack = self._stacks[key]
            command = stack.command(stack.index() - 1)
            stack.undo()
            if stack.canRedo() and getattr(command, "still_done", False):
                stack.redo()

    def clear(self) -> None:
        """Forget everything."""
        for stack in (self._main, *self._stacks.values()):
            stack.clear()

    def can_undo(self) -> bool:
        return bool(self._done)

    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo(self) -> None:
        """Undo what was done last."""
        if self._done:
            stack = self._done.pop()
            command = stack.command(stack.index() - 1)
            if self._move(stack, stack.undo):
                if getattr(command, "still_done", False):
                    self._move(stack, stack.redo)
                    self._done.append(stack)
                else:
                    self._undone.append(stack)
                    self.undone.emit(command)
            self._announce()

    def redo(self) -> None:
        """Do again what was undone last."""
        if self._undone:
            stack = self._undone.pop()
            command = stack.command(stack.index())
            if self._move(stack, stack.redo):
                self._done.append(stack)
                self.redone.emit(command)
            self._announce()

    def _move(self, stack: QUndoStack, move: Callable[[], None]) -> bool:
        """Undo or redo on one stack; False where the command failed and its stack forgot it."""
        self._moving, count = True, stack.count()
        try:
            move()
        finally:
            self._moving = False
            self._seen[stack] = stack.index()
        return stack.count() == count

    def _follow(self, stack: QUndoStack) -> None:
        self._seen[stack] = stack.index()
        stack.indexChanged.connect(lambda index: self._index_changed(stack, index))

    def _index_changed(self, stack: QUndoStack, index: int) -> None:
        # A stack that is being destroyed says so once more, when the Python side of either is gone already.
        if sip.isdeleted(self) or sip.isdeleted(stack) or self._moving:
            return
        before, self._seen[stack] = self._seen[stack], index
        if index > before:
            self._undone = [other for other in self._undone if other is not stack]
            self._done += [stack] * (index - before)
        elif stack.count() and index < before and stack in self._done:
            # Somebody undid on the stack itself, by a button of a message for instance.
            for _ in range(before - index):
                place = len(self._done) - 1 - self._done[::-1].index(stack)
                self._undone.append(self._done.pop(place))
        elif not stack.count():
            self._done = [other for other in self._done if other is not stack]
            self._undone = [other for other in self._undone if other is not stack]
        self._announce()

    def _announce(self) -> None:
        self.can_undo_changed.emit(self.can_undo())
        self.can_redo_changed.emit(self.can_redo())
