"""Both themes can be read: WCAG contrast of every pair of colours that meet."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtGui import QColor

from ui.theme.apply import style_sheet
from ui.theme.tokens import DARK, LIGHT, THEMES, Theme

SURFACES = ("window", "panel", "raised", "field", "alternate")
TEXTS = ("text", "text_muted", "danger", "warning", "success", "info", "accent")
# (ink, paper) of text at its usual size: 4.5 to 1
TEXT_PAIRS = [
    *((ink, paper) for ink in TEXTS for paper in SURFACES),
    ("text", "hover"),
    ("text", "pressed"),
    ("text_muted", "hover"),
    ("accent_text", "accent"),
    ("accent_text", "accent_hover"),
    ("accent_text", "accent_pressed"),
    ("danger_fill_text", "danger_fill"),
    ("danger_fill_text", "danger_fill_hover"),
    ("selection_text", "selection"),
    ("ruler_text", "ruler_back"),
    ("marker_text", "marker"),
    ("marker_armed_text", "marker_armed"),
    ("video_text", "video_back"),
]
# What must be seen but not read: 3 to 1
SHAPE_PAIRS = [
    *((ink, paper) for ink in ("focus", "control_border") for paper in SURFACES),
    *(
        (ink, "timeline_back")
        for ink in ("cursor", "cursor_locked", "playhead", "marker", "region", "batch_edge", "keyframe")
    ),
    ("waveform", "waveform_back"),
    ("overview_edge", "overview_back"),
    ("text_disabled", "panel"),
]


def luminance(color: QColor) -> float:
    """Relative luminance as WCAG 2.2 defines it."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_text_can_be_read(theme: Theme) -> None:
    weak = {
        f"{ink} on {paper}": round(ratio, 2)
        for ink, paper in TEXT_PAIRS
        if (ratio := contrast(getattr(theme, ink), getattr(theme, paper))) < 4.5
    }
    weak |= {
        f"folder {colour}": round(ratio, 2)
        for colour in theme.folders
        if (ratio := contrast(colour, theme.timeline_back)) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_shapes_can_be_seen(theme: Theme) -> None:
    weak = {
        f"{ink} on {paper}": round(ratio, 2)
        for ink, paper in SHAPE_PAIRS
        if (ratio := contrast(getattr(theme, ink), getattr(theme, paper))) < 3.0
    }
    assert not weak


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_token_is_a_colour(theme: Theme) -> None:
    values = [value for name, value in vars(theme).items() if isinstance(value, str) and name != "name"]
    assert all(re.fullmatch(r"#[0-9a-f]{6}([0-9a-f]{2})?", value) for value in (*values, *theme.folders))
    assert len(set(theme.folders)) == len(theme.folders)


def test_the_video_is_the_brightest_thing() -> None:
    surfaces = [luminance(QColor(getattr(DARK, name))) for name in (*SURFACES, "timeline_back", "waveform_back")]
    assert max(surfaces) < 0.05
    assert DARK.video_back == LIGHT.video_back == "#000000"


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_style_sheet_is_filled_in_completely(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert "$" not in sheet
    assert theme.accent in sheet


def test_the_style_sheet_holds_no_colour_of_its_own() -> None:
    plain = re.sub(r"/\*.*?\*/", "", style_sheet(DARK), flags=re.DOTALL)
    known = set(DARK.substitutions().values())
    assert {colour for colour in re.findall(r"#[0-9a-f]{6,8}", plain) if colour not in known} == set()
