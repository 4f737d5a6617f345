"""What there is one of in the program and nobody sees; whoever works with several of them is given all as one."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtGui import QUndoStack

from core.db import ProcessedDB
from core.paths import DataPaths
from core.session import Session
from ui.jobs.runner import Runner
from ui.session_bridge import SessionBridge
from ui.settings import Settings


@dataclass(frozen=True)
class Services:
    """`undo` holds what is undone in the main window; what is done to one media has a stack of its own."""

    db: ProcessedDB
    paths: DataPaths
    bridge: SessionBridge
    runner: Runner
    settings: Settings
    undo: QUndoStack

    @property
    def session(self) -> Session:
        return self.bridge.session
