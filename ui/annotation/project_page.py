"""One project: what it asks, how far it is, who labels, and everything one can do with it."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text
from core.domain.annotation import ItemKind, Project
from core.ops.label_overview import CoderWork, Overview
from ui.theme import Space
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.tables import table_of

_TITLES = ("Coder", "Labelled", "Of", "Per item", "In all")


class ProjectPage(QWidget):
    """Shows an overview, and says by signals what the person wants."""

    label_requested = pyqtSignal()
    items_requested = pyqtSignal()
    agreement_requested = pyqtSignal()
    rounds_requested = pyqtSignal()
    doubts_requested = pyqtSignal()
    export_requested = pyqtSignal()
    delete_requested = pyqtSignal()
    windows_requested = pyqtSignal()
    """Labelled windows are to become something else."""
    coder_menu_requested = pyqtSignal(str, QPoint)
    """A coder's name, and a place of the screen."""
    switched = pyqtSignal(bool, bool)
    """Whether windows show their picture, and whether predictions are shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel()
        self.title.setProperty("title", True)
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setProperty("muted", True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("How much of the project is labelled")
        self.progress = QLabel()
        self.progress.setWordWrap(True)
        self.coders = table_of("Coders", _TITLES)
        self.coders.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.coders.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.coders.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.coders.setToolTip("Right click: a coder has left, or is back")
        self.coders.customContextMenuRequested.connect(self._ask_for_coder_menu)
        self.show_picture = QCheckBox("Windows show their picture, too")
        self.assisted = QCheckBox("Assisted: show what the newest round's model thinks")
        self.assisted.setToolTip("Coders lean towards what a model says. Each answer remembers whether one was shown.")
        self.buttons: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        for widget in (self.title, self.about, self.bar, self.progress):
            column.addWidget(widget)
        column.addWidget(self.coders, 1)
        column.addWidget(self.show_picture)
        column.addWidget(self.assisted)
        column.addLayout(self._build_buttons())
        for box in (self.show_picture, self.assisted):
            box.clicked.connect(
                lambda _=False: self.switched.emit(self.show_picture.isChecked(), self.assisted.isChecked())
            )

    def show_overview(self, found: Overview, coder: str) -> None:
        """Show this project; `coder` is who sits here."""
        project = found.project
        self.title.setText(project.name)
        self.about.setText(about(project))
        self.bar.setRange(0, max(1, found.items))
        self.bar.setValue(found.labelled)
        self.progress.setText(progress(found))
        self.show_picture.setVisible(project.kind is ItemKind.WINDOW)
        self.show_picture.setChecked(project.show_picture)
        self.assisted.setChecked(project.assisted)
        self._show_coders(found.coders, coder)
        for name in ("label", "export", "rounds"):
            self.buttons[name].setEnabled(found.items > 0)
        self.buttons["label"].setText("Label the queue now" if found.queued else "Label now")
        answered = any(work.done for work in found.coders) or found.labelled > 0
        for name in ("agreement", "doubts", "windows"):
            self.buttons[name].setEnabled(answered)
            self.buttons[name].setToolTip(self._tips[name] if answered else "Label something first")
        self.buttons["windows"].setVisible(project.kind is ItemKind.WINDOW)

    def _ask_for_coder_menu(self, place: QPoint) -> None:
        row = self.coders.rowAt(place.y())
        if row >= 0:
            name = self.coders.item(row, 0).data(Qt.ItemDataRole.UserRole)
            self.coder_menu_requested.emit(name, self.coders.viewport().mapToGlobal(place))

    def _show_coders(self, coders: tuple[CoderWork, ...], me: str) -> None:
        self.coders.setRowCount(len(coders))
        for row, work in enumerate(coders):
            per_item = "–" if work.seconds is None else f"{work.seconds:.1f} s"
            name = f"{work.name}  (you)" if work.name == me else work.name
            texts = (name, f"{work.done:,}", f"{work.total:,}", per_item, hours_text(work.hours))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setData(Qt.ItemDataRole.UserRole, work.name)
                if column:
                    item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
                self.coders.setItem(row, column, item)
        self.coders.setVisible(bool(coders))

    def _build_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        wanted = (
            ("label", "Label now", "Judge one item after the other (F4)", self.label_requested),
            ("items", "Add items…", "From the videos of the open list", self.items_requested),
            (
                "agreement",
                "Agreement…",
                "How far coders agree, and deciding where they do not",
                self.agreement_requested,
            ),
            (
                "rounds",
                "Rounds…",
                "Learn from the labels, and choose what to label first and next",
                self.rounds_requested,
            ),
            ("doubts", "Check these…", "Labels that are likely wrong", self.doubts_requested),
            ("export", "Export labels…", "A file for another machine, to be merged there", self.export_requested),
            ("delete", "Delete", "Out of sight with all its labels; it can be brought back", self.delete_requested),
            ("windows", "Use labels…", "Turn windows into clips, hard negatives or training", self.windows_requested),
        )
        self._tips = {name: tip for name, _, tip, _ in wanted}
        for place, (name, text, tip, signal) in enumerate(wanted):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            self.buttons[name] = button
            grid.addWidget(button, place // 4, place % 4)
        self.buttons["label"].setProperty("primary", True)
        return grid


def about(project: Project) -> str:
    """What it asks, in a sentence."""
    what = "Pictures" if project.kind is ItemKind.FRAME else "Windows of sound"
    tasks = "; ".join(f"{task.name}: {', '.join(task.classes)}" for task in project.tasks)
    screener = f" A key says “{project.screener}”." if project.screener else ""
    return f"{what}. {tasks}.{screener} {project.overlap:.0%} go to every coder, {project.repeats:.0%} come back."


def progress(found: Overview) -> str:
    """How far it is, in a sentence."""
    if not found.items:
        return "No items yet: add some from the videos of the open list."
    videos = count_text(found.videos, "video")
    parts = [f"{found.labelled:,} of {found.items:,} items of {videos} are labelled."]
    if found.queued:
        parts.append(f"The newest round asks for {found.queued:,}.")
    if found.decided:
        parts.append(f"{found.decided:,} labels are adjudicated.")
    if found.missing:
        parts.append(f"{found.missing:,} wait for videos that are not on this machine.")
    return " ".join(parts)


def hours_text(hours: float) -> str:
    """Time spent, for a person: `40 s`, `12 min`, `3.4 h`."""
    if hours >= 1:
        return f"{hours:.1f} h"
    return f"{hours * 60:.0f} min" if hours * 60 >= 1 else f"{hours * 3600:.0f} s"
