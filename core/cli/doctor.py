"""`8cut.sh doctor`: check this machine and say what to do about what is missing."""

from __future__ import annotations

import argparse
import json
from argparse import Namespace
from typing import TYPE_CHECKING

from core.cli.execute import FAILED, OK
from core.domain.amounts import count_text
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.ops.doctor import Finding

_MARKS = {"good": ("✓", "green"), "note": ("·", "dim"), "warning": ("!", "yellow"), "bad": ("✗", "red")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="do not look for a graphics card, which loads torch")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def run(options: Namespace, paths: DataPaths) -> int:
    """Print the report; fails when something is missing without which 8-cut cannot do its work."""
    from core.ops.doctor import Verdict, examine

    findings = []
    show = None if options.json else _Table()
    for finding in examine(paths, quick=options.quick):
        findings.append(finding)
        if show:
            show.add(finding)
    bad = sum(finding.verdict is Verdict.BAD for finding in findings)
    if options.json:
        print(json.dumps({"ok": not bad, "findings": [_plain(finding) for finding in findings]}, indent=2))
    elif show:
        show.finish(bad)
    return FAILED if bad else OK


def _plain(finding: Finding) -> dict[str, str]:
    return {
        "section": finding.section,
        "name": finding.name,
        "verdict": finding.verdict.value,
        "text": finding.text,
        "fix": finding.fix,
    }


class _Table:
    """The report on a terminal, line by line as the answers come."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False)
        self._section = ""

    def add(self, finding: Finding) -> None:
        from rich.table import Table
        from rich.text import Text

        if finding.section != self._section:
            self._section = finding.section
            self._console.print(f"\n[bold]{finding.section}[/bold]")
        mark, style = _MARKS[finding.verdict.value]
        text = Text(finding.text)
        if finding.fix:
            text.append(f"\n→ {finding.fix}", style="bold")
        row = Table.grid(padding=(0, 1))
        row.add_column(width=2, justify="right")
        row.add_column(width=18)
        row.add_column(overflow="fold")
        row.add_row(Text(mark, style=style), finding.name, text)
        self._console.print(row)

    def finish(self, bad: int) -> None:
        problems = count_text(bad, "problem")
        verdict = f"[red]{problems} to solve before 8-cut can do its work.[/red]" if bad else "8-cut is ready to work."
        self._console.print(f"\n{verdict}")
