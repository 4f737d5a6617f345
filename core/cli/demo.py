"""`8cut.sh demo`: the whole loop on made-up sounds, without a download and without a screen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.execute import OK, OpenWindow
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.cli.work import Work
    from core.ops.demo import DemoResult, Score


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep", metavar="DIR", help="keep videos, clips and history in DIR (default: a passing folder)"
    )
    parser.add_argument(
        "--length", type=_length, default=120.0, metavar="S", help="seconds of each video (default: 120)"
    )
    parser.add_argument("--no-window", action="store_true", help="do not open the window on the result")
    parser.add_argument("--json", action="store_true", help="tell what happens in JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int | OpenWindow:
    """Run the demo in a folder of its own; the person's history is not touched unless --data-dir names it."""
    passing = None
    if options.keep:
        folder = Path(options.keep).expanduser().absolute()
    elif options.data_dir:
        folder = paths.root / "demo"
    else:
        passing = tempfile.TemporaryDirectory(prefix="8cut-demo-", ignore_cleanup_errors=True)
        folder = Path(passing.name)
    own = paths if options.data_dir else DataPaths(folder / "data")
    clean = passing.cleanup if passing else lambda: None
    try:
        result = _demo(own, folder, options)
    except BaseException:
        clean()
        raise
    if options.no_window or options.json or not _has_screen():
        clean()
        return OK
    return OpenWindow([str(video.path) for video in result.videos], own, clean)


def _demo(paths: DataPaths, folder: Path, options: Namespace) -> DemoResult:
    from core.cli.work import working
    from core.log import start_logging
    from core.ops import demo

    start_logging(paths.prepare().logs, options.verbose)
    started_s = time.monotonic()
    with working(options.json) as work:
        result = demo.run(paths, folder, options.length, work.ctx, lambda text: work.say(f"{text} …"))
        _show(result, work)
        seconds = time.monotonic() - started_s
        work.tell("done", seconds=round(seconds, 1), folder=str(folder))
        work.say(f"\nDone in {seconds:.0f} s." + (f" Everything is in {folder}." if options.keep else ""))
    return result


def _show(result: DemoResult, work: Work) -> None:
    for name, scores in (("before", result.before), ("after", result.after)):
        for score in scores:
            work.tell("score", round=name, **vars(score))
    work.tell("marked", negatives=result.marked, clips=result.clips)
    work.say(
        f"\n{result.clips} clips were cut. Regions against the truth, before → after {result.marked} hard negatives:"
    )
    work.say(f"{'sound':<10}{'videos':<10}{'found':>12}{'missed':>12}{'false':>12}")
    after = {(score.kind, score.part): score for score in result.after}
    for score in result.before:
        _row(work, score.kind, score.part, score, after[(score.kind, score.part)])
    for part in dict.fromkeys(score.part for score in result.before):
        _row(work, "all", part, _total(part, result.before), _total(part, result.after))
    work.say(
        "(The false ones of the review videos were marked; nobody told the classifiers anything about the test videos.)"
    )


def _row(work: Work, kind: str, part: str, old: Score, new: Score) -> None:
    changes = [
        f"{before} → {now}"
        for before, now in ((old.found, new.found), (old.missed, new.missed), (old.false, new.false))
    ]
    work.say(f"{kind:<10}{part:<10}" + "".join(f"{change:>12}" for change in changes))


def _total(part: str, scores: Sequence[Score]) -> Score:
    from core.ops.demo import Score

    own = [score for score in scores if score.part == part]
    return Score("all", part, *(sum(getattr(score, name) for score in own) for name in ("found", "missed", "false")))


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _length(text: str) -> float:
    value = float(text)
    if not 90.0 <= value <= 3600.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 90 and 3600 seconds")
    return value
