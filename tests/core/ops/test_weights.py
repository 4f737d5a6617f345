"""The list of weights: one row per file, and how each stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.registry import model_names
from core.ops import weights
from core.ops.weights import WeightRow, WeightState
from core.paths import DataPaths


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data").prepare()


def row_of(paths: DataPaths, name: str) -> WeightRow:
    return next(row for row in weights.weights(paths) if name in row.models)


def test_every_model_is_in_one_row_with_size_and_licence(paths: DataPaths) -> None:
    rows = weights.weights(paths)
    named = [name for row in rows for name in row.models]
    assert named[-3:] == ["People and things", "ResNet-50", "Faces"]
    assert sorted(named[:-3]) == sorted(model_names())
    assert row_of(paths, "HUBERT_BASE").models == ("HUBERT_BASE", "HUBERT_BASE_ML")
    assert row_of(paths, "LOGMEL").state is WeightState.BUILT_IN
    for row in rows:
        assert row.licence
        assert row.source
        if row.state is not WeightState.BUILT_IN:
            assert row.size_bytes > 1_000_000
            assert row.url.startswith("https://")
            assert row.place == paths.weights / row.file_name


def test_states_follow_the_folder(paths: DataPaths, tmp_path: Path) -> None:
    assert row_of(paths, "YAMNET").state is WeightState.MISSING
    paths.weights.mkdir()
    row_of(paths, "YAMNET").place.write_bytes(b"not the weights")
    assert row_of(paths, "YAMNET").state is WeightState.HERE
    assert row_of(paths, "YAMNET").size_bytes == 15
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        weights.fetch(paths, row_of(paths, "YAMNET"), JobContext())
    assert row_of(paths, "YAMNET").state is WeightState.REFUSED
    (tmp_path / "wrong.bin").write_bytes(b"x")
    with pytest.raises(EnvironmentProblem, match="is not the weights file"):
        weights.adopt(paths, row_of(paths, "YAMNET"), tmp_path / "wrong.bin", JobContext())


def test_a_file_without_a_published_hash_is_taken_and_remembered(paths: DataPaths, tmp_path: Path) -> None:
    (tmp_path / "downloaded.safetensors").write_bytes(b"as published")
    made = weights.adopt(paths, row_of(paths, "EAT"), tmp_path / "downloaded.safetensors", JobContext())
    assert made.read_bytes() == b"as published"
    assert row_of(paths, "EAT").state is WeightState.HERE
    made.write_bytes(b"changed later")
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        weights.fetch(paths, row_of(paths, "EAT"), JobContext())


def test_what_needs_no_weights_has_none(paths: DataPaths) -> None:
    with pytest.raises(ValueError, match="needs no weights"):
        weights.fetch(paths, row_of(paths, "LOGMEL"), JobContext())
