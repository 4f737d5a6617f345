"""`8cut.sh train`: learn a sound from the clips of one or more folders."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.execute import OK
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.cli.work import Work
    from core.ops.train import TrainOutcome, TrainRequest

_GRAINS = ("auto", "1", "2", "4", "8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from core.learning.examples import HEADS
    from core.models.registry import model_names

    what = parser.add_argument_group("what to learn from")
    what.add_argument("--profile", default="default", help="the profile the clips were cut in (default: default)")
    what.add_argument(
        "--positive", nargs="+", required=True, metavar="FOLDER", help="export folders, or their names: what to find"
    )
    what.add_argument("--negative", nargs="+", default=[], metavar="FOLDER", help="export folders of what it is not")
    what.add_argument("--no-hard-negatives", action="store_true", help="leave out what was marked as not the sound")
    what.add_argument("--include-scan-exports", action="store_true", help="also learn from clips that scans exported")
    what.add_argument("--videos", default="", metavar="DIR", help="where to look for videos that were moved")
    how = parser.add_argument_group("how")
    how.add_argument("--model", choices=model_names(), default="LOGMEL", help="embedding model (default: LOGMEL)")
    how.add_argument("--encoding", choices=("exact", "shared"), default="exact", help="default: exact")
    how.add_argument("--head", choices=HEADS, default="auto", help="default: auto")
    how.add_argument("--grain", choices=_GRAINS, default="auto", help="seconds judged at once (default: auto)")
    how.add_argument("--margin", type=float, default=30.0, metavar="S", help="see docs/scanning.md (default: 30)")
    how.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="default: auto")
    how.add_argument("--name", default="", help="tells apart classifiers of one profile and model")
    parser.add_argument("--json", action="store_true", help="tell what happens in JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int:
    """Train and store the classifier."""
    from core.cli.work import working
    from core.db import ProcessedDB, legacy_history
    from core.log import start_logging
    from core.ops.cache import open_embedder
    from core.ops.train import train

    start_logging(paths.prepare().logs, options.verbose)
    with (
        ProcessedDB(paths.database, adopt_from=legacy_history()) as db,
        open_embedder(paths, options.device) as embedder,
        working(options.json) as work,
    ):
        show(train(db, paths, embedder, _request(options), work.ctx), work)
    return OK


def _request(options: Namespace) -> TrainRequest:
    from core.ops.train import TrainRequest
    from core.scan.embedding import DEFAULT_GRAIN_S

    return TrainRequest(
        profile=options.profile,
        positives=tuple(dict.fromkeys(map(_class_name, options.positive))),
        negatives=tuple(dict.fromkeys(map(_class_name, options.negative))),
        model=options.model,
        encoding=options.encoding,
        grain_s=DEFAULT_GRAIN_S if options.grain == "auto" else float(options.grain),
        head=options.head,
        name=options.name,
        neg_margin_s=min(600.0, max(0.0, options.margin)),
        use_hard_negatives=not options.no_hard_negatives,
        include_scan_exports=options.include_scan_exports,
        video_folder=options.videos,
    )


def _class_name(folder: str) -> str:
    """A class is the name of a folder, however the folder was given."""
    return Path(folder).name or Path(folder).absolute().name


def show(outcome: TrainOutcome, work: Work) -> None:
    """Tell what training found out."""
    classifier, report = outcome.classifier, outcome.classifier.trained.report
    for problem in outcome.problems:
        work.say(f"8-cut: left out: {problem}", error=True)
    work.tell(
        "trained",
        classifier=classifier.name,
        version=classifier.version,
        path=str(classifier.path),
        problems=list(outcome.problems),
        report=report,
    )
    work.say(f"{classifier.name} is trained ({', '.join(metrics(report)) or 'not evaluated'}).")
    for warning in report.get("warnings", ()):
        work.say(f"8-cut: note: {warning}", error=True)


def metrics(report: dict[str, Any]) -> list[str]:
    """What an evaluation says in a line: each part is there only where it was measured."""
    shown = []
    if report.get("head"):
        shown.append(f"head {report['head']}")
    if report.get("average_precision") is not None:
        shown.append(f"average precision {report['average_precision']:.2f}")
    if report.get("threshold") is not None:
        shown.append(f"suggested threshold {report['threshold']:.2f}")
    return shown
