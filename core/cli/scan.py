"""`8cut.sh scan`: find a sound in files and folders."""

from __future__ import annotations

import argparse
import csv
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.execute import FAILED, OK
from core.cli.numbers import share
from core.domain.amounts import count_text
from core.domain.speech import SpeechFilter
from core.domain.timecode import format_time
from core.errors import EnvironmentProblem, UserError
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.cli.work import Work
    from core.ops.scan import Scanned, ScanSummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("media", nargs="+", metavar="MEDIA", help="files, and folders of files")
    parser.add_argument("--classifier", required=True, metavar="NAME", help="as models list shows it, or a file")
    parser.add_argument("--threshold", type=share, metavar="T", help="0–1 (default: what the classifier suggests)")
    parser.add_argument("--fuse", type=_gap, metavar="S", help="regions closer than this become one (default: 4)")
    parser.add_argument(
        "--speech",
        choices=[each.value for each in SpeechFilter],
        default=SpeechFilter.ANY.value,
        help="tell only of regions where someone speaks, or without those (default: any)",
    )
    parser.add_argument("--profile", default="default", help="the profile that remembers the scan (default: default)")
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="default: auto")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--csv", metavar="FILE", help="write the regions as a table; - for standard output")
    output.add_argument("--json", action="store_true", help="tell what happens in JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int:
    """Scan; fails when at least one file could not be scanned."""
    from core.cli.work import working
    from core.db import ProcessedDB, legacy_history
    from core.log import start_logging
    from core.ops import scan
    from core.ops.cache import open_embedder
    from core.ops.media import media_files
    from core.ops.models import open_classifier

    start_logging(paths.prepare().logs, options.verbose)
    classifier = open_classifier(paths, options.classifier)
    rule = scan.rule_for(classifier, options.threshold, options.fuse)
    files = list(dict.fromkeys(media_files(options.media)))
    if not files:
        raise UserError("There is nothing to scan", f"No video or audio files in {', '.join(options.media)}")
    with (
        ProcessedDB(paths.database, adopt_from=legacy_history()) as db,
        open_embedder(paths, options.device) as embedder,
        working(options.json) as work,
    ):
        media, unreadable = scan.media_of(db, files)
        quiet, by, shown = options.csv == "-", SpeechFilter(options.speech), []

        def on_scanned(one: Scanned) -> None:
            shown.append(_chosen(one, by, paths, work))
            _show(shown[-1], work, quiet)

        summary, _ = scan.scan_all(db, media, options.profile, classifier, embedder, rule, work.ctx, on_scanned)
        summary = replace(summary, scanned=tuple(shown))
        failed = [*unreadable, *summary.failed]
        for path, reason in failed:
            work.tell("failed", path=path, reason=reason)
            work.say(f"failed: {path}: {reason}", error=True)
        if options.csv:
            _write_csv(options.csv, summary)
        _show_summary(summary, len(failed), work)
    return FAILED if failed else OK


def _chosen(scanned: Scanned, by: SpeechFilter, paths: DataPaths, work: Work) -> Scanned:
    """The regions to tell of; speech is looked for only where it decides."""
    from core.ops import speech

    if by is SpeechFilter.ANY or not scanned.regions:
        return scanned
    found = speech.track(scanned.media, paths.cache, work.ctx)
    return replace(scanned, regions=speech.choose(scanned.regions, found, by))


def _show(scanned: Scanned, work: Work, quiet: bool) -> None:
    regions = [
        {"start_s": row.start_s, "end_s": row.end_s, "score": row.hit.score, "disabled": row.disabled}
        for row in scanned.regions
    ]
    work.tell("scanned", path=scanned.media.path, timestamp=scanned.timestamp, regions=regions, new=scanned.again)
    if quiet:
        return
    for row in scanned.regions:
        times = f"{format_time(row.start_s, 1)} – {format_time(row.end_s, 1)}"
        work.say(f"{scanned.media.path}  {times}  {row.hit.score:.2f}{'  (disabled)' if row.disabled else ''}")


def _show_summary(summary: ScanSummary, failed: int, work: Work) -> None:
    empty = len(summary.without_hits)
    work.tell(
        "done",
        files=len(summary.scanned),
        regions=summary.regions,
        without_hits=empty,
        known_before=summary.known_before,
        failed=failed,
    )
    parts = [f"{count_text(summary.regions, 'region')} in {count_text(len(summary.scanned), 'file')}"]
    if empty:
        parts.append(f"{empty} without any")
    if summary.known_before:
        parts.append(f"{summary.known_before} scanned before")
    if failed:
        parts.append(f"{failed} failed")
    work.say("8-cut: " + ", ".join(parts), error=True)


def _write_csv(target: str, summary: ScanSummary) -> None:
    try:
        if target == "-":
            _write_rows(sys.stdout, summary)
        else:
            with Path(target).open("w", newline="", encoding="utf-8") as file:
                _write_rows(file, summary)
    except OSError as error:
        raise EnvironmentProblem(f"{target} cannot be written", error.strerror or str(error), "") from error


def _write_rows(file: object, summary: ScanSummary) -> None:
    writer = csv.writer(file)
    writer.writerow(("file", "start_s", "end_s", "score"))
    for one in summary.scanned:
        for row in one.regions:
            writer.writerow((one.media.path, f"{row.start_s:.3f}", f"{row.end_s:.3f}", f"{row.hit.score:.4f}"))


def _gap(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 600.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 600 seconds")
    return value
