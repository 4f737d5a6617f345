"""Scores are the same whatever the batch, with and without the cache, and after extraction was killed half-way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.domain.timespan import Span
from core.learning.examples import MediaExamples, TrainOptions
from core.learning.trained import Trained
from core.learning.training import train
from core.media.claim import claim
from core.models.base import EmbeddingModel
from core.models.registry import create_model
from core.scan.embedding import Embedder, EmbeddingKey
from core.scan.engine import score_file
from core.storage.vector_cache import VectorCache
from tests.sound_files import noise, with_beeps, write_wav

ROOT = Path(__file__).resolve().parents[3]
TOLERANCE = 1e-5
KEYS = [EmbeddingKey("LOGMEL"), EmbeddingKey("HUBERT_BASE"), EmbeddingKey("EAT", "shared")]
BEEPS = {"a": [6.0, 17.0], "b": [9.0, 19.0], "c": [4.0, 14.0]}


def tiny(name: str) -> EmbeddingModel:
    return create_model(name, tiny=True)


def embedder(cache: VectorCache | None = None, batch: int | None = None) -> Embedder:
    return Embedder(cache, "cpu", batch=batch, create=tiny)


class Place:
    """A classifier with trees, which jump where a number passes a limit, and a recording it has not learned from."""

    def __init__(self, folder: Path, key: EmbeddingKey) -> None:
        torch.set_num_threads(1)
        self.key = key
        examples = []
        for number, (name, beeps) in enumerate(BEEPS.items()):
            path = write_wav(folder / f"{name}.wav", with_beeps(noise(24, number), beeps))
            marks = tuple(Span(time - 1, time + 3) for time in beeps)
            examples.append(MediaExamples(name, embedder().embed(path, name, key), marks))
        self.trained: Trained = train(examples, TrainOptions("blend", neg_margin_s=2.0, embedding=key.meta))
        self.path = write_wav(folder / "new.wav", with_beeps(noise(35.3, 9), [11.0, 26.0]))
        self.plain = self.scores(embedder())

    def scores(self, with_: Embedder) -> np.ndarray:
        return score_file(with_, self.path, "new", self.trained).scores


@pytest.fixture(scope="module", params=KEYS, ids=lambda key: f"{key.model}-{key.encoding}")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"), request.param)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache", claim)


def test_the_scores_mean_something(place: Place) -> None:
    assert len(place.plain) == 67
    assert place.plain.max() - place.plain.min() > 0.2


@pytest.mark.parametrize("batch", [1, 8])
def test_batches_do_not_change_a_score(place: Place, batch: int) -> None:
    assert np.abs(place.scores(embedder(batch=batch)) - place.plain).max() < TOLERANCE


def test_the_cache_does_not_change_a_score(place: Place, cache: VectorCache) -> None:
    def never(name: str) -> EmbeddingModel:
        raise AssertionError(f"{name} was loaded although everything is cached")

    assert np.abs(place.scores(embedder(cache, batch=8)) - place.plain).max() < TOLERANCE
    assert np.abs(place.scores(Embedder(cache, create=never)) - place.plain).max() < TOLERANCE


# Dies at the second round of rows, after they were written and before the note says so.
KILLED = """
import os, signal, sys, torch
from pathlib import Path
from core.media.claim import claim
from core.models import encode
from core.models.registry import create_model
from core.scan.embedding import Embedder, EmbeddingKey
from core.storage import vector_cache
torch.set_num_threads(1)
encode._ROUND["cpu"] = 1 if sys.argv[4] == "shared" else 16
path, folder, model, encoding = sys.argv[1:]
noted = vector_cache._write_whole
rounds = []
def note(*arguments):
    rounds.append(1)
    if len(rounds) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    noted(*arguments)
vector_cache._write_whole = note
cache = vector_cache.VectorCache(Path(folder), claim)
create = lambda name: create_model(name, tiny=True)
Embedder(cache, "cpu", create=create).embed(path, "new", EmbeddingKey(model, encoding))
"""


def test_an_extraction_killed_half_way_does_not_change_a_score(place: Place, cache: VectorCache) -> None:
    arguments = [str(place.path), str(cache.folder), place.key.model, place.key.encoding]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    (note,) = cache.folder.rglob("*.note")
    assert 0 < json.loads(note.read_text(encoding="utf-8"))["rows"] < len(place.plain), "there is a part to go on from"
    assert not list(cache.folder.rglob("*.vectors")), "and nothing that looks whole"
    assert np.abs(place.scores(embedder(cache)) - place.plain).max() < TOLERANCE
