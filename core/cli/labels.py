"""`8cut.sh labels`: carry labels between machines, and see how far coders agree."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.execute import FAILED, OK
from core.domain.amounts import count_text
from core.errors import EightCutError, UserError
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.cli.work import Work
    from core.db import ProcessedDB
    from core.learning.agreement import Estimate, Figures
    from core.ops.agreement import TaskReport
    from core.ops.label_exchange import ImportSummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("export", "import", "agreement"))
    parser.add_argument(
        "what",
        nargs="+",
        metavar="WHAT",
        help="export: a project and the file to write; import: files to merge; agreement: a project",
    )
    parser.add_argument("--without-na", action="store_true", help="agreement: NA counts as no answer")
    parser.add_argument("--json", action="store_true", help="JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int:
    """Do what was asked for; an import fails when one of several files could not be merged."""
    from core.cli.work import working
    from core.db import ProcessedDB, legacy_history

    with (
        ProcessedDB(paths.prepare().database, adopt_from=legacy_history()) as db,
        working(options.json) as work,
    ):
        return {"export": _export, "import": _import, "agreement": _agreement}[options.action](db, options, work)


def _export(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops.label_exchange import export_labels

    if len(options.what) != 2:
        raise UserError("labels export needs a project and a file", "", "8cut.sh labels export kitchen kitchen.jsonl")
    name, file = options.what
    left_out = export_labels(db, db.annotation.get(name), Path(file))
    work.tell("exported", project=name, path=file, left_out=left_out)
    work.say(f"Wrote {file}.")
    if left_out:
        work.say(f"{left_out}.", error=True)
    return OK


def _import(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops.label_exchange import import_labels

    failed = 0
    for file in options.what:
        work.ctx.check()
        try:
            summary, _ = import_labels(db, Path(file))
        except EightCutError as error:
            if len(options.what) == 1:
                raise
            failed += 1
            work.tell("failed", path=file, reason=str(error))
            work.say(f"failed: {error}", error=True)
        else:
            _show_import(file, summary, work)
    return FAILED if failed else OK


def _show_import(file: str, summary: ImportSummary, work: Work) -> None:
    work.tell(
        "imported",
        path=file,
        project=summary.project.name,
        created=summary.created,
        items=summary.items,
        answers=summary.answers,
        gold=summary.gold,
        touched=summary.touched,
        altered=summary.altered,
        contradictions=[vars(each) for each in summary.contradictions],
        missing=summary.missing,
        restored=summary.restored,
        rounds=summary.rounds,
        kept=summary.kept,
        unchanged=summary.unchanged,
    )
    name = Path(file).name
    if summary.unchanged:
        work.say(f"{name}: everything in it was here already.")
    else:
        verb = "made the project" if summary.created else "merged into"
        parts = [count_text(summary.answers, "new answer"), count_text(summary.items, "new item")]
        if summary.touched:
            parts.append(f"{count_text(summary.touched, 'answer')} taken back or brought back")
        if summary.gold:
            parts.append(count_text(summary.gold, "new decision"))
        if summary.rounds:
            parts.append(f"{count_text(summary.rounds, 'round')} with the split")
        work.say(f"{name}: {verb} {summary.project.name}, {', '.join(parts)}.")
    if summary.restored:
        work.say(f"  {summary.project.name} had been deleted here and is back")
    if summary.kept:
        work.say(f"  {summary.kept}", error=True)
    for each in summary.contradictions:
        work.say(f"  {each.coder} says {each.newer} and said {each.older} of {each.item_key}; the newer one counts")
    if summary.altered:
        work.say(
            f"  {count_text(summary.altered, 'answer was', 'answers were')} edited in the file; what is here stays"
        )
    if summary.missing:
        work.say(f"  waiting for {count_text(len(summary.missing), 'video')}: {', '.join(summary.missing)}")


def _agreement(db: ProcessedDB, options: Namespace, work: Work) -> int:
    from core.ops.agreement import report

    if len(options.what) != 1:
        raise UserError("labels agreement needs one project", "", "8cut.sh labels agreement kitchen")
    found = report(db, db.annotation.get(options.what[0]), work.ctx, with_na=not options.without_na)
    work.tell("agreement", **found.to_json())
    for task in found.tasks:
        _show_task(task, work)
    return OK


def _show_task(task: TaskReport, work: Work) -> None:
    if task.statement:
        work.say(f"{task.task}: {task.statement}")
    else:
        shared = f"{count_text(task.shared, 'item')} of {count_text(task.videos, 'video')} with two coders or more"
        work.say(f"{task.task}: {shared}")
        rows = [("all coders", task.figures)]
        if len(task.pairs) > 1:
            rows += [(f"{pair.first} – {pair.second}", pair.figures) for pair in task.pairs]
        rows += [(f"class {name}", figures) for name, figures in task.by_class.items()]
        width = max(len(name) for name, _ in rows)
        for name, figures in rows:
            work.say(f"  {name:<{width}}  {_figures(figures)}")
        work.say(f"  {count_text(len(task.disagreements), 'item')} with different answers")
    for own in task.repeats:
        agree = _estimate(own.figures.percent, percent=True)
        work.say(f"  {own.coder} on {count_text(own.repeats, 'repeat')}: agree {agree}")


def _figures(figures: Figures) -> str:
    return (
        f"agree {_estimate(figures.percent, percent=True):<17}  kappa {_estimate(figures.kappa):<21}"
        f"  alpha {_estimate(figures.alpha)}"
    ).rstrip()


def _estimate(value: Estimate, *, percent: bool = False) -> str:
    scale, digits, unit = (100, 0, " %") if percent else (1, 2, "")
    numbers = [number for number in (value.value, value.low, value.high) if number is not None]
    if not numbers:
        return "–"
    figure, *interval = [f"{scale * number:.{digits}f}" for number in numbers]
    return f"{figure}{unit}" + (f" ({' to '.join(interval)})" if interval else "")
