"""The vector of a recording is the mean of its windows', by whichever model was asked for."""

from __future__ import annotations

import urllib.error
from pathlib import Path

import numpy as np
import pytest

from core.audio_scan import _extract_w2v_windows
from core.corpus.extractor import Settings, extractor
from core.corpus.extractors.embeddings import Embeddings
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.media.audio_reader import read_blocks
from core.media.identity import content_key
from core.models import weights
from core.models.registry import model_spec
from core.ops.cache import open_embedder, vector_cache
from core.paths import DataPaths
from tests.core.corpus.made_videos import facts, no_frames


def test_the_vector_is_the_mean_of_the_windows(media, tmp_path: Path) -> None:
    path = media("tiny", seconds=12, width=160, height=120)
    row = Embeddings(Settings(DataPaths(tmp_path))).extract(no_frames(), facts(path=path))
    sound = np.concatenate(list(read_blocks(path, 16_000)))
    _starts, windows = _extract_w2v_windows(sound, model_name="LOGMEL")
    assert row["vector"].dtype == np.float32 and row["vector"].shape == (row["dims"],) == (windows.shape[1],)
    assert row["windows"] == len(windows) == 5
    assert row["vector"] == pytest.approx(windows.mean(axis=0), rel=0.02, abs=0.02)
    assert (row["model"], row["encoding"]) == ("LOGMEL", "exact")
    assert row["audio_s"] == pytest.approx(12, abs=0.1)


def test_windows_go_to_the_cache_and_come_from_it(media, tmp_path: Path) -> None:
    path, paths = media("tiny"), DataPaths(tmp_path)
    info = facts(path=path, content_key=content_key(path))
    first = Embeddings(Settings(paths, open_embedder=open_embedder))
    row = first.extract(no_frames(), info)
    first.close()
    assert vector_cache(paths).stats().entries == 1
    gone = facts(path=tmp_path / "gone.mp4", content_key=info.content_key)
    again = Embeddings(Settings(paths, open_embedder=open_embedder)).extract(no_frames(), gone)
    assert np.array_equal(row["vector"], again["vector"])


def test_the_name_says_model_and_encoding() -> None:
    assert extractor("embeddings").name == "embeddings"
    one = extractor("embeddings-HUBERT_BASE-shared")
    assert one.name == "embeddings-HUBERT_BASE-shared"
    assert one.version == extractor("embeddings-YAMNET").version
    for name in ("embeddings-NO_SUCH", "embeddings-YAMNET-fuzzy"):
        with pytest.raises(UserError):
            extractor(name)


def test_a_file_without_sound_is_told(media, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no audio"):
        Embeddings(Settings(DataPaths(tmp_path))).extract(no_frames(), facts(path=media("no_audio")))


def test_missing_weights_are_told_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(url: str, timeout_s: int) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(weights, "_open_url", unreachable)
    settings = Settings(DataPaths(tmp_path), "cpu")
    Embeddings(settings).check(JobContext())
    with pytest.raises(EnvironmentProblem) as problem:
        Embeddings(settings, "YAMNET").check(JobContext())
    assert "embeddings-YAMNET" in str(problem.value) and model_spec("YAMNET").weights.url in str(problem.value)
