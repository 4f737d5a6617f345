"""How fast the history answers when it is large: `python -m tests.benchmarks.history [--clips 1000000 --media 10000]`.

Builds a history in a temporary file, then prints median and 99th percentile of what the window waits for, and beside
them the same question asked without the index that answers it.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings
from core.storage.rows import settings_to_json

CLIPS_PER_BATCH = 3
NOW = "2026-11-30T12:00:00.000000+00:00"


class _RolledBack(Exception):
    """Ends a measured transaction without keeping it."""


def build(path: Path, clips: int, media: int) -> None:
    """Fill a fresh history: clips spread evenly over media, all finished, in one transaction."""
    ProcessedDB(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for table, rows in _rows(clips // CLIPS_PER_BATCH, media).items():
        columns, values = rows
        marks = ", ".join("?" * (columns.count(",") + 1))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
    connection.execute("UPDATE profiles SET last_media_number = ?", (media,))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _rows(batches: int, media: int) -> dict[str, tuple[str, Iterator[tuple]]]:
    settings = settings_to_json(ExportSettings("/exports/class"))
    ids = range(1, media + 1)

    def of(batch: int) -> tuple[int, int]:
        return (batch - 1) % media + 1, (batch - 1) // media + 1

    def batch_rows() -> Iterator[tuple]:
        for batch in range(1, batches + 1):
            owner, number = of(batch)
            name = f"class{owner % 8}"
            group = f"clip_{owner:03d}_m{number}.mp4"
            yield (batch, 1, owner, number, 20.0 * number, 3, 3.0, 8.0, f"/exports/{name}", name, group, settings, NOW)

    def clip_rows() -> Iterator[tuple]:
        for batch in range(1, batches + 1):
            owner, number = of(batch)
            stem = f"/exports/class{owner % 8}/vid_{owner:03d}/clip_{owner:03d}_m{number}"
            for index in range(CLIPS_PER_BATCH):
                yield batch, index, 20.0 * number + 3 * index, 8.0, f"{stem}_{index}.mp4", "done", NOW

    return {
        "media": ("id, content_key, path, created_at", ((i, f"b3-{i:x}", f"/videos/{i}.mp4", NOW) for i in ids)),
        "media_paths": ("media_id, path, seen_no, seen_at", ((i, f"/videos/{i}.mp4", i, NOW) for i in ids)),
        "media_names": ("name, media_id", ((f"{i}.mp4", i) for i in ids)),
        "media_numbers": ("profile_id, media_id, number", ((1, i, i) for i in ids)),
        "batches": (
            "id, profile_id, media_id, number, cursor_s, clips, spread_s, duration_s, folder, class_name, clip_group,"
            " settings, created_at",
            batch_rows(),
        ),
        "clips": ("batch_id, clip_index, start_s, duration_s, path, state, created_at", clip_rows()),
    }


def measure(call: Callable[[int], object], times: int) -> list[float]:
    """Milliseconds of each of `times` calls, after one that does not count."""
    call(0)
    spent = []
    for number in range(1, times + 1):
        start = time.perf_counter()
        call(number)
        spent.append((time.perf_counter() - start) * 1000)
    return spent


def report(name: str, spent: list[float], baseline: list[float] | None = None) -> None:
    """One line of the table."""
    median = statistics.median(spent)
    p99 = sorted(spent)[min(len(spent) - 1, int(len(spent) * 0.99))]
    line = f"{name:<34}{median:>9.2f} ms{p99:>9.2f} ms"
    if baseline:
        without = statistics.median(baseline)
        line += f"{without:>11.1f} ms{without / median:>8.0f}×"
    print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1_000_000)
    parser.add_argument("--media", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="8cut-benchmark-") as folder:
        path = Path(folder) / "history.db"
        start = time.perf_counter()
        build(path, options.clips, options.media)
        size = path.stat().st_size / 2**20
        print(f"{options.clips:,} clips of {options.media:,} media: {size:.0f} MiB, built in", end=" ")
        print(f"{time.perf_counter() - start:.1f} s\n{'':<34}{'median':>12}{'p99':>12}{'no index':>14}{'ratio':>9}")
        _measure_all(path, options.media, options.times)


def _measure_all(path: Path, media: int, times: int) -> None:
    report("open", measure(lambda _: ProcessedDB(path).close(), times))
    with ProcessedDB(path) as db:

        def any_media(number: int) -> int:
            return number * 7919 % media + 1

        def create_and_roll_back(number: int) -> None:
            owner = db.media.get(any_media(number)) if number % 2 else db.media.register("b3-new", "/videos/new.mp4")
            with contextlib.suppress(_RolledBack), db.write():
                db.jobs.create(CutRequest(owner, Batch(5.0), ExportSettings("/exports/class")), lambda *_: False)
                raise _RolledBack

        scan = sqlite3.connect(path)

        def markers_unindexed(number: int) -> None:
            scan.execute(
                "SELECT c.path FROM batches b NOT INDEXED JOIN clips c ON c.batch_id = b.id"
                " WHERE +b.media_id = ? AND c.state = 'done' ORDER BY b.cursor_s",
                (any_media(number),),
            ).fetchall()

        def numbers_unindexed(number: int) -> None:
            scan.execute(
                "SELECT max(number) FROM batches NOT INDEXED WHERE media_id = ?", (any_media(number),)
            ).fetchone()

        report(
            "markers of a media",
            measure(lambda number: db.clips.markers(any_media(number), "default"), times),
            measure(markers_unindexed, 5),
        )
        report("next numbers (create a job)", measure(create_and_roll_back, times), measure(numbers_unindexed, 5))
        report("whose file is this path", measure(lambda n: db.media.by_path(f"/videos/{any_media(n)}.mp4"), times))
        report("clips per media, whole profile", measure(lambda _: db.clips.counts("default"), 5))
        report("training statistics", measure(lambda _: db.get_training_stats(), 5))
        scan.close()


if __name__ == "__main__":
    main()
