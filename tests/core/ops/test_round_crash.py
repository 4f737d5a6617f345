"""Kill -9 in a round: it goes on after its last finished step, or epoch, and ends with the files it would have had."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.ops import run_round
from core.paths import DataPaths
from tests.core.ops import frame_world, round_world

ROOT = Path(__file__).resolve().parents[3]
DEADLINE_S = 180.0


def kill_when(paths: DataPaths, arguments: list[str], condition: Callable[[], bool]) -> None:
    """Run `round` in a process of its own and kill that as soon as the condition holds, before it has ended."""
    command = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(paths.root), "round", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    deadline = time.monotonic() + DEADLINE_S
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        while not condition():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.005)
                pytest.fail("the command ended before it could be killed")
            assert time.monotonic() < deadline, "the condition never came about"
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


def outcome(folder: Path) -> tuple[dict, str, str]:
    """What a person and the window see of a round."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return metrics, (folder / "queue.csv").read_text(encoding="utf-8"), (folder / "figure.svg").read_text()


@pytest.mark.parametrize("moment", ["labels", "chosen"])
def test_a_round_of_windows_killed_goes_on(moment: str, tmp_path: Path) -> None:
    with round_world.round_world(tmp_path) as world:
        world.answer_some()
        whole, _ = run_round.run(
            world.db, "kitchen", 0, replace(round_world.QUICK, out=tmp_path / "whole"), paths=world.paths
        )
        folder = tmp_path / "killed" / "round_00"
        words = ["--project", "kitchen", "--round", "0", "--top-k", "6", "--head", "logistic", "--device", "cpu"]
        steps = folder / "steps"
        kill_when(
            world.paths,
            [*words, "--out", str(tmp_path / "killed")],
            lambda: (steps / f"{moment}.json").exists(),
        )
        assert not (folder / "metrics.json").exists() or moment == "chosen"
        before = {path.name: path.stat().st_mtime_ns for path in steps.glob("*.json")}
        # Coders do not wait for a round.
        world.answer(world.items("r1")[8:10], "ada")
        resumed, _ = run_round.run(
            world.db, "kitchen", 0, replace(round_world.QUICK, out=tmp_path / "killed"), paths=world.paths
        )
        assert outcome(resumed.folder) == outcome(whole.folder)
        assert before.items() <= {path.name: path.stat().st_mtime_ns for path in steps.glob("*.json")}.items()
        assert world.db.annotation.queue(world.project.id) == whole.entries


def test_training_of_frames_killed_goes_on_with_its_epochs(tmp_path: Path) -> None:
    with frame_world.frame_rounds(tmp_path, videos=4) as world:
        world.answer_half()
        options = replace(frame_world.QUICK, epochs=5)
        whole, _ = run_round.run(world.db, "people", 0, replace(options, out=tmp_path / "whole"), paths=world.paths)
        killed = tmp_path / "killed"
        words = ["--project", "people", "--round", "0", "--top-k", "5", "--epochs", "5", "--image-px", "32"]
        words += ["--backbone", frame_world.SMALL, "--weights", "random", "--device", "cpu", "--out", str(killed)]
        kill_when(world.paths, words, lambda: any(killed.rglob("*.epochs/epoch.safetensors")))
        resumed, _ = run_round.run(world.db, "people", 0, replace(options, out=killed), paths=world.paths)
        assert outcome(resumed.folder) == outcome(whole.folder)
        assert not list(killed.rglob("*.epochs"))
