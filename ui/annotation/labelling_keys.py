"""The keys of the labelling window. They are not in the table of commands: digits mean something else out there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent


class Move(Enum):
    """What a key can ask for beside an answer."""

    SAVE = auto()
    BACK = auto()
    LATER = auto()
    TASK_ABOVE = auto()
    TASK_BELOW = auto()
    SCREEN = auto()
    DIFFICULT = auto()
    NOTE = auto()
    JUMP = auto()
    SOUND = auto()
    FULL_SCREEN = auto()
    UNDO = auto()
    REDO = auto()


_KEYS = {
    Qt.Key.Key_Return: Move.SAVE,
    Qt.Key.Key_Enter: Move.SAVE,
    Qt.Key.Key_Left: Move.BACK,
    Qt.Key.Key_Backspace: Move.BACK,
    Qt.Key.Key_Right: Move.LATER,
    Qt.Key.Key_Up: Move.TASK_ABOVE,
    Qt.Key.Key_Down: Move.TASK_BELOW,
    Qt.Key.Key_X: Move.SCREEN,
    Qt.Key.Key_D: Move.DIFFICULT,
    Qt.Key.Key_N: Move.NOTE,
    Qt.Key.Key_G: Move.JUMP,
    Qt.Key.Key_Space: Move.SOUND,
    Qt.Key.Key_F11: Move.FULL_SCREEN,
}
# What makes sense when no item is in sight.
_AT_THE_END = {Move.BACK, Move.FULL_SCREEN, Move.UNDO, Move.REDO}
_REPEATED = {Move.BACK, Move.LATER}


class LabellingKeys:
    """Turns key presses into moves and answers.

    Args:
        moves: what each move does.
        answer: gives the answer with this key (0–9); False where there is none.
    """

    def __init__(self, moves: Mapping[Move, Callable[[], object]], answer: Callable[[int], bool]) -> None:
        self._moves, self._answer = moves, answer

    def press(self, event: QKeyEvent, judging: bool) -> bool:
        """Do what a key asks for; False for a key that means nothing here. `judging`: an item is in sight."""
        digit, move = digit_of(event), move_of(event)
        if event.isAutoRepeat() and move not in _REPEATED:
            # A key that is held down for too long must not judge the items that follow.
            return True
        if digit is not None and judging:
            return self._answer(digit)
        if move is None or not (judging or move in _AT_THE_END):
            return False
        self._moves[move]()
        return True


def digit_of(event: QKeyEvent) -> int | None:
    """0–9, from the row of digits or the keypad."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return event.key() - Qt.Key.Key_0 if plain and Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 else None


def move_of(event: QKeyEvent) -> Move | None:
    """What this key asks for."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    if modifiers == control:
        return {Qt.Key.Key_Z: Move.UNDO, Qt.Key.Key_Y: Move.REDO}.get(Qt.Key(event.key()))
    if modifiers == control | shift:
        return Move.REDO if event.key() == Qt.Key.Key_Z else None
    return None if modifiers else _KEYS.get(Qt.Key(event.key()))
