"""Figures of corpus runs in the media lists: loading them, choosing columns, and keeping what is shown true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QDialog, QFileDialog

from core.changes import Changes, Kind
from core.domain.amounts import count_text
from core.domain.features import FeatureColumn
from core.job import JobContext
from core.ops import lists
from ui import settings as keys
from ui.action_table import Act
from ui.jobs.runner import Lane
from ui.main_window.figures import Order, ShownFigures
from ui.main_window.list_reader import ListReader
from ui.main_window.window import MainWindow
from ui.services import Services

if TYPE_CHECKING:
    from core.ops.corpus_load import Loaded
    from ui.dialogs.columns import ColumnsDialog

FIRST_COLUMNS = 3
"""So many columns are shown when nobody has chosen any yet."""


class FiguresController(QObject):
    """One for the window; both lists show the same columns in the same order."""

    def __init__(self, services: Services, window: MainWindow, reader: ListReader) -> None:
        super().__init__(window)
        self._db, self._bridge, self._runner, self._settings = (
            services.db,
            services.bridge,
            services.runner,
            services.settings,
        )
        self._window, self._reader = window, reader
        self._models = (window.media_model, window.pinned_model)
        self._panels = (window.media_panel, window.pinned_panel)
        self.columns: tuple[FeatureColumn, ...] = ()
        for panel in self._panels:
            panel.header.order_changed.connect(self._set_order)
            panel.header.widths_changed.connect(self._keep_widths)
            panel.header.choice_requested.connect(self.choose)
        window.actions_table.connect(Act.LOAD_CORPUS, self.ask_for_folder)
        window.actions_table.connect(Act.LIST_COLUMNS, self.choose)
        services.bridge.changed.connect(self._follow)
        self._refresh()

    # -- what a person asks for ---------------------------------------------------------------------------------------

    def ask_for_folder(self) -> None:
        """Choose the output folder of a corpus run and load it."""
        start = self._settings.get(keys.LAST_OPEN_FOLDER) or str(Path.home())
        folder = QFileDialog.getExistingDirectory(self._window, "Load corpus results", start)
        if folder:
            self._settings.set(keys.LAST_OPEN_FOLDER, folder)
            self.load(folder)

    def load(self, folder: str) -> None:
        """Bring the results of a corpus run into the history, and show some of their columns."""

        def work(ctx: JobContext) -> tuple[Loaded, Changes]:
            from core.ops.corpus_load import load

            return load(self._db, folder, ctx)

        self._runner.submit(
            Lane.IO,
            "Load corpus results",
            work,
            on_done=lambda done: self._loaded(*done),
            on_failed=self._window.notices.complain,
            where=folder,
            folder=folder,
        )

    def choose(self) -> ColumnsDialog:
        """Open the dialog of columns."""
        from ui.dialogs.columns import ColumnsDialog

        chosen = self._settings.get(keys.LIST_COLUMNS)
        dialog = ColumnsDialog(self.columns, chosen, self.ask_for_folder, self._window)
        dialog.finished.connect(
            lambda code: self._chosen(dialog.chosen) if code == QDialog.DialogCode.Accepted else None
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    # -- inside -------------------------------------------------------------------------------------------------------

    def _loaded(self, loaded: Loaded, changes: Changes) -> None:
        if not self._settings.get(keys.LIST_COLUMNS):
            self._settings.set(keys.LIST_COLUMNS, list(loaded.columns[:FIRST_COLUMNS]))
        self._bridge.session.publish(changes)
        self._refresh(widen=True)
        there = {media.id for media in self._reader.media}
        new = [media_id for media_id in loaded.media_ids if media_id not in there]
        text = f"Figures of {count_text(loaded.media, 'file')} are loaded."
        if loaded.unknown:
            text += f" {loaded.unknown:,} are not on this machine, or could not be read."
        if new:
            text += f" {len(new):,} of them are not in this list."
        self._window.notices.tell(text, "success", ("Add them", lambda: self._add(new)) if new else None)

    def _add(self, media_ids: list[int]) -> None:
        list_id = self._reader.open_list
        if list_id is None:
            return
        self._runner.submit(
            Lane.DB,
            "Add files to the list",
            lambda _: lists.add_media(self._db, list_id, media_ids),
            on_done=lambda _: self._bridge.session.publish(lists.LISTS),
            on_failed=self._window.notices.complain,
            quiet=True,
        )

    def _chosen(self, names: list[str]) -> None:
        self._settings.set(keys.LIST_COLUMNS, names)
        self._refresh(widen=True)

    def _set_order(self, order: Order | None) -> None:
        self._settings.set(keys.LIST_ORDER, [order.column, str(order.descending)] if order else [])
        self._show_order()

    def _show_order(self) -> None:
        stored = self._settings.get(keys.LIST_ORDER)
        order = Order(stored[0], stored[1] == str(True)) if len(stored) == 2 else None
        for panel in self._panels:
            panel.show_order(order)

    def _keep_widths(self, widths: dict[str, int]) -> None:
        self._settings.set(keys.LIST_COLUMN_WIDTHS, {**self._settings.get(keys.LIST_COLUMN_WIDTHS), **widths})

    def _follow(self, changes: Changes) -> None:
        if changes.touches(Kind.FEATURES) or (self.columns and changes.touches(Kind.MEDIA)):
            self._refresh()

    def _refresh(self, *, widen: bool = False) -> None:
        """Read the columns and the figures of those that are chosen, on the database lane.

        Args:
            widen: give the lists room for them; only where a person has just asked for them.
        """
        chosen = self._settings.get(keys.LIST_COLUMNS)

        def read(_: object) -> tuple[tuple[FeatureColumn, ...], ShownFigures]:
            columns = self._db.features.columns()
            by_name = {column.name: column for column in columns}
            shown = tuple(by_name[name] for name in chosen if name in by_name)
            return columns, ShownFigures(shown, {each.name: self._db.features.figures(each.name) for each in shown})

        def show(found: tuple[tuple[FeatureColumn, ...], ShownFigures]) -> None:
            self.columns, figures = found
            for panel, model in zip(self._panels, self._models, strict=True):
                panel.header.show_columns(figures.columns, self._settings.get(keys.LIST_COLUMN_WIDTHS))
                model.show_figures(figures)
            self._show_order()
            if widen:
                self._window.widen_lists(self._panels[0].header.wanted_px)

        self._runner.submit(
            Lane.DB,
            "Read the figures",
            read,
            on_done=show,
            on_failed=self._window.notices.complain,
            quiet=True,
            supersedes="figures",
        )
