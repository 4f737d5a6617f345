"""Composes what the timeline shows from the state of cutting and the history, and passes its gestures on."""

from __future__ import annotations

from bisect import bisect_right

from PyQt6.QtCore import QObject, pyqtSignal

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.coverage import coverage
from core.domain.export import Marker
from core.domain.timespan import Span
from ui.main_window.cutting_state import CuttingState
from ui.main_window.playback_controller import PlaybackController
from ui.player.player import Player
from ui.session_bridge import SessionBridge
from ui.timeline.scene import SceneKeyframe, SceneMarker, SceneRegion, TimelineScene
from ui.timeline.widget import TimelineWidget

SAME_PLACE_S = 1e-3


class TimelinePresenter(QObject):
    """Reads the markers of the open media once per change, never per frame."""

    composed = pyqtSignal()
    """The timeline shows something else, or the cursor is elsewhere."""

    def __init__(
        self,
        db: ProcessedDB,
        bridge: SessionBridge,
        state: CuttingState,
        player: Player,
        timeline: TimelineWidget,
        playback: PlaybackController,
    ) -> None:
        super().__init__(state)
        self._db = db
        self._session = bridge.session
        self._state = state
        self._player = player
        self._timeline = timeline
        self._playback = playback
        self._markers: list[Marker] = []
        self._shown: tuple[SceneMarker, ...] = ()
        self._cut: list[Span] = []
        self._coverage: tuple[Span, ...] = ()
        self._armed: int | None = None
        self._keyframes: tuple[SceneKeyframe, ...] = ()
        self._regions: tuple[SceneRegion, ...] = ()
        self._current_region: object = None
        self._reviewing = False
        bridge.changed.connect(self._follow_changes)
        bridge.focus_changed.connect(self._read_markers)
        for signal in (state.media_changed, state.facts_changed, state.batch_changed, state.cursor_changed):
            signal.connect(self._compose)
        state.locked_changed.connect(timeline.set_locked)
        player.position_changed.connect(self._show_playhead)
        player.paused_changed.connect(lambda paused: timeline.set_playing(not paused))
        timeline.cursor_requested.connect(state.set_cursor)
        timeline.scrub_requested.connect(playback.scrub)
        timeline.clips_step.connect(lambda step: state.shape_batch(clips=state.batch.clips + step))
        timeline.lock_toggled.connect(lambda: state.set_locked(not state.locked))

    def next_marker(self) -> bool:
        """Put the cursor on the next marker, around the end if need be; False when there is none."""
        starts = sorted({marker.batch.cursor_s for marker in self._markers})
        if not starts:
            return False
        position = bisect_right(starts, self._state.cursor_s + 1e-6) % len(starts)
        self._playback.move_cursor(starts[position])
        return True

    def show_keyframes(self, keyframes: tuple[SceneKeyframe, ...]) -> None:
        """Show these crop keyframes of the open media."""
        if keyframes != self._keyframes:
            self._keyframes = keyframes
            self._compose()

    def show_regions(self, regions: tuple[SceneRegion, ...], current: object = None) -> None:
        """Show these regions of a scan of the open media, and which of them is the current one."""
        if regions is not self._regions or current != self._current_region:
            self._regions, self._current_region = regions, current
            self._compose()

    def set_reviewing(self, reviewing: bool) -> None:
        """While regions are reviewed nothing else is on the timeline."""
        self._reviewing = reviewing
        self._compose()

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Those of this media in the active profile, in order of their start."""
        return tuple(self._markers)

    def _show_playhead(self, position_s: float) -> None:
        """Follow the picture; while a drag shows keyframes the mouse says where the playhead is."""
        self._timeline.set_playhead(self._player.wanted_s if self._player.scrubbing else position_s)

    def marker(self, batch_id: object) -> Marker | None:
        """The marker of a batch of the active profile."""
        return next((marker for marker in self._markers if marker.batch_id == batch_id), None)

    def marker_at_cursor(self) -> Marker | None:
        """The one that starts at the cursor, else the last that starts before and reaches over it."""
        cursor_s = self._state.cursor_s
        here = [marker for marker in self._markers if abs(marker.batch.cursor_s - cursor_s) < SAME_PLACE_S]
        over = [marker for marker in self._markers if marker.batch.span.contains(cursor_s)]
        return (here or over or [None])[-1]

    def go_to(self, marker: Marker) -> None:
        self.go_to_time(marker.batch.cursor_s)

    def go_to_time(self, time_s: float) -> None:
        """Put the cursor and the picture there."""
        self._playback.move_cursor(time_s)

    def show_armed(self, batch_id: int | None) -> None:
        """Show this marker as the one the next export overwrites."""
        self._armed = batch_id
        self._compose()

    def _follow_changes(self, changes: Changes) -> None:
        media = self._session.media
        if media and changes.touches(Kind.CLIPS, media.id):
            self._read_markers()

    def _read_markers(self) -> None:
        media = self._session.media
        if media is None:
            self._markers, self._shown, self._cut = [], (), []
        else:
            profile = self._session.profile
            self._markers = self._db.clips.markers(media.id, profile)
            others = self._db.clips.other_markers(media.id, profile)
            self._cut = self._db.clips.spans(media.id)
            folders = sorted({marker.folder for marker in (*self._markers, *others)})
            self._shown = (
                *(_scene_marker(marker, folders, own=True) for marker in self._markers),
                *(_scene_marker(marker, folders, own=False) for marker in others),
            )
        self._compose()

    def _compose(self, *_: object) -> None:
        state = self._state
        if state.media is None:
            self._timeline.set_scene(TimelineScene())
            self.composed.emit()
            return
        video = state.info.video if state.info else None
        self._timeline.set_scene(
            TimelineScene(
                duration_s=state.duration_s,
                cursor_s=state.cursor_s,
                batch=None if self._reviewing else state.batch,
                markers=() if self._reviewing else self._shown,
                regions=self._regions,
                coverage=self._covered(),
                armed_marker=self._armed,
                keyframes=self._keyframes,
                highlighted_region=self._current_region,
                has_audio=bool(state.info.audio) if state.info else True,
                frame_s=float(1 / video.fps) if video and video.fps else None,
            )
        )
        self.composed.emit()

    def _covered(self) -> tuple[Span, ...]:
        """The same object while nothing changes, which spares repainting."""
        found, _ = coverage(self._cut, self._state.duration_s)
        if found != self._coverage:
            self._coverage = found
        return self._coverage


def _scene_marker(marker: Marker, folders: list[str], own: bool) -> SceneMarker:
    return SceneMarker(
        id=marker.batch_id,
        start_s=marker.batch.cursor_s,
        span=marker.batch.span,
        label=str(marker.number),
        tooltip=marker.tooltip,
        folder_index=folders.index(marker.folder),
        own=own,
    )
