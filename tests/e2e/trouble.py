"""A window in which scanning works, for tests of what goes wrong: what is said, and that nothing is lost."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from core.domain.media import Media
from core.ops.train import train
from tests.core.ops.scan_world import REQUEST, world
from tests.e2e.driver import Driver
from tests.e2e.scan_scenes import BEEPS_S, recording
from ui.action_table import Act
from ui.dialogs.messages import MessageDialog
from ui.jobs.job import BugError
from ui.main_window.scan_results.region_table import RegionAct
from ui.training.train_dialog import TrainDialog

SCANNING_MS = 180_000
NAME = "default_LOGMEL"


class Trouble(Driver):
    """A trained classifier, a scanned recording with a decision in it, and files that are odd or broken."""

    def __init__(self, qtbot: QtBot, app: QApplication, folder: Path) -> None:
        self.folder = folder
        self.good = recording(folder / "sounds", 1)
        with world(folder) as made:
            for sound in (self.good, recording(folder / "sounds", 2)):
                made.mark(sound, [time - 1 for time in BEEPS_S])
            train(made.db, made.paths, made.embedder, REQUEST)
        super().__init__(qtbot, app, folder / "data", [str(self.good)])
        self.until_open(self.good.name)
        self.scan()
        self.panel.table.acted.emit(RegionAct.REJECT, [self.panel.model.row_at(0)])
        self.until_idle()
        self.decided = [(row.start_s, row.disabled) for row in self.panel.model.rows]

    @property
    def panel(self):
        return self.program.scanning.panel

    @property
    def classifier(self) -> Path:
        return self.paths.models / f"{NAME}.safetensors"

    def scan(self, what: Act = Act.SCAN_FILE) -> None:
        self.program.runner.clear_finished()
        self.window.notices.dismiss()
        self.window.actions_table[what].trigger()
        self.until(lambda: not self.program.runner.active, SCANNING_MS)

    def told(self) -> list[str]:
        """Everything that stands on messages and questions right now; closes the latter. The Train dialog stays."""
        dialogs = [
            each for each in self.window.findChildren(QDialog) if each.isVisible() and not isinstance(each, TrainDialog)
        ]
        texts = [*self.messages(), *(text for each in dialogs for text in self.words_of(each))]
        for each in dialogs:
            each.close()
        return texts

    def problem(self) -> list[str]:
        """What stands in the place of the picture."""
        return [label.text() for label in self.window.stage.findChildren(QLabel) if label.isVisible()]

    @staticmethod
    def words_of(dialog: QDialog) -> list[str]:
        """What stands on a dialog, without the marks where a long word may be broken."""
        return [label.text().replace("\u200b", "") for label in dialog.findChildren(QLabel) if label.isVisible()]

    def back(self) -> None:
        """Open the recording with the decision in it again, and see that all is well."""
        media = next(each for each in self.program.db.lists.entries("default") if each.name == self.good.name)
        self.program.controllers.media.open(media)
        self.until_open(self.good.name)
        self.until_idle()
        self.program.runner.clear_finished()
        self.assert_all_is_well()

    def open_fresh(self, number: int) -> Media:
        """A recording that was never scanned."""
        path = recording(self.folder / "fresh", number)
        self.program.controllers.media.add([str(path)])
        self.until_open(path.name)
        self.until_idle()
        return self.state.media

    def open_train_dialog(self) -> TrainDialog:
        """At the class that there is, ready to train."""
        self.window.actions_table[Act.TRAIN].trigger()
        dialog = next(each for each in self.window.findChildren(TrainDialog) if each.isVisible())
        self.until(lambda: dialog.form.classes.count() > 0)
        dialog.form.check(["beep"])
        dialog.form.model.setCurrentIndex(dialog.form.model.findData("LOGMEL"))
        dialog.form.name.clear()
        dialog.form.head.setCurrentIndex(dialog.form.head.findData("logistic"))
        dialog.form.margin_s.setValue(2.0)
        self.until(lambda: dialog.train.isEnabled() and not self.program.runner.active)
        return dialog

    def train(self, dialog: TrainDialog) -> str:
        """Press Train, and Download where that is asked; returns the question."""
        self.until(lambda: dialog.train.isEnabled() and not self.program.runner.active)
        self.program.runner.clear_finished()
        self.window.notices.dismiss()
        dialog.train.click()
        asked = ""
        for question in dialog.findChildren(MessageDialog):
            asked = " ".join(self.words_of(question))
            question.buttons[-1].click()
        self.until(lambda: not self.program.runner.active, SCANNING_MS)
        return asked

    def assert_no_mistake(self) -> None:
        assert not [job for job in self.program.runner.jobs if isinstance(job.error, BugError)]

    def assert_all_is_well(self) -> None:
        """No mistake of ours, nothing lost, and scanning works."""
        self.assert_no_mistake()
        assert [(row.start_s, row.disabled) for row in self.panel.model.rows] == self.decided
        self.scan()
        assert not self.failed_jobs()
        assert [(row.start_s, row.disabled) for row in self.panel.model.rows] == self.decided
