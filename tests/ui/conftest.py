"""A program without a window: a history, and jobs that run at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtGui import QDesktopServices, QUndoStack
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.paths import DataPaths, data_paths
from core.session import Session
from tests.file_manager import Opened
from ui.jobs.runner import ImmediateRunner
from ui.services import Services
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
def services(
    db: ProcessedDB, paths: DataPaths, bridge: SessionBridge, runner: ImmediateRunner, settings: Settings
) -> Services:
    return Services(db, paths, bridge, runner, settings, QUndoStack())


@pytest.fixture
def file_manager() -> Iterator[Opened]:
    opened = Opened()
    QDesktopServices.setUrlHandler("file", opened.open)
    yield opened
    QDesktopServices.unsetUrlHandler("file")
