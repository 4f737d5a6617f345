"""A round that was run on another machine, in a folder here: all that later rounds go by, but for its models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.annotation import figures
from core.annotation.label_file_rounds import SharedRound
from core.annotation.round_folder import FIGURE, METRICS, RoundFolder, read_step
from core.errors import UserError

_OPTIONS = "options"
_ELSEWHERE = "from elsewhere"


def adopt_round(path: Path, project_uid: str, shared: SharedRound, metrics: Sequence[Mapping[str, Any]]) -> None:
    """Make the folder of the round. One that holds this very round, perhaps with its models, stays as it is.

    Args:
        metrics: of all rounds up to this one.

    Raises:
        UserError: what lies there is another round that was run here, or no round of this project.
        EnvironmentProblem: the folder cannot be written.
    """
    if _holds(path, shared):
        return
    if not is_adopted(path) and _read(path, _OPTIONS) is not None:
        raise UserError(f"The folder {path} is taken", "It holds a round that was run here", "Move that folder away")
    folder = RoundFolder(path, {"project": project_uid, "round": shared.number, _ELSEWHERE: shared.finished_at})
    folder.step("split", shared.split.to_json)
    folder.write(FIGURE, figures.draw(metrics))
    text = json.dumps(shared.metrics, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    folder.write(METRICS, text + "\n")


def is_adopted(folder: Path) -> bool:
    """Whether a round was run on another machine, so that its models are not here."""
    return _ELSEWHERE in (_read(folder, _OPTIONS) or {})


def _holds(path: Path, shared: SharedRound) -> bool:
    try:
        known = json.loads((path / METRICS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return known == shared.metrics and _read(path, "split") == shared.split.to_json()


def _read(folder: Path, step: str) -> Any:
    try:
        return read_step(folder, step)
    except UserError:
        return None
