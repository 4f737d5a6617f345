"""What runs have left in an output folder: how far they came, and their results as one table."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.corpus.extractor import Column, extractor
from core.corpus.place import Place
from core.corpus.results import Key, Results
from core.errors import EightCutError, UserError
from core.ops.corpus import RUN_FILE
from core.ops.corpus_scan import SCAN_COLUMNS, is_scan


@dataclass(frozen=True)
class Status:
    """What an output folder holds.

    Args:
        rows: (key, done, failed) by extractor and version.
        reasons: how often which reason, most frequent first.
        run: of the last run: when, which videos, how many, which extractors; empty where there was none.
    """

    rows: tuple[tuple[Key, int, int], ...]
    reasons: tuple[tuple[str, int], ...]
    run: dict[str, Any] = field(default_factory=dict)


def status(out: str) -> Status:
    """What an output folder holds. Reads the failures only.

    Raises:
        UserError: there is no such folder, or no run has written into it.
    """
    results = Results(Place.of(out))
    note = results.place.read(RUN_FILE)
    rows, reasons = [], Counter()
    for key in results.versions():
        known = results.known(key)
        rows.append((key, len(known.done), len(known.failed)))
        reasons.update(result.reason for result in results.failures(key, known))
    if note is None and not rows:
        raise UserError(f"There are no results in {out}", "No run has written into it", "See 8cut.sh corpus --help")
    return Status(tuple(rows), tuple(reasons.most_common()), json.loads(note) if note else {})


def export(out: str, csv: str | None = None, parquet: str | None = None) -> int:
    """Write the newest version of all results as a table; returns the number of rows.

    Raises:
        UserError: there are no results.
        EnvironmentProblem: the table cannot be written.
    """
    from core.corpus.table import write_csv, write_parquet

    results = Results(Place.of(out))
    columns = {key: columns_of(key) for key in results.newest()}
    if not columns:
        raise UserError(f"There are no results in {out}", "", "Run 8cut.sh corpus extract first")
    rows = 0
    if csv:
        rows = write_csv(results, columns, csv)
    if parquet:
        rows = write_parquet(results, columns, parquet)
    return rows


def columns_of(key: Key) -> tuple[Column, ...] | None:
    """What an extractor's figures mean; None for one, or a version of one, that this program does not know."""
    if is_scan(key):
        return SCAN_COLUMNS
    with suppress(EightCutError):
        one = extractor(key.extractor)
        return one.columns if one.version == key.version else None
    return None
