"""Sequences, names by template, presets and encoders through the history: made, interrupted, replaced, deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import ClipState, JobState
from core.errors import UserError
from core.job import JobContext
from core.media.probe import probe
from core.ops import cut, trash
from core.ops import replace as replacing
from core.ops.names import expected_names
from tests.core.media.test_encoder_fallback import DIES
from tests.core.ops.test_cut import SHORT, failing_ffmpeg, files, request_for
from tests.core.ops.test_cut_crash import kill_when
from tests.media_factory import MediaShelf

ONE = replace(SHORT, clips=1)


def run(db: ProcessedDB, request, bin_: Path | None = None):
    return cut.run(db, cut.plan(db, request).id, JobContext(), bin_)[0]


def test_a_sequence_from_plan_to_manifest(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    summary = run(db, request_for(db, source, format="WEBP", fps="10", short_side=60, side_step=8))
    folder = tmp_path / "dog" / "vid_001"
    assert summary.done == (str(folder / "clip_001_m1_0"), str(folder / "clip_001_m1_1"))
    assert len(list((folder / "clip_001_m1_0").iterdir())) == 20
    assert (folder / "clip_001_m1_0.wav").is_file()
    entries = json.loads((tmp_path / "dog" / "dataset.json").read_text())
    assert [entry["path"] for entry in entries] == ["vid_001/clip_001_m1_0", "vid_001/clip_001_m1_1"]
    assert (entries[0]["fps"], entries[0]["size"]) == (10.0, [80, 56])
    (marker,) = db.clips.markers(request_for(db, source).media.id, "default")
    assert marker.settings.format == "WEBP" and len(marker.paths) == 2


@pytest.mark.parametrize("taken", ["clip_001_m1_0", "clip_001_m1_4.wav", "other_001_m1_0"])
def test_numbers_of_sequences_are_seen_on_disk(taken: str, db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    there = tmp_path / "dog" / "vid_001" / taken
    there.parent.mkdir(parents=True)
    there.write_text("theirs") if taken.endswith(".wav") else there.mkdir()
    for format_name in ("WEBP", "MP4"):
        assert cut.plan(db, request_for(db, source, format=format_name)).batch_number >= 2


def test_a_name_with_a_dot_keeps_it(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    summary = run(db, request_for(db, source, ONE, format="WEBP", name="take 1.b"))
    assert Path(summary.done[0]).name == "take 1.b_001_m1_0"
    assert cut.plan(db, request_for(db, source, ONE, name="take 1.b")).batch_number == 2


@pytest.mark.parametrize("moment", ["encoding", "cutting", "first clip done"])
def test_a_sequence_killed_in_the_middle(moment: str, media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("gop250_25", tmp_path / "source.mp4")
    db = ProcessedDB(tmp_path / "history.db")
    job = cut.plan(db, request_for(db, source, Batch(1.0, 5, 3.0, 2.0), format="WEBP"))
    folder = Path(job.clips[0].path).parent
    conditions = {
        "encoding": lambda: any(folder.glob(".8cut-*-picture.partial/*.webp")),
        "cutting": lambda: any(folder.glob(".8cut-*-clip.partial")),
        "first clip done": lambda: any(clip.state is ClipState.DONE for clip in db.jobs.get(job.id).clips),
    }
    kill_when(db, job, conditions[moment])
    for clip in db.jobs.get(job.id).clips:
        if Path(clip.path).exists():
            # A folder of that name is empty, taken only as a name, or whole.
            assert len(list(Path(clip.path).iterdir())) in (0, 50)
    cut.clean_partials(db)
    assert not list(folder.glob(".*"))
    summary, _ = cut.run(db, job.id, JobContext())
    assert len(summary.done) == 5 and not summary.failed
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"clip_001_m1_{index}{ending}" for index in range(5) for ending in ("", ".wav")
    )
    assert all(len(list(Path(path).iterdir())) == 50 for path in summary.done)
    db.close()


def test_a_sequence_is_overwritten_deleted_and_brought_back(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    bin_ = tmp_path / "trash"
    request = request_for(db, source, ONE, format="WEBP")
    run(db, request)
    folder = tmp_path / "dog" / "vid_001"
    before = files(folder)
    assert len(before) == 51
    (marker,) = db.clips.markers(request.media.id, "default")
    anew = replacing.again(db, marker, request.media, "default", replace(request.settings, webp_quality=20))
    job = replacing.plan(db, anew, marker.batch_id)
    cut.run(db, job.id, JobContext(), bin_)
    assert files(folder) == before and len(files(bin_)) == 51
    (marker,) = db.clips.markers(request.media.id, "default")
    assert marker.settings.webp_quality == 20
    trash.delete(db, bin_, marker.clip_ids)
    assert not folder.exists() and len(files(bin_)) == 102
    trash.restore(db, bin_, marker.clip_ids)
    assert files(folder) == before


def test_names_by_template(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    template = "{label}-{media}-{number}-b{batch}-{index}"
    request = request_for(db, source, template=template)
    assert expected_names(db, request).text == "bark-source-001-b1-0.mp4 … bark-source-001-b1-1.mp4"
    run(db, request)
    assert files(tmp_path / "dog") == [
        "dataset.json",
        "vid_001/bark-source-001-b1-0.mp4",
        "vid_001/bark-source-001-b1-1.mp4",
    ]
    assert expected_names(db, request).text.startswith("bark-source-001-b2-0.mp4")
    (marker,) = db.clips.markers(request.media.id, "default")
    assert marker.number == 1 and marker.settings.template == template
    # An overwrite keeps the names, whatever the deck's template is by now.
    job = replacing.plan(
        db,
        replacing.again(db, marker, request.media, "default", replace(request.settings, template="")),
        marker.batch_id,
    )
    cut.run(db, job.id, JobContext(), tmp_path / "trash")
    assert files(tmp_path / "dog" / "vid_001") == ["bark-source-001-b1-0.mp4", "bark-source-001-b1-1.mp4"]


def test_a_template_skips_numbers_whose_names_are_taken(db: ProcessedDB, source: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "dog" / "vid_001" / "X1_0.MKV"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    job = cut.plan(db, request_for(db, source, template="x{batch}_{index}"))
    assert job.batch_number == 2 and Path(job.clips[0].path).name == "x2_0.mp4"


@pytest.mark.parametrize("first", ["made", "planned", "theirs"])
def test_a_template_that_gives_a_name_twice_is_refused(
    first: str, db: ProcessedDB, source: Path, tmp_path: Path
) -> None:
    request = request_for(db, source, template="{label}_{index}")
    if first == "theirs":
        (tmp_path / "dog" / "vid_001").mkdir(parents=True)
        (tmp_path / "dog" / "vid_001" / "Bark_1.flac").write_text("theirs")
    elif first == "planned":
        cut.plan(db, request)
    else:
        run(db, request)
    before = files(tmp_path)
    with pytest.raises(UserError, match=r"called bark_[01](\.mp4)? already") as caught:
        cut.plan(db, request)
    assert "{batch}" in caught.value.fix
    assert files(tmp_path) == before
    if first != "planned":
        assert "already" in expected_names(db, request).problem
    # Elsewhere, or with another label, it is a name like any other.
    assert cut.plan(db, request_for(db, source, template="{label}_{index}", label="howl")).clips
    assert cut.plan(db, request_for(db, source, template="{label}_{index}", folder=str(tmp_path / "cat"))).clips


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"template": "{nope}_{index}"}, "no token"),
        ({"template": "{name}"}, "add {index}"),
        ({"template": "{label}{index}", "label": "x" * 300}, ""),
        ({"encoder": "libx265"}, "no encoder libx265"),
        ({"fps": "fast"}, "no frame rate"),
        ({"fps": "1000"}, "frame rate cannot be 1000"),
        ({"side_step": 3}, "even number"),
        ({"side_step": 0}, "cannot be 0"),
        ({"webp_quality": 101}, "cannot be 101"),
        ({"training": "Wan"}, "16 fps, not 25"),
        ({"training": "Sora"}, "no training rules called Sora"),
        ({"training": "LTX", "fps": "25", "side_step": 32}, "8n+1 frames, not 50"),
        ({"training": "LTX", "fps": "25", "side_step": 2}, "8n+1 frames, not 50"),
        ({"format": "GIF"}, "no such format"),
    ],
)
def test_what_cannot_be_exported_is_said_before(
    settings: dict, sentence: str, db: ProcessedDB, source: Path, tmp_path: Path
) -> None:
    if not sentence:
        assert cut.plan(db, request_for(db, source, **settings)).clips, "a long label is cut"
        return
    with pytest.raises(UserError) as caught:
        cut.plan(db, request_for(db, source, **settings))
    assert sentence in str(caught.value)
    assert not (tmp_path / "dog").exists()


def test_pictures_of_a_sound_file_are_refused(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("audio_only", tmp_path / "rain.wav")
    with pytest.raises(UserError, match="has no picture"):
        cut.plan(db, request_for(db, source, ONE, format="WEBP"))


def test_the_end_is_reckoned_in_the_clips_own_frames(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    source = media.copy("tiny", tmp_path / "source.mp4")
    summary = run(db, request_for(db, source, Batch(0.96, 1, 0.5, 2.0), fps="16"))
    assert probe(summary.done[0]).video.frame_count == 32
    with pytest.raises(UserError, match="past the end"):
        cut.plan(db, request_for(db, source, Batch(1.2, 1, 0.5, 2.0), fps="16"))


def test_a_dead_encoder_is_in_the_summary(
    db: ProcessedDB, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_ffmpeg(tmp_path, monkeypatch, DIES)
    job = cut.plan(db, request_for(db, source, encoder="h264_nvenc"))
    summary, _ = cut.run(db, job.id, JobContext())
    assert len(summary.done) == 2 and not summary.failed
    assert summary.notes and "NVIDIA NVENC failed" in summary.notes[0]
    assert db.jobs.get(job.id).state is JobState.DONE


def test_two_profiles_in_one_folder_never_share_a_name(db: ProcessedDB, source: Path) -> None:
    """Neither has a file yet, so only the history can tell."""
    first = cut.plan(db, request_for(db, source))
    second = cut.plan(db, request_for(db, source, profile="other"))
    assert not {clip.path for clip in first.clips} & {clip.path for clip in second.clips}
