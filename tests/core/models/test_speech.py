"""The network that hears speech: as its makers run it, in blocks of any size, and not fooled by other sounds."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import EnvironmentProblem
from core.models import speech
from tests.sound_files import noise, spoken, with_beeps, with_speech


@pytest.fixture
def unloaded() -> Iterator[None]:
    speech.load_network.cache_clear()
    yield
    speech.load_network.cache_clear()


def found(*blocks: np.ndarray) -> np.ndarray:
    return np.concatenate(list(speech.probabilities(blocks)))


def test_the_same_as_the_reference() -> None:
    with np.load(Path(__file__).parents[2] / "data" / "speech.npz") as stored:
        assert np.abs(found(spoken()) - stored["probabilities"]).max() < 1e-4


@pytest.mark.parametrize("size", [100, 512, 7_919, 10**6])
def test_blocks_do_not_matter(size: int) -> None:
    sound = with_speech(noise(40.0, level=0.001), [3.0, 20.0])
    whole = found(sound)
    parts = found(*(sound[start : start + size] for start in range(0, len(sound), size)))
    assert len(whole) == np.ceil(len(sound) / speech.FRAME)
    assert np.abs(parts - whole).max() < 1e-5


def test_what_is_no_speech() -> None:
    for sound in (noise(10.0), np.zeros(160_000, np.float32), with_beeps(noise(10.0), [2.0, 6.0])):
        assert (found(sound) < 0.5).mean() > 0.97
    assert len(found(np.zeros(0, np.float32)[:0], np.zeros(1, np.float32))) == 1
    assert list(speech.probabilities([])) == []


def test_without_the_package(monkeypatch: pytest.MonkeyPatch, unloaded: None) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "silero_vad" else there(name))
    with pytest.raises(EnvironmentProblem, match="silero-vad is missing") as caught:
        found(spoken())
    assert "setup_env.sh" in caught.value.fix


def test_a_changed_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unloaded: None) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "silero_vad_16k_sequence.onnx").write_bytes(b"something else")
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: package)
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        found(spoken())
