"""What was marked as not the sound: look, listen, take back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.ops import negatives
from ui.commands.command import Command
from ui.commands.history import EditHistory
from ui.dialogs.messages import MessageDialog, complain
from ui.jobs.runner import Lane, Runner
from ui.session_bridge import SessionBridge
from ui.theme import Space
from ui.training.negatives_model import ALL, MARK_ROLE, Column, NegativesFilter, NegativesModel, model_text
from ui.widgets.empty_state import EmptyState

DEFAULT_SIZE_PX = (900, 560)


class HardNegativesDialog(QDialog):
    """The hard negatives of the profile it was opened in. Deleting is undone here, or in the window later."""

    play_requested = pyqtSignal(object)
    """A mark to listen to, as `ProcessedDB.get_hard_negatives` gives it."""

    def __init__(
        self,
        db: ProcessedDB,
        bridge: SessionBridge,
        runner: Runner,
        history: EditHistory,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._db, self._runner, self._history = db, runner, history
        self._session = bridge.session
        self.profile = bridge.session.profile
        self.setWindowTitle(f"Hard negatives — {self.profile}")
        self.resize(*DEFAULT_SIZE_PX)
        self.model = NegativesModel(self)
        self.filter = NegativesFilter(self.model)
        self.sources = QComboBox()
        self.sources.setAccessibleName("Found by")
        self.sources.addItem(ALL, None)
        self.count = QLabel()
        self.count.setProperty("muted", True)
        self.table = self._build_table()
        self.empty = EmptyState(
            "No hard negatives",
            "Press N on a wrong hit in the scan results: the next training learns that it is not the sound.",
        )
        self.delete_selected = QPushButton("Delete Selected")
        self.clear_all = QPushButton("Clear All…")
        self.undo = QPushButton("Undo")
        self.dismiss = QPushButton("Close")
        self._lay_out()
        self.sources.currentIndexChanged.connect(self._filter_changed)
        self.table.clicked.connect(self._play)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_count())
        self.delete_selected.clicked.connect(lambda: self._delete(self.selected_ids))
        self.clear_all.clicked.connect(self._ask_to_clear)
        self.undo.clicked.connect(lambda: history.undo_of(self._key))
        self.dismiss.clicked.connect(self.accept)
        history.can_undo_changed.connect(lambda _: self._show_count())
        bridge.changed.connect(self._follow_changes)
        self.reload()

    # -- reading ------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the marks again, in the background."""
        self._runner.submit(
            Lane.DB,
            "Read hard negatives",
            lambda _: negatives.marked(self._db, self.profile),
            on_done=self._show,
            on_failed=partial(complain, self),
            quiet=True,
            supersedes="hard-negatives",
        )

    def _show(self, marks: list) -> None:
        self.model.show(marks)
        wanted = self.sources.currentData()
        blocked = self.sources.blockSignals(True)
        self.sources.clear()
        self.sources.addItem(ALL, None)
        for model in self.model.models:
            self.sources.addItem(model_text(model), model)
        self.sources.setCurrentIndex(max(0, self.sources.findData(wanted)) if wanted is not None else 0)
        self.sources.blockSignals(blocked)
        self._filter_changed()

    def _filter_changed(self) -> None:
        self.filter.set_source_model(self.sources.currentData())
        self._show_count()

    def _show_count(self) -> None:
        shown, total, selected = self.filter.rowCount(), self.model.rowCount(), len(self.selected_ids)
        text = _marks(shown) if shown == total else f"{shown:,} of {_marks(total)}"
        self.count.setText(f"{text}, {selected:,} selected" if selected else text)
        self._pages.setCurrentWidget(self.table if total else self.empty)
        self.delete_selected.setEnabled(selected > 0)
        self.clear_all.setEnabled(shown > 0)
        self.undo.setEnabled(self._history.can_undo_of(self._key))

    def _follow_changes(self, changes: Changes) -> None:
        if changes.touches(Kind.NEGATIVES) and self.isVisible():
            self.reload()

    # -- acting -------------------------------------------------------------------------------------------------------

    @property
    def selected_ids(self) -> list[int]:
        """Of the selected rows; one that the filter hides is never among them."""
        return [index.data(MARK_ROLE)["id"] for index in self.table.selectionModel().selectedRows()]

    @property
    def _key(self) -> tuple[str, str]:
        return "hard-negatives", self.profile

    def _play(self, index: QModelIndex) -> None:
        self.play_requested.emit(index.data(MARK_ROLE))

    def _delete(self, ids: Sequence[int]) -> None:
        if not ids:
            return
        ids = tuple(ids)
        command = Command(
            f"Delete {_marks(len(ids))}",
            lambda: negatives.unmark(self._db, ids)[1],
            lambda: negatives.restore(self._db, ids)[1],
            self._session.publish,
            partial(complain, self),
        )
        self._history.push(self._key, command)

    def _ask_to_clear(self) -> None:
        """Only what the filter shows goes, and the question says what and how many."""
        ids, model = self.filter.ids, self.sources.currentData()
        whose = "" if model is None else f" found by {model_text(model)}"
        question = MessageDialog(
            self,
            "Clear hard negatives",
            f"Delete {_marks(len(ids))}{whose}?",
            (f"They are those of the profile {self.profile}. Undo brings them back.",),
            ("Cancel", f"Delete {len(ids):,}"),
            glyph="warning",
            token="warning",
            danger=True,
        )
        question.accepted.connect(lambda: self._delete(ids) if question.choice == 1 else None)
        question.finished.connect(question.deleteLater)
        question.open()

    # -- building -----------------------------------------------------------------------------------------------------

    def _build_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.filter)
        table.setColumnHidden(Column.ID, True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSortingEnabled(True)
        table.sortByColumn(Column.FILE, Qt.SortOrder.AscendingOrder)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setWordWrap(False)
        table.setAccessibleName("Hard negatives")
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(Column.FILE, QHeaderView.ResizeMode.Stretch)
        for column, width in ((Column.TIME, 110), (Column.MODEL, 200), (Column.DATE, 150)):
            table.setColumnWidth(column, width)
        return table

    def _lay_out(self) -> None:
        title = QLabel("Found by")
        title.setProperty("muted", True)
        title.setBuddy(self.sources)
        self.sources.setMinimumWidth(200)
        above = QHBoxLayout()
        above.setSpacing(Space.S)
        above.addWidget(title)
        above.addWidget(self.sources)
        above.addWidget(self.count, 1)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        for button in (self.delete_selected, self.clear_all, self.undo):
            button.setAutoDefault(False)
            below.addWidget(button)
        below.addStretch()
        self.dismiss.setDefault(True)
        below.addWidget(self.dismiss)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(above)
        column.addLayout(self._pages, 1)
        column.addLayout(below)


def _marks(count: int) -> str:
    return "1 hard negative" if count == 1 else f"{count:,} hard negatives"
