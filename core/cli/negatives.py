"""`8cut.sh negatives`: moments that are not the sound, whatever a classifier thinks."""

from __future__ import annotations

import argparse
import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.execute import OK
from core.domain.amounts import count_text
from core.domain.timecode import format_time, parse_time
from core.errors import UserError
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.db import ProcessedDB


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "add", "remove"))
    parser.add_argument(
        "what",
        nargs="*",
        metavar="MEDIA TIME … | ID …",
        help="add: a file, then moments in it (83.5 or 1:23.5); remove: ids as list shows them",
    )
    parser.add_argument("--length", type=float, default=0.0, metavar="S", help="add: seconds from each moment")
    parser.add_argument("--model", metavar="LABEL", help="list, remove: only those that came from this classifier")
    parser.add_argument("--profile", default="default", help="the profile (default: default)")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")


def run(options: Namespace, paths: DataPaths) -> int:
    """Do what was asked for."""
    from core.db import ProcessedDB, legacy_history

    with ProcessedDB(paths.prepare().database, adopt_from=legacy_history()) as db:
        return {"list": _list, "add": _add, "remove": _remove}[options.action](db, options)


def _list(db: ProcessedDB, options: Namespace) -> int:
    from core.ops import negatives

    marks = negatives.marked(db, options.profile, options.model)
    if options.json:
        print(json.dumps({"negatives": marks}))
        return OK
    for mark in marks:
        source = mark["source_model"] or "by hand"
        print(f"{mark['id']:>6}  {format_time(mark['start_time']):>12}  {mark['filename']}  ({source})")
    print(f"{count_text(len(marks), 'hard negative')} in the profile {options.profile}")
    return OK


def _add(db: ProcessedDB, options: Namespace) -> int:
    from core.ops import negatives

    if len(options.what) < 2:
        raise UserError("negatives add needs a file and at least one time", "", "8cut.sh negatives add walk.mp4 1:23.5")
    path, *times = options.what
    try:
        moments = [parse_time(time) for time in times]
    except ValueError as error:
        raise UserError("That is no time", str(error), "Write 83.5 or 1:23.5") from error
    added, _ = negatives.mark_times(db, str(Path(path).absolute()), options.profile, moments, max(0.0, options.length))
    print(json.dumps({"added": added}) if options.json else f"Marked {added} new of {len(moments)}.")
    return OK


def _remove(db: ProcessedDB, options: Namespace) -> int:
    from core.ops import negatives

    if not options.what and not options.model:
        raise UserError("negatives remove needs ids, or --model", "", "See 8cut.sh negatives list")
    if not all(word.isdecimal() for word in options.what):
        raise UserError("negatives remove takes ids, which are numbers", "", "See 8cut.sh negatives list")
    marks = negatives.marked(db, options.profile, options.model)
    wanted = {int(word) for word in options.what} or {mark["id"] for mark in marks}
    removed, _ = negatives.unmark(db, [mark["id"] for mark in marks if mark["id"] in wanted])
    print(json.dumps({"removed": removed}) if options.json else f"Removed {removed}.")
    return OK
