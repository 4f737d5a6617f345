"""Dress the application in a theme: Fusion underneath, a palette, and the style sheet."""

from __future__ import annotations

from pathlib import Path
from string import Template

from PyQt6.QtCore import QDir
from PyQt6.QtGui import QColor, QFont, QPalette
from PyQt6.QtWidgets import QApplication

from ui.theme.tokens import DARK, THEMES, Space, Theme

_HERE = Path(__file__).resolve().parent
# The first one that is installed; each has figures of equal width or can be asked for them.
_FAMILIES = ["Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Noto Sans", "Cantarell", "DejaVu Sans"]
_state = {"theme": DARK}


def current() -> Theme:
    """The theme in force; DARK before the first `apply`."""
    return _state["theme"]


def theme_named(name: str) -> Theme:
    """The theme of this name, DARK for a name that is none."""
    return THEMES.get(name, DARK)


def qcolor(value: str, alpha: float | None = None) -> QColor:
    """A QColor of a token, its opacity replaced by `alpha` (0–1) when given."""
    color = QColor(value)
    if alpha is not None:
        color.setAlphaF(alpha)
    return color


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole application; every widget gets a style change event and repaints."""
    first = app.style() is None or app.style().objectName() != "fusion"
    _state["theme"] = theme
    if first:
        app.setStyle("Fusion")
    QDir.setSearchPaths("glyphs", [str(_HERE / "glyphs")])
    app.setFont(base_font())
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def base_font() -> QFont:
    """The font of everything, with figures of equal width so that running numbers stand still."""
    font = QFont()
    font.setFamilies(_FAMILIES)
    font.setPixelSize(Space.FONT)
    return numbers_font(font)


def numbers_font(font: QFont) -> QFont:
    """A copy of `font` whose figures are all equally wide."""
    tabular = QFont(font)
    tabular.setFeature(QFont.Tag("tnum"), 1)
    return tabular


def style_sheet(theme: Theme) -> str:
    """The style sheet with the theme's values filled in.

    Raises:
        KeyError: the template names a token that does not exist.
    """
    template = Template((_HERE / "app.qss").read_text(encoding="utf-8"))
    return template.substitute(theme.substitutions())


def palette(theme: Theme) -> QPalette:
    """What the style sheet leaves to Fusion, in the same colours."""
    roles = QPalette.ColorRole
    colors = QPalette()
    normal = {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.field,
        roles.AlternateBase: theme.alternate,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.text_muted,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.danger,
        roles.Light: theme.hover,
        roles.Midlight: theme.hover,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
        roles.Shadow: theme.shadow,
        roles.Highlight: theme.selection,
        roles.HighlightedText: theme.selection_text,
        roles.Accent: theme.accent,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.accent,
    }
    for role, value in normal.items():
        colors.setColor(role, QColor(value))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        colors.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.text_disabled))
    return colors
