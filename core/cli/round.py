"""`8cut.sh round`: learn from the labels of a project, measure, and choose what to label next."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from core.annotation.selection import STRATEGIES
from core.cli.execute import OK
from core.domain.amounts import count_text
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.annotation.rounds import RoundOptions, RoundResult
    from core.cli.work import Work
    from core.db import ProcessedDB
    from core.ops.run_round import FirstQueue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from core.learning.heads import KINDS
    from core.models.registry import model_names

    parser.add_argument("--project", required=True, metavar="P", help="the labelling project")
    parser.add_argument("--round", required=True, type=int, metavar="N", help="0 for the first, then 1, 2 …")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the rounds (default: in the data folder)")
    what = parser.add_argument_group("what to ask for next")
    what.add_argument("--top-k", type=int, default=50, metavar="K", help="how many items (default: 50)")
    what.add_argument("--strategy", choices=STRATEGIES, default="mixed", help="default: mixed")
    what.add_argument("--per-video", type=int, default=0, metavar="K", help="of one video at most (default: by itself)")
    what.add_argument("--apart", type=float, metavar="S", help="least distance within a video (default: 1 s, a window)")
    what.add_argument(
        "--queue",
        type=Path,
        metavar="FILE",
        help="only take this queue.csv, edited by hand, as the round's",
    )
    frames = parser.add_argument_group("models of frames")
    frames.add_argument("--epochs", type=int, default=30, metavar="E", help="at most (default: 30)")
    frames.add_argument("--backbone", default="resnet50", help="resnet50 or timm:NAME (default: resnet50)")
    frames.add_argument("--frozen", action="store_true", help="learn a head only; seconds without a GPU")
    frames.add_argument("--image-px", type=int, default=224, metavar="PX", help="side of the pictures (default: 224)")
    frames.add_argument(
        "--weights", default="imagenet", metavar="FILE", help="what round 0 starts from (default: imagenet)"
    )
    windows = parser.add_argument_group("models of windows")
    windows.add_argument("--model", choices=model_names(), default="LOGMEL", help="embedding model (default: LOGMEL)")
    windows.add_argument("--head", choices=KINDS, default="blend", help="default: blend")
    parser.add_argument(
        "--anew", action="store_true", help="begin from the labels of now, where the round would go on or is finished"
    )
    parser.add_argument("--seed", type=int, default=42, help="of the split and everything drawn (default: 42)")
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="default: auto")
    parser.add_argument("--json", action="store_true", help="tell what happens in JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int:
    """Run the round, or take a queue back."""
    from core.cli.work import working
    from core.db import ProcessedDB, legacy_history
    from core.log import start_logging
    from core.ops import run_round

    start_logging(paths.prepare().logs, options.verbose)
    with ProcessedDB(paths.database, adopt_from=legacy_history()) as db, working(options.json) as work:
        if options.queue:
            _take_queue(db, options, work)
        elif options.round == 0 and run_round.needs_first_queue(db, project := db.annotation.get(options.project)):
            found, _ = run_round.first_queue(db, project, _options(options), work.ctx, paths)
            _show_first(found, work)
        else:
            result, _ = run_round.run(db, options.project, options.round, _options(options), work.ctx, paths)
            show(result, work)
    return OK


def _options(options: Namespace) -> RoundOptions:
    from core.annotation.rounds import RoundOptions

    return RoundOptions(
        top_k=options.top_k,
        epochs=options.epochs,
        strategy=options.strategy,
        backbone=options.backbone,
        frozen=options.frozen,
        image_px=options.image_px,
        weights=options.weights,
        embedding=options.model,
        head=options.head,
        per_video=options.per_video,
        apart_s=options.apart,
        seed=options.seed,
        device=options.device,
        out=options.out,
        anew=options.anew,
    )


def _take_queue(db: ProcessedDB, options: Namespace, work: Work) -> None:
    from core.ops.run_round import import_queue

    found, _ = import_queue(db, options.project, options.round, options.queue)
    for line, problem in found.unknown:
        work.say(f"8-cut: line {line} is left out: {problem}", error=True)
    work.tell("queue", taken=len(found.entries), unknown=[list(one) for one in found.unknown])
    work.say(f"The queue of round {options.round} is now {count_text(len(found.entries), 'item')}.")


def _show_first(found: FirstQueue, work: Work) -> None:
    for problem in sorted(set(found.unread.values())):
        work.say(f"8-cut: note: {problem}", error=True)
    work.tell("first queue", items=[entry.item_key for entry in found.entries], unread=found.unread)
    work.say("Nothing is labelled yet, so there is nothing to learn from.")
    items = count_text(len(found.entries), "item")
    work.say(f"First in the labelling window now: {items} ({found.entries[0].reason}). Label them and run it again.")


def show(result: RoundResult, work: Work) -> None:
    """Tell what the round came to."""
    metrics = result.metrics
    for note in (*result.notes, *metrics["problems"]):
        work.say(f"8-cut: note: {note}", error=True)
    work.tell("round", round=result.number, folder=str(result.folder), metrics=metrics, notes=list(result.notes))
    sizes = metrics["sizes"]
    work.say(
        f"Round {result.number} of {metrics['project']}: {sizes['labelled']} labels, {sizes['pool']} items without."
    )
    for name, task in metrics["tasks"].items():
        work.say(f"  {name}: {_task_line(task)}")
    for advice in metrics["advice"]:
        work.say(f"  {advice['kind']}: {advice['sentence']}.")
    reasons = ", ".join(f"{count} {reason}" for reason, count in metrics["queue"]["reasons"].items())
    items = count_text(len(result.entries), "item")
    work.say(f"First in the labelling window now: {items}{f' ({reasons})' if reasons else ''}.")
    work.say(f"All of it is in {result.folder}")


def _task_line(task: dict) -> str:
    test = task["test"]
    if test is None:
        return f"start {task['start']}; no label in the test set yet"
    low, high = test["intervals"]["macro_f1"] or (None, None)
    interval = "" if low is None else f" (95 %: {100 * low:.0f}–{100 * high:.0f})"
    return (
        f"macro F1 {100 * test['macro_f1']:.0f} %{interval}, accuracy {100 * test['accuracy']:.0f} % "
        f"on {test['items']} items of {test['videos']} test videos; start {task['start']}"
    )
