"""Fills the optional lanes of the timeline, in the background and only while they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject

from core.domain.media import Media, MediaInfo
from core.errors import EightCutError
from core.job import JobContext
from core.ops import lanes
from ui import settings as keys
from ui.jobs.runner import JobRunner, Lane
from ui.main_window.cutting_state import CuttingState
from ui.main_window.live_settings import LiveSettings
from ui.main_window.window import MainWindow
from ui.settings import Setting
from ui.timeline.layers.spectrogram import SpectrogramLayer
from ui.timeline.layers.thumbnails import ThumbnailLayer


@dataclass
class _Filling:
    """One lane: where it shows, what makes its contents, and which media it was last asked for."""

    layer: SpectrogramLayer | ThumbnailLayer
    setting: Setting[bool]
    title: str
    make: Callable[[Media, Path, JobContext], object]
    suits: Callable[[MediaInfo], bool]
    asked: Media | None = None


class LanesController(QObject):
    """A lane that is shown is filled once per media; one that is hidden costs nothing."""

    def __init__(
        self, cache: Path, runner: JobRunner, state: CuttingState, window: MainWindow, live: LiveSettings
    ) -> None:
        super().__init__(state)
        self._cache = cache
        self._runner = runner
        self._state = state
        self._window = window
        self._lanes = (
            _Filling(
                window.spectrogram,
                keys.SPECTROGRAM,
                "Draw the spectrogram",
                lanes.spectrogram,
                lambda info: bool(info.audio),
            ),
            _Filling(
                window.thumbnails,
                keys.THUMBNAILS,
                "Make thumbnails",
                lanes.thumbnails,
                lambda info: info.video is not None,
            ),
        )
        for lane in self._lanes:
            live.follow(lane.setting, lambda shown, lane=lane: self._show(lane, shown))
        state.media_changed.connect(self._forget)
        state.facts_changed.connect(self._fill)

    def _show(self, lane: _Filling, shown: bool) -> None:
        before = self._window.timeline.lanes_px
        lane.layer.shown = shown
        self._window.timeline.relayout()
        self._window.grow_timeline(self._window.timeline.lanes_px - before)
        self._fill()

    def _forget(self) -> None:
        for lane in self._lanes:
            lane.layer.provider, lane.asked = None, None
        self._window.timeline.relayout()

    def _fill(self) -> None:
        media, info = self._state.media, self._state.info
        if media is None or info is None:
            return
        for lane in self._lanes:
            if lane.layer.shown and lane.asked != media and lane.suits(info):
                self._start(lane, media)

    def _start(self, lane: _Filling, media: Media) -> None:
        lane.asked = media
        lane.layer.text = f"{lane.title}…"

        def done(made: object) -> None:
            if lane.asked == media:
                lane.layer.provider = made
                self._window.timeline.invalidate()

        def failed(error: EightCutError) -> None:
            if lane.asked == media:
                lane.layer.text = error.what
                self._window.timeline.invalidate()

        self._runner.submit(
            Lane.IO,
            lane.title,
            lambda ctx: lane.make(media, self._cache, ctx),
            on_done=done,
            on_failed=failed,
            quiet=True,
            where=media.name,
            supersedes=lane.setting.name,
        )
        self._window.timeline.invalidate()
