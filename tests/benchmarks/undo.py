"""How long undo and redo hold the GUI thread: `python -m tests.benchmarks.undo`.

A batch leaves for the trash and comes back, with its files, in a history of many batches; the files are small, since a
move within a disk does not depend on their size. Prints medians and the longest of each.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import Audit, CutRequest, ExportSettings, JobState
from core.ops.swap import is_quick, swap
from core.ops.trash import relabel

BATCHES, ROUNDS = 2000, 30
GOOD = Audit(1, 1, 1.0, 1.0)


def fill(db: ProcessedDB, folder: Path, clips: int) -> tuple[int, list[int]]:
    """Many batches without files, and one with; returns the last one's id and its clips."""
    media = db.media.register("b3-bench", "/videos/a.mp4")
    with db.write():
        for number in range(BATCHES):
            made = clips if number == BATCHES - 1 else 3
            request = CutRequest(media, Batch(number / 10, made, 0.5, 2.0), ExportSettings(str(folder / "dogs")))
            job = db.jobs.create(request, lambda *_: False)
            for clip in job.clips:
                db.jobs.clip_done(job.id, clip.index, GOOD)
            db.jobs.set_state(job.id, JobState.DONE)
    for clip in job.clips:
        Path(clip.path).parent.mkdir(parents=True, exist_ok=True)
        Path(clip.path).write_bytes(b"clip")
    return job.batch_id, [clip.id for clip in db.trash.of_batches([job.batch_id])]


def timed(work: Callable[..., object], *arguments: object) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - started) * 1000


def report(what: str, times_ms: list[float]) -> None:
    print(f"{what:<44}{statistics.median(times_ms):7.1f} ms   longest {max(times_ms):6.1f} ms")


def main() -> None:
    for clips in (3, 20, 40):
        with tempfile.TemporaryDirectory() as name, ProcessedDB(Path(name) / "history.db") as db:
            folder, trash = Path(name), Path(name) / "trash"
            batch_id, ids = fill(db, folder, clips)
            assert is_quick(db, trash, ids)
            away, back, labels = [], [], []
            for number in range(ROUNDS):
                away.append(timed(swap, db, trash, ids))
                back.append(timed(swap, db, trash, (), ids))
                labels.append(timed(relabel, db, {batch_id: (str(number), "")}))
            report(f"{clips} clips to the trash", away)
            report(f"{clips} clips back", back)
            report("another label", labels)


if __name__ == "__main__":
    main()
