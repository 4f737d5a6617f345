"""A history with a project over generated videos, and jobs that run at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.domain.annotation import DISTANCE, NO_HUMAN, PERSPECTIVE, TARGET_SOUND, ItemKind, Project
from core.ops import label
from core.ops.media import add_files
from core.paths import DataPaths, data_paths
from core.session import Session
from tests.media_factory import MediaShelf
from ui.jobs.runner import ImmediateRunner
from ui.session_bridge import SessionBridge
from ui.settings import Settings


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return data_paths(tmp_path / "data").prepare()


@pytest.fixture
def db(paths: DataPaths) -> Iterator[ProcessedDB]:
    with ProcessedDB(paths.database) as opened:
        yield opened


@pytest.fixture
def bridge(qtbot: QtBot) -> SessionBridge:
    return SessionBridge(Session())


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[ImmediateRunner]:
    runner = ImmediateRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


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
    label.add_frames(db, project, videos, per_video=4)
    return project


@pytest.fixture
def sounds(db: ProcessedDB, videos: list[int]) -> Project:
    """Five windows of a second."""
    project, _ = label.create_project(db, "Barks", ItemKind.WINDOW, (TARGET_SOUND,), overlap=1.0, repeats=0.0)
    label.add_windows(db, project, videos, 1.0, 1.0)
    return project
