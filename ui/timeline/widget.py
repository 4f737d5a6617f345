"""The timeline under mouse, wheel and keyboard: turns events into gestures and gestures into signals."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from core.domain.timecode import format_time
from ui.timeline import gestures
from ui.timeline.canvas import TimelineCanvas
from ui.timeline.gestures import CursorAt, Kind, LockToggled, PannedBy, Pointer, RegionResized, ScrubAt
from ui.timeline.layers.coverage import HEIGHT_PX as COVERAGE_PX
from ui.timeline.layers.keyframes import keyframe_tooltip, keyframe_under
from ui.timeline.layers.markers import Flag, tooltip
from ui.timeline.layers.regions import REGIONS
from ui.timeline.scene import Edge, SceneRegion, TimelineScene
from ui.timeline.wheel import NOTCH, StepCounter, zoom_factor

NOT_HOVERED = -1.0
_EDGE_REACH_PX = 6
_PAN_PER_NOTCH_PX = 90
_BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)


class TimelineWidget(TimelineCanvas):
    """The timeline. It asks by signals and shows what it is told; only a drag shows its own preview.

    While the cursor is dragged, `cursor_requested(t)` comes with every move, and `scrub_requested(t, final)` for the
    picture, final once at the release. Locked, only `scrub_requested` comes. All times are inside the media.
    `hovered` says the time under the pointer, `NOT_HOVERED` when it has left.
    """

    cursor_requested = pyqtSignal(float)
    scrub_requested = pyqtSignal(float, bool)
    clips_step = pyqtSignal(int)
    lock_toggled = pyqtSignal()
    marker_activated = pyqtSignal(object)
    context_requested = pyqtSignal(float, object, QPoint)
    region_resized = pyqtSignal(object, float, float)
    hovered = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None, **layers: object) -> None:
        super().__init__(parent, **layers)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._gesture: gestures.Running | None = None
        self._button = Qt.MouseButton.NoButton
        self._pan_from = self.axis
        self._clip_steps = StepCounter()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in _BUTTONS or self._gesture is not None or self.scene.duration_s <= 0:
            event.ignore()
            return
        self._button = event.button()
        press = self._pointer(Kind.PRESS, event.position())
        self._gesture = gestures.Running(self._begin(press, event), self._show_step, self._mean)
        self._shape_cursor(event.position(), event.modifiers())

    def _begin(self, press: Pointer, event: QMouseEvent) -> gestures.Gesture:
        if event.button() is Qt.MouseButton.MiddleButton:
            self._pan_from = self.axis
            return gestures.pan_or_lock(press)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.scene.regions:
            held = self._edge_at(event.position())
            return gestures.resize_region(press, *held, self.scene.duration_s) if held else gestures.ignore()
        locked, playhead_s = self._live.locked, self._live.playhead_s
        original_s = self.scene.cursor_s if not locked or playhead_s is None else playhead_s
        held_s = self._held_at(event.position())
        snap_s = None if held_s is None else min(self.scene.duration_s, held_s)
        return gestures.move_cursor(press, original_s=original_s, locked=locked, snap_s=snap_s)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        self._hover(position.x())
        if self._gesture is not None:
            self._send(self._pointer(Kind.MOVE, position))
        self._shape_cursor(position, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is None or event.button() is not self._button:
            event.ignore()
            return
        self._send(self._pointer(Kind.RELEASE, event.position()))
        self._shape_cursor(event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        flag = self._flag_at(event.position())
        if flag is None or event.button() is not Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)
            return
        first, last = flag.members[0].start_s, flag.members[-1].start_s
        closer = self.axis.zoomed_to(first - (last - first) / 4, last + (last - first) / 4)
        if len(flag.members) > 1 and closer.seconds_per_px < self.axis.seconds_per_px * 0.99:
            self.zoom_to(first - (last - first) / 4, last + (last - first) / 4)
        else:
            # Batches cut at the very same place cannot be told apart by zooming: the newest own one is meant.
            self.marker_activated.emit(([m for m in flag.members if m.own] or flag.members)[-1].id)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._gesture is None:
            self._set_live(replace(self._live, hover_x=None))
            self.hovered.emit(NOT_HOVERED)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.scene.duration_s <= 0 or self._gesture is not None:
            return
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            point = QPoint(round(self.axis.x(self.scene.cursor_s)), self._lanes["body"].top)
            self.context_requested.emit(self.scene.cursor_s, None, self.mapToGlobal(point))
            return
        flag = self._flag_at(QPointF(event.pos()))
        marker_id = None
        if flag is not None:
            marker_id = ([marker for marker in flag.members if marker.own] or flag.members)[-1].id
        self.context_requested.emit(self.axis.media_time(event.pos().x()), marker_id, event.globalPos())

    # Wheel

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self.scene.duration_s <= 0:
            return
        angle, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_about(zoom_factor(angle.y() or angle.x()), event.position().x())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(angle.x()) > abs(angle.y()):
            turned = angle.x() or angle.y()
            self.pan(float(pixels.x() or pixels.y()) if not pixels.isNull() else turned / NOTCH * _PAN_PER_NOTCH_PX)
        elif event.phase() is not Qt.ScrollPhase.ScrollMomentum:
            # A touchpad goes on turning after the finger has left; a number must not.
            steps = self._clip_steps.turn(angle.y())
            if steps:
                self.clips_step.emit(steps)
        self._hover(event.position().x())

    # Keyboard

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and self._gesture is not None:
            # Esc belongs to the drag while there is one, whatever the window does with it otherwise.
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        elif event.type() is QEvent.Type.ToolTip:
            self._show_tooltip(event)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self._send(Pointer(Kind.CANCEL, 0.0, 0.0))
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is Qt.FocusReason.ActiveWindowFocusReason and self._gesture is not None:
            self._send(Pointer(Kind.CANCEL, 0.0, 0.0))

    # Gestures

    def _pointer(self, kind: Kind, position: QPointF) -> Pointer:
        return Pointer(kind, position.x(), self.axis.media_time(position.x()))

    def _send(self, pointer: Pointer) -> None:
        running = self._gesture
        running.send(pointer)
        if running.done:
            self._gesture = None

    def _show_step(self, step: gestures.Step) -> None:
        """A preview: shown at once, may be taken back."""
        match step:
            case CursorAt(time_s):
                self._move_cursor(time_s, final=False)
            case ScrubAt(time_s):
                self._scrub(time_s, final=False)
            case PannedBy(dx_px):
                ratio = self.devicePixelRatioF()
                self._set_axis(self._pan_from.panned(round(dx_px * ratio) / ratio))
            case RegionResized():
                self._set_live(replace(self._live, resizing=step))

    def _mean(self, intent: gestures.Intent) -> None:
        """What the gesture came to."""
        self._set_live(replace(self._live, resizing=None))
        match intent:
            case CursorAt(time_s):
                self._move_cursor(time_s, final=True)
            case ScrubAt(time_s):
                self._scrub(time_s, final=True)
            case PannedBy():
                self._show_step(intent)
            case LockToggled():
                self.lock_toggled.emit()
            case RegionResized(region_id, start_s, end_s):
                self.region_resized.emit(region_id, start_s, end_s)

    def _move_cursor(self, time_s: float, *, final: bool) -> None:
        self.set_cursor(time_s)
        self._set_axis(self.axis.revealing(time_s))
        self.cursor_requested.emit(time_s)
        self.scrub_requested.emit(time_s, final)

    def _scrub(self, time_s: float, *, final: bool) -> None:
        self._set_axis(self.axis.revealing(time_s))
        self.scrub_requested.emit(time_s, final)

    # What is under the pointer

    def _flag_at(self, position: QPointF) -> Flag | None:
        return self._markers.flag_at(self._view(), self.scene, position.x(), position.y())

    def _held_at(self, position: QPointF) -> float | None:
        """The time of the flag or keyframe under a point, to which a click snaps."""
        if flag := self._flag_at(position):
            return flag.members[0].start_s
        keyframe = keyframe_under(self._view(), self.scene, position.x(), position.y())
        return keyframe.time_s if keyframe else None

    def _edge_at(self, position: QPointF) -> tuple[SceneRegion, Edge] | None:
        lanes = self._lanes
        if not self.scene.regions or not lanes["body"].top <= position.y() < lanes[REGIONS].bottom:
            return None
        reach_s = _EDGE_REACH_PX * self.axis.seconds_per_px
        return self.scene.region_table.edge_at(self.axis.time(position.x()), reach_s)

    def _hover(self, x_px: float) -> None:
        x_px = min(float(self.width()), max(0.0, x_px))
        if self.scene.duration_s > 0:
            self._set_live(replace(self._live, hover_x=x_px))
            self.hovered.emit(self.axis.media_time(x_px))

    def _shape_cursor(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._gesture is not None and self._button is Qt.MouseButton.MiddleButton:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._live.resizing is not None or (
            modifiers & Qt.KeyboardModifier.ShiftModifier and self._edge_at(position) is not None
        ):
            shape = Qt.CursorShape.SplitHCursor
        elif self._gesture is None and self._held_at(position) is not None:
            shape = Qt.CursorShape.PointingHandCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        position = QPointF(event.pos())
        flag = self._flag_at(position)
        text = tooltip(flag) if flag else ""
        if keyframe := keyframe_under(self._view(), self.scene, position.x(), position.y()):
            text = keyframe_tooltip(keyframe)
        lane = self._lanes[REGIONS]
        if not text and lane.top <= position.y() < lane.bottom and self.scene.regions:
            region = self.scene.region_table.at(self.axis.time(position.x()))
            text = _region_tooltip(region) if region else ""
        if not text and self.scene.coverage and position.y() >= self._lanes["body"].bottom - 2 * COVERAGE_PX:
            text = coverage_text(self.scene)
        if text:
            QToolTip.showText(event.globalPos(), text, self)
        else:
            QToolTip.hideText()


def coverage_text(scene: TimelineScene) -> str:
    """How much of the media is cut already; empty when nothing is."""
    total_s = sum(span.length_s for span in scene.coverage)
    if not total_s or scene.duration_s <= 0:
        return ""
    percent = min(100, max(1, round(100 * total_s / scene.duration_s)))
    return f"{format_time(total_s, 0)} cut in all profiles, {percent} % of the file"


def _region_tooltip(region: SceneRegion) -> str:
    ends = f"{format_time(region.start_s, 2)} – {format_time(region.end_s, 2)}"
    state = {"DISABLED": "disabled", "NEGATIVE": "hard negative", "EXPORTED": "exported", "ENABLED": "enabled"}
    return f"{ends}\nScore {region.score:.2f} · {state[region.state.name]}\nShift+drag an end to resize"
