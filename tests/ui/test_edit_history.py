"""Several undo stacks as one: the last thing done is the first undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtGui import QUndoCommand, QUndoStack
from pytestqt.qtbot import QtBot

from core.changes import Changes
from core.errors import EnvironmentProblem, UserError
from ui.commands.command import Command
from ui.commands.history import EditHistory


class Note(QUndoCommand):
    """Writes what happens into a list."""

    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__(name)
        self._name, self._log = name, log

    def redo(self) -> None:
        self._log.append(f"+{self._name}")

    def undo(self) -> None:
        self._log.append(f"-{self._name}")


@pytest.fixture
def stacks(qtbot: QtBot) -> Iterator[tuple[QUndoStack, EditHistory, list[str]]]:
    main = QUndoStack()
    history = EditHistory(main, main)
    yield main, history, []
    main.deleteLater()


def test_undo_and_redo_go_through_all_stacks_in_order(stacks) -> None:
    main, history, log = stacks
    main.push(Note("a", log))
    history.push("x", Note("b", log))
    history.push("y", Note("c", log))
    main.push(Note("d", log))
    log.clear()
    while history.can_undo():
        history.undo()
    assert log == ["-d", "-c", "-b", "-a"]
    log.clear()
    while history.can_redo():
        history.redo()
    assert log == ["+a", "+b", "+c", "+d"]


def test_what_is_forgotten_leaves_the_rest(stacks) -> None:
    main, history, log = stacks
    main.push(Note("a", log))
    history.push("x", Note("b", log))
    history.push("x", Note("c", log))
    history.undo()
    history.forget("x")
    assert not history.holds("x")
    assert not history.can_redo()
    log.clear()
    history.undo()
    assert log == ["-a"]
    assert not history.can_undo()


def test_an_undo_on_one_stack_alone_is_followed(stacks) -> None:
    main, history, log = stacks
    main.push(Note("a", log))
    history.push("x", Note("b", log))
    main.undo()
    log.clear()
    history.redo()
    history.undo()
    history.undo()
    assert log == ["+a", "-a", "-b"]
    history.redo()
    assert history.can_undo_of("x")
    history.undo_of("x")
    assert not history.can_undo_of("x")


def test_a_new_edit_takes_the_redo_of_its_own_stack_only(stacks) -> None:
    main, history, log = stacks
    main.push(Note("a", log))
    history.push("x", Note("b", log))
    history.undo()
    history.undo()
    history.push("x", Note("c", log))
    log.clear()
    history.redo()
    assert log == ["+a"]
    assert not history.can_redo()


def test_a_command_that_fails_is_not_offered_again(stacks) -> None:
    main, history, log = stacks
    told = []

    def fail() -> Changes:
        raise UserError("It does not work")

    main.push(Note("a", log))
    history.push("x", Command("b", Changes, fail, lambda _: None, told.append))
    history.undo()
    assert [str(error) for error in told] == ["It does not work."]
    assert not history.can_redo()
    log.clear()
    history.undo()
    assert log == ["-a"]


def test_what_failed_in_the_background_is_dropped_without_undoing_it(stacks) -> None:
    main, history, log = stacks
    main.push(Note("a", log))
    failed = Note("b", log)
    assert history.push("x", failed)
    history.drop("x", failed)
    assert not history.holds("x")
    assert "-b" not in log
    assert not history.can_redo()
    history.undo()
    assert log[-1] == "-a", "the next Undo undoes what was really done"
    assert not history.can_undo()


def test_nothing_is_dropped_that_something_else_came_after(stacks) -> None:
    _, history, log = stacks
    failed = Note("a", log)
    history.push("x", failed)
    history.push("x", Note("b", log))
    history.drop("x", failed)
    history.undo()
    history.drop("x", Note("c", log))
    history.undo()
    assert log[-2:] == ["-b", "-a"]


def test_a_push_tells_whether_it_was_done(stacks) -> None:
    _, history, _ = stacks

    def fail() -> Changes:
        raise UserError("No room")

    assert not history.push("x", Command("a", fail, fail, lambda _: None, lambda _: None))
    assert history.push("x", Command("b", Changes, Changes, lambda _: None, lambda _: None))


def test_what_the_machine_keeps_from_being_undone_can_be_undone_later(stacks) -> None:
    _, history, log = stacks
    full, told, announced = [True], [], []

    def back() -> Changes:
        if full[0]:
            raise EnvironmentProblem("The disk is full")
        log.append("-a")
        return Changes()

    def forward() -> Changes:
        log.append("+a")
        return Changes()

    history.push("x", Command("a", forward, back, lambda _: None, told.append))
    history.undone.connect(announced.append)
    for undo in (history.undo, lambda: history.undo_of("x")):
        undo()
        assert log == ["+a"], "it is not done again either"
        assert history.can_undo()
        assert not history.can_redo()
    assert len(told) == 2
    assert not announced
    full[0] = False
    history.undo()
    assert log == ["+a", "-a"]
    history.redo()
    assert log == ["+a", "-a", "+a"]


def test_what_can_never_be_undone_is_forgotten(stacks) -> None:
    _, history, log = stacks

    def fail() -> Changes:
        raise UserError("The file is gone")

    history.push("x", Note("a", log))
    history.push("x", Command("b", Changes, fail, lambda _: None, lambda _: None))
    history.undo()
    history.undo()
    assert log[-1] == "-a", "what came before is within reach"
