"""Propose crop keyframes that follow a person through a batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.domain.clip import Batch
from core.domain.crop import Axis, center_of_click, free_axis
from core.domain.crop_plan import CropKeyframe, CropPlan, keyframe_at
from core.domain.media import VideoStream
from core.domain.timecode import format_time
from core.domain.tracking import Box, Sighting, moving_keyframes, standing_keyframes, subject_path
from core.errors import UserError
from core.job import JobContext
from core.media.sampled import sampled_frames
from core.models.weights import WeightStore

if TYPE_CHECKING:
    import numpy as np

LOOKS_PER_S = 4
_LOOK_PX = 480
_AT_ONCE = 8

Detect = Callable[[Sequence["np.ndarray"]], list[tuple[Box, ...]]]


def propose(
    path: str | os.PathLike[str],
    video: VideoStream,
    batch: Batch,
    plan: CropPlan,
    ctx: JobContext,
    weights: WeightStore | None = None,
    detect: Detect | None = None,
) -> tuple[CropKeyframe, ...]:
    """Look for a person in the batch's span; returns keyframes in the ratio in force at its start, ascending.

    Where crops move, they follow the person; else each clip gets the place where the person mostly is. Nothing is
    stored.

    Args:
        detect: finds people; by default the trained detector, loaded from `weights`.

    Raises:
        UserError: there is no crop that could be moved, or nobody was found.
        EnvironmentProblem: the detector's weights cannot be fetched.
        Cancelled: `ctx` was cancelled.
    """
    source = keyframe_at(plan.keyframes, batch.cursor_s) or plan.base
    axis = free_axis(video.width, video.height, source.ratio) if source.ratio else None
    if axis is None:
        raise UserError(
            "There is no crop that could follow anybody",
            "No ratio is chosen, or it covers the whole picture",
            "Choose a ratio on the Crop & Track page first",
        )
    if detect is None:
        from core.models.detector import PersonDetector

        detect = PersonDetector.load(weights or WeightStore.at(), ctx).detect
    sightings = _look(path, batch, detect, ctx)
    seen = subject_path(sightings, axis)
    if not seen:
        span = f"{format_time(batch.span.start_s, 1)} to {format_time(batch.span.end_s, 1)}"
        raise UserError("Nobody was found to follow", f"The detector looked from {span}", "Set keyframes by hand")
    points = moving_keyframes(seen, plan.max_speed) if plan.moving else standing_keyframes(seen, batch)
    return tuple(_keyframe(source, video, axis, time, center) for time, center in _from_start(points, batch))


def _look(path: str | os.PathLike[str], batch: Batch, detect: Detect, ctx: JobContext) -> list[Sighting]:
    span, sightings = batch.span, []
    waiting: list[tuple[float, np.ndarray]] = []

    def look() -> None:
        for (time_s, _), boxes in zip(waiting, detect([rgb for _, rgb in waiting]), strict=True):
            sightings.append(Sighting(time_s, boxes))
        waiting.clear()

    for still in sampled_frames(path, span.start_s, span.end_s, 1 / LOOKS_PER_S, _LOOK_PX, ctx):
        waiting.append((still.time_s, still.rgb))
        if len(waiting) == _AT_ONCE:
            look()
            ctx.progress(still.time_s - span.start_s, span.length_s, "Looking for a person")
    if waiting:
        look()
    return sightings


def _from_start(points: list[tuple[float, float]], batch: Batch) -> list[tuple[float, float]]:
    """The first one holds from the batch's start on, also where nobody was seen yet."""
    return [(batch.cursor_s, points[0][1]), *points[1:]]


def _keyframe(source: CropKeyframe, video: VideoStream, axis: Axis, time_s: float, center: float) -> CropKeyframe:
    across, down = (center, 0.5) if axis is Axis.ACROSS else (0.5, center)
    kept = center_of_click(video.width, video.height, source.ratio, across, down)
    return CropKeyframe(time_s, source.ratio, kept, source.random_portrait, source.random_square)
