"""What 8-cut is, under which licence, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core import APP_NAME, __version__
from ui.dialogs.versions import LICENCE, Component, components
from ui.theme.icons import Glyph, icon
from ui.theme.tokens import Space
from ui.widgets.tables import table_of

PURPOSE = "Cuts video into exact clips and remembers every one of them."
FREEDOM = (
    f"Free software under {LICENCE}: you may use, study, change and pass it on under the same licence. "
    "It comes without any warranty."
)


class AboutDialog(QDialog):
    """Version, licence, and a table of everything 8-cut stands on."""

    def __init__(self, parent: QWidget | None = None, extra: Iterable[Component] = ()) -> None:
        """`extra` are components known elsewhere (ffmpeg, libmpv, weights); they replace rows of the same name."""
        super().__init__(parent)
        self.setWindowTitle(f"About {APP_NAME}")
        self.resize(820, 560)
        self.parts = [part for part in components() if part.name != APP_NAME]
        self.table = self._table()
        self.add_parts(extra)
        self.copy_button = QPushButton(icon("copy"), "Copy versions")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self.copy)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self._arrange()
        self.close_button.setFocus()

    def add_parts(self, extra: Iterable[Component]) -> None:
        """Fill in what was found out since: rows of the same name get its version, others are added."""
        rows = {part.name: part for part in self.parts}
        for part in extra:
            known = rows.get(part.name, part)
            rows[part.name] = replace(
                part, licence=part.licence or known.licence, purpose=part.purpose or known.purpose
            )
        self.parts = list(rows.values())
        self._fill(self.table)

    def text(self) -> str:
        """All versions as plain lines."""
        lines = [f"{part.name} {part.version}".strip() + f" ({part.licence or 'not installed'})" for part in self.parts]
        return "\n".join([f"{APP_NAME} {__version__} ({LICENCE})", *lines])

    def copy(self) -> None:
        QApplication.clipboard().setText(self.text())

    def _table(self) -> QTableWidget:
        table = table_of("Components", ("Component", "Version", "Licence", "For"), words=True, stretch=(3,))
        table.verticalHeader().setDefaultSectionSize(26)
        table.setWordWrap(False)
        self._fill(table)
        table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        table.setColumnWidth(2, 220)
        return table

    def _fill(self, table: QTableWidget) -> None:
        table.setRowCount(len(self.parts))
        for row, part in enumerate(self.parts):
            missing = "see doctor" if part.licence else "not installed"
            for column, text in enumerate((part.name, part.version or missing, part.licence, part.purpose)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                table.setItem(row, column, item)
        for column in (0, 1):
            table.resizeColumnToContents(column)

    def _arrange(self) -> None:
        name = QLabel(f"{APP_NAME} {__version__}")
        name.setProperty("title", True)
        purpose, freedom = QLabel(PURPOSE), QLabel(FREEDOM)
        freedom.setProperty("muted", True)
        freedom.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        for label in (name, purpose, freedom):
            words.addWidget(label)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addWidget(Glyph("scissors", 40, self, token="accent"), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.copy_button)
        foot.addStretch()
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.L)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
