"""The person detector with random weights: boxes are sound; its file is checked, and fetched only when asked for."""

from __future__ import annotations

import hashlib
import io
import urllib.error
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import EnvironmentProblem
from core.models import detector
from core.models.detector import CLASSES, PERSON, PersonDetector, build_network
from core.models.weights import WeightStore


@pytest.fixture(scope="module")
def state() -> bytes:
    torch.manual_seed(5)
    weights = build_network().state_dict()
    for name, values in weights.items():
        if name.startswith("head.classification_head") and name.endswith("1.bias") and len(values) % CLASSES == 0:
            values[PERSON::CLASSES] += 4  # so that it takes some of the noise for people
    file = io.BytesIO()
    torch.save(weights, file)
    return file.getvalue()


def store_with(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> WeightStore:
    """A weights folder that holds `data` where the detector's weights belong, and a detector that wants them."""
    monkeypatch.setattr(detector, "WEIGHTS", replace(detector.WEIGHTS, sha256=hashlib.sha256(data).hexdigest()))
    (folder / detector.WEIGHTS.name).write_bytes(data)
    return WeightStore(folder)


def test_boxes_lie_inside_and_are_the_same_again(tmp_path: Path, state: bytes, monkeypatch) -> None:
    found = PersonDetector.load(store_with(tmp_path, state, monkeypatch), device="cpu", min_score=0.0)
    random = np.random.default_rng(1)
    pictures = [random.integers(0, 256, size, dtype=np.uint8) for size in ((90, 160, 3), (200, 120, 3))]
    results = found.detect(pictures)
    assert len(results) == 2
    assert sum(map(len, results)) > 0
    for boxes in results:
        assert [box.score for box in boxes] == sorted((box.score for box in boxes), reverse=True)
        for box in boxes:
            assert 0 <= box.left <= box.right <= 1 and 0 <= box.top <= box.bottom <= 1 and 0 <= box.score <= 1
    assert found.detect(pictures) == results
    strict = PersonDetector.load(store_with(tmp_path, state, monkeypatch), device="cpu", min_score=0.999)
    assert strict.detect(pictures) == [(), ()]


def test_a_file_with_another_content_is_refused(tmp_path: Path, state: bytes) -> None:
    (tmp_path / detector.WEIGHTS.name).write_bytes(state)
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        PersonDetector.load(WeightStore(tmp_path))
    assert detector.WEIGHTS.sha256.startswith(detector.WEIGHTS.name.rpartition("-")[2].partition(".")[0])


def test_weights_of_another_network_are_refused(tmp_path: Path, monkeypatch) -> None:
    file = io.BytesIO()
    torch.save({"layer.weight": torch.zeros(2)}, file)
    with pytest.raises(EnvironmentProblem, match="does not fit"):
        PersonDetector.load(store_with(tmp_path, file.getvalue(), monkeypatch))


def test_without_a_network_it_says_what_to_fetch_and_where_to_put_it(tmp_path: Path) -> None:
    def offline(_url: str, _timeout_s: int) -> io.BytesIO:
        raise urllib.error.URLError("no route to host")

    with pytest.raises(EnvironmentProblem) as caught:
        PersonDetector.load(WeightStore(tmp_path, offline))
    assert detector.WEIGHTS.url in caught.value.fix
    assert str(tmp_path) in caught.value.fix
