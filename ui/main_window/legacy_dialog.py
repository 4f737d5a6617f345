"""Shows what moving the oldest exports would do before anything is moved."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.legacy_layout import LegacyPlan
from ui.theme import Space
from ui.widgets.tables import table_of

SIZE_PX = (820, 520)


class LegacyDialog(QDialog):
    """A row per file: where it is, where it goes, or why it stays. Accepting it means: move them."""

    def __init__(self, plan: LegacyPlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Move old exports")
        self.resize(*SIZE_PX)
        title = QLabel("Your oldest exports lie in clip_NNN folders")
        title.setProperty("title", True)
        text = QLabel(
            f"8-cut now keeps one vid_NNN folder for each source video. {plan.text}. Nothing is overwritten, and every"
            " step is noted, so that an interruption is made good at the next start."
        )
        text.setWordWrap(True)
        buttons = QDialogButtonBox()
        self.move_button = QPushButton(f"Move {len(plan.moves)} files")
        self.move_button.setProperty("primary", True)
        self.later_button = QPushButton("Not now")
        buttons.addButton(self.later_button, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(self.move_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addWidget(text)
        column.addWidget(_table(plan), 1)
        column.addWidget(buttons)


def _table(plan: LegacyPlan) -> QTableWidget:
    rows = [(move.source, move.target) for move in plan.moves] + [(path, f"stays: {why}") for path, why in plan.staying]
    table = table_of("Files to move", ("File", "Goes to"), words=True, stretch=(0, 1))
    table.setRowCount(len(rows))
    for row, (source, target) in enumerate(rows):
        for column, path in enumerate((source, target)):
            item = QTableWidgetItem(str(Path(path)) if column == 0 else path)
            item.setToolTip(path)
            table.setItem(row, column, item)
    return table
