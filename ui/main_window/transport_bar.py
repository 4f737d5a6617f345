"""The row under the timeline: playback buttons, where we are, and how it sounds."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from core.domain.timecode import format_time
from ui.action_table import Act
from ui.actions import ActionTable
from ui.theme import Space
from ui.widgets.elided_label import ElidedLabel

PLAYBACK = (Act.FRAME_BACK, Act.PLAY, Act.FRAME_FORWARD)
_NEEDS_PX = {"frame": 800, "volume": 580, "speeds": 480, "time": 330}
SPEEDS = {Act.SPEED_1: "1×", Act.SPEED_2: "2×", Act.SPEED_4: "4×"}


class TransportBar(QWidget):
    """Its buttons are the window's actions, so that each shows the shortcut that does the same."""

    volume_changed = pyqtSignal(int)
    track_chosen = pyqtSignal(int)

    def __init__(self, actions: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._time = QLabel("--:--:--.---")
        self._time.setProperty("title", True)
        self._time.setAccessibleName("Position")
        self._frame = QLabel()
        self._frame.setProperty("muted", True)
        self._rate = QLabel()
        self._rate.setProperty("tone", "warning")
        self._rate.setProperty("small", True)
        self._target = ElidedLabel()
        self._target.setProperty("muted", True)
        self._tracks = QComboBox()
        self._tracks.setAccessibleName("Audio track")
        self._tracks.setVisible(False)
        self._tracks.activated.connect(lambda row: self.track_chosen.emit(self._tracks.itemData(row)))
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._volume.setRange(0, 100)
        self._volume.setFixedWidth(88)
        self._volume.setAccessibleName("Volume")
        self._volume.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._volume.valueChanged.connect(self.volume_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.XS, Space.M, Space.XS)
        row.setSpacing(Space.XS)
        for name in PLAYBACK:
            row.addWidget(self._button(actions[name]))
        row.addSpacing(Space.S)
        self._speeds = [self._button(actions[name], text) for name, text in SPEEDS.items()]
        for button in self._speeds:
            row.addWidget(button)
        row.addSpacing(Space.S)
        row.addWidget(self._button(actions[Act.LOCK]))
        row.addSpacing(Space.M)
        for label in (self._time, self._frame, self._rate):
            row.addWidget(label)
            row.addSpacing(Space.XS)
        row.addWidget(self._target, 1)
        row.addWidget(self._tracks)
        row.addWidget(self._button(actions[Act.MUTE]))
        row.addWidget(self._volume)

    def minimumSizeHint(self) -> QSize:
        """What has to stay in sight: the buttons without a substitute, and the time."""
        return QSize(_NEEDS_PX["time"], super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = event.size().width()
        # What the menus and keys do as well goes first.
        self._frame.setVisible(width >= _NEEDS_PX["frame"])
        self._volume.setVisible(width >= _NEEDS_PX["volume"])
        for button in self._speeds:
            button.setVisible(width >= _NEEDS_PX["speeds"])

    def show_position(self, time_s: float | None, frame: int | None, variable_rate: bool) -> None:
        """Time and frame number of the picture on screen; None without a media."""
        self._time.setText("--:--:--.---" if time_s is None else format_time(time_s))
        self._frame.setText("" if frame is None else f"frame {frame:,}".replace(",", "\u202f"))
        self._rate.setText("VFR" if variable_rate else "")
        self._rate.setToolTip("The frames of this file come at a variable rate" if variable_rate else "")

    def show_target(self, text: str) -> None:
        """What the next export will make."""
        self._target.setText(text)

    def show_volume(self, percent: float) -> None:
        blocked = self._volume.blockSignals(True)
        self._volume.setValue(round(percent))
        self._volume.blockSignals(blocked)

    def show_tracks(self, tracks: Sequence, current: int | None) -> None:
        """Offer the audio tracks; a single one needs no choice."""
        self._tracks.clear()
        for track in tracks:
            about = " · ".join(part for part in (track.language, track.title, track.codec) if part)
            self._tracks.addItem(f"Audio {track.index + 1}" + (f" · {about}" if about else ""), track.index)
        self._tracks.setCurrentIndex(max(0, self._tracks.findData(current)))
        self._tracks.setVisible(len(tracks) > 1)

    def _button(self, action: QAction, text: str = "") -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIconSize(QSize(Space.ICON + 2, Space.ICON + 2))
        button.setAccessibleName(action.toolTip())
        if text:
            action.setIconText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        else:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        return button
