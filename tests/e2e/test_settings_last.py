"""Whatever a person sets stays set: every setting is changed where a person changes it, and is there after a restart.

`CHANGES` is compared with the declared settings, so that a new one without a way to change it here fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QCheckBox, QComboBox, QDialog, QSpinBox, QTabWidget, QWidget

from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.action_table import Act
from ui.main_window.setting_fields import FolderField
from ui.main_window.settings_dialog import SettingsDialog
from ui.settings import Setting

Start = Callable[..., Driver]
Change = Callable[[Driver], None]

# Not something a person sets: what the program notes for itself.
NOTED = {
    "window/geometry": "test_the_window_opens_where_and_as_it_was",
    "window/splitter_state": "test_the_window_opens_where_and_as_it_was",
    "window/left_width_px": "test_the_window_opens_where_and_as_it_was",
    "window/right_width_px": "remembered with the panel",
    "window/state": "docks: tests/e2e/test_crop.py",
    "window/whats_new_seen": "test_whats_new_shows_after_a_version_bump_until_it_is_silenced",
    "deck/recent_labels": "grows with every export: tests/e2e/test_history_window.py",
    "export/overlap_silent_lists": "an answer: tests/e2e/test_history_window.py",
    "export/overlap_percent": "as the next one",
    "export/folder_check": "test_reset_puts_each_page_back_at_once; the driver turns it off at each start",
    "export/folder_answered_lists": "an answer: tests/e2e/test_history_window.py",
    "lists/columns": "chosen in a dialog: tests/e2e/test_corpus_columns.py",
    "lists/column_widths": "dragged: tests/e2e/test_corpus_columns.py",
    "lists/order": "a click on a head: tests/e2e/test_corpus_columns.py",
    "files/last_open_folder": "where the dialog to open files was last",
    "profile": "tests/e2e/test_lists_window.py",
    "export/presets": "tests of the export settings",
    "scan/classifier": "the model that scans: tests of scanning",
    "scan/train_model": "the choice of the Train dialog: tests/ui/training",
    "label/project": "the project that is worked on: tests/e2e/test_labelling.py",
    "label/coder": "who labels: tests/e2e/test_labelling.py",
    "label/auto_next": "a switch of the labelling window: tests/ui/annotation",
    "label/geometry": "where the labelling window was",
    "label/round": "the options of the last round: tests/ui/annotation/test_rounds_dialog.py",
}


def trigger(act: Act) -> Change:
    return lambda app: app.window.actions_table[act].trigger()


def in_dialog(setting: Setting) -> Change:
    """The field of this setting in the settings dialog, changed as a hand would."""

    def change(app: Driver) -> None:
        dialog = app.program.surroundings.show_settings()
        field = next(field for field in dialog.findChildren(QWidget) if field.objectName() == setting.name)
        change_field(field)
        dialog.close()

    return change


def change_field(field: QWidget) -> None:
    if isinstance(field, QCheckBox):
        field.click()
    elif isinstance(field, QSpinBox):
        field.setValue(field.value() + (-1 if field.value() == field.maximum() else 1))
    elif isinstance(field, QComboBox):
        row = (field.currentIndex() + 1) % field.count()
        field.setCurrentIndex(row)
        field.activated.emit(row)
    elif isinstance(field, FolderField):
        field.line.setFocus()
        QTest.keyClicks(field.line, "/clips")
    else:
        raise AssertionError(f"{field.objectName()} is a kind of field that no test can change")


def on_deck(name: str, value: object) -> Change:
    """A field of the export deck."""

    def change(app: Driver) -> None:
        field = getattr(app.window.deck, name)
        if isinstance(field, QComboBox):
            field.setCurrentText(str(value))
        elif isinstance(value, str):
            field.setText(value)
        else:
            field.setValue(value)

    return change


def in_export_settings(name: str, act: Callable[[QWidget], object]) -> Change:
    """A field of the export settings, which the deck opens."""

    def change(app: Driver) -> None:
        app.window.deck.options.click()
        dialog = next(each for each in app.window.findChildren(QDialog) if each.windowTitle() == "Export settings")
        act(getattr(dialog, name))
        dialog.close()

    return change


def on_crop(name: str, value: object) -> Change:
    def change(app: Driver) -> None:
        field = getattr(app.program.cropping.page, name)
        if isinstance(field, QCheckBox):
            field.click()
        else:
            field.setValue(value)

    return change


def choose_tab(app: Driver) -> None:
    app.window.control_deck.findChild(QTabWidget).setCurrentIndex(1)


def move_crop(app: Driver) -> None:
    app.program.cropping.page.ratios["9:16"].click()
    app.until(lambda: app.program.cropping.crops.base.ratio == "9:16")
    QTest.keyClick(app.program.cropping.page.bar, Qt.Key.Key_End)


def choose_speech(app: Driver) -> None:
    field = app.program.scanning.panel.findChild(QComboBox, keys.SPEECH_FILTER.name)
    field.setCurrentIndex(1)
    field.activated.emit(1)


def change_keys(app: Driver) -> None:
    app.window.actions_table.set_keys(Act.EXPORT, ["X"])


CHANGES: dict[Setting, Change] = {
    keys.DECK_TAB: choose_tab,
    keys.THEME: in_dialog(keys.THEME),
    keys.SPECTROGRAM: in_dialog(keys.SPECTROGRAM),
    keys.THUMBNAILS: in_dialog(keys.THUMBNAILS),
    keys.SPEECH_SHOWN: in_dialog(keys.SPEECH_SHOWN),
    keys.SPEECH_FILTER: choose_speech,
    keys.DECK_COLUMNS: in_dialog(keys.DECK_COLUMNS),
    keys.LOG_VERBOSE: in_dialog(keys.LOG_VERBOSE),
    keys.REACTION_MS: in_dialog(keys.REACTION_MS),
    keys.LOOP_ENDS: in_dialog(keys.LOOP_ENDS),
    keys.SPEED: in_dialog(keys.SPEED),
    keys.VOLUME: in_dialog(keys.VOLUME),
    keys.MUTED: in_dialog(keys.MUTED),
    keys.CRF: in_dialog(keys.CRF),
    keys.PRESET: in_dialog(keys.PRESET),
    keys.AUDIO: in_dialog(keys.AUDIO),
    keys.DEFAULT_FOLDER: in_dialog(keys.DEFAULT_FOLDER),
    keys.TRASH_DAYS: in_dialog(keys.TRASH_DAYS),
    keys.KEY_PRESET: in_dialog(keys.KEY_PRESET),
    keys.SHORTCUTS: change_keys,
    keys.LABEL: on_deck("label", "hammer"),
    keys.CATEGORY: on_deck("category", "Tool"),
    keys.NAME: on_deck("name", "take"),
    keys.FOLDER: on_deck("folder", "/clips/Hammers"),
    keys.DURATION_S: on_deck("duration_s", 4.5),
    keys.CLIPS: on_deck("clips", 5),
    keys.SPREAD_S: on_deck("spread_s", 2.5),
    keys.SHORT_SIDE_PX: on_deck("resize_px", 480),
    keys.FORMAT: on_deck("format", "MKV"),
    keys.FPS: in_export_settings("fps", lambda field: (field.setCurrentText("25"), field.activated.emit(0))),
    keys.SIDE_STEP: in_export_settings("side_step", lambda field: change_field(field)),
    keys.WEBP_LOSSLESS: in_export_settings("webp_lossless", lambda field: field.click()),
    keys.WEBP_QUALITY: in_export_settings("webp_quality", lambda field: field.setValue(70)),
    keys.TEMPLATE: in_export_settings("template", lambda field: field.setText("{name}_{media}_{batch}_{index}")),
    keys.LOCK_CURSOR: trigger(Act.LOCK),
    keys.CROP_RATIO: move_crop,
    keys.CROP_CENTER: lambda app: None,
    keys.CROP_RANDOM_PORTRAIT: on_crop("portrait", True),
    keys.CROP_RANDOM_SQUARE: on_crop("square", True),
    keys.CROP_SCATTER: on_crop("scatter", True),
    keys.CROP_SEED: on_crop("seed", 7),
    keys.CROP_MOVING: on_crop("moving", True),
    keys.CROP_MAX_SPEED: on_crop("max_speed", 40),
    keys.END_FRAME: trigger(Act.END_FRAME),
    keys.LEFT_PANEL: trigger(Act.LEFT_PANEL),
    keys.RIGHT_PANEL: trigger(Act.RIGHT_PANEL),
    keys.JOBS_DRAWER: trigger(Act.JOBS),
    keys.HIDE_EXPORTED: trigger(Act.HIDE_EXPORTED),
    keys.SHOW_HIDDEN: trigger(Act.SHOW_HIDDEN),
    # The last: without the deck there is nothing to change on it.
    keys.DECK_SHOWN: trigger(Act.DECK),
}
ALL = {setting.name: setting for setting in vars(keys).values() if isinstance(setting, Setting)}
# An encoder of this machine's graphics card, and the rules of a model, are chosen where they exist.
CHOSEN_ELSEWHERE = {"deck/encoder", "deck/training"}


def test_every_setting_is_changed_here_or_is_no_setting_of_a_person() -> None:
    named = {setting.name for setting in CHANGES} | set(NOTED) | CHOSEN_ELSEWHERE
    assert named == set(ALL)


def shown(app: Driver) -> dict[str, object]:
    """What the window itself shows of its settings."""
    window, player, page = app.window, app.player, app.program.cropping.page
    return {
        "deck": window.deck.values,
        "player": (player.volume, player.muted, player.speed),
        "reaction": app.program.controllers.playback.reaction_s,
        "lanes": (window.spectrogram.shown, window.thumbnails.shown),
        "panels": [
            part.isVisibleTo(window)
            for part in (window.lists_pane, window.job_panel, window.control_deck, app.program.scanning.panel)
        ],
        "columns": (window.control_deck.columns, window.control_deck.tab),
        "crop": (page.options, app.program.cropping.crops.base, app.program.cropping.end_frame.isVisibleTo(window)),
        "keys": {spec.id: window.actions_table.keys(spec.id) for spec in window.actions_table.specs},
        "checked": {
            spec.id: window.actions_table[spec.id].isChecked() for spec in window.actions_table.specs if spec.checkable
        },
        "batch": (app.state.batch.clips, app.state.batch.spread_s, app.state.batch.duration_s),
    }


def test_everything_set_is_set_after_a_restart(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    video = shutil.copy(media("gop250_25"), tmp_path / "dog.mp4")
    app = start(Path(video))
    app.until_open("dog.mp4")
    settings = app.program.settings
    before = {setting: settings.get(setting) for setting in CHANGES}
    for change in CHANGES.values():
        change(app)
        app.until_idle()
    values = {setting: settings.get(setting) for setting in CHANGES}
    assert [setting.name for setting in CHANGES if values[setting] == before[setting]] == []
    seen = shown(app)
    app.close()

    again = start()
    again.until_open("dog.mp4")
    again.until_idle()
    assert {setting: again.program.settings.get(setting) for setting in CHANGES} == values
    now = shown(again)
    assert {name: now[name] for name in seen} == seen


def test_reset_puts_each_page_back_at_once(start: Start) -> None:
    app = start()
    dialog: SettingsDialog = app.program.surroundings.show_settings()
    fields = {field.objectName(): field for field in dialog.findChildren(QWidget) if field.objectName() in ALL}
    settings = app.program.settings
    settings.reset(keys.FOLDER_CHECK)
    for field in fields.values():
        change_field(field)
    assert [name for name in fields if settings.get(ALL[name]) == ALL[name].default] == []
    for row, page in enumerate(dialog.pages):
        dialog.list.setCurrentRow(row)
        assert dialog.page is page
        if page.settings:
            dialog.reset_button.click()
    assert [name for name in fields if settings.get(ALL[name]) != ALL[name].default] == []
    assert set(fields) <= {setting.name for page in dialog.pages for setting in page.settings}
    assert app.player.volume == 100
    dialog.close_button.click()
    app.until(lambda: not app.program.surroundings.dialogs)


def test_a_setting_changed_elsewhere_shows_in_the_open_dialog(start: Start) -> None:
    app = start()
    dialog = app.program.surroundings.show_settings()
    app.window.actions_table[Act.THEME].trigger()
    theme = next(field for field in dialog.findChildren(QComboBox) if field.objectName() == keys.THEME.name)
    assert theme.currentText() == "Light"
    app.window.actions_table[Act.THEME].trigger()
    assert theme.currentText() == "Dark"


def test_the_window_opens_where_and_as_it_was(start: Start) -> None:
    app = start()
    app.window.setGeometry(120, 90, 1600, 900)
    app.window._columns.setSizes([333, 1267])
    app.window._middle.setSizes([200, 260])
    app.until(lambda: app.window.lists_pane.width() == 333)
    app.window.actions_table[Act.LEFT_PANEL].trigger()
    assert not app.window.lists_pane.isVisible()
    sizes = app.window._middle.sizes()
    app.close()
    again = start()
    again.until(lambda: again.window.geometry().getRect() == (120, 90, 1600, 900))
    again.window.actions_table[Act.LEFT_PANEL].trigger()
    again.until(lambda: abs(again.window.lists_pane.width() - 333) <= 8)
    again.until(lambda: again.window._middle.sizes() == pytest.approx(sizes, abs=8))


def test_full_screen_is_not_what_the_next_start_looks_like(start: Start) -> None:
    app = start()
    app.window.setGeometry(120, 90, 1100, 820)
    app.until(app.window.isActiveWindow)
    app.press(Qt.Key.Key_F11)
    app.until(app.window.isFullScreen)
    assert not app.window.menuBar().isVisible()
    app.close()
    again = start()
    assert not again.window.isFullScreen()
    assert again.window.menuBar().isVisible()
    again.until(lambda: again.window.geometry().getRect() == (120, 90, 1100, 820))


def test_whats_new_shows_after_a_version_bump_until_it_is_silenced(start: Start) -> None:
    app = start()
    surroundings = app.program.surroundings
    assert surroundings.dialogs == (), "nothing is new to somebody who never saw the old one"
    app.program.settings.set(keys.WHATS_NEW_SEEN, "0.0.1")
    app.close()

    for silence in (False, True):
        app = start()
        (dialog,) = app.program.surroundings.dialogs
        assert dialog.windowTitle() == "What’s new"
        if not silence:
            dialog.silence.click()
        dialog.close_button.click()
        app.close()
    app = start()
    assert app.program.surroundings.dialogs == ()
    app.window.actions_table[Act.WHATS_NEW].trigger()
    (dialog,) = app.program.surroundings.dialogs
    dialog.close()


def test_about_names_ffmpeg_libmpv_and_the_weights(start: Start) -> None:
    app = start()
    app.window.actions_table[Act.ABOUT].trigger()
    (dialog,) = app.program.surroundings.dialogs
    app.until(lambda: "weights" in dialog.text())
    lines = {line.split()[0]: line for line in dialog.text().splitlines()}
    assert any(character.isdigit() for character in lines["FFmpeg"])
    assert "mpv" in lines["libmpv"].removeprefix("libmpv")
    dialog.close()
