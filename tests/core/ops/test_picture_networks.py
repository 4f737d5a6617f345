"""Weights of the networks for frames: listed with licence, fetched by name, found where a person puts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.frame_options import RESNET50_WEIGHTS
from core.ops import about, models
from core.paths import DataPaths


def test_they_are_listed_with_their_licence(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    (resnet,) = models.picture_networks(paths)
    assert (resnet.name, resnet.present, resnet.licence) == ("resnet50", False, "BSD-3-Clause")
    assert "resnet50 weights" in {part.name for part in about.parts(paths, JobContext())}


def test_a_file_put_there_by_hand_is_checked_before_it_is_used(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    paths.weights.mkdir()
    (paths.weights / RESNET50_WEIGHTS.name).write_bytes(b"something else")
    assert models.picture_networks(paths)[0].present
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        models.fetch(paths, "resnet50", JobContext())


def test_listing_them_loads_no_heavy_library() -> None:
    code = "import sys, core.ops.models; print('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "False"
