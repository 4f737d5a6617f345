"""The theme reaches every widget, and icons are sharp and of its colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QIcon, QImage, QImageReader, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.theme.apply import style_sheet
from ui.theme.icon_paths import PATHS
from ui.theme.icons import Glyph, icon


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, theme.DARK)
    yield
    theme.apply(qapp, theme.DARK)


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_switching_reaches_palette_and_widgets(qtbot, qapp: QApplication) -> None:
    button = QPushButton("Export")
    button.setProperty("primary", True)
    qtbot.addWidget(button)
    button.show()
    for chosen in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, chosen)
        assert theme.current() is chosen
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(chosen.panel)
        assert chosen.accent in colours(button.grab().toImage())


def test_a_name_that_is_no_theme_is_dark() -> None:
    assert theme.theme_named("neon") is theme.DARK
    assert theme.theme_named("light") is theme.LIGHT


def test_figures_are_equally_wide(qapp: QApplication) -> None:
    label = QLabel()
    widths = {label.fontMetrics().horizontalAdvance(figure * 10) for figure in "0123456789"}
    assert len(widths) == 1


def test_every_picture_the_style_sheet_names_is_there() -> None:
    for chosen in (theme.DARK, theme.LIGHT):
        names = set(re.findall(r"url\((glyphs:[^)]+)\)", style_sheet(chosen)))
        assert names
        for name in names:
            assert not QImageReader(name).read().isNull(), name


def test_no_glyph_lies_about_unused() -> None:
    sheets = "".join(style_sheet(chosen) for chosen in (theme.DARK, theme.LIGHT))
    folder = Path(theme.__file__).parent / "glyphs"
    assert {path.name for path in folder.iterdir()} == set(re.findall(r"glyphs:([^)]+)\)", sheets))


def distance(one: QColor, other: QColor) -> int:
    """The largest difference of a channel; smoothing rounds."""
    return max(abs(a - b) for a, b in zip(one.getRgb(), other.getRgb(), strict=True))


@pytest.mark.parametrize("name", PATHS)
def test_each_icon_draws_in_the_colour_of_its_token(name: str, qapp: QApplication) -> None:
    for chosen in (theme.DARK, theme.LIGHT):
        theme.apply(qapp, chosen)
        image = icon(name, "accent").pixmap(QSize(32, 32)).toImage()
        pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
        opaque = [pixel for pixel in pixels if pixel.alpha() == 255]
        assert opaque
        assert max(distance(pixel, QColor(chosen.accent)) for pixel in opaque) <= 2


def test_icons_are_drawn_anew_for_each_scale() -> None:
    once = icon("play").pixmap(QSize(16, 16), 1.0)
    twice = icon("play").pixmap(QSize(16, 16), 2.0)
    assert (once.width(), twice.width()) == (16, 32)
    assert twice.toImage() != once.toImage().scaled(32, 32)


def test_disabled_and_checked_icons_differ() -> None:
    lock = icon("lock", on_token="accent")
    off = lock.pixmap(QSize(16, 16), QIcon.Mode.Normal, QIcon.State.Off).toImage()
    on = lock.pixmap(QSize(16, 16), QIcon.Mode.Normal, QIcon.State.On).toImage()
    disabled = lock.pixmap(QSize(16, 16), QIcon.Mode.Disabled, QIcon.State.Off).toImage()
    assert off != on
    assert off != disabled


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        icon("unicorn")


def test_a_glyph_shows_another_icon(qtbot) -> None:
    glyph = Glyph("play", 16)
    qtbot.addWidget(glyph)
    before = glyph.grab().toImage()
    glyph.show_icon("pause", "danger")
    assert glyph.name == "pause"
    assert glyph.grab().toImage() != before
    assert theme.DARK.danger in colours(glyph.grab().toImage())


def test_focus_can_be_seen(qtbot) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    widgets = [QPushButton("b"), QToolButton(), QCheckBox("c"), QComboBox(), QSpinBox()]
    tabs = QTabWidget()
    tabs.addTab(QWidget(), "one")
    for widget in (*widgets, tabs):
        column.addWidget(widget)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for widget in (*widgets, tabs.tabBar()):
        widget.clearFocus()
        plain = widget.grab().toImage()
        widget.setFocus()
        focused = widget.grab().toImage()
        assert focused != plain, type(widget).__name__
        assert theme.DARK.focus in colours(focused), type(widget).__name__
