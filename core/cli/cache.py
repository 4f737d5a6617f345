"""`8cut.sh cache`: how much disk the embeddings take, how much they may, and emptying it."""

from __future__ import annotations

import argparse
import json
from argparse import Namespace

from core.cli.execute import OK
from core.errors import UserError
from core.paths import DataPaths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=("status", "clear", "limit"), help="show how full it is; empty it; set how much it may take"
    )
    parser.add_argument("size", nargs="?", metavar="SIZE", help="the limit, such as 50G; without it the limit is shown")
    parser.add_argument("--model", metavar="MODEL", help="clear only this embedding model's part")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: Namespace, paths: DataPaths) -> int:
    """Everything in the cache can be computed again."""
    from core.domain.amounts import size_text
    from core.job import JobContext
    from core.ops import cache, cache_parts

    if options.size and options.action != "limit":
        raise UserError(f"cache {options.action} takes no size", "", "To set one: 8cut.sh cache limit 50G")
    if options.action == "limit":
        return _limit(options, paths)
    if options.action == "clear":
        freed = cache.clear(paths, options.model)
        print(json.dumps({"freed_bytes": freed}) if options.json else f"Freed {size_text(freed)}.")
        return OK
    stats = cache.status(paths)
    others = [part for part in cache_parts.sizes(paths, JobContext()) if part.name != cache_parts.EMBEDDINGS]
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
                    "parts": {part.name: {"files": part.files, "bytes": part.bytes} for part in others},
                }
            )
        )
        return OK
    print(f"{stats.entries} entries, {size_text(stats.bytes)} of at most {size_text(stats.limit_bytes)}")
    for name, (entries, size) in stats.by_model.items():
        print(f"  {name:<22}{entries:>6} entries  {size_text(size):>10}")
    if stats.unfinished:
        print(f"{stats.unfinished} of them are unfinished; the next scan of their files goes on with them.")
    for part in others:
        if part.files:
            print(f"{part.title:<24}{part.files:>6} files    {size_text(part.bytes):>10}")
    return OK


def _limit(options: Namespace, paths: DataPaths) -> int:
    """Show the limit, or set it; what is too much by then goes at once."""
    from core.domain.amounts import size_text
    from core.ops import cache

    freed = cache.set_limit(paths.prepare(), cache.parse_size(options.size)) if options.size else 0
    limit = cache.limit(paths)
    if options.json:
        print(json.dumps({"limit_bytes": limit, "freed_bytes": freed}))
    else:
        print(f"At most {size_text(limit)}." + (f" Freed {size_text(freed)}." if freed else ""))
    return OK
