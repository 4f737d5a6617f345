"""The app's trash: what is in it, bringing some of it back, and emptying it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text, size_text
from core.domain.trash import TrashItem, TrashTotals
from ui.theme.tokens import Space
from ui.widgets.empty_state import EmptyState
from ui.widgets.tables import table_of

SIZE_PX = (760, 460)
_CLIP = Qt.ItemDataRole.UserRole


class TrashDialog(QDialog):
    """A row per file. It asks by signals; whoever answers calls `show_items` again."""

    restore_requested = pyqtSignal(tuple)
    """The ids of the chosen clips."""
    purge_requested = pyqtSignal(object)
    """Days that what goes must have been here, None for everything."""

    def __init__(self, days: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Trash")
        self.resize(*SIZE_PX)
        self.totals = QLabel()
        self.totals.setProperty("title", True)
        self.table = table_of("Files in the trash", ("File", "Was in", "Deleted", "Size"), words=True, stretch=(1,))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.itemSelectionChanged.connect(self._selection_changed)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.table)
        self._pages.addWidget(EmptyState("The trash is empty", "Deleted and overwritten clips wait here to come back."))
        self.restore_button = QPushButton("Restore")
        self.restore_button.clicked.connect(lambda: self.restore_requested.emit(self._chosen()))
        self.old_button = QPushButton(f"Empty what is older than {days} days…")
        self.old_button.clicked.connect(lambda: self.purge_requested.emit(days))
        self.empty_button = QPushButton("Empty the trash…")
        self.empty_button.setProperty("danger", True)
        self.empty_button.clicked.connect(lambda: self.purge_requested.emit(None))
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        for button in (self.restore_button, self.old_button, self.empty_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.totals)
        column.addWidget(pages, 1)
        column.addLayout(buttons)

    def show_items(self, items: Sequence[TrashItem], totals: TrashTotals, old: TrashTotals) -> None:
        """`old` is how much has been there for longer than the days of the button."""
        files = count_text(totals.files, "file")
        shown = f" · the last {len(items):,} are shown" if len(items) < totals.files else ""
        self.totals.setText(f"{files}, {size_text(totals.size_bytes)}{shown}" if totals.files else "")
        self.table.setRowCount(len(items))
        for row, item in enumerate(items):
            when = datetime.fromisoformat(item.created_at).astimezone().strftime("%Y-%m-%d %H:%M")
            original = Path(item.original)
            for column, text in enumerate((original.name, str(original.parent), when, size_text(item.size_bytes))):
                cell = QTableWidgetItem(text)
                cell.setData(_CLIP, item.clip_id)
                cell.setToolTip(item.original)
                self.table.setItem(row, column, cell)
        self._pages.setCurrentIndex(0 if items else 1)
        self.old_button.setEnabled(bool(old.files))
        self.empty_button.setEnabled(bool(items))
        self._selection_changed()

    def _chosen(self) -> tuple[int, ...]:
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        return tuple(dict.fromkeys(self.table.item(row, 0).data(_CLIP) for row in rows))

    def _selection_changed(self) -> None:
        self.restore_button.setEnabled(bool(self.table.selectedIndexes()))
