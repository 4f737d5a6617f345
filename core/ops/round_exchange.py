"""Rounds between machines: the test set that one machine froze is the test set everywhere, and no video ever moves.

Models stay where they were trained. What came of a round elsewhere lies here in a folder as if it had been run here,
but for its models, so that the next round goes on with its split.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from core.annotation.adopted_round import adopt_round, is_adopted
from core.annotation.label_file import Labels
from core.annotation.label_file_rounds import SharedRound, moved
from core.annotation.round_folder import FROZEN, METRICS, alone_in, read_step
from core.annotation.workshop import group_of
from core.db import ProcessedDB
from core.domain.annotation import Project, Round
from core.domain.split import Split
from core.errors import UserError
from core.paths import DataPaths

_NAMED = 3


def rounds_home(paths: DataPaths, project: Project) -> Path:
    """Where the folders of a project's rounds lie unless somebody says otherwise."""
    # The uid may come from a file, and must not lead out of the folder.
    name, uid = (re.sub(r"[^\w-]+", "_", text) for text in (project.name, project.uid[:8]))
    return paths.rounds / f"{name[:40]}-{uid}"


def shared_rounds(db: ProcessedDB, project: Project) -> list[SharedRound]:
    """The finished rounds with their splits; none where the files of the newest are gone.

    Raises:
        LeakError: somebody put a video into two sets.
    """
    found: list[SharedRound] = []
    for one in reversed([each for each in db.annotation.rounds(project.id) if each.finished_at]):
        split = _split_of(one)
        # Of a round whose folder was cleared away: no video ever moves, so what a later one says is true of it, too.
        split = split or (found[-1].split if found else None)
        if split is None:
            return []
        found.append(SharedRound(one.number, one.finished_at, one.metrics, split))
    return found[::-1]


def take_rounds(db: ProcessedDB, project: Project, labels: Labels, paths: DataPaths) -> tuple[int, str]:
    """Take over the file's rounds that are not here; returns how many, and why others were not, a sentence or empty.

    The place of every video that has one here stays: where the file says otherwise, none of its rounds are taken. A
    round that was run here stays, too, and later ones that were built on another run of it are not taken. A round that
    came from elsewhere is replaced by a later run of it.

    Raises:
        EnvironmentProblem: the folders cannot be written.
    """
    mine = {each.number: each for each in db.annotation.rounds(project.id) if each.finished_at}
    disagreement = _disagreement(db, project, labels)
    if disagreement:
        return 0, disagreement
    taken = 0
    for shared in labels.rounds:
        known = mine.get(shared.number)
        if known is not None and (Path(known.folder) / METRICS).is_file():
            if known.finished_at == shared.finished_at:
                continue
            if not is_adopted(Path(known.folder)):
                return taken, _two_runs(shared.number, max(mine), labels)
            if known.finished_at > shared.finished_at:
                continue
        came = known is not None and is_adopted(Path(known.folder))
        folder = Path(known.folder) if came else rounds_home(paths, project) / f"round_{shared.number:02d}"
        try:
            with alone_in(folder):
                adopt_round(folder, project.uid, shared, [each.metrics for each in labels.rounds[: shared.number + 1]])
        except UserError as error:
            return taken, f"Round {shared.number} did not come: {error}"
        db.annotation.set_round(project.id, Round(shared.number, str(folder), shared.finished_at, shared.metrics))
        taken += 1
    return taken, ""


def _two_runs(number: int, newest: int, labels: Labels) -> str:
    if labels.rounds[-1].number <= newest:
        return ""
    return (
        f"Round {number} was run on both machines. The one here stays, and the rounds and queue of the file were left "
        "out, since they go on from the other one"
    )


def _disagreement(db: ProcessedDB, project: Project, labels: Labels) -> str:
    """Why the file's rounds and queue cannot go with the split here, a sentence; empty where they can."""
    here = _split_here(db, project)
    if here is None:
        return ""
    asked = {group_of(entry.item_key) for entry in labels.queue.entries} if labels.queue else frozenset()
    if not labels.rounds:
        tested = _names(db, labels.videos, sorted(asked & here.test))
        return f"The queue of the file was left out: it asks for videos that judge here ({tested})" if tested else ""
    theirs = labels.rounds[-1].split
    if here.test != theirs.test:
        differing, why = here.test ^ theirs.test, "another test set was frozen there"
    else:
        differing, why = moved(here, theirs), "videos that teach on one machine validate on the other"
    if not differing:
        return ""
    named = _names(db, labels.videos, sorted(differing))
    return (
        f"The split here stays, and the rounds and queue of the file were left out: {why} ({named}). Figures of the "
        "two machines cannot be compared, and models from there may have learned what judges here. "
        "Run further rounds on one machine only"
    )


def _split_here(db: ProcessedDB, project: Project) -> Split | None:
    """The split of the newest round whose files are here; None where there is none."""
    rounds = [each for each in db.annotation.rounds(project.id) if each.finished_at]
    return next((split for each in reversed(rounds) if (split := _split_of(each)) is not None), None)


def _split_of(one: Round) -> Split | None:
    # The second one is that of a round which is being made anew, or was stopped in it.
    for step in ("split", FROZEN):
        with suppress(UserError):
            return Split.from_json(read_step(Path(one.folder), step))
    return None


def _names(db: ProcessedDB, named: Mapping[str, str], keys: Sequence[str]) -> str:
    shown = []
    for key in keys[:_NAMED]:
        media = db.media.by_key(key)
        shown.append(media.name if media else named.get(key, key))
    return ", ".join(shown) + (f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else "")
