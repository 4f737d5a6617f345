"""Which engine a request gets, and that it is told everything the person asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.corpus import ray_pool
from core.corpus.extractor import Settings
from core.corpus.results import Key
from core.corpus.runner import Wanted
from core.ops import corpus
from core.ops.corpus import ExtractRecipe, RunRequest
from core.paths import DataPaths


def test_ray_is_told_the_address_the_workers_and_the_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, ...]] = []

    class Cluster:
        """Stands for a cluster that would take seconds to start."""

        def __init__(self, *arguments: Any) -> None:
            told.append(arguments[3:])

        def close(self, *, at_once: bool) -> None:
            """Nothing runs."""

    monkeypatch.setattr(ray_pool, "RayPool", Cluster)
    request = RunRequest("videos", "out", engine="ray", address="10.0.0.1:6379", workers=3, timeout_s=90.0)
    wanted = (Wanted(Key("cuts", 1), "cpu"),)
    corpus._engine(request, wanted, ExtractRecipe(Settings(DataPaths(tmp_path))), None)
    assert told == [("10.0.0.1:6379", 3, 90.0)]
