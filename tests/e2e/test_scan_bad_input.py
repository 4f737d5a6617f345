"""What does not work, as a person sees it: a sentence, a way out, nothing lost, and the next thing works again."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from core.learning import model_file
from tests.core.ops.test_odd_recordings import KINDS, odd
from tests.e2e.scan_scenes import recording
from tests.e2e.trouble import NAME, SCANNING_MS, Trouble
from tests.sound_files import noise, write_wav
from ui.action_table import Act
from ui.dialogs.messages import MessageDialog
from ui.dialogs.text_dialog import TextDialog
from ui.training.train_dialog import TrainDialog
from ui.widgets.toast import ToastCard


def damage(path: Path, kind: str) -> None:
    data = path.read_bytes()
    if kind == "tampered":
        path.write_bytes(data[:-40] + bytes(byte ^ 0x55 for byte in data[-40:]))
    elif kind == "pickle":
        path.write_bytes(pickle.dumps({"model": [1, 2, 3]}))
    elif kind == "cut off":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()


@pytest.mark.parametrize("kind", ["tampered", "pickle", "cut off", "empty"])
def test_a_classifier_that_cannot_be_used(trouble: Trouble, kind: str) -> None:
    kept = trouble.folder / "kept"
    shutil.copy(trouble.classifier, kept)
    try:
        damage(trouble.classifier, kind)
        trouble.scan()
        (failed,) = trouble.failed_jobs()
        assert NAME in failed
        assert len(failed.rstrip(".").split(". ")) >= 2, "what, and why or what to do"
        assert any(NAME in text for text in trouble.told())
    finally:
        shutil.copy(kept, trouble.classifier)
    trouble.assert_all_is_well()


def test_a_classifier_of_a_newer_program_is_left_alone(trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trouble.classifier.read_bytes()
    with monkeypatch.context() as older:
        older.setattr(model_file, "_FORMAT", model_file._FORMAT - 1)
        trouble.scan()
        (dialog,) = trouble.window.findChildren(MessageDialog)
        assert dialog.windowTitle() == "A newer 8-cut wrote this"
        said = " ".join(trouble.told())
    assert f"The model {NAME} is from a newer 8-cut" in said
    assert "Update 8-cut to use it" in said
    assert trouble.classifier.read_bytes() == before
    trouble.assert_all_is_well()


def test_a_classifier_of_another_embedding(trouble: Trouble) -> None:
    other = trouble.paths.models / "default_YAMNET.safetensors"
    shutil.copy(trouble.classifier, other)
    try:
        trouble.program.scanning.jobs.choose("default_YAMNET")
        trouble.scan()
        for text in trouble.failed_jobs():
            assert "YAMNET" in text
        trouble.told()
    finally:
        other.unlink()
        trouble.program.scanning.jobs.choose(NAME)
    trouble.assert_all_is_well()


@pytest.mark.allow_warnings
def test_the_cache_cannot_be_written_to(trouble: Trouble) -> None:
    folder = trouble.paths.cache / "embeddings"
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_bytes(b"something else")
    fresh = recording(trouble.folder / "more", 7)
    try:
        trouble.program.scanning.jobs.scan_folder(str(fresh.parent))
        trouble.until(lambda: not trouble.program.runner.active, SCANNING_MS)
        assert trouble.failed_jobs()
        said = " ".join(trouble.told())
        assert "cache" in said.lower() or "embeddings" in said
    finally:
        folder.unlink()
        away.rename(folder)
    trouble.program.runner.clear_finished()
    trouble.assert_all_is_well()


def test_a_file_that_broke_after_it_was_listed_does_not_stop_the_others(trouble: Trouble) -> None:
    folder = trouble.folder / "late"
    sounds = [recording(folder, number) for number in (11, 12, 13)]
    trouble.program.controllers.media.add([str(path) for path in sounds])
    trouble.until_open(sounds[0].name)
    trouble.until_idle()
    trouble.program.controllers.media.open(
        next(media for media in trouble.program.db.lists.entries("default") if media.name == trouble.good.name)
    )
    trouble.until_open(trouble.good.name)
    trouble.until_idle()
    sounds[0].unlink()
    sounds[1].write_bytes(b"RIFF and no more")
    trouble.scan(Act.SCAN_ALL)
    said = trouble.told()
    for path in sounds[:2]:
        assert any(text.startswith(f"{path.name} was not scanned: ") for text in said), said
    assert trouble.program.db.get_scan_results(str(sounds[2]), "default")["LOGMEL"]
    assert not trouble.failed_jobs()
    trouble.assert_all_is_well()


def test_odd_files_are_scanned_and_broken_ones_are_named(trouble: Trouble) -> None:
    folder = trouble.folder / "odd"
    for kind in KINDS:
        odd(folder, kind)
    for name in ("broken.wav", "empty.wav"):
        (folder / name).write_bytes(b"RIFF and no more" if name == "broken.wav" else b"")
    trouble.window.notices.dismiss()
    trouble.program.scanning.jobs.scan_folder(str(folder))
    trouble.until(lambda: not trouble.program.runner.active, SCANNING_MS)
    said = trouble.told()
    assert any("in 7 files" in text for text in said), said
    for name in ("broken.wav", "empty.wav"):
        assert any(name in text and "not scanned" in text for text in said), said
    listed = {media.name for media in trouble.program.db.lists.entries("default")}
    assert {f"{kind}.wav" for kind in KINDS} <= listed
    assert not trouble.failed_jobs()
    for kind in KINDS:
        results = trouble.program.db.get_scan_results(str(folder / f"{kind}.wav"), "default")
        assert set(results) == {"LOGMEL"}, f"{kind} is remembered even without a hit"
    trouble.assert_all_is_well()


def test_five_broken_files_among_five_hundred_are_named_and_the_others_are_scanned(trouble: Trouble) -> None:
    folder = trouble.folder / "five hundred"
    for number in range(500):
        if number % 100 == 50:
            (folder / f"broken {number}.wav").write_bytes(b"RIFF and no more than %d" % number)
        else:
            write_wav(folder / f"{number}.wav", noise(2.5, seed=1000 + number))
    broken = [f"broken {number}.wav" for number in range(50, 500, 100)]
    trouble.window.notices.dismiss()
    trouble.program.scanning.jobs.scan_folder(str(folder))
    trouble.until(lambda: not trouble.program.runner.active, SCANNING_MS)
    trouble.until(lambda: len(trouble.messages()) >= 2)
    assert any(" in 495 files" in text for text in trouble.messages())
    card = next(card for card in trouble.window.findChildren(ToastCard) if card.action_button)
    assert card.message.text() == f"5 files were not scanned: {', '.join(broken)}."
    card.action_button.click()
    (why,) = trouble.window.findChildren(TextDialog)
    for name in broken:
        assert f"{name} was not scanned: Cannot read {name}. " in why.view.toPlainText()
    assert why.view.toPlainText() == "\n".join(trouble.program.runner.jobs[-1].log_lines), "and it can be read later"
    why.close()
    for number in range(500):
        versions = trouble.program.db.get_scan_versions(str(folder / f"{number}.wav"), "default", "LOGMEL")
        assert len(versions) == (number % 100 != 50)
    trouble.program.runner.clear_finished()
    trouble.assert_all_is_well()


def test_a_folder_without_media_is_a_sentence(trouble: Trouble) -> None:
    empty = trouble.folder / "nothing"
    empty.mkdir()
    trouble.window.notices.dismiss()
    trouble.program.scanning.jobs.scan_folder(str(empty))
    trouble.until_idle()
    assert any("nothing to scan" in text for text in trouble.told())
    trouble.assert_all_is_well()


def test_training_without_enough_says_what_is_missing(trouble: Trouble) -> None:
    trouble.window.actions_table[Act.TRAIN].trigger()
    trouble.until_idle()
    dialog = next(each for each in trouble.window.findChildren(TrainDialog) if each.isVisible())
    dialog.form.check([])
    trouble.until(lambda: "Check at least one class" in dialog.statistics.text())
    assert not dialog.train.isEnabled()
    dialog.form.check(["beep"])
    trouble.until(lambda: "clips from 2 videos" in dialog.statistics.text())
    assert "3 or more are better" in dialog.warnings.text()
    dialog.form.negative.setCurrentIndex(dialog.form.negative.findData("beep"))
    trouble.until(lambda: "cannot be both" in dialog.statistics.text())
    assert not dialog.train.isEnabled()
    dialog.form.negative.setCurrentIndex(0)
    sounds = list((trouble.folder / "sounds").glob("*.wav"))
    for path in sounds:
        path.rename(path.with_suffix(".away"))
    try:
        dialog.refresh()
        trouble.until(lambda: "No clip of these classes has its video here" in dialog.statistics.text())
        assert "update the paths" in dialog.statistics.text(), "the way out"
        assert not dialog.train.isEnabled()
    finally:
        for path in sounds:
            path.with_suffix(".away").rename(path)
    dialog.refresh()
    trouble.until(lambda: dialog.train.isEnabled())
    dialog.close()
    trouble.program.runner.clear_finished()
    trouble.assert_all_is_well()
