"""Which figures of corpus runs a list shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.domain.features import FeatureColumn
from ui.theme import Space
from ui.widgets.empty_state import EmptyState

SIZE_PX = (460, 480)
_NAME = Qt.ItemDataRole.UserRole


class ColumnsDialog(QDialog):
    """A row per column, with a tick for those that are shown; rows are dragged into their order."""

    def __init__(
        self,
        columns: Sequence[FeatureColumn],
        chosen: Sequence[str],
        load: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        """`load` brings the results of a corpus run."""
        super().__init__(parent)
        self.setWindowTitle("Columns of the list")
        self.resize(*SIZE_PX)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a column")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Find a column")
        self.search.textChanged.connect(self._narrow)
        self.list = QListWidget()
        self.list.setAccessibleName("Columns")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setToolTip("Tick what the list is to show; drag to change the order")
        by_name = {column.name: column for column in columns}
        first = [by_name[name] for name in chosen if name in by_name]
        for column in [*first, *(column for column in columns if column.name not in chosen)]:
            self._add(column, column in first)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.list)
        self._pages.addWidget(
            EmptyState(
                "No figures yet",
                "8cut.sh corpus extract finds figures of many videos; load its output folder here.",
                ("Load corpus results…", lambda: (self.reject(), load())),
            )
        )
        self._pages.setCurrentIndex(0 if columns else 1)
        self._lay_out(bool(columns), load)

    @property
    def chosen(self) -> list[str]:
        """The names of the ticked columns in order."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_NAME) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _add(self, column: FeatureColumn, checked: bool) -> None:
        unit = f" ({column.unit_beside})" if column.unit_beside else ""
        item = QListWidgetItem(column.title + unit)
        item.setData(_NAME, column.name)
        item.setToolTip(f"{column.name}\n{column.about}")
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
        self.list.addItem(item)

    def _lay_out(self, filled: bool, load: Callable[[], object]) -> None:
        hint = QLabel("Click a head in the list to sort by it. In the filter, write conditions such as cuts_count>10.")
        hint.setWordWrap(True)
        hint.setProperty("muted", True)
        self.load_button = QPushButton("Load more…")
        self.load_button.setToolTip("Load another output folder of 8cut.sh corpus")
        self.load_button.setAutoDefault(False)
        self.load_button.clicked.connect(lambda: (self.reject(), load()))
        buttons = QDialogButtonBox()
        self.close_button = QPushButton("Cancel" if filled else "Close")
        buttons.addButton(self.close_button, QDialogButtonBox.ButtonRole.RejectRole)
        if filled:
            self.show_button = QPushButton("Show these")
            self.show_button.setProperty("primary", True)
            buttons.addButton(self.show_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self.load_button)
        bottom.addWidget(buttons, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.search)
        column.addLayout(self._pages, 1)
        column.addWidget(hint)
        column.addLayout(bottom)
        for widget in (self.search, hint, self.load_button):
            widget.setVisible(filled)

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        for row in range(self.list.count()):
            item = self.list.item(row)
            found = f"{item.text()} {item.toolTip()}".casefold()
            item.setHidden(not all(word in found for word in words))
