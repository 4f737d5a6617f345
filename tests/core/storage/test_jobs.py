"""The export queue: what a crash leaves is found again, what is shown has passed its audit."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import Audit, ClipState, CutRequest, ExportJob, ExportSettings, JobState
from core.domain.media import Media
from core.errors import UserError

GOOD = Audit(240, 240, 8.0, 8.01)


def cut(db: ProcessedDB, start_s: float = 5.0, **settings_: object) -> ExportJob:
    media = db.media.register("b3-1", "/v/a.mp4")
    return db.jobs.create(CutRequest(media, Batch(start_s), ExportSettings("/out/c", **settings_)), lambda *_: False)


def test_a_job_survives_a_restart_word_for_word(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "h.db") as db:
        made = cut(db, label="door", category="Other", short_side=512, crf=23, portrait_ratio="9:16", crop_center=0.25)
    with ProcessedDB(tmp_path / "h.db") as db:
        assert db.jobs.open() == [made]
        assert db.jobs.get(made.id) == made
        assert made.request.settings.crf == 23


def test_a_clip_shows_once_it_passed_its_audit(db: ProcessedDB) -> None:
    job = cut(db, label="door", category="Other", crf=23)
    media = job.request.media
    assert db.clips.markers(media.id, "default") == []
    assert db.clips.counts("default") == {}
    db.jobs.set_state(job.id, JobState.RUNNING)
    db.jobs.clip_done(job.id, 1, GOOD, fps=29.97, width=640, height=480)
    db.jobs.clip_failed(job.id, 2, "the disk broke")
    [marker] = db.clips.markers(media.id, "default")
    assert (marker.batch_id, marker.number, marker.folder) == (job.batch_id, 1, "/out/c")
    assert marker.batch == job.request.batch
    assert marker.settings == job.request.settings
    assert marker.paths == (job.clips[1].path,)
    assert db.clips.counts("default") == {media.id: 1}
    now = db.jobs.get(job.id)
    assert [clip.state for clip in now.clips] == [ClipState.PLANNED, ClipState.DONE, ClipState.FAILED]
    assert now.clips[1].audit == GOOD
    assert now.clips[2].error == "the disk broke"
    assert [clip.index for clip in now.open_clips] == [0, 2]
    [entry] = db.clips.manifest_entries("/out/c")
    assert (entry["source"], entry["label"], entry["fps"], entry["width"]) == ("/v/a.mp4", "door", 29.97, 640)
    assert (entry["start_s"], entry["duration_s"], entry["profile"]) == (8.0, 8.0, "default")
    assert entry["audit"] == GOOD
    assert db.clips.folders() == ["/out/c"]


def test_a_cancelled_job_keeps_what_is_done_and_opened_again_has_the_rest(db: ProcessedDB) -> None:
    job = cut(db)
    db.jobs.clip_done(job.id, 0, GOOD)
    db.jobs.set_state(job.id, JobState.CANCELLED)
    assert [clip.index for clip in db.jobs.get(job.id).clips] == [0]
    assert db.jobs.open() == []
    assert cut(db).batch_number == 2
    db.jobs.set_state(job.id, JobState.WAITING)
    assert [clip.index for clip in db.jobs.get(job.id).open_clips] == [1, 2]


def test_failed_jobs_keep_what_can_be_tried_again(db: ProcessedDB) -> None:
    job = cut(db)
    db.jobs.clip_failed(job.id, 0, "no")
    db.jobs.set_state(job.id, JobState.FAILED)
    assert len(db.jobs.get(job.id).open_clips) == 3
    db.jobs.clip_done(job.id, 0, GOOD)
    assert db.jobs.get(job.id).clips[0].error == ""


def test_other_profiles_markers(db: ProcessedDB) -> None:
    job = cut(db)
    db.jobs.clip_done(job.id, 0, GOOD)
    media_id = job.request.media.id
    assert db.clips.other_markers(media_id, "default") == []
    assert [marker.batch_id for marker in db.clips.other_markers(media_id, "else")] == [job.batch_id]


def test_settings_of_other_versions_are_read(db: ProcessedDB) -> None:
    job = cut(db, label="door")
    db.jobs.clip_done(job.id, 0, GOOD)
    with db.write() as connection:
        stored = {"name": "clip", "invented_later": 3}
        connection.execute("UPDATE batches SET settings = ?", (json.dumps(stored),))
        connection.execute("UPDATE clips SET audit = json_set(audit, '$.invented_later', 1)")
    [marker] = db.clips.markers(job.request.media.id, "default")
    assert marker.settings == ExportSettings("/out/c", label="door")
    assert db.jobs.get(job.id).clips[0].audit == GOOD


def test_bad_requests_leave_no_trace(db: ProcessedDB) -> None:
    with pytest.raises(ValueError, match="unknown clip format"):
        cut(db, format="GIF")
    with pytest.raises(UserError):
        db.jobs.get(1)
    assert db.jobs.open() == []


def test_a_deleted_batch_comes_back_as_the_same_rows(db: ProcessedDB) -> None:
    job = cut(db)
    db.jobs.clip_done(job.id, 0, GOOD)
    before = db.clips.markers(job.request.media.id, "default")
    db.clips.delete_batch(job.batch_id)
    assert db.clips.markers(job.request.media.id, "default") == []
    assert db.clips.counts("default") == {}
    db.clips.restore_batch(job.batch_id)
    assert db.clips.markers(job.request.media.id, "default") == before


class Queue(RuleBasedStateMachine):
    """Jobs and clips, against plain dictionaries, with restarts at any time."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "h.db"
        self.db = ProcessedDB(self.path)
        self.done: dict[int, set[int]] = {}
        self.media_of: dict[int, Media] = {}
        self.state: dict[int, JobState] = {}
        self.hidden: set[int] = set()

    def teardown(self) -> None:
        self.db.close()
        self.folder.cleanup()

    @rule(target=jobs, which=st.integers(0, 2), clips=st.integers(1, 3))
    def create(self, which: int, clips: int) -> ExportJob:
        media = self.db.media.register(f"b3-{which}", f"/v/{which}.mp4")
        request = CutRequest(media, Batch(which * 10.0, clips), ExportSettings("/out/c"))
        job = self.db.jobs.create(request, lambda *_: False)
        self.done[job.id], self.state[job.id], self.media_of[job.id] = set(), JobState.WAITING, media
        return job

    @rule(job=jobs, state=st.sampled_from(JobState))
    def move_on(self, job: ExportJob, state: JobState) -> None:
        self.db.jobs.set_state(job.id, state)
        self.state[job.id] = state

    @rule(job=jobs, index=st.integers(0, 2), good=st.booleans())
    def finish(self, job: ExportJob, index: int, good: bool) -> None:
        if index >= len(job.clips) or index in self.done[job.id] or self.state[job.id] is JobState.CANCELLED:
            return
        if good:
            self.db.jobs.clip_done(job.id, index, GOOD)
            self.done[job.id].add(index)
        else:
            self.db.jobs.clip_failed(job.id, index, "why")

    @rule(job=jobs, hide=st.booleans())
    def delete(self, job: ExportJob, hide: bool) -> None:
        (self.db.clips.delete_batch if hide else self.db.clips.restore_batch)(job.batch_id)
        (self.hidden.add if hide else self.hidden.discard)(job.id)

    @rule()
    def restart(self) -> None:
        self.db.close()
        self.db = ProcessedDB(self.path)

    @invariant()
    def agrees(self) -> None:
        counts: dict[int, int] = {}
        for job_id, media in self.media_of.items():
            if self.done[job_id] and job_id not in self.hidden:
                counts[media.id] = counts.get(media.id, 0) + len(self.done[job_id])
        assert self.db.clips.counts("default") == counts
        shown = {m.batch_id for media_id in counts for m in self.db.clips.markers(media_id, "default")}
        assert len(shown) == sum(bool(self.done[job]) and job not in self.hidden for job in self.done)
        waiting = [job for job, state in self.state.items() if state in (JobState.WAITING, JobState.RUNNING)]
        assert [job.id for job in self.db.jobs.open()] == waiting


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
