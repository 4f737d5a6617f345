"""What the timeline says in words: nothing open, no audio, audio being read, cursor locked."""

from __future__ import annotations

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QPainter

from ui.timeline.layers.lines import draw_padlock
from ui.timeline.scene import TimelineScene
from ui.timeline.view import BODY, View

NO_MEDIA = "Nothing open. Drop a video here, or open one, to see it as a timeline."
NO_AUDIO = "No audio in this media"
_PILL_PX = 18


class NoticeLayer:
    """Texts that stay: nothing open, no audio."""

    lane = BODY
    at_top = False

    def wanted_px(self, scene: TimelineScene) -> int:
        return 0

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        if scene.duration_s > 0 and scene.has_audio:
            return
        body = view.body
        painter.setFont(view.type.normal if scene.duration_s <= 0 else view.type.small)
        painter.setPen(view.colours["text_muted"])
        painter.drawText(
            QRectF(8, body.top, view.width_px - 16, body.height),
            int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
            NO_MEDIA if scene.duration_s <= 0 else NO_AUDIO,
        )


class ReadingOverlay:
    """How far the audio has been read for the waveform: a short text and a thin line at the bottom of the body."""

    def state(self, view: View, scene: TimelineScene) -> object:
        return (view.live.reading, view.live.reading_text)

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        if view.live.reading is None or scene.duration_s <= 0:
            return QRect()
        return QRect(0, view.body.top, view.width_px, view.body.height)

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        body, fraction = view.body, min(1.0, max(0.0, view.live.reading))
        line = QRectF(0, body.bottom - 3, view.width_px, 2)
        painter.fillRect(line, view.colours["tick_minor"])
        painter.fillRect(QRectF(0, body.bottom - 3, view.width_px * fraction, 2), view.colours["accent"])
        painter.setFont(view.type.small)
        painter.setPen(view.colours["text_muted"])
        painter.drawText(
            QRectF(0, body.top, view.width_px, body.height),
            int(Qt.AlignmentFlag.AlignCenter),
            f"{view.live.reading_text} {fraction:.0%}",
        )


class LockOverlay:
    """A badge while the cursor is locked: the reason why a click does not move it."""

    _TEXT = "Cursor locked"

    def state(self, view: View, scene: TimelineScene) -> object:
        return view.live.locked

    def extent(self, view: View, scene: TimelineScene) -> QRect:
        if not view.live.locked or scene.duration_s <= 0:
            return QRect()
        return self._box(view).toAlignedRect()

    def paint(self, painter: QPainter, view: View, scene: TimelineScene) -> None:
        box = self._box(view)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(view.colours["cursor_locked"])
        painter.drawRoundedRect(box, 3, 3)
        draw_padlock(painter, view, box.left() + 11, box.center().y() + 0.5, "timeline_back")
        painter.setPen(view.colours["timeline_back"])
        painter.setFont(view.type.bold)
        painter.drawText(box.adjusted(19, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), self._TEXT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _box(self, view: View) -> QRectF:
        width = view.type.width(self._TEXT, bold=True) + 27
        return QRectF(view.width_px - width - 8, view.body.top + 6, width, _PILL_PX)
