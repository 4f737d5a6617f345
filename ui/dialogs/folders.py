"""Show a folder in the system's file manager."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices

log = logging.getLogger(__name__)


def open_folder(folder: str | os.PathLike[str]) -> bool:
    """Open `folder`, or the nearest one above it that exists; False (and a line in the log) when nothing could."""
    path = Path(folder).absolute()
    while not path.is_dir() and path != path.parent:
        path = path.parent
    opened = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
    if not opened:
        log.info("No file manager opened %s", path)
    return opened
