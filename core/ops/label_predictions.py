"""What the newest round's models think of each item, for coders who label with help."""

from __future__ import annotations

import logging
from pathlib import Path

from core.db import ProcessedDB
from core.domain.annotation import Project
from core.errors import UserError

log = logging.getLogger(__name__)


def predictions(db: ProcessedDB, project: Project) -> dict[str, dict[str, dict[str, float]]]:
    """{item key: {task: {class: probability}}}; empty before the first round, or where its files are gone."""
    from core.annotation.round_folder import read_step, round_arrays

    rounds = [each for each in db.annotation.rounds(project.id) if each.finished_at]
    if not rounds:
        return {}
    folder, trained = Path(rounds[-1].folder), rounds[-1].metrics["tasks"]
    found: dict[str, dict[str, dict[str, float]]] = {}
    try:
        judged = round_arrays(folder, "judged")
        for number, task in enumerate(task for task in project.tasks if task.name in trained):
            classes = read_step(folder, f"train {task.name}")["classes"]
            for key, row in zip(judged["keys"], judged[f"p{number}"], strict=True):
                shares = {name: float(share) for name, share in zip(classes, row, strict=True)}
                found.setdefault(str(key), {})[task.name] = shares
    except UserError as error:
        log.info("Nobody is assisted: %s", error)
        return {}
    return found
