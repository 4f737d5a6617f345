"""The sliders at work: regions are made anew from stored scores while they move, and stored once they rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QObject, pyqtSignal

from core.domain.scan import RegionRule
from core.errors import EightCutError
from core.ops import regions
from core.ops.regions import ModelScan, Preview
from ui.jobs.runner import Lane, Runner
from ui.main_window.notices import Notices
from ui.main_window.scan_results.panel import ScanResultsPanel
from ui.main_window.scan_results.region_edits import Place, RegionEdits
from ui.main_window.scan_results.region_scene import scene_regions
from ui.timeline.scene_regions import SceneRegions

_Preview = tuple[Preview, SceneRegions]


class ThresholdTuning(QObject):
    """One computation at a time, and then the latest wish, so that a slow one never blocks the slider."""

    previewed = pyqtSignal(object)
    """The panel shows other regions; these are for the timeline: `SceneRegions`."""
    unchanged = pyqtSignal()
    """The slider came back to where it was: what is stored is to be shown again."""

    def __init__(
        self,
        panel: ScanResultsPanel,
        runner: Runner,
        edits: RegionEdits,
        notices: Notices,
        place: Callable[[], Place | None],
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._runner = runner
        self._edits = edits
        self._notices = notices
        self._place = place
        self._busy = False
        self._next: tuple[float, float] | None = None
        self._began: tuple[Place, RegionRule] | None = None
        panel.tuning.moved.connect(self._move)
        panel.tuning.settled.connect(self._settle)

    def _move(self, threshold: float, fuse_s: float) -> None:
        place, scan = self._place(), self._panel.scan
        if place is None or scan is None or scan.made is None:
            return
        if self._began is None:
            self._began = place, RegionRule(scan.made.threshold, scan.made.fuse_s)
        if self._busy:
            self._next = (threshold, fuse_s)
            return
        rule = RegionRule(threshold, fuse_s)
        self._busy = True
        self._runner.submit(
            Lane.IO,
            "Try a threshold",
            lambda _: _preview(scan, rule),
            on_done=partial(self._show, place, threshold),
            on_failed=self._fail,
            quiet=True,
        )

    def _show(self, place: Place, threshold: float, found: _Preview) -> None:
        self._busy = False
        wanted, self._next = self._next, None
        if place == self._place() and self._panel.tuning.moving:
            self._panel.show_preview(found[0], threshold)
            self.previewed.emit(found[1])
            if wanted:
                self._move(*wanted)

    def _fail(self, error: EightCutError) -> None:
        self._busy, self._next = False, None
        self._notices.complain(error)

    def _settle(self, threshold: float, fuse_s: float) -> None:
        """Store it for the scan that was shown when the slider began to move, whatever is shown by now."""
        began, self._began = self._began, None
        if began is None:
            return
        (place, old), new = began, RegionRule(threshold, fuse_s)
        if new == old:
            self.unchanged.emit()
        else:
            self._edits.set_rule(place, old, new)


def _preview(scan: ModelScan, rule: RegionRule) -> _Preview:
    found = regions.preview(scan, rule)
    return found, scene_regions(found.rows, found.negative, found.exported)
