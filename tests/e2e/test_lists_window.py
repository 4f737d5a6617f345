"""Lists, profiles and subprofiles in the real window, with real keys and a real drag."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog

from core.domain.media_list import Separator
from core.domain.subprofile import Preset, Subprofile
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui.action_table import Act
from ui.dialogs.messages import MessageDialog
from ui.dialogs.prompt import Prompt
from ui.main_window.media_list_model import MediaListModel, Role
from ui.main_window.profiles_dialog import ProfilesDialog
from ui.main_window.relink_dialog import RelinkDialog
from ui.main_window.subprofiles_dialog import SubprofilesDialog

Start = Callable[..., Driver]
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def films(media: MediaShelf, tmp_path: Path) -> list[Path]:
    """Three short films that differ by an atom which players skip."""
    folder, made = tmp_path / "footage", []
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        path = Path(shutil.copy(media("tiny"), folder / name))
        with path.open("ab") as file:
            file.write((12).to_bytes(4, "big") + b"free" + name[:1].encode() * 4)
        made.append(path)
    return made


def names(model: MediaListModel) -> list[str]:
    return [f"— {row.text}" if isinstance(row, Separator) else row.name for row in model.rows]


def opened(start: Start, *films: Path) -> Driver:
    app = start(*films)
    app.until_open(films[0].name)
    app.until(lambda: app.window.media_model.rowCount() == len(films))
    app.until_idle()
    return app


def view(app: Driver):
    return app.window.media_panel._view


def dialog(app: Driver, kind: type[QDialog]) -> QDialog:
    """The dialog of this kind that is open."""
    found: list[QDialog] = []

    def look() -> bool:
        found[:] = [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]
        return bool(found)

    app.until(look)
    return found[0]


def press(app: Driver, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key in the main window; without a window manager nobody makes it active again after a dialog."""
    if not app.window.isActiveWindow():
        app.window.activateWindow()
        app.until(app.window.isActiveWindow)
    app.press(key, modifiers)


def answer(app: Driver, text: str) -> None:
    """Type into the prompt that is open and press Enter."""
    prompt = dialog(app, Prompt)
    prompt.line.selectAll()
    QTest.keyClicks(prompt.line, text)
    QTest.keyClick(prompt.line, Qt.Key.Key_Return)


def select(app: Driver, *rows: int) -> None:
    """Click rows of the open list, with Ctrl from the second on."""
    for number, row in enumerate(rows):
        place = view(app).visualRect(view(app).model().index(row)).center()
        modifiers = CONTROL if number else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(view(app).viewport(), Qt.MouseButton.LeftButton, modifiers, place)


def drag(app: Driver, row: int, to: QPoint, target) -> None:
    """Press on a row, move to a place in `target`, let go: with events of the window system's kind."""
    window = app.window.windowHandle()
    viewport = view(app).viewport()
    start = viewport.mapTo(app.window, view(app).visualRect(view(app).model().index(row)).center())
    end = target.mapTo(app.window, to)
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    done: list[bool] = []

    def let_go() -> None:
        QTest.mouseRelease(window, left, plain, end)
        done.append(True)

    QTest.mousePress(window, left, plain, start)
    # One timer a step: the drag runs a loop of its own inside the first move, in which that timer cannot fire again.
    for part in range(1, 7):
        QTimer.singleShot(30 * part, lambda part=part: QTest.mouseMove(window, start + (end - start) * part / 6))
    QTimer.singleShot(300, let_go)
    app.until(lambda: bool(done))


def test_a_row_is_dragged_to_another_place_and_back_by_undo(start: Start, films: list[Path]) -> None:
    app = opened(start, *films)
    model = app.window.media_model
    last = view(app).visualRect(view(app).model().index(2))
    drag(app, 0, QPoint(last.center().x(), last.bottom() - 2), view(app).viewport())
    app.until(lambda: names(model) == ["b.mp4", "c.mp4", "a.mp4"])
    app.until_idle()
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: names(model) == ["a.mp4", "b.mp4", "c.mp4"])
    press(app, Qt.Key.Key_Z, CONTROL | SHIFT)
    app.until(lambda: names(model) == ["b.mp4", "c.mp4", "a.mp4"])


def test_rows_move_by_keys_and_a_separator_stands_between(start: Start, films: list[Path]) -> None:
    app = opened(start, *films)
    model = app.window.media_model
    select(app, 1)
    press(app, Qt.Key.Key_Up, ALT)
    app.until(lambda: names(model) == ["b.mp4", "a.mp4", "c.mp4"])
    press(app, Qt.Key.Key_Down, ALT)
    app.until(lambda: names(model) == ["a.mp4", "b.mp4", "c.mp4"])
    select(app, 2)
    app.window.actions_table[Act.ADD_SEPARATOR].trigger()
    answer(app, "night")
    app.until(lambda: names(model) == ["a.mp4", "b.mp4", "— night", "c.mp4"])
    app.until_idle()
    select(app, 2)
    press(app, Qt.Key.Key_Return)
    answer(app, "day")
    app.until(lambda: "— day" in names(model))
    for _ in range(2):
        app.window.actions_table[Act.UNDO].trigger()
    app.until(lambda: names(model) == ["a.mp4", "b.mp4", "c.mp4"])


def test_lists_are_made_closed_brought_back_and_resumed(start: Start, films: list[Path], tmp_path: Path) -> None:
    app = opened(start, films[0])
    tabs, model = app.window.lists_pane.tabs, app.window.media_model
    press(app, Qt.Key.Key_T, CONTROL)
    answer(app, "Night shots")
    app.until(lambda: tabs.count() == 2 and tabs.tabText(tabs.currentIndex()) == "Night shots")
    app.until(lambda: model.rowCount() == 0)
    app.program.controllers.media.add([str(films[1]), str(films[2])])
    app.until_open("b.mp4")
    app.until(lambda: names(model) == ["b.mp4", "c.mp4"])
    app.until_idle()
    press(app, Qt.Key.Key_PageUp, CONTROL)
    app.until(lambda: names(model) == ["a.mp4"])
    press(app, Qt.Key.Key_W, CONTROL)
    app.until(lambda: tabs.count() == 1 and names(model) == ["b.mp4", "c.mp4"])
    press(app, Qt.Key.Key_W, CONTROL)
    app.until(lambda: any("last list" in text for text in app.messages()))
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: tabs.count() == 2 and names(model) == ["a.mp4"])
    press(app, Qt.Key.Key_F2)
    answer(app, "Day")
    app.until(lambda: tabs.tabText(0) == "Day")
    press(app, Qt.Key.Key_PageDown, CONTROL)
    app.until(lambda: names(model) == ["b.mp4", "c.mp4"])
    app.program.controllers.playback.move_cursor(0.2)
    cursor_s = app.state.cursor_s
    app.close()

    again = start(data=tmp_path / "data")
    again.until_open("b.mp4")
    tabs = again.window.lists_pane.tabs
    assert [tabs.tabText(place) for place in range(2)] == ["Day", "Night shots"]
    assert names(again.window.media_model) == ["b.mp4", "c.mp4"]
    assert again.state.cursor_s == cursor_s > 0


def test_a_list_is_copied_pinned_beside_and_gets_rows_by_drag(start: Start, films: list[Path]) -> None:
    app = opened(start, *films)
    window, actions = app.window, app.window.actions_table
    select(app, 2)
    press(app, Qt.Key.Key_Delete, SHIFT)
    app.until(lambda: names(window.media_model) == ["a.mp4", "b.mp4"])
    actions[Act.DUPLICATE_LIST].trigger()
    app.until(lambda: window.lists_pane.tabs.count() == 2 and window.media_model.list_id == 2)
    actions[Act.PIN_LIST].trigger()
    app.until(lambda: actions[Act.PIN_LIST].isChecked())
    press(app, Qt.Key.Key_PageUp, CONTROL)
    app.until(lambda: window.pinned_panel.isVisible() and names(window.pinned_model) == ["a.mp4", "b.mp4"])
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(
        lambda: window.lists_pane.tabs.count() == 1,
    )
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: names(window.media_model) == ["a.mp4", "b.mp4", "c.mp4"])
    for _ in range(2):
        press(app, Qt.Key.Key_Z, CONTROL | SHIFT)
    app.until(lambda: window.media_model.list_id == 2 and names(window.media_model) == ["a.mp4", "b.mp4"])
    press(app, Qt.Key.Key_PageUp, CONTROL)
    app.until(lambda: window.media_model.list_id == 1 and window.pinned_panel.isVisible())
    app.program.controllers.media.add([str(films[2])])
    app.until(lambda: names(window.media_model) == ["a.mp4", "b.mp4", "c.mp4"])
    app.until_idle()
    beside = window.pinned_panel._view
    drag(app, 2, beside.visualRect(beside.model().index(0)).topLeft() + QPoint(40, 2), beside.viewport())
    app.until(lambda: names(window.pinned_model) == ["c.mp4", "a.mp4", "b.mp4"])
    assert names(window.media_model) == ["a.mp4", "b.mp4", "c.mp4"], "it stays where it was, too"
    QTest.mouseClick(window.lists_pane.unpin_button, Qt.MouseButton.LeftButton)
    app.until(lambda: not window.pinned_panel.isVisible())


def test_each_list_has_its_own_export_folder(start: Start, films: list[Path], tmp_path: Path) -> None:
    app = opened(start, films[0])
    folder = app.window.deck.folder
    app.choose_folder(tmp_path / "Day")
    app.program.library.tabs.new("Night")
    app.until(lambda: app.window.media_model.rowCount() == 0)
    app.until_idle()
    app.choose_folder(tmp_path / "Night")
    press(app, Qt.Key.Key_PageUp, CONTROL)
    app.until(lambda: folder.text() == str(tmp_path / "Day"))
    press(app, Qt.Key.Key_PageDown, CONTROL)
    app.until(lambda: folder.text() == str(tmp_path / "Night"))
    app.close()
    again = start(data=tmp_path / "data")
    again.until(lambda: again.window.media_model.list_id is not None)
    assert again.window.deck.folder.text() == str(tmp_path / "Night")


def test_several_files_are_hidden_and_kept_out_of_training(start: Start, films: list[Path]) -> None:
    app = opened(start, *films)
    shown, actions = view(app).model(), app.window.actions_table
    select(app, 0, 2)
    press(app, Qt.Key.Key_D, CONTROL)
    app.until(lambda: [shown.index(row).data(Role.DISABLED) for row in range(3)] == [True, False, True])
    press(app, Qt.Key.Key_H, CONTROL)
    app.until(lambda: shown.rowCount() == 1)
    assert app.program.db.media.disabled("default") == app.program.db.media.hidden("default")
    actions[Act.SHOW_HIDDEN].trigger()
    app.until(lambda: shown.rowCount() == 3)
    assert [shown.index(row).data(Role.HIDDEN) for row in range(3)] == [True, False, True]
    actions[Act.SHOW_HIDDEN].trigger()
    for _ in range(2):
        press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: shown.rowCount() == 3 and not any(shown.index(row).data(Role.DISABLED) for row in range(3)))


def test_exported_files_are_left_out_when_asked(start: Start, films: list[Path], tmp_path: Path) -> None:
    app = opened(start, *films)
    app.choose_folder(tmp_path / "cat")
    app.state.shape_batch(clips=1, duration_s=2.0)
    press(app, Qt.Key.Key_E)
    app.until_exported(1)
    app.window.actions_table[Act.HIDE_EXPORTED].trigger()
    app.until(lambda: view(app).model().rowCount() == 2)
    press(app, Qt.Key.Key_F, CONTROL)
    app.until(app.window.media_panel._search.hasFocus)
    QTest.keyClicks(app.window.media_panel._search, "c")
    assert view(app).model().rowCount() == 1
    app.close()
    again = start(data=tmp_path / "data")
    again.until(lambda: again.window.media_model.rowCount() == 3)
    assert again.window.actions_table[Act.HIDE_EXPORTED].isChecked()
    assert view(again).model().rowCount() == 2


def test_missing_files_are_shown_and_found_again(start: Start, films: list[Path], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    app = opened(start, *films)
    app.close()
    elsewhere.mkdir()
    films[1].rename(elsewhere / "renamed.mp4")
    changed = films[2].read_bytes()
    (elsewhere / "c.mp4").write_bytes(changed[:-4] + b"CCCC")
    films[2].unlink()

    again = start(data=tmp_path / "data")
    again.until_open("a.mp4")
    model = again.window.media_model
    again.until(lambda: len(model.missing_ids) == 2)
    relink = again.program.library.relink
    relink.search(str(elsewhere), [each for each in model.media if each.id in model.missing_ids])
    question = dialog(again, RelinkDialog)
    assert [each.media.name for each in question._likely] == ["c.mp4"]
    assert not question.link_button.isEnabled()
    question.table.item(0, 0).setCheckState(Qt.CheckState.Checked)
    QTest.mouseClick(question.link_button, Qt.MouseButton.LeftButton)
    again.until(lambda: not model.missing_ids and names(model) == ["a.mp4", "renamed.mp4", "c.mp4"])
    assert any("2 files found again" in text for text in again.messages())
    again.until_idle()
    press(again, Qt.Key.Key_Z, CONTROL)
    again.until(lambda: len(model.missing_ids) == 2)


def test_source_files_go_to_the_trash_and_come_back(start: Start, films: list[Path]) -> None:
    app = opened(start, *films)
    select(app, 0)
    app.window.actions_table[Act.TRASH_FILES].trigger()
    question = dialog(app, MessageDialog)
    assert "a.mp4" in question.headline.text().replace("\u200b", "")
    QTest.mouseClick(question.buttons[1], Qt.MouseButton.LeftButton)
    app.until(lambda: names(app.window.media_model) == ["b.mp4", "c.mp4"])
    app.until(lambda: app.state.media is None)
    assert not films[0].exists()
    app.until_idle()
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: names(app.window.media_model) == ["a.mp4", "b.mp4", "c.mp4"])
    assert films[0].exists()
    assert not app.failed_jobs()


def test_profiles_are_made_switched_copied_and_deleted(start: Start, films: list[Path]) -> None:
    app = opened(start, *films)
    db, box = app.program.db, app.window.profile
    app.window.actions_table[Act.PROFILES].trigger()
    manage = dialog(app, ProfilesDialog)
    QTest.mouseClick(manage.new_button, Qt.MouseButton.LeftButton)
    answer(app, "Cats")
    app.until(lambda: "Cats" in db.profiles.names())
    manage.table.selectRow(0)
    assert manage.chosen.name == "Cats"
    QTest.mouseClick(manage.use_button, Qt.MouseButton.LeftButton)
    app.until(lambda: app.program.bridge.session.profile == "Cats" and app.window.media_model.rowCount() == 0)
    assert app.state.media is None
    assert box.currentText() == "Cats"
    manage.table.selectRow(1)
    assert manage.chosen.name == "default"
    QTest.mouseClick(manage.duplicate_button, Qt.MouseButton.LeftButton)
    answer(app, "Dogs")
    app.until(lambda: "Dogs" in db.profiles.names())
    app.until(lambda: manage.table.rowCount() == 3)
    manage.accept()
    app.window.profile.textActivated.emit("Dogs")
    app.until_open("a.mp4")
    assert names(app.window.media_model) == ["a.mp4", "b.mp4", "c.mp4"]
    app.program.library.profiles.rename("Dogs", "Hounds")
    app.until(lambda: box.currentText() == "Hounds")
    profile = next(each for each in db.profiles.summaries() if each.name == "Hounds")
    app.program.library.profiles.ask_to_delete(profile)
    question = dialog(app, MessageDialog)
    QTest.mouseClick(question.buttons[-1], Qt.MouseButton.LeftButton)
    app.until(lambda: "Hounds" not in db.profiles.names() and app.program.bridge.session.profile == "Cats")
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: app.program.bridge.session.profile == "Hounds" and app.window.media_model.rowCount() == 3)
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: box.currentText() == "Dogs")
    app.until_idle()


def test_a_profile_goes_with_its_files_and_comes_back(start: Start, tmp_path: Path) -> None:
    clip = tmp_path / "cat" / "vid_001" / "clip_001_m1_0.mp4"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"clip")
    app = start()
    app.until(lambda: app.window.media_model.list_id is not None)
    db = app.program.db
    db.add("/v/a.mp4", 1.0, str(clip), profile="Cats")
    app.window.profile.textActivated.emit("Cats")
    app.until_idle()
    cats = next(each for each in db.profiles.summaries() if each.name == "Cats")
    app.program.library.profiles.ask_to_delete(cats)
    question = dialog(app, MessageDialog)
    assert [button.text() for button in question.buttons][1:] == [
        "Delete, files to the trash",
        "Delete, keep the files",
    ]
    QTest.mouseClick(question.buttons[1], Qt.MouseButton.LeftButton)
    app.until(lambda: not clip.exists() and db.profiles.names() == ["default"])
    app.until_idle()
    assert app.program.bridge.session.profile == "default"
    press(app, Qt.Key.Key_Z, CONTROL)
    app.until(lambda: clip.exists() and "Cats" in db.profiles.names())
    app.until_idle()
    press(app, Qt.Key.Key_Z, CONTROL | SHIFT)
    app.until(lambda: not clip.exists() and db.profiles.names() == ["default"])
    app.until_idle()


def test_the_keys_1_to_9_export_to_subprofiles(start: Start, films: list[Path], tmp_path: Path) -> None:
    app = start()
    app.until(lambda: app.window.media_model.list_id is not None)
    press(app, Qt.Key.Key_2)
    assert any("No subprofile of default has the key 2" in text for text in app.messages())
    app.window.actions_table[Act.SUBPROFILES].trigger()
    manage = dialog(app, SubprofilesDialog)
    assert not manage.save_button.isEnabled()
    QTest.keyClicks(manage.name, "wide")
    QTest.keyClicks(manage.suffix, "wide")
    manage.key.setCurrentIndex(2)
    for name, value in (("clips", 2), ("duration_s", 2.0), ("spread_s", 0.5)):
        check, number = manage._numbers[name]
        check.setChecked(True)
        number.setValue(value)
    QTest.mouseClick(manage.save_button, Qt.MouseButton.LeftButton)
    [stored] = app.program.db.subprofiles.all("default")
    assert stored == Subprofile(stored.id, "wide", 2, "wide", preset=Preset(duration_s=2.0, clips=2, spread_s=0.5))
    manage.accept()
    app.window.notices.dismiss()
    press(app, Qt.Key.Key_2)
    assert any("Open a video first" in text for text in app.messages())
    app.program.controllers.media.add([str(films[0])])
    app.until_open("a.mp4")
    app.choose_folder(tmp_path / "cat")
    app.until_idle()
    press(app, Qt.Key.Key_2)
    app.until_exported(1)
    made = sorted(path.name for path in (tmp_path / "cat_wide").rglob("*.mp4"))
    assert made == ["clip_001_m1_0.mp4", "clip_001_m1_1.mp4"]
    assert not (tmp_path / "cat").exists()
    assert "wide" in app.window.actions_table[Act.SUBPROFILE_2].text()
