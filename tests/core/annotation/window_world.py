"""A round about many windows without a single sound: vectors made up straight in the cache of embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.annotation.round_start import Turn
from core.annotation.rounds import RoundOptions, RoundResult, run_turn
from core.annotation.window_workshop import WindowWorkshop
from core.domain.annotation import TARGET_SOUND, Answer, Item, ItemKind, Project
from core.job import JobContext
from core.media.claim import claim
from core.scan.embedding import Embedder, EmbeddingKey
from core.storage.vector_cache import VectorCache

WINDOW_S, PER_RECORDING, LABELLED = 2.0, 250, 6
KEY = EmbeddingKey("LOGMEL")
OPTIONS = RoundOptions(top_k=50, head="logistic")


def fill_cache(folder: Path, recordings: int, width: int) -> VectorCache:
    """Recordings of 500 s; a part of each sounds otherwise."""
    cache = VectorCache(folder / "vectors", claim)
    rng = np.random.default_rng(0)
    grains = round(PER_RECORDING * WINDOW_S / KEY.hop_s)
    for number in range(recordings):
        vectors = rng.standard_normal((grains, width), np.float32)
        vectors[: grains // 2] += 0.5
        with cache.writing(KEY.cache_key(name_of(number))) as writer:
            writer.append(vectors.astype(np.float16))
            writer.finish({"duration_s": PER_RECORDING * WINDOW_S})
    return cache


def name_of(recording: int) -> str:
    """Stands for its content key."""
    return f"recording-{recording:05d}"


def windows(recordings: int) -> list[Item]:
    """All windows of all recordings."""
    return [
        Item(name_of(recording), ItemKind.WINDOW, -1, WINDOW_S * place, WINDOW_S * (place + 1))
        for recording in range(recordings)
        for place in range(PER_RECORDING)
    ]


def run_round(folder: Path, recordings: int, cache: VectorCache) -> RoundResult:
    """Round 0 about the windows of the first recordings of the cache; ten of them have a few labels."""
    items = windows(recordings)
    project = Project(1, "uid", "many", ItemKind.WINDOW, (TARGET_SOUND,), "salt")
    said = [(3 * number, "yes") for number in range(LABELLED)] + [
        (200 + 3 * number, "no") for number in range(LABELLED)
    ]
    answers = [
        Answer(
            f"{recording} {place}", items[recording * PER_RECORDING + at].key, TARGET_SOUND.name, "ada", label,
            "", False, 1.0, "", f"2026-01-01T00:00:00.{recording:03d}{place:03d}",
        )
        for recording in range(10)
        for place, (at, label) in enumerate(said)
    ]  # fmt: skip
    turn = Turn(project, 0, tuple(items), tuple(answers), {}, {}, folder / f"round of {recordings}")
    with Embedder(cache, "cpu") as embedder:
        workshop = WindowWorkshop(embedder, KEY, lambda key: folder / key, OPTIONS.head)
        return run_turn(turn, OPTIONS, workshop, lambda _: None, JobContext())
