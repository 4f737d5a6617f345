"""What training found out about a classifier: curves, thresholds, videos, and how its versions compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.domain.timecode import format_time
from ui.theme import Space
from ui.widgets.plot import Line, Mark, Plot
from ui.widgets.tables import dress

_STAMP = "%Y%m%d_%H%M%S_%f"
VERSION_ROLE = Qt.ItemDataRole.UserRole


class ReportView(QTabWidget):
    """Four tabs. `restore_requested(stamp)` and `pin_requested(stamp, pinned)` are about a version of the history."""

    restore_requested = pyqtSignal(str)
    pin_requested = pyqtSignal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self._versions: tuple[Any, ...] = ()
        self._report: dict[str, Any] = {}
        self.curve = Plot("Found (recall)", "Right (precision)", empty="The curve shows here after training")
        self.suggestions = _note()
        self.reliability = Plot("Score", "Share that is right", empty="How far a score can be trusted shows here")
        self.calibration = _note()
        self.videos = _table(("Video", "Clips", "Found", "False", "Length"))
        self.learning = Plot("Version", "Average precision", empty="Each training adds a version here")
        self.history = _table(("Trained", "AP", "F1", "Thr.", "False/h", "Clips", ""))
        for column, tip in ((1, "Average precision"), (3, "Threshold"), (4, "False regions per hour of sound")):
            self.history.horizontalHeaderItem(column).setToolTip(tip)
        self.restore = QPushButton("Use this version")
        self.restore.setToolTip("Make it the one that scans; the others stay")
        self.pin = QPushButton("Keep")
        self.pin.setCheckable(True)
        self.pin.setToolTip("Never delete this version when there are many")
        self.addTab(_column(self.curve, self.suggestions), "Precision and recall")
        self.addTab(_column(self.reliability, self.calibration), "Reliability")
        self.addTab(self.videos, "Videos")
        self.addTab(self._build_history(), "History")
        self.history.itemSelectionChanged.connect(self._version_selected)
        self.restore.clicked.connect(lambda: self.restore_requested.emit(self.selected_stamp))
        self.pin.clicked.connect(lambda on: self.pin_requested.emit(self.selected_stamp, on))
        self.show_report({}, ())
        self.show_history(())

    # -- a report -----------------------------------------------------------------------------------------------------

    def show_report(self, report: dict[str, Any], videos: Sequence[dict[str, Any]]) -> None:
        """Show one version's figures; `videos` have a `name` each."""
        self._report = report
        self._show_curve()
        self.suggestions.setText(suggestions(report))
        rows = report.get("reliability") or []
        tips = tuple(f"Score {score:.2f}: {share:.0%} are right" for score, share, *_ in rows)
        dots = Line(
            tuple((score, share) for score, share, *_ in rows), "accent", "This classifier", dots=True, tips=tips
        )
        ideal = Line(((0.0, 0.0), (1.0, 1.0)), "text_muted", "Ideal", dashed=True)
        self.reliability.show_lines([dots, ideal] if rows else [])
        error = report.get("calibration_error")
        self.calibration.setText("" if error is None else f"A score is off by {error:.2f} on average.")
        self._fill_videos(videos)

    def _show_curve(self, other: dict[str, Any] | None = None) -> None:
        lines = [_curve(self._report, "accent", "Shown" if other else "")]
        if other:
            lines.append(_curve(other, "text_muted", "Selected version", dashed=True))
        marks = []
        if self._report.get("curve"):
            best = self._report
            marks.append(Mark(best["recall"], best["precision"], f"{best['threshold']:.2f} best balance", "success"))
            target = best.get("target") or {}
            if target.get("reached") and abs(target["threshold"] - best["threshold"]) > 5e-3:
                text = f"{target['threshold']:.2f} for {target['wanted']:.0%} right"
                marks.append(Mark(target["recall"], target["precision"], text, "warning"))
        self.curve.show_lines([line for line in lines if line.points], marks)

    def _fill_videos(self, videos: Sequence[dict[str, Any]]) -> None:
        self.videos.setRowCount(len(videos))
        for row, video in enumerate(videos):
            texts = (video["name"], video["clips"], video["found"], video["false"])
            for column, text in enumerate((*map(str, texts), format_time(video["duration_s"], 0))):
                self.videos.setItem(row, column, _item(text, right=column > 0))

    # -- the history --------------------------------------------------------------------------------------------------

    def show_history(self, versions: Sequence[Any]) -> None:
        """Show the versions of a classifier (`core.learning.model_store.ModelVersion`), newest first."""
        self._versions = tuple(versions)
        self.history.setRowCount(len(self._versions))
        for row, version in enumerate(self._versions):
            report, clips = version.report, (version.meta.get("data") or {}).get("clips", "")
            state = ", ".join(word for word, true in (("in use", version.current), ("kept", version.pinned)) if true)
            texts = (
                when(version.stamp),
                _figure(report, "average_precision"),
                _figure(report, "f1"),
                _figure(report, "threshold"),
                _figure(report, "false_per_hour", 1),
                str(clips),
                state,
            )
            for column, text in enumerate(texts):
                item = _item(text, right=0 < column < len(texts) - 1)
                item.setData(VERSION_ROLE, version.stamp)
                self.history.setItem(row, column, item)
        oldest_first = self._versions[::-1]
        points = [
            (number + 1.0, version.report["average_precision"], when(version.stamp))
            for number, version in enumerate(oldest_first)
            if version.report.get("average_precision") is not None
        ]
        line = Line(
            tuple((x, y) for x, y, _ in points), dots=True, tips=tuple(f"{text}: {y:.2f}" for _, y, text in points)
        )
        reach = max(2.0, float(len(oldest_first)))
        self.learning.show_lines([line], x_range=(0.5, reach + 0.5), whole_numbers=True)
        self._version_selected()

    @property
    def selected_stamp(self) -> str:
        """The version that is selected in the history, empty for none."""
        items = self.history.selectedItems()
        return items[0].data(VERSION_ROLE) if items else ""

    def _version_selected(self) -> None:
        version = next((one for one in self._versions if one.stamp == self.selected_stamp), None)
        self.restore.setEnabled(version is not None and not version.current)
        self.pin.setEnabled(version is not None)
        self.pin.setChecked(version is not None and version.pinned)
        self._show_curve(version.report if version and version.report.get("curve") else None)

    def _build_history(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(_note("Select a version to compare its curve with the one shown."), 1)
        buttons.addWidget(self.pin)
        buttons.addWidget(self.restore)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, Space.M, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.learning, 2)
        column.addWidget(self.history, 3)
        column.addLayout(buttons)
        return page


def suggestions(report: dict[str, Any]) -> str:
    """The suggested thresholds in words; empty where there was no evaluation."""
    if not report.get("curve"):
        return ""
    kind = "clips it had not learned from" if report.get("grouping") == "clip" else "videos it had never heard"
    lines = [
        f"On {kind}: at the suggested threshold {report['threshold']:.2f} it finds {report['recall']:.0%} of the "
        f"clips, and {report['precision']:.0%} of what it finds is right "
        f"({report['false_per_hour']:.1f} false per hour)."
    ]
    target = report.get("target") or {}
    if target.get("reached"):
        lines.append(
            f"For {target['wanted']:.0%} right choose {target['threshold']:.2f}: it finds {target['recall']:.0%} "
            f"(between {target['low']:.0%} and {target['high']:.0%} right, with this much data)."
        )
    elif target:
        lines.append(f"No threshold reaches {target['wanted']:.0%} right yet; more clips and negatives help.")
    ablation = report.get("ablation")
    if ablation:
        better = ablation["with"]["average_precision"] - ablation["without"]["average_precision"]
        lines.append(f"Hard negatives change the average precision by {better:+.2f}.")
    return "\n".join(lines)


def when(stamp: str) -> str:
    """The local time of a version's stamp; as it is when it is no time."""
    try:
        moment = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return stamp
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _curve(report: dict[str, Any], colour: str, name: str, dashed: bool = False) -> Line:
    points = report.get("curve") or []
    tips = tuple(
        f"Threshold {threshold:.2f}: finds {recall:.0%}, {precision:.0%} of it right"
        for threshold, precision, recall in points
    )
    return Line(tuple((recall, precision) for _, precision, recall in points), colour, name, dashed, tips=tips)


def _figure(report: dict[str, Any], key: str, decimals: int = 2) -> str:
    value = report.get(key)
    return "–" if value is None else f"{value:.{decimals}f}"


def _item(text: str, right: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setToolTip(text)
    if right:
        item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
    return item


def _table(titles: Sequence[str]) -> QTableWidget:
    table = QTableWidget(0, len(titles))
    table.setHorizontalHeaderLabels(list(titles))
    dress(table)
    return table


def _note(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("muted", True)
    return label


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, Space.M, 0, 0)
    column.setSpacing(Space.S)
    for number, widget in enumerate(widgets):
        column.addWidget(widget, 0 if number else 1)
    return page
