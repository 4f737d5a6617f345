"""The session as a QObject: its announcements become signals that widgets connect to and lose when they die."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from core.session import Session


class SessionBridge(QObject):
    """Wraps a `core.session.Session`; lives as long as the window."""

    changed = pyqtSignal(object)
    """An operation changed stored things: `core.changes.Changes`."""
    focus_changed = pyqtSignal()
    """Another media or profile is the current one."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        session.on_changes(self.changed.emit)
        session.on_focus(self.focus_changed.emit)
