"""Every button of the window's panels, clicked in the real window, does what it says.

A button of a command is clicked and must call it; what the command does is in `key_effects`. A button that shows only
in a state that is hard to reach here is named with the test that clicks it. A new button without either fails.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QToolButton

from tests.e2e.desk import MARKER_S, Desk
from tests.e2e.key_effects import EFFECTS
from ui.action_table import Act

ROOT = Path(__file__).resolve().parents[2]
Click = Callable[[], None]
CLICKS: dict[str, Callable[[Desk, Click], None]] = {}
# Scrolling parts stand for what they hold.
_INSIDE = {"UnsqueezedArea": "CropPage", "_Scroll": "DeckLayout"}
_PANELS = "tests/e2e/test_panel_buttons.py"
_JOBS = f"{_PANELS}::test_a_job_is_cancelled_repeated_and_looked_into"
ELSEWHERE = {
    "Banner": "tests/e2e/test_start_up.py::test_the_old_history_is_taken_over_and_its_exports_move_when_told",
    "EmptyState": "tests/e2e/test_around.py::test_an_empty_window_says_what_to_do_and_makes_a_demo",
    "ToastCard": "tests/e2e/test_switching.py::test_undo_in_another_file_or_profile_says_so_and_leads_there",
    "KeyframeList": f"{_PANELS}::test_keyframes_are_added_moved_gone_through_and_deleted",
    "CropPage": f"{_PANELS}::test_ratios_chances_and_exports_of_the_crop_page",
    "JobRow": _JOBS,
    "JobPanel: Cancel all": _JOBS,
    "ListsPane: Take the pin away": "tests/e2e/test_lists_window.py::"
    "test_a_list_is_copied_pinned_beside_and_gets_rows_by_drag",
    "ScanResultsPanel: Review": "tests/e2e/test_scan_results.py::test_reviewing_takes_one_key_for_each_region",
    "TuningBar": f"{_PANELS}::test_regions_are_exported_selected_and_all",
}


def of(name: str) -> Callable:
    def remember(effect: Callable[[Desk, Click], None]) -> Callable:
        CLICKS[name] = effect
        return effect

    return remember


@of("JobStatus: Jobs")
def _(desk: Desk, click: Click) -> None:
    before = desk.window.job_panel.isVisible()
    click()
    assert desk.window.job_panel.isVisible() is not before


@of("DeckLayout: Browse…")
def _(desk: Desk, click: Click) -> None:
    with desk.modal() as seen:
        click()
    assert "Export folder" in seen


@of("DeckLayout: More…")
def _(desk: Desk, click: Click) -> None:
    click()
    desk.until(lambda: desk.dialog_named("Export settings"))


@of("DeckLayout: Export")
def _(desk: Desk, click: Click) -> None:
    EFFECTS[Act.EXPORT](desk, click)


@of("MediaListPanel: What the list shows")
def _(desk: Desk, click: Click) -> None:
    seen = []
    button = next(
        each
        for each in desk.window.findChildren(QToolButton)
        if each.accessibleName() == "What the list shows" and each.isVisible()
    )
    button.menu().aboutToShow.connect(lambda: (seen.append(True), desk.later(button.menu().close)))
    click()
    assert seen


@of("JobPanel: Clear finished")
def _(desk: Desk, click: Click) -> None:
    desk.go(MARKER_S)
    EFFECTS[Act.EXPORT](desk, desk.window.actions_table[Act.EXPORT].trigger)
    assert desk.program.runner.jobs
    desk.window.notices.dismiss()
    click()
    assert desk.program.runner.jobs == ()


def owner(button: QAbstractButton) -> str:
    """The nearest part of the window that has a name of its own in our code."""
    part: QObject | None = button
    while part is not None and not type(part).__module__.startswith("ui."):
        part = part.parent()
    return "" if part is None else type(part).__name__


def name_of(button: QAbstractButton) -> str:
    label = (button.text() or button.accessibleName()).partition("  ")[0].partition(":")[0]
    holder = owner(button)
    return f"{_INSIDE.get(holder, holder)}: {label}"


def is_qt_own(button: QAbstractButton) -> bool:
    """Those that Qt puts into its own widgets: scroll arrows of tabs, corners of tables, a dock's title."""
    return button.objectName().startswith(("qt_", "Scroll")) or "_q_" in _action_of(button)


def _action_of(button: QAbstractButton) -> str:
    action = button.defaultAction() if isinstance(button, QToolButton) else None
    return action.objectName() if action is not None else ""


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    """Every panel is open."""
    shared.prepare()
    for shown in (True, False):
        for act in (Act.DECK_COLUMNS, Act.JOBS, Act.RIGHT_PANEL):
            action = shared.window.actions_table[act]
            if action.isChecked() is not shown:
                action.trigger()
        if shown:
            yield shared


def buttons(desk: Desk) -> list[QAbstractButton]:
    return [button for button in desk.window.findChildren(QAbstractButton) if not is_qt_own(button)]


def click(button: QAbstractButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 2, button.height() // 2))


def test_every_button_is_clicked_somewhere(desk: Desk) -> None:
    unknown = set()
    for button in buttons(desk):
        name = name_of(button)
        if name not in CLICKS and _action_of(button) not in set(Act):
            here = {name, name.partition(":")[0]} & set(ELSEWHERE)
            if not here:
                unknown.add(name)
    assert unknown == set()


def test_the_tests_named_here_exist() -> None:
    for node in ELSEWHERE.values():
        path, _, function = node.partition("::")
        names = {each.name for each in ast.parse((ROOT / path).read_text()).body if isinstance(each, ast.FunctionDef)}
        assert function in names, node


@pytest.mark.parametrize("name", sorted(CLICKS))
def test_the_button_does_it(desk: Desk, name: str) -> None:
    def act() -> None:
        found = [button for button in buttons(desk) if name_of(button) == name and button.isVisible()]
        click(found[0])

    CLICKS[name](desk, act)
    QApplication.processEvents()


def test_every_button_of_a_command_calls_it(desk: Desk) -> None:
    seen = set()
    for button in buttons(desk):
        action_id = _action_of(button)
        if action_id not in set(Act) or not button.isVisible():
            continue
        desk.prepare()
        action = desk.window.actions_table[action_id]
        called = []
        handle = action.triggered.connect(lambda *_, called=called: called.append(True))
        click(button)
        action.triggered.disconnect(handle)
        assert called == [True], action_id
        seen.add(action_id)
    assert {Act.PLAY, Act.FRAME_BACK, Act.FRAME_FORWARD, Act.MUTE, Act.LOCK, Act.SPEED_2, Act.NEW_LIST} <= seen
