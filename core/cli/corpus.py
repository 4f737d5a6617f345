"""`8cut.sh corpus`: features, embeddings and scans of thousands of videos, restartable at any moment."""

from __future__ import annotations

import argparse
import json
import re
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.execute import CANCELLED, FAILED, OK, REFUSED
from core.cli.numbers import share, within
from core.domain.amounts import count_text
from core.errors import Cancelled, UserError
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.cli.work import Work
    from core.corpus.results import Result
    from core.corpus.runner import Plan
    from core.corpus.sources import Corpus
    from core.ops.corpus import RunReport, RunRequest

_SIZE = re.compile(r"^(\d+(?:\.\d+)?)([kMGT]?)B?$")
_FACTORS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SHOWN_FAILURES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("extract", "embed", "scan", "status", "export", "load"),
        help="extract figures; embed the sound; scan it with a classifier; "
        "status of an output folder; export it as a table; load it into the media list of the window",
    )
    parser.add_argument("--out", required=True, metavar="DIR|URL", help="the output folder")
    parser.add_argument("--json", action="store_true", help="tell what happens in JSON, one object a line")
    what = parser.add_argument_group("extract, embed, scan: what")
    what.add_argument("--videos", metavar="LIST|FOLDER|URL", help="a file with a path or URL a line, or a folder")
    what.add_argument("--features", metavar="A,B", help="extract: cuts, density, gaze, objects, text, embeddings-MODEL")
    what.add_argument("--model", metavar="NAME", help="embed: the embedding model, as models list shows it")
    what.add_argument("--classifier", metavar="NAME", help="scan: as models list shows it, or a file")
    what.add_argument("--threshold", type=share, metavar="T", help="scan: 0–1 (default: what the classifier suggests)")
    what.add_argument("--fuse", type=_seconds, metavar="S", help="scan: regions closer than this become one")
    what.add_argument("--retry-failed", action="store_true", help="try again what failed before")
    how = parser.add_argument_group("extract, embed, scan: how")
    how.add_argument("--engine", choices=("local", "ray"), default="local", help="default: local")
    how.add_argument("--address", default="", metavar="A", help="of a Ray cluster (default: one on this machine)")
    how.add_argument("--workers", type=_count, default=0, metavar="N", help="at work at once (default: one per core)")
    how.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="default: auto")
    how.add_argument("--min-free", type=_size, metavar="SIZE", help="stop when a disk has less free (default: 2G)")
    how.add_argument(
        "--cache", type=_size, metavar="SIZE", help="room for remote videos being worked on (default: 20G)"
    )
    how.add_argument("--cache-dir", metavar="DIR", help="where they lie (default: in the data folder)")
    how.add_argument("--timeout", type=_minutes, metavar="MIN", help="give a video up after this (default: 60)")
    table = parser.add_argument_group("export")
    table.add_argument("--csv", metavar="FILE", help="write a CSV file")
    table.add_argument("--parquet", metavar="FILE", help="write a Parquet file")


def run(options: Namespace, paths: DataPaths) -> int:
    """Do what was asked for; a run fails when at least one video did."""
    from core.log import start_logging

    start_logging(paths.prepare().logs, options.verbose)
    actions = {"status": _status, "export": _export, "load": _load}
    return actions.get(options.action, _run)(options, paths)


def _run(options: Namespace, paths: DataPaths) -> int:
    from core.cli.work import working

    _needs(options, "videos")
    start = _starter(options, paths)
    with working(options.json) as work:
        work.tell("checking")
        shown = _Shown(work)
        report = start(ctx=work.ctx, on_start=shown.start, on_result=shown.result)
        return _show_report(report, work)


def _starter(options: Namespace, paths: DataPaths) -> Callable[..., RunReport]:
    """The operation that was asked for, with everything but the context."""
    from functools import partial

    from core.ops import corpus, corpus_scan

    request = _request(options)
    if options.action == "scan":
        _needs(options, "classifier")
        rule = options.threshold, options.fuse
        return partial(corpus_scan.scan, paths, request, options.classifier, *rule, options.device)
    if options.action == "embed":
        _needs(options, "model")
        features = [f"embeddings-{options.model}"]
    else:
        _needs(options, "features")
        features = [name.strip() for name in options.features.split(",") if name.strip()]
    return partial(corpus.extract, paths, request, features, options.device)


def _request(options: Namespace) -> RunRequest:
    from dataclasses import replace

    from core.ops.corpus import RunRequest

    request = RunRequest(
        options.videos,
        options.out,
        engine=options.engine,
        address=options.address,
        workers=options.workers,
        retry_failed=options.retry_failed,
        cache_dir=Path(options.cache_dir).expanduser().absolute() if options.cache_dir else None,
        with_sound=options.action in ("embed", "scan"),
    )
    given = {
        "min_free_bytes": options.min_free,
        "cache_bytes": options.cache,
        "timeout_s": None if options.timeout is None else options.timeout * 60,
    }
    return replace(request, **{name: value for name, value in given.items() if value is not None})


class _Shown:
    """What is told while it runs."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def start(self, corpus: Corpus, plan: Plan) -> None:
        work, videos = self._work, len(corpus.videos)
        work.tell(
            "started",
            videos=videos,
            repeated=corpus.repeated,
            missing=plan.total,
            before=plan.before,
            failed_before=plan.failed_before,
        )
        parts = [f"{count_text(videos, 'video')}, {count_text(plan.total, 'result')} to find"]
        if plan.before:
            parts.append(f"{plan.before:,} there already")
        if plan.failed_before:
            parts.append(f"{plan.failed_before:,} failed before (--retry-failed tries them again)")
        work.say("8-cut: " + ", ".join(parts), error=True)
        if corpus.repeated:
            work.say(f"8-cut: {count_text(corpus.repeated, 'line')} named a video that was named before", error=True)

    def result(self, result: Result) -> None:
        state = "failed" if result.failed else "done"
        reason = {"reason": result.reason} if result.failed else {}
        self._work.tell("result", video=result.video, extractor=result.key.extractor, state=state, **reason)


def _show_report(report: RunReport, work: Work) -> int:
    summary = report.summary
    for video, extractor, reason in summary.failures[:_SHOWN_FAILURES]:
        work.say(f"failed: {video}: {extractor}: {reason}", error=True)
    if len(summary.failures) > _SHOWN_FAILURES:
        work.say(f"… and {len(summary.failures) - _SHOWN_FAILURES:,} more, see {report.logs}", error=True)
    for each in report.wanted:
        name = each.key.extractor
        work.say(f"{name:<24}{summary.done[name]:>9,} done{summary.failed[name]:>9,} failed", error=True)
    rate = summary.done.total() / max(summary.seconds, 1e-3) * 60
    work.say(
        f"8-cut: {count_text(summary.done.total(), 'result')} in {_duration(summary.seconds)}, {rate:,.0f} a minute"
        + (f"; {summary.left:,} are left, start the same command again to go on" if summary.left else "")
        + f"; logs in {report.logs}",
        error=True,
    )
    work.tell(
        "done",
        done=dict(summary.done),
        failed=dict(summary.failed),
        before=summary.before,
        left=summary.left,
        seconds=round(summary.seconds, 3),
        stopped=(str(summary.stopped) or "Cancelled.") if summary.stopped else None,
        logs=str(report.logs),
    )
    if isinstance(summary.stopped, Cancelled):
        return CANCELLED
    if summary.stopped is not None:
        work.say(f"8-cut: {summary.stopped}", error=True)
        return REFUSED
    return FAILED if summary.failed.total() else OK


def _status(options: Namespace, _paths: DataPaths) -> int:
    from core.ops import corpus_results

    status = corpus_results.status(options.out)
    videos = status.run.get("videos")
    if options.json:
        rows = [
            {"extractor": key.extractor, "version": key.version, "done": done, "failed": failed}
            for key, done, failed in status.rows
        ]
        print(json.dumps({"run": status.run, "extractors": rows, "reasons": dict(status.reasons)}))
        return OK
    if status.run:
        print(f"Last run: {status.run['started']}, {videos:,} videos of {status.run['source']}")
    for key, done, failed in status.rows:
        of = f" of {videos:,}" if videos and str(key) in status.run["extractors"] else ""
        print(f"  {key.extractor:<24} version {key.version:<4}{done:>9,} done{failed:>9,} failed{of}")
    for reason, count in status.reasons[:_SHOWN_FAILURES]:
        print(f"  {count:>6,} × {reason}")
    return OK


def _export(options: Namespace, _paths: DataPaths) -> int:
    from core.ops import corpus_results

    if not options.csv and not options.parquet:
        raise UserError("There is nothing to write", "", "Say where with --csv FILE or --parquet FILE")
    rows = corpus_results.export(options.out, options.csv, options.parquet)
    for target in filter(None, (options.csv, options.parquet)):
        if options.json:
            print(json.dumps({"event": "exported", "path": target, "rows": rows}))
        else:
            print(f"{target}: {count_text(rows, 'row')}")
    return OK


def _load(options: Namespace, paths: DataPaths) -> int:
    from core.cli.work import working
    from core.db import ProcessedDB, legacy_history
    from core.ops import corpus_load

    with ProcessedDB(paths.database, adopt_from=legacy_history()) as db, working(options.json) as work:
        loaded, _ = corpus_load.load(db, options.out, work.ctx)
        work.tell("loaded", media=loaded.media, results=loaded.results, columns=loaded.columns)
        work.say(f"{count_text(loaded.results, 'result')} of {count_text(loaded.media, 'video')} loaded")
    return OK


def _needs(options: Namespace, name: str) -> None:
    if not getattr(options, name):
        raise UserError(f"corpus {options.action} needs --{name}", "", "See 8cut.sh corpus --help")


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else time.strftime("%H:%M:%S", time.gmtime(seconds))


def _size(text: str) -> int:
    match = _SIZE.match(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is no size such as 500M or 5G")
    return round(float(match[1]) * _FACTORS[match[2]])


def _seconds(text: str) -> float:
    return within(text, 0.0, 600.0)


def _minutes(text: str) -> float:
    return within(text, 0.01, 100_000.0)


def _count(text: str) -> int:
    return round(within(text, 1, 10_000))
