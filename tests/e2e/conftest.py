"""The real program on a real display: real libmpv, ffmpeg, SQLite and threads, driven by real keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.e2e.desk import Desk
from tests.e2e.driver import Driver
from tests.e2e.trouble import Trouble
from tests.media_factory import MediaShelf


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """`start(*media, data=folder)` opens the window as `./8cut.sh` would; everything is closed after the test."""
    running: list[Driver] = []

    def launch(*media: Path, data: Path | None = None) -> Driver:
        driver = Driver(qtbot, qapp, data or tmp_path / "data", [str(path) for path in media])
        running.append(driver)
        return driver

    yield launch
    for driver in running:
        driver.close()


@pytest.fixture(scope="module")
def new_desk(
    request: pytest.FixtureRequest,
    qapp: QApplication,
    media: MediaShelf,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], Desk]]:
    """`new_desk()` is a window at work, for tests that share one."""
    made: list[Desk] = []

    def make() -> Desk:
        made.append(Desk(QtBot(request), qapp, media, tmp_path_factory.mktemp("desk")))
        return made[-1]

    yield make
    for desk in made:
        desk.put_away()


@pytest.fixture(scope="module")
def shared(new_desk: Callable[[], Desk]) -> Desk:
    return new_desk()


@pytest.fixture(scope="module")
def trouble(
    request: pytest.FixtureRequest, qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trouble]:
    """A window in which scanning works until a test breaks something."""
    made = Trouble(QtBot(request), qapp, tmp_path_factory.mktemp("trouble"))
    yield made
    made.close()
