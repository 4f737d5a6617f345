"""A stage for player tests: the real player on libmpv with its real surface, or the fake, behind one set of verbs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from core.errors import UserError
from core.media.probe import probe
from core.media.pts import FrameTimes, frame_times
from tests.media_factory import read_counter
from ui.player.fake_player import FakePlayer
from ui.player.file_problem import file_problem
from ui.player.mpv_player import MpvPlayer
from ui.player.no_video_surface import NoVideoSurface
from ui.player.player import AudioTrack, OpenedMedia, Player
from ui.player.video_surface import VideoSurface

WAIT_MS = 20_000


class Stage:
    """One player, its surface, and what it said. `let_play(seconds)` lets that much playing happen."""

    def __init__(self, player: Player, surface: QWidget, qtbot) -> None:
        self.player = player
        self.surface = surface
        self.qtbot = qtbot
        self.positions: list[float] = []
        self.failures: list[UserError] = []
        player.position_changed.connect(self.positions.append)
        player.failed.connect(self.failures.append)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)

    def open(self, path: Path | str, with_times: bool = True) -> FrameTimes | None:
        """Open and wait; returns the frame times when there is a picture."""
        self.prepare(path)
        with self.qtbot.waitSignal(self.player.opened, timeout=WAIT_MS):
            self.player.open(str(path))
        times = frame_times(path) if self.player.display_size else None
        if with_times:
            self.player.set_frame_times(times)
        return times

    def open_in_vain(self, path: Path | str) -> UserError:
        self.prepare(path)
        with self.qtbot.waitSignal(self.player.failed, timeout=WAIT_MS) as failed:
            self.player.open(str(path))
        return failed.args[0]

    def go(self, time_s: float) -> None:
        self.player.seek(time_s)
        self.settle()

    def settle(self) -> None:
        self.until(lambda: not self.player.seeking)

    def prepare(self, path: Path | str) -> None:
        """Tell the fake what is in the file."""

    def let_play(self, condition: Callable[[], bool]) -> None:
        """Until the condition holds, time passes."""
        self.until(condition)


class RealStage(Stage):
    def counter(self) -> int:
        """The number of the frame that mpv shows."""
        return read_counter(pixels(self.player.screenshot()))

    def drawn_counter(self) -> int:
        """The number of the frame in the pixels of the widget."""
        area: QRect = self.surface.video_rect().toAlignedRect()
        return read_counter(pixels(self.surface.grabFramebuffer().copy(area)))


class FakeStage(Stage):
    player: FakePlayer

    def prepare(self, path: Path | str) -> None:
        try:
            info = probe(path)
        except UserError:
            self.player.add_media(str(path), file_problem(str(path)))
            return
        tracks = tuple(AudioTrack(track.index, channels=track.channels) for track in info.audio)
        size = (info.video.width, info.video.height) if info.video else None
        self.player.add_media(str(path), OpenedMedia(info.duration_s, size, tracks))

    def let_play(self, condition: Callable[[], bool]) -> None:
        for _ in range(5_000):
            if condition():
                return
            self.player.tick(0.02)
        raise AssertionError("the fake never got there")


def pixels(image: QImage) -> np.ndarray:
    """uint8 (H, W, 3) RGB of an image."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    data = image.constBits()
    data.setsize(image.sizeInBytes())
    rows = np.frombuffer(data, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


@contextlib.contextmanager
def real_stage(qtbot) -> Iterator[RealStage]:
    player = MpvPlayer()
    surface = VideoSurface(player)
    surface.resize(640, 360)
    qtbot.addWidget(surface)
    surface.show()
    qtbot.waitExposed(surface)
    yield RealStage(player, surface, qtbot)
    player.shutdown()


@pytest.fixture
def real(qtbot) -> Iterator[RealStage]:
    with real_stage(qtbot) as stage:
        yield stage


@pytest.fixture
def fake(qtbot) -> Iterator[FakeStage]:
    player = FakePlayer()
    surface = NoVideoSurface(player)
    surface.resize(640, 360)
    qtbot.addWidget(surface)
    surface.show()
    qtbot.waitExposed(surface)
    yield FakeStage(player, surface, qtbot)
    player.shutdown()


@pytest.fixture(params=["real", "fake"])
def stage(request) -> Stage:
    return request.getfixturevalue(request.param)
