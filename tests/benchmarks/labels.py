"""Labels in large numbers: `python -m tests.benchmarks.labels [--quick]`.

A project of 20,000 items with 48,000 answers of three coders. Every figure stands beside a baseline of the same run:
what the bare database, the bare file or a plain loop takes for the same. Last, two coders in two processes on one
database label 1,000 items each, and what they left is counted.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.db import ProcessedDB
from core.domain.annotation import DISTANCE, PERSPECTIVE, Answer, Item, ItemKind, Project
from core.learning import agreement as figures
from core.ops import label
from core.ops.label_exchange import export_labels, import_labels
from tests.core.annotation.labelled import project
from tests.core.ops import test_label_processes as coders

TASKS = (PERSPECTIVE, DISTANCE)
CODERS = ("anna", "bo", "cleo")


def fill(db: ProcessedDB, videos: int, frames: int, answered: int) -> Project:
    """A project whose coders have answered the first `answered` steps of their queues."""
    made, _ = label.create_project(db, "kitchen", ItemKind.FRAME, TASKS, overlap=0.5)
    keys = [f"b3-{video:032x}" for video in range(videos)]
    with db.write():
        for key in keys:
            db.media.register(key, f"/films/{key}.mp4")
        db.annotation.add_items(
            made.id,
            [Item(key, ItemKind.FRAME, frame, frame / 25, frame / 25) for key in keys for frame in range(frames)],
        )
        for coder in CODERS:
            db.annotation.add_coder(made.id, coder)
    draw, number, answers = random.Random(1), 0, []
    for coder in CODERS:
        for step in label.queue(db, made, coder).steps[:answered]:
            number += 1
            at = f"2026-11-20T10:00:00.{number:06d}+00:00"
            for task in TASKS:
                uid, said = str(uuid.UUID(int=draw.getrandbits(128))), draw.choice(task.answers)
                answers.append(
                    Answer(uid, step.item.key, task.name, coder, said, seconds=2.0, saved_at=at, repeat=step.repeat)
                )
    db.annotation.merge_answers(made.id, answers)
    return made


def spent_ms(work: Callable[[], object], times: int = 1) -> float:
    """The median of several runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found)


def show(what: str, mine: float, baseline: str, other: float) -> None:
    print(f"{what:<46}{mine:>9.1f} ms   {baseline:<42}{other:>9.1f} ms   {mine / other:>6.2f} ×", flush=True)


def saving(db: ProcessedDB, made: Project, folder: Path) -> None:
    """A save and an undo against two bare rows in a transaction of their own."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = NORMAL")
    bare.execute("CREATE TABLE answers (uid TEXT PRIMARY KEY, item TEXT, label TEXT)")

    def rows() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO answers VALUES (?, 'b3-1#1', 'NA')", [(str(uuid.uuid4()),) for _ in TASKS])
        bare.execute("COMMIT")

    queue = label.queue(db, made, "anna")

    def save() -> None:
        step = queue.next_open()
        label.save(db, made, "anna", step, {task.name: "NA" for task in TASKS})
        queue.mark(step)

    plain = spent_ms(rows, 200)
    show("save two tasks, find the next item", spent_ms(save, 200), "two bare rows", plain)
    show("undo", spent_ms(lambda: label.undo(db, made, "anna"), 100), "two bare rows", plain)
    bare.close()


def queueing(db: ProcessedDB, made: Project) -> None:
    """Building a queue against reading and shuffling the keys."""

    def shuffle() -> None:
        keys = [item.key for item in db.annotation.items(made.id)]
        random.Random(1).shuffle(keys)

    mine = spent_ms(lambda: label.queue(db, made, "anna"), 3)
    show("build a queue", mine, "read the items and shuffle them", spent_ms(shuffle, 3))


def agreeing(videos: int, per_video: int) -> None:
    """Intervals of a thousand resamples against computing twenty of them one after the other."""
    draw = np.random.default_rng(1)
    codes = draw.integers(-1, 4, (videos * per_video, 3))
    groups = np.repeat(np.arange(videos), per_video)
    table = figures.Ratings(codes, groups, PERSPECTIVE.answers, CODERS, tuple(map(str, range(len(codes)))))

    def loop() -> None:
        for _ in range(20):
            rows = np.concatenate([np.flatnonzero(groups == each) for each in draw.integers(0, videos, videos)])
            figures.alpha(figures.coincidences(codes[rows], np.zeros(len(rows), int), 1, 4).sum(axis=0))

    mine = spent_ms(lambda: figures.agreement(table), 3)
    show("all figures, 1,000 resamples each", mine, "alpha alone, 1,000 resamples in a loop", 50 * spent_ms(loop))


def exchanging(db: ProcessedDB, made: Project, folder: Path) -> None:
    """Writing and merging a label file against writing and parsing its lines."""
    file = folder / "labels.jsonl"
    mine = spent_ms(lambda: export_labels(db, made, file))
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def write() -> None:
        (folder / "bare.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    show("export", mine, "write its lines", spent_ms(write))
    parse = spent_ms(lambda: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])
    with ProcessedDB(folder / "other.db") as other:
        show("merge into a new history", spent_ms(lambda: import_labels(other, file)), "parse its lines", parse)
        show("merge the same again", spent_ms(lambda: import_labels(other, file)), "parse its lines", parse)


def together(folder: Path, count: int) -> None:
    """Two coders at once against one alone, and what is in the history afterwards."""

    def run(names: tuple[str, ...]) -> tuple[float, str]:
        path = folder / f"{len(names)}.db"
        with ProcessedDB(path) as db:
            made = project(db, videos=50, frames=40, tasks=coders.TASKS, overlap=0.5)
            children = [coders.start(path, name, count) for name in names]
            start = time.perf_counter()
            for child in children:
                coders.go(child)
            said = [coders.end(child) for child in children]
            ms = (time.perf_counter() - start) * 1000
            found = [coders.saved(db, made, name) for name in names]
        lost = sum(len(set(own) - set(there)) for own, there in zip(said, found, strict=True))
        doubled = sum(number > len(coders.TASKS) for there in found for number in there.values())
        return ms, f"{sum(map(len, said)):,} labels: {lost} lost, {doubled} doubled"

    (two, counted), (one, _) = run(CODERS[:2]), run(CODERS[:1])
    show(f"two coders at once, {count:,} items each", two, "one coder alone", one)
    print(counted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    share = 10 if parser.parse_args().quick else 1
    videos, frames = 500 // share, 40
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ProcessedDB(folder / "history.db") as db:
            made = fill(db, videos, frames, 8000 // share)
            items, answers = len(db.annotation.items(made.id)), len(db.annotation.answers(made.id, current=False))
            print(f"{items:,} items of {videos:,} videos, {answers:,} answers of {len(CODERS)} coders")
            saving(db, made, folder)
            queueing(db, made)
            exchanging(db, made, folder)
        agreeing(videos, frames)
        together(folder, 1000 // share)


if __name__ == "__main__":
    main()
