"""A small project of frames: drawn people with known truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from core.annotation.rounds import RoundOptions
from core.db import ProcessedDB
from core.demo.people import PeopleVideo, make_people_videos
from core.domain.annotation import DISTANCE, PERSPECTIVE, Item, ItemKind, Project, Step
from core.job import JobContext
from core.media.identity import content_key
from core.ops import label, label_items
from core.paths import DataPaths

TAKE_FRAMES = 6
SMALL = "timm:test_resnet"
"""A real residual network of timm with 0.4 million weights."""
QUICK = RoundOptions(top_k=5, epochs=2, backbone=SMALL, image_px=32, weights="random", device="cpu")


@dataclass
class FrameRounds:
    """An open history with a project of frames; `truth` has the answers for every item."""

    paths: DataPaths
    db: ProcessedDB
    project: Project
    videos: list[PeopleVideo]
    truth: dict[str, dict[str, str]]

    def items(self) -> tuple[Item, ...]:
        return self.db.annotation.items(self.project.id)

    def answer(self, items: Iterable[Item], coder: str = "ada") -> None:
        """Answer items with the truth."""
        for item in items:
            label.save(self.db, self.project, coder, Step(item), self.truth[item.key], seconds=2.0)

    def answer_half(self) -> None:
        """Every second take of each video."""
        self.answer([item for item in self.items() if item.frame // TAKE_FRAMES % 2 == 0])


@contextmanager
def frame_rounds(folder: Path, videos: int = 6, per_video: int = 6) -> Iterator[FrameRounds]:
    """A world in an empty folder: videos of six takes, a frame of each."""
    torch.set_num_threads(1)
    paths = DataPaths(folder / "data").prepare()
    with ProcessedDB(paths.database) as db:
        project, _ = label.create_project(db, "people", ItemKind.FRAME, [PERSPECTIVE, DISTANCE])
        made = make_people_videos(folder / "videos", videos, JobContext(), scenes=per_video)
        media = [db.media.register(content_key(video.path), str(video.path)) for video in made]
        label_items.add_frames(db, project, [one.id for one in media], per_video)
        by_key = {one.content_key: video for one, video in zip(media, made, strict=True)}
        truth = {item.key: by_key[item.content_key].truth(item.frame) for item in db.annotation.items(project.id)}
        yield FrameRounds(paths, db, project, made, truth)
