"""Following a person: a detector looks at the batch in the background, its keyframes are proposed, not set."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from core.domain.crop_plan import CropKeyframe
from core.errors import EightCutError
from core.models.weights import WeightStore
from core.ops.track import propose
from core.paths import DataPaths
from ui.crop.keyframe_list import KeyframeList
from ui.jobs.runner import Job, JobRunner, Lane
from ui.main_window.crop_state import CropState
from ui.main_window.cutting_state import CuttingState
from ui.main_window.notices import Notices


class TrackController(QObject):
    """One look at a time; its result counts only while the media that it was about is open."""

    def __init__(
        self,
        runner: JobRunner,
        state: CuttingState,
        crops: CropState,
        page: KeyframeList,
        notices: Notices,
        paths: DataPaths,
    ) -> None:
        super().__init__(state)
        self._runner = runner
        self._state = state
        self._crops = crops
        self._page = page
        self._notices = notices
        self._paths = paths
        self._job: Job | None = None
        page.track_requested.connect(self.track)
        state.media_changed.connect(self._forget)

    def track(self) -> None:
        """Look for a person in the pending batch."""
        media, info, batch, plan = self._state.media, self._state.info, self._state.batch, self._crops.plan
        if self._job is not None:
            self._notices.tell("The detector is at work already.")
            return
        if media is None or info is None or info.video is None:
            self._notices.tell("Open a video first; the detector looks for a person in the batch at the cursor.")
            return
        span = (batch.span.start_s, batch.span.end_s)
        self._page.set_tracking(True)
        self._job = self._runner.submit(
            Lane.ENGINE,
            "Track the subject",
            lambda ctx: propose(media.path, info.video, batch, plan, ctx, WeightStore.at(self._paths)),
            on_done=lambda found: self._found(media.id, found, span),
            on_failed=self._failed,
            on_cancelled=self._forget,
            where=media.name,
        )

    def _found(self, media_id: int, keyframes: tuple[CropKeyframe, ...], span: tuple[float, float]) -> None:
        self._forget()
        if self._state.media is not None and self._state.media.id == media_id:
            self._crops.propose(keyframes, span)

    def _failed(self, error: EightCutError) -> None:
        self._forget()
        self._notices.complain(error)

    def _forget(self) -> None:
        self._job = None
        self._page.set_tracking(False)
