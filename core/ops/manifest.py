"""Keep `dataset.json` in step with the history."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from core.db import ProcessedDB
from core.errors import EightCutError, UserError
from core.job import JobContext
from core.media import manifest

_log = logging.getLogger(__name__)
# The half-written file has one name per process, and two lanes may want to write the same folder's.
_writing = threading.Lock()


def rebuild(db: ProcessedDB, folder: str | os.PathLike[str], moved_away: Iterable[str] = ()) -> int:
    """Write `dataset.json` of an export folder (the one above `vid_NNN`) anew; returns how many clips it lists.

    Entries of an existing file for clips the history does not know are kept, but for the paths `moved_away`; a file
    that makes no sense is put aside.

    Raises:
        EnvironmentProblem: the folder cannot be written to.
    """
    root = Path(folder)
    with _writing:
        # Profiles that were copied share files: one entry for each file, that of the older profile.
        rows = {row["path"]: row for row in reversed(db.clips.manifest_entries(str(folder)))}
        entries = [_entry(row, root) for row in reversed(rows.values())]
        aside = manifest.write(root, entries, moved_away)
    if aside:
        _log.info("%s could not be understood and was kept as %s", root / manifest.FILE_NAME, aside.name)
    return len(entries)


def follow(db: ProcessedDB, ctx: JobContext | None = None) -> None:
    """Write every `dataset.json` that is behind the history; one that cannot be written now stays due."""
    for folder in db.trash.due_manifests():
        if ctx:
            ctx.check()
        db.trash.take_due(folder)
        try:
            if Path(folder).is_dir():
                rebuild(db, folder)
            elif db.clips.manifest_entries(folder):
                # Its disk is away: the clips are still somewhere.
                db.trash.add_due([folder])
        except EightCutError as error:
            db.trash.add_due([folder])
            _log.warning("%s", error)


def known_folder(db: ProcessedDB, folder: str | os.PathLike[str]) -> str:
    """The export folder as the history spells it.

    Raises:
        UserError: no clip of the history lies there.
    """
    wanted = Path(folder).expanduser().absolute()
    for known in db.clips.folders():
        if Path(known) == wanted or (wanted.exists() and Path(known).exists() and wanted.samefile(known)):
            return known
    raise UserError(
        f"{wanted} is not an export folder",
        "The history knows no clip in it",
        "Name the folder above vid_001, vid_002…",
    )


def _entry(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    size = [row["width"], row["height"]] if row["width"] and row["height"] else None
    crop = {"ratio": row["portrait_ratio"], "center": row["crop_center"]} if row["portrait_ratio"] else None
    if crop and (path := json.loads(row["crop_path"])):
        crop["path"] = path
    return {
        "path": manifest.relative(row["path"], folder),
        "label": row["label"],
        "category": row["category"],
        "source": row["source"],
        "start": row["start_s"],
        "duration": row["duration_s"],
        "fps": row["fps"],
        "size": size,
        "crop": crop,
        "profile": row["profile"],
    }
