"""Puts the parts of labelling together: projects, the labelling window, agreement, rounds, and the Label menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PyQt6 import sip
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog

from core.domain.annotation import ItemKind, Project
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.errors import EightCutError
from core.ops import label
from ui import settings as keys
from ui.action_table import Act
from ui.commands.command import Command, Operation
from ui.commands.exchange import Mover
from ui.commands.history import EditHistory
from ui.main_window.scanning import Scanning
from ui.main_window.window import MainWindow
from ui.services import Services

# Most people who cut never label: what labelling is made of is loaded when it is asked for.
if TYPE_CHECKING:
    from ui.annotation.items_form import MediaChoice
    from ui.annotation.labelling_window import LabellingWindow
    from ui.annotation.projects_dialog import ProjectsDialog
    from ui.main_window.label_uses import LabelUses


class Annotating(QObject):
    """Everything about labelling in one window."""

    def __init__(self, services: Services, window: MainWindow, scanning: Scanning, mover: Mover) -> None:
        super().__init__(window)
        self._services, self._db, self._settings = services, services.db, services.settings
        self._window, self._scanning = window, scanning
        self._history: EditHistory = scanning.history
        self._mover = mover
        self.labelling: LabellingWindow | None = None
        self._dialogs: dict[tuple[str, str], QDialog] = {}
        scanning.panel.table.extra_entries.append(("Judge in a labelling project", self.judge_regions))
        connect = window.actions_table.connect
        connect(Act.LABEL_REGIONS, lambda: self.judge_regions(scanning.panel.table.selected_rows))
        connect(Act.LABEL_USE, lambda: self._with_project(self.show_uses))
        connect(Act.LABEL_NOW, self.label_now)
        connect(Act.LABEL_PROJECTS, self.show_projects)
        connect(Act.LABEL_AGREEMENT, lambda: self._with_project(self.show_agreement))
        connect(Act.LABEL_ROUNDS, lambda: self._with_project(self.show_rounds))
        connect(Act.LABEL_DOUBTS, lambda: self._with_project(self.show_doubts))
        window.closing.connect(self._close_labelling)

    @cached_property
    def uses(self) -> LabelUses:
        """What labelled windows and regions of scans are turned into."""
        from ui.main_window.label_uses import LabelUses

        uses = LabelUses(self._services, self._mover, self._window.deck, self._window.notices, self)
        uses.trained.connect(self._trained)
        return uses

    # -- which project ------------------------------------------------------------------------------------------------

    @property
    def project(self) -> Project | None:
        """The one that is worked on: the one chosen last, else the only one."""
        projects = self._db.annotation.projects()
        wanted = self._settings.get(keys.LABEL_PROJECT)
        chosen = next((each for each in projects if each.name == wanted), None)
        return chosen or (projects[0] if len(projects) == 1 else None)

    def _with_project(self, act: Callable[[Project], object]) -> None:
        """Do it with the project that is worked on, or let the person choose or make one first."""
        project = self.project
        if project is None:
            self.show_projects()
        else:
            act(project)

    # -- windows ------------------------------------------------------------------------------------------------------

    def show_projects(self) -> ProjectsDialog:
        """Open the dialog of projects."""
        from ui.annotation.projects_dialog import ProjectsDialog

        dialog = self._dialogs.get(("projects", ""))
        if dialog is None:
            dialog = ProjectsDialog(self._services, self._media_choice, self.uses.push, self._window)
            dialog.label_requested.connect(self.label)
            dialog.agreement_requested.connect(self.show_agreement)
            dialog.rounds_requested.connect(self.show_rounds)
            dialog.doubts_requested.connect(self.show_doubts)
            dialog.windows_requested.connect(self.show_uses)
            dialog.delete_requested.connect(self.delete)
            dialog.restore_requested.connect(self.restore)
            self._dialogs["projects", ""] = dialog
        dialog.reload()
        dialog.show()
        dialog.raise_()
        return dialog

    def label_now(self) -> None:
        """Go on labelling where one stopped; without a project or a name these are asked for."""
        project = self.project
        if project is None or not self._settings.get(keys.LABEL_CODER):
            self.show_projects()
        else:
            self.label(project)

    def label(self, project: Project) -> None:
        """Open the labelling window, or bring it to the front when it is open for the same work."""
        from ui.annotation.labelling_session import LabellingSession
        from ui.annotation.labelling_window import LabellingWindow

        coder, open_one = self._settings.get(keys.LABEL_CODER), self.labelling
        if not coder:
            self.show_projects().ask_who()
            return
        if open_one is not None and not sip.isdeleted(open_one):
            if (open_one.session.project, open_one.session.coder) == (project, coder):
                open_one.raise_()
                open_one.activateWindow()
                return
            if not open_one.close():
                return
        runner, paths = self._services.runner, self._services.paths
        session = LabellingSession(self._db, self._services.bridge, runner, project, coder)
        self.labelling = LabellingWindow(session, runner, paths, self._settings, self._window)
        self.labelling.closing.connect(self._labelling_closed)
        self.labelling.agreement_requested.connect(lambda: self.show_agreement(project))
        self.labelling.show()
        self.labelling.activateWindow()

    def delete(self, project: Project) -> None:
        """Take a project out of sight, and the windows about it; Undo in the main window brings it back."""
        open_one = self.labelling
        labelled = open_one is not None and not sip.isdeleted(open_one) and open_one.session.project.uid == project.uid
        if labelled and not open_one.close():
            return
        for (_, uid), dialog in tuple(self._dialogs.items()):
            if uid == project.uid:
                dialog.close()
        self._push(f"Delete the project {project.name}", *self._both_ways(project))

    def restore(self, project: Project) -> None:
        """Bring a deleted project back."""
        self._push(f"Bring back the project {project.name}", *reversed(self._both_ways(project)))

    def _both_ways(self, project: Project) -> tuple[Operation, Operation]:
        return partial(label.delete_project, self._db, project), lambda: label.restore_project(self._db, project.name)[
            1
        ]

    def _push(self, text: str, forward: Operation, backward: Operation) -> None:
        publish, complain = self._services.session.publish, self._window.notices.complain
        self._services.undo.push(Command(text, forward, backward, publish, complain))

    def show_agreement(self, project: Project) -> None:
        """Open the dialog of agreement."""
        from ui.annotation.agreement_dialog import AgreementDialog

        self._open("agreement", project, lambda: AgreementDialog(*self._judging(project)))

    def show_doubts(self, project: Project) -> None:
        """Open the labels that are likely wrong."""
        from ui.annotation.doubts_dialog import DoubtsDialog

        self._open("doubts", project, lambda: DoubtsDialog(*self._judging(project)))

    def show_rounds(self, project: Project) -> None:
        """Open the dialog of rounds."""
        from ui.annotation.rounds_dialog import RoundsDialog

        def make() -> RoundsDialog:
            dialog = RoundsDialog(self._services, project, self._window)
            dialog.label_requested.connect(self.label)
            dialog.doubts_requested.connect(self.show_doubts)
            return dialog

        # A round may still be running in it.
        self._open("rounds", project, make)
        self._dialogs["rounds", project.uid].reload()

    def show_uses(self, project: Project) -> None:
        """Open the dialog that asks what labelled windows are for."""
        if project.kind is ItemKind.WINDOW:
            self._open("uses", project, lambda: self.uses.show_dialog(project, self._window))
        else:
            self._window.notices.tell(f"{project.name} is about pictures; only windows of sound can be used like this.")

    def judge_regions(self, rows: Sequence[RegionRow]) -> None:
        """Let regions of the open file be judged in the project that is worked on."""
        media, project = self._services.session.media, self.project
        if media is None or not rows:
            self._window.notices.tell("Select regions in the scan results first.")
        elif project is None or project.kind is not ItemKind.WINDOW:
            self._window.notices.tell(
                "Regions are judged in a project of windows: choose or make one.",
                action=("Projects…", self.show_projects),
            )
        else:
            self.uses.judge_regions(project, media, rows)

    def _trained(self, name: str) -> None:
        self._scanning.jobs.choose(name)
        self._window.notices.tell(f"{name} scans from now on.", "success")

    def _judging(self, project: Project) -> tuple:
        """What a dialog in which items are judged is made of."""
        coder = self._settings.get(keys.LABEL_CODER)
        return self._services, self._history, project, coder, self._window

    def _open(self, kind: str, project: Project, make: Callable[[], QDialog]) -> None:
        """One dialog of each kind and project; those in which items are shown are made anew each time."""
        dialog = self._dialogs.get((kind, project.uid))
        if dialog is None:
            dialog = self._dialogs[kind, project.uid] = make()
            if kind != "rounds":
                dialog.finished.connect(lambda _: self._dialogs.pop((kind, project.uid)).deleteLater())
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    # -- closing ------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Store what was answered and is not in the history yet; before the work is stopped."""
        if self.labelling is not None and not sip.isdeleted(self.labelling):
            try:
                self.labelling.session.flush()
            except EightCutError as error:
                self._window.notices.complain(error)

    def _close_labelling(self) -> None:
        for dialog in tuple(self._dialogs.values()):
            dialog.close()
        if self.labelling is not None and not sip.isdeleted(self.labelling):
            self.labelling.close()

    def _labelling_closed(self) -> None:
        self.labelling = None

    def _media_choice(self) -> MediaChoice:
        from ui.annotation.items_form import MediaChoice

        rows = self._window.media_panel.selected_entries()
        return MediaChoice(tuple(self._window.media_model.media), tuple(row for row in rows if isinstance(row, Media)))
