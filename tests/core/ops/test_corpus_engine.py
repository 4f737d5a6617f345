"""Which engine a request gets, and that it is told everything the person asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.corpus import ray_pool
from core.corpus.extractor import Settings
from core.corpus.local_pool import LocalPool
from core.corpus.results import Key
from core.corpus.runner import Wanted
from core.corpus.task import Recipe
from core.models import hardware
from core.ops import corpus
from core.ops.corpus import ExtractRecipe, RunRequest
from core.paths import DataPaths
from tests.sound_files import noise, write_wav


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


@pytest.mark.parametrize(
    ("device", "engine", "cards", "seats"),
    [
        ("auto", "local", ("H200",), {"cpu": 3, "gpu": 1}),
        ("auto", "local", (), {"cpu": 3}),
        ("cpu", "local", ("H200",), {"cpu": 3}),
        ("cuda", "local", (), {"cpu": 3, "gpu": 1}),
        ("auto", "ray", (), {"cpu": 3, "gpu": 1}),
        ("cpu", "ray", ("H200",), {"cpu": 3}),
    ],
)
def test_what_gains_from_a_card_shares_the_cores_where_none_is_used(
    monkeypatch: pytest.MonkeyPatch, device: str, engine: str, cards: tuple[str, ...], seats: dict[str, int]
) -> None:
    monkeypatch.setattr(hardware, "accelerators", lambda: cards)
    both = tuple(Wanted(Key(needs, 1), corpus.lane_of(needs, device, engine)) for needs in ("cpu", "gpu"))
    assert corpus._seats(3, both) == seats
    assert corpus._seats(3, both[1:]) == ({"gpu": 1} if "gpu" in seats else {"cpu": 3})


def test_embedding_on_processors_has_all_workers_on_a_machine_with_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats: list[dict[str, int]] = []

    class Pool(LocalPool):
        def __init__(self, recipe: Recipe, workers: dict[str, int], *rest: Any) -> None:
            seats.append(workers)
            super().__init__(recipe, workers, *rest)

    monkeypatch.setattr(hardware, "accelerators", lambda: ("H200",))
    monkeypatch.setattr(corpus, "LocalPool", Pool)
    source = write_wav(tmp_path / "sounds" / "a.wav", noise(2.0, seed=1)).parent
    request = RunRequest(str(source), str(tmp_path / "out"), workers=2, min_free_bytes=0, with_sound=True)
    report = corpus.extract(DataPaths(tmp_path / "data").prepare(), request, ["embeddings"], "cpu")
    assert seats == [{"cpu": 2}]
    assert report.summary.done.total() == 1
