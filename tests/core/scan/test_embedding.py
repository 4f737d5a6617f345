"""Embeddings of whole recordings: cached, uncached, resumed and batched alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.claim import claim
from core.models.base import EmbeddingModel
from core.models.registry import create_model
from core.scan.embedding import Embedded, Embedder, EmbeddingKey
from core.storage.vector_cache import VectorCache
from tests.sound_files import noise, with_beeps, write_wav


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "a.wav", with_beeps(noise(13), [5.0, 9.0]))


def tiny(name: str) -> EmbeddingModel:
    return create_model(name, tiny=True)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache", claim)


def embedder(cache: VectorCache | None = None, batch: int | None = None) -> Embedder:
    return Embedder(cache, "cpu", batch=batch, create=tiny)


class CancelWhen(JobContext):
    """Cancels itself at the first question after something came true."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition

    def check(self) -> None:
        if self._condition():
            self.cancel()
        super().check()


def same(one: Embedded, other: Embedded) -> bool:
    return (
        np.array_equal(one.starts_s, other.starts_s)
        and one.duration_s == other.duration_s
        and np.abs(np.asarray(one.vectors, np.float32) - np.asarray(other.vectors, np.float32)).max() < 2e-3
    )


def test_short_grains_lie_every_half_second(recording: Path) -> None:
    found = embedder().embed(recording, "k", EmbeddingKey("LOGMEL"))
    assert found.vectors.dtype == np.float16
    assert found.vectors.shape == (23, 424)
    assert found.starts_s[:3].tolist() == [0.0, 0.5, 1.0]
    assert (found.span_s, found.duration_s) == (2.0, 13.0)


def test_eight_seconds_mean_whole_windows_every_second(recording: Path) -> None:
    found = embedder().embed(recording, "k", EmbeddingKey.of("HUBERT_BASE", grain_s=8.0))
    assert found.vectors.shape == (6, 48)
    assert embedder().embed(recording, "k", EmbeddingKey.of("HUBERT_BASE", grain_s=4.0)).vectors.shape == (19, 96)


@pytest.mark.parametrize("name", ["LOGMEL", "YAMNET", "HUBERT_BASE"])
@pytest.mark.parametrize("encoding", ["exact", "shared"])
def test_cached_is_uncached(name: str, encoding: str, recording: Path, cache: VectorCache) -> None:
    key = EmbeddingKey(name, encoding)
    plain = embedder().embed(recording, "k", key)
    first = embedder(cache).embed(recording, "k", key)
    again = Embedder(cache, create=_never).embed(recording, "k", key)
    assert np.array_equal(plain.vectors, first.vectors)
    assert np.array_equal(first.vectors, again.vectors)
    assert first.duration_s == again.duration_s == 13.0


def _never(name: str) -> EmbeddingModel:
    raise AssertionError(f"{name} was loaded although everything is cached")


@pytest.mark.parametrize("name", ["LOGMEL", "YAMNET", "HUBERT_BASE"])
def test_the_size_of_a_batch_changes_nothing(name: str, recording: Path) -> None:
    key = EmbeddingKey(name)
    one, eight = (embedder(batch=size).embed(recording, "k", key) for size in (1, 8))
    assert np.array_equal(one.vectors, eight.vectors)


@pytest.mark.parametrize(("name", "encoding"), [("LOGMEL", "exact"), ("LOGMEL", "shared"), ("HUBERT_BASE", "exact")])
def test_a_cancelled_run_is_resumed(name: str, encoding: str, tmp_path: Path, cache: VectorCache) -> None:
    path = write_wav(tmp_path / "long.wav", noise(60))
    key = EmbeddingKey(name, encoding)

    def noted() -> int:
        return max((json.loads(note.read_text())["rows"] for note in cache.folder.rglob("*.note")), default=0)

    for _ in range(2):
        before = noted()
        with pytest.raises(Cancelled):
            embedder(cache).embed(path, "k", key, CancelWhen(lambda before=before: noted() > before))
        assert noted() > before
    assert np.array_equal(embedder(cache).embed(path, "k", key).vectors, embedder().embed(path, "k", key).vectors)


def test_local_models_share_one_entry_for_both_encodings(recording: Path, cache: VectorCache) -> None:
    embedder(cache).embed(recording, "k", EmbeddingKey("LOGMEL", "exact"))
    assert Embedder(cache, create=_never).cached("k", EmbeddingKey("LOGMEL", "shared"))
    embedder(cache).embed(recording, "k", EmbeddingKey("HUBERT_BASE", "exact"))
    assert not Embedder(cache, create=_never).cached("k", EmbeddingKey("HUBERT_BASE", "shared"))


@pytest.mark.parametrize("grain_s", [2.0, 8.0])
def test_a_single_layer_is_taken_from_the_entry_of_four(
    grain_s: float, recording: Path, cache: VectorCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.models.registry.embed_dim", lambda name: 192 if name.endswith("_ML") else 48)
    wide, narrow = (EmbeddingKey.of(name, grain_s=grain_s) for name in ("HUBERT_BASE_ML", "HUBERT_BASE"))
    embedder(cache).embed(recording, "k", wide)
    taken = Embedder(cache, create=_never).embed(recording, "k", narrow)
    assert same(taken, embedder().embed(recording, "k", narrow))


def test_a_model_and_its_variant_have_entries_of_their_own(recording: Path, cache: VectorCache) -> None:
    embedder(cache).embed(recording, "k", EmbeddingKey("HUBERT_LARGE_ML"))
    assert not Embedder(cache, create=_never).cached("k", EmbeddingKey("HUBERT_LARGE"))


def test_a_recording_is_known_by_its_content(recording: Path, cache: VectorCache, tmp_path: Path) -> None:
    other = write_wav(tmp_path / "b.wav", noise(13, seed=9))
    one, two = (
        embedder(cache).embed(path, name, EmbeddingKey("LOGMEL")) for path, name in ((recording, "k"), (other, "l"))
    )
    assert not same(one, two)
    assert cache.stats().entries == 2


@pytest.mark.parametrize(
    ("kind", "windows"),
    [("short", 1), ("silence", 3), ("clipped", 3), ("nan", 3), ("8 channels", 3), ("8 kHz", 3), ("192 kHz", 3)],
)
def test_odd_recordings_have_finite_embeddings(kind: str, windows: int, tmp_path: Path) -> None:
    rate = {"8 kHz": 8_000, "192 kHz": 192_000}.get(kind, 16_000)
    sound = noise(0.7 if kind == "short" else 3.0, rate_hz=rate)
    if kind == "silence":
        sound[:] = 0
    elif kind == "clipped":
        sound = np.sign(sound)
    elif kind == "nan":
        sound[100:900] = np.nan
    elif kind == "8 channels":
        sound = np.stack([sound] * 8, axis=1)
    path = write_wav(tmp_path / "odd.wav", sound, rate)
    found = embedder().embed(path, "k", EmbeddingKey("LOGMEL"))
    assert found.vectors.shape == (windows, 424)
    assert np.isfinite(found.vectors).all()
    assert found.duration_s == pytest.approx(len(sound) / rate, abs=0.01)


def test_a_broken_file_is_a_clear_error_and_leaves_no_entry(tmp_path: Path, cache: VectorCache) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF nothing of the kind")
    with pytest.raises(UserError):
        embedder(cache).embed(path, "k", EmbeddingKey("LOGMEL"))
    assert cache.find(EmbeddingKey("LOGMEL").cache_key("k")) is None


def test_what_a_classifier_was_trained_on_is_compared() -> None:
    key = EmbeddingKey("HUBERT_BASE", "shared", 4.0)
    assert EmbeddingKey.from_meta(key.meta) == key
    with pytest.raises(UserError, match="another revision"):
        EmbeddingKey.from_meta({**key.meta, "revision": "0"})
    with pytest.raises(UserError, match="no embedding model"):
        EmbeddingKey.from_meta({**key.meta, "model": "NOSUCH"})
    with pytest.raises(UserError, match="does not say"):
        EmbeddingKey.from_meta({})
    with pytest.raises(UserError, match="encoding"):
        EmbeddingKey("LOGMEL", "sharp")
    with pytest.raises(UserError, match="no sense"):
        EmbeddingKey("LOGMEL", "exact", 0.0)
