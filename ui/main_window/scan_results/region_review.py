"""Going from region to region: seeking, playing in a loop, and the review in which each one plays at once."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QObject

from core.domain.scan import RegionRow
from ui.main_window.cutting_state import CuttingState
from ui.main_window.notices import Notices
from ui.main_window.playback_controller import PlaybackController
from ui.main_window.scan_results.panel import ScanResultsPanel
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.player.player import Player


class RegionReview(QObject):
    """Moves the table's current row and the player together."""

    def __init__(
        self,
        panel: ScanResultsPanel,
        presenter: TimelinePresenter,
        state: CuttingState,
        player: Player,
        playback: PlaybackController,
        notices: Notices,
    ) -> None:
        super().__init__(panel)
        self._panel = panel
        self._presenter = presenter
        self._state = state
        self._player = player
        self._playback = playback
        self._notices = notices
        panel.table.seek_requested.connect(self.seek)
        panel.review_toggled.connect(self._switch)

    @property
    def on(self) -> bool:
        """Whether regions are reviewed: only they are on the timeline, and the current one plays."""
        return self._panel.review.isChecked()

    def next_region(self) -> None:
        """The next one of the table, wherever the focus is; the first one behind the cursor when none is chosen."""
        table, model = self._panel.table, self._panel.model
        if not model.rowCount():
            self._notices.tell("There are no regions in this file yet. Scan it first (Scan menu).")
        elif table.current_row is None:
            behind = np.flatnonzero(model.rows.starts > self._state.cursor_s + 1e-6)
            table.go_to(model.row_at(int(behind[0]) if len(behind) else 0).id)
            self._arrive(table.current_row)
        else:
            self.step(1)

    def step(self, rows: int) -> None:
        """Go on or back by so many rows."""
        row = self._panel.table.step(rows)
        if row is None:
            self._notices.tell("This was the last region." if rows > 0 else "This is the first region.")
        else:
            self._arrive(row)

    def go_on(self) -> None:
        """To the next one after a decision; at the end nothing moves."""
        row = self._panel.table.step(1)
        if row is not None:
            self._arrive(row)
        elif self.on:
            self._notices.tell("That was the last region of this file.", "success")

    def toggle_play(self, row: RegionRow) -> None:
        """Play a region in a loop, or pause."""
        if self._player.paused:
            self.play_span(row.start_s, row.end_s)
        else:
            self._player.pause()

    def play_span(self, start_s: float, end_s: float) -> None:
        """Play a part of the open media in a loop."""
        self.seek(start_s)
        self._player.set_loop(start_s, end_s)
        self._player.play()

    def seek(self, time_s: float) -> None:
        """Show a moment; the cursor comes along unless it is locked."""
        if self._state.locked:
            self._player.seek(time_s)
        else:
            self._playback.move_cursor(time_s)

    def _arrive(self, row: RegionRow) -> None:
        if self.on:
            self.play_span(row.start_s, row.end_s)
        else:
            self.seek(row.start_s)

    def _switch(self, on: bool) -> None:
        self._presenter.set_reviewing(on)
        if not on:
            self._player.pause()
            return
        self._panel.table.setFocus()
        row = self._panel.table.current_row
        if row is None:
            self.next_region()
        else:
            self._arrive(row)
