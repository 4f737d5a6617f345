"""The figures of agreement as tables: all coders and pairs, classes, confusion, repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QBrush
from PyQt6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem

from core.domain.annotation import NA
from core.ops.agreement import PairReport, TaskReport
from ui.annotation.answer_panel import NA_TEXT
from ui.theme import current, qcolor
from ui.widgets.tables import dress

if TYPE_CHECKING:
    from core.learning.agreement import Estimate, Figures

ALL = "All coders"
_DEEPEST = 0.55


class FiguresTable(QTableWidget):
    """A row of figures for whatever is compared."""

    def __init__(self, what: str, counted: str) -> None:
        titles = (what, counted, "Percent", "Cohen’s kappa", "Krippendorff’s alpha")
        super().__init__(0, len(titles))
        self.setHorizontalHeaderLabels(list(titles))
        self.setAccessibleName(f"Agreement by {what.lower()}")
        dress(self)
        for column, tip in (
            (2, "Share of items on which both say the same"),
            (3, "1 is perfect, 0 is chance; over more than two coders the mean of the pairs"),
            (4, "1 is perfect, 0 is chance; for any number of coders and missing answers"),
        ):
            self.horizontalHeaderItem(column).setToolTip(f"{tip}. In brackets: 95 % interval, whole videos resampled")

    def show_rows(self, rows: Sequence[tuple[str, str, Figures]]) -> None:
        """Name, count and figures of each."""
        self.setRowCount(len(rows))
        for place, (name, count, figures) in enumerate(rows):
            texts = (
                name,
                count,
                estimate_text(figures.percent, percent=True),
                estimate_text(figures.kappa),
                estimate_text(figures.alpha),
            )
            for column, text in enumerate(texts):
                self.setItem(place, column, cell(text, right=column > 0))


class ConfusionTable(QTableWidget):
    """Rows are the first coder's answers, columns the second's; the deeper the colour, the more often."""

    def __init__(self) -> None:
        super().__init__()
        dress(self)
        self.setAccessibleName("Confusion of two coders")
        self.verticalHeader().show()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def show_pair(self, pair: PairReport | None, classes: Sequence[str]) -> None:
        """The confusion of a pair; None for nothing."""
        counts = pair.confusion if pair else ()
        self.setRowCount(len(counts))
        self.setColumnCount(len(counts))
        self.setHorizontalHeaderLabels([f"{pair.second}: {answer_text(name)}" for name in classes] if pair else [])
        self.setVerticalHeaderLabels([f"{pair.first}: {answer_text(name)}" for name in classes] if pair else [])
        most = max((value for row in counts for value in row), default=0)
        for row, values in enumerate(counts):
            for column, value in enumerate(values):
                item = cell(f"{value:,}" if value else "–", right=False)
                item.setTextAlignment(int(Qt.AlignmentFlag.AlignCenter))
                item.setToolTip(
                    f"{pair.first} said {answer_text(classes[row])}, {pair.second} {answer_text(classes[column])}: "
                    f"{value:,}"
                )
                if value:
                    colour = current().success if row == column else current().warning
                    item.setBackground(QBrush(qcolor(colour, _DEEPEST * value / most)))
                self.setItem(row, column, item)


def overall_rows(report: TaskReport) -> list[tuple[str, str, Figures]]:
    """All coders together, then each pair."""
    pairs = [(f"{pair.first} and {pair.second}", f"{pair.shared:,}", pair.figures) for pair in report.pairs]
    return [(ALL, f"{report.shared:,}", report.figures), *(pairs if len(pairs) > 1 else [])]


def class_rows(report: TaskReport) -> list[tuple[str, str, Figures]]:
    """Each class against all others, with how often it was said."""
    said = {name: sum(own.get(name, 0) for own in report.answers.values()) for name in report.classes}
    return [(answer_text(name), f"{said[name]:,}", report.by_class[name]) for name in report.classes]


def repeat_rows(report: TaskReport) -> list[tuple[str, str, Figures]]:
    """Each coder against the same coder's answers to silent repeats."""
    return [(own.coder, f"{own.repeats:,}", own.figures) for own in report.repeats]


def estimate_text(estimate: Estimate, percent: bool = False) -> str:
    """`0.71  (0.60 – 0.80)`; a dash where it is not defined."""
    if estimate.value is None:
        return "–"
    form = "{:.0%}" if percent else "{:.2f}"
    text = form.format(estimate.value)
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text}  ({form.format(estimate.low)} – {form.format(estimate.high)})"


def answer_text(label: str) -> str:
    """An answer as the labelling window writes it."""
    return NA_TEXT if label == NA else label


def cell(text: str, right: bool) -> QTableWidgetItem:
    """One cell, with its whole text as a tooltip."""
    item = QTableWidgetItem(text)
    item.setToolTip(text)
    if right:
        item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
    return item
