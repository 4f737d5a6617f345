"""A machine that is in the way: weights wrong or gone, a full disk, a history that cannot be written."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.media import Media
from core.learning.model_store import ModelStore
from core.models import registry
from core.ops import regions
from core.scan.embedding import EmbeddingKey
from tests.core.learning.test_model_store_crash import no_room_for_files_over
from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import recording
from tests.e2e.trouble import NAME, Trouble
from ui.dialogs.messages import MessageDialog
from ui.main_window.scan_results.region_table import RegionAct
from ui.training.train_dialog import TrainDialog

WEIGHTS, YAMNET = "yamnet.tflite", "default_YAMNET"


@pytest.fixture
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the weights of YAMNET are published: an address of this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{free.getsockname()[1]}/{WEIGHTS}"
    spec = registry.model_spec("YAMNET")
    monkeypatch.setitem(registry._BY_NAME, "YAMNET", replace(spec, weights=replace(spec.weights, url=url)))
    return url


def open_at_yamnet(trouble: Trouble) -> TrainDialog:
    dialog = trouble.open_train_dialog()
    dialog.form.model.setCurrentIndex(dialog.form.model.findData("YAMNET"))
    dialog.form.name.setText("kept")
    dialog.form.margin_s.setValue(3.0)
    return dialog


def assert_another_trains_at_once(trouble: Trouble, dialog: TrainDialog) -> None:
    """With all that was filled in before."""
    kept = dialog.form.request("default")
    assert (kept.positives, kept.model, kept.name, kept.neg_margin_s) == (("beep",), "YAMNET", "kept", 3.0)
    dialog.form.model.setCurrentIndex(dialog.form.model.findData("LOGMEL"))
    assert not trouble.train(dialog)
    assert dialog.status.text() == "default_LOGMEL_kept is trained."
    dialog.close()
    ModelStore(trouble.paths.models).path("default", "LOGMEL", "kept").unlink()
    trouble.program.scanning.jobs.choose(NAME)
    trouble.program.runner.clear_finished()
    trouble.assert_all_is_well()


def test_training_with_a_wrong_file_of_weights(trouble: Trouble, nobody_answers: str) -> None:
    trouble.paths.weights.mkdir(exist_ok=True)
    file = trouble.paths.weights / WEIGHTS
    file.write_bytes(b"something else")
    dialog = open_at_yamnet(trouble)
    assert not trouble.train(dialog), "it is here, so nothing is asked"
    said = " ".join(trouble.told())
    assert f"{WEIGHTS} is not the right one and was not loaded" in said
    assert "Its SHA-256 is " in said
    assert str(file.with_name(WEIGHTS + ".refused")) in said, "nothing is thrown away"
    assert f"Download it again from {nobody_answers}" in said
    # From now on it is as if there had never been one: a download is asked for.
    trouble.until(lambda: "to download" in dialog.form.model.currentText())
    assert "4.1 MB will be downloaded" in trouble.train(dialog)
    assert any("could not be downloaded" in text for text in trouble.told())
    assert_another_trains_at_once(trouble, dialog)


def test_training_with_weights_that_cannot_be_fetched(trouble: Trouble, nobody_answers: str) -> None:
    dialog = open_at_yamnet(trouble)
    asked = trouble.train(dialog)
    assert "Apache-2.0" in asked
    said = " ".join(trouble.told())
    assert f"{nobody_answers} did not answer: " in said
    assert f"put it into {trouble.paths.weights} as {WEIGHTS}" in said, "the way without a network"
    assert_another_trains_at_once(trouble, dialog)


def test_scanning_with_a_classifier_whose_weights_are_gone(trouble: Trouble, nobody_answers: str) -> None:
    store = ModelStore(trouble.paths.models)
    trained = store.load(trouble.classifier)
    other = {"embedding": EmbeddingKey.of("YAMNET").meta}
    store.save(replace(trained, meta=trained.meta | other), "default", "YAMNET")
    trouble.program.scanning.jobs.choose(YAMNET)
    try:
        trouble.scan()
        (dialog,) = trouble.window.findChildren(MessageDialog)
        assert nobody_answers in " ".join(trouble.words_of(dialog))
        assert dialog.buttons[-1].text() == "Try again"
        dialog.buttons[-1].click()
        trouble.until(lambda: len(trouble.failed_jobs()) == 2)
        assert any(str(trouble.paths.weights) in text for text in trouble.told())
    finally:
        store.path("default", "YAMNET").unlink()
        trouble.program.scanning.jobs.choose(NAME)
    trouble.program.runner.clear_finished()
    trouble.assert_all_is_well()


def test_a_scan_on_a_full_disk_is_done_after_room_was_made(trouble: Trouble) -> None:
    fresh = trouble.open_fresh(31)
    with no_room_for_files_over(0):
        trouble.scan()
    said = " ".join(trouble.told())
    assert "Embeddings cannot be stored" in said
    assert "Make room there" in said
    assert not trouble.program.db.get_scan_results(fresh.path, "default")
    trouble.program.runner.clear_finished()
    trouble.scan()
    assert not trouble.failed_jobs()
    assert trouble.panel.model.rowCount() == 4
    trouble.back()


def test_a_training_on_a_full_disk_leaves_the_old_classifier(trouble: Trouble) -> None:
    before = trouble.classifier.read_bytes()
    dialog = trouble.open_train_dialog()
    with no_room_for_files_over(0):
        trouble.train(dialog)
    said = " ".join(trouble.told())
    assert "Cannot save" in said
    assert "Make room" in said
    assert trouble.classifier.read_bytes() == before
    trouble.train(dialog)
    assert dialog.status.text() == f"{NAME} is trained."
    dialog.close()
    trouble.program.runner.clear_finished()
    trouble.scan()
    assert not trouble.failed_jobs()
    # By the new version of the classifier, with what was decided under the old one.
    assert [disabled for _, disabled in trouble.decided] == [row.disabled for row in trouble.panel.model.rows]
    trouble.decided = [(row.start_s, row.disabled) for row in trouble.panel.model.rows]


def stored(trouble: Trouble, media: Media) -> list[tuple]:
    """The regions in the history, with their threshold and hard negatives."""
    (scan,) = regions.view(trouble.program.db, media, "default", {})
    rows = [(row.id, row.start_s, row.end_s, row.disabled, row.accepted) for row in scan.regions]
    return [rows, round(100 * scan.made.threshold), scan.negative]


def shown(trouble: Trouble) -> list[tuple]:
    panel = trouble.panel
    assert [(region.start_s, region.end_s) for region in trouble.window.timeline.scene.regions] == [
        (row.start_s, row.end_s) for row in panel.model.rows
    ]
    rows = [(row.id, row.start_s, row.end_s, row.disabled, row.accepted) for row in panel.model.rows]
    return [rows, panel.tuning.threshold.value(), panel.model.negative]


def move_threshold(trouble: Trouble, percent: int) -> None:
    slider = trouble.panel.tuning.threshold
    slider.setSliderDown(True)
    slider.setValue(percent)
    trouble.until_idle()
    slider.setSliderDown(False)
    trouble.until_idle()


def test_what_cannot_be_stored_is_not_shown_as_if_it_were(trouble: Trouble) -> None:
    media = trouble.open_fresh(32)
    trouble.scan()
    panel, history = trouble.panel, trouble.program.scanning.history
    first, second = panel.model.row_at(0), panel.model.row_at(1)
    trouble.player.seek((first.start_s + first.end_s) / 2)
    trouble.until(lambda: not trouble.player.seeking)
    panel.table.go_to(first.id)
    panel.review.click()
    before, undoable = stored(trouble, media), history.can_undo_of((media.id, "default", "LOGMEL"))
    acts = {
        act: (lambda act=act: panel.table.acted.emit(act, [first]))
        for act in (RegionAct.ACCEPT, RegionAct.REJECT, RegionAct.DISABLE, RegionAct.NEGATIVE, RegionAct.SPLIT)
    } | {
        "merge": lambda: panel.table.acted.emit(RegionAct.MERGE, [first, second]),
        "trim by the keyboard": lambda: panel.table.acted.emit(RegionAct.TRIM_END, [first]),
        "trim by Shift-drag": lambda: trouble.window.timeline.region_resized.emit(first.id, 1.0, 9.0),
        "edit the times": lambda: panel.model.times_edited.emit(first, 2.0, 9.0),
        "threshold": lambda: move_threshold(trouble, 97),
    }
    with no_room_for_files_over(0):
        for name, act in acts.items():
            trouble.window.notices.dismiss()
            act()
            trouble.until_idle()
            said = " ".join(trouble.told())
            assert "The disk reported an error" in said, name
            assert "Check the disk and that you may write to its folder" in said, name
            assert stored(trouble, media) == before, name
            assert shown(trouble) == before, name
            assert panel.table.current_row.id == first.id, f"{name}: nothing goes on to the next"
    assert history.can_undo_of((media.id, "default", "LOGMEL")) == undoable
    panel.review.click()
    trouble.assert_no_mistake()
    trouble.program.runner.clear_finished()
    # With room again everything can be stored, undone and done again.
    move_threshold(trouble, 30)
    panel.table.acted.emit(RegionAct.ACCEPT, [panel.model.row_at(0)])
    trouble.until_idle()
    after = stored(trouble, media)
    assert shown(trouble) == after
    assert after[1] == 30
    assert after[0][0][4], "accepted"
    with no_room_for_files_over(0):
        history.undo()
        trouble.until_idle()
        assert trouble.told()
        assert shown(trouble) == after
    for _ in range(2):
        history.undo()
        trouble.until_idle()
    assert shown(trouble) == stored(trouble, media)
    assert stored(trouble, media)[1] == before[1]
    trouble.assert_no_mistake()
    trouble.back()


@pytest.mark.allow_warnings
def test_the_program_ends_in_order_on_a_full_disk(start: Callable[..., Driver], tmp_path: Path) -> None:
    path = recording(tmp_path, 1)
    app = start(path)
    app.until_open(path.name)
    app.until_idle()
    app.program.controllers.playback.move_cursor(12.0)
    app.choose_folder(tmp_path / "clips")
    with no_room_for_files_over(0):
        app.close()
    with pytest.raises(RuntimeError, match="closed"):
        app.program.db.profiles.names()
    again = start()
    again.until_open(path.name)
