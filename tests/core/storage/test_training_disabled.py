"""What is kept out of training: by a flag, or by lying in the disabled sibling of its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.disabled import is_disabled_class, path_aside


def clip(folder: Path, name: str) -> str:
    path = folder / "vid_001" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"clip")
    return str(path)


@pytest.mark.parametrize(
    ("name", "disabled"), [("cat", False), ("cat_disabled", True), ("_disabled", False), ("disabled", False)]
)
def test_which_classes_are_the_disabled_part_of_another(name: str, disabled: bool) -> None:
    assert is_disabled_class(name) is disabled


def test_where_a_clip_lies_that_was_moved_aside() -> None:
    assert path_aside("/out/cat/vid_001/a_0.mp4", "/out/cat") == str(Path("/out/cat_disabled/vid_001/a_0.mp4"))


def test_clips_of_a_disabled_sibling_are_no_class_and_no_example(db: ProcessedDB, tmp_path: Path) -> None:
    cat, aside = tmp_path / "cat", tmp_path / "cat_disabled"
    db.add("a.mp4", 1.0, clip(cat, "clip_001_m1_0.mp4"))
    db.add("a.mp4", 20.0, clip(aside, "clip_001_m2_0.mp4"))
    assert db.get_export_folders() == ["cat"]
    assert db.get_training_stats() == {"cat": {"clips": 1, "videos": 1}}
    assert db.get_training_data("default", "cat") == [("a.mp4", [1.0], [20.0], [])], "it keeps negatives away"
    assert db.get_training_data("default", "cat_disabled") == []


def test_a_clip_whose_file_was_moved_to_the_sibling_counts_as_disabled(db: ProcessedDB, tmp_path: Path) -> None:
    cat, aside = tmp_path / "cat", tmp_path / "cat_disabled"
    stays, goes = clip(cat, "clip_001_m1_0.mp4"), clip(cat, "clip_001_m2_0.mp4")
    db.add("a.mp4", 1.0, stays)
    db.add("a.mp4", 20.0, goes)
    assert db.get_training_stats() == {"cat": {"clips": 2, "videos": 1}}
    (aside / "vid_001").mkdir(parents=True)
    Path(goes).rename(path_aside(goes, str(cat)))
    assert db.get_training_stats() == {"cat": {"clips": 1, "videos": 1}}
    assert db.get_training_data("default", "cat") == [("a.mp4", [1.0], [20.0], [])]
    Path(stays).unlink()
    assert db.get_training_stats() == {"cat": {"clips": 1, "videos": 1}}, "a missing clip was not moved aside"
    Path(path_aside(goes, str(cat))).rename(goes)
    assert db.get_training_stats() == {"cat": {"clips": 2, "videos": 1}}


def test_a_whole_video_is_kept_out_by_its_flag(db: ProcessedDB, tmp_path: Path) -> None:
    db.add("a.mp4", 1.0, clip(tmp_path / "cat", "clip_001_m1_0.mp4"))
    media, profile = db.media.by_name("a.mp4", "default"), db.profiles.ensure("default")
    db.media.set_disabled(profile, media.id, True)
    assert db.get_training_stats() == {}
    db.media.set_disabled(profile, media.id, False)
    assert db.get_training_stats() == {"cat": {"clips": 1, "videos": 1}}
