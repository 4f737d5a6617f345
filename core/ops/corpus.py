"""Features, embeddings and scans of thousands of videos, without a window and without the history."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.corpus.extractor import Settings
from core.corpus.features import Features
from core.corpus.local_pool import DEFAULT_TIMEOUT_S, LocalPool
from core.corpus.place import IN_MEMORY, Place, scheme_of
from core.corpus.results import Key, Result, Results
from core.corpus.run_log import RunLog
from core.corpus.runner import Plan, Run, Summary, Wanted
from core.corpus.sources import Corpus, find_videos
from core.corpus.space import DEFAULT_CACHE_BYTES, FreeSpace, VideoCache
from core.corpus.task import Engine, Lane, Recipe
from core.errors import UserError
from core.job import JobContext
from core.ops.cache import open_embedder
from core.paths import DataPaths

RUN_FILE = "run.json"
DEFAULT_MIN_FREE_BYTES = 2 * 10**9


@dataclass(frozen=True)
class RunRequest:
    """Which videos, where to, and by whom.

    Args:
        source: see `core.corpus.sources.find_videos`.
        out: a folder or URL; made when it is not there.
        engine: "local" or "ray".
        address: of a Ray cluster; empty for one of its own on this machine.
        workers: processes of this machine, or tasks at one time on a cluster; 0 for one per core.
        retry_failed: try again what failed in earlier runs.
        min_free_bytes: stop when a disk that is written to has less.
        cache_dir: where remote videos lie while they are worked on; None for the data folder's cache.
        cache_bytes: how much of them at once.
        timeout_s: give a video up after this.
        with_sound: audio files count as videos.
    """

    source: str
    out: str
    engine: str = "local"
    address: str = ""
    workers: int = 0
    retry_failed: bool = False
    min_free_bytes: int = DEFAULT_MIN_FREE_BYTES
    cache_dir: Path | None = None
    cache_bytes: int = DEFAULT_CACHE_BYTES
    timeout_s: float = DEFAULT_TIMEOUT_S
    with_sound: bool = False


@dataclass(frozen=True)
class RunReport:
    """What a run was about and how it ended."""

    corpus: Corpus
    wanted: tuple[Wanted, ...]
    summary: Summary
    logs: Path


@dataclass(frozen=True)
class ExtractRecipe:
    """Makes sets of extractors in a worker."""

    settings: Settings

    def make(self, names: Sequence[str]) -> Features:
        return Features(names, self.settings)


def extract(
    paths: DataPaths,
    request: RunRequest,
    features: Sequence[str],
    device: str = "auto",
    ctx: JobContext | None = None,
    on_start: Callable[[Corpus, Plan], None] | None = None,
    on_result: Callable[[Result], None] | None = None,
) -> RunReport:
    """Features of videos; goes on where an earlier run into the same folder ended.

    Args:
        features: names of extractors.
        on_start, on_result: told when it is known what there is to do, and of each result once it is kept.

    Raises:
        UserError: the request makes no sense, or there are no videos.
        EnvironmentProblem: a package, weights or a disk is missing; said before anything is done.
    """
    settings = Settings(paths, device, open_embedder)
    with Features(features, settings) as known:
        known.check(ctx)
        wanted = tuple(
            Wanted(Key(one.name, one.version), lane_of(one.needs, device, request.engine)) for one in known.extractors
        )
    return run(paths, request, wanted, ExtractRecipe(settings), ctx, on_start, on_result)


def run(
    paths: DataPaths,
    request: RunRequest,
    wanted: tuple[Wanted, ...],
    recipe: Recipe,
    ctx: JobContext | None = None,
    on_start: Callable[[Corpus, Plan], None] | None = None,
    on_result: Callable[[Result], None] | None = None,
) -> RunReport:
    """A run of anything that gives one result a video.

    Raises:
        UserError, EnvironmentProblem: as `extract`.
    """
    ctx = ctx or JobContext()
    _check(request)
    place = Place.of(request.out)
    cache_dir = request.cache_dir or paths.cache / "corpus"
    logs = place.local / "logs" if place.local else paths.logs / "corpus" / re.sub(r"\W+", "-", place.address)
    free = FreeSpace([folder for folder in (place.local, cache_dir, logs) if folder], request.min_free_bytes)
    free.check()
    ctx.progress(0, 0, "Looking for videos")
    corpus = find_videos(request.source, with_sound=request.with_sound)
    place.write(RUN_FILE, _run_note(request, corpus, wanted), "note of the run")
    ctx.progress(0, 0, "Looking what is done already")
    results = Results(place)
    plan = Plan(corpus.videos, wanted, results, retry_failed=request.retry_failed)
    if on_start:
        on_start(corpus, plan)
    cache = VideoCache(cache_dir, request.cache_bytes, request.min_free_bytes)
    cache.clean()
    engine = _engine(request, wanted, recipe, cache)
    summary = Run(plan, results, engine, free, RunLog(logs), ctx, on_result).go()
    return RunReport(corpus, wanted, summary, logs)


def _check(request: RunRequest) -> None:
    if request.engine not in ("local", "ray"):
        raise UserError(f"There is no engine {request.engine}", "", "Choose local or ray")
    if request.workers < 0 or request.timeout_s <= 0 or request.cache_bytes <= 0 or request.min_free_bytes < 0:
        raise UserError("The numbers of this run make no sense", "One of them is below nothing", "See --help")
    if request.address and request.engine != "ray":
        raise UserError("Only Ray has an --address", "", "Add --engine ray")
    if request.engine == "ray" and scheme_of(request.source) == IN_MEMORY:
        raise UserError(
            "Ray's workers cannot see memory://", "It is the memory of this process alone", "Choose --engine local"
        )


def _run_note(request: RunRequest, corpus: Corpus, wanted: Sequence[Wanted]) -> bytes:
    return json.dumps(
        {
            "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "source": request.source,
            "videos": len(corpus.videos),
            "repeated": corpus.repeated,
            "extractors": [str(each.key) for each in wanted],
        },
        indent=2,
    ).encode()


def _engine(request: RunRequest, wanted: Sequence[Wanted], recipe: Recipe, cache: VideoCache) -> Engine:
    if request.engine == "ray":
        from core.corpus.ray_pool import RayPool

        lanes = {each.lane for each in wanted}
        return RayPool(recipe, lanes, cache, request.address, request.workers, request.timeout_s)
    return LocalPool(recipe, _seats(request.workers, wanted), cache, request.timeout_s)


def _seats(workers: int, wanted: Sequence[Wanted]) -> dict[Lane, int]:
    """One process has the graphics card."""
    seats: dict[Lane, int] = {"cpu": workers or os.cpu_count() or 1, "gpu": 1}
    return {lane: seats[lane] for lane in sorted({each.lane for each in wanted})}


def lane_of(needs: Lane, device: str, engine: str) -> Lane:
    """Where an extractor works. Without a graphics card, or not to use it, what would gain from one shares the cores,
    and the decode of a video, with the rest. What cards a cluster has, Ray knows.
    """
    if needs == "cpu" or device == "cpu":
        return "cpu"
    if engine == "ray" or device != "auto":
        return "gpu"
    from core.models.hardware import accelerators

    return "gpu" if accelerators() else "cpu"
