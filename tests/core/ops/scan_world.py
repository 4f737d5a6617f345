"""A small world to train and scan in: recordings with beeps at known times, and marks in the history."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from core.db import ProcessedDB
from core.domain.media import Media
from core.media.identity import content_key
from core.ops.cache import open_embedder
from core.ops.train import TrainRequest
from core.paths import DataPaths
from core.scan.embedding import Embedder
from tests.sound_files import noise, with_beeps, write_wav

LENGTH_S = 60.0
BEEPS = {"a": [8.0, 30.0], "b": [12.0, 41.0], "c": [20.0, 50.0]}
REQUEST = TrainRequest("default", ("beep",), head="logistic", neg_margin_s=2.0)


@dataclass
class World:
    """An open history with an embedder, and the folder of the recordings."""

    paths: DataPaths
    db: ProcessedDB
    embedder: Embedder
    folder: Path

    def recording(self, name: str, beeps: list[float], seconds: float = LENGTH_S) -> Path:
        """A new file; different names differ in their noise."""
        sound = noise(seconds, seed=zlib.crc32(name.encode()))
        return write_wav(self.folder / f"{name}.wav", with_beeps(sound, beeps))

    def mark(self, path: Path, times: list[float], folder: str = "beep") -> None:
        """Clips of 4 s that hold what begins 1 s after their start."""
        for number, time in enumerate(times):
            clip = self.folder / folder / "vid_001" / f"clip_001_m{number + 1}_0.wav"
            self.db.add(path.name, time, str(clip), clip_count=1, clip_duration=4.0, source_path=str(path))

    def media(self, path: Path) -> Media:
        return self.db.media.register(content_key(path), str(path))

    def teach(self) -> None:
        """Mark the beeps of three recordings."""
        for name, beeps in BEEPS.items():
            self.mark(self.recording(name, beeps), [time - 1 for time in beeps])


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world in an empty folder."""
    torch.set_num_threads(1)
    paths = DataPaths(folder / "data").prepare()
    with ProcessedDB(paths.database) as db, open_embedder(paths, "cpu") as embedder:
        yield World(paths, db, embedder, folder / "sounds")
