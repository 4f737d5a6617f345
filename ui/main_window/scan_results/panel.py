"""The panel of scan results: a tab per classifier, its versions, its regions, and what to do while there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.errors import EightCutError
from core.ops.regions import Against, ModelScan, Preview, Version
from core.scan.region_columns import RegionColumns
from ui.main_window.scan_results.region_model import Order, RegionModel
from ui.main_window.scan_results.region_table import RegionTable
from ui.main_window.scan_results.tuning_bar import TuningBar
from ui.theme import Space
from ui.widgets.elided_combo import ElidedComboBox
from ui.widgets.empty_state import EmptyState

LONGEST_LABEL = 22
_STAMP = "%Y%m%d_%H%M%S_%f"
_ORDERS = (("By time", Order.TIME), ("By score", Order.SCORE), ("Least certain first", Order.UNCERTAINTY))


class ScanResultsPanel(QWidget):
    """Shows what it is given and asks by signals; it never touches the history."""

    model_chosen = pyqtSignal(str)
    version_chosen = pyqtSignal(str, str)
    """A classifier's label and the stamp of the version to show."""
    review_toggled = pyqtSignal(bool)
    scan_requested = pyqtSignal()
    train_requested = pyqtSignal()
    retry_requested = pyqtSignal()
    unfilter_requested = pyqtSignal()
    """The filter leaves no region, and the person wants to see them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scans: tuple[ModelScan, ...] = ()
        self._classifier = ""
        self._why_none = ""
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setAccessibleName("Classifiers")
        self.versions = ElidedComboBox()
        self.versions.setAccessibleName("Version of the scan")
        self.versions.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.versions.setMinimumContentsLength(12)
        self.against, self.left_out = _small_print(), _small_print()
        self.left_out.hide()
        self.model = RegionModel(self)
        self.table = RegionTable(self.model)
        self.order = ElidedComboBox()
        self.order.setAccessibleName("Order of the regions")
        for text, order in _ORDERS:
            self.order.addItem(text, order)
        self.review = QPushButton("Review")
        self.review.setCheckable(True)
        self.review.setToolTip("Play each region; A accepts, X rejects, N marks a hard negative, and on to the next")
        self.tuning = TuningBar()
        self._none = EmptyState("No regions", "")
        self._filtered = EmptyState("", "", ("Show all regions", self.unfilter_requested.emit))
        self._nothing_open = EmptyState("No file is open", "Open a file to see what scans found in it.")
        self._untrained = EmptyState(
            "Not scanned yet",
            "Cut a few clips of a sound into one folder and train a classifier from them: "
            "it finds the same sound everywhere.",
            ("Train…", self.train_requested.emit),
            icon="search",
        )
        self._unscanned = EmptyState(
            "Not scanned yet",
            "",
            ("Scan this file", self.scan_requested.emit),
            ("Train…", self.train_requested.emit),
            icon="search",
        )
        self._loading = EmptyState("Loading…", "")
        self._failed = EmptyState("", "", ("Try again", self.retry_requested.emit), icon="warning")
        self._results = self._build_results()
        self._pages = QStackedLayout(self)
        for page in (
            self._nothing_open,
            self._untrained,
            self._unscanned,
            self._loading,
            self._failed,
            self._results,
        ):
            self._pages.addWidget(page)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.versions.activated.connect(self._version_activated)
        self.review.toggled.connect(self.review_toggled)
        self.order.activated.connect(lambda _: self.model.sort_by(self.order.currentData()))
        self.show_nothing()

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def scan(self) -> ModelScan | None:
        """The one of the current tab."""
        place = self.tabs.currentIndex()
        return self._scans[place] if 0 <= place < len(self._scans) else None

    def current_model_name(self) -> str:
        """The label of the current tab without its count; empty without tabs."""
        return self.scan.label if self.scan else ""

    def show_nothing(self) -> None:
        """No media is open."""
        self._clear()
        self._pages.setCurrentWidget(self._nothing_open)

    def show_loading(self) -> None:
        """Another media's scans are being read; nothing of the one before may be edited meanwhile."""
        self._clear()
        self._pages.setCurrentWidget(self._loading)

    def show_error(self, error: EightCutError) -> None:
        """They could not be read."""
        self._clear()
        parts = [part.rstrip(".") for part in (error.why, error.fix) if part]
        self._failed.set_texts(error.what, ". ".join(parts) + "." if parts else "")
        self._pages.setCurrentWidget(self._failed)

    def show_scans(self, scans: Sequence[ModelScan], wanted: str = "") -> None:
        """Show a media's scans, on the tab `wanted`, else on the one that is open now, else on the first."""
        wanted = wanted or self.current_model_name()
        self._scans = tuple(scans)
        labels = [scan.label for scan in self._scans]
        blocked = self.tabs.blockSignals(True)
        while self.tabs.count() > len(labels):
            self.tabs.removeTab(self.tabs.count() - 1)
        for place, scan in enumerate(self._scans):
            if place >= self.tabs.count():
                self.tabs.addTab("")
            self.tabs.setTabText(place, tab_text(scan))
            self.tabs.setTabToolTip(place, f"{scan.label}: {_regions(len(scan.regions))}")
        self.tabs.setCurrentIndex(labels.index(wanted) if wanted in labels else 0)
        self.tabs.blockSignals(blocked)
        self._pages.setCurrentWidget(self._results if self._scans else self._page_without_scans)
        self._show_current()

    def set_classifier(self, name: str) -> None:
        """The one that would scan, empty where none is trained: what there is to do without scans depends on it."""
        self._classifier = name
        self._unscanned.set_texts("Not scanned yet", f"{name} can look for its sound in this file.")
        if self._pages.currentWidget() in (self._untrained, self._unscanned):
            self._pages.setCurrentWidget(self._page_without_scans)

    @property
    def _page_without_scans(self) -> EmptyState:
        return self._unscanned if self._classifier else self._untrained

    def show_preview(self, found: Preview, threshold: float) -> None:
        """Regions at a threshold that is being moved; rows that are not stored have ids below 0."""
        if self.scan:
            self.model.show(found.rows, found.negative, found.exported, threshold)
            self._show_page_of_table()

    def show_estimate(self, regions: int, clips: int) -> None:
        self.tuning.show_estimate(regions, clips)

    def add_filter(self, field: QWidget) -> None:
        """Something that decides which regions are shown, in a row of its own."""
        field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        field.setMaximumWidth(self.maximumWidth())
        self._filters.addWidget(field)

    def filter_rows(self, wanted: Callable[[RegionColumns], np.ndarray] | None, why: str) -> None:
        """Show only some of the regions, see `RegionModel.keep`; `why` is said where none is left."""
        self._why_none = why
        self.model.keep(wanted)
        self._show_page_of_table()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self._scans = ()
        self.tuning.settle()
        self.review.setChecked(False)
        blocked = self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        self.tabs.blockSignals(blocked)
        self.model.show(())

    def _show_current(self) -> None:
        scan = self.scan
        if scan is None:
            self.model.show(())
            return
        blocked = self.versions.blockSignals(True)
        self.versions.clear()
        for version in scan.versions:
            self.versions.addItem(version_text(version), version.timestamp)
        self.versions.setCurrentIndex(max(0, self.versions.findData(scan.timestamp)))
        self.versions.blockSignals(blocked)
        self.versions.setVisible(len(scan.versions) > 1)
        self.versions.setToolTip(self.versions.currentText())
        self.versions.view().setMinimumWidth(self.versions.view().sizeHintForColumn(0) + Space.XL)
        self.against.setText(against_text(scan.against) if scan.against else "")
        self.against.setVisible(scan.against is not None)
        self.tuning.set_tunable(scan.made is not None)
        if scan.made is not None:
            self.tuning.show_rule(scan.made.threshold, scan.made.fuse_s)
        if not self.tuning.moving:
            threshold = scan.made.threshold if scan.made else 0.5
            new = scan.against.new if scan.against else frozenset()
            self.model.show(scan.regions, scan.negative, scan.exported, threshold, new)
        self._show_page_of_table()

    def _show_page_of_table(self) -> None:
        empty, left_out = not self.model.rowCount(), self.model.left_out
        self.left_out.setText(f"{_regions(left_out)} left out by the speech filter")
        self.left_out.setVisible(left_out > 0 and not empty)
        if empty:
            tunable = self.scan is not None and self.scan.made is not None
            self._none.set_texts(
                "No regions", "Lower the threshold to see weaker ones." if tunable else "The scan found nothing here."
            )
            self._filtered.set_texts(self._why_none or "No regions", f"{self.left_out.text()}.")
        without = self._filtered if left_out else self._none
        self._table_pages.setCurrentWidget(without if empty else self.table)
        self.review.setEnabled(not empty)
        self.tuning.export_selected.setEnabled(not empty)

    def _tab_changed(self, place: int) -> None:
        if place >= 0:
            self.tuning.settle()
            self._show_current()
            self.model_chosen.emit(self.current_model_name())

    def _version_activated(self, place: int) -> None:
        stamp = self.versions.itemData(place)
        if self.scan and stamp != self.scan.timestamp:
            self.tuning.settle()
            self.version_chosen.emit(self.scan.label, stamp)

    def _build_results(self) -> QWidget:
        page = QWidget()
        table = QWidget()
        self._table_pages = QStackedLayout(table)
        self._table_pages.addWidget(self.table)
        self._table_pages.addWidget(self._none)
        self._table_pages.addWidget(self._filtered)
        self._filters = QVBoxLayout()
        above = QHBoxLayout()
        above.setSpacing(Space.S)
        above.addWidget(self.order, 1)
        above.addWidget(self.review)
        upper = QVBoxLayout()
        upper.setContentsMargins(Space.S, Space.S, Space.S, 0)
        upper.setSpacing(Space.S)
        upper.addWidget(self.versions)
        upper.addWidget(self.against)
        upper.addLayout(above)
        upper.addLayout(self._filters)
        upper.addWidget(self.left_out)
        upper.addWidget(table, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addLayout(upper, 1)
        column.addWidget(self.tuning)
        return page


def _small_print() -> QLabel:
    label = QLabel()
    label.setProperty("muted", True)
    label.setProperty("small", True)
    label.setWordWrap(True)
    return label


def tab_text(scan: ModelScan) -> str:
    """`MODEL (12)`, and `[v3]` behind it while an older version is shown."""
    label = scan.label
    if len(label) > LONGEST_LABEL:
        # The number behind it has to stay in sight; the tooltip has it all.
        label = f"{label[: LONGEST_LABEL // 2]}…{label[-LONGEST_LABEL // 2 + 1 :]}"
    text = f"{label} ({len(scan.regions)})"
    return text if scan.is_newest else f"{text} [v{scan.age}]"


def against_text(against: Against) -> str:
    """How a version differs from the one before it."""
    parts = (f"{len(against.new)} new", f"{len(against.lost)} gone", f"{against.moved} moved")
    changed = [part for part in parts if not part.startswith("0 ")]
    return f"Against {_when(against.timestamp)}: {', '.join(changed) or 'the same regions'}"


def version_text(version: Version) -> str:
    """`2026-04-19 14:30 (12 regions, best: 0.95)`; a stamp that is no time is shown as it is."""
    return f"{_when(version.timestamp)} ({_regions(version.count)}, best: {version.max_score:.2f})"


def _when(stamp: str) -> str:
    try:
        return datetime.strptime(stamp, _STAMP).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return stamp


def _regions(count: int) -> str:
    return "1 region" if count == 1 else f"{count} regions"
