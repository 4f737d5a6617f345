"""`8cut.sh dataset`: write `dataset.json` of export folders anew from the history."""

from __future__ import annotations

import argparse
import json
from argparse import Namespace

from core.cli.execute import OK
from core.paths import DataPaths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("rebuild",), help="write the file anew from the history")
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="*", help="the folder above vid_001; every export folder when none is named"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of text")


def run(options: Namespace, paths: DataPaths) -> int:
    """A `dataset.json` that makes no sense is kept aside, not overwritten."""
    from core.db import ProcessedDB
    from core.media.manifest import FILE_NAME
    from core.ops import manifest

    with ProcessedDB(paths.prepare().database) as db:
        folders = [manifest.known_folder(db, folder) for folder in options.folder] or db.clips.folders()
        for folder in folders:
            count = manifest.rebuild(db, folder)
            if options.json:
                print(json.dumps({"folder": folder, "clips": count}))
            else:
                print(f"{folder}: {count} clips in {FILE_NAME}")
    return OK
