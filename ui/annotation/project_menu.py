"""What else can be done with a project or one of its coders, in a menu; all of it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PyQt6.QtCore import QObject, QPoint
from PyQt6.QtWidgets import QMenu, QWidget

from core.changes import Changes
from core.db import ProcessedDB
from core.domain.annotation import Project
from core.ops import label
from core.ops.label_overview import Overview
from ui.dialogs.prompt import Prompt

Operation = Callable[[], Changes]
Push = Callable[[str, Operation, Operation], None]
"""Does an operation so that it can be undone: a text, forwards, backwards."""


class ProjectMenu(QObject):
    """`chosen` is the overview of the project that is meant, None for none."""

    def __init__(self, db: ProcessedDB, push: Push, chosen: Callable[[], Overview | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._db, self._push, self._chosen, self._window = db, push, chosen, parent

    def show_project(self, place: QPoint) -> None:
        """For the chosen project, at a place of the screen."""
        found = self._chosen()
        if found is not None:
            menu = self._menu()
            menu.addAction("Rename…", partial(self.ask_for_name, found.project))
            menu.popup(place)

    def show_coder(self, name: str, place: QPoint) -> None:
        """For a coder of the chosen project."""
        found = self._chosen()
        if found is not None:
            away = any(coder.name == name and coder.away for coder in self._db.annotation.team(found.project.id))
            menu = self._menu()
            text = f"{name} is back" if away else f"{name} has left: others get what is not labelled yet"
            menu.addAction(text, partial(self.set_away, found.project, name, not away))
            menu.popup(place)

    def ask_for_name(self, project: Project) -> None:
        taken = {each.name for each in self._db.annotation.projects()} - {project.name}
        prompt = Prompt(
            self._window,
            "Rename project",
            "Name",
            project.name,
            "Rename",
            check=lambda text: "There is a project of this name already." if text in taken else "",
        )
        prompt.entered.connect(partial(self.rename, project))
        prompt.open()

    def rename(self, project: Project, name: str) -> None:
        change = partial(label.change_project, self._db)
        self._push(
            f"Rename {project.name}",
            lambda: change(replace(project, name=name))[1],
            lambda: change(project)[1],
        )

    def set_away(self, project: Project, coder: str, away: bool) -> None:
        """Whether others get what this coder has not labelled."""
        turn = partial(label.set_away, self._db, project, coder)
        self._push(f"{coder} {'leaves' if away else 'comes back'}", partial(turn, away), partial(turn, not away))

    def _menu(self) -> QMenu:
        menu = QMenu(self._window)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu
