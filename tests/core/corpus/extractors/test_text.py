"""Drawn text is found where and while it is drawn; the networks are the real ones."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.corpus.extractor import Frame, Settings
from core.corpus.extractors import text
from core.corpus.extractors.text import Text, changed, changes, load_engine, same_text, thumbnail
from core.errors import EnvironmentProblem
from core.job import JobContext
from tests.core.corpus.made_videos import facts, make_video, run_one

SIZE = (360, 640, 3)
LINE_SCALE, LINE_THICKNESS = 1.6, 4


@pytest.fixture(scope="module")
def engine() -> object:
    return load_engine()


@pytest.fixture(autouse=True)
def _loaded_once(engine: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "load_engine", lambda: engine)


def picture(*lines: str) -> np.ndarray:
    """White lines of text on a plain ground."""
    rgb = np.full(SIZE, (40, 70, 110), np.uint8)
    for number, line in enumerate(lines):
        place = (30, 90 + 90 * number)
        cv2.putText(rgb, line, place, cv2.FONT_HERSHEY_SIMPLEX, LINE_SCALE, (255, 255, 255), LINE_THICKNESS)
    return rgb


def line_area(line: str) -> float:
    """Share of the picture that the ink of a line spans."""
    (width, height), _below = cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, LINE_SCALE, LINE_THICKNESS)
    return width * height / (SIZE[0] * SIZE[1])


def rows_of(pictures: list[np.ndarray], every_s: float = 0.5) -> dict[str, object]:
    frames = [Frame(15 * number, every_s * number, rgb) for number, rgb in enumerate(pictures)]
    return Text(Settings()).extract(frames, facts())


def test_two_lines_are_two_regions_that_cover_what_they_span() -> None:
    lines = ("MORNING NEWS", "TODAY 17:45")
    row = rows_of([picture(*lines)])
    assert row["any_text"] is True and row["frames"] == 1 and row["regions_per_frame"] == 2
    assert row["area"] == pytest.approx(sum(map(line_area, lines)), rel=0.45)
    assert row["changes_per_s"] is None


def test_a_video_without_text() -> None:
    plain = picture()
    gradient = np.repeat(np.linspace(0, 255, SIZE[1])[None, :, None], SIZE[0], axis=0)
    soft = np.repeat(gradient, 3, axis=2).astype(np.uint8)
    row = rows_of([plain, soft, plain])
    assert row["any_text"] is False and row["area"] == 0 and row["regions_per_frame"] == 0
    assert row["frames_with_text"] == 0 and row["changes_per_s"] == 0


def test_text_that_comes_changes_and_goes(tmp_path: Path) -> None:
    """Of 8 sampled frames, 0.6 s apart, two are empty, three say one thing, two another, one nothing: three changes."""
    shown = [(), (), *[("CHAPTER ONE",)] * 3, *[("THE LONG WAY",)] * 2, ()]
    pictures = (picture(*lines) for lines in shown for _ in range(15))
    row = run_one(Text(Settings()), make_video(tmp_path / "titles.mkv", pictures))
    assert row["frames"] == 8 and row["any_text"] is True
    assert row["frames_with_text"] == pytest.approx(5 / 8)
    assert row["regions_per_frame"] == pytest.approx(5 / 8)
    assert row["changes_per_s"] == pytest.approx(3 / (7 * 0.6), rel=1e-3)


def test_a_still_picture_is_read_once_and_a_small_change_is_seen(engine: object, monkeypatch) -> None:
    read = []
    monkeypatch.setattr(text, "load_engine", lambda: lambda bgr: read.append(1) or engine(bgr))
    other = picture("SCORE 3 : 0")
    speckled = picture("SCORE 2 : 0")
    speckled[::7, ::5] -= 3
    row = rows_of([picture("SCORE 2 : 0"), speckled, speckled, other])
    assert len(read) == 2
    assert row["frames_with_text"] == 1
    assert changed(thumbnail(picture("SCORE 2 : 0")), thumbnail(other))


def test_readings_that_differ_a_little_are_one_text() -> None:
    assert same_text("MORNING NEWS", "M0RNING NEWS") and same_text("", "")
    assert not same_text("MORNING NEWS", "WEATHER") and not same_text("", "WEATHER")
    assert changes(["", "A TITLE", "A T1TLE", "THE END", ""]) == 3


def test_a_missing_package_is_told_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "rapidocr" else there(name))
    with pytest.raises(EnvironmentProblem, match="rapidocr is not installed") as problem:
        Text(Settings()).check(JobContext())
    assert "text" in problem.value.what and problem.value.fix
