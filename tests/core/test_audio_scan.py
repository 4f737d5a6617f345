"""The face for scripts: its names, its shapes, and what it says about bad input."""

from __future__ import annotations

import inspect
import logging
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from core import audio_scan
from core.audio_scan import (
    _embed_dim,
    _extract_w2v_windows,
    _ml_config,
    load_classifier,
    scan_video,
    train_classifier,
)
from core.errors import EnvironmentProblem, UserError
from tests.sound_files import noise, with_beeps, write_wav

BEEPS = {"a": [8.0, 30.0], "b": [12.0, 41.0], "c": [20.0, 50.0]}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("EIGHTCUT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EIGHTCUT_WEIGHTS", raising=False)


@pytest.fixture
def infos(tmp_path: Path) -> list[audio_scan.VideoInfo]:
    found = []
    for number, (name, beeps) in enumerate(BEEPS.items()):
        path = write_wav(tmp_path / f"{name}.wav", with_beeps(noise(60, number), beeps))
        found.append((str(path), [time - 1 for time in beeps], [], []))
    return found


def learn(infos: list[audio_scan.VideoInfo], **options: object) -> object:
    return train_classifier(infos, head="logistic", neg_margin=2.0, clip_duration=4.0, **options)


def test_every_public_name_has_a_docstring() -> None:
    for name in (
        "_embed_dim",
        "_ml_config",
        "_extract_w2v_windows",
        "train_classifier",
        "load_classifier",
        "scan_video",
    ):
        assert inspect.getdoc(getattr(audio_scan, name)), name


def test_dimensions_and_layers() -> None:
    assert [_embed_dim(name) for name in ("YAMNET", "WAV2VEC2_BASE", "HUBERT_XLARGE_ML", "EAT_LARGE")] == [
        1024,
        768,
        5120,
        1024,
    ]
    assert _ml_config("HUBERT_XLARGE_ML") == ("HUBERT_XLARGE", [11, 23, 35, 47])
    assert _ml_config("AST_ML") == ("AST", [2, 5, 8, 11])
    assert _ml_config("HUBERT_BASE") is None
    assert _ml_config("BEATS_ML") is None
    with pytest.raises(UserError):
        _embed_dim("NOSUCH")


def test_windows_of_twenty_seconds() -> None:
    starts, values = _extract_w2v_windows(noise(20))
    assert starts.tolist() == list(range(13))
    assert values.shape == (13, _embed_dim("LOGMEL"))
    assert values.dtype == np.float32
    starts, values = _extract_w2v_windows(noise(20), hop=2.0, window=4.0)
    assert starts.tolist() == [0, 2, 4, 6, 8, 10, 12, 14, 16]
    assert values.shape == (9, _embed_dim("LOGMEL"))


def test_windows_of_odd_sound() -> None:
    for sound, rate, count in (
        (noise(3), 16_000, 1),
        (noise(0), 16_000, 0),
        (np.zeros(160_000, np.float32), 16_000, 3),
        (np.full(160_000, np.nan, np.float32), 16_000, 3),
        (noise(10, rate_hz=48_000), 48_000, 3),
        (noise(10, rate_hz=8_000), 8_000, 3),
        (np.stack([noise(10), noise(10, 1)]), 16_000, 3),
    ):
        starts, values = _extract_w2v_windows(sound, rate)
        assert len(starts) == len(values) == count
        assert np.isfinite(values).all()


def test_windows_of_a_file_are_cached(infos: list, tmp_path: Path) -> None:
    path = infos[0][0]
    starts, values = _extract_w2v_windows(None, video_path=path)
    assert len(starts) == 53
    assert list((tmp_path / "home").rglob("*.vectors"))
    again = _extract_w2v_windows(None, video_path=path)
    assert np.array_equal(values, again[1])
    direct = _extract_w2v_windows(with_beeps(noise(60, 0), BEEPS["a"]))
    assert np.array_equal(values, direct[1]), "cached or not, the numbers are the same"


def test_train_keep_load_and_scan(infos: list, tmp_path: Path) -> None:
    path = tmp_path / "models" / "beep.safetensors"
    model = learn(infos, model_path=path)
    assert path.is_file()
    new = write_wav(tmp_path / "new.wav", with_beeps(noise(60, 9), [15.0, 40.0]))
    found = scan_video(new, model)
    assert [round((start + end) / 2) for start, end, _ in found] == [16, 41]
    assert all(0.5 <= score <= 1.0 for *_, score in found)
    assert scan_video(new, load_classifier(path)) == found
    assert scan_video(new, model, threshold=1.0) == [hit for hit in found if hit[2] == 1.0]
    assert scan_video(new, model, hop=0.25, window=2.0) == found, "a short-grain model brings its own"


def test_eight_second_windows(infos: list, tmp_path: Path) -> None:
    model = train_classifier(infos, head="logistic", neg_margin=2.0, clip_duration=4.0, grain=8.0)
    assert isinstance(scan_video(infos[0][0], model, hop=1.0, window=8.0), list)
    with pytest.raises(UserError, match="windows of 8 s"):
        scan_video(infos[0][0], model, hop=0.5, window=4.0)


def test_no_model_finds_nothing(infos: list, tmp_path: Path) -> None:
    assert load_classifier(tmp_path / "none.safetensors") is None
    assert scan_video(infos[0][0], None) == []


@pytest.mark.allow_warnings
@pytest.mark.parametrize("case", ["nothing", "no positives", "files gone", "no model of that name", "no such head"])
def test_data_that_makes_no_model_is_none_with_a_reason(
    case: str, infos: list, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    options: dict[str, object] = {}
    if case == "nothing":
        infos = []
    elif case == "no positives":
        infos = [(path, [], [], [5.0]) for path, *_ in infos]
    elif case == "files gone":
        infos = [(path + ".gone", *times) for path, *times in infos]
    elif case == "no model of that name":
        options["embed_model"] = "NOSUCH"
    else:
        with caplog.at_level(logging.WARNING):
            assert train_classifier(infos, head="crystal ball") is None
        assert "crystal ball" in caplog.text
        return
    with caplog.at_level(logging.WARNING):
        assert learn(infos, model_path=tmp_path / "m.safetensors", **options) is None
    assert "No classifier was trained: " in caplog.text
    assert not (tmp_path / "m.safetensors").exists()


def test_a_flag_cancels(infos: list, caplog: pytest.LogCaptureFixture) -> None:
    flag = threading.Event()
    flag.set()
    starts, values = _extract_w2v_windows(noise(20), cancel_flag=flag)
    assert starts.shape == (0,)
    assert values.shape == (0, _embed_dim("LOGMEL"))
    model = learn(infos)
    assert scan_video(infos[1][0], model, cancel_flag=lambda: False)
    broken = write_wav(Path(infos[0][0]).with_name("other.wav"), noise(30))
    assert scan_video(broken, model, cancel_flag=flag) == []


@pytest.mark.allow_warnings
def test_a_cancelled_training_is_none(infos: list) -> None:
    assert learn(infos, cancel_flag=lambda: True) is None


def test_model_files_that_are_none(infos: list, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    learn(infos, model_path=path)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    (tmp_path / "tampered.safetensors").write_bytes(data)
    (tmp_path / "pickled.safetensors").write_bytes(pickle.dumps({"model": 1}))
    (tmp_path / "old.joblib").write_bytes(pickle.dumps({"model": 1}))
    (tmp_path / "text.safetensors").write_text("hello")
    for name in ("tampered.safetensors", "pickled.safetensors", "old.joblib", "text.safetensors"):
        with pytest.raises(UserError) as caught:
            load_classifier(tmp_path / name)
        assert caught.value.why, name
        assert caught.value.fix, name


def test_a_model_of_another_embedding_is_refused(infos: list) -> None:
    import dataclasses

    model = learn(infos)
    other = dataclasses.replace(model, meta={**model.meta, "embedding": {**model.embedding, "grain_s": 4.0}, "x": 1})
    assert scan_video(infos[0][0], other) is not None
    yamnet = dataclasses.replace(model, meta={"embedding": {**model.embedding, "model": "NOSUCH"}})
    with pytest.raises(UserError, match="no embedding model"):
        scan_video(infos[0][0], yamnet)


def test_weights_that_are_wrong_or_missing_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_WEIGHTS", str(tmp_path / "weights"))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "yamnet.tflite").write_bytes(b"not the weights")
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        _extract_w2v_windows(noise(10), model_name="YAMNET")


def test_a_file_that_is_none_is_a_clear_error(infos: list, tmp_path: Path) -> None:
    model = learn(infos)
    (tmp_path / "text.mp4").write_text("hello")
    for name in ("text.mp4", "gone.mp4"):
        with pytest.raises(UserError):
            scan_video(tmp_path / name, model)
