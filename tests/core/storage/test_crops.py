"""Crop keyframes: by media and profile, the same rows after undo, and the crops that a job's clips carry."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.changes import Kind
from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.crop import Crop
from core.domain.crop_plan import CropKeyframe, CropPlan, in_order
from core.domain.export import CutRequest, ExportSettings
from core.errors import UserError
from core.ops.crops import set_keyframes
from core.storage.database import Database
from core.storage.migrate import migrate, migrations

ONE, TWO = CropKeyframe(1.0, "9:16", 0.3, True, False), CropKeyframe(4.5, "1:1", 0.8, False, True)


def row_ids(db: ProcessedDB) -> dict[int, int]:
    return {row["time_ms"]: row["id"] for row in db._database.query("SELECT * FROM crop_keyframes")}


def test_keyframes_belong_to_a_media_in_a_profile(db: ProcessedDB) -> None:
    media, other = db.media.register("b3-1", "/v/a.mp4"), db.media.register("b3-2", "/v/b.mp4")
    changes = set_keyframes(db, "p", media.id, [TWO, ONE])
    assert changes.touches(Kind.CROPS, media.id) and not changes.touches(Kind.CROPS, other.id)
    assert db.crops.keyframes(media.id, "p") == (ONE, TWO)
    assert db.crops.keyframes(media.id, "default") == db.crops.keyframes(other.id, "p") == ()
    assert db.crops.keyframes(media.id, "never seen") == ()


def test_what_is_taken_back_is_the_same_row(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/a.mp4")
    set_keyframes(db, "p", media.id, [ONE, TWO])
    before = row_ids(db)
    set_keyframes(db, "p", media.id, [replace(TWO, center=0.1)])
    assert db.crops.keyframes(media.id, "p") == (replace(TWO, center=0.1),)
    set_keyframes(db, "p", media.id, [ONE, TWO])
    assert db.crops.keyframes(media.id, "p") == (ONE, TWO)
    assert row_ids(db) == before


@given(
    st.lists(
        st.lists(
            st.builds(
                CropKeyframe,
                st.integers(0, 5).map(float),
                st.sampled_from(["", "9:16", "4:5", "1:1"]),
                st.floats(0, 1),
                st.booleans(),
                st.booleans(),
            ),
            max_size=5,
        ),
        max_size=5,
    )
)
def test_any_sequence_of_edits_and_back_again(edits: list[list[CropKeyframe]]) -> None:
    with TemporaryDirectory() as folder, ProcessedDB(Path(folder) / "h.db") as db:
        media = db.media.register("b3-1", "/v/a.mp4")
        states = [in_order(edit) for edit in edits]
        for state in [*states, *reversed(states), ()]:
            set_keyframes(db, "p", media.id, state)
            assert db.crops.keyframes(media.id, "p") == state


def test_a_keyframe_beyond_the_end_cannot_be_added_but_one_that_was_there_does_no_harm(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/a.mp4")
    with pytest.raises(UserError, match="beyond the end"):
        set_keyframes(db, "p", media.id, [ONE, TWO], duration_s=3.0)
    assert db.crops.keyframes(media.id, "p") == ()
    set_keyframes(db, "p", media.id, [TWO])
    set_keyframes(db, "p", media.id, [ONE, TWO], duration_s=3.0)
    assert db.crops.keyframes(media.id, "p") == (ONE, TWO)
    with pytest.raises(UserError, match="between 0 and 1"):
        set_keyframes(db, "p", media.id, [replace(ONE, center=7.0)])


def test_a_history_from_before_keyframes_is_brought_up_to_date(tmp_path: Path) -> None:
    """Clips cut before crops could move stand still afterwards."""
    number = next(step.number for step in migrations() if step.path.stem.endswith("_crops"))
    steps = tmp_path / "steps"
    steps.mkdir()
    for step in migrations()[: number - 1]:
        shutil.copy(step.path, steps)
    old = Database(tmp_path / "h.db")
    migrate(old, steps)
    with old.write() as connection:
        connection.execute("INSERT INTO media VALUES (1, 'b3-1', '/v/a.mp4', '2026')")
        connection.execute(
            "INSERT INTO batches (id, profile_id, media_id, number, cursor_s, clips, spread_s, duration_s, folder,"
            " class_name, clip_group, created_at) VALUES (1, 1, 1, 1, 4.0, 1, 3.0, 8.0, '/out/c', 'c', 'g', '2026')"
        )
        connection.execute(
            "INSERT INTO clips (batch_id, clip_index, start_s, duration_s, path, state, portrait_ratio, crop_center,"
            " created_at) VALUES (1, 0, 4.0, 8.0, '/out/c/vid_001/clip_001_m1_0.mp4', 'done', '9:16', 0.3, '2026')"
        )
    old.close()
    with ProcessedDB(tmp_path / "h.db") as db:
        [entry] = db.clips.manifest_entries("/out/c")
        assert (entry["portrait_ratio"], entry["crop_center"], entry["crop_path"]) == ("9:16", 0.3, "[]")
        assert set_keyframes(db, "default", 1, [ONE]) and db.crops.keyframes(1, "default") == (ONE,)


def test_two_rows_of_one_file_keep_both_their_keyframes(db: ProcessedDB) -> None:
    db.add("a.mp4", 5.0, "/out/c/vid_001/clip_001_m1_0.mp4", profile="p", source_path="/v/a.mp4")
    placeholder = db.media.by_name("a.mp4", "p")
    set_keyframes(db, "p", placeholder.id, [ONE])
    media = db.media.register("b3-1", "/v/a.mp4")
    assert db.crops.keyframes(media.id, "p") == (ONE,)


def test_each_clip_of_a_job_carries_its_crop(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/a.mp4")
    plan = CropPlan(keyframes=(ONE, TWO), moving=True, max_speed=0.5)
    plan = replace(
        plan, keyframes=tuple(replace(k, random_portrait=False, random_square=False) for k in plan.keyframes)
    )
    request = CutRequest(
        media, Batch(0.0, 3, 2.0, 3.0), ExportSettings("/out/c", portrait_ratio="4:5", crop_center=0.4), crop_plan=plan
    )
    job = db.jobs.create(request, lambda *_: False)
    assert [clip.crop for clip in job.clips] == [Crop("4:5", 0.4), Crop("9:16", 0.3), Crop("9:16", 0.3)]
    moving = replace(request, crop_plan=replace(plan, keyframes=(ONE, CropKeyframe(4.0, "9:16", 0.9))))
    job = db.jobs.create(moving, lambda *_: False)
    assert job.clips[1].crop.moves
    assert db.jobs.get(job.id) == job
    assert job.request.crop_plan == moving.crop_plan
    assert [clip.crop for clip in db.jobs.get(job.id).clips] == list(moving.crops_of(range(3)))
