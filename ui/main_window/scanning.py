"""Puts the parts of finding a sound together: the panel of results, its edits, the jobs, and the Scan menu."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QDialog, QFileDialog, QMenu

from core.changes import Changes, Kind
from ui import settings as keys
from ui.action_table import Act
from ui.commands.history import EditHistory
from ui.dialogs.messages import MessageDialog
from ui.main_window.commands import Controllers
from ui.main_window.cutting_state import CuttingState
from ui.main_window.scan_results.panel import ScanResultsPanel
from ui.main_window.scan_results.region_edits import RegionEdits
from ui.main_window.scan_results.results_controller import ResultsController
from ui.main_window.scan_results.scan_jobs import ScanJobs
from ui.main_window.undo_notices import UndoNotices
from ui.main_window.window import MainWindow
from ui.player.player import Player
from ui.services import Services

# A mark of which only the moment is known plays this long.
SHORT_S = 2.0


class Scanning(QObject):
    """Everything about scanning in one window."""

    def __init__(
        self, services: Services, window: MainWindow, state: CuttingState, player: Player, controllers: Controllers
    ) -> None:
        super().__init__(window)
        self._services, self._session, self._settings = services, services.session, services.settings
        self._window = window
        self._controllers = controllers
        self.train_dialogs: dict[str, QDialog] = {}
        self.negatives_dialogs: dict[str, QDialog] = {}
        self.weights_dialog: QDialog | None = None
        self.history = EditHistory(services.undo, self)
        self.panel = ScanResultsPanel()
        window.add_right_pane(self.panel)
        db, bridge, runner, notices = services.db, services.bridge, services.runner, window.notices
        edits = RegionEdits(db, self.history, runner, services.session.publish, notices.complain, self)
        self.results = ResultsController(
            db, bridge, runner, state, player, controllers.playback, notices, edits, self.history.holds
        )
        self.results.show_in(self.panel, window.timeline, controllers.timeline)
        UndoNotices(self.history, services.session, notices, controllers.media.open, window.profile_chosen.emit)
        self.jobs = ScanJobs(db, services.paths, bridge, runner, services.settings, notices, self)
        self.jobs.join(window.deck, controllers.export, state)
        self._connect()
        self._bind()

    def _connect(self) -> None:
        self.results.export_requested.connect(self.jobs.export)
        self.panel.scan_requested.connect(self.jobs.scan_open)
        self.panel.train_requested.connect(self.train)
        self.jobs.train_wanted.connect(self.train)
        self.jobs.shown.connect(self._show_results)
        self.jobs.classifier_changed.connect(self.panel.set_classifier)
        bridge = self._services.bridge
        bridge.focus_changed.connect(self._show_classifier)
        bridge.changed.connect(lambda changes: self._show_classifier() if changes.touches(Kind.MODELS) else None)
        self._show_classifier()
        self.jobs.listed.connect(lambda: self._session.publish(Changes.of(Kind.LISTS)))

    def _bind(self) -> None:
        actions = self._window.actions_table
        actions.connect(Act.TRAIN, self.train)
        actions.connect(Act.SCAN_FILE, self.jobs.scan_open)
        actions.connect(Act.SCAN_ALL, self.jobs.scan_list)
        actions.connect(Act.SCAN_FOLDER, self._choose_folder)
        actions.connect(Act.SCAN_EXPORT, self._ask_to_export)
        actions.connect(Act.NEXT_REGION, self.results.review.next_region)
        actions.connect(Act.PREVIOUS_REGION, lambda: self.results.review.step(-1))
        actions.connect(Act.REVIEW, self._switch_review)
        actions.connect(Act.NEGATIVES, self.manage_negatives)
        actions.connect(Act.WEIGHTS, self.show_weights)
        right = actions[Act.RIGHT_PANEL]
        actions.connect(Act.RIGHT_PANEL, lambda: self._window.set_right_panel(right.isChecked()))
        right.setChecked(self._settings.get(keys.RIGHT_PANEL))
        self.panel.review_toggled.connect(actions[Act.REVIEW].setChecked)
        self._choice = QMenu("&Classifier", self._window)
        menu = self._window.menus["scan"]
        menu.insertMenu(actions[Act.SCAN_FILE], self._choice)
        menu.aboutToShow.connect(self._fill_choice)

    def _show_classifier(self) -> None:
        self.panel.set_classifier(self.jobs.chosen)

    def train(self) -> None:
        """Open the Train dialog."""
        from ui.training.train_dialog import TrainDialog

        profile = self._session.profile
        if profile not in self.train_dialogs:
            dialog = TrainDialog(self._services, self._window, self.manage_negatives)
            dialog.trained.connect(partial(self._trained, profile))
            dialog.restored.connect(partial(self._restored, profile))
            dialog.accepted.connect(self._offer_scan)
            self.train_dialogs[profile] = dialog
        self.train_dialogs[profile].refresh()
        self.train_dialogs[profile].open()

    def manage_negatives(self) -> None:
        """Open the dialog of hard negatives."""
        from ui.training.negatives_dialog import HardNegativesDialog

        profile = self._session.profile
        if profile not in self.negatives_dialogs:
            dialog = HardNegativesDialog(
                self._services.db, self._services.bridge, self._services.runner, self.history, self._window
            )
            dialog.play_requested.connect(self._play_mark)
            self.negatives_dialogs[profile] = dialog
        self.negatives_dialogs[profile].reload()
        self.negatives_dialogs[profile].open()

    def show_weights(self) -> None:
        """Open the dialog of the weights of all models."""
        from ui.training.weights_dialog import WeightsDialog

        if self.weights_dialog is None:
            self.weights_dialog = WeightsDialog(self._services.paths, self._services.runner, self._window)
        self.weights_dialog.refresh()
        self.weights_dialog.open()

    def _choose_folder(self) -> None:
        start = self._settings.get(keys.LAST_OPEN_FOLDER) or str(Path.home())
        folder = QFileDialog.getExistingDirectory(self._window, "Scan a folder", start)
        if folder:
            self._settings.set(keys.LAST_OPEN_FOLDER, folder)
            self.jobs.scan_folder(folder)

    def _ask_to_export(self) -> None:
        """Many clips without a look in between deserve a question; without a classifier there is nothing to ask."""
        if not self.jobs.ready():
            return
        folder = self._window.deck.values.settings.folder
        by = {"only": " with speech", "without": " without speech"}.get(self._settings.get(keys.SPEECH_FILTER), "")
        question = MessageDialog(
            self._window,
            "Scan and export all",
            "Cut everything that is found?",
            (
                f"Every file of the open list is scanned with {self.jobs.chosen}, and all "
                f"regions{by} are cut to {folder} with the settings of the export deck. "
                "Disabled and negative regions are left out.",
            ),
            ("Cancel", "Scan and export"),
            glyph="question",
        )
        question.accepted.connect(lambda: self.jobs.scan_and_export() if question.choice == 1 else None)
        question.finished.connect(question.deleteLater)
        question.open()

    def _trained(self, profile: str, name: str) -> None:
        """The newest classifier is the one that scans, where it belongs to the profile that is open by now."""
        if profile == self._session.profile:
            self.jobs.choose(name)
            self._offer_scan()
        else:
            self._window.notices.tell(f"{name} is trained. It belongs to the profile {profile}.", "success")

    def _restored(self, profile: str, name: str) -> None:
        """What an older version finds shows at once."""
        if profile == self._session.profile:
            self.jobs.choose(name)
            if self._session.media is not None:
                self.jobs.scan_open()

    def _offer_scan(self) -> None:
        scan = ("Scan this file", self.jobs.scan_open) if self._session.media else None
        self._window.notices.tell(f"{self.jobs.chosen} scans from now on.", "success", scan)

    def _play_mark(self, mark: Mapping[str, Any]) -> None:
        """Hear a hard negative, in whichever file it is."""
        media, start_s = self._services.db.media.get(mark["media_id"]), mark["start_time"]
        if media == self._session.media:
            self.results.review.play_span(start_s, max(mark["end_time"] or 0.0, start_s + SHORT_S))
        else:
            self._controllers.media.open(media, start_s)

    def _show_results(self, label: str) -> None:
        action = self._window.actions_table[Act.RIGHT_PANEL]
        if not action.isChecked():
            action.trigger()
        self.results.show_model(label)
        self.results.reload()

    def _switch_review(self) -> None:
        action = self._window.actions_table[Act.REVIEW]
        if action.isChecked():
            panel = self._window.actions_table[Act.RIGHT_PANEL]
            if not panel.isChecked():
                panel.trigger()
            if not self.panel.review.isEnabled() or self.panel.scan is None:
                action.setChecked(False)
                self.results.review.next_region()
                return
        self.panel.review.setChecked(action.isChecked())

    def _fill_choice(self) -> None:
        """The trained classifiers, as they are now."""
        self._choice.clear()
        group = QActionGroup(self._choice)
        names, chosen = self.jobs.names(), self.jobs.chosen
        for name in names:
            action = self._choice.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == chosen)
            action.triggered.connect(lambda _checked=False, name=name: self.jobs.choose(name))
            group.addAction(action)
        self._choice.setEnabled(bool(names))
