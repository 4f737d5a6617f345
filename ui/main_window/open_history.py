"""Open the history database; when that fails, ask what to do instead of working without one."""

from __future__ import annotations

import logging
from pathlib import Path

from core.db import ProcessedDB
from core.errors import EnvironmentProblem, NewerDataError
from core.ops import history
from core.paths import DataPaths
from ui.dialogs.database import DatabaseAction, ask_database_problem
from ui.dialogs.messages import show_error

log = logging.getLogger(__name__)


def open_history(paths: DataPaths) -> ProcessedDB | None:
    """The history of the data folder, or whatever the person chose in its place; None means quit."""
    path, read_only = paths.database, False
    while True:
        try:
            return ProcessedDB(path, read_only=read_only)
        except (EnvironmentProblem, NewerDataError) as error:
            log.warning("%s", error)
            choice = ask_database_problem(None, error, history.backups(path))
        if choice.action is DatabaseAction.QUIT:
            return None
        read_only = choice.action is DatabaseAction.READ_ONLY
        if choice.action is DatabaseAction.OTHER_FILE:
            path = choice.path
        elif choice.action is DatabaseAction.RESTORE:
            _restore(choice.path, path)


def _restore(backup: Path, path: Path) -> None:
    """Put a backup in place; the next round of the loop opens it, or says again why it cannot."""
    try:
        kept = history.restore(backup, path)
    except EnvironmentProblem as error:
        show_error(None, error)
    else:
        log.info("Restored %s; the replaced file is %s", backup, kept)
