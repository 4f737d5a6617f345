"""A small project of windows: recordings with beeps at known times, and coders who know the truth."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from core.annotation.rounds import RoundOptions
from core.db import ProcessedDB
from core.domain.annotation import TARGET_SOUND, Item, ItemKind, Project, Step
from core.job import JobContext
from core.media.identity import content_key
from core.ops import label, label_items
from core.paths import DataPaths
from tests.sound_files import noise, with_beeps, write_wav

LENGTH_S, WINDOW_S = 24.0, 2.0
QUICK = RoundOptions(top_k=6, head="logistic", device="cpu")


class StoppingAt(JobContext):
    """Cancels itself when a stage begins."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage

    def progress(self, done: float, total: float, text: str = "") -> None:
        super().progress(done, total, text)
        if text.startswith(self._stage):
            self.cancel()
            self.check()


@dataclass
class RoundWorld:
    """An open history with a project; `truth` has the label of every item."""

    paths: DataPaths
    db: ProcessedDB
    project: Project
    files: dict[str, Path]
    truth: dict[str, str]

    def items(self, *names: str) -> list[Item]:
        """All items in order, or those of some recordings."""
        wanted = {content_key(self.files[name]) for name in names} if names else None
        return [
            item for item in self.db.annotation.items(self.project.id) if wanted is None or item.content_key in wanted
        ]

    def answer(self, items: Iterable[Item], coder: str = "ada", said: str = "") -> None:
        """Answer items with the truth, or with what is `said`."""
        for item in items:
            label.save(
                self.db, self.project, coder, Step(item), {TARGET_SOUND.name: said or self.truth[item.key]}, seconds=1.5
            )

    def answer_some(self, per_recording: int = 6, coder: str = "ada") -> None:
        """A few windows of each recording, half of them with a beep as far as there are."""
        for name in self.files:
            own = self.items(name)
            beeps = [item for item in own if self.truth[item.key] == "yes"]
            rest = [item for item in own if self.truth[item.key] == "no"]
            half = beeps[: per_recording // 2]
            self.answer([*half, *rest[: per_recording - len(half)]], coder)


@contextmanager
def round_world(folder: Path, recordings: int = 6) -> Iterator[RoundWorld]:
    """A world in an empty folder: recordings of 24 s, each with three beeps, as windows of 2 s."""
    torch.set_num_threads(1)
    paths = DataPaths(folder / "data").prepare()
    with ProcessedDB(paths.database) as db:
        project, _ = label.create_project(db, "kitchen", ItemKind.WINDOW, [TARGET_SOUND])
        world = RoundWorld(paths, db, project, {}, {})
        for number in range(recordings):
            add_recording(world, folder, f"r{number}", [2.2 + number % 3 * 2, 10.2, 16.2 + number % 2 * 4])
        yield world


def add_recording(world: RoundWorld, folder: Path, name: str, beeps: list[float]) -> None:
    """Another file and its windows; the truth is known."""
    sound = noise(LENGTH_S, seed=zlib.crc32(name.encode()), level=0.02 + 0.03 * (zlib.crc32(name.encode()) % 5))
    path = write_wav(folder / "sounds" / f"{name}.wav", with_beeps(sound, beeps))
    world.files[name] = path
    media = world.db.media.register(content_key(path), str(path))
    label_items.add_windows(world.db, world.project, [media.id], WINDOW_S, WINDOW_S)
    for item in world.items(name):
        heard = any(item.start_s < time + 1.0 and time + 0.5 < item.end_s for time in beeps)
        world.truth[item.key] = "yes" if heard else "no"
