"""Counting what a detector finds; the network itself with random weights, and what is said where they are missing."""

from __future__ import annotations

import urllib.error
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from core.corpus.extractor import Frame, Settings
from core.corpus.extractors.objects import BATCH, Objects
from core.domain.tracking import Box
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models import detector, weights
from core.models.detector import PersonDetector, Thing, build_network, class_names
from core.models.weights import WeightStore
from core.paths import DataPaths
from tests.core.corpus.made_videos import facts

PERSON, DOG, CHAIR = (class_names().index(name) for name in ("person", "dog", "chair"))
PLACE = Box(0.1, 0.1, 0.5, 0.5, 0.9)


class Painted(PersonDetector):
    """Finds what a picture says by its first pixels: numbers of classes until a 0."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def things(self, pictures: Sequence[np.ndarray]) -> list[tuple[Thing, ...]]:
        self.batches.append(len(pictures))
        return [tuple(Thing(int(label), PLACE) for label in picture[0, :, 0] if label) for picture in pictures]


def painted(labels: list[int]) -> np.ndarray:
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[0, : len(labels), 0] = labels
    return picture


def frames(contents: list[list[int]]) -> list[Frame]:
    return [Frame(15 * number, 0.6 * number, painted(labels)) for number, labels in enumerate(contents)]


@pytest.fixture
def found_by_paint(monkeypatch: pytest.MonkeyPatch) -> Painted:
    network = Painted()
    monkeypatch.setattr(PersonDetector, "load", lambda *_args, **_more: network)
    return network


def test_the_row_counts_people_and_types(found_by_paint: Painted, tmp_path: Path) -> None:
    contents = [[PERSON, PERSON, DOG], [], [PERSON, CHAIR], [CHAIR, CHAIR, CHAIR]] + [[DOG]] * 6
    row = Objects(Settings(DataPaths(tmp_path))).extract(frames(contents), facts())
    assert row == {
        "per_frame": pytest.approx(1.4),
        "people_per_frame": pytest.approx(0.3),
        "people_max": 2,
        "frames_with_people": pytest.approx(0.2),
        "types": 3,
        "counts": {"chair": 4, "dog": 7, "person": 3},
        "frames": 10,
    }
    assert found_by_paint.batches == [BATCH, 10 - BATCH]


def test_an_empty_scene_has_nothing_in_it(found_by_paint: Painted, tmp_path: Path) -> None:
    row = Objects(Settings(DataPaths(tmp_path))).extract(frames([[], []]), facts())
    assert row["per_frame"] == 0 and row["people_max"] == 0 and row["counts"] == {} and row["types"] == 0


def test_the_network_with_random_weights_names_only_what_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(3)
    random = PersonDetector(build_network(), "cpu", min_score=0.0)
    monkeypatch.setattr(PersonDetector, "load", lambda *_args, **_more: random)
    picture = np.random.default_rng(1).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    picture.flags.writeable = False
    row = Objects(Settings(DataPaths(tmp_path), "cpu")).extract([Frame(0, 0.0, picture)], facts())
    assert row["frames"] == 1 and row["per_frame"] == sum(row["counts"].values()) > 0
    assert set(row["counts"]) <= set(class_names()) and row["types"] == len(row["counts"])


def test_classes_have_the_numbers_that_the_network_gives() -> None:
    assert len(class_names()) == detector.CLASSES
    assert class_names()[detector.PERSON] == "person"


def test_without_weights_it_says_so_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(url: str, timeout_s: int) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(weights, "_open_url", unreachable)
    extractor = Objects(Settings(DataPaths(tmp_path), "cpu"))
    with pytest.raises(EnvironmentProblem) as problem:
        extractor.check(JobContext())
    assert "objects" in str(problem.value) and detector.WEIGHTS.url in str(problem.value)
    assert str(WeightStore.at(DataPaths(tmp_path)).folder) in str(problem.value)


def test_a_device_that_is_not_there_is_told_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EnvironmentProblem, match="CUDA"):
        Objects(Settings(DataPaths(tmp_path), "cuda")).check(JobContext())
