"""What the rounds came to: learning curve, class balance, agreement, what is left, and how fast coders are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtWidgets import QLabel, QTableWidget, QTabWidget, QVBoxLayout, QWidget

from core.domain.annotation import Round
from core.ops.label_overview import Overview
from ui.annotation.agreement_tables import cell
from ui.annotation.project_page import hours_text
from ui.theme import Space
from ui.widgets.plot import Line, Plot
from ui.widgets.tables import table_of

# One colour of the theme per task.
COLOURS = ("accent", "success", "warning", "region", "danger", "info")


class Dashboard(QTabWidget):
    """Shows the rounds of one project; says what is missing while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.curve = Plot("Labels", "Macro F1 on the test videos", empty="The curve begins with round 0")
        self.agreed = Plot(
            "Labels",
            "Krippendorff’s alpha",
            y_range=(-0.25, 1.0),
            empty="No round knew two coders of one item yet",
        )
        self.rounds = table_of("Rounds", ("Round", "Labels", "Left to ask", "Asked for", "Finished"))
        self.balance = table_of("Class balance", ("Question", "Answer", "Labels", "Share", "F1 on the test videos"))
        self.coders = table_of("Coders", ("Coder", "Labelled", "Of", "Per item", "In all", "Last"))
        self.pool = QLabel()
        self.pool.setWordWrap(True)
        self.pool.setProperty("muted", True)
        self.addTab(_page(self.curve, self.pool), "Learning curve")
        self.addTab(self.balance, "Classes")
        self.addTab(self.agreed, "Agreement")
        self.addTab(self.coders, "Coders")
        self.addTab(self.rounds, "Rounds")

    def show_rounds(self, rounds: Sequence[Round], overview: Overview) -> None:
        """Show what these rounds measured."""
        finished = [each for each in rounds if each.finished_at]
        metrics = [each.metrics for each in finished]
        tasks = [task.name for task in overview.project.tasks]
        most = max([one["sizes"]["labelled"] for one in metrics], default=1)
        self.curve.show_lines(curve_lines(metrics, tasks), x_range=(0.0, most * 1.1), whole_numbers=True)
        self.agreed.show_lines(agreement_lines(metrics, tasks), x_range=(0.0, most * 1.1), whole_numbers=True)
        self.pool.setText(pool_text(overview, metrics))
        _fill(self.balance, balance_rows(metrics[-1] if metrics else None, tasks))
        _fill(self.coders, coder_rows(overview))
        _fill(self.rounds, [round_row(each) for each in reversed(finished)])


def curve_lines(metrics: Sequence[Mapping[str, Any]], tasks: Sequence[str]) -> list[Line]:
    """A curve per task over the number of labels, each point with a whisker from low to high."""
    lines = []
    for place, name in enumerate(tasks):
        colour, points, tips = COLOURS[place % len(COLOURS)], [], []
        for one in metrics:
            test = (one["tasks"].get(name) or {}).get("test")
            if not test:
                continue
            labels, score = float(one["sizes"]["labelled"]), test["macro_f1"]
            interval = test["intervals"]["macro_f1"]
            points.append((labels, score))
            within = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
            tips.append(f"Round {one['round']}, {name}: macro F1 {score:.2f}{within}, {test['items']} test items")
            if interval:
                lines.append(Line(((labels, interval[0]), (labels, interval[1])), colour))
        if points:
            lines.append(Line(tuple(points), colour, name, dots=True, tips=tuple(tips)))
    return lines


def agreement_lines(metrics: Sequence[Mapping[str, Any]], tasks: Sequence[str]) -> list[Line]:
    """Alpha of each task as each round found it."""
    lines = []
    for place, name in enumerate(tasks):
        points, tips = [], []
        for one in metrics:
            report = next((task for task in (one["agreement"] or {}).get("tasks", ()) if task["task"] == name), None)
            value = report["figures"]["alpha"]["value"] if report else None
            if value is not None:
                points.append((float(one["sizes"]["labelled"]), value))
                tips.append(f"Round {one['round']}, {name}: alpha {value:.2f} on {report['shared']} items")
        if points:
            lines.append(Line(tuple(points), COLOURS[place % len(COLOURS)], name, dots=True, tips=tuple(tips)))
    return lines


def pool_text(overview: Overview, metrics: Sequence[Mapping[str, Any]]) -> str:
    """What is labelled and what is left, in a sentence."""
    text = f"{overview.labelled:,} of {overview.items:,} items are labelled"
    if not metrics:
        return f"{text}."
    sizes = metrics[-1]["sizes"]
    videos = sizes["videos"]
    return (
        f"{text}; {sizes['pool']:,} could still be asked for. Of the labelled items {sizes['train']:,} taught, "
        f"{sizes['validation']:,} validated and {sizes['test']:,} tested "
        f"({videos['train']}, {videos['validation']} and {videos['test']} videos)."
    )


def balance_rows(metrics: Mapping[str, Any] | None, tasks: Sequence[str]) -> list[tuple[str, ...]]:
    """Question, answer, labels, share, F1 with its interval."""
    rows = []
    for name in tasks if metrics else ():
        task = metrics["tasks"].get(name)
        if task is None:
            continue
        total = sum(task["labels"].values()) or 1
        for label, count in task["labels"].items():
            rows.append((name, label, f"{count:,}", f"{count / total:.0%}", _f1(task["test"], label)))
    return rows


def coder_rows(overview: Overview) -> list[tuple[str, ...]]:
    """Name, done, of, seconds per item, time in all, last answer."""
    return [
        (
            work.name,
            f"{work.done:,}",
            f"{work.total:,}",
            "–" if work.seconds is None else f"{work.seconds:.1f} s",
            hours_text(work.hours),
            work.last_at[:16].replace("T", " ") or "–",
        )
        for work in overview.coders
    ]


def round_row(each: Round) -> tuple[str, ...]:
    """Number, labels, pool, queue, when it was finished."""
    sizes, queue = each.metrics["sizes"], each.metrics["queue"]
    finished = each.finished_at[:16].replace("T", " ")
    return str(each.number), f"{sizes['labelled']:,}", f"{sizes['pool']:,}", f"{queue['chosen']:,}", finished


def _f1(test: Mapping[str, Any] | None, label: str) -> str:
    if not test or not test["per_class"][label]["support"]:
        return "–"
    interval = (test["intervals"]["per_class"].get(label) or {}).get("f1")
    within = f"  ({interval[0]:.2f} – {interval[1]:.2f})" if interval else ""
    return f"{test['per_class'][label]['f1']:.2f}{within}"


def _fill(table: QTableWidget, rows: Sequence[Sequence[str]]) -> None:
    table.setRowCount(len(rows))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.setItem(row, column, cell(text, right=column > 0 and text[:1].isdigit()))


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, Space.S, 0, 0)
    column.setSpacing(Space.S)
    for number, widget in enumerate(widgets):
        column.addWidget(widget, 0 if number else 1)
    return page
