"""What a setting does, said once: applied at the start and again whenever anybody changes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import QObject

from ui.actions import ActionTable
from ui.settings import Setting, Settings

T = TypeVar("T")


class LiveSettings(QObject):
    """Menus, dialogs and keys only change settings; whoever follows one does the rest."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._followers: dict[str, list[Callable[[], None]]] = defaultdict(list)
        settings.changed.connect(self._changed)

    def follow(self, setting: Setting[T], apply: Callable[[T], object]) -> None:
        """Call `apply` with the value now and with every later one."""

        def follower() -> None:
            apply(self._settings.get(setting))

        self._followers[setting.name].append(follower)
        follower()

    def bind_toggle(self, actions: ActionTable, action_id: str, setting: Setting[bool]) -> None:
        """A checkable command that shows this setting and switches it."""
        action = actions.connect(action_id, lambda: self._settings.set(setting, action.isChecked()))
        self.follow(setting, action.setChecked)

    def _changed(self, name: str) -> None:
        for follower in self._followers.get(name, ()):
            follower()
