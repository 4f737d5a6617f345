"""Items of a project: frames, windows of a grid, and what a scan found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.db import ProcessedDB
from core.domain.annotation import TARGET_SOUND, ItemKind
from core.domain.scan import ScanMade, WindowScores
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.ops import label, label_items
from tests.core.annotation.labelled import project
from tests.media_factory import MediaShelf


def test_frames_of_a_video_are_evenly_spaced(db: ProcessedDB, media: MediaShelf) -> None:
    path = media("tiny")
    video = db.media.register("path:" + str(path), str(path))
    made = project(db, videos=0)
    added, changes = label_items.add_frames(db, made, [video.id])
    assert (added, bool(changes)) == (10, True)
    items = db.annotation.items(made.id)
    assert sorted(item.frame for item in items) == [number * 75 // 10 for number in range(10)]
    assert {item.content_key.startswith("b3-") for item in items} == {True}, "a placeholder became the file's own key"
    assert [item.start_s for item in items] == pytest.approx([item.frame / 25 for item in items], abs=1e-3)
    assert label_items.add_frames(db, made, [video.id])[0] == 0, "twice is once"
    assert label_items.add_frames(db, made, [video.id], per_video=100)[0] == 65, "each of its 75 frames once"


def test_a_file_without_frames_is_logged_and_skipped(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    video, sound = media("tiny"), media("audio_only")
    gone = tmp_path / "gone.mp4"
    ids = [db.media.register("path:" + str(path), str(path)).id for path in (gone, sound, video)]
    ctx = JobContext()
    assert label_items.add_frames(db, project(db, videos=0), ids, 3, ctx)[0] == 3
    assert len(ctx.log_lines) == 2
    assert "gone.mp4" in ctx.log_lines[0]


def test_windows_of_a_grid(db: ProcessedDB, media: MediaShelf) -> None:
    path = media("audio_only", seconds=5)
    sound = db.media.register("path:" + str(path), str(path))
    made, _ = label.create_project(db, "sounds", ItemKind.WINDOW, [TARGET_SOUND])
    assert label_items.add_windows(db, made, [sound.id], 2.0, 1.0)[0] == 4
    spans = sorted((item.start_s, item.end_s) for item in db.annotation.items(made.id))
    assert spans == [(0.0, 2.0), (1.0, 3.0), (2.0, 4.0), (3.0, 5.0)]
    assert label_items.add_windows(db, made, [sound.id], 20.0, 1.0)[0] == 1, (
        "shorter than a window: one of its own length"
    )


def test_regions_of_a_scan_as_they_were_trimmed(db: ProcessedDB, media: MediaShelf) -> None:
    path = media("audio_only", seconds=5)
    sound = db.media.register("path:" + str(path), str(path))
    hits = [(1.0, 3.0, 0.9), (0.25, 0.75, 0.8), (3.5, 4.5, 0.7)]
    stamp = db.save_scan_results(str(path), "default", "bark", hits)
    trimmed, gone = db.scans.rows(db.profiles.id_of("default"), sound.id, "bark", stamp)[:2]
    db.scans.set_times(trimmed.id, 0.25049, 0.75)
    db.scans.set_disabled([gone.id], True)
    made, _ = label.create_project(db, "sounds", ItemKind.WINDOW, [TARGET_SOUND])
    label_items.add_windows(db, made, [sound.id], 1.0, 3.5)
    sound = db.media.by_path(str(path))
    assert label_items.add_regions(db, made, [sound.id], "default", "bark")[0] == 1, "one of the two is there already"
    assert db.annotation.item(made.id, f"{sound.content_key}@250+500").end_s == 0.75
    assert label_items.add_regions(db, made, [sound.id], "default", "other")[0] == 0
    stopped = JobContext()
    stopped.cancel()
    with pytest.raises(Cancelled):
        label_items.add_regions(db, made, [sound.id], "default", "bark", stopped)


def test_windows_of_a_scan_by_their_scores(db: ProcessedDB, media: MediaShelf) -> None:
    paths = [media("audio_only", seconds=5), media("audio_only", seconds=4)]
    sound, unscanned = [db.media.register("path:" + str(path), str(path)) for path in paths]
    windows = WindowScores(np.array([0.1, 0.35, 0.5, 0.9], np.float32), 1.0, 2.0, 5.0)
    profile_id = db.profiles.ensure("default")
    for scores in (WindowScores(np.ones(4, np.float32), 1.0, 2.0, 5.0), windows):
        db.scans.save_scan(profile_id, sound.id, "bark", [], ScanMade(scores, "bark", "v1", 0.5, 4.0))
    made, _ = label.create_project(db, "sounds", ItemKind.WINDOW, [TARGET_SOUND])
    ctx, ids = JobContext(), [sound.id, unscanned.id]
    assert label_items.add_scan_windows(db, made, ids, "default", "bark", (0.3, 0.7), ctx=ctx)[0] == 1
    assert [(item.start_s, item.end_s) for item in db.annotation.items(made.id)] == [(2.0, 4.0)]
    assert [line.partition(" ")[2] for line in ctx.log_lines] == [
        "has no scores of bark. No scan in the profile default kept any. Scan it."
    ]
    assert label_items.add_scan_windows(db, made, ids, "default", "bark", (0.3, 0.7), apart_s=1.0)[0] == 1
    assert label_items.add_scan_windows(db, made, ids, "default", "bark", (0.3, 0.7), apart_s=1.0)[0] == 0, "once only"
    assert label_items.add_scan_windows(db, made, ids, "other", "bark", (0.0, 1.0))[0] == 0
    for scores in ((0.7, 0.3), (-0.1, 1.0), (0.0, float("nan"))):
        with pytest.raises(UserError, match="No score lies between"):
            label_items.add_scan_windows(db, made, ids, "default", "bark", scores)
    with pytest.raises(UserError, match="a project of frames"):
        label_items.add_scan_windows(db, project(db), ids, "default", "bark", (0.0, 1.0))


def test_items_of_the_other_kind_are_refused(db: ProcessedDB) -> None:
    sounds, _ = label.create_project(db, "sounds", ItemKind.WINDOW, [TARGET_SOUND])
    with pytest.raises(UserError, match="a project of windows"):
        label_items.add_frames(db, sounds, [])
    with pytest.raises(UserError, match="a project of frames"):
        label_items.add_windows(db, project(db), [], 2.0, 1.0)
    unseen = db.media.placeholder_for_path("/films/gone.mp4")
    with pytest.raises(UserError, match=r"gone\.mp4"):
        label_items.region_items(db, sounds, [(unseen.id, 0.0, 1.0)])
    with pytest.raises(UserError, match="not in the history"):
        label_items.region_items(db, sounds, [(9, 0.0, 1.0)])
    for window_s, hop_s in ((0.0, 1.0), (1.0, 0.0), (float("nan"), 1.0)):
        with pytest.raises(UserError, match=r"at least 0\.01 s"):
            label_items.add_windows(db, sounds, [], window_s, hop_s)


def test_adding_can_be_cancelled(db: ProcessedDB) -> None:
    ctx = JobContext()
    ctx.cancel()
    media = db.media.register("b3-1", "/films/1.mp4")
    with pytest.raises(Cancelled):
        label_items.add_frames(db, project(db), [media.id], ctx=ctx)
