"""The generated media say what the tests believe they say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.media_factory import RECIPES, MediaShelf, read_columns, read_counter, vfr_times

WITH_PICTURE = sorted(kind for kind, recipe in RECIPES.items() if recipe.video and not recipe.finish)


def pictures(path: Path, width: int, height: int, filters: str = "null") -> np.ndarray:
    """All frames as ffmpeg shows them, grey, uint8 (frames, height, width)."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", filters, "-fps_mode", "passthrough"]
    done = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "gray", "-"], capture_output=True, check=True, timeout=60
    )
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width)


@pytest.mark.parametrize("kind", WITH_PICTURE)
def test_every_frame_tells_its_number(media: MediaShelf, kind: str) -> None:
    recipe = RECIPES[kind]
    seen = pictures(media(kind), recipe.width, recipe.height)
    assert [read_counter(picture) for picture in seen] == list(range(recipe.frames))


@pytest.mark.parametrize("filters, width, height", [("scale=86:64", 86, 64), ("crop=134:240:7:0", 134, 240)])
def test_the_number_survives_scaling_and_cropping(media: MediaShelf, filters: str, width: int, height: int) -> None:
    seen = pictures(media("tiny", width=320, height=240), width, height, filters)
    assert [read_counter(picture) for picture in seen] == list(range(len(seen)))


@pytest.mark.parametrize("left, width", [(0, 320), (0, 100), (110, 100), (220, 100)])
def test_colour_tells_which_columns_are_seen(media: MediaShelf, left: int, width: int) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(media("tiny", width=320, height=240)), "-frames:v", "1"]
    command += ["-vf", f"crop={width}:240:{left}:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    picture = np.frombuffer(done.stdout, np.uint8).reshape(240, width, 3)
    assert read_columns(picture) == pytest.approx((left / 320, (left + width) / 320), abs=0.02)
    assert read_counter(picture) == 0


def test_a_picture_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no frame number"):
        read_counter(np.full((240, 320), 128, np.uint8))


def test_a_shelf_makes_a_file_once(media: MediaShelf, tmp_path: Path) -> None:
    shelf = MediaShelf(tmp_path)
    first = shelf("tiny", seconds=1)
    made = first.stat().st_mtime_ns
    assert shelf("tiny", seconds=1) == first
    assert first.stat().st_mtime_ns == made
    copy = shelf.copy("tiny", tmp_path / "sub" / "Ünï 'quoted' 🎬.mp4", seconds=1)
    assert copy.read_bytes() == first.read_bytes()


def test_vfr_times_are_uneven_and_ascend() -> None:
    steps = np.diff(vfr_times(450))
    assert steps.min() > 0.02
    assert steps.max() > 0.1
