"""`8cut.sh project`: labelling projects, their items and coders."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import TYPE_CHECKING

from core.cli.execute import FAILED, OK
from core.cli.numbers import share
from core.domain.amounts import count_text
from core.domain.annotation import DISTANCE, NO_HUMAN, PERSPECTIVE, TARGET_SOUND, ItemKind, Task
from core.errors import UserError
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.cli.work import Work
    from core.db import ProcessedDB
    from core.domain.annotation import Project
    from core.ops.label_overview import Overview

READY_MADE = {"perspective": PERSPECTIVE, "distance": DISTANCE, "target-sound": TARGET_SOUND}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "show", "create", "add", "away", "back", "delete", "restore"))
    parser.add_argument("name", nargs="?", metavar="PROJECT", help="all but list; delete can be taken back by restore")
    parser.add_argument("coders", nargs="*", metavar="CODER", help="away, back: who gets no items any more, or again")
    what = parser.add_argument_group("create")
    what.add_argument("--kind", choices=[kind.value for kind in ItemKind], help="what is judged")
    what.add_argument(
        "--ready-made", nargs="+", choices=READY_MADE, default=[], metavar="TASK", help=", ".join(READY_MADE)
    )
    what.add_argument("--task", action="append", default=[], metavar="'NAME: A, B'", help="a question and its classes")
    what.add_argument("--screener", metavar="TEXT", help=f"one key for NA in screened tasks (distance: {NO_HUMAN})")
    what.add_argument("--screened", nargs="+", default=[], metavar="TASK", help="the tasks that the screener answers")
    what.add_argument("--overlap", type=share, default=0.15, metavar="X", help="share all judge (default: 0.15)")
    what.add_argument("--repeats", type=share, default=0.05, metavar="X", help="share that comes back (default: 0.05)")
    what.add_argument("--show-picture", action="store_true", help="windows show their picture too")
    what.add_argument("--assisted", action="store_true", help="coders see what the model thinks")
    items = parser.add_argument_group("create, add")
    items.add_argument("--media", nargs="+", default=[], metavar="MEDIA", help="files, and folders of files")
    items.add_argument(
        "--per-video", type=_count_of, default=10, metavar="N", help="frames of each video (default: 10)"
    )
    items.add_argument("--window", type=_length, default=2.0, metavar="S", help="length of a window (default: 2)")
    items.add_argument("--hop", type=_length, metavar="S", help="from window to window (default: the length)")
    items.add_argument(
        "--scan", metavar="CLASSIFIER", help="windows of its newest scan instead of a grid; --hop is the least distance"
    )
    items.add_argument(
        "--scores",
        nargs=2,
        type=share,
        default=[0.3, 0.7],
        metavar=("FROM", "TO"),
        help="of --scan: which windows (default: 0.3 0.7, where a classifier is unsure)",
    )
    items.add_argument("--profile", default="default", help="of --scan: the profile that remembers it")
    parser.add_argument("--json", action="store_true", help="JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int:
    """Do what was asked for; fails when at least one file could not be read."""
    from core.cli.work import working
    from core.db import ProcessedDB, legacy_history

    if options.action != "list" and not options.name:
        raise UserError(f"project {options.action} needs the name of a project", "", "See 8cut.sh project list")
    if options.scores[0] > options.scores[1]:
        raise UserError("--scores needs the lower one first", "", "--scores 0.3 0.7")
    with (
        ProcessedDB(paths.prepare().database, adopt_from=legacy_history()) as db,
        working(options.json) as work,
    ):
        return _ACTIONS[options.action](db, options, work)


def _list(db: ProcessedDB, _options: Namespace, work: Work) -> int:
    from core.ops.label_overview import overviews

    found = overviews(db, work.ctx)
    for each in found:
        work.tell("project", **_facts(each))
        work.say(f"{each.project.name}  ({_size(each)})")
    if not found:
        work.say("There is no labelling project yet; project create makes one.")
    deleted = [project.name for project in db.annotation.deleted_projects()]
    if deleted:
        work.tell("deleted", projects=deleted)
        work.say(f"Deleted, and brought back by project restore: {', '.join(deleted)}")
    return OK


def _delete(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops import label

    project = db.annotation.get(options.name)
    label.delete_project(db, project)
    work.tell("deleted", project=project.name)
    work.say(f"Deleted {project.name} with its labels. project restore brings all of it back.")
    return OK


def _restore(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops import label

    project, _ = label.restore_project(db, options.name)
    work.tell("restored", project=project.name)
    work.say(f"{project.name} is back.")
    return OK


def _show(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops.label_overview import overview

    found = overview(db, db.annotation.get(options.name))
    work.tell("project", **_facts(found))
    work.say(f"{found.project.name}: {_size(found)}")
    for task in found.project.tasks:
        work.say(f"  {task.name}: {', '.join(task.answers)}{'  (screened)' if task.screened else ''}")
    away = {coder.name for coder in db.annotation.team(found.project.id) if coder.away}
    for coder in found.coders:
        pace = "" if coder.seconds is None else f", {coder.seconds:.1f} s each"
        work.say(f"  {coder.name}: {coder.done} of {coder.total}{pace}{'  (away)' if coder.name in away else ''}")
    if found.missing:
        waiting = "waits for a video that is" if found.missing == 1 else "wait for videos that are"
        work.say(f"  {count_text(found.missing, 'item')} {waiting} not here")
    return OK


def _create(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops import label

    tasks = [READY_MADE[name] for name in options.ready_made]
    tasks += [_task(text, options.screened) for text in options.task]
    unknown = set(options.screened) - {task.name for task in tasks}
    if unknown:
        raise UserError(f"There is no task {', '.join(sorted(unknown))} to screen", "", "Name it with --task")
    screener = options.screener
    if screener is None:
        screener = NO_HUMAN if DISTANCE in tasks else ""
    media = _media(db, options) if options.media else None
    project, _ = label.create_project(
        db,
        options.name,
        _kind(options),
        tasks,
        screener=screener,
        overlap=options.overlap,
        repeats=options.repeats,
        show_picture=options.show_picture,
        assisted=options.assisted,
    )
    work.tell("created", project=project.name, uid=project.uid)
    work.say(f"Made the project {project.name}.")
    return _add_items(db, project, media, options, work) if media else OK


def _add(db: ProcessedDB, options: Namespace, work: Work) -> int:
    if not options.media:
        raise UserError("project add needs files or folders", "", "8cut.sh project add kitchen --media films")
    project = db.annotation.get(options.name)
    return _add_items(db, project, _media(db, options), options, work)


def _leave(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops import label

    if not options.coders:
        raise UserError(f"project {options.action} needs the name of a coder", "", "See 8cut.sh project show")
    project = db.annotation.get(options.name)
    for coder in options.coders:
        label.set_away(db, project, coder, options.action == "away")
        work.tell(options.action, project=project.name, coder=coder)
        work.say(f"{coder} is {'away: others get the items' if options.action == 'away' else 'back'}.")
    return OK


def _media(db: ProcessedDB, options: Namespace) -> tuple[list[int], list[str]]:
    """The ids of the files named, and a sentence for each that cannot be read; at least one can."""
    from core.ops.media import media_files
    from core.ops.scan import media_of

    files = list(dict.fromkeys(media_files(options.media)))
    media, unreadable = media_of(db, files)
    if not media:
        why = unreadable[0][1] if unreadable else f"No video or audio files in {', '.join(options.media)}"
        raise UserError("There is nothing to add", why, "")
    return [each.id for each in media], [reason for _, reason in unreadable]


def _add_items(
    db: ProcessedDB, project: Project, media: tuple[list[int], list[str]], options: Namespace, work: Work
) -> int:
    from core.ops import label_items

    ids, unreadable = media
    if options.scan:
        added, _ = label_items.add_scan_windows(
            db, project, ids, options.profile, options.scan, tuple(options.scores), options.hop, work.ctx
        )
    elif project.kind is ItemKind.FRAME:
        added, _ = label_items.add_frames(db, project, ids, options.per_video, work.ctx)
    else:
        hop_s = options.window if options.hop is None else options.hop
        added, _ = label_items.add_windows(db, project, ids, options.window, hop_s, work.ctx)
    failed = [*unreadable, *work.ctx.log_lines]
    good = len(ids) - len(work.ctx.log_lines)
    for reason in failed:
        work.tell("failed", reason=reason)
        work.say(f"failed: {reason}", error=True)
    work.tell("added", items=added, files=good, failed=len(failed))
    work.say(f"Added {count_text(added, project.kind.value)} of {count_text(good, 'file')}.")
    return FAILED if failed else OK


def _kind(options: Namespace) -> ItemKind:
    if options.kind:
        return ItemKind(options.kind)
    kinds = {ItemKind.WINDOW if name == "target-sound" else ItemKind.FRAME for name in options.ready_made}
    if len(kinds) != 1:
        raise UserError("Whether to judge frames or windows is open", "", "Add --kind frame or --kind window")
    return kinds.pop()


def _task(text: str, screened: list[str]) -> Task:
    name, _, classes = text.partition(":")
    try:
        return Task(name.strip(), tuple(each.strip() for each in classes.split(",")), name.strip() in screened)
    except ValueError as error:
        raise UserError(f"{text} is no task", str(error), "Write --task 'mood: happy, sad'") from error


def _count_of(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _length(text: str) -> float:
    value = float(text)
    if not 0.01 <= value <= 3600.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.01 and 3600 seconds")
    return value


def _facts(found: Overview) -> dict[str, object]:
    project = found.project
    return {
        "project": project.name,
        "uid": project.uid,
        "kind": project.kind.value,
        "tasks": {task.name: task.answers for task in project.tasks},
        "items": found.items,
        "videos": found.videos,
        "labelled": found.labelled,
        "missing": found.missing,
        "coders": {coder.name: {"done": coder.done, "total": coder.total} for coder in found.coders},
    }


def _size(found: Overview) -> str:
    kind = found.project.kind.value
    return f"{count_text(found.items, kind)} of {count_text(found.videos, 'video')}, {found.labelled} labelled"


_ACTIONS = {
    "list": _list,
    "show": _show,
    "create": _create,
    "add": _add,
    "away": _leave,
    "back": _leave,
    "delete": _delete,
    "restore": _restore,
}
