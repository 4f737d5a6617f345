"""Profiles that are renamed, deleted, brought back and copied with everything in them."""

from __future__ import annotations

import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import Audit, CutRequest, ExportSettings, JobState
from core.domain.media import Media
from core.domain.subprofile import Preset, Subprofile
from core.errors import UserError

GOOD = Audit(200, 200, 8.0, 8.0)


@pytest.fixture
def filled(db: ProcessedDB) -> Media:
    """A profile `cats` with a bit of everything."""
    media = db.media.register("b3-ff-1", "/v/one.mp4")
    profile_id = db.profiles.ensure("cats")
    job = db.jobs.create(CutRequest(media, Batch(3.0, clips=2), ExportSettings("/out/cat"), "cats"), lambda *_: False)
    for index in (0, 1):
        db.jobs.clip_done(job.id, index, GOOD)
    db.jobs.set_state(job.id, JobState.DONE)
    db.jobs.create(CutRequest(media, Batch(90.0), ExportSettings("/out/cat"), "cats"), lambda *_: False)
    list_id = db.list_tabs.ensure("cats")
    db.lists.add_many(list_id, [media.id])
    db.lists.add_separator(list_id, "seen", 1)
    other = db.list_tabs.create("cats", "Other", "/out/other")
    db.list_tabs.show("cats", other.id)
    db.list_tabs.pin("cats", list_id)
    db.media.set_hidden(profile_id, media.id, True)
    db.lists.remember("cats", media.id, 4.5)
    db.subprofiles.add("cats", Subprofile(0, "wide", 2, "wide", preset=Preset(clips=1)))
    db.save_scan_results("/v/one.mp4", "cats", "model", [(1.0, 2.0, 0.9)])
    db.add_hard_negatives("/v/one.mp4", "cats", [7.0])
    return media


def test_a_copy_has_everything_and_shares_the_files(db: ProcessedDB, filled: Media) -> None:
    db.profiles.duplicate("cats", "more cats")
    for profile in ("cats", "more cats"):
        [marker] = db.clips.markers(filled.id, profile)
        assert marker.paths == (
            "/out/cat/vid_001/clip_001_m1_0.mp4",
            "/out/cat/vid_001/clip_001_m1_1.mp4",
        )
        assert [tab.name for tab in db.list_tabs.tabs(profile)] == ["List 1", "Other"]
        shown, pinned = db.list_tabs.shown(profile), db.list_tabs.pinned(profile)
        assert [tab.id for tab in db.list_tabs.tabs(profile)] == [pinned, shown]
        assert len(db.lists.rows(pinned)) == 2
        assert db.media.hidden(profile) == {filled.id}
        assert db.lists.last(profile) == (filled.id, 4.5)
        assert [(each.name, each.preset.clips) for each in db.subprofiles.all(profile)] == [("wide", 1)]
        assert [region[1:4] for region in db.get_scan_results("/v/one.mp4", profile)["model"]] == [(1.0, 2.0, 0.9)]
        assert [each["start_time"] for each in db.get_hard_negatives(profile)] == [7.0]
        assert db.profiles.summaries()[0].name == "cats"
    assert [job.request.profile for job in db.jobs.open()] == ["cats"], "work under way is not copied"
    counts = {each.name: (each.media, each.clips) for each in db.profiles.summaries()}
    assert counts["cats"] == counts["more cats"] == (1, 2)


def test_what_is_changed_in_the_copy_stays_in_the_copy(db: ProcessedDB, filled: Media) -> None:
    copy = db.profiles.duplicate("cats", "more cats")
    [marker] = db.clips.markers(filled.id, "more cats")
    used = db.trash.used_by_others(marker.paths, set(marker.clip_ids))
    assert set(used.values()) == {"cats"}, "neither may take the files away from the other"
    db.clips.delete_batch(marker.batch_id)
    assert db.clips.markers(filled.id, "more cats") == []
    assert len(db.clips.markers(filled.id, "cats")) == 1
    assert db.profiles.next_batch_number(copy, filled.id) == 3, "numbers of unfinished batches stay used"
    new = db.profiles.take_media_number(copy, db.media.register("b3-ff-2", "/v/two.mp4").id)
    assert new == 2


def test_a_profile_is_renamed_deleted_and_brought_back(db: ProcessedDB, filled: Media) -> None:
    db.profiles.rename("cats", "  Big cats ")
    assert db.profiles.names() == ["Big cats", "default"]
    assert len(db.clips.markers(filled.id, "Big cats")) == 1
    profile_id = db.profiles.id_of("Big cats")
    assert len(db.profiles.clip_ids(profile_id)) == 2
    db.profiles.delete(profile_id)
    assert db.profiles.names() == ["default"]
    assert db.clips.markers(filled.id, "Big cats") == []
    db.profiles.restore(profile_id)
    assert len(db.clips.markers(filled.id, "Big cats")) == 1


def test_names_are_not_empty_and_not_taken_in_any_case(db: ProcessedDB, filled: Media) -> None:
    for wrong in ("", "  ", "CATS"):
        with pytest.raises(UserError):
            db.profiles.create(wrong)
        with pytest.raises(UserError):
            db.profiles.rename("default", wrong)
        with pytest.raises(UserError):
            db.profiles.duplicate("cats", wrong)
    db.profiles.rename("cats", "Cats")
    with pytest.raises(UserError, match="no profile"):
        db.profiles.rename("cats", "dogs")
    gone = db.profiles.id_of("Cats")
    db.profiles.delete(gone)
    db.profiles.create("cats")
    with pytest.raises(UserError, match="already"):
        db.profiles.restore(gone)


def test_subprofiles_keep_their_names_and_keys_apart(db: ProcessedDB) -> None:
    wide = db.subprofiles.add("default", Subprofile(0, "wide", 1, "wide"))
    tall = db.subprofiles.add("default", Subprofile(0, "tall", None, folder="/tall"))
    assert db.subprofiles.by_key("default", 1) == wide
    assert db.subprofiles.by_key("default", 2) is None
    assert [each.name for each in db.subprofiles.all("default")] == ["wide", "tall"]
    assert db.subprofiles.all("other") == []
    for taken in (Subprofile(0, "WIDE", 3, "w"), Subprofile(0, "new", 1, "w")):
        with pytest.raises(UserError, match="already"):
            db.subprofiles.add("default", taken)
    db.subprofiles.delete(wide.id)
    db.subprofiles.change("default", Subprofile(tall.id, "tall", 1, folder="/tall"))
    with pytest.raises(UserError, match="already"):
        db.subprofiles.restore("default", wide)
    db.subprofiles.change("default", tall)
    db.subprofiles.restore("default", wide)
    assert db.subprofiles.by_key("default", 1) == wide
