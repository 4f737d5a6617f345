"""The Train dialog: what it counts, what it warns of, what it asks before a download, and what it would train."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.ops.train import TrainRequest
from tests.ui.training.conftest import cut
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import ImmediateRunner
from ui.services import Services
from ui.training.report_view import ReportView, suggestions, when
from ui.training.train_dialog import TrainDialog

REPORT = {
    "average_precision": 0.91,
    "f1": 0.9,
    "precision": 0.93,
    "recall": 0.87,
    "threshold": 0.62,
    "false_per_hour": 1.25,
    "grouping": "video",
    "target": {
        "wanted": 0.95,
        "reached": True,
        "threshold": 0.8,
        "precision": 0.96,
        "recall": 0.7,
        "low": 0.8,
        "high": 0.99,
    },
    "curve": [[0.2, 0.6, 0.98], [0.62, 0.93, 0.87], [0.8, 0.96, 0.7]],
    "reliability": [[0.1, 0.05, 40], [0.9, 0.93, 20]],
    "calibration_error": 0.04,
    "ablation": {"with": {"average_precision": 0.91}, "without": {"average_precision": 0.84}},
}


@pytest.fixture
def dialog(qtbot: QtBot, db: ProcessedDB, services: Services, tmp_path: Path) -> TrainDialog:
    cut(db, tmp_path / "a.mp4", [10.0, 20.0, 30.0], "beep")
    cut(db, tmp_path / "b.mp4", [40.0, 50.0], "beep")
    cut(db, tmp_path / "a.mp4", [60.0], "other")
    cut(db, tmp_path / "c.mp4", [70.0], "scans", scan_export=True)
    db.add_hard_negatives(str(tmp_path / "a.mp4"), "default", [80.0, 90.0], str(tmp_path / "a.mp4"))
    dialog = TrainDialog(services, None, lambda: None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def classes(dialog: TrainDialog) -> list[str]:
    return [dialog.form.classes.item(row).text() for row in range(dialog.form.classes.count())]


def counted(qtbot: QtBot, dialog: TrainDialog, text: str) -> None:
    qtbot.waitUntil(lambda: text in dialog.statistics.text())


def test_classes_show_clips_and_videos_and_scan_exports_only_when_asked(qtbot: QtBot, dialog: TrainDialog) -> None:
    assert classes(dialog) == ["beep   5 clips in 2 videos", "other   1 clip in 1 video"]
    dialog.form.scan_exports.setChecked(True)
    assert classes(dialog)[-1] == "scans   1 clip in 1 video"


def test_statistics_follow_the_choice_and_warn_in_plain_words(qtbot: QtBot, dialog: TrainDialog) -> None:
    counted(qtbot, dialog, "Check at least one class")
    assert not dialog.train.isEnabled()
    dialog.form.check(["beep"])
    counted(qtbot, dialog, "5 clips from 2 videos")
    assert dialog.train.isEnabled()
    assert dialog.details.text() == "15 s of marked sound · 2 hard negatives"
    assert "only 2 videos" in dialog.warnings.text()
    assert "Only 5 clips" in dialog.warnings.text()
    dialog.form.hard.setChecked(False)
    qtbot.waitUntil(lambda: "hard" not in dialog.details.text())
    dialog.form.negative.setCurrentIndex(dialog.form.negative.findData("beep"))
    counted(qtbot, dialog, "cannot be both")


def test_missing_videos_are_counted_and_left_out(qtbot: QtBot, dialog: TrainDialog, tmp_path: Path) -> None:
    (tmp_path / "b.mp4").unlink()
    dialog.form.check(["beep"])
    counted(qtbot, dialog, "3 clips from 1 video")
    assert "1 video missing" in dialog.details.text()


def test_the_request_is_what_is_chosen(dialog: TrainDialog) -> None:
    form = dialog.form
    form.check(["beep"])
    form.negative.setCurrentIndex(form.negative.findData("other"))
    form.head.setCurrentIndex(form.head.findData("logistic"))
    form.grain.setCurrentIndex(form.grain.findData(4.0))
    form.name.setText("bark")
    form.margin_s.setValue(12)
    form.hard.setChecked(False)
    assert form.request("default") == TrainRequest(
        "default",
        ("beep",),
        ("other",),
        grain_s=4.0,
        head="logistic",
        name="bark",
        neg_margin_s=12.0,
        use_hard_negatives=False,
    )
    form.name.setText("a/b")
    assert "name cannot be used" in form.complaint


def test_weights_are_downloaded_only_after_a_yes(qtbot: QtBot, dialog: TrainDialog, runner: ImmediateRunner) -> None:
    form = dialog.form
    form.check(["beep"])
    form.model.setCurrentIndex(form.model.findData("HUBERT_LARGE"))
    assert "1.3 GB to download" in form.about.text()
    assert "licence: MIT" in form.about.text()
    dialog.start()
    question = dialog.findChild(MessageDialog)
    assert "HUBERT_LARGE is not on this machine yet" in question.headline.text()
    assert "1.3 GB" in question.labels[0].accessibleName()
    assert "MIT" in question.labels[0].accessibleName()
    question.buttons[0].click()
    assert not [job for job in runner.jobs if "Train" in job.title]


def test_too_little_data_is_a_sentence(qtbot: QtBot, dialog: TrainDialog) -> None:
    dialog.form.check(["beep"])
    dialog.start()
    problem = dialog.findChild(MessageDialog)
    qtbot.waitUntil(problem.isVisible)
    assert problem.headline.text()
    assert dialog.train.isVisible()
    assert dialog.form.isEnabled()
    problem.close()


def test_an_empty_profile_says_what_to_do(qtbot: QtBot, services: Services) -> None:
    dialog = TrainDialog(services, None, lambda: None)
    qtbot.addWidget(dialog)
    dialog.show()
    counted(qtbot, dialog, "cut some first")


class Version:
    """A stored version as the model store gives it."""

    def __init__(self, stamp: str, precision: float, current: bool) -> None:
        self.stamp, self.current, self.pinned = stamp, current, False
        self.meta = {"data": {"clips": 12}}
        self.report = {**REPORT, "average_precision": precision}


def test_the_report_is_told_in_words_and_shown_in_plots(qtbot: QtBot) -> None:
    view = ReportView()
    qtbot.addWidget(view)
    view.show_report(REPORT, [{"name": "a.mp4", "clips": 4, "found": 3, "false": 1, "duration_s": 61.0}])
    assert [mark.text for mark in view.curve.marks] == ["0.62 best balance", "0.80 for 95% right"]
    assert view.curve.lines[0].points == ((0.98, 0.6), (0.87, 0.93), (0.7, 0.96))
    text = suggestions(REPORT)
    assert "at the suggested threshold 0.62 it finds 87% of the clips" in text
    assert "For 95% right choose 0.80" in text
    assert "by +0.07" in text
    assert [view.videos.item(0, column).text() for column in range(5)] == ["a.mp4", "4", "3", "1", "00:01:01"]
    assert suggestions({}) == ""


def test_a_version_of_the_history_is_compared_and_can_be_used(qtbot: QtBot) -> None:
    view = ReportView()
    qtbot.addWidget(view)
    view.show_report(REPORT, [])
    view.show_history([Version("20260420_100000_000000", 0.91, True), Version("20260419_100000_000000", 0.5, False)])
    assert [point[1] for point in view.learning.lines[0].points] == [0.5, 0.91], "oldest first"
    assert not view.restore.isEnabled()
    view.history.selectRow(1)
    assert len(view.curve.lines) == 2
    with qtbot.waitSignal(view.restore_requested) as asked:
        view.restore.click()
    assert asked.args == ["20260419_100000_000000"]
    with qtbot.waitSignal(view.pin_requested) as asked:
        view.pin.click()
    assert asked.args == ["20260419_100000_000000", True]
    assert when("no stamp") == "no stamp"
    assert view.history.item(0, 6).text() == "in use"
    assert view.history.item(0, 0).data(Qt.ItemDataRole.UserRole) == "20260420_100000_000000"
