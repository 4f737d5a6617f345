"""`8cut.sh cache`: how much disk the embeddings take, and emptying it."""

from __future__ import annotations

import argparse
import json
from argparse import Namespace

from core.cli.execute import OK
from core.paths import DataPaths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("status", "clear"), help="show how full it is, or empty it")
    parser.add_argument("--model", metavar="MODEL", help="clear only this embedding model's part")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: Namespace, paths: DataPaths) -> int:
    """Everything in the cache can be computed again."""
    from core.cli.work import size_text
    from core.ops import cache

    if options.action == "clear":
        freed = cache.clear(paths, options.model)
        print(json.dumps({"freed_bytes": freed}) if options.json else f"Freed {size_text(freed)}.")
        return OK
    stats = cache.status(paths)
    if options.json:
        models = {name: {"entries": entries, "bytes": size} for name, (entries, size) in stats.by_model.items()}
        print(
            json.dumps(
                {
                    "entries": stats.entries,
                    "bytes": stats.bytes,
                    "limit_bytes": stats.limit_bytes,
                    "unfinished": stats.unfinished,
                    "models": models,
                }
            )
        )
        return OK
    print(f"{stats.entries} entries, {size_text(stats.bytes)} of at most {size_text(stats.limit_bytes)}")
    for name, (entries, size) in stats.by_model.items():
        print(f"  {name:<22}{entries:>6} entries  {size_text(size):>10}")
    if stats.unfinished:
        print(f"{stats.unfinished} of them are unfinished; the next scan of their files goes on with them.")
    return OK
