"""Why a file could not be opened, by a look at the file itself: mpv's own answer is one number."""

from __future__ import annotations

from pathlib import Path

from core.errors import UserError


def file_problem(path: str) -> UserError:
    """The error to show for a file that mpv refused."""
    name = Path(path).name
    try:
        if Path(path).is_dir():
            return UserError(f"Cannot open {name}", "It is a folder", "Open the videos inside it")
        with Path(path).open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        return UserError(f"Cannot open {name}", "There is no such file any more", "Relink it or take it off the list")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return UserError(f"Cannot open {name}", reason, "Check the file and its permissions")
    if empty:
        return UserError(f"Cannot open {name}", "The file is empty (zero bytes)", "Copy it again from its source")
    return UserError(
        f"Cannot open {name}", "It is not a video or sound that can be read", "Check that the file plays elsewhere"
    )
