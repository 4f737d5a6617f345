"""What was there a moment ago: classes and files that vanish, a scan stopped half-way or asked for twice, no sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QComboBox

from core.domain.speech import SpeechFilter
from tests.e2e.scan_scenes import recording
from tests.e2e.trouble import NAME, Trouble
from tests.media_factory import MediaShelf
from tests.sound_files import noise, write_wav
from ui import settings as keys
from ui.action_table import Act
from ui.jobs.job import State


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(trouble: Trouble) -> Iterator[None]:
    trouble.window.notices.dismiss()
    yield
    trouble.assert_no_mistake()
    trouble.back()


def test_one_video_only_trains_and_says_what_that_is_worth(trouble: Trouble) -> None:
    second = trouble.folder / "sounds" / "take 2.wav"
    away = second.rename(second.with_suffix(".away"))
    kept = trouble.classifier.read_bytes()
    try:
        dialog = trouble.open_train_dialog()
        trouble.until(lambda: dialog.statistics.text() == "4 clips from 1 video")
        assert "may learn the recording instead of the sound" in dialog.warnings.text()
        trouble.train(dialog)
        assert dialog.status.text() == f"{NAME} is trained."
        trouble.until(lambda: dialog.report.suggestions.text().startswith("On clips it had not learned from"))
        said = dialog.warnings.text()
        assert "Left out: Cannot read take 2.wav. The file is not there. Relink it" in said
        assert "how well the model does in others cannot be known" in said
        dialog.form.margin_s.setValue(5.0)
        trouble.until(lambda: "Left out" not in dialog.warnings.text())
        dialog.close()
    finally:
        away.rename(second)
        trouble.classifier.write_bytes(kept)


def test_a_class_that_is_emptied_while_it_is_chosen(trouble: Trouble) -> None:
    db, media = trouble.program.db, trouble.state.media
    clip = trouble.folder / "sounds" / "other" / "vid_001" / "clip_001_m9_0.wav"
    db.add(media.path, 20.0, str(clip), clip_count=1, clip_duration=4.0, source_path=media.path)
    dialog = trouble.open_train_dialog()
    trouble.until(lambda: dialog.form.classes.count() == 2)
    dialog.form.check(["other"])
    trouble.until(lambda: dialog.statistics.text() == "1 clip from 1 video" and dialog.train.isEnabled())
    (batch,) = [marker.batch_id for marker in db.clips.markers(media.id, "default") if str(clip) in marker.paths]
    db.clips.delete_batch(batch)
    trouble.train(dialog)
    said = " ".join(trouble.told())
    assert "The class other has no clips" in said
    assert "There are: beep" in said
    trouble.until(lambda: dialog.form.classes.count() == 1)
    trouble.until(lambda: dialog.statistics.text() == "8 clips from 2 videos")
    assert dialog.train.isEnabled()
    dialog.close()


def test_hard_negatives_whose_file_is_gone(trouble: Trouble) -> None:
    gone = write_wav(trouble.folder / "gone.wav", noise(30.0, seed=99))
    trouble.program.controllers.media.add([str(gone)])
    trouble.until_open(gone.name)
    trouble.until_idle()
    trouble.program.db.add_hard_negatives(str(gone), "default", [3.0, 9.0], str(gone), "LOGMEL")
    trouble.back()
    gone.unlink()
    trouble.program.scanning.manage_negatives()
    negatives = trouble.program.scanning.negatives_dialogs["default"]
    trouble.until(lambda: negatives.model.rowCount() == 2)
    negatives.table.clicked.emit(negatives.filter.index(0, 0))
    trouble.until_idle()
    said = " ".join(trouble.problem())
    assert "gone.wav" in said
    assert "Relink it" in said
    negatives.close()
    trouble.back()
    kept = trouble.classifier.read_bytes()
    dialog = trouble.open_train_dialog()
    trouble.until(lambda: dialog.details.text().endswith("1 video missing"))
    trouble.train(dialog)
    assert dialog.status.text() == f"{NAME} is trained."
    trouble.until(lambda: "Left out: Cannot read gone.wav" in dialog.warnings.text())
    dialog.close()
    trouble.classifier.write_bytes(kept)
    negatives.reload()
    trouble.until_idle()
    assert negatives.model.rowCount() == 2, "the marks stay for the day it comes back"


def test_hits_of_a_file_that_vanished_are_exported_once_it_is_back(trouble: Trouble) -> None:
    fresh = trouble.open_fresh(51)
    trouble.scan()
    trouble.choose_folder(trouble.folder / "out")
    path = Path(fresh.path)
    away = path.rename(path.with_suffix(".away"))
    trouble.window.notices.dismiss()
    trouble.panel.tuning.export_requested.emit(False)
    trouble.until_idle()
    assert trouble.told() == [
        "Nothing was exported. Cannot read take 51.wav. The file is not there. Relink it, or remove it from the list."
    ]
    away.rename(path)
    (failed,) = [job for job in trouble.program.runner.jobs if job.state is State.FAILED]
    failed.retry()
    trouble.until_idle()
    assert any(text.startswith("4 clips in ") for text in trouble.told())
    assert len(list((trouble.folder / "out").rglob("*.*"))) >= 4


def test_a_scan_that_was_stopped_is_finished_by_the_next(trouble: Trouble) -> None:
    folder = trouble.folder / "many"
    sounds = [recording(folder, number) for number in range(61, 66)]
    scanned: list[str] = []

    def stop(one: object) -> None:
        scanned.append(one.media.name)
        if len(scanned) == 2:
            trouble.program.runner.cancel_all()

    jobs = trouble.program.scanning.jobs
    jobs.scanned.connect(stop)
    jobs.scan_folder(str(folder))
    trouble.until_idle()
    jobs.scanned.disconnect(stop)
    before = {path: trouble.program.db.get_scan_versions(str(path), "default", "LOGMEL") for path in sounds}
    assert 2 <= sum(map(bool, before.values())) < len(sounds), "what was scanned is kept, the rest is not begun"
    assert not trouble.failed_jobs()
    trouble.window.notices.dismiss()
    jobs.scan_folder(str(folder))
    trouble.until_idle()
    done = sum(map(bool, before.values()))
    assert any(text.endswith(f"in 5 files, {done} scanned before.") for text in trouble.told())
    after = {path: trouble.program.db.get_scan_versions(str(path), "default", "LOGMEL") for path in sounds}
    assert all(len(versions) == 1 for versions in after.values()), "nothing was scanned twice"


def test_the_same_file_scanned_twice_at_once_is_scanned_once(trouble: Trouble) -> None:
    fresh = trouble.open_fresh(71)
    for _ in range(3):
        trouble.window.actions_table[Act.SCAN_FILE].trigger()
    trouble.until_idle()
    assert len(trouble.program.db.get_scan_versions(fresh.path, "default", "LOGMEL")) == 1
    assert trouble.panel.model.rowCount() == 4
    assert not trouble.failed_jobs()


def test_a_video_without_sound(trouble: Trouble, media: MediaShelf) -> None:
    mute = media.copy("no_audio", trouble.folder / "mute.mp4")
    trouble.program.controllers.media.add([str(mute)])
    trouble.until_open(mute.name)
    trouble.until_idle()
    trouble.scan()
    assert trouble.told() == [
        "mute.mp4 was not scanned: mute.mp4 has no audio. The file has no audio track. Choose a file with sound."
    ]
    trouble.window.notices.dismiss()
    trouble.window.actions_table[Act.SPEECH].trigger()
    field = trouble.panel.findChild(QComboBox, keys.SPEECH_FILTER.name)
    for choice in (SpeechFilter.ONLY, SpeechFilter.ANY):
        place = field.findData(choice.value)
        field.setCurrentIndex(place)
        field.activated.emit(place)
        trouble.until_idle()
        assert trouble.window.speech.text == "No sound, so no speech"
    trouble.window.actions_table[Act.SPEECH].trigger()
    assert not trouble.told()
    assert not trouble.failed_jobs()
