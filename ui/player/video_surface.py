"""The picture: a QOpenGLWidget that mpv draws into and QPainter paints over.

Do not give it another parent once it is shown: that destroys its GL context, and the picture must be built again. Make
the window full screen instead.
"""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication, QObject, QRectF, QSize, Qt
from PyQt6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QPainter, QResizeEvent
from PyQt6.QtOpenGL import QOpenGLPaintDevice
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget

from core.errors import EnvironmentProblem
from ui.player.mpv_player import MpvPlayer, Picture
from ui.player.surface import SurfaceFace, paint_problem

# Where a native window inside another was seen to work with what lies over it. Elsewhere Qt composes as it likes.
PLATFORMS_TO_SEPARATE_ON = frozenset({"xcb"})


class VideoSurface(SurfaceFace, QOpenGLWidget):
    """Shows what an MpvPlayer plays. Overlays are painted in widget coordinates after every picture."""

    def __init__(self, player: MpvPlayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._init_face(player)
        self._mpv_player = player
        self._held: PictureHolder | None = None
        self._separate()
        player.picture_wanted.connect(self.update, Qt.ConnectionType.QueuedConnection)

    def _separate(self) -> None:
        """Give the picture a window of its own inside the main one.

        Without it Qt composes the whole main window with OpenGL whenever anything in it is painted: 6 ms for a label
        where OpenGL is software, 0.2 ms so.
        """
        if QGuiApplication.platformName() in PLATFORMS_TO_SEPARATE_ON:
            # Its ancestors and their children need none.
            QGuiApplication.setAttribute(Qt.ApplicationAttribute.AA_DontCreateNativeWidgetSiblings)
            self.setAttribute(Qt.WidgetAttribute.WA_DontCreateNativeAncestors)
            self.setAttribute(Qt.WidgetAttribute.WA_NativeWindow)

    def initializeGL(self) -> None:
        if self._mpv_player.is_shut_down:  # the window is being taken apart
            return
        again = self._held is not None
        try:
            self._held = PictureHolder(self._mpv_player, self.context())
        except EnvironmentProblem as problem:
            self._mpv_player.do_without_picture(problem)
        if again:
            # Shown together with its window, a native one gets a second context, and no framebuffer until its size
            # changes: Qt makes one in answer to this.
            QCoreApplication.sendEvent(self, QResizeEvent(self.size(), self.size()))

    def paintGL(self) -> None:
        scale = self.devicePixelRatio()
        size = QSize(round(self.width() * scale), round(self.height() * scale))
        fresh = False
        if self._held is not None and self._held.picture is not None:
            fresh = self._held.picture.draw(self.defaultFramebufferObject(), size.width(), size.height())
            self.makeCurrent()  # binds the framebuffer again
        # Not a painter on the widget: while the window is grabbed that one paints elsewhere.
        target = QOpenGLPaintDevice(size)
        target.setDevicePixelRatio(scale)
        painter = QPainter(target)
        self._paint_over(painter)
        painter.end()
        if fresh:
            self._player.frame_shown.emit()

    def _paint_over(self, painter: QPainter) -> None:
        if self._player.display_size is None:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self._player.video_problem is not None:
            paint_problem(painter, QRectF(self.rect()), self.palette(), self._player.video_problem)
        self._paint_overlays(painter)


class PictureHolder(QObject):
    """Frees mpv's picture in time, whoever goes first: the player, the widget, or only the widget's GL context.

    It is no child of the widget: when a widget's context dies, the widget's own methods cannot be called any more.
    """

    def __init__(self, player: MpvPlayer, context: QOpenGLContext) -> None:
        super().__init__()
        self._player = player
        self._context = context
        self._anywhere = QOffscreenSurface()  # to make the context current on, where the window is gone
        self._anywhere.setFormat(context.format())
        self._anywhere.create()
        self.picture: Picture | None = player.make_picture(_address_of, self.release)
        context.aboutToBeDestroyed.connect(self.release)

    def release(self) -> None:
        """Free the picture with its GL context current. Idempotent."""
        if self.picture is None:
            return
        picture, self.picture = self.picture, None
        self._context.aboutToBeDestroyed.disconnect(self.release)
        self._context.makeCurrent(self._anywhere)
        picture.free()
        self._context.doneCurrent()
        self._anywhere.destroy()
        self._player.picture_freed()


def _address_of(name: bytes) -> int:
    context = QOpenGLContext.currentContext()
    address = context.getProcAddress(name) if context is not None else None
    return int(address) if address is not None else 0
