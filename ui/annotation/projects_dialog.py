"""All labelling projects: make one, fill it with items, say who one is, and go to work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.amounts import count_text
from core.domain.annotation import ItemKind, Project
from core.errors import EightCutError
from core.job import JobContext
from core.ops import label, label_items
from core.ops.label_exchange import ImportSummary
from core.ops.label_overview import Overview, overviews
from ui import settings as keys
from ui.annotation.bring_back import BringBackButton
from ui.annotation.coder_field import CoderField
from ui.annotation.form_page import FormPage
from ui.annotation.items_form import ItemsForm, MediaChoice, NewItems
from ui.annotation.label_transfer import LabelTransfer
from ui.annotation.project_form import NewProject, ProjectForm
from ui.annotation.project_menu import ProjectMenu, Push
from ui.annotation.project_page import ProjectPage
from ui.dialogs.messages import complain
from ui.jobs.row import show_progress, status_text
from ui.jobs.runner import Job, Lane
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.theme import Space
from ui.widgets.empty_state import EmptyState

DEFAULT_SIZE_PX = (900, 620)


class _ProjectList(QListWidget):
    """Names, each with how many of its items are labelled."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Projects")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def show_projects(self, found: Sequence[Overview], wanted: str) -> None:
        """Silent; `wanted` or the first one becomes the chosen one."""
        blocked = self.blockSignals(True)
        self.clear()
        for each in found:
            row = QListWidgetItem(f"{each.project.name}   {each.labelled:,} / {each.items:,}")
            row.setData(Qt.ItemDataRole.UserRole, each.project.name)
            row.setToolTip(each.project.name)
            self.addItem(row)
        names = [each.project.name for each in found]
        self.setCurrentRow(names.index(wanted) if wanted in names else 0)
        self.blockSignals(blocked)

    @property
    def chosen_name(self) -> str:
        row = self.currentItem()
        return row.data(Qt.ItemDataRole.UserRole) if row is not None else ""


class ProjectsDialog(QDialog):
    """The list on the left, the chosen project or the form of a new one on the right."""

    label_requested = pyqtSignal(object)
    agreement_requested = pyqtSignal(object)
    rounds_requested = pyqtSignal(object)
    doubts_requested = pyqtSignal(object)
    windows_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(object)
    restore_requested = pyqtSignal(object)
    """All with the project."""

    def __init__(
        self, services: Services, media: Callable[[], MediaChoice], push: Push, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._db, self._runner, self._settings, self._media = services.db, services.runner, services.settings, media
        self._session = services.session
        self._found: dict[str, Overview] = {}
        self._job: Job | None = None
        self.setWindowTitle("Labelling projects")
        self.resize(*DEFAULT_SIZE_PX)
        self.coder = CoderField()
        self.list = _ProjectList()
        self.page = ProjectPage()
        self.form = ProjectForm()
        self.items = ItemsForm()
        self.empty = EmptyState(
            "Let people judge pictures or sounds",
            "Make a project: questions with a few answers each. Add the videos of the open list to it. Then every "
            "coder judges one item after the other, in an order of their own, with one key for each answer.",
            ("New project…", self.ask_for_new),
            ("Import labels…", lambda: self.transfer.ask_for_import()),
        )
        self.form_page = FormPage("A new project", self.form, "Create")
        self.items_page = FormPage("Add items", self.items, "Add items")
        self.transfer = LabelTransfer(services.db, services.runner, services.settings, self)
        self.menu = ProjectMenu(services.db, push, lambda: self.chosen, self)
        self.new = QPushButton("New project…")
        self.import_ = QPushButton("Import labels…")
        self.bring_back = BringBackButton()
        self.dismiss = QPushButton("Close")
        self.status = QLabel()
        self.status.setProperty("muted", True)
        self.status.setWordWrap(True)
        self.progress = QProgressBar()
        self.cancel = QPushButton("Cancel")
        self._lay_out()
        self._connect(services.bridge)
        self._show_running(False)
        self.reload()

    # -- reading ------------------------------------------------------------------------------------------------------

    def reload(self, wanted: str = "") -> None:
        """Read the projects again, in the background, and show `wanted` or the one that is shown."""
        self._runner.submit(
            Lane.DB,
            "Read projects",
            lambda ctx: overviews(self._db, ctx),
            on_done=partial(self._show, wanted),
            on_failed=self._failed,
            quiet=True,
            # Every answer of a labelling window asks for it; one that names a project is never dropped.
            supersedes=None if wanted else "projects",
        )

    def _show(self, wanted: str, found: Sequence[Overview]) -> None:
        wanted = wanted or self.list.chosen_name or self._settings.get(keys.LABEL_PROJECT)
        self._found = {each.project.name: each for each in found}
        self.list.show_projects(found, wanted)
        coders = {work.name for each in found for work in each.coders}
        self.coder.show_names(coders, self._settings.get(keys.LABEL_CODER))
        self.bring_back.show_projects(self._db.annotation.deleted_projects())
        self._side.setVisible(bool(found))
        self.coder.setVisible(bool(found))
        if self._pages.currentWidget() not in (self.form_page, self.items_page):
            self._show_chosen()

    @property
    def chosen(self) -> Overview | None:
        return self._found.get(self.list.chosen_name)

    def _show_chosen(self) -> None:
        found = self.chosen
        if found is None:
            self._pages.setCurrentWidget(self.empty)
            return
        self._settings.set(keys.LABEL_PROJECT, found.project.name)
        self.page.show_overview(found, self.coder.name)
        self._pages.setCurrentWidget(self.page)

    def _follow_changes(self, changes: Changes) -> None:
        if changes.touches(Kind.LABELS) and self.isVisible():
            self.reload()

    # -- who, and what to do ------------------------------------------------------------------------------------------

    def _coder_edited(self, name: str) -> None:
        self._settings.set(keys.LABEL_CODER, name)
        if self.chosen is not None and self._pages.currentWidget() is self.page:
            self.page.show_overview(self.chosen, name)

    def ask_who(self) -> None:
        """Nobody labels without a name."""
        self.status.setText("Say who you are first: type your name above the projects.")
        self.coder.ask()

    def _label(self) -> None:
        if not self._settings.get(keys.LABEL_CODER):
            self.ask_who()
            return
        self.status.clear()
        self.label_requested.emit(self.chosen.project)

    def _ask(self, signal) -> None:
        if self.chosen is not None:
            signal.emit(self.chosen.project)

    def _switch(self, show_picture: bool, assisted: bool) -> None:
        project = replace(self.chosen.project, show_picture=show_picture, assisted=assisted)
        self._submit("Change a project", lambda _: label.change_project(self._db, project)[1], self._session.publish)

    def _delete(self) -> None:
        self.status.setText(f"{self.chosen.project.name} is deleted with all its labels, and can be brought back.")
        self._ask(self.delete_requested)

    # -- a new project ------------------------------------------------------------------------------------------------

    def ask_for_new(self) -> None:
        """Show the form of a new project."""
        self.form.clear()
        self._pages.setCurrentWidget(self.form_page)

    def _create(self) -> None:
        def done(result: tuple[Project, Changes]) -> None:
            project, changes = result
            self._session.publish(changes)
            self._pages.setCurrentWidget(self.page)
            self._submit(
                "Read projects",
                lambda ctx: overviews(self._db, ctx),
                lambda found: (self._show(project.name, found), self.ask_for_items()),
                quiet=True,
            )

        self._submit("Make a project", partial(_make, self._db, self.form.values), done)

    # -- items --------------------------------------------------------------------------------------------------------

    def ask_for_items(self) -> None:
        """Show the form for adding items to the chosen project."""
        found = self.chosen
        if found is None:
            return
        choice, profile = self._media(), self._session.profile
        self.items.show_choice(found.project.kind, choice)
        if found.project.kind is ItemKind.WINDOW:
            ids = [media.id for media in choice.listed]
            self._submit(
                "Look for scans", lambda ctx: _classifiers(self._db, profile, ids, ctx), self.items.show_classifiers
            )
        self.items_page.title.setText(f"Add items to {found.project.name}")
        self._pages.setCurrentWidget(self.items_page)

    def _add_items(self) -> None:
        project, values, profile = self.chosen.project, self.items.values, self._session.profile
        work = partial(_add, self._db, profile, project, values)

        def done(result: tuple[int, Changes]) -> None:
            added, changes = result
            some = count_text(added, "item was added.", "items were added.")
            self._ended(some if added else "Nothing new was found in these files.")
            self._pages.setCurrentWidget(self.page)
            self._session.publish(changes)
            self.reload(project.name)

        self._job = self._submit(f"Add items to {project.name}", work, done, Lane.IO)
        self._show_running(not self._job.state.final)

    def _imported(self, summary: ImportSummary, changes: Changes) -> None:
        self._pages.setCurrentWidget(self.page)
        self._session.publish(changes)
        self.reload(summary.project.name)

    def _leave_form(self) -> None:
        self._pages.setCurrentWidget(self.page if self._found else self.empty)
        self._show_chosen()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _submit(self, title: str, work, on_done, lane: Lane = Lane.DB, quiet: bool = False) -> Job:
        return self._runner.submit(
            lane,
            title,
            work,
            on_done=on_done,
            on_failed=self._failed,
            on_cancelled=lambda: self._ended("Cancelled. What was added stays."),
            quiet=quiet,
        )

    def _failed(self, error: EightCutError) -> None:
        self._ended("")
        complain(self, error)

    def _ended(self, text: str) -> None:
        self._job = None
        self._show_running(False)
        self.status.setText(text)

    def _show_running(self, running: bool) -> None:
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        self.items_page.setEnabled(not running)

    def _job_changed(self, job: Job) -> None:
        if job is self._job:
            show_progress(self.progress, job.progress.fraction)
            self.status.setText(status_text(job))

    def _connect(self, bridge: SessionBridge) -> None:
        page = self.page
        page.label_requested.connect(self._label)
        page.items_requested.connect(self.ask_for_items)
        page.export_requested.connect(lambda: self.transfer.ask_for_export(self.chosen.project))
        self.transfer.told.connect(self.status.setText)
        self.transfer.failed.connect(self._failed)
        self.transfer.imported.connect(self._imported)
        page.switched.connect(self._switch)
        page.delete_requested.connect(self._delete)
        self.bring_back.chosen.connect(self.restore_requested)
        self.bring_back.chosen.connect(lambda project: self.reload(project.name))
        for wanted, signal in (
            (page.agreement_requested, self.agreement_requested),
            (page.rounds_requested, self.rounds_requested),
            (page.doubts_requested, self.doubts_requested),
            (page.windows_requested, self.windows_requested),
        ):
            wanted.connect(lambda signal=signal: self._ask(signal))
        self.list.currentRowChanged.connect(lambda _: self._show_chosen())
        self.coder.edited.connect(self._coder_edited)
        self.form_page.accepted.connect(self._create)
        self.items_page.accepted.connect(self._add_items)
        for form in (self.form_page, self.items_page):
            form.left.connect(self._leave_form)
        self.new.clicked.connect(self.ask_for_new)
        self.list.customContextMenuRequested.connect(
            lambda place: self.menu.show_project(self.list.viewport().mapToGlobal(place))
        )
        page.coder_menu_requested.connect(self.menu.show_coder)
        self.import_.clicked.connect(self.transfer.ask_for_import)
        self.cancel.clicked.connect(lambda: self._job.cancel() if self._job else None)
        self.dismiss.clicked.connect(self.accept)
        self._runner.job_changed.connect(self._job_changed)
        bridge.changed.connect(self._follow_changes)

    def _lay_out(self) -> None:
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(Space.S)
        side.addWidget(self.list, 1)
        for button in (self.new, self.import_):
            side.addWidget(button)
        right = QWidget()
        self._pages = QStackedLayout(right)
        for page in (self.empty, self.page, self.form_page, self.items_page):
            self._pages.addWidget(page)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        halves.addWidget(self._side)
        halves.addWidget(right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([240, DEFAULT_SIZE_PX[0] - 240])
        right.setContentsMargins(Space.M, 0, 0, 0)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(self.status, 1)
        for button in (self.bring_back, self.cancel, self.dismiss, self.new, self.import_):
            button.setAutoDefault(False)
        below.addWidget(self.bring_back)
        below.addWidget(self.cancel)
        below.addWidget(self.dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.coder)
        column.addWidget(halves, 1)
        column.addWidget(self.progress)
        column.addLayout(below)


def _make(db: ProcessedDB, values: NewProject, _: JobContext) -> tuple[Project, Changes]:
    """Make what was filled in; runs on a worker."""
    return label.create_project(
        db,
        values.name,
        values.kind,
        values.tasks,
        screener=values.screener,
        overlap=values.overlap,
        repeats=values.repeats,
        show_picture=values.show_picture,
    )


def _classifiers(db: ProcessedDB, profile: str, media_ids: Sequence[int], ctx: JobContext) -> list[str]:
    """Names of those that have scanned any of these media; runs on a worker."""
    profile_id, names = db.profiles.id_of(profile), set()
    for media_id in media_ids:
        ctx.check()
        names.update(db.scans.models(profile_id, media_id))
    return sorted(names)


def _add(db: ProcessedDB, profile: str, project: Project, values: NewItems, ctx: JobContext) -> tuple[int, Changes]:
    """Add what was chosen; runs on a worker."""
    if project.kind is ItemKind.FRAME:
        return label_items.add_frames(db, project, values.media_ids, values.per_video, ctx)
    if not values.classifier:
        return label_items.add_windows(db, project, values.media_ids, values.window_s, values.hop_s, ctx)
    if values.scores:
        found = (profile, values.classifier, values.scores)
        return label_items.add_scan_windows(db, project, values.media_ids, *found, ctx=ctx)
    return label_items.add_regions(db, project, values.media_ids, profile, values.classifier, ctx)
