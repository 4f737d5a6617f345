"""Profiles come and go; files that another one uses stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.subprofile import Subprofile
from core.errors import UserError
from core.ops import lists, manifest, profiles


def clip(db: ProcessedDB, tmp_path: Path, number: int) -> Path:
    path = tmp_path / "out" / "cat" / "vid_001" / f"clip_001_m{number}_0.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"clip")
    db.add("/v/a.mp4", 10.0 * number, str(path), profile="cats")
    return path


def test_deleting_with_files_keeps_those_a_copy_uses(db: ProcessedDB, tmp_path: Path) -> None:
    shared = clip(db, tmp_path, 1)
    profiles.duplicate(db, "cats", "copy")
    own = clip(db, tmp_path, 2)
    cats = db.profiles.id_of("cats")
    preview = profiles.files_preview(db, cats)
    assert [each.path for each in preview.moving] == [str(own)]
    assert [each.stays_for for each in preview.clips if each.path == str(shared)] == ["copy"]
    clips, changes = profiles.delete_with_files(db, tmp_path / "trash", cats)
    assert changes
    assert (shared.exists(), own.exists()) == (True, False)
    assert "cats" not in db.profiles.names()
    profiles.restore_with_files(db, tmp_path / "trash", cats, clips)
    assert own.read_bytes() == b"clip"
    assert db.clips.counts("cats") == {db.media.by_name("a.mp4", "cats").id: 2}


def test_files_are_listed_once_in_dataset_json_however_many_profiles_share_them(
    db: ProcessedDB, tmp_path: Path
) -> None:
    made = clip(db, tmp_path, 1)
    profiles.duplicate(db, "cats", "copy")
    manifest.rebuild(db, made.parents[1])
    assert (made.parents[1] / "dataset.json").read_text().count("clip_001_m1_0.mp4") == 1


def test_the_last_profile_and_the_last_list_stay(db: ProcessedDB) -> None:
    default = db.profiles.id_of("default")
    with pytest.raises(UserError, match="last profile"):
        profiles.hide(db, default)
    other = profiles.create(db, "other")
    profiles.hide(db, default)
    profiles.show(db, default)
    profiles.hide(db, other)
    only = db.list_tabs.ensure("default")
    with pytest.raises(UserError, match="last list"):
        lists.close(db, "default", only)


def test_a_subprofile_that_is_not_whole_is_refused(db: ProcessedDB) -> None:
    with pytest.raises(UserError, match="ending"):
        profiles.add_subprofile(db, "default", Subprofile(0, "wide", 1))
    made = profiles.add_subprofile(db, "default", Subprofile(0, "wide", 1, "wide"))
    with pytest.raises(UserError, match="name"):
        profiles.change_subprofile(db, "default", Subprofile(made.id, "", 1, "wide"))
    profiles.delete_subprofile(db, made.id)
    assert profiles.subprofiles(db, "default") == []
    profiles.restore_subprofile(db, "default", made)
    assert profiles.subprofiles(db, "default") == [made]


def test_what_the_window_shows_is_read_in_one_go(db: ProcessedDB) -> None:
    media = db.media.register("b3-1-1", "/v/a.mp4")
    view = lists.view(db, "default")
    assert [tab.name for tab in view.tabs] == ["List 1"]
    new = lists.add_media(db, view.shown, [media.id, media.id])
    assert new == [("media", media.id)]
    assert lists.add_media(db, view.shown, [media.id], 0) == []
    lists.set_hidden(db, "default", [media.id], True)
    lists.set_disabled(db, "default", [media.id], True)
    line = lists.add_separator(db, view.shown, "first", 0)
    lists.rename_separator(db, line.id, " second ")
    seen = lists.view(db, "default")
    assert [getattr(row, "text", row) for row in seen.rows[seen.shown]] == ["second", media]
    assert (seen.hidden, seen.disabled) == ({media.id}, {media.id})
