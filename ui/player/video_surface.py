"""The picture: a QOpenGLWidget that mpv draws into and QPainter paints over.

Never give it another parent once it is shown: that destroys its GL context. Make the window full screen instead.
"""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QOpenGLContext, QPainter
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget

from core.errors import EnvironmentProblem
from ui.player.mpv_player import MpvPlayer, Picture
from ui.player.surface import SurfaceFace, paint_problem


class VideoSurface(SurfaceFace, QOpenGLWidget):
    """Shows what an MpvPlayer plays. Overlays are painted in widget coordinates after every picture."""

    def __init__(self, player: MpvPlayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._init_face(player)
        self._mpv_player = player
        self._picture: Picture | None = None
        player.picture_wanted.connect(self.update, Qt.ConnectionType.QueuedConnection)

    def initializeGL(self) -> None:
        context = self.context()
        context.aboutToBeDestroyed.connect(self.release)
        try:
            self._picture = self._mpv_player.make_picture(_address_of, self.release)
        except EnvironmentProblem as problem:
            self._mpv_player.do_without_picture(problem)

    def paintGL(self) -> None:
        fresh = False
        if self._picture is not None:
            scale = self.devicePixelRatio()
            size = round(self.width() * scale), round(self.height() * scale)
            fresh = self._picture.draw(self.defaultFramebufferObject(), *size)
        painter = QPainter(self)
        if self._player.display_size is None:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self._player.video_problem is not None:
            paint_problem(painter, QRectF(self.rect()), self.palette(), self._player.video_problem)
        self._paint_overlays(painter)
        painter.end()
        if fresh:
            self._player.frame_shown.emit()

    def release(self) -> None:
        """Free mpv's picture with the GL context current. Idempotent; must come before the player's core goes."""
        if self._picture is None:
            return
        picture, self._picture = self._picture, None
        self.makeCurrent()
        picture.free()
        self.doneCurrent()
        self._mpv_player.picture_freed()


def _address_of(name: bytes) -> int:
    context = QOpenGLContext.currentContext()
    address = context.getProcAddress(name) if context is not None else None
    return int(address) if address is not None else 0
