"""Batches through the history: planned, made, interrupted, retried, and nothing overwritten."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.changes import Kind
from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import ClipState, CutRequest, ExportSettings, JobState
from core.errors import Cancelled, EnvironmentProblem, UserError
from core.job import JobContext
from core.media.claim import claim
from core.media.identity import content_key
from core.ops import cut
from core.ops.manifest import rebuild
from tests.media_factory import MediaShelf

ROOT = Path(__file__).resolve().parents[3]
SHORT = Batch(0.2, 2, 0.5, 2.0)


def request_for(
    db: ProcessedDB, source: Path, batch: Batch = SHORT, profile: str = "default", **settings: object
) -> CutRequest:
    media = db.media.register(content_key(source), str(source))
    chosen = ExportSettings(str(source.parent / "dog"), label="bark", preset="ultrafast")
    return CutRequest(media, batch, replace(chosen, **settings), profile)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def written(path: str) -> tuple[int, int, int]:
    """What changes when a file is replaced or written to."""
    status = Path(path).stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def failing_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(program))


def test_a_batch_from_plan_to_manifest(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    job = cut.plan(db, request_for(db, source))
    assert job.state is JobState.WAITING
    assert not (tmp_path / "dog").exists()
    summary, changes = cut.run(db, job.id, JobContext())
    assert files(tmp_path / "dog") == ["dataset.json", "vid_001/clip_001_m1_0.mp4", "vid_001/clip_001_m1_1.mp4"]
    assert [Path(path).name for path in summary.done] == ["clip_001_m1_0.mp4", "clip_001_m1_1.mp4"]
    assert not summary.failed
    assert changes.touches(Kind.CLIPS, job.request.media.id)
    finished = db.jobs.get(job.id)
    assert finished.state is JobState.DONE
    assert all(clip.audit.ok and clip.audit.frames == 50 for clip in finished.clips)
    (marker,) = db.clips.markers(job.request.media.id, "default")
    assert marker.batch.cursor_s == 0.2
    entries = json.loads((tmp_path / "dog" / "dataset.json").read_text())
    assert entries[0] == {
        "path": "vid_001/clip_001_m1_0.mp4",
        "label": "bark",
        "category": "",
        "source": str(source),
        "start": 0.2,
        "duration": 2.0,
        "fps": 25.0,
        "size": [160, 120],
        "crop": None,
        "profile": "default",
    }
    assert len(entries) == 2


def test_the_cursor_goes_to_the_frame_that_is_shown(db: ProcessedDB, source: Path) -> None:
    job = cut.plan(db, request_for(db, source, replace(SHORT, cursor_s=0.235)))
    assert job.request.batch.cursor_s == pytest.approx(0.2)


def test_the_next_batch_gets_the_next_number(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    taken = tmp_path / "dog" / "vid_001"
    taken.mkdir(parents=True)
    (taken / "clip_001_m1_0.mkv").write_bytes(b"theirs")
    for _ in range(2):
        cut.run(db, cut.plan(db, request_for(db, source, replace(SHORT, clips=1))).id, JobContext())
    assert files(taken) == ["clip_001_m1_0.mkv", "clip_001_m2_0.mp4", "clip_001_m3_0.mp4"]
    assert (taken / "clip_001_m1_0.mkv").read_bytes() == b"theirs"


def test_a_file_that_appears_after_planning_is_not_overwritten(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    job = cut.plan(db, request_for(db, source))
    theirs = Path(job.clips[1].path)
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"theirs")
    summary, _ = cut.run(db, job.id, JobContext())
    assert theirs.read_bytes() == b"theirs"
    assert summary.failed == ((str(theirs), "Another file has its name"),)
    assert db.jobs.get(job.id).state is JobState.FAILED


def test_subprofile_and_sound_only(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("audio_only", tmp_path / "rain.wav")
    request = replace(request_for(db, source, Batch(1.0, 1)), subprofile="near")
    summary, _ = cut.run(db, cut.plan(db, request).id, JobContext())
    assert summary.done == (str(tmp_path / "dog_near" / "vid_001" / "clip_001_m1_0.mp4"),)
    (entry,) = json.loads((tmp_path / "dog_near" / "dataset.json").read_text())
    assert (entry["fps"], entry["size"]) == (None, None)


@pytest.mark.parametrize(
    ("settings", "batch", "sentence"),
    [
        ({"name": "a/b"}, SHORT, "cannot be the name"),
        ({"name": ""}, SHORT, "It is empty"),
        ({"name": "CON"}, SHORT, "Windows"),
        ({"folder": ""}, SHORT, "no export folder"),
        ({"folder": "dog"}, SHORT, "no export folder"),
        ({"format": "GIF"}, SHORT, "no such format"),
        ({"crf": 60}, SHORT, "from 0 to 51"),
        ({"preset": "warp"}, SHORT, "no preset warp"),
        ({"audio": "loud"}, SHORT, "lossless, aac, none"),
        ({"audio_track": 4}, SHORT, "no audio track 5"),
        ({}, replace(SHORT, clips=100), "from 1 to 99"),
        ({}, replace(SHORT, duration_s=1.0), "from 2 to 30"),
        ({}, replace(SHORT, spread_s=0.1), "from 0.5 to 30"),
        ({}, replace(SHORT, cursor_s=-1.0), "before the start"),
        ({}, replace(SHORT, cursor_s=float("nan")), "before the start"),
        ({}, replace(SHORT, cursor_s=9.0), "The cursor is past the end.*latest possible start is 00:00:00.500"),
        ({}, replace(SHORT, cursor_s=0.56), "would run past the end.*latest possible start is 00:00:00.500"),
        ({}, replace(SHORT, clips=9), "At most 3 clips"),
        ({}, replace(SHORT, duration_s=8.0), "only 3.00 s long"),
    ],
)
def test_requests_that_cannot_be(db: ProcessedDB, source: Path, settings: dict, batch: Batch, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        cut.plan(db, request_for(db, source, batch, **settings))
    assert not db.jobs.open()
    assert not (source.parent / "dog").exists()


def test_the_latest_possible_start_works(db: ProcessedDB, source: Path) -> None:
    summary, _ = cut.run(db, cut.plan(db, request_for(db, source, replace(SHORT, cursor_s=0.5))).id, JobContext())
    assert len(summary.done) == 2


def test_the_end_of_sound_alone(db: ProcessedDB, media: MediaShelf) -> None:
    source = media("audio_only")
    settings = {"folder": "/nowhere/at/all"}
    with pytest.raises(UserError, match=r"latest possible start is 00:00:06\.000"):
        cut.plan(db, request_for(db, source, Batch(13.0), **settings))


def test_a_source_that_was_replaced_or_removed(db: ProcessedDB, source: Path, media: MediaShelf) -> None:
    job = cut.plan(db, request_for(db, source))
    original = source.read_bytes()
    shutil.copyfile(media("no_audio"), source)
    with pytest.raises(UserError, match="is not the file it was"):
        cut.run(db, job.id, JobContext())
    assert db.jobs.get(job.id).state is JobState.FAILED
    source.unlink()
    with pytest.raises(UserError, match="is not there"):
        cut.run(db, job.id, JobContext())
    assert not Path(job.clips[0].path).parent.exists()
    moved = source.with_name("moved.mp4")
    moved.write_bytes(original)
    db.media.register(content_key(moved), str(moved))
    summary, _ = cut.run(db, job.id, JobContext())
    assert len(summary.done) == 2


def test_what_failed_can_be_retried_alone(
    db: ProcessedDB, media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = media.copy("gop250_25", tmp_path / "source.mp4")
    job = cut.plan(db, request_for(db, source, Batch(1.0, 3, 5.0, 2.0)))
    failing_ffmpeg(tmp_path, monkeypatch, 'case "$*" in *trim=start=6.0*) exit 1;; esac\nexec ffmpeg "$@"')
    summary, _ = cut.run(db, job.id, JobContext())
    assert [Path(path).name for path, _ in summary.failed] == ["clip_001_m1_1.mp4"]
    assert db.jobs.get(job.id).state is JobState.FAILED
    before = written(summary.done[0])
    monkeypatch.delenv("EIGHTCUT_FFMPEG")
    summary, _ = cut.run(db, job.id, JobContext())
    assert len(summary.done) == 3 and not summary.failed
    assert db.jobs.get(job.id).state is JobState.DONE
    assert written(summary.done[0]) == before


def test_a_full_disk_keeps_what_is_done(
    db: ProcessedDB, media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = media.copy("gop250_25", tmp_path / "source.mp4")
    # Five clips far apart are two runs of ffmpeg; the disk is full in the second.
    job = cut.plan(db, request_for(db, source, Batch(1.0, 5, 4.5, 2.0)))
    script = 'args=()\nfor arg; do case "$arg" in *.partial) arg=/dev/full;; esac; args+=("$arg"); done\n'
    script += 'case "$*" in *trim=start=19.0*) exec ffmpeg "${args[@]}";; esac\nexec ffmpeg "$@"'
    failing_ffmpeg(tmp_path, monkeypatch, script)
    with pytest.raises(EnvironmentProblem, match="finished clips are kept"):
        cut.run(db, job.id, JobContext())
    after = db.jobs.get(job.id)
    assert after.state is JobState.FAILED
    assert [clip.state for clip in after.clips] == [ClipState.DONE] * 4 + [ClipState.PLANNED]
    assert len(json.loads((tmp_path / "dog" / "dataset.json").read_text())) == 4
    assert len(files(tmp_path / "dog")) == 5


def test_ffmpeg_missing(db: ProcessedDB, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = cut.plan(db, request_for(db, source))
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(tmp_path / "nowhere"))
    with pytest.raises(EnvironmentProblem, match="ffmpeg was not found"):
        cut.run(db, job.id, JobContext())
    assert db.jobs.get(job.id).state is JobState.FAILED
    assert not Path(job.clips[0].path).parent.exists()


def test_a_folder_that_cannot_be_written_to(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentProblem, match="Choose another export folder"):
        cut.plan(db, request_for(db, source, folder=str(tmp_path / "file" / "dog")))
    job = cut.plan(db, request_for(db, source))
    (tmp_path / "dog").touch()
    with pytest.raises(EnvironmentProblem, match="Choose another export folder"):
        cut.run(db, job.id, JobContext())


def test_cancelling_keeps_what_is_done(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("gop250_25", tmp_path / "source.mp4")
    job = cut.plan(db, request_for(db, source, Batch(1.0, 5, 4.5, 2.0)))

    class Watched(JobContext):
        def progress(self, done: float, total: float, text: str = "") -> None:
            if text.startswith("Clip 5"):
                self.cancel()

    with pytest.raises(Cancelled):
        cut.run(db, job.id, Watched())
    after = db.jobs.get(job.id)
    assert after.state is JobState.CANCELLED
    assert [clip.state for clip in after.clips] == [ClipState.DONE] * 4
    assert len(files(tmp_path / "dog")) == 5
    assert not cut.interrupted(db)


def test_cancelling_before_anything_is_made_leaves_no_folder(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    job = cut.plan(db, request_for(db, source))
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        cut.run(db, job.id, ctx)
    assert not files(tmp_path / "dog") and not list((tmp_path / "dog").iterdir())


def test_a_running_job_is_neither_offered_nor_run_twice(db: ProcessedDB, source: Path) -> None:
    job = cut.plan(db, request_for(db, source))
    folder = Path(job.clips[0].path).parent
    folder.mkdir(parents=True)
    assert [one.id for one in cut.interrupted(db)] == [job.id]
    with claim(folder / f".8cut-{job.id}.lock"):
        assert not cut.interrupted(db)
        with pytest.raises(UserError, match="exported already"):
            cut.run(db, job.id, JobContext())
        with pytest.raises(UserError, match="Cancel it first"):
            cut.discard(db, job.id)
    assert db.jobs.get(job.id).state is JobState.WAITING


def test_discarding_removes_what_is_half_made(db: ProcessedDB, source: Path) -> None:
    job = cut.plan(db, request_for(db, source))
    folder = Path(job.clips[0].path).parent
    folder.mkdir(parents=True)
    (folder / f".8cut-{job.id}-99-0-clip.partial").touch()
    assert cut.discard(db, job.id).touches(Kind.JOBS)
    assert not folder.exists()
    assert not cut.interrupted(db)
    assert db.jobs.get(job.id).state is JobState.CANCELLED


def test_running_a_finished_job_again_changes_nothing(db: ProcessedDB, source: Path) -> None:
    job = cut.plan(db, request_for(db, source))
    first, _ = cut.run(db, job.id, JobContext())
    before = [written(path) for path in first.done]
    source.unlink()
    again, _ = cut.run(db, job.id, JobContext())
    assert again == first
    assert [written(path) for path in again.done] == before


def test_the_manifest_survives_a_broken_one(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "dataset.json").write_text("{ oh dear")
    job = cut.plan(db, request_for(db, source))
    cut.run(db, job.id, JobContext())
    (aside,) = (tmp_path / "dog").glob("dataset.json.broken-*")
    assert aside.read_text() == "{ oh dear"
    before = (tmp_path / "dog" / "dataset.json").read_bytes()
    (tmp_path / "dog" / "dataset.json").unlink()
    rebuild(db, tmp_path / "dog")
    assert (tmp_path / "dog" / "dataset.json").read_bytes() == before


@pytest.mark.allow_warnings
def test_a_manifest_that_cannot_be_written_costs_no_clip(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    (tmp_path / "dog" / "dataset.json").mkdir(parents=True)
    job = cut.plan(db, request_for(db, source))
    ctx = JobContext()
    summary, _ = cut.run(db, job.id, ctx)
    assert len(summary.done) == 2
    assert any("Cannot write" in line for line in ctx.log_lines)


def test_two_processes_exporting_at_once_get_different_numbers(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    request_for(db, source)
    code = (
        "import sys\nfrom pathlib import Path\nfrom core.db import ProcessedDB\nfrom core.job import JobContext\n"
        "from core.ops import cut\nfrom tests.core.ops.test_cut import SHORT, request_for\n"
        "db = ProcessedDB(sys.argv[1])\n"
        "for _ in range(3):\n"
        "    cut.run(db, cut.plan(db, request_for(db, Path(sys.argv[2]))).id, JobContext())\n"
    )
    command = [sys.executable, "-c", code, str(db.path), str(source)]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    for process in running:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    made = files(tmp_path / "dog" / "vid_001")
    assert made == sorted(f"clip_001_m{batch}_{index}.mp4" for batch in range(1, 7) for index in range(2))
    rebuild(db, tmp_path / "dog")
    assert len(json.loads((tmp_path / "dog" / "dataset.json").read_text())) == 12


def test_paths_of_people(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    ugly = tmp_path / 'it\'s "quoted"\n🎬 100%'
    folder = ugly / ("d" * (240 - len(os.fsencode(ugly)) - 1 - len("/vid_001/clip_001_m1_0.mp4")))
    source = media.copy("tiny", ugly / "sö'urce\n%03d.mp4")
    summary, _ = cut.run(db, cut.plan(db, request_for(db, source, folder=str(folder))).id, JobContext())
    assert len(os.fsencode(summary.done[0])) == 240
    assert Path(summary.done[0]).is_file()
