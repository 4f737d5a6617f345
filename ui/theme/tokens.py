"""The only place where colours and distances are written down.

A colour is `#rrggbb`, or `#aarrggbb` where it lies over others. Names say what a colour is for, never what it looks
like, so that both themes fit the same code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


class Space:
    """Distances in device-independent pixels: a scale of fours."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32
    RADIUS = 4
    RADIUS_L = 6
    CONTROL = 28
    ICON = 16
    FONT = 13
    FONT_SMALL = 12
    FONT_TITLE = 16


@dataclass(frozen=True)
class Theme:
    """Every colour of one theme."""

    name: str
    dark: bool
    # Surfaces, from the back to the front
    window: str
    panel: str
    raised: str
    field: str
    hover: str
    pressed: str
    alternate: str
    border: str
    control_border: str
    shadow: str
    # Text; disabled text is exempt from contrast rules but stays readable
    text: str
    text_muted: str
    text_disabled: str
    # The one accent
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_text: str
    selection: str
    selection_text: str
    focus: str
    # States
    danger: str
    danger_fill: str
    danger_fill_hover: str
    danger_fill_text: str
    warning: str
    success: str
    info: str
    # The picture's surroundings are black in both themes: nothing may shine beside the video
    video_back: str
    video_text: str
    # What a crop leaves out, and the frame around what it keeps
    crop_shade: str
    crop_edge: str
    # Timeline
    timeline_back: str
    ruler_back: str
    ruler_text: str
    tick: str
    tick_minor: str
    waveform: str
    waveform_back: str
    marker: str
    marker_text: str
    marker_armed: str
    marker_armed_text: str
    region: str
    region_exported: str
    region_negative: str
    region_selected: str
    region_disabled: str
    region_ghost: str
    keyframe: str
    cursor: str
    cursor_locked: str
    playhead: str
    hover_line: str
    batch_fill: str
    batch_edge: str
    batch_tick: str
    overview_back: str
    overview_view: str
    overview_edge: str
    # Other export folders, one colour each, in turn
    folders: tuple[str, ...]

    def substitutions(self) -> dict[str, str]:
        """Names and values for the style sheet's template: every colour, and the distances as `px`."""
        values = {name: value for name, value in asdict(self).items() if isinstance(value, str)}
        values |= {f"space_{name.lower()}": f"{value}px" for name, value in vars(Space).items() if name.isupper()}
        return values


DARK = Theme(
    name="dark",
    dark=True,
    window="#15171b",
    panel="#1b1e23",
    raised="#252930",
    field="#111316",
    hover="#2c3139",
    pressed="#363c46",
    alternate="#1f2328",
    border="#31363f",
    control_border="#79828f",
    shadow="#80000000",
    text="#e4e7ec",
    text_muted="#a2aab6",
    text_disabled="#6c7480",
    accent="#5ba7f7",
    accent_hover="#77b8fa",
    accent_pressed="#4a93e0",
    accent_text="#0a1420",
    selection="#28486b",
    selection_text="#f4f7fb",
    focus="#5ba7f7",
    danger="#ff8a80",
    danger_fill="#b3362c",
    danger_fill_hover="#c4453a",
    danger_fill_text="#ffffff",
    warning="#ecb94f",
    success="#6fca92",
    info="#8fc1f7",
    video_back="#000000",
    video_text="#b9c0ca",
    crop_shade="#a6000000",
    crop_edge="#e6ffffff",
    timeline_back="#101215",
    ruler_back="#181b1f",
    ruler_text="#a2aab6",
    tick="#59616d",
    tick_minor="#343a43",
    waveform="#6f8aa6",
    waveform_back="#0d0f12",
    marker="#e3ad48",
    marker_text="#1d1403",
    marker_armed="#ff8a80",
    marker_armed_text="#2a0705",
    region="#a78bf5",
    region_exported="#5cbf8a",
    region_negative="#f0776c",
    region_selected="#d5c8ff",
    region_disabled="#5d6570",
    region_ghost="#3da78bf5",
    keyframe="#4fc3c7",
    cursor="#5ba7f7",
    cursor_locked="#ecb94f",
    playhead="#ffffff",
    hover_line="#80e4e7ec",
    batch_fill="#335ba7f7",
    batch_edge="#5ba7f7",
    batch_tick="#9ccbfb",
    overview_back="#0d0f12",
    overview_view="#26e4e7ec",
    overview_edge="#8b94a1",
    folders=("#b79af0", "#4fc3c7", "#f08fb4", "#9fc65a", "#f0946a", "#7fa8f5", "#d6c25a", "#c9a58a"),
)

LIGHT = Theme(
    name="light",
    dark=False,
    window="#eceef1",
    panel="#f7f8fa",
    raised="#ffffff",
    field="#ffffff",
    hover="#e3e7ec",
    pressed="#d3d9e1",
    alternate="#f0f2f5",
    border="#cdd3db",
    control_border="#767f8c",
    shadow="#40000000",
    text="#1a1e24",
    text_muted="#525b67",
    text_disabled="#868e9a",
    accent="#0f62c0",
    accent_hover="#0c55a8",
    accent_pressed="#0a478d",
    accent_text="#ffffff",
    selection="#c9def7",
    selection_text="#0b2340",
    focus="#0f62c0",
    danger="#b3261e",
    danger_fill="#b3261e",
    danger_fill_hover="#98201a",
    danger_fill_text="#ffffff",
    warning="#7d5300",
    success="#1c6b3c",
    info="#0f5aad",
    video_back="#000000",
    video_text="#b9c0ca",
    crop_shade="#a6000000",
    crop_edge="#e6ffffff",
    timeline_back="#fbfcfd",
    ruler_back="#eef0f3",
    ruler_text="#525b67",
    tick="#8d95a1",
    tick_minor="#cdd3db",
    waveform="#7d93ab",
    waveform_back="#ffffff",
    marker="#9a6200",
    marker_text="#ffffff",
    marker_armed="#b3261e",
    marker_armed_text="#ffffff",
    region="#6d4bd0",
    region_exported="#2b8a57",
    region_negative="#c2372d",
    region_selected="#43239c",
    region_disabled="#a7afba",
    region_ghost="#3d6d4bd0",
    keyframe="#0b7478",
    cursor="#0f62c0",
    cursor_locked="#9a6200",
    playhead="#11141a",
    hover_line="#80323a45",
    batch_fill="#290f62c0",
    batch_edge="#0f62c0",
    batch_tick="#0c55a8",
    overview_back="#e6e9ed",
    overview_view="#330f62c0",
    overview_edge="#525b67",
    folders=("#6d45c4", "#0b7478", "#b52f68", "#4f7413", "#ad4a1a", "#3560c4", "#7a6608", "#85562f"),
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
