"""What every test gets: generated media, a data folder of its own, and checks that it leaves nothing behind."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import media_factory
from tests.media_factory import MediaShelf

settings.register_profile("house", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("house")

THREAD_END_S = 5.0
# Windows that Qt itself keeps for later use.
QT_OWN_WINDOWS = {"QTipLabel", "QDesktopScreenWidget", "QShapedPixmapWidget"}
_NETWORK_EVENTS = ("socket.connect", "socket.sendto", "socket.getaddrinfo")
_network_calls: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    _take_own_display()
    config.addinivalue_line("markers", "allow_warnings: the test expects log records of WARNING or worse")
    # An audit hook sees every socket of the process, whichever library opens it. It cannot be removed again.
    sys.addaudithook(_watch_network)


def _take_own_display() -> None:
    """Workers that share a display take the focus from each other's windows, so run_tests.sh starts one for each."""
    displays = os.environ.get("EIGHTCUT_TEST_DISPLAYS", "").split()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if displays and worker:
        os.environ["DISPLAY"] = displays[int(worker.removeprefix("gw")) % len(displays)]


@pytest.fixture(scope="session")
def media(pytestconfig: pytest.Config) -> MediaShelf:
    """`media("h264_2997")` is the path of a generated file, made once and kept between sessions: never write to it."""
    recipe = Path(media_factory.__file__).read_bytes() + str(shutil.which("ffmpeg")).encode()
    return MediaShelf(pytestconfig.cache.mkdir(f"media-{hashlib.sha256(recipe).hexdigest()[:12]}"))


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no program a test starts, touches the history of the person at the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EIGHTCUT_HOME", str(tmp_path_factory.mktemp("data-folder")))
        yield


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    _network_calls.clear()
    yield
    assert not _network_calls, f"the test went to the network: {_network_calls}"


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    leaked = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in leaked:
        thread.join(THREAD_END_S)
    leaked = [thread.name for thread in leaked if thread.is_alive()]
    assert not leaked, f"the test left threads running: {leaked}"


@pytest.fixture(autouse=True)
def _no_unexpected_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    records = _Records()
    logging.getLogger().addHandler(records)
    yield
    logging.getLogger().removeHandler(records)
    if not request.node.get_closest_marker("allow_warnings"):
        assert not records.lines, "unexpected log records:\n" + "\n".join(records.lines)


@pytest.fixture(autouse=True)
def _no_leaked_windows() -> Iterator[None]:
    before = set(_windows())
    yield
    leaked = {address: text for address, text in _windows().items() if address not in before}
    if leaked:
        # A widget without references may only wait for the collector: that is no leak.
        gc.collect()
        leaked = {address: text for address, text in _windows().items() if address not in before}
    assert not leaked, f"the test left windows: {sorted(leaked.values())}"


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def _windows() -> dict[int, str]:
    """Address and name of each top-level widget without a parent; nothing while Qt is not loaded."""
    if "PyQt6.QtWidgets" not in sys.modules:
        return {}
    from PyQt6 import sip
    from PyQt6.QtCore import QEvent
    from PyQt6.QtWidgets import QApplication

    app = QApplication.instance()
    if app is None:
        return {}
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return {
        sip.unwrapinstance(widget): f"{type(widget).__name__} {widget.objectName() or widget.windowTitle()!r}"
        for widget in QApplication.topLevelWidgets()
        if widget.parent() is None and widget.metaObject().className() not in QT_OWN_WINDOWS
    }


def _watch_network(event: str, args: tuple[Any, ...]) -> None:
    if event not in _NETWORK_EVENTS:
        return
    address = args[0] if event == "socket.getaddrinfo" else args[1]
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = os.fsdecode(host)
    # AF_UNIX addresses are paths, or start with a zero byte.
    if event != "socket.getaddrinfo" and not isinstance(address, tuple):
        return
    if host in (None, "", "localhost", "::1", "0.0.0.0") or str(host).startswith("127."):
        return
    _network_calls.append(f"{event} {host}")
    raise RuntimeError(f"a test may not use the network, but {event} was called for {host}")
