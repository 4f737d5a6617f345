"""Keeps the panel of scan results and the timeline's regions true to the open media, and turns keys into edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PyQt6.QtCore import QObject, pyqtSignal

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.media import Media
from core.domain.scan import RegionRow
from core.errors import EightCutError
from core.job import JobContext
from core.ops import regions, scan_export
from core.ops.regions import ModelScan
from ui.jobs.runner import Lane, Runner
from ui.main_window.cutting_state import CuttingState
from ui.main_window.notices import Notices
from ui.main_window.playback_controller import PlaybackController
from ui.main_window.scan_results.panel import ScanResultsPanel
from ui.main_window.scan_results.region_edits import Place, RegionEdits
from ui.main_window.scan_results.region_review import RegionReview
from ui.main_window.scan_results.region_scene import scene_of
from ui.main_window.scan_results.region_table import RegionAct
from ui.main_window.scan_results.threshold_tuning import ThresholdTuning
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.player.player import Player
from ui.session_bridge import SessionBridge
from ui.timeline.scene_regions import SceneRegion, SceneRegions
from ui.timeline.widget import TimelineWidget


@dataclass(frozen=True)
class _Read:
    """The scans of one media in one profile."""

    media: Media
    profile: str
    scans: tuple[ModelScan, ...]
    scenes: Mapping[str, SceneRegions]


class ResultsController(QObject):
    """What is edited is what was read for the media that is shown, never what happens to be open by then."""

    export_requested = pyqtSignal(object, object, object)
    """Media, its rows to cut, and the classifier's label."""

    def __init__(
        self,
        db: ProcessedDB,
        bridge: SessionBridge,
        runner: Runner,
        state: CuttingState,
        player: Player,
        playback: PlaybackController,
        notices: Notices,
        edits: RegionEdits,
        history_holds: Callable[[tuple[int, str, str]], bool],
    ) -> None:
        super().__init__(state)
        self._db = db
        self._session = bridge.session
        self._runner = runner
        self._state = state
        self._player = player
        self._playback = playback
        self._notices = notices
        self._edits = edits
        self._holds = history_holds
        self._read: _Read | None = None
        self._chosen: dict[tuple[int, str], dict[str, str]] = {}
        self._wanted_label = ""
        self._regions: Sequence[SceneRegion] = ()
        self._scene: Sequence[SceneRegion] = ()
        self._wanted: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
        bridge.changed.connect(self._follow_changes)
        bridge.focus_changed.connect(self._focus_changed)

    def show_in(self, panel: ScanResultsPanel, timeline: TimelineWidget, presenter: TimelinePresenter) -> None:
        """The panel, and the timeline that shows the same regions."""
        self._panel, self._presenter = panel, presenter
        timeline.region_resized.connect(self._resized)
        panel.table.acted.connect(self.act)
        panel.table.current_changed.connect(self._show_current)
        panel.model.times_edited.connect(self._set_times)
        panel.model_chosen.connect(self._model_chosen)
        panel.version_chosen.connect(self._choose_version)
        panel.retry_requested.connect(self.reload)
        self.review = RegionReview(panel, presenter, self._state, self._player, self._playback, self._notices)
        self.tuning = ThresholdTuning(panel, self._runner, self._edits, self._notices, lambda: self._place)
        self.tuning.previewed.connect(self._show_scene)
        self.tuning.unchanged.connect(self._show_stored)
        panel.tuning.export_requested.connect(self._export)
        self._state.batch_changed.connect(self._estimate)
        self._focus_changed()

    # -- reading ------------------------------------------------------------------------------------------------------

    def show_model(self, label: str) -> None:
        """Open this classifier's newest version as soon as it is there."""
        if self._read:
            self._chosen.setdefault((self._read.media.id, self._read.profile), {}).pop(label, None)
        self._wanted_label = label

    def reload(self) -> None:
        """Read the scans of the open media again, on the database lane."""
        media, profile = self._session.media, self._session.profile
        if media is None:
            return
        chosen = dict(self._chosen.get((media.id, profile), {}))
        fresh = self._read is None and not self._db.read_only

        def read(_: JobContext) -> _Read:
            scans = regions.view(self._db, media, profile, chosen)
            for scan in scans if fresh else ():
                if scan.rows.table["hidden"].any() and not self._holds((media.id, profile, scan.label)):
                    regions.forget_hidden(self._db, media, profile, scan.label, scan.timestamp)
            scenes = {scan.label: scene_of(scan) for scan in scans}
            return _Read(media, profile, scans, scenes)

        self._runner.submit(
            Lane.DB,
            "Read scan results",
            read,
            on_done=self._show,
            on_failed=self._failed,
            quiet=True,
            where=media.name,
            supersedes="scan-results",
        )

    def _show(self, read: _Read) -> None:
        if (read.media, read.profile) != (self._session.media, self._session.profile):
            return
        self._read = read
        wanted, self._wanted_label = self._wanted_label, ""
        self._panel.show_scans(read.scans, wanted)
        self._show_regions()

    def _failed(self, error: EightCutError) -> None:
        self._read = None
        self._panel.show_error(error)
        self._show_regions()

    def _focus_changed(self) -> None:
        self._read = None
        self._wanted_label = ""
        if self._session.media is None:
            self._panel.show_nothing()
        else:
            self._panel.show_loading()
            self.reload()
        self._show_regions()

    def _follow_changes(self, changes: Changes) -> None:
        media = self._session.media
        kinds = (Kind.SCANS, Kind.NEGATIVES, Kind.CLIPS)
        if media and any(changes.touches(kind, media.id) for kind in kinds):
            self.reload()

    # -- showing ------------------------------------------------------------------------------------------------------

    def _show_regions(self) -> None:
        """The regions of the open tab on the timeline, and how many clips they would make."""
        self._show_scene(self._read.scenes.get(self._panel.current_model_name(), ()) if self._read else ())

    def filter_regions(self, wanted: Callable[[np.ndarray, np.ndarray], np.ndarray] | None, why: str = "") -> None:
        """Show only the regions for whose starts and ends (seconds) this is True; None shows all.

        `why` is said where none is left.
        """
        self._wanted = wanted
        self._panel.filter_rows(wanted and (lambda rows: wanted(rows.starts, rows.ends)), why)
        self._show_scene(self._scene)

    def _show_scene(self, scene: Sequence[SceneRegion]) -> None:
        self._scene = scene
        if self._wanted is not None:
            scene = SceneRegions.of(scene)
            scene = scene.where(self._wanted(scene.starts, scene.ends))
        self._regions = scene
        self._show_current(self._panel.table.current_row)
        self._estimate()

    def _show_current(self, row: RegionRow | None) -> None:
        self._presenter.show_regions(self._regions, row.id if row else None)

    def _model_chosen(self, _: str) -> None:
        self._show_regions()

    def _choose_version(self, label: str, timestamp: str) -> None:
        """Show another version. Edits of the one before can no longer be undone: their rows are out of sight."""
        place = self._place
        if place is None:
            return
        self._chosen.setdefault((place.media.id, place.profile), {})[label] = timestamp
        self._edits.forget(replace(place, label=label))
        self.reload()

    def _estimate(self) -> None:
        """How many clips an export would make."""
        model = self._panel.model
        wanted = scan_export.exportable(model.rows, model.negative, model.exported)
        self._panel.show_estimate(len(wanted), scan_export.clips_in_all(wanted, self._shape))

    def _show_stored(self) -> None:
        if self._read:
            self._panel.show_scans(self._read.scans)
            self._show_regions()

    # -- edits --------------------------------------------------------------------------------------------------------

    @property
    def _place(self) -> Place | None:
        """What an edit is about right now."""
        scan = self._panel.scan
        if self._read is None or scan is None:
            return None
        return Place(self._read.media, self._read.profile, scan.label, scan.timestamp)

    def act(self, act: RegionAct, rows: Sequence[RegionRow]) -> None:
        """Do something with rows of the shown version; those of a preview are not stored yet and left alone."""
        place, model = self._place, self._panel.model
        rows = [row for row in rows if row.id > 0 and model.place_of(row.id) is not None]
        if act in (RegionAct.NEXT, RegionAct.PREVIOUS):
            self.review.step(1 if act is RegionAct.NEXT else -1)
        elif place is None or not rows:
            return
        elif act is RegionAct.PLAY:
            self.review.toggle_play(rows[0])
        elif act in (RegionAct.ACCEPT, RegionAct.REJECT, RegionAct.DISABLE):
            self._decide(place, act, rows)
        elif act is RegionAct.NEGATIVE:
            self._toggle_negative(place, rows)
        elif act is RegionAct.MERGE:
            self._edits.merge(place, rows)
        elif act is RegionAct.SPLIT:
            self._edits.split(place, rows[0], self._player.position_s)
        else:
            self._trim(act, rows[0])

    def _decide(self, place: Place, act: RegionAct, rows: Sequence[RegionRow]) -> None:
        beside = regions.hidden_beside(self._panel.scan, rows)
        if act is RegionAct.DISABLE:
            self._edits.set_disabled(place, rows, not all(row.disabled for row in rows), beside)
            return
        decide = self._edits.set_accepted if act is RegionAct.ACCEPT else self._edits.set_disabled
        if decide(place, rows, True, beside):
            self.review.go_on()

    def _toggle_negative(self, place: Place, rows: Sequence[RegionRow]) -> None:
        negative = self._panel.scan.negative if self._panel.scan else frozenset()
        if all(row.id in negative for row in rows):
            self._edits.unmark_negative(place, rows)
        else:
            marked = self._edits.mark_negative(place, [row for row in rows if row.id not in negative])
            if marked and self.review.on:
                self.review.go_on()

    def _trim(self, act: RegionAct, row: RegionRow) -> None:
        now_s = self._player.position_s
        start, end = {
            RegionAct.TRIM_START: (now_s, row.end_s),
            RegionAct.TRIM_END: (row.start_s, now_s),
            RegionAct.RESET: (row.hit.start_s, row.hit.end_s),
        }[act]
        self._set_times(row, start, end)

    def _set_times(self, row: RegionRow, start_s: float, end_s: float) -> None:
        if self._place and row.id > 0:
            self._edits.set_times(self._place, row, start_s, end_s, self._state.duration_s)

    def _resized(self, region_id: int, start_s: float, end_s: float) -> None:
        place = self._panel.model.place_of(region_id)
        if place is not None:
            self._panel.table.go_to(region_id)
            self._set_times(self._panel.model.row_at(place), start_s, end_s)

    # -- export -------------------------------------------------------------------------------------------------------

    @property
    def _shape(self) -> Batch:
        return self._state.batch

    def _export(self, only_selected: bool) -> None:
        place, table, model = self._place, self._panel.table, self._panel.model
        if place is None:
            return
        self._panel.tuning.settle()
        chosen = table.selected_rows if only_selected else model.rows
        rows = scan_export.exportable(chosen, model.negative, model.exported, again=only_selected)
        if rows:
            self.export_requested.emit(place.media, rows, place.label)
        else:
            self._notices.tell("The selected regions are disabled or negative: nothing to export.")
