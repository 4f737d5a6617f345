"""Kill -9 in the middle of a batch: no half file, the history right, the job offered again and finished."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import ClipState, ExportJob, JobState
from core.job import JobContext
from core.media.probe import probe
from core.ops import cut
from tests.core.ops.test_cut import ROOT, files, request_for, written
from tests.media_factory import MediaShelf, read_counter

DEADLINE_S = 120.0
RUN = (
    "import sys\nfrom core.db import ProcessedDB\nfrom core.job import JobContext\nfrom core.ops import cut\n"
    "cut.run(ProcessedDB(sys.argv[1]), int(sys.argv[2]), JobContext())\n"
)


def kill_when(db: ProcessedDB, job: ExportJob, condition: Callable[[], bool]) -> None:
    """Run the job in a process of its own and kill that as soon as the condition holds, before it has ended."""
    with subprocess.Popen([sys.executable, "-c", RUN, str(db.path), str(job.id)], cwd=ROOT) as process:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.01)
                pytest.fail("the export ended before it could be killed")
            assert time.monotonic() < deadline, "the condition never came about"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def first_shown(path: str) -> int:
    import av

    with av.open(path) as container:
        return read_counter(next(container.decode(video=0)).to_ndarray(format="gray"))


@pytest.mark.parametrize("moment", ["encoding", "cutting", "first clip done"])
def test_killed_in_the_middle(moment: str, media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("gop250_25", tmp_path / "source.mp4")
    db = ProcessedDB(tmp_path / "history.db")
    # Seven clips far apart: two runs of ffmpeg.
    job = cut.plan(db, request_for(db, source, Batch(1.0, 7, 3.0, 2.0), preset="medium"))
    folder = Path(job.clips[0].path).parent
    conditions = {
        "encoding": lambda: any(folder.glob(".8cut-*-picture.partial")),
        "cutting": lambda: any(folder.glob(".8cut-*-clip.partial")),
        "first clip done": lambda: any(clip.state is ClipState.DONE for clip in db.jobs.get(job.id).clips),
    }
    kill_when(db, job, conditions[moment])

    # What carries a clip's name is a whole clip, and all that is half made is hidden.
    for clip in db.jobs.get(job.id).clips:
        if Path(clip.path).exists():
            assert probe(clip.path).video.frame_count == 50
        else:
            assert clip.state is not ClipState.DONE
    assert all(path.name.startswith((".8cut-", "clip_001_")) for path in folder.iterdir())

    cut.clean_partials(db)
    assert not list(folder.glob(".*"))
    (offered,) = cut.interrupted(db)
    assert offered.id == job.id and offered.state is JobState.RUNNING
    before = {clip.path: written(clip.path) for clip in offered.clips if clip.state is ClipState.DONE}

    summary, _ = cut.run(db, job.id, JobContext())
    assert len(summary.done) == 7 and not summary.failed
    assert not cut.interrupted(db)
    assert {path: written(path) for path in before} == before
    assert files(tmp_path / "dog") == ["dataset.json", *(f"vid_001/clip_001_m1_{index}.mp4" for index in range(7))]
    for clip in db.jobs.get(job.id).clips:
        assert first_shown(clip.path) == round(clip.start_s * 25)
        assert clip.audit.ok
    db.close()


def test_killed_between_the_last_clip_and_the_manifest(media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("tiny", tmp_path / "source.mp4")
    db = ProcessedDB(tmp_path / "history.db")
    job = cut.plan(db, request_for(db, source))
    cut.run(db, job.id, JobContext())
    manifest = tmp_path / "dog" / "dataset.json"
    whole = manifest.read_bytes()
    manifest.unlink()
    db.jobs.set_state(job.id, JobState.RUNNING)
    cut.run(db, job.id, JobContext())
    assert manifest.read_bytes() == whole
    assert db.jobs.get(job.id).state is JobState.DONE
    manifest.unlink()
    cut.discard(db, job.id)
    assert manifest.read_bytes() == whole
    db.close()
