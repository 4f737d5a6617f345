"""What each command of the window must bring about, seen from outside: one small function per command.

Each arranges what the command needs, calls `press`, and asserts. `EFFECTS` is compared with the table of commands, so
that a new command without an effect fails.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtWidgets import QApplication

from core import APP_NAME
from core.domain.media_list import entry_key
from tests.e2e.desk import CURSOR_S, FIRST, MARKER_S, SECOND, Desk, Effect
from ui import settings as keys
from ui import theme
from ui.action_table import SUBPROFILES, Act

Press = Callable[[], None]
EFFECTS: dict[str, Effect] = {}
FRESH = {Act.QUIT}
"""Commands that use the window up: they get one of their own."""


def of(*acts: str) -> Callable[[Effect], Effect]:
    def remember(effect: Effect) -> Effect:
        EFFECTS.update(dict.fromkeys(acts, effect))
        return effect

    return remember


def opens(act: Act, title: str, at_marker: bool = False) -> None:
    """A dialog with this title is open afterwards; others stay possible beside it."""

    def effect(desk: Desk, press: Press) -> None:
        if at_marker:
            desk.go(MARKER_S)
        press()
        desk.until(lambda: any(each.windowTitle().startswith(title) for each in desk.dialogs()))

    EFFECTS[act] = effect


def asks(act: Act, title: str) -> None:
    """A dialog that waits for an answer was open; turning it down changes nothing."""

    def effect(desk: Desk, press: Press) -> None:
        rows = desk.window.media_model.rowCount()
        with desk.modal() as seen:
            press()
        assert [each for each in seen if each.startswith(title)]
        assert desk.window.media_model.rowCount() == rows

    EFFECTS[act] = effect


def says(act: Act, part: str) -> None:
    """There is nothing to do it with, and a message says what is missing."""

    def effect(desk: Desk, press: Press) -> None:
        press()
        desk.until(lambda: desk.said(part))

    EFFECTS[act] = effect


def toggles(act: Act, state: Callable[[Desk], bool]) -> None:
    """Each call turns something into its opposite; the command shows which it is."""

    def effect(desk: Desk, press: Press) -> None:
        action, before = desk.window.actions_table[act], state(desk)
        for wanted in (not before, before):
            press()
            desk.until(lambda wanted=wanted: state(desk) is wanted)
            assert action.isChecked() is wanted

    EFFECTS[act] = effect


def undo(desk: Desk) -> None:
    desk.window.actions_table[Act.UNDO].trigger()
    desk.until_idle()


# -- files and lists --------------------------------------------------------------------------------------------------

asks(Act.OPEN_FILES, "Open files")
asks(Act.OPEN_FOLDER, "Open folder")
asks(Act.RELINK, f"Where is {FIRST}")
asks(Act.LIST_FOLDER, "Export folder of")
says(Act.FIND_MISSING, "No file of this list is missing")
opens(Act.TRASH_FILES, "Move to trash")
opens(Act.NEW_LIST, "New list")
opens(Act.LIST_COLUMNS, "Columns of the list")
asks(Act.LOAD_CORPUS, "Load corpus results")
opens(Act.RENAME_LIST, "Rename list")
opens(Act.ADD_SEPARATOR, "Add separator")
opens(Act.PROFILES, "Profiles")
opens(Act.SUBPROFILES, "Subprofiles")


@of(Act.REMOVE_FROM_LIST)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until(lambda: desk.window.media_model.rowCount() == 1)
    undo(desk)
    desk.until(lambda: desk.window.media_model.rowCount() == 2)


@of(Act.UNDO)
def _(desk: Desk, press: Press) -> None:
    desk.window.actions_table[Act.REMOVE_FROM_LIST].trigger()
    desk.until(lambda: desk.window.media_model.rowCount() == 1)
    press()
    desk.until(lambda: desk.window.media_model.rowCount() == 2)


@of(Act.REDO)
def _(desk: Desk, press: Press) -> None:
    desk.window.actions_table[Act.REMOVE_FROM_LIST].trigger()
    desk.until(lambda: desk.window.media_model.rowCount() == 1)
    undo(desk)
    desk.until(lambda: desk.window.media_model.rowCount() == 2)
    press()
    desk.until(lambda: desk.window.media_model.rowCount() == 1)
    undo(desk)
    desk.until(lambda: desk.window.media_model.rowCount() == 2)


@of(Act.REVEAL)
def _(desk: Desk, press: Press) -> None:
    desk.opened.paths.clear()
    press()
    desk.until(lambda: desk.opened.paths == [desk.folder])


@of(Act.COPY_NAME)
def _(desk: Desk, press: Press) -> None:
    QApplication.clipboard().setText("")
    press()
    desk.until(lambda: QApplication.clipboard().text() == FIRST)


@of(Act.QUIT)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until(lambda: not desk.window.isVisible())


@of(Act.DUPLICATE_LIST)
def _(desk: Desk, press: Press) -> None:
    lists = desk.window.lists_pane
    before = len(lists.order)
    press()
    desk.until(lambda: len(lists.order) == before + 1)
    undo(desk)
    desk.until(lambda: len(lists.order) == before)


@of(Act.CLOSE_LIST)
def _(desk: Desk, press: Press) -> None:
    lists = desk.window.lists_pane
    desk.window.actions_table[Act.DUPLICATE_LIST].trigger()
    desk.until(lambda: len(lists.order) == 2)
    press()
    desk.until(lambda: len(lists.order) == 1)


@of(Act.NEXT_LIST, Act.PREVIOUS_LIST)
def _(desk: Desk, press: Press) -> None:
    lists = desk.window.lists_pane
    desk.window.actions_table[Act.DUPLICATE_LIST].trigger()
    desk.until(lambda: len(lists.order) == 2 and lists.open_list == lists.order[1])
    press()
    desk.until(lambda: lists.open_list == lists.order[0])
    undo(desk)
    desk.until(lambda: len(lists.order) == 1)


@of(Act.PIN_LIST)
def _(desk: Desk, press: Press) -> None:
    reader = desk.program.library.reader
    for pinned in (reader.open_list, None):
        press()
        desk.until(lambda pinned=pinned: reader.view.pinned == pinned)


def moves_row(act: Act, row: int, back: Act) -> None:
    """The chosen row changes places with the other one, and comes back."""

    def effect(desk: Desk, press: Press) -> None:
        def names() -> list[str]:
            return [each.name for each in desk.window.media_model.media]

        before = names()
        desk.window.media_panel.select([entry_key(desk.window.media_model.media[row])])
        press()
        desk.until(lambda: names() == before[::-1])
        desk.window.actions_table[back].trigger()
        desk.until(lambda: names() == before)

    EFFECTS[act] = effect


moves_row(Act.ROWS_UP, 1, Act.ROWS_DOWN)
moves_row(Act.ROWS_DOWN, 0, Act.ROWS_UP)


@of(Act.HIDE_FILES)
def _(desk: Desk, press: Press) -> None:
    reader = desk.program.library.reader
    press()
    desk.until(lambda: len(reader.view.hidden) == 1)
    undo(desk)
    desk.until(lambda: not reader.view.hidden)


@of(Act.DISABLE_FILES)
def _(desk: Desk, press: Press) -> None:
    reader = desk.program.library.reader
    press()
    desk.until(lambda: len(reader.view.disabled) == 1)
    undo(desk)
    desk.until(lambda: not reader.view.disabled)


@of(Act.FILTER_LIST)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until(lambda: desk.window.media_panel.isAncestorOf(QApplication.focusWidget()))


toggles(Act.HIDE_EXPORTED, lambda desk: desk.program.settings.get(keys.HIDE_EXPORTED))
toggles(Act.SHOW_HIDDEN, lambda desk: desk.program.settings.get(keys.SHOW_HIDDEN))


# -- playing ----------------------------------------------------------------------------------------------------------


@of(Act.PLAY)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until(lambda: not desk.player.paused and desk.player.position_s > CURSOR_S)
    press()
    assert desk.player.paused


@of(Act.PAUSE_AND_SNAP)
def _(desk: Desk, press: Press) -> None:
    desk.look(7.0)
    press()
    desk.until(lambda: desk.player.paused and desk.player.position_s == CURSOR_S)


def moves(act: Act, seconds: float) -> None:
    def effect(desk: Desk, press: Press) -> None:
        press()
        desk.until(lambda: desk.state.cursor_s == pytest.approx(CURSOR_S + seconds))
        desk.until(lambda: desk.player.position_s == desk.state.cursor_s)

    EFFECTS[act] = effect


moves(Act.FRAME_BACK, -0.04)
moves(Act.FRAME_FORWARD, 0.04)
moves(Act.SECOND_BACK, -1.0)
moves(Act.SECOND_FORWARD, 1.0)


@of(Act.SHUTTLE_BACK)
def _(desk: Desk, press: Press) -> None:
    press()
    assert desk.player.reversing
    desk.until(lambda: desk.player.position_s < CURSOR_S)


@of(Act.SHUTTLE_STOP)
def _(desk: Desk, press: Press) -> None:
    for direction in (-1, 1):
        desk.program.controllers.playback.shuttle(direction)
        press()
        assert (desk.player.paused, desk.player.reversing, desk.player.speed) == (True, False, 1.0)


@of(Act.SHUTTLE_FORWARD)
def _(desk: Desk, press: Press) -> None:
    press()
    assert (desk.player.paused, desk.player.speed, desk.player.loop) == (False, 1.0, None)
    press()
    assert desk.player.speed == 2.0
    press()
    assert desk.player.speed == 4.0


@of(Act.LOOP_ENDS)
def _(desk: Desk, press: Press) -> None:
    press()
    assert desk.player.loop == (CURSOR_S, CURSOR_S + 1)
    desk.until(lambda: desk.player.loop == (CURSOR_S + 1, CURSOR_S + 2))
    press()
    assert desk.player.loop == (CURSOR_S, CURSOR_S + 3)


def speed(act: Act, factor: float) -> None:
    def effect(desk: Desk, press: Press) -> None:
        desk.player.set_speed(3.0)
        press()
        assert desk.player.speed == desk.program.settings.get(keys.SPEED) == factor

    EFFECTS[act] = effect


speed(Act.SPEED_1, 1.0)
speed(Act.SPEED_2, 2.0)
speed(Act.SPEED_4, 4.0)
toggles(Act.MUTE, lambda desk: desk.player.muted)
says(Act.NEXT_TRACK, "no other audio track")


@of(Act.VOLUME_UP)
def _(desk: Desk, press: Press) -> None:
    desk.player.set_volume(40)
    press()
    assert desk.player.volume == desk.program.settings.get(keys.VOLUME) == 45


@of(Act.VOLUME_DOWN)
def _(desk: Desk, press: Press) -> None:
    press()
    assert desk.player.volume == desk.program.settings.get(keys.VOLUME) == 95


@of(Act.NEXT_FILE)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until_open(SECOND)


@of(Act.NEXT_MARKER)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until(lambda: desk.state.cursor_s == MARKER_S)


# -- the batch --------------------------------------------------------------------------------------------------------


@of(Act.SET_START)
def _(desk: Desk, press: Press) -> None:
    desk.look(5.0)
    press()
    assert desk.state.cursor_s == 5.0


@of(Act.SET_END, Act.AUTOCLIP)
def _(desk: Desk, press: Press) -> None:
    desk.look(CURSOR_S + 6.0)
    press()
    assert desk.state.batch.clips == 5


toggles(Act.LOCK, lambda desk: desk.state.locked)


@of(Act.MORE_CLIPS)
def _(desk: Desk, press: Press) -> None:
    press()
    assert desk.state.batch.clips == desk.window.deck.clips.value() == 3


@of(Act.FEWER_CLIPS)
def _(desk: Desk, press: Press) -> None:
    press()
    assert desk.state.batch.clips == desk.window.deck.clips.value() == 1


def exports(act: str, folder: str) -> None:
    def effect(desk: Desk, press: Press) -> None:
        desk.state.shape_batch(clips=1)
        before = len(desk.markers)
        target = desk.out.parent / folder
        files = len(list(target.rglob("*.mp4")))
        press()
        desk.until_exported(before + 1)
        assert desk.failed_jobs() == []
        assert len(list(target.rglob("*.mp4"))) == files + 1

    EFFECTS[act] = effect


exports(Act.EXPORT, "Barks")
exports(Act.EXPORT_9_16, "Barks")
exports(Act.EXPORT_4_5, "Barks")
exports(Act.EXPORT_1_1, "Barks")
for _key, _act in enumerate(SUBPROFILES, start=1):
    exports(_act, f"Barks_sub{_key}")


# -- what was exported ------------------------------------------------------------------------------------------------

opens(Act.EDIT_LABEL, "Edit label", at_marker=True)
opens(Act.REEXPORT, "Re-export all batches")
opens(Act.DELETE_CLIPS, "Delete clips", at_marker=True)
opens(Act.TRASH, "Trash")


@of(Act.OVERWRITE)
def _(desk: Desk, press: Press) -> None:
    desk.go(MARKER_S)
    press()
    assert desk.program.controllers.export.overwrite.marker.batch.cursor_s == MARKER_S


@of(Act.REVEAL_CLIPS)
def _(desk: Desk, press: Press) -> None:
    desk.go(MARKER_S)
    desk.opened.paths.clear()
    press()
    desk.until(lambda: bool(desk.opened.paths))
    assert desk.opened.paths[0].is_relative_to(desk.out)


@of(Act.TRAINING)
def _(desk: Desk, press: Press) -> None:
    desk.go(MARKER_S)

    def used() -> bool:
        return not next(marker for marker in desk.markers if marker.batch.cursor_s == MARKER_S).disabled

    assert used()
    for wanted in (False, True):
        press()
        desk.until(lambda wanted=wanted: used() is wanted)


@of(Act.REBUILD_DATASET)
def _(desk: Desk, press: Press) -> None:
    file = desk.out / "dataset.json"
    desk.until_idle()
    file.unlink()
    press()
    desk.until(file.exists)


# -- crop -------------------------------------------------------------------------------------------------------------


@of(Act.CROP_NEXT_RATIO)
def _(desk: Desk, press: Press) -> None:
    crops = desk.program.cropping.crops
    seen = [crops.base.ratio]
    for _ in range(4):
        press()
        seen.append(crops.base.ratio)
    assert seen == ["", "9:16", "4:5", "1:1", ""]


def keyframes(desk: Desk) -> list[float]:
    return [keyframe.time_s for keyframe in desk.program.cropping.crops.keyframes]


def add_keyframe(desk: Desk, time_s: float) -> None:
    desk.look(time_s)
    before = len(keyframes(desk))
    desk.window.actions_table[Act.KEYFRAME_ADD].trigger()
    desk.until(lambda: len(keyframes(desk)) == before + 1)


@of(Act.KEYFRAME_ADD)
def _(desk: Desk, press: Press) -> None:
    press()
    desk.until(lambda: keyframes(desk) == [CURSOR_S])
    undo(desk)
    desk.until(lambda: keyframes(desk) == [])


@of(Act.KEYFRAME_MOVE)
def _(desk: Desk, press: Press) -> None:
    add_keyframe(desk, 3.0)
    desk.look(5.0)
    press()
    desk.until(lambda: keyframes(desk) == [5.0])
    undo(desk)
    undo(desk)
    desk.until(lambda: keyframes(desk) == [])


@of(Act.KEYFRAME_DELETE)
def _(desk: Desk, press: Press) -> None:
    add_keyframe(desk, 3.0)
    press()
    desk.until(lambda: keyframes(desk) == [])


@of(Act.KEYFRAME_PREVIOUS, Act.KEYFRAME_NEXT)
def _(desk: Desk, press: Press) -> None:
    for time_s in (3.0, 5.0):
        add_keyframe(desk, time_s)
    desk.look(4.0)
    press()
    desk.until(lambda: desk.player.position_s in (3.0, 5.0) and not desk.player.seeking)
    undo(desk)
    undo(desk)
    desk.until(lambda: keyframes(desk) == [])


@of(Act.TRACK_SUBJECT)
def _(desk: Desk, press: Press) -> None:
    """The job is asked for; it is called off before it starts, because it would fetch a detector."""
    seen = []

    def call_off(job) -> None:
        if job.title == "Track the subject":
            seen.append(job)
            job.cancel()

    desk.program.runner.job_added.connect(call_off)
    press()
    desk.program.runner.job_added.disconnect(call_off)
    desk.until_idle()
    assert len(seen) == 1


toggles(Act.END_FRAME, lambda desk: desk.program.cropping.end_frame.isVisible())


# -- scanning, while nothing is trained yet ---------------------------------------------------------------------------

opens(Act.TRAIN, "Train")
opens(Act.NEGATIVES, "Hard negatives")
opens(Act.WEIGHTS, "Weights of models")
says(Act.SCAN_FILE, "There is no classifier yet")
says(Act.SCAN_ALL, "There is no classifier yet")
asks(Act.SCAN_FOLDER, "Scan a folder")
says(Act.SCAN_EXPORT, "There is no classifier yet")
says(Act.NEXT_REGION, "There are no regions in this file yet")
says(Act.PREVIOUS_REGION, "This is the first region")
says(Act.REVIEW, "There are no regions in this file yet")


# -- labelling, while there is no project yet -------------------------------------------------------------------------

opens(Act.LABEL_NOW, "Labelling projects")
opens(Act.LABEL_PROJECTS, "Labelling projects")
opens(Act.LABEL_AGREEMENT, "Labelling projects")
opens(Act.LABEL_ROUNDS, "Labelling projects")
opens(Act.LABEL_DOUBTS, "Labelling projects")
opens(Act.LABEL_USE, "Labelling projects")
says(Act.LABEL_REGIONS, "Select regions in the scan results first")


# -- around it --------------------------------------------------------------------------------------------------------

opens(Act.SETTINGS, "Settings")
opens(Act.LOG, "Log")
opens(Act.SHORTCUTS, "Keyboard shortcuts")
opens(Act.WHATS_NEW, "What’s new")
opens(Act.ABOUT, f"About {APP_NAME}")


@of(Act.ZOOM_IN)
def _(desk: Desk, press: Press) -> None:
    before = desk.window.timeline.axis.visible_s
    press()
    assert desk.window.timeline.axis.visible_s < before


@of(Act.ZOOM_OUT)
def _(desk: Desk, press: Press) -> None:
    desk.window.timeline.zoom_to(3, 4)
    press()
    assert desk.window.timeline.axis.visible_s > 1.2


@of(Act.ZOOM_RESET)
def _(desk: Desk, press: Press) -> None:
    desk.window.timeline.zoom_to(3, 4)
    press()
    assert not desk.window.timeline.axis.zoomed


def lane(act: Act, name: str) -> None:
    def effect(desk: Desk, press: Press) -> None:
        layer = getattr(desk.window, name)
        press()
        desk.until(lambda: layer.provider is not None and desk.window.timeline.lanes_px > 0)
        press()
        assert desk.window.timeline.lanes_px == 0

    EFFECTS[act] = effect


lane(Act.SPECTROGRAM, "spectrogram")
lane(Act.THUMBNAILS, "thumbnails")
toggles(Act.SPEECH, lambda desk: desk.window.speech.shown)
toggles(Act.LEFT_PANEL, lambda desk: desk.window.media_panel.isVisible())
toggles(Act.RIGHT_PANEL, lambda desk: desk.program.scanning.panel.isVisible())
toggles(Act.DECK, lambda desk: desk.window.control_deck.isVisible())
toggles(Act.DECK_COLUMNS, lambda desk: desk.window.control_deck.columns)
toggles(Act.JOBS, lambda desk: desk.window.job_panel.isVisible())
toggles(Act.THEME, lambda desk: not theme.current().dark)
toggles(Act.FULL_SCREEN, lambda desk: desk.window.isFullScreen())


@of(Act.FOCUS_VIDEO)
def _(desk: Desk, press: Press) -> None:
    desk.window.deck.label.setFocus()
    desk.until(desk.window.deck.label.hasFocus)
    press()
    desk.until(desk.window.timeline.hasFocus)
