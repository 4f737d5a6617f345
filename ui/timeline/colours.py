"""The theme's colours as Qt values, made once per theme and not once per paint."""

from __future__ import annotations

from functools import cached_property, lru_cache

from PyQt6.QtGui import QColor, QFont, QFontMetricsF

from ui.theme import Theme, numbers_font, qcolor
from ui.timeline.scene_regions import RegionState

SMALL_FONT_PX = 11


class Colours:
    """Tokens by name: `colours["cursor"]`, `colours["cursor", 0.4]` with another opacity."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._made: dict[object, QColor] = {}

    def __getitem__(self, key: str | tuple[str, float]) -> QColor:
        colour = self._made.get(key)
        if colour is None:
            name, alpha = (key, None) if isinstance(key, str) else key
            colour = self._made[key] = qcolor(getattr(self.theme, name), alpha)
        return colour

    def folder(self, index: int) -> QColor:
        """The colour of another export folder; they repeat when there are more folders than colours."""
        name = self.theme.folders[index % len(self.theme.folders)]
        colour = self._made.get(name)
        if colour is None:
            colour = self._made[name] = qcolor(name)
        return colour

    @cached_property
    def region_fills(self) -> tuple[QColor, ...]:
        """The colour of each `RegionState`, by its number."""
        names = {
            RegionState.DISABLED: "region_disabled",
            RegionState.NEGATIVE: "region_negative",
            RegionState.EXPORTED: "region_exported",
            RegionState.ENABLED: "region",
        }
        return tuple(self[names[state]] for state in RegionState)


@lru_cache(maxsize=4)
def colours_of(theme: Theme) -> Colours:
    """The one set of Qt colours of a theme."""
    return Colours(theme)


class Type:
    """The two fonts of the timeline and their measures; figures are equally wide in both."""

    def __init__(self, base: QFont) -> None:
        self.small = numbers_font(base)
        self.small.setPixelSize(SMALL_FONT_PX)
        self.bold = QFont(self.small)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.normal = numbers_font(base)
        self.small_metrics = QFontMetricsF(self.small)
        self.bold_metrics = QFontMetricsF(self.bold)
        self._widths: dict[tuple[bool, str], float] = {}

    def width(self, text: str, *, bold: bool = False) -> float:
        """The width of `text` in pixels; remembered, because the same few labels come every frame."""
        key = (bold, text)
        width = self._widths.get(key)
        if width is None:
            if len(self._widths) > 4096:
                self._widths.clear()
            metrics = self.bold_metrics if bold else self.small_metrics
            width = self._widths[key] = metrics.horizontalAdvance(text)
        return width
