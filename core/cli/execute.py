"""Run what the command line asked for; whatever goes wrong ends as one plain sentence and an exit code."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass

from core.cli import COMMANDS
from core.errors import Cancelled, EightCutError
from core.paths import DataPaths, data_paths

OK, FAILED, REFUSED, CANCELLED = 0, 1, 2, 130


@dataclass(frozen=True)
class OpenWindow:
    """What a command returns to go on in the window: the files, the data folder, and what to do when it is closed."""

    media: list[str]
    paths: DataPaths
    closed: Callable[[], None]


Work = Callable[[Namespace, DataPaths], int | OpenWindow]


def execute(options: Namespace, open_window: Work) -> int:
    """Run the command, or open the window when there is none.

    Returns:
        0 when all went well, 1 when some of it failed, 2 when it could not be done at all, 130 when cancelled.
    """
    paths = data_paths(options.data_dir, options.weights_dir)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a file name may hold what this terminal cannot show
    try:
        work: Work = importlib.import_module(COMMANDS[options.command].module).run if options.command else open_window
        result = work(options, paths)
        if isinstance(result, OpenWindow):
            result = _go_on(result, options, open_window)
        sys.stdout.flush()
    except EightCutError as error:
        _tell(options, str(error), what=error.what, why=error.why, fix=error.fix)
        return REFUSED
    except (Cancelled, KeyboardInterrupt):
        _tell(options, "Cancelled.")
        return CANCELLED
    except BrokenPipeError:
        # The reader has gone, as in `doctor | head`: nobody is left to tell, and Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception:  # noqa: BLE001 - the outermost hook: a bug is logged, never shown as a traceback
        _tell(options, f"Something went wrong that should not have. The details are in {_log_bug(paths)}")
        return FAILED
    return result


def _go_on(wish: OpenWindow, options: Namespace, open_window: Work) -> int:
    try:
        options.media = wish.media
        return open_window(options, wish.paths)
    finally:
        wish.closed()


def _tell(options: Namespace, message: str, **parts: str) -> None:
    if getattr(options, "json", False):
        print(json.dumps({"event": "error", "message": message, **parts}), flush=True)
    else:
        print(f"8-cut: {message}", file=sys.stderr)


def _log_bug(paths: DataPaths) -> str:
    """Write the exception at hand to the log file; returns its path."""
    from core.log import start_logging

    path = start_logging(paths.logs)
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setLevel(logging.CRITICAL + 1)
    logging.getLogger("8-cut").exception("Unexpected error")
    return str(path)
