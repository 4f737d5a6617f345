"""Counting and emptying the cache, part by part."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.job import JobContext
from core.ops.cache_parts import PARTS, clear, sizes
from core.paths import DataPaths


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    paths = DataPaths(tmp_path)
    for name, size in (("waveforms", 10), ("thumbnails", 20), ("embeddings", 40)):
        file = paths.cache / name / ("LOGMEL/one.vectors" if name == "embeddings" else "one.bin")
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x" * size)
    (paths.cache / "waveforms" / ".two.partial").write_bytes(b"being written")
    return paths


def found(paths: DataPaths) -> dict[str, tuple[int, int]]:
    return {part.name: (part.files, part.bytes) for part in sizes(paths, JobContext())}


def test_every_part_is_counted(paths: DataPaths) -> None:
    assert found(paths) == {
        "waveforms": (1, 10),
        "spectrograms": (0, 0),
        "thumbnails": (1, 20),
        "speech": (0, 0),
        "frames": (0, 0),
        "windows": (0, 0),
        "frame-embeddings": (0, 0),
        "embeddings": (1, 40),
    }


def test_one_part_is_emptied_and_the_others_stay(paths: DataPaths) -> None:
    assert clear(paths, ("waveforms", "spectrograms"), JobContext()) == 10
    assert found(paths)["waveforms"] == (0, 0)
    assert found(paths)["thumbnails"] == (1, 20)
    assert (paths.cache / "waveforms" / ".two.partial").exists(), "what is being written stays"


def test_everything_is_emptied(paths: DataPaths) -> None:
    assert clear(paths, tuple(PARTS), JobContext()) == 70
    assert set(found(paths).values()) == {(0, 0)}


def test_a_cache_that_was_never_used_is_empty(tmp_path: Path) -> None:
    assert set(found(DataPaths(tmp_path / "nowhere")).values()) == {(0, 0)}
