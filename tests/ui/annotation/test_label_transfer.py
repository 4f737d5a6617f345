"""What a person is told when labels come from another machine that runs rounds, too."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.ops.label_exchange import export_labels, import_labels
from core.paths import data_paths
from tests.core.annotation.labelled import MOOD, project
from tests.core.annotation.made_rounds import numbered, ran
from ui.annotation.label_transfer import LabelTransfer
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import ImmediateRunner
from ui.settings import Settings


def test_rounds_that_cannot_go_together_are_said_in_a_window_of_their_own(
    qtbot: QtBot, db: ProcessedDB, runner: ImmediateRunner, settings: Settings, tmp_path: Path
) -> None:
    window, told = QWidget(), []
    qtbot.addWidget(window)
    transfer = LabelTransfer(db, runner, settings, window)
    transfer.told.connect(told.append)
    here, file = project(db, tasks=(MOOD,)), tmp_path / "labels.jsonl"
    transfer.export_to(here, file)
    with ProcessedDB(data_paths(tmp_path / "there").prepare().database) as there:
        import_labels(there, file)
        theirs = there.annotation.by_uid(here.uid)
        ran(there, theirs, 0, numbered(test=2))
        export_labels(there, theirs, file)
        transfer.import_from(file)
        assert told[-1].endswith("1 round came with the split: further ones keep its test set.")
        assert window.findChild(MessageDialog) is None
        ran(there, theirs, 0, numbered(test=1, validation=0), minute=9)
        export_labels(there, theirs, file)
    transfer.import_from(file)
    warning = window.findChild(MessageDialog)
    assert warning.headline.text().startswith("The labels came")
    assert "another test set was frozen there (01.mp4, 02.mp4)" in warning.labels[0].accessibleName()
    warning.accept()
    assert told[-1].endswith("The rounds of the file were left out.")
    for path in Path(db.annotation.rounds(here.id)[0].folder).rglob("split.json"):
        path.unlink()
    transfer.export_to(here, file)
    assert told[-1].endswith("since the files of round 0 are gone.")
