"""Clips that were kept out of training by moving them: `<folder>_disabled` beside `<folder>`.

8-cut itself keeps clips out of training with a flag and moves nothing. Such folders come from older ways of working.
"""

from __future__ import annotations

from pathlib import PurePath

SUFFIX = "_disabled"


def is_disabled_class(class_name: str) -> bool:
    """Whether a class is the disabled part of another one and none of its own."""
    return class_name.endswith(SUFFIX) and class_name != SUFFIX


def disabled_sibling(folder: str) -> str:
    """The folder beside an export folder that holds what is kept out of training."""
    return f"{folder}{SUFFIX}"


def path_aside(path: str, folder: str) -> str:
    """Where a clip of this export folder lies when it was moved to the disabled sibling."""
    return str(PurePath(disabled_sibling(folder), PurePath(path).relative_to(folder)))
