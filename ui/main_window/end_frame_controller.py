"""Keeps the end-frame view true while it is open: the last frame of the pending batch with its crop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QTimer

from core.domain.crop import Crop
from core.domain.export import CutRequest, ExportSettings
from core.errors import EightCutError
from core.ops.crops import end_frame, end_time_s
from ui.crop.end_frame import EndFrameView
from ui.crop.overlay import Trim
from ui.jobs.runner import JobRunner, Lane
from ui.main_window.crop_state import CropState
from ui.main_window.cutting_state import CuttingState

if TYPE_CHECKING:
    from core.media.still import Still

# A drag of the cursor asks for many frames; only where it rests is one worth decoding.
REST_MS = 60


class EndFrameController(QObject):
    """Decodes only what is seen, one frame at a time, and only when the frame is another one."""

    def __init__(
        self, runner: JobRunner, state: CuttingState, crops: CropState, view: EndFrameView, trim: Callable[[], Trim]
    ) -> None:
        super().__init__(state)
        self._runner = runner
        self._state = state
        self._crops = crops
        self._view = view
        self._trim = trim
        self._still: Still | None = None
        self._still_of: tuple[str, float] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look)
        for signal in (state.media_changed, state.facts_changed, state.cursor_changed, state.batch_changed):
            signal.connect(self._stir)
        crops.changed.connect(self._stir)
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self._view and event.type() is QEvent.Type.Show:
            self._stir()
        return super().eventFilter(watched, event)

    def _stir(self, *_: object) -> None:
        if self._view.isVisible():
            self._rest.start()

    def _look(self) -> None:
        media, info, times = self._state.media, self._state.info, self._state.times
        if media is None:
            self._view.show_text("Open a video to see where its batch ends")
        elif info is not None and info.video is None:
            self._view.show_text("This file has no picture")
        elif info is None or times is None:
            self._view.show_text("Reading the frame times…")
        else:
            wanted = (media.path, end_time_s(self._state.batch, info.video.fps, times))
            if wanted == self._still_of and self._still is not None:
                self._show(self._still)
                return
            self._still_of = wanted
            self._runner.submit(
                Lane.IO,
                "Read the end frame",
                lambda ctx: end_frame(*wanted, ctx),
                on_done=lambda still: self._read(wanted, still),
                on_failed=lambda error: self._failed(wanted, error),
                quiet=True,
                where=media.name,
                supersedes="end-frame",
            )

    def _read(self, wanted: tuple[str, float], still: Still) -> None:
        if wanted == self._still_of:
            self._still = still
            self._show(still)

    def _failed(self, wanted: tuple[str, float], error: EightCutError) -> None:
        if wanted == self._still_of:
            self._still = self._still_of = None
            self._view.show_text(str(error))

    def _show(self, still: Still) -> None:
        info = self._state.info
        if info is not None and info.video is not None:
            size = (info.video.width, info.video.height)
            self._view.show_picture(still.rgb, size, still.time_s, self._last_crop(still.time_s), self._trim())

    def _last_crop(self, time_s: float) -> Crop:
        """The crop of the last clip as it stands in its last frame."""
        batch = self._state.batch
        request = self._crops.applied(CutRequest(self._state.media, batch, ExportSettings("")))
        request = replace(request, crop_plan=self._crops.shown)
        [crop] = request.crops_of([batch.clips - 1])
        return crop.at(max(0.0, time_s - batch.starts_s[-1]))
