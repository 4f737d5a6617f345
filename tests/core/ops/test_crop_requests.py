"""Crops on their way through planning, cutting and dataset.json; and requests that make no sense."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.crop import Crop, cropped_size
from core.domain.crop_plan import CropKeyframe, CropPlan
from core.domain.export import CutRequest, ExportJob, ExportSettings
from core.errors import UserError
from core.job import JobContext
from core.media.identity import content_key
from core.ops import cut
from core.ops.crops import end_frame, end_time_s
from core.ops.media import frame_times, probe
from tests.media_factory import MediaShelf, read_counter


def request_for(db: ProcessedDB, source: Path, folder: Path, **changes: object) -> CutRequest:
    media = db.media.register(content_key(source), str(source))
    settings = ExportSettings(str(folder / "Steps"), preset="ultrafast", audio="none")
    return replace(CutRequest(media, Batch(0.2, 6, 0.5, 2.0), settings), **changes)


def cut_it(db: ProcessedDB, request: CutRequest) -> ExportJob:
    job = cut.plan(db, request)
    summary, _ = cut.run(db, job.id, JobContext())
    assert not summary.failed
    return db.jobs.get(job.id)


def size_of(path: str) -> tuple[int, int]:
    with av.open(path) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height


def test_chance_crops_a_third_and_everything_says_which(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    plan = CropPlan(base=CropKeyframe(0.0, "", 0.4, random_portrait=True, random_square=True), seed=3)
    request = request_for(db, media("no_audio"), tmp_path, crop_plan=plan)
    job = cut_it(db, request)
    ratios = [clip.crop.ratio for clip in job.clips]
    assert sorted(ratios)[:4] == [""] * 4 and set(ratios) - {""} <= {"9:16", "1:1"}
    for clip in job.clips:
        assert size_of(clip.path) == cropped_size(320, 240, clip.crop.ratio, None)
    entries = json.loads((tmp_path / "Steps" / "dataset.json").read_text())
    assert [entry["crop"] and entry["crop"]["ratio"] for entry in entries] == [ratio or None for ratio in ratios]
    assert [tuple(entry["size"]) for entry in entries] == [size_of(clip.path) for clip in job.clips]
    again = cut.plan(db, request)
    assert [clip.crop for clip in again.clips] == [clip.crop for clip in job.clips], "the same seed, the same crops"
    other = cut.plan(db, replace(request, crop_plan=replace(plan, seed=4)))
    assert [clip.crop for clip in other.clips] != [clip.crop for clip in job.clips]


def test_a_moving_crop_is_in_the_dataset(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    plan = CropPlan(keyframes=(CropKeyframe(0.0, "1:1", 0.4), CropKeyframe(2.0, "1:1", 0.6)), moving=True)
    cut_it(db, request_for(db, media("tiny"), tmp_path, batch=Batch(0.0, 1, 1.0, 2.0), crop_plan=plan))
    [entry] = json.loads((tmp_path / "Steps" / "dataset.json").read_text())
    assert entry["crop"]["path"] == [[0.0, 0.4], [2.0, pytest.approx(0.6)]]


def test_keyframes_beyond_the_end_change_nothing(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    plan = CropPlan(keyframes=(CropKeyframe(900.0, "1:1", 0.4),), moving=True)
    job = cut_it(db, request_for(db, media("tiny"), tmp_path, batch=Batch(0.0, 1, 1.0, 2.0), crop_plan=plan))
    assert job.clips[0].crop == Crop("", 0.5)
    assert size_of(job.clips[0].path) == (160, 120)


def test_a_crop_wider_than_the_source_takes_its_whole_width(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    request = request_for(db, media("rotated90"), tmp_path, batch=Batch(0.0, 1, 1.0, 2.0))
    settings = replace(request.settings, portrait_ratio="4:5")
    narrow = cut_it(db, replace(request, settings=settings))
    assert size_of(narrow.clips[0].path) == (240, 300), "240×320 is narrower than 4:5"


@pytest.mark.parametrize(
    ("changes", "plan", "reason"),
    [
        ({"portrait_ratio": "3:7"}, None, "no ratio 3:7"),
        ({"crop_center": 1.2}, None, "between 0 and 1"),
        ({"crop_center": float("nan")}, None, "between 0 and 1"),
        ({}, CropPlan(keyframes=(CropKeyframe(-2.0, "1:1"),)), "before the start"),
        ({}, CropPlan(moving=True, max_speed=0.0), "speed"),
    ],
)
def test_senseless_crops_are_refused_before_anything_is_written(
    db: ProcessedDB, media: MediaShelf, tmp_path: Path, changes: dict, plan: CropPlan | None, reason: str
) -> None:
    request = request_for(db, media("tiny"), tmp_path, batch=Batch(0.0, 1, 1.0, 2.0), crop_plan=plan)
    with pytest.raises(UserError) as caught:
        cut.plan(db, replace(request, settings=replace(request.settings, **changes)))
    assert reason in str(caught.value).lower()
    assert not (tmp_path / "Steps").exists()


def test_the_end_frame_of_a_batch_is_the_last_frame_of_its_last_clip(db: ProcessedDB, media: MediaShelf) -> None:
    source = media("h264_2997")
    row = db.media.register(content_key(source), str(source))
    info, ctx = probe(row), JobContext()
    times = frame_times(row, ctx)
    batch = Batch(times.times[10], 3, 3.0, 4.0)
    found = end_frame(source, end_time_s(batch, info.video.fps, times), ctx)
    assert read_counter(found.rgb) == times.index(batch.starts_s[-1]) + round(4.0 * info.video.fps) - 1
