"""Media are their content: names and paths come and go, histories of two files never mix."""

from __future__ import annotations

import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings
from core.domain.media import Media
from core.errors import UserError
from core.storage.negatives import NegativeMark


def test_the_same_content_under_two_paths_is_one_media(db: ProcessedDB) -> None:
    first = db.media.register("b3-1", "/a/x.mp4")
    second = db.media.register("b3-1", "/b/y.mp4")
    assert first.id == second.id
    assert db.media.get(first.id) == Media(first.id, "b3-1", "/b/y.mp4")
    assert db.media.paths(first.id) == ["/b/y.mp4", "/a/x.mp4"]
    db.media.register("b3-1", "/a/x.mp4")
    assert db.media.paths(first.id) == ["/a/x.mp4", "/b/y.mp4"]


def test_two_files_of_one_name_are_two_media(db: ProcessedDB) -> None:
    first = db.media.register("b3-1", "/a/x.mp4")
    second = db.media.register("b3-2", "/b/x.mp4")
    assert first.id != second.id
    assert db.media.by_path("/a/x.mp4") == first
    assert db.media.by_path("/b/x.mp4") == second


def test_a_replaced_file_takes_the_path_but_not_the_history(db: ProcessedDB) -> None:
    old = db.media.register("b3-1", "/a/x.mp4")
    new = db.media.register("b3-2", "/a/x.mp4")
    assert db.media.by_path("/a/x.mp4") == new
    assert db.media.paths(old.id) == []
    assert db.media.register("b3-1", "/a/x.mp4").id == old.id
    assert db.media.by_path("/a/x.mp4").id == old.id


def test_unknown_media(db: ProcessedDB) -> None:
    assert db.media.by_path("/none") is None
    assert db.media.by_key("b3-0") is None
    with pytest.raises(UserError):
        db.media.get(7)


def test_a_file_takes_over_what_waited_for_its_path_or_name(db: ProcessedDB) -> None:
    by_path = db.media.placeholder_for_path("/a/x.mp4")
    by_name = db.media.placeholder_for_name("y.mp4")
    assert db.media.placeholder_for_path("/a/x.mp4") == by_path
    assert db.media.register("b3-1", "/a/x.mp4") == Media(by_path.id, "b3-1", "/a/x.mp4")
    assert db.media.register("b3-2", "/b/y.mp4").id == by_name.id
    assert db.media.register("b3-3", "/c/y.mp4").id != by_name.id, "only the first file of the name"


def test_a_path_that_waits_is_not_taken_by_a_file_of_that_name_elsewhere(db: ProcessedDB) -> None:
    waiting = db.media.placeholder_for_path("/a/x.mp4")
    assert db.media.register("b3-1", "/b/x.mp4").id != waiting.id


def test_a_name_becomes_a_path_when_a_script_learns_it(db: ProcessedDB) -> None:
    by_name = db.media.placeholder_for_name("x.mp4")
    by_path = db.media.placeholder_for_path("/a/x.mp4")
    assert by_path.id == by_name.id
    assert by_path.content_key == "path:/a/x.mp4"


def fill(db: ProcessedDB, media: Media, moment: float) -> None:
    """Give a media something of every subject, in the default profile."""
    profile_id = db.profiles.ensure("default")
    db.jobs.create(CutRequest(media, Batch(moment), ExportSettings("/out/c")), lambda *_: False)
    db.scans.save(profile_id, media.id, "M", [(moment, moment + 1, 0.5)])
    db.negatives.add(profile_id, media.id, [NegativeMark(moment), NegativeMark(99.0)], filename=media.name)
    db.lists.add("default", media.id)
    db.lists.remember("default", media.id, moment)
    db.media.set_hidden(profile_id, media.id, True)


def test_joining_two_rows_keeps_the_history_of_both(db: ProcessedDB) -> None:
    real = db.media.register("b3-1", "/b/x.mp4")
    fill(db, real, 1.0)
    waiting = db.media.placeholder_for_path("/a/x.mp4")
    fill(db, waiting, 2.0)
    jobs = [job.id for job in db.jobs.open()]
    joined = db.media.register("b3-1", "/a/x.mp4")
    assert joined.id == real.id
    with pytest.raises(UserError):
        db.media.get(waiting.id)
    profile_id = db.profiles.ensure("default")
    assert [job.id for job in db.jobs.open()] == jobs
    assert {job.request.media.id for job in db.jobs.open()} == {real.id}
    assert {job.request.media.content_key for job in db.jobs.open()} == {"b3-1"}
    assert [version["count"] for version in db.scans.versions(profile_id, real.id, "M")] == [1, 1]
    assert [row["start_time"] for row in db.negatives.all("default")] == [1.0, 2.0, 99.0]
    assert [media.id for media in db.lists.entries("default")] == [real.id]
    assert db.lists.last("default") == (real.id, 1.0)
    assert db.media.hidden("default") == {real.id}
    assert db.media.paths(real.id) == ["/a/x.mp4", "/b/x.mp4"]
    assert db.profiles.take_media_number(profile_id, db.media.register("b3-9", "/z.mp4").id) == 3, "2 stays used"


def test_joining_keeps_what_was_removed_on_one_side_only(db: ProcessedDB) -> None:
    real = db.media.register("b3-1", "/b/x.mp4")
    waiting = db.media.placeholder_for_path("/a/x.mp4")
    fill(db, real, 1.0)
    fill(db, waiting, 1.0)
    db.lists.take_out(db.list_tabs.shown("default"), [("media", real.id)])
    db.negatives.delete(row["id"] for row in db.negatives.all("default") if row["media_id"] == real.id)
    db.media.register("b3-1", "/a/x.mp4")
    assert [media.id for media in db.lists.entries("default")] == [real.id]
    assert [row["start_time"] for row in db.negatives.all("default")] == [1.0, 99.0]


def test_joining_versions_of_the_same_moment_keeps_all_regions(db: ProcessedDB) -> None:
    real = db.media.register("b3-1", "/b/x.mp4")
    waiting = db.media.placeholder_for_path("/a/x.mp4")
    profile_id = db.profiles.ensure("default")
    with db.write() as connection:
        for media in (real, waiting):
            version = connection.execute(
                "INSERT INTO scan_versions (profile_id, media_id, model, timestamp) VALUES (?, ?, 'M', '')",
                (profile_id, media.id),
            ).lastrowid
            connection.execute(
                "INSERT INTO scan_regions (version_id, start_s, end_s, score, orig_start_s, orig_end_s)"
                " VALUES (?, ?, 9, 0.5, 0, 9)",
                (version, media.id),
            )
    db.media.register("b3-1", "/a/x.mp4")
    assert len(db.scans.results(profile_id, real.id)["M"]) == 2


def test_relink(db: ProcessedDB) -> None:
    real = db.media.register("b3-1", "/a/x.mp4")
    assert db.media.relink(real.id, "/b/x.mp4").path == "/b/x.mp4"
    assert db.media.relink(real.id, "/c/x.mp4", "b3-1").path == "/c/x.mp4"
    with pytest.raises(UserError, match="another file"):
        db.media.relink(real.id, "/d/x.mp4", "b3-2")
    waiting = db.media.placeholder_for_path("/old/y.mp4")
    assert db.media.relink(waiting.id, "/new/y.mp4", "b3-3") == db.media.by_path("/new/y.mp4")
    assert db.media.by_key("b3-3") is not None
    other = db.media.placeholder_for_path("/old/z.mp4")
    assert db.media.relink(other.id, "/a/x2.mp4", "b3-1").id == real.id
    assert db.media.by_path("/old/z.mp4").id == real.id, "the sightings came along"


def test_a_base_name_means_the_newest_file_the_profile_has_anything_of(db: ProcessedDB) -> None:
    first = db.media.register("b3-1", "/a/x.mp4")
    second = db.media.register("b3-2", "/b/x.mp4")
    assert db.media.by_name("x.mp4", "default") is None
    db.lists.add("default", first.id)
    assert db.media.by_name("x.mp4", "default").id == first.id
    db.scans.save(db.profiles.ensure("default"), second.id, "M", [])
    assert db.media.by_name("x.mp4", "default").id == second.id
    assert db.media.by_name("x.mp4", "other") is None


def test_flags_are_of_a_profile(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/a/x.mp4")
    one, two = db.profiles.ensure("one"), db.profiles.ensure("two")
    db.media.set_hidden(one, media.id, True)
    db.media.set_disabled(two, media.id, True)
    assert (db.media.hidden("one"), db.media.hidden("two")) == ({media.id}, set())
    assert (db.media.disabled("one"), db.media.disabled("two")) == (set(), {media.id})
    db.media.set_hidden(one, media.id, False)
    assert db.media.hidden("one") == set()
