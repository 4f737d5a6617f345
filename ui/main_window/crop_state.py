"""How clips are cropped right now: what the person chose, the keyframes of the open media, and proposals."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from core.domain.crop import Crop
from core.domain.crop_plan import CropKeyframe, CropPlan, crop_at, in_order, keyframe_at
from core.domain.export import CutRequest
from ui import settings as keys
from ui.crop.page import CropOptions
from ui.settings import Settings


class CropState(QObject):
    """The base and the options are remembered in the settings; keyframes come from the history.

    `shown` is what the overlay shows: a crop on its way under the mouse, and proposals, count in it. What is exported
    holds neither.
    """

    changed = pyqtSignal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.keyframes: tuple[CropKeyframe, ...] = ()
        self.proposals: tuple[CropKeyframe, ...] = ()
        self.proposed_span = (0.0, 0.0)
        self._held: tuple[CropKeyframe | None, float] | None = None

    @property
    def base(self) -> CropKeyframe:
        """What holds where no keyframe does."""
        get = self._settings.get
        return CropKeyframe(
            0.0,
            get(keys.CROP_RATIO),
            get(keys.CROP_CENTER),
            get(keys.CROP_RANDOM_PORTRAIT),
            get(keys.CROP_RANDOM_SQUARE),
        )

    @property
    def options(self) -> CropOptions:
        get = self._settings.get
        return CropOptions(get(keys.CROP_SCATTER), get(keys.CROP_SEED), get(keys.CROP_MOVING), get(keys.CROP_MAX_SPEED))

    @property
    def plan(self) -> CropPlan:
        """What an export would take."""
        options = self.options
        return CropPlan(self.base, self.keyframes, options.moving, options.max_speed, options.scatter, options.seed)

    @property
    def shown(self) -> CropPlan:
        """What is to be seen."""
        plan = replace(self.plan, keyframes=self.with_proposals)
        if self._held is None:
            return plan
        source, center = self._held
        if source is None:
            return replace(plan, base=replace(plan.base, center=center))
        held = tuple(replace(each, center=center) if each == source else each for each in plan.keyframes)
        return replace(plan, keyframes=held)

    @property
    def with_proposals(self) -> tuple[CropKeyframe, ...]:
        """The keyframes there would be if the proposals were kept: they replace those in the span looked at."""
        if not self.proposals:
            return self.keyframes
        start, end = self.proposed_span
        kept = [each for each in self.keyframes if not start <= each.time_s <= end]
        return in_order([*kept, *self.proposals])

    def source_at(self, time_s: float) -> CropKeyframe | None:
        """The keyframe in force at a moment, None where the base holds."""
        return keyframe_at(self.with_proposals, time_s)

    def crop_at(self, time_s: float) -> Crop:
        """The crop to show at a moment."""
        return crop_at(self.shown, time_s)

    def applied(self, request: CutRequest, ratio: str | None = None) -> CutRequest:
        """The request with the crop as it is now, or in another ratio for this once."""
        plan = self.plan if ratio is None else self.plan.in_ratio(ratio)
        settings = replace(request.settings, portrait_ratio=plan.base.ratio, crop_center=plan.base.center)
        return replace(request, settings=settings, crop_plan=plan)

    def set_base(self, base: CropKeyframe) -> None:
        for key, value in (
            (keys.CROP_RATIO, base.ratio),
            (keys.CROP_CENTER, base.center),
            (keys.CROP_RANDOM_PORTRAIT, base.random_portrait),
            (keys.CROP_RANDOM_SQUARE, base.random_square),
        ):
            self._settings.set(key, value)
        self.changed.emit()

    def set_options(self, options: CropOptions) -> None:
        for key, value in (
            (keys.CROP_SCATTER, options.scatter),
            (keys.CROP_SEED, options.seed),
            (keys.CROP_MOVING, options.moving),
            (keys.CROP_MAX_SPEED, options.max_speed),
        ):
            self._settings.set(key, value)
        self.changed.emit()

    def set_keyframes(self, keyframes: tuple[CropKeyframe, ...]) -> None:
        """Follow the history."""
        if keyframes != self.keyframes:
            self.keyframes = keyframes
            self.changed.emit()

    def propose(self, proposals: tuple[CropKeyframe, ...], span: tuple[float, float] = (0.0, 0.0)) -> None:
        """Show keyframes that are not kept yet; none takes the former proposals away."""
        if proposals or self.proposals:
            self.proposals, self.proposed_span = proposals, span
            self.changed.emit()

    def hold(self, source: CropKeyframe | None, center: float) -> None:
        """Show a crop elsewhere for as long as the mouse holds it."""
        self._held = (source, center)
        self.changed.emit()

    def holding(self, source: CropKeyframe | None) -> CropKeyframe | None:
        """What is being held, else `source`: it stays the same while it is dragged, though it looks different."""
        return self._held[0] if self._held is not None else source

    def let_go(self) -> tuple[CropKeyframe | None, float] | None:
        """Where it was held at last, and of what; None when it was not."""
        held, self._held = self._held, None
        return held
