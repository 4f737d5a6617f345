"""The timeline as a picture: scene, zoom and what moves, shown with as little painting as possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from core.domain.timecode import format_time
from ui.theme import current
from ui.timeline.axis import Axis
from ui.timeline.backdrop import Backdrop
from ui.timeline.colours import Type, colours_of
from ui.timeline.layers import MarkerLayer, WaveformLayer, overlays, static_layers
from ui.timeline.layers.waveform import Peaks
from ui.timeline.overview import HEIGHT_PX as OVERVIEW_PX
from ui.timeline.overview import OverviewBar
from ui.timeline.scene import TimelineScene
from ui.timeline.view import Layer, Live, Overlay, View, lay_out

_HINT_PX, _LEAST_PX = 148, 112
_PAGE_AT = 0.04
_ZOOM_STEP = 1.6


class TimelineCanvas(QWidget):
    """Shows a scene. Static layers are cached as a picture; whatever moves repaints only where it is and was."""

    view_changed = pyqtSignal(float, float)

    def __init__(
        self, parent: QWidget | None = None, *, layers: Sequence[Layer] = (), more_overlays: Sequence[Overlay] = ()
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_LEAST_PX)
        self._waveform, self._markers = WaveformLayer(), MarkerLayer()
        self._more_layers = tuple(layers)
        self._backdrop = Backdrop([*static_layers(self._waveform, self._markers), *layers])
        self._overlays = [*more_overlays, *overlays()]
        self._shown: list[tuple[object, QRect]] = [(None, QRect())] * len(self._overlays)
        self._scene, self._live, self._playing = TimelineScene(), Live(), False
        self._focus_shown = False
        self._colours, self._type = colours_of(current()), Type(self.font())
        self._overview = OverviewBar(self)
        self._overview.start_requested.connect(lambda start_s: self._set_axis(self._axis.starting_at(start_s)))
        self._axis, self._pan_rest_px = Axis.fitted(0.0, self.width()), 0.0
        self._lanes = lay_out(self._canvas_px(), self._backdrop.layers, self._scene)
        self.setAccessibleName("Timeline")

    # What to show

    @property
    def scene(self) -> TimelineScene:
        return self._scene

    def set_scene(self, scene: TimelineScene) -> None:
        """Show another scene; the zoom stays unless the media's duration changed."""
        old, self._scene = self._scene, scene.sharing(self._scene)
        if scene.duration_s != old.duration_s:
            self._axis = Axis.fitted(scene.duration_s, self.width())
            self._set_live(replace(self._live, resizing=None, hover_x=None))
            self.view_changed.emit(self._axis.start_s, self._axis.end_s)
        self._describe()
        if scene.same_static(old):
            self._refresh()
        else:
            self._fit_lanes()
            self._repaint_all()

    def set_cursor(self, time_s: float) -> None:
        """Move the cursor and the pending batch with it."""
        if time_s != self._scene.cursor_s:
            self._scene = self._scene.with_cursor(time_s)
            self._describe()
            self._refresh()

    def set_waveform(self, provider: Peaks | None) -> None:
        """Draw peaks from `provider`; None while there are none. Call again when the same provider has changed."""
        self._waveform.provider = provider
        self._live = replace(self._live, reading=None)
        self.invalidate()

    def set_waveform_progress(self, fraction: float | None, text: str = "Reading the audio…") -> None:
        """How much of the audio has been read (0–1), None when nothing is being read."""
        self._set_live(replace(self._live, reading=fraction, reading_text=text))

    def set_playhead(self, time_s: float | None) -> None:
        """Move the playhead. While playing, the view turns a page when the playhead leaves it."""
        before = self._live.playhead_s
        self._set_live(replace(self._live, playhead_s=time_s))
        if not self._playing or time_s is None or before is None or not self._axis.zoomed:
            return
        was_seen = self._axis.start_s <= before <= self._axis.end_s
        if was_seen and not self._axis.start_s <= time_s <= self._axis.end_s:
            self._set_axis(self._axis.revealing(time_s, _PAGE_AT))

    def set_playing(self, playing: bool) -> None:
        """Whether the playhead moves by playback; only then does the view follow it."""
        self._playing = playing

    def set_locked(self, locked: bool) -> None:
        """Show the cursor as locked: the mouse only scrubs."""
        self._set_live(replace(self._live, locked=locked))

    def relayout(self) -> None:
        """Make room for the lanes anew: one of the layers wants another height than before."""
        self._fit_lanes()
        self.invalidate()

    @property
    def lanes_px(self) -> int:
        """The height that optional layers bring along, beyond what every timeline needs."""
        return sum(layer.wanted_px(self._scene) for layer in self._more_layers)

    def invalidate(self) -> None:
        """Paint the static layers anew: what one of them draws from has changed."""
        self._backdrop.invalidate()
        self._repaint_all()

    # What part to show

    @property
    def axis(self) -> Axis:
        return self._axis

    def zoom_to(self, start_s: float, end_s: float) -> None:
        """Show `[start_s, end_s]`, as far as the ends of the media allow."""
        self._set_axis(self._axis.zoomed_to(start_s, end_s))

    def zoom_in(self) -> None:
        """One step closer about the cursor, or about the middle when the cursor is not in view."""
        self.zoom_about(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """One step back."""
        self.zoom_about(1 / _ZOOM_STEP)

    def zoom_reset(self) -> None:
        """Show the whole media."""
        self._set_axis(Axis.fitted(self._scene.duration_s, self.width()))

    def zoom_about(self, factor: float, x_px: float | None = None) -> None:
        """Closer by `factor` about a pixel; without one about the cursor, or the middle when that is not in view."""
        if x_px is None:
            x_px = self._axis.x(self._scene.cursor_s)
            if not 0 <= x_px <= self.width():
                x_px = self.width() / 2
        self._set_axis(self._axis.zoomed_by(factor, x_px))

    def pan(self, dx_px: float) -> None:
        """Move the content to the right by whole device pixels; the rest is kept for the next call."""
        ratio = self.devicePixelRatioF()
        self._pan_rest_px += dx_px
        whole = int(self._pan_rest_px * ratio) / ratio
        self._pan_rest_px -= whole
        self._set_axis(self._axis.panned(whole))

    def reveal(self, time_s: float) -> None:
        """Pan so that a time is in view, with some room on both sides; nothing happens when it already is."""
        self._set_axis(self._axis.revealing(time_s, 0.3))

    # Painting

    def sizeHint(self) -> QSize:
        return QSize(900, _HINT_PX + self.lanes_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, _LEAST_PX + self.lanes_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._overview.setGeometry(0, self._canvas_px(), self.width(), OVERVIEW_PX)
        self._lanes = lay_out(self._canvas_px(), self._backdrop.layers, self._scene)
        if event.size().width() != self._axis.width_px:
            self._set_axis(self._axis.resized(event.size().width()))
        self._repaint_all()

    def paintEvent(self, event: QPaintEvent) -> None:
        view, scene = self._view(), self._scene
        painter = QPainter(self)
        rect = event.rect().intersected(QRect(0, 0, self.width(), self._canvas_px()))
        self._backdrop.draw(painter, rect, view, scene)
        region = event.region()
        for overlay in self._overlays:
            extent = overlay.extent(view, scene)
            if not extent.isEmpty() and region.intersects(extent):
                painter.save()
                overlay.paint(painter, view, scene)
                painter.restore()
        if self._focus_shown:
            painter.setPen(self._colours["focus"])
            painter.drawRect(0, 0, self.width() - 1, self._canvas_px() - 1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # A click says itself where it went; only who comes by keyboard needs the frame.
        self._show_focus(event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_focus(False)

    def _show_focus(self, shown: bool) -> None:
        if shown != self._focus_shown:
            self._focus_shown = shown
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.StyleChange, QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "_type"):
            self._colours, self._type = colours_of(current()), Type(self.font())
            self.invalidate()

    def _fit_lanes(self) -> None:
        least = _LEAST_PX + self.lanes_px
        if least != self.minimumHeight():
            self.setMinimumHeight(least)
        self._lanes = lay_out(self._canvas_px(), self._backdrop.layers, self._scene)

    def _canvas_px(self) -> int:
        return max(0, self.height() - OVERVIEW_PX)

    def _view(self) -> View:
        return View(
            self._axis,
            self.width(),
            self._canvas_px(),
            self.devicePixelRatioF(),
            self._lanes,
            self._colours,
            self._type,
            self._live,
            0.0,
            float(self.width()),
        )

    def _set_axis(self, axis: Axis) -> None:
        if axis == self._axis:
            return
        self._axis = axis
        self._repaint_all()
        self.view_changed.emit(axis.start_s, axis.end_s)

    def _set_live(self, live: Live) -> None:
        if live != self._live:
            self._live = live
            self._refresh()

    def _refresh(self) -> None:
        """Ask for a repaint of the overlays that look different now: where they were and where they are."""
        view = self._view()
        for index, overlay in enumerate(self._overlays):
            now = (overlay.state(view, self._scene), overlay.extent(view, self._scene))
            if now != self._shown[index]:
                self.update(self._shown[index][1])
                self.update(now[1])
                self._shown[index] = now
        self._overview.show_part(view, self._scene)

    def _repaint_all(self) -> None:
        view = self._view()
        self._shown = [
            (overlay.state(view, self._scene), overlay.extent(view, self._scene)) for overlay in self._overlays
        ]
        self._overview.show_part(view, self._scene)
        self.update()

    def _describe(self) -> None:
        scene = self._scene
        if scene.duration_s <= 0:
            self.setAccessibleDescription("Nothing is open")
            return
        clips = f", {scene.batch.clips} clips" if scene.batch else ""
        self.setAccessibleDescription(
            f"Cursor at {format_time(scene.cursor_s)} of {format_time(math.floor(scene.duration_s), 0)}{clips}, "
            f"{len(scene.markers)} batches exported, {len(scene.regions)} regions"
        )
