"""What the person is doing right now. Lives on the GUI thread; jobs get values from it, never the session itself."""

from __future__ import annotations

from collections.abc import Callable

from core.changes import Changes
from core.domain.media import Media

Observer = Callable[[Changes], None]


class Session:
    """The open media and the active profile, and the one place where changes are announced."""

    def __init__(self, profile: str = "default") -> None:
        self._media: Media | None = None
        self._profile = profile
        self._observers: list[Observer] = []
        self._focus_observers: list[Callable[[], None]] = []

    @property
    def media(self) -> Media | None:
        return self._media

    @property
    def profile(self) -> str:
        return self._profile

    def open_media(self, media: Media | None) -> None:
        """Make this the media every surface shows."""
        if media != self._media:
            self._media = media
            self._announce_focus()

    def switch_profile(self, profile: str) -> None:
        if profile != self._profile:
            self._profile = profile
            self._announce_focus()

    def publish(self, changes: Changes) -> None:
        """Tell every surface what an operation changed; an empty set is silent."""
        if changes:
            for observer in tuple(self._observers):
                observer(changes)

    def on_changes(self, observer: Observer) -> None:
        """Call back with the Changes of every operation."""
        self._observers.append(observer)

    def on_focus(self, observer: Callable[[], None]) -> None:
        """Call back when another media or profile becomes the current one."""
        self._focus_observers.append(observer)

    def _announce_focus(self) -> None:
        for observer in tuple(self._focus_observers):
            observer()
