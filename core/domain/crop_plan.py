"""Which crop each clip of a batch gets: from the person's choice, keyframes, chance, and a moving crop.

Pure: the same plan always gives the same crops, so what is shown before an export is what it makes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Any

from core.domain.clip import Batch
from core.domain.crop import MIDDLE, RATIOS, Crop

PORTRAIT, SQUARE = "9:16", "1:1"
# One clip in so many is cropped by chance.
RANDOM_SHARE = 3
# In fractions of the free axis a second.
MAX_SPEED_RANGE = (0.01, 2.0)
DEFAULT_MAX_SPEED = 0.15
SAME_TIME_S = 0.0005
_STILL = 1e-9


@dataclass(frozen=True)
class CropKeyframe:
    """How clips are cropped from `time_s` on, until the next one. The random flags let chance choose for some."""

    time_s: float
    ratio: str = ""
    center: float = MIDDLE
    random_portrait: bool = False
    random_square: bool = False

    @property
    def crop(self) -> Crop:
        return Crop(self.ratio, self.center)

    @property
    def random_ratios(self) -> tuple[str, ...]:
        return (PORTRAIT,) * self.random_portrait + (SQUARE,) * self.random_square


@dataclass(frozen=True)
class CropPlan:
    """A snapshot of everything that decides how the clips of an export are cropped.

    `base` holds before the first keyframe (its time means nothing). `scatter` puts random crops at random places too.
    `max_speed` is in fractions of the free axis a second.
    """

    base: CropKeyframe = CropKeyframe(0.0)
    keyframes: tuple[CropKeyframe, ...] = ()
    moving: bool = False
    max_speed: float = DEFAULT_MAX_SPEED
    scatter: bool = False
    seed: int = 0

    def in_ratio(self, ratio: str) -> CropPlan:
        """The same places with another ratio throughout, and nothing left to chance."""

        def changed(keyframe: CropKeyframe) -> CropKeyframe:
            return replace(keyframe, ratio=ratio, random_portrait=False, random_square=False)

        return replace(self, base=changed(self.base), keyframes=tuple(map(changed, self.keyframes)))


def in_order(keyframes: Sequence[CropKeyframe]) -> tuple[CropKeyframe, ...]:
    """By time; of several at the same millisecond the last one given stays."""
    latest = {round(each.time_s * 1000): each for each in keyframes}
    return tuple(latest[key] for key in sorted(latest))


def keyframe_at(keyframes: Sequence[CropKeyframe], time_s: float) -> CropKeyframe | None:
    """The latest of the ordered keyframes at or before `time_s`, None before the first."""
    position = bisect_right(keyframes, time_s + SAME_TIME_S, key=lambda each: each.time_s)
    return keyframes[position - 1] if position else None


def crop_at(plan: CropPlan, time_s: float) -> Crop:
    """The crop in force at a moment: standing still, or where a moving one is on its way between two keyframes."""
    chosen = keyframe_at(plan.keyframes, time_s) or plan.base
    if not plan.moving:
        return chosen.crop
    return Crop(chosen.ratio, _target(_run(plan.keyframes, time_s, time_s), chosen, time_s))


def clip_crops(plan: CropPlan, batch: Batch, seed_text: str = "") -> tuple[Crop, ...]:
    """The crop of each clip of a batch, in order.

    Args:
        seed_text: what makes one batch's chances differ from another's, such as the media and the cursor.
    """
    lucky = _random_ratios(plan, batch, Random(f"{plan.seed}|{seed_text}|ratio"))
    places = Random(f"{plan.seed}|{seed_text}|place")
    crops = []
    for start_s, chance in zip(batch.starts_s, lucky, strict=True):
        chosen = keyframe_at(plan.keyframes, start_s) or plan.base
        place = places.random()
        if chance and plan.scatter:
            crops.append(Crop(chance, place))
            continue
        path = moving_path(plan, start_s, batch.duration_s) if plan.moving else ()
        center = path[0][1] if path else crop_at(plan, start_s).center
        crops.append(Crop(chance or chosen.ratio, center, path))
    return tuple(crop if crop.ratio else replace(crop, path=()) for crop in crops)


def moving_path(plan: CropPlan, start_s: float, duration_s: float) -> tuple[tuple[float, float], ...]:
    """How the centre moves in a clip: towards each keyframe's, never faster than the plan allows.

    Returns (seconds from the clip's start, centre), ascending, the first at 0 and the last at the clip's end; empty
    when nothing moves. Only keyframes of the same ratio are followed: at another one the crop stays where it is.
    """
    chosen = keyframe_at(plan.keyframes, start_s)
    if chosen is None:
        return ()
    end_s = start_s + duration_s
    run = _run(plan.keyframes, start_s, end_s)
    times = sorted({start_s, end_s, *(each.time_s for each in run if start_s < each.time_s < end_s)})
    points = _followed([(time, _target(run, chosen, time)) for time in times], plan.max_speed)
    if all(abs(center - points[0][1]) <= _STILL for _, center in points):
        return ()
    return tuple((time - start_s, center) for time, center in points)


def _run(keyframes: Sequence[CropKeyframe], start_s: float, end_s: float) -> list[CropKeyframe]:
    """The keyframe in force at `start_s` and those of its ratio that follow, up to the first at or behind `end_s`."""
    first = bisect_right(keyframes, start_s + SAME_TIME_S, key=lambda each: each.time_s) - 1
    if first < 0:
        return []
    run = []
    for each in keyframes[first:]:
        if each.ratio != keyframes[first].ratio:
            break
        run.append(each)
        if each.time_s > end_s:
            break
    return run


def _target(run: Sequence[CropKeyframe], chosen: CropKeyframe, time_s: float) -> float:
    """Where the centre should be: straight between neighbouring keyframes of one run, else where `chosen` has it."""
    before = chosen
    for each in run:
        if each.time_s > time_s:
            if each.time_s <= before.time_s:
                return before.center
            share = max(0.0, (time_s - before.time_s) / (each.time_s - before.time_s))
            return before.center + share * (each.center - before.center)
        before = each
    return before.center


def _followed(targets: Sequence[tuple[float, float]], max_speed: float) -> list[tuple[float, float]]:
    """Follow a line of straight pieces at no more than `max_speed`: lag behind where it is faster, then catch up."""
    time, center = targets[0]
    points = [(time, center)]
    for (start, first), (end, last) in pairwise(targets):
        slope = (last - first) / (end - start)
        gap = first - center
        if abs(gap) > _STILL:
            velocity = max_speed if gap > 0 else -max_speed
            closing = (velocity - slope) * (1 if gap > 0 else -1)
            needed = abs(gap) / closing if closing > 0 else end - start
            if needed < end - start:
                center = first + slope * needed
                points.append((start + needed, center))
                velocity = min(max_speed, max(-max_speed, slope))
                center += velocity * (end - start - needed)
            else:
                center += velocity * (end - start)
        else:
            center += min(max_speed, max(-max_speed, slope)) * (end - start)
        points.append((end, center))
    return points


def _random_ratios(plan: CropPlan, batch: Batch, chance: Random) -> list[str]:
    """For each clip the ratio that chance gave it, "" for most: a third of those that may be cropped so."""
    allowed = [(keyframe_at(plan.keyframes, start_s) or plan.base).random_ratios for start_s in batch.starts_s]
    eligible = [index for index, ratios in enumerate(allowed) if ratios]
    whole, rest = divmod(len(eligible), RANDOM_SHARE)
    count = whole + (chance.random() * RANDOM_SHARE < rest)
    chosen = set(chance.sample(eligible, count))
    return [chance.choice(allowed[index]) if index in chosen else "" for index in range(batch.clips)]


def complaint(keyframe: CropKeyframe, duration_s: float | None = None) -> str | None:
    """Why a keyframe makes no sense, or None when it does."""
    if keyframe.ratio and keyframe.ratio not in RATIOS:
        return f"there is no ratio {keyframe.ratio}"
    # Written so that NaN fails too.
    if not 0.0 <= keyframe.center <= 1.0:
        return "its position is not between 0 and 1"
    if not keyframe.time_s >= 0.0:
        return "it lies before the start"
    if duration_s is not None and keyframe.time_s >= duration_s:
        return "it lies beyond the end"
    return None


def plan_from_json(data: dict[str, Any]) -> CropPlan:
    """The inverse of `dataclasses.asdict`; keys of newer versions are ignored, missing ones get their default."""
    known = {key: value for key, value in data.items() if key in CropPlan.__dataclass_fields__}
    known["base"] = _keyframe_from_json(known.get("base", {}))
    known["keyframes"] = tuple(_keyframe_from_json(each) for each in known.get("keyframes", ()))
    return CropPlan(**known)


def _keyframe_from_json(data: dict[str, Any]) -> CropKeyframe:
    known = {key: value for key, value in data.items() if key in CropKeyframe.__dataclass_fields__}
    return CropKeyframe(**{"time_s": 0.0, **known})
