"""The journal of the trash: its migration, many rows at once, and rows that come back alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import Audit, CutRequest, ExportSettings
from core.storage.database import Database
from core.storage.jobs import Replacing
from core.storage.migrate import FOLDER, migrate, migrations

OLD_REQUEST = {
    "media": {"id": 1, "content_key": "b3-x", "path": "/videos/x.mp4"},
    "batch": {"cursor_s": 0.0},
    "settings": {"folder": "/clips/dogs"},
}
GOOD = Audit(1, 1, 1.0, 1.0)


def older_history(path: Path, version: int) -> Database:
    """A history as that version of the schema made it."""
    steps = path.parent / "steps"
    steps.mkdir()
    for step in migrations()[:version]:
        shutil.copy(step.path, steps)
    database = Database(path)
    migrate(database, steps)
    return database


def batch(db: ProcessedDB, clips: int, name: str = "a.mp4", profile: str = "default") -> list[int]:
    media = db.media.register(f"b3-{name}", f"/videos/{name}")
    request = CutRequest(media, Batch(0.0, clips, 0.5, 2.0), ExportSettings("/clips/dogs"), profile)
    job = db.jobs.create(request, lambda *_: False)
    for clip in job.clips:
        db.jobs.clip_done(job.id, clip.index, GOOD)
    return [clip.id for clip in db.trash.of_batches([job.batch_id])]


def test_exports_of_a_history_without_trash_are_kept(tmp_path: Path) -> None:
    assert FOLDER.joinpath("0003_trash.sql").is_file()
    old = older_history(tmp_path / "history.db", 2)
    with old.write() as connection:
        connection.execute("INSERT INTO media VALUES (1, 'b3-x', '/videos/x.mp4', '2026')")
        connection.execute(
            "INSERT INTO batches (id, profile_id, media_id, number, cursor_s, clips, spread_s, duration_s, folder,"
            " class_name, clip_group, created_at) VALUES (1, 1, 1, 1, 0, 1, 3, 8, '/clips/dogs', 'dogs', 'g', '2026')"
        )
        connection.execute(
            "INSERT INTO clips (batch_id, clip_index, start_s, duration_s, path, state, created_at)"
            " VALUES (1, 0, 0, 8, '/clips/dogs/vid_001/clip_001_m1_0.mp4', 'done', '2026')"
        )
        connection.execute(
            "INSERT INTO export_jobs (batch_id, state, media_number, request, created_at, changed_at)"
            " VALUES (1, 'done', 1, ?, '2026', '2026')",
            (json.dumps(OLD_REQUEST),),
        )
    old.close()
    with ProcessedDB(tmp_path / "history.db") as db:
        assert db.jobs.get(1).replaces is None
        (marker,) = db.clips.markers(1, "default")
        assert marker.clip_ids == (1,)
        assert db.trash.totals().files == 0
        assert db.trash.open_swaps() == []


def test_more_clips_than_one_statement_takes(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        clips = [clip for number in range(12) for clip in batch(db, 99, f"{number}.mp4")]
        assert [row.id for row in db.trash.clips(clips)] == clips
        paths = [row.path for row in db.trash.clips(clips)]
        assert db.trash.used_by_others(paths, set(clips)) == {}
        assert db.trash.used_by_others(paths, set(clips[1:])) == {paths[0]: "default"}


def test_a_batch_that_comes_back_brings_only_what_was_asked_for(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        clips = batch(db, 3)
        db.trash.finish(db.trash.begin(clips, [], [], []))
        assert [row.live for row in db.trash.clips(clips)] == [False] * 3
        db.trash.finish(db.trash.begin([], clips[1:2], [], []))
        assert [row.live for row in db.trash.clips(clips)] == [False, True, False]


def test_a_hidden_batch_shows_only_the_clips_that_come(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        (old, *_) = db.trash.clips(batch(db, 2))
        request = db.jobs.request_of(old.batch_id)
        job = db.jobs.create(request, lambda *_: False, Replacing(old.batch_id, (0, 1), 1))
        new = [row.id for row in db.trash.of_batches([job.batch_id])]
        assert [row.live for row in db.trash.clips(new)] == [False, False]
        db.trash.finish(db.trash.begin([], new[:1], [], []))
        assert [row.live for row in db.trash.clips(new)] == [True, False]


def test_deleted_profiles_use_no_files(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        clips = batch(db, 1)
        path = db.trash.clips(clips)[0].path
        db.add("a.mp4", 0.0, path, profile="second")
        assert db.trash.used_by_others([path], set(clips)) == {path: "second"}
        db.profiles.delete(db.profiles.id_of("second"))
        assert db.trash.used_by_others([path], set(clips)) == {}


def test_only_running_exports_stand_in_the_way(tmp_path: Path) -> None:
    with ProcessedDB(tmp_path / "history.db") as db:
        clips = batch(db, 1)
        (row,) = db.trash.clips(clips)
        job = db.jobs.open()[0]
        assert db.trash.being_exported([row.batch_id])
        assert not db.trash.being_exported([row.batch_id], own_job=job.id)
        assert not db.trash.being_exported([row.batch_id + 1])
