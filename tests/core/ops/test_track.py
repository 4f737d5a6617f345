"""Proposals that follow a subject: on a real file, with a detector that reads the test film's own columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.domain.clip import Batch
from core.domain.crop import crop_rect
from core.domain.crop_plan import CropKeyframe, CropPlan
from core.domain.tracking import Box
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.probe import probe
from core.ops.track import propose
from tests.media_factory import MediaShelf, read_counter

PLAN = CropPlan(base=CropKeyframe(0.0, "9:16", 0.5))


def walker(pictures: Sequence[np.ndarray]) -> list[tuple[Box, ...]]:
    """Somebody who walks from 20 % to 80 % of the picture during frames 100 to 300, and stands before and after."""
    found = []
    for picture in pictures:
        center = 0.2 + 0.6 * min(1.0, max(0.0, (read_counter(picture) - 100) / 200))
        found.append((Box(center - 0.05, 0.2, center + 0.05, 0.9, 0.8),))
    return found


def test_a_moving_crop_follows(media: MediaShelf) -> None:
    source = media("gop250_25")
    video = probe(source).video
    batch = Batch(2.0, clips=3, spread_s=3.0, duration_s=8.0)
    plan = CropPlan(PLAN.base, moving=True, max_speed=0.2)
    keyframes = propose(source, video, batch, plan, JobContext(), detect=walker)
    assert keyframes[0].time_s == 2.0
    assert 3 <= len(keyframes) <= 8
    assert {each.ratio for each in keyframes} == {"9:16"}
    # The subject stays inside the crop all the time.
    from core.domain.crop_plan import crop_at

    followed = CropPlan(PLAN.base, keyframes, moving=True)
    for tick in range(2, 16):
        center = 0.2 + 0.6 * min(1.0, max(0.0, (tick * 25 - 100) / 200))
        left, _, right, _ = crop_rect(video.width, video.height, crop_at(followed, float(tick))).fractions(
            video.width, video.height
        )
        assert left <= center <= right


def test_standing_crops_get_a_keyframe_per_clip_that_needs_one(media: MediaShelf) -> None:
    source = media("gop250_25")
    batch = Batch(0.0, clips=3, spread_s=8.0, duration_s=4.0)
    keyframes = propose(source, probe(source).video, batch, PLAN, JobContext(), detect=walker)
    assert [each.time_s for each in keyframes] == [0.0, 8.0, 16.0]
    assert keyframes[0].center < keyframes[1].center < keyframes[2].center
    assert keyframes[2].center == pytest.approx(0.788, abs=0.02), "as far as the edge of the picture lets it"


def test_without_a_ratio_there_is_nothing_to_follow_with(media: MediaShelf) -> None:
    source = media("tiny")
    with pytest.raises(UserError, match="no crop that could follow"):
        propose(source, probe(source).video, Batch(0.0, 1, 1.0, 2.0), CropPlan(), JobContext(), detect=walker)


def test_nobody_to_be_seen_is_said(media: MediaShelf) -> None:
    source = media("tiny")
    with pytest.raises(UserError, match="Nobody was found"):
        propose(
            source,
            probe(source).video,
            Batch(0.0, 1, 1.0, 2.0),
            PLAN,
            JobContext(),
            detect=lambda pictures: [()] * len(pictures),
        )


def test_it_can_be_cancelled(media: MediaShelf) -> None:
    source, ctx = media("tiny"), JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        propose(source, probe(source).video, Batch(0.0, 1, 1.0, 2.0), PLAN, ctx, detect=walker)
