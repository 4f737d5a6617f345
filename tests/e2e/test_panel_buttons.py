"""Buttons that show only in a certain state, clicked in the real window when it is in that state."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton

from core.domain.crop_plan import CropKeyframe
from core.errors import UserError
from core.job import JobContext
from tests.e2e.desk import MARKER_S, Desk
from tests.e2e.scan_scenes import show_scan
from ui.action_table import Act
from ui.jobs.job import State
from ui.jobs.runner import Lane


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    """The window in order; what a test opened is put away."""
    shared.prepare()
    yield shared
    for act in (Act.JOBS, Act.RIGHT_PANEL):
        if shared.window.actions_table[act].isChecked():
            shared.window.actions_table[act].trigger()
    shared.window.control_deck.set_tab(0)


def click(desk: Desk, button: QAbstractButton) -> None:
    desk.until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_job_is_cancelled_repeated_and_looked_into(desk: Desk) -> None:
    runner, panel = desk.program.runner, desk.window.job_panel
    desk.window.actions_table[Act.JOBS].trigger()
    runner.clear_finished()
    turns: list[str] = []

    def fail(ctx: JobContext) -> None:
        turns.append("failed")
        ctx.log("looked at the file")
        raise UserError("Cannot read it", "It is empty", "Copy it again")

    def wait(ctx: JobContext) -> None:
        ended = Event()
        ctx.on_cancel(ended.set)
        ended.wait(30)
        ctx.check()

    failing = runner.submit(Lane.IO, "Fail", fail, folder=str(desk.folder))
    desk.until(lambda: failing.state is State.FAILED)
    row = panel.row(failing)
    click(desk, row.folder_button)
    desk.until(lambda: desk.folder in desk.opened.paths)
    click(desk, row.log_button)
    desk.until(lambda: desk.dialog_named("Log of Fail"))
    desk.close_dialogs()
    click(desk, row.retry_button)
    desk.until(lambda: turns == ["failed", "failed"])
    waiting = [runner.submit(Lane.ENGINE, f"Wait {number}", wait) for number in range(3)]
    desk.until(lambda: waiting[0].state is State.RUNNING)
    click(desk, panel.row(waiting[0]).cancel_button)
    desk.until(lambda: waiting[0].state is State.CANCELLED and waiting[1].state is State.RUNNING)
    (everything,) = [each for each in panel.findChildren(QAbstractButton) if each.text() == "Cancel all"]
    click(desk, everything)
    desk.until(lambda: all(job.state is State.CANCELLED for job in waiting))
    runner.clear_finished()


def test_keyframes_are_added_moved_gone_through_and_deleted(desk: Desk) -> None:
    cropping = desk.program.cropping
    crops, rows = cropping.crops, cropping.page.keyframes
    desk.window.control_deck.show_panel(cropping.page)

    def times() -> list[float]:
        return [round(each.time_s, 2) for each in crops.keyframes]

    for time_s in (2.0, 6.0):
        desk.go(time_s)
        click(desk, rows.add)
    assert times() == [2.0, 6.0]
    desk.go(8.0)
    click(desk, rows.move_here)
    assert times() == [2.0, 8.0]
    click(desk, rows.previous)
    desk.until(lambda: not desk.player.seeking and round(desk.player.position_s, 2) == 2.0)
    click(desk, rows.next)
    desk.until(lambda: not desk.player.seeking and round(desk.player.position_s, 2) == 8.0)
    click(desk, rows.delete)
    assert times() == [2.0]
    for button, kept in ((rows.discard, [2.0]), (rows.keep, [2.0, 3.0])):
        crops.propose((CropKeyframe(3.0, "1:1"),), (2.5, 4.0))
        click(desk, button)
        assert times() == kept
    for _ in range(len(times())):
        desk.go(9.0)
        click(desk, rows.delete)
    assert times() == []
    click(desk, rows.track)
    desk.until(lambda: desk.said("There is no crop that could follow anybody"))
    desk.until_idle()
    desk.program.runner.clear_finished()


def test_ratios_chances_and_exports_of_the_crop_page(desk: Desk) -> None:
    cropping = desk.program.cropping
    page, crops = cropping.page, cropping.crops
    desk.window.control_deck.show_panel(page)
    for ratio, button in [*list(page.ratios.items())[1:], ("", page.ratios[""])]:
        click(desk, button)
        assert crops.base.ratio == ratio
    for box, held in (
        (page.portrait, lambda: crops.base.random_portrait),
        (page.square, lambda: crops.base.random_square),
        (page.scatter, lambda: crops.options.scatter),
        (page.moving, lambda: crops.options.moving),
    ):
        before = held()
        box.click()
        assert held() is not before
    for box in (page.moving, page.scatter, page.square, page.portrait):
        box.click()
    batches = len(desk.markers)
    desk.go(MARKER_S + 2.0)
    ratio, button = next(iter(page.exports.items()))
    click(desk, button)
    desk.until_exported(batches + 1)
    marker = max(desk.markers, key=lambda each: each.batch_id)
    assert marker.settings.portrait_ratio == ratio


def test_regions_are_exported_selected_and_all(desk: Desk) -> None:
    media = desk.state.media
    desk.program.db.save_scan_results(media.path, "default", "LOGMEL", [(12.0, 14.0, 0.9), (16.0, 18.0, 0.8)])
    show_scan(desk, media)
    panel = desk.program.scanning.panel
    desk.until(lambda: panel.model.rowCount() == 2)
    panel.table.go_to(panel.model.row_at(1).id)
    click(desk, panel.tuning.export_selected)
    desk.until(lambda: panel.scan.exported == {panel.model.row_at(1).id})
    desk.until_idle()
    assert panel.tuning.export.text().startswith("Export 1")
    click(desk, panel.tuning.export)
    desk.until(lambda: len(panel.scan.exported) == 2)
    desk.until_idle()
    assert not desk.failed_jobs()
