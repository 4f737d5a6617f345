"""Screens come and go between two starts: a window must be where a person can take hold of it."""

from __future__ import annotations

from PyQt6.QtCore import QRect
from PyQt6.QtWidgets import QApplication, QWidget

# How much of a window's upper edge must be in sight to move it by.
HOLD_PX = (120, 32)


def fitted(window: QRect, screens: list[QRect]) -> QRect:
    """`window` as it is when its upper edge can be taken hold of on one of the screens, else on the first of them.

    A window larger than the screen it comes to is made as small as that.
    """
    for screen in screens:
        seen = screen.intersected(QRect(window.left(), window.top(), window.width(), HOLD_PX[1]))
        if seen.width() >= min(HOLD_PX[0], window.width()) and seen.height() >= min(HOLD_PX[1], window.height()):
            return window
    if not screens:
        return window
    screen = screens[0]
    size = window.size().boundedTo(screen.size())
    moved = QRect(screen.topLeft(), size)
    moved.moveCenter(screen.center())
    return moved


def bring_into_sight(window: QWidget) -> None:
    """Move a window that lies on a screen that is gone to the main one."""
    if window.isFullScreen() or window.isMaximized():
        return
    main = QApplication.primaryScreen()
    others = [screen for screen in QApplication.screens() if screen is not main]
    areas = [screen.availableGeometry() for screen in ([main] if main else []) + others]
    place = fitted(window.geometry(), areas)
    if place != window.geometry():
        window.setGeometry(place)
