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


def put(paths: DataPaths, name: str) -> None:
    with cache.vector_cache(paths).writing(CacheKey(name, "LOGMEL", ())) as writer:
        writer.append(np.ones((500_000, 2), np.float16))
        writer.finish({})


def test_the_limit_of_the_cache_is_kept_and_obeyed(paths: DataPaths) -> None:
    assert cache.limit(paths) == cache.status(paths).limit_bytes == 20_000_000_000
    for name in "abc":
        put(paths, name)
    assert cache.status(paths).entries == 3
    freed = cache.set_limit(paths, 5_000_000)
    assert freed > 1_000_000
    assert cache.status(paths).entries == 2, "what is too much goes at once"
    assert cache.status(paths).limit_bytes == 5_000_000
    put(paths, "d")
    assert cache.status(paths).entries == 2, "and so does what is too much later"
    assert cache.vector_cache(paths).find(CacheKey("d", "LOGMEL", ())) is not None
    cache.clear(paths)
    assert cache.limit(paths) == 5_000_000, "emptying it forgets no setting"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"bytes": "much"}', b'{"bytes": -5}', b"\xff", b'{"bytes": true}'])
def test_a_broken_limit_is_the_default(paths: DataPaths, content: bytes) -> None:
    paths.cache_limit.write_bytes(content)
    assert cache.limit(paths) == 20_000_000_000
    with pytest.raises(UserError, match="cannot be limited"):
        cache.set_limit(paths, 10)
    assert paths.cache_limit.read_bytes() == content


@pytest.mark.parametrize(
    ("text", "size"),
    [("50G", 50_000_000_000), ("1.5 TB", 1_500_000_000_000), ("800m", 800_000_000), ("12kB", 12_000), ("7", 7)],
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert cache.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-5G", "5 GG", "G", "1,5G"])
def test_what_is_no_size_is_said(text: str) -> None:
    with pytest.raises(UserError, match="not a size"):
        cache.parse_size(text)


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
