"""Looking after embeddings, weights and classifiers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.domain.vectors import CacheKey
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.ops import cache, models
from core.paths import DataPaths


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data").prepare()


def test_the_cache_of_a_data_folder(paths: DataPaths) -> None:
    assert cache.status(paths).entries == 0
    for model in ("LOGMEL", "YAMNET"):
        with cache.vector_cache(paths).writing(CacheKey("a", model, ())) as writer:
            writer.append(np.ones((4, 2), np.float16))
            writer.finish({})
    assert list(cache.status(paths).by_model) == ["LOGMEL", "YAMNET"]
    assert cache.clear(paths, "YAMNET") > 0
    assert list(cache.status(paths).by_model) == ["LOGMEL"]
    assert cache.clear(paths) > 0
    assert cache.status(paths).bytes == 0


def test_embedding_models_say_what_is_here(paths: DataPaths) -> None:
    states = {state.name: state for state in models.embedding_models(paths)}
    assert states["LOGMEL"].present
    assert not states["YAMNET"].present
    paths.weights.mkdir()
    (paths.weights / "yamnet.tflite").write_bytes(b"x")
    assert {state.name: state.present for state in models.embedding_models(paths)}["YAMNET"]
    assert models.fetch(paths, "LOGMEL", JobContext()) is None
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        models.fetch(paths, "YAMNET", JobContext())
    with pytest.raises(UserError, match="no embedding model"):
        models.fetch(paths, "NOSUCH", JobContext())


@pytest.mark.parametrize(
    ("label", "name"),
    [("LOGMEL", ""), ("LOGMEL_dog", "dog"), ("HUBERT_BASE_ML", ""), ("HUBERT_BASE_ML_big_dog", "big_dog"), ("old", "")],
)
def test_the_name_in_a_label(label: str, name: str) -> None:
    assert models.name_in_label(label) == name


def test_classifiers_are_found_by_the_end_of_their_name(paths: DataPaths) -> None:
    with pytest.raises(UserError, match="no classifier dog") as caught:
        models.classifier_path(paths, "dog")
    assert "train" in caught.value.fix
    paths.models.mkdir()
    for stem in ("one_LOGMEL_dog", "two_LOGMEL_dog", "one_LOGMEL_cat"):
        (paths.models / f"{stem}.safetensors").write_bytes(b"x")
    assert models.classifier_path(paths, "cat").stem == "one_LOGMEL_cat"
    assert models.classifier_path(paths, "two_LOGMEL_dog").stem == "two_LOGMEL_dog"
    with pytest.raises(UserError, match="Several"):
        models.classifier_path(paths, "dog")
    with pytest.raises(UserError) as caught:
        models.classifier_path(paths, "bird")
    assert "one_LOGMEL_cat" in caught.value.fix
    assert models.classifiers(paths) == ["one_LOGMEL_cat", "one_LOGMEL_dog", "two_LOGMEL_dog"]
    with pytest.raises(UserError):
        models.open_classifier(paths, "cat")
