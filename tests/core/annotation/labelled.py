"""A labelling project with made-up videos: rows only, no files."""

from __future__ import annotations

from core.db import ProcessedDB
from core.domain.annotation import DISTANCE, NO_HUMAN, PERSPECTIVE, Item, ItemKind, Project, Step, Task
from core.ops import label

MOOD = Task("mood", ("happy", "sad"))


def frame(video: int, number: int) -> Item:
    return Item(f"b3-{video:02d}", ItemKind.FRAME, number, number / 25, number / 25)


def project(
    db: ProcessedDB,
    videos: int = 5,
    frames: int = 10,
    *,
    tasks: tuple[Task, ...] = (PERSPECTIVE, DISTANCE),
    name: str = "kitchen",
    overlap: float = 0.15,
    repeats: float = 0.05,
) -> Project:
    """A project of `videos` × `frames` items, all of known media."""
    made, _ = label.create_project(db, name, ItemKind.FRAME, tasks, screener=NO_HUMAN, overlap=overlap, repeats=repeats)
    for video in range(videos):
        db.media.register(f"b3-{video:02d}", f"/films/{video:02d}.mp4")
    db.annotation.add_items(made.id, [frame(video, number) for video in range(videos) for number in range(frames)])
    return made


def say(db: ProcessedDB, made: Project, coder: str, item: Item, answer: str, *, repeat: bool = False) -> None:
    """One answer to the project's first task."""
    label.save(db, made, coder, Step(item, repeat), {made.tasks[0].name: answer})
