"""Projects over generated videos."""

from __future__ import annotations

import pytest

from core.db import ProcessedDB
from core.domain.annotation import DISTANCE, NO_HUMAN, PERSPECTIVE, TARGET_SOUND, ItemKind, Project
from core.ops import label, label_items
from core.ops.media import add_files
from tests.media_factory import MediaShelf


@pytest.fixture
def videos(db: ProcessedDB, media: MediaShelf) -> list[int]:
    """Two videos of different pictures and sounds, in the list; their media ids."""
    paths = [media("tiny"), media("tiny", seconds=2, width=128)]
    return [each.id for each in add_files(db, "default", paths).media]


@pytest.fixture
def frames(db: ProcessedDB, videos: list[int]) -> Project:
    """Eight frames, two questions, a screener, no silent repeats."""
    project, _ = label.create_project(
        db, "People", ItemKind.FRAME, (PERSPECTIVE, DISTANCE), screener=NO_HUMAN, overlap=1.0, repeats=0.0
    )
    label_items.add_frames(db, project, videos, per_video=4)
    return project


@pytest.fixture
def sounds(db: ProcessedDB, videos: list[int]) -> Project:
    """Five windows of a second."""
    project, _ = label.create_project(db, "Barks", ItemKind.WINDOW, (TARGET_SOUND,), overlap=1.0, repeats=0.0)
    label_items.add_windows(db, project, videos, 1.0, 1.0)
    return project
