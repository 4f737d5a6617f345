"""One look for all tables whose rows are read or chosen and never edited."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def table_of(name: str, titles: Sequence[str], *, words: bool = False, stretch: Sequence[int] = (0,)) -> QTableWidget:
    """An empty table with these columns.

    Args:
        name: what a screen reader says.
        words: all columns hold words, over which titles stand at the left; else figures, but for the first.
        stretch: the columns that share the room that the others leave.
    """
    table = QTableWidget(0, len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    table.setAccessibleName(name)
    dress(table)
    header = table.horizontalHeader()
    if words:
        header.setDefaultAlignment(_LEFT)
    for column in range(len(titles)):
        fits = QHeaderView.ResizeMode.Stretch if column in stretch else QHeaderView.ResizeMode.ResizeToContents
        header.setSectionResizeMode(column, fits)
    return table


def dress(table: QTableWidget) -> None:
    """The look, for a table of any columns; the first takes the room that the others leave."""
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    if table.columnCount():
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeaderItem(0).setTextAlignment(int(_LEFT))
