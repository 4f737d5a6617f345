"""Makes the pictures of the README and of docs/: `python -m tests.screenshots [--out docs/images] [--only NAME…]`.

Real windows with generated footage, on the display at hand. Run it under Xvfb with `QT_SCALE_FACTOR=2` for the sharp
ones; `--parts` makes those of some parts of the program alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QApplication

from core.changes import Changes, Kind
from core.domain.clip import Batch
from core.domain.crop_plan import CropKeyframe
from core.domain.export import Audit, CutRequest, ExportSettings
from core.domain.relink import FoundFile, RelinkPlan
from core.domain.subprofile import Preset, Subprofile
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.ops import lists
from tests.annotation_screenshots import shoot_labelling
from tests.corpus_screenshots import shoot_figures
from tests.scan_screenshots import shoot_scanning, shoot_speech, shoot_training
from tests.screenshot_stage import Camera, make_footage, open_first, program, shown_dialog, wait, wait_until
from ui import settings as keys
from ui import theme
from ui.action_table import Act
from ui.app import Program, make_application
from ui.dialogs.messages import MessageDialog, error_dialog
from ui.jobs.runner import Lane
from ui.main_window.relink_dialog import RelinkDialog


def shoot_main_window(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """Empty, at work, with markers, exporting, and after an error."""
    with program(folder / "data") as app:
        camera.take("empty", app.window)
        open_first(app, footage)
        deck = app.window.deck
        deck.folder.setText(str(folder / "clips" / "Impacts"))
        deck.label.setText("hammer on steel")
        deck.category.setCurrentText("Tool")
        deck.resize_px.setValue(240)
        for number, second in enumerate((4.0, 21.6)):
            app.controllers.playback.move_cursor(second)
            app.controllers.export.export()
            wait_until(lambda count=number + 1: len(app.controllers.timeline.markers) == count)
            wait_until(lambda: not app.runner.active)
        app.controllers.playback.move_cursor(38.4)
        wait_until(lambda: not app.player.seeking)
        app.window.notices.dismiss()
        camera.take("main", app.window)
        app.window.timeline.zoom_to(34.0, 48.0)
        camera.take("zoomed", app.window)
        app.window.timeline.zoom_reset()
        deck.resize_px.setValue(0)
        app.controllers.export.export()
        app.window.actions_table[Act.JOBS].trigger()
        app.runner.submit(Lane.IO, "Add media", _broken, where="Old drive / holiday.avi")
        wait_until(lambda: any(job.progress.fraction for job in app.runner.active))
        camera.take("exporting", app.window)
        app.runner.cancel_all()
        wait_until(lambda: not app.runner.active)
        app.runner.clear_finished()
        app.window.actions_table[Act.JOBS].trigger()
        app.window.notices.dismiss()
        app.window.banner.ask(
            "An export was interrupted; 2 clips are still to be made.", ("Resume", int), ("Discard", int)
        )
        app.window.notices.complain(
            UserError(
                "The batch does not fit",
                "It would end 6.4 s after the end of the file",
                "Start at 00:00:46.000 or before",
            )
        )
        camera.take("error", app.window)


def _broken(_: JobContext) -> None:
    raise UserError("Cannot read holiday.avi", "The file is empty", "Copy it again from where it came from")


def shoot_history(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """What can be done with exported batches: armed, menu, delete, label, re-export, trash, the questions before."""
    with program(folder / "history") as app:
        open_first(app, footage[:1])
        window, history = app.window, app.history.history
        window.deck.folder.setText(str(folder / "history clips" / "Impacts"))
        window.deck.label.setText("hammer on steel")
        window.deck.resize_px.setValue(240)
        for number, second in enumerate((4.0, 14.0, 36.4)):
            app.controllers.playback.move_cursor(second)
            app.controllers.export.export()
            if window.banner.isVisible():
                window.banner.buttons[0].click()
            wait_until(lambda count=number + 1: len(app.controllers.timeline.markers) == count)
            wait_until(lambda: not app.runner.active)
        window.notices.dismiss()
        marker = app.controllers.timeline.markers[1]
        history.overwrite(marker)
        camera.take("history-armed", window)
        history.disarm()
        window.timeline.context_requested.emit(14.0, marker.batch_id, window.timeline.mapToGlobal(QPoint(300, 40)))
        camera.take("history-menu", app.history.menu.menu)
        app.history.menu.menu.close()
        app.db.add(str(footage[0]), 14.0, marker.paths[0], profile="second")
        for name, act in (
            ("history-delete", partial(history.delete, marker)),
            ("history-label", partial(history.edit_label, marker)),
            ("history-reexport", history.reexport),
        ):
            act()
            wait_until(lambda: not app.runner.active and shown_dialog(window) is not None)
            camera.take(name, shown_dialog(window))
            shown_dialog(window).reject()
        app.undo.undo()
        wait_until(lambda: not app.runner.active)
        app.history.trash.show()
        wait_until(lambda: not app.runner.active)
        camera.take("history-trash", shown_dialog(window))
        app.history.trash.ask_to_purge(None)
        wait()
        question = next(each for each in window.findChildren(MessageDialog) if each.isVisible())
        camera.take("history-purge", question)
        question.reject()
        shown_dialog(window).close()
        window.notices.dismiss()
        app.controllers.export.export()
        app.controllers.playback.move_cursor(5.0)
        app.settings.set(keys.FOLDER_CHECK, True)
        app.controllers.export.export()
        camera.take("history-questions", window)


def shoot_cropping(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """The page without a crop, with keyframes and the end frame, with proposals, and in a narrow window."""
    with program(folder / "cropping") as app:
        open_first(app, footage)
        cropping, playback = app.cropping, app.controllers.playback
        crops, control = cropping.crops, cropping.controller
        app.window.control_deck.show_panel(cropping.page)
        camera.take("crop-off", app.window)

        def go(time_s: float) -> None:
            playback.move_cursor(time_s)
            wait_until(lambda: not app.player.seeking and abs(app.player.position_s - time_s) < 0.02)

        go(4.0)
        control.add_keyframe()
        control.choose_ratio("9:16")
        go(17.0)
        control.add_keyframe()
        cropping.page.bar.moved.emit(0.68)
        cropping.page.bar.settled.emit()
        go(24.0)
        control.add_keyframe()
        control.choose_ratio("1:1")
        cropping.page.portrait.click()
        cropping.page.moving.click()
        go(15.0)
        cropping.dock.show()
        wait_until(lambda: "Last frame" in cropping.end_frame.caption)
        wait_until(lambda: not app.runner.active)
        camera.take("crop", app.window)
        crops.propose(
            tuple(CropKeyframe(time_s, "9:16", center) for time_s, center in ((15.0, 0.4), (19.5, 0.7), (27.0, 0.3))),
            (15.0, 29.0),
        )
        camera.take("crop-proposals", app.window)
        crops.propose(())
        cropping.dock.hide()
        app.window.resize(880, 640)
        camera.take("crop-narrow", app.window)


def shoot_export_settings(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """The deck with a preset, what it complains about, and the dialog behind it."""
    with program(folder / "export") as app:
        open_first(app, footage)
        deck = app.window.deck
        deck.folder.setText(str(folder / "clips" / "Impacts"))
        deck.label.setText("hammer on steel")
        app.export_options.use_preset("LTX")
        wait_until(lambda: bool(deck.names.text()))
        camera.take("export-preset", app.window)
        deck.duration_s.setValue(6.0)
        camera.take("export-complaint", app.window)
        dialog = app.export_options.show()
        wait_until(dialog.probe.isEnabled)
        camera.take("export-settings-complaint", dialog)
        deck.duration_s.setValue(4.84)
        dialog.webp_lossless.setChecked(True)
        dialog.template.setText("{label}_{media}_{batch}_{index}")
        wait_until(lambda: "hammer on steel_Harbour" in dialog.preview.text())
        camera.take("export-settings", dialog)
        dialog.template.setText("{label}_{nope}")
        wait_until(dialog.name_problem.isVisible)
        camera.take("export-settings-names", dialog)
        dialog.close()


def shoot_surroundings(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """Lanes of the timeline, the deck in columns, every page of the settings, What's new."""
    with program(folder / "around") as app:
        open_first(app, footage)
        app.controllers.playback.move_cursor(12.0)
        window = app.window
        for act in (Act.SPECTROGRAM, Act.THUMBNAILS):
            window.actions_table[act].trigger()
        wait_until(lambda: None not in (window.spectrogram.provider, window.thumbnails.provider))
        camera.take("lanes", window)
        window.timeline.zoom_to(10.0, 14.0)
        camera.take("lanes-zoomed", window)
        window.actions_table[Act.DECK_COLUMNS].trigger()
        camera.take("deck-columns", window)
        window.actions_table[Act.DECK_COLUMNS].trigger()
        settings = app.surroundings.show_settings()
        for row, page in enumerate(settings.pages):
            settings.list.setCurrentRow(row)
            wait_until(lambda: not app.runner.active)
            camera.take(f"settings-{page.title.lower()}", settings)
        settings.close()
        app.surroundings.show_whats_new()
        camera.take("whats-new", app.surroundings.dialogs[-1])
        app.surroundings.dialogs[-1].close()


def shoot_lists(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """Tabs, a pinned list, every mark of a row, and the dialogs of lists, profiles and subprofiles."""
    with program(folder / "lists") as app:
        window, library = app.window, app.library
        open_first(app, footage)
        library.tabs.new("Night shots")
        wait_until(lambda: window.media_model.rowCount() == 0)
        camera.take("lists-empty", window.lists_pane)
        app.controllers.media.add([str(path) for path in footage[1:3]])
        wait_until(lambda: window.media_model.rowCount() == 2)
        library.tabs.pin()
        library.tabs.step(-1)
        wait_until(lambda: window.media_model.rowCount() == len(footage))
        media = window.media_model.media
        add_marks(app, footage)
        window.resize(1500, 860)
        window._columns.setSizes([560, 940])
        app.settings.set(keys.SHOW_HIDDEN, True)
        window.media_panel.set_show_hidden(True)
        wait_until(lambda: not app.runner.active)
        window.notices.dismiss()
        camera.take("lists", window)
        window.media_panel.context_requested.emit(media[0], window.media_panel.mapToGlobal(QPoint(60, 120)))
        camera.take("lists-menu", QApplication.activePopupWidget())
        QApplication.activePopupWidget().close()
        library.tabs.ask_for_new()
        camera.take("lists-new", shown_dialog(window))
        shown_dialog(window).reject()
        library.relink.discard(media[:1])
        wait_until(lambda: shown_dialog(window) is not None)
        camera.take("lists-trash", shown_dialog(window))
        shown_dialog(window).reject()
        found = tuple(FoundFile(each, each.path.replace("lists", "archive"), "b3-1-1") for each in media[:2])
        dialog = RelinkDialog(RelinkPlan(found[:1], found, media[2:3]), window)
        dialog.show()
        camera.take("lists-relink", dialog)
        dialog.close()
        shoot_profiles(camera, app)


def add_marks(app: Program, footage: list[Path]) -> None:
    """Clips, a heading, and one file each that is hidden, kept out of training, and missing."""
    library, media = app.library, app.window.media_model.media
    list_id = app.window.media_model.list_id
    lists.add_separator(app.db, list_id, "Interviews", 2)
    for index, seconds in ((0, 4.0), (1, 1.0)):
        request = CutRequest(media[index], Batch(seconds), ExportSettings("/clips/Impacts"))
        job = app.db.jobs.create(request, lambda *_: False)
        for clip in range(3 - index):
            app.db.jobs.clip_done(job.id, clip, Audit(200, 200, 8.0, 8.0))
    library.rows.set_hidden(media[3:4], True)
    library.rows.set_disabled(media[1:2], True)
    footage[2].rename(footage[2].with_suffix(".away"))
    library.reader.doubt()
    wait_until(lambda: not app.runner.active)
    app.bridge.session.publish(Changes.of(Kind.CLIPS))


def shoot_profiles(camera: Camera, app: Program) -> None:
    library, window = app.library, app.window
    library.profiles.new("Footsteps")
    library.profiles.duplicate("default", "Impacts, second pass")
    wait_until(lambda: not app.runner.active)
    window.notices.dismiss()
    library.profiles.manage()
    camera.take("profiles", shown_dialog(window))
    shown_dialog(window).reject()
    library.profiles.ask_to_delete(app.db.profiles.summaries()[0])
    wait_until(lambda: shown_dialog(window) is not None)
    camera.take("profiles-delete", shown_dialog(window))
    shown_dialog(window).reject()
    library.subprofiles.manage()
    dialog = shown_dialog(window)
    camera.take("subprofiles-none", dialog)
    library.subprofiles.save(Subprofile(0, "wide", 1, "wide", preset=Preset(duration_s=8.0, short_side=512)))
    library.subprofiles.save(Subprofile(0, "short cuts", 2, folder="/clips/short", preset=Preset(duration_s=3.0)))
    camera.take("subprofiles", dialog)
    dialog.key.setCurrentIndex(1)
    camera.take("subprofiles-complaint", dialog)
    dialog.reject()


def shoot_dialogs(camera: Camera, folder: Path, _footage: list[Path]) -> None:
    """Each dialog on its own."""
    with program(folder / "dialogs") as app:
        for name, act in (("shortcuts", Act.SHORTCUTS), ("about", Act.ABOUT), ("log", Act.LOG)):
            app.window.actions_table[act].trigger()
            wait()
            dialog = next(
                each for each in QApplication.topLevelWidgets() if each.isVisible() and each is not app.window
            )
            camera.take(name, dialog)
            dialog.close()
        problem = EnvironmentProblem(
            "The clip could not be written",
            "The disk is full",
            "Make room on the disk that holds /clips, then press Retry",
        )
        dialog = error_dialog(app.window, problem)
        dialog.show()
        camera.take("problem", dialog)
        dialog.close()


PARTS: dict[str, Callable[[Camera, Path, list[Path]], None]] = {
    "window": shoot_main_window,
    "history": shoot_history,
    "cropping": shoot_cropping,
    "scanning": shoot_scanning,
    "speech": shoot_speech,
    "training": shoot_training,
    "labelling": shoot_labelling,
    "figures": shoot_figures,
    "export": shoot_export_settings,
    "around": shoot_surroundings,
    "dialogs": shoot_dialogs,
    # The last: it moves one of the films away.
    "lists": shoot_lists,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--only", nargs="*", default=[], help="pictures whose names begin like this")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    application = make_application(sys.argv[:1])
    theme.apply(application, theme.DARK)
    camera = Camera(options.out, options.only)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        footage = make_footage(folder)
        for part in options.parts:
            PARTS[part](camera, folder, footage)


if __name__ == "__main__":
    main()
