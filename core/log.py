"""Logging to a file that a person can find and the log view can show."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)-7s %(threadName)s %(name)s: %(message)s"
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
LOG_NAME = "8-cut.log"


def start_logging(folder: Path, verbose: bool = False) -> Path:
    """Log to `<folder>/8-cut.log` (five files of 1 MiB) and warnings to standard error; returns the file's path.

    A folder that cannot be written to costs the log file, not the start: standard error then says so.
    """
    path = folder / LOG_NAME
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for handler in tuple(root.handlers):
        if getattr(handler, "eightcut", False):
            root.removeHandler(handler)
            handler.close()
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.DEBUG if verbose else logging.WARNING)
    console.setFormatter(logging.Formatter("8-cut: %(levelname)s: %(message)s"))
    _add(root, console)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = logging.handlers.RotatingFileHandler(path, maxBytes=1 << 20, backupCount=4, encoding="utf-8", delay=True)
        file.setFormatter(logging.Formatter(FORMAT, DATE_FORMAT))
        _add(root, file)
    except OSError as error:
        logging.getLogger(__name__).warning("No log file: %s", error)
    return path


def _add(root: logging.Logger, handler: logging.Handler) -> None:
    handler.eightcut = True
    root.addHandler(handler)
