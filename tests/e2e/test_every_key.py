"""Every key of every command, pressed in the real window, does what the command is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.desk import Desk
from tests.e2e.key_effects import EFFECTS, FRESH
from ui.action_table import SPECS, Act, ActionSpec

PRESSES = [(spec, key) for spec in SPECS for key in spec.shortcuts or ("",)]
NewDesk = Callable[[], Desk]


def test_every_command_has_an_effect_here() -> None:
    assert set(EFFECTS) == set(Act)


@pytest.mark.parametrize(("spec", "key"), PRESSES, ids=[f"{spec.id}-{key or 'menu'}" for spec, key in PRESSES])
def test_the_key_does_it(shared: Desk, new_desk: NewDesk, spec: ActionSpec, key: str) -> None:
    desk = new_desk() if spec.id in FRESH else shared
    desk.prepare()
    EFFECTS[spec.id](desk, lambda: desk.call(spec, key))
    if desk is not shared:
        desk.put_away()
