"""Numbers: unique, in order, never given twice."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import ProcessedDB
from core.domain.clip import Batch, parse_clip_name
from core.domain.export import CutRequest, ExportSettings, JobState
from core.errors import EnvironmentProblem, UserError

same_db = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


def test_profiles_are_rows(db: ProcessedDB) -> None:
    assert db.profiles.names() == ["default"]
    first = db.profiles.ensure("Zoo")
    assert db.profiles.ensure("Zoo") == first
    db.profiles.ensure("animals")
    assert db.profiles.names() == ["animals", "default", "Zoo"]
    assert db.profiles.id_of("none") is None
    with pytest.raises(UserError):
        db.profiles.ensure("  ")


@same_db
@given(steps=st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans(), st.integers(0, 2)), max_size=25))
def test_numbers_are_unique_and_never_reused(db: ProcessedDB, steps: list[tuple[int, bool, bool, int]]) -> None:
    profile = f"p{len(db.profiles.names())}"
    used: dict[tuple[int, bool, int], None] = {}
    numbers: dict[int, int] = {}
    for which, scan_export, cancel, on_disk in steps:
        media = db.media.register(f"b3-{which}", f"/v/{which}.mp4")
        settings = ExportSettings(f"/out/{profile}")
        cut = CutRequest(media, Batch(1.0, clips=2), settings, profile, scan_export=scan_export)
        before = db.profiles.next_batch_number(db.profiles.ensure(profile), media.id, scan_export)
        job = db.jobs.create(cut, lambda _, k, low=before, taken=on_disk: k < low + taken)
        key = (job.media_number, scan_export, job.batch_number)
        assert key not in used
        assert job.batch_number == before + on_disk
        assert numbers.setdefault(which, job.media_number) == job.media_number
        used[key] = None
        if cancel:
            db.jobs.set_state(job.id, JobState.CANCELLED)
            db.clips.delete_batch(job.batch_id)
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    assert list(numbers.values()) == sorted(numbers.values()), "numbers are given in order"


def test_no_free_name_ends_with_a_sentence(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/1.mp4")
    with pytest.raises(EnvironmentProblem, match="No free file name"):
        db.jobs.create(CutRequest(media, Batch(1.0), ExportSettings("/out/c")), lambda *_: True)
    assert db.jobs.open() == []
    assert db.profiles.media_number(db.profiles.ensure("default"), media.id) is None


def test_threads_get_numbers_of_their_own(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/1.mp4")
    made: list[str] = []

    def create() -> None:
        for _ in range(10):
            job = db.jobs.create(CutRequest(media, Batch(1.0), ExportSettings("/out/c")), lambda *_: False)
            made.extend(clip.path for clip in job.clips)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(made) == 4 * 10 * 3


def test_a_number_learned_from_a_path_is_respected(db: ProcessedDB) -> None:
    profile = db.profiles.ensure("p")
    first, second, third = (db.media.register(f"b3-{i}", f"/v/{i}.mp4").id for i in range(3))
    db.profiles.note_media_number(profile, first, 7)
    db.profiles.note_media_number(profile, second, 7)
    assert db.profiles.take_media_number(profile, first) == 7
    assert db.profiles.take_media_number(profile, second) == 8
    assert db.profiles.take_media_number(profile, third) == 9


def test_the_layout_of_a_job(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/1.mp4")
    settings_ = ExportSettings("/out/kitchen", name="my clip", format="MKV")
    job = db.jobs.create(
        CutRequest(media, Batch(1.0), settings_, subprofile="wide", scan_export=True), lambda *_: False
    )
    assert job.clips[2].path == "/out/kitchen_wide/vid_001/my clip_001_a1_2.mkv"
    assert parse_clip_name("my clip_001_a1_2").scan_export
    assert [clip.start_s for clip in job.clips] == [1.0, 4.0, 7.0]
