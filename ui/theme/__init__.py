"""How 8-cut looks: semantic colours, spacing, fonts, icons, and the style sheet made from them."""

from ui.theme.apply import apply, current, numbers_font, qcolor, theme_named
from ui.theme.tokens import DARK, LIGHT, THEMES, Space, Theme

__all__ = [
    "DARK",
    "LIGHT",
    "THEMES",
    "Space",
    "Theme",
    "apply",
    "current",
    "numbers_font",
    "qcolor",
    "theme_named",
]
