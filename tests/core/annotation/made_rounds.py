"""Rounds as if they had been run, of the project of `labelled` and its question MOOD: rows and files, no models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.annotation.round_folder import RoundFolder
from core.db import ProcessedDB
from core.domain.annotation import Project, QueueEntry, Round
from core.domain.split import Split
from core.ops.round_exchange import rounds_home
from core.paths import data_paths
from tests.core.annotation.labelled import MOOD, frame


def metrics_of(number: int, labelled: int = 9) -> dict[str, Any]:
    """What a round of the question MOOD may have measured."""
    sizes = {"labelled": labelled, "pool": 3, "train": 5, "validation": 2, "test": 2}
    per_class = {name: {"f1": 0.5, "support": 1} for name in MOOD.classes}
    intervals = {"macro_f1": [0.25, 0.75], "per_class": {name: {"f1": None} for name in MOOD.classes}}
    test = {"items": 2, "macro_f1": 0.5, "confusion": [[1, 0], [1, 0]], "per_class": per_class, "intervals": intervals}
    task = {
        "classes": list(MOOD.classes),
        "labels": dict.fromkeys(MOOD.classes, 4),
        "accuracy": {"train": 0.75, "validation": None, "test": 0.5},
        "test": test,
        "predictions": {frame(0, 0).key: ["happy", "sad"]},
        "fixed": {frame(0, 1).key: "sad"},
    }
    return {
        "project": "kitchen",
        "kind": "frame",
        "round": number,
        "sizes": {**sizes, "videos": {"train": 3, "validation": 1, "test": 1}},
        "queue": {"chosen": 1},
        "agreement": None,
        "advice": [],
        "tasks": {"mood": task},
    }


def ran(db: ProcessedDB, made: Project, number: int, split: Split, minute: int = 0) -> Path:
    """As if the round had been run on this machine; it asks for the first picture of a training video."""
    folder = rounds_home(data_paths(db.path.parent), made) / f"round_{number:02d}"
    round_folder = RoundFolder(folder, {"project": made.uid, "round": number, "minute": minute})
    round_folder.step("split", split.to_json)
    round_folder.write("metrics.json", json.dumps(metrics_of(number)))
    (folder / "model_mood.safetensors").write_text("weights")
    at = f"2026-11-20T10:{minute:02d}:00.000000+00:00"
    entry = QueueEntry(f"{min(split.train)}#0", 0.5, "uncertain", 1.0)
    db.annotation.set_queue(made.id, number, [entry], at)
    db.annotation.set_round(made.id, Round(number, str(folder), at, metrics_of(number)))
    return folder


def numbered(test: int, *, validation: int = 1, videos: int = 5) -> Split:
    """A split of the made-up videos by their numbers."""
    keys = [f"b3-{number:02d}" for number in range(videos)]
    held = {keys[test], keys[validation]}
    return Split(frozenset(keys) - held, frozenset({keys[validation]}), frozenset({keys[test]}))
