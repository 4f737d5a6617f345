"""`8cut.sh models`: embedding models and trained classifiers."""

from __future__ import annotations

import argparse
import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from core.cli.execute import OK
from core.errors import UserError
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.learning.model_store import ModelVersion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("list", "fetch", "history", "restore"),
        help="list models and classifiers; fetch a model's weights; "
        "history of a classifier; restore one of its versions",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a model to fetch, or a classifier")
    parser.add_argument("version", nargs="?", metavar="VERSION", help="the time stamp of the version to restore")
    parser.add_argument("--json", action="store_true", help="JSON instead of text")


def run(options: Namespace, paths: DataPaths) -> int:
    """Do what was asked for."""
    action = {"list": _list, "fetch": _fetch, "history": _history, "restore": _restore}[options.action]
    if options.action != "list" and not options.name:
        raise UserError(f"models {options.action} needs a name", "", "See 8cut.sh models list")
    return action(options, paths.prepare())


def _list(options: Namespace, paths: DataPaths) -> int:
    from core.domain.amounts import size_text
    from core.ops import models

    kinds = {"embedding_models": models.embedding_models(paths), "picture_networks": models.picture_networks(paths)}
    classifiers = models.classifiers(paths)
    if options.json:
        rows = {
            kind: [
                {"name": one.name, "dim": one.dim, "licence": one.licence, "source": one.source, "present": one.present}
                for one in found
            ]
            for kind, found in kinds.items()
        }
        print(json.dumps({**rows, "classifiers": classifiers}))
        return OK
    for title, found in zip(("Embedding models", "Networks for frames"), kinds.values(), strict=True):
        print(title)
        for one in found:
            weights = "here" if one.present else f"{size_text(one.size_bytes)} to fetch"
            print(f"  {one.name:<22}{one.dim:>5} numbers  {weights:<18} {one.licence:<14} {one.source}")
    print("Classifiers" if classifiers else "No classifiers yet: 8cut.sh train --help")
    for name in classifiers:
        print(f"  {name}")
    return OK


def _fetch(options: Namespace, paths: DataPaths) -> int:
    from core.cli.work import working
    from core.ops import models

    with working(options.json) as work:
        path = models.fetch(paths, options.name, work.ctx)
        work.tell("done", path=str(path) if path else None)
        work.say(f"{path} is here and is the right file." if path else f"{options.name} needs no weights.")
    return OK


def _history(options: Namespace, paths: DataPaths) -> int:
    from core.ops import models

    versions = models.history(paths, options.name)
    if options.json:
        print(json.dumps({"versions": [_plain(version) for version in versions]}))
        return OK
    for version in versions:
        notes = [mark for mark, on in (("current", version.current), ("pinned", version.pinned)) if on]
        print(f"{version.stamp}  {_metrics(version)}  {' '.join(notes)}".rstrip())
    return OK


def _restore(options: Namespace, paths: DataPaths) -> int:
    from core.ops import models

    if not options.version:
        raise UserError("models restore needs a version", "", f"See 8cut.sh models history {options.name}")
    classifier, _ = models.restore(paths, options.name, options.version)
    if options.json:
        print(json.dumps({"classifier": classifier.name, "version": classifier.version}))
    else:
        print(f"{classifier.name} is now the version {classifier.version}. Scan again to see what it finds.")
    return OK


def _plain(version: ModelVersion) -> dict[str, Any]:
    return {
        "stamp": version.stamp,
        "path": str(version.path),
        "current": version.current,
        "pinned": version.pinned,
        "average_precision": version.report.get("average_precision"),
        "threshold": version.report.get("threshold"),
    }


def _metrics(version: ModelVersion) -> str:
    precision, threshold = version.report.get("average_precision"), version.report.get("threshold")
    parts = [f"average precision {precision:.2f}" if precision is not None else "not evaluated"]
    if threshold is not None:
        parts.append(f"threshold {threshold:.2f}")
    return ", ".join(parts)
