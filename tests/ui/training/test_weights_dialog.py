"""The dialog of weights: what it lists, what can be done with each, and what it says when there is no network."""

from __future__ import annotations

import hashlib
import io
import threading
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.models import registry
from core.models import weights as store
from core.paths import DataPaths
from tests.ui.training.conftest import cut
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import ImmediateRunner, JobRunner
from ui.services import Services
from ui.training.train_dialog import TrainDialog
from ui.training.weights_dialog import WeightsDialog

CONTENT = bytes(range(256)) * 20_000


class Answer(io.BytesIO):
    """What a server sends; stands still half-way until it is told to go on."""

    def __init__(self, go_on: threading.Event) -> None:
        super().__init__(CONTENT)
        self.headers = {"Content-Length": str(len(CONTENT))}
        self._go_on = go_on

    def read(self, size: int = -1) -> bytes:
        if self.tell() > len(CONTENT) // 2:
            assert self._go_on.wait(20)
        return super().read(size)


@pytest.fixture(autouse=True)
def yamnet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file stands for the weights of YAMNET."""
    spec = registry.model_spec("YAMNET")
    file = replace(spec.weights, size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    small = replace(spec, weights=file)
    monkeypatch.setitem(registry._BY_NAME, "YAMNET", small)
    rows = tuple(small if row.name == "YAMNET" else row for row in registry.MODELS)
    monkeypatch.setattr("core.ops.weights.MODELS", rows)


@pytest.fixture
def dialog(qtbot: QtBot, paths: DataPaths, runner: ImmediateRunner) -> WeightsDialog:
    dialog = WeightsDialog(paths, runner)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.show_model("YAMNET")
    return dialog


def serve(monkeypatch: pytest.MonkeyPatch, go_on: threading.Event | None = None) -> None:
    released = go_on or threading.Event()
    if go_on is None:
        released.set()
    monkeypatch.setattr(store, "_open_url", lambda url, timeout_s: Answer(released))


def unplug(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(url: str, timeout_s: int) -> BinaryIO:
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr(store, "_open_url", offline)


def cells(dialog: WeightsDialog, model: str) -> list[str]:
    dialog.show_model(model)
    place = dialog.table.currentRow()
    return [dialog.table.item(place, column).text() for column in range(dialog.table.columnCount())]


def test_each_row_says_size_licence_and_state(dialog: WeightsDialog) -> None:
    assert cells(dialog, "LOGMEL") == ["LOGMEL", "nothing", "none needed", "built in"]
    assert not dialog.download.isVisible()
    assert not dialog.choose.isEnabled()
    assert cells(dialog, "HUBERT_XLARGE") == ["HUBERT_XLARGE, HUBERT_XLARGE_ML", "about 3.9 GB", "MIT", "missing"]
    assert "HuBERT, Meta" in dialog.about.text()
    assert dialog.download.isVisible()
    assert not dialog.check.isVisible()


def test_a_download_ends_with_the_checked_file(
    dialog: WeightsDialog, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch)
    told = []
    dialog.changed.connect(lambda: told.append(True))
    dialog.download.click()
    assert (paths.weights / "yamnet.tflite").read_bytes() == CONTENT
    assert cells(dialog, "YAMNET")[1:] == ["5.1 MB", "Apache-2.0", "here"]
    assert "is the right file" in dialog.status.text()
    assert not dialog.download.isVisible()
    assert told
    dialog.check.click()
    assert not dialog.message.isVisible()


def test_without_a_network_it_says_what_to_do(
    dialog: WeightsDialog, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    unplug(monkeypatch)
    dialog.download.click()
    text = dialog.message.text()
    assert dialog.message.isVisible()
    for part in ("could not be downloaded", "https://", "on another machine", str(paths.weights), "yamnet.tflite"):
        assert part in text
    assert cells(dialog, "YAMNET")[3] == "missing"
    dialog.show_model("EAT")
    assert not dialog.message.isVisible(), "it was about another file"


def test_a_file_from_elsewhere_is_taken_or_refused(dialog: WeightsDialog, tmp_path: Path) -> None:
    (tmp_path / "wrong.tflite").write_bytes(b"something else")
    dialog.adopt(tmp_path / "wrong.tflite")
    assert "wrong.tflite is not the weights file yamnet.tflite" in dialog.message.text()
    (tmp_path / "right.tflite").write_bytes(CONTENT)
    dialog.adopt(tmp_path / "right.tflite")
    assert cells(dialog, "YAMNET")[3] == "here"
    assert dialog.message.text() == ""


def test_a_changed_file_is_put_aside_when_it_is_checked(dialog: WeightsDialog, paths: DataPaths) -> None:
    paths.weights.mkdir()
    (paths.weights / "yamnet.tflite").write_bytes(b"changed")
    dialog.refresh()
    assert cells(dialog, "YAMNET")[3] == "here"
    dialog.check.click()
    assert cells(dialog, "YAMNET")[3] == "wrong file, put aside"
    assert "yamnet.tflite.refused" in dialog.address.text()
    assert dialog.download.isVisible()


@pytest.fixture
def threads(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


def test_a_download_shows_progress_and_is_cancelled(
    qtbot: QtBot, threads: JobRunner, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    serve(monkeypatch, go_on)
    dialog = WeightsDialog(paths, threads)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_model("YAMNET")
    dialog.download.click()
    qtbot.waitUntil(lambda: dialog.progress.value() > 300, timeout=20_000)
    assert "Fetching yamnet.tflite" in dialog.status.text()
    assert dialog.cancel.isVisible() and not dialog.download.isEnabled()
    dialog.cancel.click()
    go_on.set()
    qtbot.waitUntil(lambda: "Cancelled" in dialog.status.text(), timeout=20_000)
    assert list(paths.weights.iterdir()) == []
    assert dialog.download.isEnabled() and not dialog.progress.isVisible()


def test_the_train_dialog_opens_it_at_the_chosen_model(
    qtbot: QtBot, db: ProcessedDB, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(db, tmp_path / "a.mp4", [10.0, 20.0], "beep")
    train = TrainDialog(services, None, lambda: None)
    qtbot.addWidget(train)
    train.show()
    train.form.model.setCurrentIndex(train.form.model.findData("YAMNET"))
    qtbot.waitUntil(train.train.isEnabled)
    train.train.click()
    (question,) = train.findChildren(MessageDialog)
    assert [button.text() for button in question.buttons] == ["Cancel", "Other ways…", "Download and train"]
    question.buttons[1].click()
    (dialog,) = train.findChildren(WeightsDialog)
    assert dialog.isVisible()
    assert dialog.row.models == ("YAMNET",)
    serve(monkeypatch)
    dialog.download.click()
    dialog.accept()
    assert train.form.chosen_model.present, "the form knows at once"
    train.form.model.setCurrentIndex(train.form.model.findData("EAT"))
    train.form.weights.click()
    assert train.findChildren(WeightsDialog) == [dialog]
    assert dialog.row.models == ("EAT",)
    dialog.accept()
