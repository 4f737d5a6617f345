"""What the geometry says is what real ffmpeg cuts, to the pixel: rotated, anamorphic, portrait, odd, moving, mixed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from core.domain.crop import NO_CROP, Crop, crop_rect, cropped_size
from core.domain.crop_plan import CropKeyframe, CropPlan, moving_path
from core.domain.export import Audit, ExportSettings, PlannedClip
from core.job import JobContext
from core.media.audit import audit_clip
from core.media.export import export_clips
from core.media.probe import probe
from core.media.source_frames import source_thumbs
from core.media.takes import picture_takes
from tests.core.media.test_takes import even_times
from tests.crop_pattern import FPS, Pattern, displayed, luma
from tests.media_factory import MediaShelf, read_columns, read_counter

LOSSLESS = ExportSettings("", preset="ultrafast", crf=0)
SOURCES = {
    "landscape": Pattern(320, 180),
    "portrait": Pattern(180, 320),
    "narrow": Pattern(120, 300),
    "odd": Pattern(321, 179),
    "rotated": Pattern(180, 320, turn=90),
    "upside_down": Pattern(320, 180, turn=180),
    "anamorphic": Pattern(240, 180, aspect=Fraction(4, 3)),
    "rotated_anamorphic": Pattern(180, 240, turn=270, aspect=Fraction(4, 3)),
    "tiny": Pattern(18, 10),
}


def export(source: Path, folder: Path, clips: list[tuple[float, float, Crop]], **settings: object) -> list[Path]:
    """The files of clips given as (start, duration, crop); every one must pass its audit."""
    planned = [
        PlannedClip(index, start, duration, str(folder / f"clip_001_m1_{index}.mp4"), crop=crop)
        for index, (start, duration, crop) in enumerate(clips)
    ]
    done: dict[int, Audit] = {}
    failed: dict[int, str] = {}
    export_clips(
        probe(source),
        planned,
        replace(LOSSLESS, folder=str(folder), **settings),
        JobContext(),
        lambda clip, audit: done.__setitem__(clip.index, audit),
        lambda clip, reason: failed.__setitem__(clip.index, reason),
    )
    assert not failed and sorted(done) == list(range(len(clips)))
    return [Path(clip.path) for clip in planned]


@pytest.mark.parametrize("kind", SOURCES)
def test_the_pixels_of_the_rectangle_are_the_pixels_of_the_clip(tmp_path: Path, kind: str) -> None:
    source = SOURCES[kind].write(tmp_path / "source.mp4")
    video = probe(source).video
    crops = [Crop("9:16", 0.0), Crop("9:16", 0.37), Crop("4:5", 0.61), Crop("1:1", 1.0)]
    files = export(source, tmp_path / "out", [(0.5, 0.4, crop) for crop in crops])
    shown = displayed(source, (video.width, video.height))
    for crop, file in zip(crops, files, strict=True):
        rect = crop_rect(video.width, video.height, crop)
        for number, picture in enumerate(luma(file)):
            wanted = shown[5 + number][rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
            assert picture.shape == wanted.shape
            assert np.abs(picture.astype(int) - wanted).max() <= 1


def test_the_reference_itself_is_the_pattern(tmp_path: Path) -> None:
    """What the test above compares with: rotated as a player turns it, and nothing else."""
    pattern = SOURCES["rotated"]
    source = pattern.write(tmp_path / "source.mp4")
    video = probe(source).video
    assert (video.width, video.height) == (pattern.width, pattern.height)
    assert np.array_equal(displayed(source, (video.width, video.height))[3], pattern.grey(3))
    anamorphic = probe(SOURCES["anamorphic"].write(tmp_path / "anamorphic.mp4")).video
    assert (anamorphic.width, anamorphic.height) == (320, 180)
    turned = probe(SOURCES["rotated_anamorphic"].write(tmp_path / "turned.mp4")).video
    assert (turned.width, turned.height) == (180, 320)


@pytest.mark.parametrize("kind", ["tiny", "rotated90", "anamorphic"])
@pytest.mark.parametrize("short_side", [64, 4000])
def test_a_resize_comes_after_the_crop_and_has_the_size_that_was_announced(
    tmp_path: Path, media: MediaShelf, kind: str, short_side: int
) -> None:
    source = media(kind)
    video = probe(source).video
    crop = Crop("9:16", 0.4)
    [file] = export(source, tmp_path / "out", [(0.6, 0.3, crop)], short_side=short_side, crf=10)
    size = cropped_size(video.width, video.height, "9:16", short_side)
    with av.open(str(file)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape[1::-1] == size
    assert min(size) == min(short_side, cropped_size(video.width, video.height, "9:16", None)[0])
    left, _, right, _ = crop_rect(video.width, video.height, crop).fractions(video.width, video.height)
    assert read_columns(picture) == pytest.approx((left, right), abs=0.03)
    assert read_counter(picture) == 15


@pytest.mark.parametrize("kind", ["landscape", "narrow", "anamorphic", "odd"])
def test_a_moving_crop_is_in_every_frame_where_its_path_says(tmp_path: Path, kind: str) -> None:
    source = SOURCES[kind].write(tmp_path / "source.mp4")
    video = probe(source).video
    keyframes = (CropKeyframe(0.2, "1:1", 0.2), CropKeyframe(0.9, "1:1", 0.95), CropKeyframe(1.6, "1:1", 0.1))
    plan = CropPlan(keyframes=keyframes, moving=True, max_speed=0.8)
    path = moving_path(plan, 0.4, 1.4)
    crop = Crop("1:1", path[0][1], path)
    assert crop.moves
    [file] = export(source, tmp_path / "out", [(0.4, 1.4, crop)])
    shown, places = displayed(source, (video.width, video.height)), []
    for number, picture in enumerate(luma(file)):
        rect = crop_rect(video.width, video.height, crop.at(number / FPS))
        wanted = shown[4 + number][rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        assert np.abs(picture.astype(int) - wanted).max() <= 1
        places.append(rect.x + rect.y)
    assert len(set(places)) > 5
    most = 0.8 / FPS * max(video.width, video.height) + 2
    assert all(abs(after - before) <= most for before, after in pairwise(places))


def test_clips_of_one_batch_with_different_crops_all_have_their_own_pixels(tmp_path: Path) -> None:
    source = SOURCES["landscape"].write(tmp_path / "source.mp4")
    crops = [Crop("9:16", 0.3), NO_CROP, Crop("1:1", 0.8), Crop("9:16", 0.3), Crop("", 0.9)]
    files = export(source, tmp_path / "out", [(0.2 * index, 0.6, crop) for index, crop in enumerate(crops)])
    shown = displayed(source, (320, 180))
    for index, (crop, file) in enumerate(zip(crops, files, strict=True)):
        rect = crop_rect(320, 180, crop)
        picture = luma(file)[0]
        wanted = shown[2 * index][rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        assert np.array_equal(picture, wanted)


def test_clips_cropped_alike_share_their_encode_and_others_do_not() -> None:
    moving = Crop("9:16", 0.3, ((0.0, 0.3), (2.0, 0.5)))
    crops = [Crop("9:16", 0.3), NO_CROP, Crop("9:16", 0.3), Crop("", 0.9), moving, moving]
    clips = [PlannedClip(index, float(index), 8.0, f"{index}.mp4", crop=crop) for index, crop in enumerate(crops)]
    takes = picture_takes(clips, even_times(2000, Fraction(25)), Fraction(25), False)
    assert [[piece.clip.index for piece in take.pieces] for take in takes] == [[0, 2], [1, 3], [4], [5]]
    assert [take.crop.ratio for take in takes] == ["9:16", "", "9:16", "9:16"]


def test_a_clip_with_another_part_of_the_picture_fails_its_audit(tmp_path: Path) -> None:
    """The first frame is held against the part that was asked for, not against the whole."""
    source = SOURCES["landscape"].write(tmp_path / "source.mp4")
    info = probe(source)
    right, wrong = Crop("1:1", 0.3), Crop("1:1", 0.7)
    [file] = export(source, tmp_path / "out", [(0.5, 0.4, right)])
    clip = PlannedClip(0, 0.5, 0.4, str(file), crop=right)
    [take] = picture_takes([clip], even_times(20, Fraction(FPS)), Fraction(FPS), False)

    def audit(crop: Crop, time_s: float) -> Audit:
        from core.media.audit import FirstFrame

        window = crop_rect(320, 180, crop)
        thumbs = source_thumbs(source, info.video, [time_s, 0.4, 0.6], JobContext(), window)
        others = tuple(picture for time, picture in thumbs.items() if time != time_s)
        return audit_clip(file, take.pieces[0], take.fps, False, FirstFrame(thumbs[time_s], others))

    assert audit(right, 0.5).ok
    assert not audit(right, 0.6).ok
    assert not audit(wrong, 0.5).ok
