"""Cropping: what is clicked and chosen becomes the base or a keyframe, undoably, and every view shows the same crop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from core.changes import Changes, Kind
from core.domain.crop import RATIOS, Crop, center_of_click
from core.domain.crop_plan import SAME_TIME_S, CropKeyframe, in_order
from core.domain.export import CutRequest, ExportSettings
from core.domain.timecode import format_time
from core.ops.crops import set_keyframes
from ui.action_table import Act
from ui.actions import ActionTable
from ui.commands.command import About, Command
from ui.crop.keyframe_list import describe
from ui.crop.overlay import CropOverlay
from ui.crop.page import CropPage
from ui.main_window.crop_state import CropState
from ui.main_window.cutting_state import CuttingState
from ui.main_window.notices import Notices
from ui.main_window.playback_controller import PlaybackController
from ui.player.player import Player
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.timeline.scene import SceneKeyframe

EXPORTS = {Act.EXPORT_9_16: "9:16", Act.EXPORT_4_5: "4:5", Act.EXPORT_1_1: "1:1"}


@dataclass(frozen=True)
class CropViews:
    """Where a crop is seen and touched. `surface` is the player's; `show_on_timeline` takes scene keyframes."""

    page: CropPage
    overlay: CropOverlay
    surface: QWidget
    show_on_timeline: Callable[[tuple[SceneKeyframe, ...]], None]


class CropController(QObject):
    """What a change changes is what is seen: the keyframe in force at the playhead, or the base where none is."""

    def __init__(
        self,
        services: Services,
        state: CuttingState,
        crops: CropState,
        player: Player,
        playback: PlaybackController,
        views: CropViews,
        notices: Notices,
    ) -> None:
        super().__init__(state)
        self._db = services.db
        self._session = services.session
        self._state = state
        self._crops = crops
        self._player = player
        self._playback = playback
        self._page, self._surface, self._show_on_timeline = views.page, views.surface, views.show_on_timeline
        self._undo = services.undo
        self._notices = notices
        self._overlay = views.overlay
        self._surface.add_overlay(self._overlay)
        self._seen: object = None
        self._rows: object = None
        self._page.show_options(crops.options)
        self._connect(services.bridge)
        self._refresh()

    def bind(self, actions: ActionTable, export: Callable[[str], None]) -> None:
        """Give the commands of the Crop menu their meaning; `export` cuts one batch in a ratio."""
        keyframes = self._page.keyframes
        for act, do in (
            (Act.CROP_NEXT_RATIO, self.next_ratio),
            (Act.KEYFRAME_ADD, self.add_keyframe),
            (Act.KEYFRAME_MOVE, self.move_keyframe),
            (Act.KEYFRAME_DELETE, self.delete_keyframe),
            (Act.KEYFRAME_PREVIOUS, lambda: self.step(-1)),
            (Act.KEYFRAME_NEXT, lambda: self.step(1)),
            (Act.TRACK_SUBJECT, keyframes.track_requested.emit),
            *((act, partial(export, ratio)) for act, ratio in EXPORTS.items()),
        ):
            actions.connect(act, do)
        self._page.export_requested.connect(export)

    # -- what can be done ---------------------------------------------------------------------------------------------

    def choose_ratio(self, ratio: str) -> None:
        """Crop to this ratio from the keyframe in force on, or everywhere where none is."""
        self._change(f"Crop to {ratio}" if ratio else "Crop nothing", ratio=ratio)

    def next_ratio(self) -> None:
        """Off, 9:16, 4:5, 1:1, and off again."""
        ratios = ["", *RATIOS]
        self.choose_ratio(ratios[(ratios.index(self._crop().ratio) + 1) % len(ratios)])

    def add_keyframe(self) -> None:
        """A keyframe at the playhead, with the crop as it stands there."""
        if self._size is None:
            self._notices.tell("Open a video first; a keyframe says how it is cropped from its place on.")
            return
        time_s, source, crop = self._shown_s, self._source(), self._crop()
        if source and abs(source.time_s - time_s) < 2 * SAME_TIME_S:
            self._notices.tell("There is a keyframe at the playhead already.")
            return
        like = source or self._crops.base
        added = replace(like, time_s=time_s, ratio=crop.ratio, center=crop.center)
        self._edit(f"Add a crop keyframe at {format_time(time_s)}", (*self._crops.keyframes, added))

    def move_keyframe(self) -> None:
        """Let the keyframe in force begin at the playhead."""
        source = self._kept_source()
        if source:
            others = self._without(source)
            moved = replace(source, time_s=self._shown_s)
            self._edit(f"Move the crop keyframe at {format_time(source.time_s)}", (*others, moved))

    def delete_keyframe(self) -> None:
        """Delete the keyframe in force; what held before it then holds on."""
        source = self._kept_source()
        if source:
            self._edit(f"Delete the crop keyframe at {format_time(source.time_s)}", self._without(source))

    def step(self, direction: int) -> None:
        """Go to the keyframe before or behind the playhead."""
        times = [each.time_s for each in self._crops.with_proposals]
        now = self._shown_s
        if direction < 0:
            found = max((time for time in times if time < now - SAME_TIME_S), default=None)
        else:
            found = min((time for time in times if time > now + SAME_TIME_S), default=None)
        if found is not None:
            self.go_to(found)
        else:
            self._notices.tell("No more keyframes that way.")

    def go_to(self, time_s: float) -> None:
        """Show a keyframe; a locked cursor stays."""
        if self._state.locked:
            self._playback.scrub(time_s, True)
        else:
            self._playback.move_cursor(time_s)

    def keep_proposals(self) -> None:
        """Make the proposed keyframes real; undo brings back those they replaced."""
        kept, count = self._crops.with_proposals, len(self._crops.proposals)
        self._crops.propose(())
        self._edit(f"Keep {count} proposed keyframes", kept)

    # -- one way to change --------------------------------------------------------------------------------------------

    def _change(self, text: str, **fields: object) -> None:
        source = self._source()
        if source is None:
            self._crops.set_base(replace(self._crops.base, **fields))
        elif source in self._crops.proposals:
            changed = tuple(replace(each, **fields) if each == source else each for each in self._crops.proposals)
            self._crops.propose(changed, self._crops.proposed_span)
        else:
            self._edit(text, (*self._without(source), replace(source, **fields)))

    def _edit(self, text: str, keyframes: tuple[CropKeyframe, ...]) -> None:
        media, profile, before = self._state.media, self._session.profile, self._crops.keyframes
        after = in_order(keyframes)
        if media is None or after == before:
            return
        forward = partial(set_keyframes, self._db, profile, media.id, after, self._state.duration_s or None)
        backward = partial(set_keyframes, self._db, profile, media.id, before)
        about = About(media, profile)
        self._undo.push(Command(text, forward, backward, self._session.publish, self._notices.complain, about))

    def _without(self, keyframe: CropKeyframe) -> tuple[CropKeyframe, ...]:
        return tuple(each for each in self._crops.keyframes if each != keyframe)

    def _kept_source(self) -> CropKeyframe | None:
        source = self._source()
        if source is None or source not in self._crops.keyframes:
            self._notices.tell("No keyframe is in force at the playhead.")
            return None
        return source

    # -- the mouse ----------------------------------------------------------------------------------------------------

    def _pull(self, across: float, down: float) -> None:
        """The picture was clicked, or the crop is being dragged over it."""
        ratio = self._crop().ratio
        if self._size and ratio:
            self._crops.hold(self._crops.holding(self._source()), center_of_click(*self._size, ratio, across, down))

    def _slide(self, center: float) -> None:
        self._crops.hold(self._crops.holding(self._source()), center)

    def _drop(self) -> None:
        held = self._crops.let_go()
        if held is not None:
            self._change("Move the crop", center=held[1])
            self._refresh()

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def _shown_s(self) -> float:
        return self._state.snap(self._player.position_s) if self._player.is_open else self._state.cursor_s

    @property
    def _size(self) -> tuple[int, int] | None:
        video = self._state.info.video if self._state.info else None
        return (video.width, video.height) if video else None

    def _source(self) -> CropKeyframe | None:
        return self._crops.source_at(self._shown_s)

    def _crop(self) -> Crop:
        return self._crops.crop_at(self._shown_s)

    def _connect(self, bridge: SessionBridge) -> None:
        state, crops, page, keyframes = self._state, self._crops, self._page, self._page.keyframes
        bridge.focus_changed.connect(self._read)
        bridge.changed.connect(self._follow_changes)
        crops.changed.connect(self._refresh)
        for signal in (state.facts_changed, state.media_changed):
            signal.connect(self._refresh)
        for signal in (state.batch_changed, state.cursor_changed):
            signal.connect(self._show_batch)
        self._player.position_changed.connect(self._follow_position)
        self._surface.clicked.connect(self._pull)
        self._surface.dragged.connect(self._pull)
        self._surface.released.connect(self._drop)
        page.bar.moved.connect(self._slide)
        page.bar.settled.connect(self._drop)
        page.ratio_chosen.connect(self.choose_ratio)
        page.chance_chosen.connect(self._choose_chance)
        page.options_edited.connect(lambda: crops.set_options(page.options))
        keyframes.add_requested.connect(self.add_keyframe)
        keyframes.move_requested.connect(self.move_keyframe)
        keyframes.delete_requested.connect(self.delete_keyframe)
        keyframes.step_requested.connect(self.step)
        keyframes.chosen.connect(self.go_to)
        keyframes.keep_requested.connect(self.keep_proposals)
        keyframes.discard_requested.connect(lambda: crops.propose(()))

    def _choose_chance(self, portrait: bool, square: bool) -> None:
        self._change("Random crops", random_portrait=portrait, random_square=square)

    def _follow_changes(self, changes: Changes) -> None:
        media = self._session.media
        if media and changes.touches(Kind.CROPS, media.id):
            self._read()

    def _read(self) -> None:
        media = self._session.media
        self._crops.let_go()
        self._crops.propose(())
        self._crops.set_keyframes(self._db.crops.keyframes(media.id, self._session.profile) if media else ())

    def _refresh(self) -> None:
        """Show everything anew: the plan or the media has changed."""
        self._overlay.size = self._size
        self._page.set_ready(self._size is not None)
        proposed = set(self._crops.proposals)
        self._show_on_timeline(
            tuple(
                SceneKeyframe(each.time_s, each.ratio or "off", describe(each), each in proposed)
                for each in self._crops.with_proposals
            )
        )
        self._page.keyframes.show_proposals(len(proposed))
        self._seen = None
        self._follow_position()
        self._show_batch()

    def _follow_position(self, _: float = 0.0) -> None:
        crop, source = self._crop(), self._source()
        if self._seen == (crop, source):
            return
        self._seen = (crop, source)
        self._overlay.crop = crop
        self._surface.update()
        self._page.show_crop(self._size, crop, source or self._crops.base, source is not None)
        rows = (self._crops.with_proposals, source, self._state.duration_s or None)
        if rows != self._rows:
            # A moving crop changes with every picture, its keyframes do not.
            self._rows = rows
            self._page.keyframes.show_keyframes(*rows)

    def _show_batch(self, *_: object) -> None:
        media = self._state.media
        if media is None or self._size is None:
            self._page.show_batch(())
            return
        request = CutRequest(media, self._state.batch, ExportSettings(""), self._session.profile)
        self._page.show_batch(self._crops.applied(request).crops_of(range(request.batch.clips)))
