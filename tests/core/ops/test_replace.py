"""Overwriting with real exports: the old files stay until every new one is good."""

from __future__ import annotations

from dataclasses import replace as changed
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings, JobState
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.ops import cut, replace, trash
from tests.core.ops.history_files import ids, media_of, tree
from tests.media_factory import MediaShelf

SHORT = Batch(0.2, 2, 0.5, 2.0)


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    return tmp_path / "trash"


def request(db: ProcessedDB, source: Path, **settings: object) -> CutRequest:
    chosen = ExportSettings(str(source.parent / "dogs"), label="bark", preset="ultrafast")
    return CutRequest(media_of(db, source), SHORT, changed(chosen, **settings))


def export(db: ProcessedDB, asked: CutRequest, bin_: Path) -> int:
    """The id of the batch."""
    job = cut.plan(db, asked)
    cut.run(db, job.id, JobContext(), bin_)
    return job.batch_id


@pytest.mark.parametrize("form", ["MP4", "WEBP", "WAV"])
def test_the_same_names_with_new_contents_and_the_old_ones_in_the_trash(
    db: ProcessedDB, source: Path, bin_: Path, form: str
) -> None:
    dogs = source.parent / "dogs"
    batch = export(db, request(db, source, format=form), bin_)
    before, old = tree(dogs), ids(db, batch)
    moved = changed(request(db, source, format=form), batch=changed(SHORT, cursor_s=0.4))
    job = replace.plan(db, moved, batch)
    summary, _ = cut.run(db, job.id, JobContext(), bin_)
    after = tree(dogs)
    assert list(after) == list(before)
    assert after != before
    assert summary.replaced_ids == old
    assert sorted(tree(bin_).values()) == sorted(before.values())
    trash.delete(db, bin_, summary.clip_ids)
    trash.restore(db, bin_, old)
    assert tree(dogs) == before


def test_another_format_keeps_the_number(db: ProcessedDB, source: Path, bin_: Path) -> None:
    batch = export(db, request(db, source), bin_)
    job = replace.plan(db, request(db, source, format="MKV"), batch)
    cut.run(db, job.id, JobContext(), bin_)
    assert list(tree(source.parent / "dogs")) == ["vid_001/clip_001_m1_0.mkv", "vid_001/clip_001_m1_1.mkv"]


def test_only_the_clips_that_are_left_are_made_anew(db: ProcessedDB, source: Path, bin_: Path) -> None:
    batch = export(db, request(db, source), bin_)
    trash.delete(db, bin_, ids(db, batch)[:1])
    job = replace.plan(db, request(db, source, crf=40), batch)
    cut.run(db, job.id, JobContext(), bin_)
    assert list(tree(source.parent / "dogs")) == ["vid_001/clip_001_m1_1.mp4"]


def test_a_cancelled_overwrite_leaves_the_old_files_and_nothing_else(db: ProcessedDB, source: Path, bin_: Path) -> None:
    batch = export(db, request(db, source), bin_)
    before = tree(source.parent / "dogs")
    job, ctx = replace.plan(db, request(db, source, crf=40), batch), JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        cut.run(db, job.id, ctx, bin_)
    assert tree(source.parent / "dogs") == before
    assert not list((source.parent / "dogs").rglob(".8cut*"))
    assert [marker.batch_id for marker in db.clips.markers(job.request.media.id, "default")] == [batch]
    cut.run(db, job.id, JobContext(), bin_)
    assert tree(source.parent / "dogs") != before, "cancelled, it can still be retried"


def test_when_one_new_clip_fails_none_is_replaced_and_a_retry_replaces_all(
    db: ProcessedDB, media: MediaShelf, bin_: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = media.copy("gop250_25", tmp_path / "source.mp4")
    asked = changed(request(db, source, short_side=120), batch=Batch(1.0, 2, 5.0, 2.0))
    batch = export(db, asked, bin_)
    before = tree(source.parent / "dogs")
    job = replace.plan(db, changed(asked, settings=changed(asked.settings, crf=40)), batch)
    program = tmp_path / "ffmpeg"
    program.write_text('#!/bin/bash\ncase "$*" in *trim=start=6.0*) exit 1;; esac\nexec ffmpeg "$@"\n')
    program.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("EIGHTCUT_FFMPEG", str(program))
        summary, _ = cut.run(db, job.id, JobContext(), bin_)
    assert (len(summary.done), len(summary.failed), summary.replaced_ids) == (1, 1, ())
    assert tree(source.parent / "dogs") == before
    assert not list((source.parent / "dogs").rglob(".8cut*"))
    assert db.jobs.get(job.id).state is JobState.FAILED
    summary, _ = cut.run(db, job.id, JobContext(), bin_)
    assert len(summary.done) == len(summary.replaced_ids) == 2
    assert all(content != before[name] for name, content in tree(source.parent / "dogs").items())


def test_a_source_that_vanished_replaces_nothing(db: ProcessedDB, source: Path, bin_: Path) -> None:
    batch = export(db, request(db, source), bin_)
    before = tree(source.parent / "dogs")
    job = replace.plan(db, request(db, source, crf=40), batch)
    source.unlink()
    with pytest.raises(UserError, match="is not there"):
        cut.run(db, job.id, JobContext(), bin_)
    assert tree(source.parent / "dogs") == before


def test_an_overwrite_that_a_crash_interrupted_is_discarded_or_resumed(
    db: ProcessedDB, source: Path, bin_: Path
) -> None:
    dogs = source.parent / "dogs"
    batch = export(db, request(db, source), bin_)
    before = tree(dogs)
    job = replace.plan(db, request(db, source, crf=40), batch)
    db.jobs.set_state(job.id, JobState.RUNNING)
    (first, *_) = replace.staged_clips(job)
    Path(first.path).parent.mkdir(parents=True)
    Path(first.path).with_name(f".8cut-{job.id}-0-picture.partial").write_bytes(b"half")
    assert [each.id for each in cut.interrupted(db)] == [job.id]
    cut.clean_partials(db)
    assert tree(dogs) == before
    cut.discard(db, job.id)
    assert not list(dogs.rglob(".8cut*"))
    again = replace.plan(db, request(db, source, crf=40), batch)
    cut.run(db, again.id, JobContext(), bin_)
    cut.run(db, again.id, JobContext(), bin_)
    assert sorted(tree(bin_).values()) == sorted(before.values()), "a second run replaces nothing twice"


def test_a_deleted_batch_is_neither_overwritten_nor_retried(db: ProcessedDB, source: Path, bin_: Path) -> None:
    job = cut.plan(db, request(db, source))
    cut.run(db, job.id, JobContext(), bin_)
    trash.delete(db, bin_, ids(db, job.batch_id))
    with pytest.raises(UserError, match="not in the history"):
        replace.plan(db, request(db, source), job.batch_id)
    with pytest.raises(UserError, match="was deleted"):
        cut.run(db, job.id, JobContext(), bin_)
    assert tree(source.parent / "dogs") == {}


def test_the_estimate_counts_and_follows_the_quality(db: ProcessedDB, source: Path, bin_: Path) -> None:
    export(db, request(db, source), bin_)
    markers = db.clips.markers(media_of(db, source).id, "default")
    same = replace.estimate(markers, markers[0].settings)
    size = sum(Path(path).stat().st_size for path in markers[0].paths)
    assert (same.batches, same.clips, same.seconds, same.size_bytes) == (1, 2, 4.0, pytest.approx(size))
    half = replace.estimate(markers, changed(markers[0].settings, crf=markers[0].settings.crf + 6))
    assert half.size_bytes == pytest.approx(size / 2)
    assert replace.estimate(markers, changed(markers[0].settings, format="WAV")).size_bytes is None
