"""Shows files that may or may not be those that are missing; the person says which are."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text
from core.domain.relink import FoundFile, RelinkPlan
from ui.theme import Space
from ui.widgets.tables import table_of

SIZE_PX = (760, 420)


class RelinkDialog(QDialog):
    """A row per file of the same name and size but other content. Accepting links those that are checked."""

    def __init__(self, plan: RelinkPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Are these the missing files?")
        self.resize(*SIZE_PX)
        self._likely = plan.likely
        title = QLabel("Same name, same size, other content")
        title.setProperty("title", True)
        text = QLabel(
            f"{plan.text[0].upper()}{plan.text[1:]}. A file changes like this when its tags were edited. Check only"
            " those you know to be the same film: their markers and scans go on with the new file."
        )
        text.setWordWrap(True)
        self.table = self._make_table()
        self.skip_button, self.link_button = QPushButton("Only those that are sure"), QPushButton()
        self.link_button.setProperty("primary", True)
        self.link_button.setDefault(True)
        self.skip_button.setAutoDefault(False)
        self.skip_button.clicked.connect(self.reject)
        self.link_button.clicked.connect(self.accept)
        self.table.itemChanged.connect(lambda _: self._count())
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch()
        buttons.addWidget(self.skip_button)
        buttons.addWidget(self.link_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addWidget(text)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        self._count()

    @property
    def chosen(self) -> tuple[FoundFile, ...]:
        """Those that are checked."""
        return tuple(
            each
            for row, each in enumerate(self._likely)
            if self.table.item(row, 0).checkState() is Qt.CheckState.Checked
        )

    def _make_table(self) -> QTableWidget:
        titles = ("Missing", "Found")
        table = table_of("Files that may be the missing ones", titles, words=True, stretch=(0, 1))
        table.setRowCount(len(self._likely))
        for row, each in enumerate(self._likely):
            name = QTableWidgetItem(each.media.name)
            name.setFlags(name.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Unchecked)
            name.setToolTip(each.media.path)
            path = QTableWidgetItem(each.path)
            path.setToolTip(each.path)
            table.setItem(row, 0, name)
            table.setItem(row, 1, path)
        return table

    def _count(self) -> None:
        count = len(self.chosen)
        self.link_button.setEnabled(count > 0)
        self.link_button.setText(f"Link {count_text(count, 'file')}")
