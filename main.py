"""Start 8-cut: read the command line, then open the window or run a command."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from core.cli.execute import execute
from core.cli.parser import parse
from core.errors import EnvironmentProblem
from core.paths import DataPaths


def open_window(options: Namespace, paths: DataPaths) -> int:
    """Open the files of `options.media` in the window; returns when it is closed."""
    from core.log import start_logging

    start_logging(paths.logs, options.verbose)
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        raise EnvironmentProblem(
            "No window can be opened", "There is no display here", "Use the commands instead, see 8cut.sh --help"
        )
    try:
        from ui import app, crash
    except ImportError as error:
        raise EnvironmentProblem(
            "The window cannot be opened", str(error), "Run ./setup_env.sh, which names what is missing"
        ) from error
    crash.install(paths.logs)
    return app.run(options.media, paths)


if __name__ == "__main__":
    sys.exit(execute(parse(sys.argv[1:]), open_window))
