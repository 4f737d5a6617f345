"""Streaming a recording through a model: the same numbers whatever the blocks, the batch, and where it was resumed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled
from core.job import JobContext
from core.models.base import EmbeddingModel
from core.models.encode import Encoded, Output, embed_recording, encode
from core.models.feature_stream import FeatureStream
from core.models.registry import create_model

RATE = 16_000
WINDOW, GRAIN = Output(), Output(2.0, 0.5, grain=True)


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    loudness = np.repeat(generator.uniform(0.01, 0.3, int(seconds) + 1), RATE)[: round(seconds * RATE)]
    return (loudness * generator.standard_normal(len(loudness))).astype(np.float32)


def blocks(audio: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(audio), size):
        yield audio[start : start + size]


def joined(parts: list[Encoded], output: int) -> np.ndarray:
    chosen = [part for part in parts if part.output == output]
    for before, after in itertools.pairwise(chosen):
        assert after.index == before.index + len(before.values), "no gap and no overlap"
    return np.concatenate([part.values for part in chosen])


def close(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and np.abs(one - other).max() < 1e-5 * max(1.0, np.abs(one).max())


@pytest.fixture(scope="module", params=["LOGMEL", "YAMNET", "HUBERT_BASE", "EAT", "BEATS"])
def model(request: pytest.FixtureRequest) -> EmbeddingModel:
    torch.set_num_threads(1)
    found = create_model(request.param, tiny=True)
    found.load("cpu")
    return found


@pytest.fixture(scope="module")
def audio() -> np.ndarray:
    return noise(45.3)


def test_twenty_seconds_give_thirteen_windows(model: EmbeddingModel) -> None:
    for encoding in ("exact", "shared"):
        starts, values = embed_recording(model, noise(20), encoding=encoding)
        assert np.array_equal(starts, np.arange(13.0))
        assert len(values) == 13


@pytest.mark.parametrize("encoding", ["exact", "shared"])
def test_blocks_and_batches_do_not_matter(model: EmbeddingModel, audio: np.ndarray, encoding: str) -> None:
    whole = list(encode(model, [audio], (WINDOW, GRAIN), encoding=encoding, batch=8))
    parts = list(encode(model, blocks(audio, 7_919), (WINDOW, GRAIN), encoding=encoding, batch=1))
    assert len(joined(whole, 0)) == 38
    assert len(joined(whole, 1)) == 87
    for output in (0, 1):
        assert np.array_equal(joined(whole, output), joined(parts, output))


@pytest.mark.parametrize("encoding", ["exact", "shared"])
def test_a_resumed_run_gives_the_rest(model: EmbeddingModel, audio: np.ndarray, encoding: str) -> None:
    whole = list(encode(model, [audio], (WINDOW, GRAIN), encoding=encoding))
    for windows, grains in ((37, 86), (20, 61), (38, 80), (7, 0)):
        rest = list(encode(model, blocks(audio, 50_000), (WINDOW, GRAIN), encoding=encoding, first=(windows, grains)))
        if windows < 38:
            assert np.array_equal(joined(rest, 0), joined(whole, 0)[windows:])
        assert np.array_equal(joined(rest, 1), joined(whole, 1)[grains:])


def test_one_output_alone_gives_the_same_as_both(model: EmbeddingModel, audio: np.ndarray) -> None:
    both = list(encode(model, [audio], (WINDOW, GRAIN)))
    assert close(embed_recording(model, audio)[1], joined(both, 0))
    assert close(embed_recording(model, audio, GRAIN)[1], joined(both, 1))


def test_shared_windows_resemble_exact_ones(model: EmbeddingModel, audio: np.ndarray) -> None:
    exact, shared = (embed_recording(model, audio, encoding=encoding)[1] for encoding in ("exact", "shared"))
    if model.spec.local:
        assert np.array_equal(exact, shared), "a local model has no context to share"
        return
    cosine = (exact * shared).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(shared, axis=1)
    assert cosine.min() > 0.9


def test_a_hop_off_the_feature_grid_is_exact_too(model: EmbeddingModel) -> None:
    audio, window = noise(11), Output(8.0, 0.9995)
    values = embed_recording(model, audio, window, window=window)[1]
    alone = model.embed(np.stack([audio[k * window.hop : k * window.hop + window.span] for k in range(4)]))
    assert np.abs(values - alone).max() < 1e-4 * max(1.0, np.abs(alone).max())


def test_not_a_number_in_the_audio_is_silence(model: EmbeddingModel) -> None:
    audio = noise(9)
    broken = audio.copy()
    audio[40_000:50_000] = 0.0
    broken[40_000:50_000] = np.nan
    assert np.array_equal(embed_recording(model, audio)[1], embed_recording(model, broken)[1])


def test_a_sound_shows_in_the_grains_that_hold_it() -> None:
    model = create_model("HUBERT_BASE", tiny=True)
    model.load("cpu")
    audio = 0.001 * noise(60, 1)
    audio[30 * RATE : 31 * RATE] += np.sin(np.arange(RATE) * 0.3).astype(np.float32)
    for encoding in ("exact", "shared"):
        starts, values = embed_recording(model, audio, Output(1.0, 0.5, grain=True), encoding=encoding)
        unusual = np.linalg.norm(values - np.median(values, axis=0), axis=1)
        assert abs(starts[unusual.argmax()] - 30.0) <= 0.5


def test_a_cancelled_run_stops(model: EmbeddingModel) -> None:
    ctx = JobContext()
    found = encode(model, blocks(noise(60), RATE), (WINDOW,), ctx=ctx)
    next(found)
    ctx.cancel()
    with pytest.raises(Cancelled):
        list(found)


def test_a_cancelled_run_waits_for_one_piece_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    model, ctx, run = create_model("HUBERT_BASE", tiny=True), JobContext(), []
    model.load("cpu")
    frames = type(model).frames

    def counted(self: EmbeddingModel, features: torch.Tensor) -> torch.Tensor:
        run.append(len(features))
        if len(run) == 3:
            ctx.cancel()
        return frames(self, features)

    monkeypatch.setattr(type(model), "frames", counted)
    with pytest.raises(Cancelled):
        list(encode(model, [noise(40)], (WINDOW,), ctx=ctx))
    assert run == [1, 1, 1]


def test_memory_does_not_grow_with_the_recording() -> None:
    model = create_model("LOGMEL")
    model.load("cpu")
    longest = 0
    real = FeatureStream.forget

    def watch(self: FeatureStream, before: int) -> None:
        nonlocal longest
        real(self, before)
        longest = max(longest, len(self._features) + sum(map(len, self._pending)) // 160)

    piece = noise(10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FeatureStream, "forget", watch)
        count = sum(len(part.values) for part in encode(model, (piece for _ in range(60)), (WINDOW, GRAIN)))
    assert count == 593 + 1197
    assert longest < 60 * 100, "never more than a minute of features"


@pytest.mark.parametrize(
    ("encoding", "output"), [("approximate", WINDOW), ("exact", Output(0.1, 0.1)), ("exact", Output(1.0, 0.0))]
)
def test_what_cannot_be_encoded_is_refused(encoding: str, output: Output) -> None:
    model = create_model("YAMNET", tiny=True)
    model.load("cpu")
    with pytest.raises(ValueError, match=r"encoding|needs at least"):
        list(encode(model, [noise(9)], (output,), encoding=encoding))


@given(
    samples=st.integers(0, 400_000),
    block=st.integers(1_000, 200_000),
    span=st.sampled_from([1.0, 2.0, 8.0]),
    hop=st.sampled_from([0.5, 1.0]),
    first=st.integers(0, 5),
)
@settings(max_examples=25, deadline=None)
def test_windows_are_counted_right(samples: int, block: int, span: float, hop: float, first: int) -> None:
    model = create_model("LOGMEL")
    model.load("cpu")
    output = Output(span, hop)
    audio = np.zeros(samples, np.float32)
    found = list(encode(model, blocks(audio, block), (output,), first=(first,)))
    assert sum(len(part.values) for part in found) == max(0, output.count(samples) - first)
