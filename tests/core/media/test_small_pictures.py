"""Many pictures as small squares: in order, the broken ones left out aloud, and no thread left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled
from core.job import JobContext
from core.media.png import png
from core.media.small_pictures import small_pictures


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = [tmp_path / f"{number}.png" for number in range(40)]
    for number, path in enumerate(found):
        path.write_bytes(png(np.full((30, 50, 3), 6 * number, np.uint8)))
    return found


def test_they_come_in_order_as_squares(paths: list[Path]) -> None:
    found = list(small_pictures(paths, 16, JobContext()))
    assert [picture.shape for picture in found] == [(16, 16, 3)] * 40
    assert [int(picture.mean()) for picture in found] == [6 * number for number in range(40)]


def test_a_picture_keeps_its_edges_and_is_averaged_not_sampled(tmp_path: Path) -> None:
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, :8], picture[:, -8:] = (255, 0, 0), (0, 0, 255)
    picture[24:40, 32:96] = np.indices((16, 64)).sum(axis=0)[..., None] % 2 * 254
    (tmp_path / "a.png").write_bytes(png(picture))
    (small,) = small_pictures([tmp_path / "a.png"], 16, JobContext())
    assert small[8, 0].tolist() == [255, 0, 0]
    assert small[8, -1].tolist() == [0, 0, 255]
    assert abs(int(small[8, 8, 1]) - 127) < 4, "a chequered pattern becomes grey"


def test_what_cannot_be_read_is_none_and_in_the_log(paths: list[Path]) -> None:
    paths[3].write_text("no picture")
    paths[5].unlink()
    ctx = JobContext()
    found = list(small_pictures(paths, 16, ctx))
    assert [number for number, picture in enumerate(found) if picture is None] == [3, 5]
    assert [line.split(" cannot")[0] for line in ctx.log_lines] == ["The picture 3.png", "The picture 5.png"]


def test_reading_can_be_cancelled_or_given_up(paths: list[Path]) -> None:
    ctx = JobContext()
    reading = small_pictures(paths, 16, ctx)
    next(reading)
    ctx.cancel()
    with pytest.raises(Cancelled):
        list(reading)
    given_up = small_pictures(paths, 16, JobContext())
    next(given_up)
    given_up.close()
    assert list(small_pictures([], 16, JobContext())) == []
