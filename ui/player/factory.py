"""Picks the player and the surface that this machine can run. Never fails: without video the app goes on."""

from __future__ import annotations

import logging

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
from PyQt6.QtWidgets import QWidget

from core.errors import EnvironmentProblem
from ui.player.absent_player import AbsentPlayer
from ui.player.no_video_surface import NoVideoSurface
from ui.player.player import Player
from ui.player.surface import SurfaceFace

log = logging.getLogger(__name__)

# Qt platforms without a screen that QOpenGLWidget could draw on.
PLATFORMS_WITHOUT_GL = frozenset({"offscreen", "minimal", "vnc", "linuxfb"})


def create_player(parent: QWidget | None = None) -> tuple[Player, QWidget]:
    """The player and the widget that shows it (a SurfaceFace). Call `player.shutdown()` before the widget dies.

    Without libmpv the player cannot open anything and says why; without OpenGL it plays without a picture.
    `player.video_problem` tells what is missing.
    """
    problem = gl_problem()
    try:
        from ui.player.mpv_player import MpvPlayer

        player: Player = MpvPlayer(parent, problem)
    except EnvironmentProblem as missing:
        problem = missing
        player = AbsentPlayer(missing, parent)
    if problem is not None:
        log.warning("%s", problem)
        return player, NoVideoSurface(player, parent)
    from ui.player.video_surface import VideoSurface

    return player, VideoSurface(player, parent)


def create_sound_player(parent: QObject | None = None) -> Player:
    """A player without a picture, for short sounds; without libmpv it opens nothing and says why."""
    try:
        from ui.player.mpv_player import MpvPlayer

        return MpvPlayer(parent, EnvironmentProblem("Only the sound is played here"))
    except EnvironmentProblem as missing:
        log.warning("%s", missing)
        return AbsentPlayer(missing, parent)


def gl_problem() -> EnvironmentProblem | None:
    """Why no OpenGL picture can be shown here; None when a context can be made and used."""
    platform = QGuiApplication.platformName()
    if platform in PLATFORMS_WITHOUT_GL:
        return _no_gl(f"Qt's platform “{platform}” has no OpenGL")
    context = QOpenGLContext()
    if not context.create():
        return _no_gl("No OpenGL context can be made on this display")
    probe = QOffscreenSurface()
    probe.create()
    usable = context.makeCurrent(probe)
    context.doneCurrent()
    probe.destroy()
    return None if usable else _no_gl("The OpenGL context of this display cannot be used")


def _no_gl(why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "The picture cannot be shown",
        why,
        "Install a graphics driver (Debian, Ubuntu: sudo apt-get install libgl1 libegl1); cutting by time still works",
    )


__all__ = ["SurfaceFace", "create_player", "create_sound_player", "gl_problem"]
