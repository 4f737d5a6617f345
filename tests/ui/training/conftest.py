"""A history with clips and hard negatives, and jobs that run at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.paths import DataPaths, data_paths
from core.session import Session
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


def cut(db: ProcessedDB, video: Path, times_s: list[float], folder: str, **which: object) -> None:
    """Clips of a video in a class, as a script would enter them."""
    video.touch()
    for time in times_s:
        path = f"/out/{folder}/vid_001/clip_001_m{round(time)}_0.mp4"
        db.add(str(video), time, path, clip_count=1, clip_duration=3.0, source_path=str(video), **which)
