"""One model in one file: the same after a round trip, refused when it is anything else."""

from __future__ import annotations

import json
import pickle
import signal
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import EnvironmentProblem, NewerDataError, UserError
from core.learning import model_file
from core.learning.calibration import Calibration
from core.learning.detector import Detector
from core.learning.examples import TrainOptions
from core.learning.features import Features
from core.learning.scorers import Linear
from core.learning.trained import Trained
from core.learning.training import train
from tests.core.learning.worlds import video, world

ROOT = Path(__file__).resolve().parents[3]


def small(bias: float = 0.0) -> Trained:
    """A model of two numbers, made by hand."""
    features = Features(np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    head = Linear(np.array([1.0, 2.0, 0.5, 0.0]), bias)
    return Trained(Detector(features, head, np.ones(1), Calibration()), 2, {"bias": bias}, {"threshold": 0.25})


@pytest.mark.parametrize("head", ["blend", "boosting"])
def test_a_stored_model_scores_the_same(tmp_path: Path, head: str) -> None:
    trained = train(world(3, width=70), TrainOptions(head=head, neg_margin_s=5))
    path = tmp_path / "a.safetensors"
    model_file.write(path, trained)
    found = model_file.read(path)
    assert found is not None
    embedded = video(30, width=70).examples.embedded
    assert np.array_equal(found.score(embedded), trained.score(embedded))
    assert found.report == trained.report
    assert found.meta == trained.meta
    assert found.threshold == trained.threshold
    card = model_file.read_card(path)
    assert card == {"meta": trained.meta, "report": trained.report}


def test_isotonic_calibration_survives(tmp_path: Path) -> None:
    points = Calibration("isotonic", 1.0, 0.0, np.array([-1.0, 0.0, 2.0]), np.array([0.0, 0.3, 1.0]))
    trained = replace(small(), detector=replace(small().detector, calibration=points))
    model_file.write(tmp_path / "a.safetensors", trained)
    found = model_file.read(tmp_path / "a.safetensors")
    assert found is not None
    assert found.detector.calibration.apply(np.array([1.0]))[0] == pytest.approx(0.65)


def test_no_file_is_no_model(tmp_path: Path) -> None:
    assert model_file.read(tmp_path / "gone.safetensors") is None
    assert model_file.read(tmp_path / "gone.joblib") is None
    assert model_file.read_card(tmp_path / "gone.safetensors") is None


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    model_file.write(path, small())
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        broken = bytearray(content)
        broken[place] ^= 0x01
        path.write_bytes(broken)
        with pytest.raises((UserError, NewerDataError)):
            model_file.read(path)
    for length in (0, 3, 8, 20, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match="refused"):
            model_file.read(path)


def test_a_changed_threshold_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    model_file.write(path, small())
    path.write_bytes(path.read_bytes().replace(b"0.25", b"0.75"))
    with pytest.raises(UserError, match="SHA-256"):
        model_file.read(path)


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.write_text, (self.path, "sprung")


@pytest.mark.parametrize("name", ["old.joblib", "old.pkl", "renamed.safetensors"])
def test_a_pickle_is_refused_and_not_run(tmp_path: Path, name: str) -> None:
    path, sprung = tmp_path / name, tmp_path / "sprung"
    path.write_bytes(pickle.dumps(Trap(sprung)))
    for read in (model_file.read, model_file.read_card):
        with pytest.raises(UserError, match="run programs") as caught:
            read(path)
        assert "Train the model again" in caught.value.fix
    assert not sprung.exists()


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "weights.safetensors"
    save_file({"a": np.ones(3)}, path)
    with pytest.raises(UserError, match="not a file that 8-cut wrote"):
        model_file.read(path)
    path.write_bytes(b"PK\x03\x04 something else entirely")
    with pytest.raises(UserError, match="not a file that 8-cut wrote"):
        model_file.read(path)


def test_a_file_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    model_file.write(path, small())
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    body = json.loads(header["__metadata__"]["8cut"])
    header["__metadata__"]["8cut"] = json.dumps({**body, "format": 99})
    changed = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(changed)) + changed + content[8 + length :])
    with pytest.raises(NewerDataError, match="newer 8-cut"):
        model_file.read(path)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").mkdir()
    with pytest.raises(EnvironmentProblem):
        model_file.read(tmp_path / "a.safetensors")
    with pytest.raises(EnvironmentProblem):
        model_file.write(tmp_path / "a.safetensors", small())
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


KILLED = """
import os, signal, sys
from pathlib import Path
from core.learning import model_file
from tests.core.learning.test_model_file import small
path, step = Path(sys.argv[1]), sys.argv[2]
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if step == "before the rename":
    Path.replace = die
else:
    os.fsync = die
model_file.write(path, small(2.0))
"""


@pytest.mark.parametrize("step", ["before the rename", "while writing"])
def test_killed_while_saving_the_old_model_stays(tmp_path: Path, step: str) -> None:
    path = tmp_path / "a.safetensors"
    model_file.write(path, small(1.0))
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), step], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    found = model_file.read(path)
    assert found is not None
    assert found.meta["bias"] == 1.0
