"""Every format from every kind of source with the real ffmpeg, read back by itself and by its audit."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from core.domain.clip import EXTENSIONS
from core.domain.crop import NO_CROP
from core.domain.export import ExportSettings, parse_rate
from core.domain.frame_size import kept_rect
from core.domain.preset import PRESETS, RULES, DeckShape, violations
from core.domain.timecode import frame_count
from core.errors import UserError
from core.job import JobContext
from core.media import sequence
from core.media.export import export_clips
from core.media.probe import probe
from core.media.process import run
from core.media.pts import frame_times
from core.media.tools import find_tool
from tests.core.media.test_export import FAST, counters, export, planned, sound_of
from tests.media_factory import MediaShelf, read_columns, read_counter

KINDS = ("h264_2997", "gop250_25", "vfr", "rotated90", "tenbit", "no_audio", "audio_only", "audio51")
FORMATS = ("MP4", "MKV", "MOV", "WEBP", "WEBP lossless", "WAV", "FLAC")
START_S, DURATION_S = 1.234, 2.0


def pictures(clip: str) -> list[np.ndarray]:
    """The frames of a sequence as RGB."""
    made = []
    for path in sorted(Path(clip).iterdir()):
        with av.open(str(path)) as container:
            made.append(next(container.decode(video=0)).to_ndarray(format="rgb24"))
    return made


def shown(clip: str) -> list[int]:
    if Path(clip).is_dir():
        return [read_counter(picture) for picture in pictures(clip)]
    return counters(clip)


@pytest.mark.parametrize("into", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_of_every_source(kind: str, into: str, media: MediaShelf, tmp_path: Path) -> None:
    name, _, lossless = into.partition(" ")
    source = media(kind)
    info = probe(source)
    clips = planned(tmp_path, EXTENSIONS[name], [START_S], DURATION_S)
    sound_only = name in ("WAV", "FLAC")
    if (sound_only and not info.audio) or (name == "WEBP" and not info.video):
        with pytest.raises(UserError, match="has no audio" if sound_only else "has no picture"):
            export(source, clips, format=name)
        return
    made = export(source, clips, format=name, webp_lossless=bool(lossless))
    assert not made.failed
    audit, path = made.done[0], clips[0].path
    length_s = DURATION_S
    if info.video and not sound_only:
        expected = frame_count(DURATION_S, info.video.fps)
        length_s = float(expected / info.video.fps)
        seen = shown(path)
        assert audit.frames == audit.expected_frames == len(seen) == expected
        assert seen[0] == frame_times(source).index(START_S)
        assert audit.video_end_s == pytest.approx(length_s, abs=0.002)
    else:
        assert audit.frames is None
    beside = tmp_path / "clip_001_m1_0.wav"
    if not info.audio:
        assert audit.audio_end_s is None and not (name == "WEBP" and beside.exists())
    else:
        samples, rate = sound_of(str(beside) if name == "WEBP" else path)
        assert samples.shape == (info.audio[0].channels, round(length_s * rate))
        assert audit.audio_end_s == pytest.approx(length_s, abs=0.001)
    names = {Path(path).name, *((beside.name,) if name == "WEBP" and info.audio else ())}
    assert {entry.name for entry in tmp_path.iterdir()} == names, "nothing else is left"


def test_overlapping_sequences_are_independent_copies(media: MediaShelf, tmp_path: Path) -> None:
    source = media("h264_2997")
    clips = planned(tmp_path, "", [1.0, 2.0])
    made = export(source, clips, format="WEBP")
    assert not made.failed
    first, second = (shown(clip.path) for clip in clips)
    assert second == list(range(second[0], second[0] + 60))
    assert set(first) & set(second)
    inodes = {path.stat().st_ino for clip in clips for path in Path(clip.path).iterdir()}
    assert len(inodes) == 120


def test_colours_of_webp_are_those_of_the_source(media: MediaShelf, tmp_path: Path) -> None:
    """A source in the colours of HD: WebP knows only those of SD, so taking its numbers over would shift them."""
    source = tmp_path / "hd.mkv"
    colours = "color=0xc03020:s=64x48:r=25:d=3,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"
    tags = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    encode = ("-c:v", "libx264", "-qp", "0", *tags)
    done = run([find_tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", colours, *encode, str(source)])
    assert done.returncode == 0, done.stderr
    for number, lossless in enumerate((False, True)):
        (clip,) = planned(tmp_path / str(number), "", [0.2])
        made = export(source, [clip], format="WEBP", webp_lossless=lossless, webp_quality=95)
        assert not made.failed
        colour = pictures(clip.path)[0].mean(axis=(0, 1))
        assert np.abs(colour - [0xC0, 0x30, 0x20]).max() < 6


def test_quality_makes_larger_pictures(media: MediaShelf, tmp_path: Path) -> None:
    sizes = []
    for quality in (10, 90):
        (clip,) = planned(tmp_path / str(quality), "", [1.0])
        export(media("gop250_25"), [clip], format="WEBP", webp_quality=quality)
        sizes.append(sum(path.stat().st_size for path in Path(clip.path).iterdir()))
    assert sizes[0] < 0.85 * sizes[1]


@pytest.mark.parametrize("damage", ["missing", "cut short", "not a picture", "extra", "no sound"])
def test_the_audit_of_a_sequence_finds_damage(damage: str, media: MediaShelf, tmp_path: Path) -> None:
    """A damaged clip with the clip's name is another file to a retry, and is left alone."""
    source = media("gop250_25")
    clips = planned(tmp_path, "", [1.0])
    folder = Path(clips[0].path)
    assert not export(source, clips, format="WEBP").failed
    victim = folder / sequence.frame_name(20)
    if damage == "missing":
        victim.unlink()
    elif damage == "cut short":
        victim.write_bytes(victim.read_bytes()[:-7])
    elif damage == "not a picture":
        (folder / sequence.frame_name(1)).write_bytes(b"RIFF\x04\x00\x00\x00WEBP")
    elif damage == "extra":
        (folder / "notes.txt").write_text("mine")
    else:
        sequence.sound_beside(folder).unlink()
    before = sorted(path.name for path in folder.iterdir())
    again = export(source, clips, format="WEBP")
    assert again.failed == {0: "Another file has its name"}
    assert sorted(path.name for path in folder.iterdir()) == before


def test_what_a_crash_leaves_between_the_two_names_is_finished(media: MediaShelf, tmp_path: Path) -> None:
    source = media("gop250_25")
    clips = planned(tmp_path, "", [1.0])
    folder = Path(clips[0].path)
    assert not export(source, clips, format="WEBP").failed
    # The sound has its name, the folder only took its own.
    for path in folder.iterdir():
        path.unlink()
    again = export(source, clips, format="WEBP")
    assert not again.failed and len(list(folder.iterdir())) == 50
    assert not export(source, clips, format="WEBP").failed, "and then it is recognised"


def test_a_sound_of_that_name_from_elsewhere_stays(media: MediaShelf, tmp_path: Path) -> None:
    clips = planned(tmp_path, "", [1.0])
    taken = sequence.sound_beside(Path(clips[0].path))
    taken.write_bytes(b"a song")
    made = export(media("gop250_25"), clips, format="WEBP")
    assert made.failed == {0: "Another file took its name meanwhile"}
    assert [path.name for path in tmp_path.iterdir()] == [taken.name]
    assert taken.read_bytes() == b"a song"


def test_a_folder_with_percent_signs(media: MediaShelf, tmp_path: Path) -> None:
    clips = planned(tmp_path / "100%d %08d", "", [1.0])
    assert not export(media("tiny"), [clips[0]], format="WEBP").failed
    assert len(list(Path(clips[0].path).iterdir())) == 50


@pytest.mark.parametrize("fps", ["10", "16", "24", "25", "50", "60000/1001"])
@pytest.mark.parametrize("kind", ["h264_2997", "vfr", "matroska"])
def test_another_rate_shows_what_was_on_the_screen(kind: str, fps: str, media: MediaShelf, tmp_path: Path) -> None:
    source = media(kind)
    info, times = probe(source), frame_times(source)
    starts = [1.234, 2.0]
    made = export(source, planned(tmp_path, ".mp4", starts), fps=fps)
    assert not made.failed
    rate = parse_rate(fps)
    for clip in made.clips:
        seen = counters(clip.path)
        assert len(seen) == frame_count(2.0, rate)
        begin_s = times.at(clip.start_s)
        assert seen[0] == times.index(clip.start_s), "the first frame is the source's"
        on_screen = [times.index(begin_s + float(number / rate)) for number in range(len(seen))]
        # Where a frame begins just when it is due, rounding of timestamps decides.
        off = [number for number, (a, b) in enumerate(zip(seen, on_screen, strict=True)) if a != b]
        for number in off:
            due = begin_s + float(number / rate)
            assert np.abs(times.times - due).min() < 0.0025
        audit = made.done[clip.index]
        assert audit.video_end_s == pytest.approx(len(seen) / rate, abs=0.002)
        assert abs(audit.audio_end_s - audit.video_end_s) < 0.002
        assert info.video.fps != rate


@pytest.mark.parametrize("kind", ["h264_2997", "vfr"])
def test_another_rate_up_to_the_last_frame(kind: str, media: MediaShelf, tmp_path: Path) -> None:
    source = media(kind)
    end_s = frame_times(source).end_s
    made = export(source, planned(tmp_path, ".mp4", [end_s - 2.0]), fps="16")
    assert not made.failed and made.done[0].frames == 32


@pytest.mark.parametrize("kind", ["h264_2997", "rotated90", "anamorphic"])
def test_trimmed_sides_keep_the_middle(kind: str, media: MediaShelf, tmp_path: Path) -> None:
    source = media(kind)
    made = export(source, planned(tmp_path, ".mp4", [1.0]), side_step=32, short_side=200)
    assert not made.failed, "the audit looks at the same part of the source"
    video = probe(made.clips[0].path).video
    assert video.width % 32 == video.height % 32 == 0
    assert min(video.width, video.height) == 192


def test_what_is_trimmed_is_what_the_geometry_says(media: MediaShelf, tmp_path: Path) -> None:
    made = export(media("h264_2997"), planned(tmp_path, ".mp4", [1.0]), side_step=64, short_side=230)
    assert not made.failed
    with av.open(made.clips[0].path) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    kept = kept_rect(320, 240, NO_CROP, 230, 64)
    assert picture.shape[:2] == (192, 256) and kept.x > 20
    assert read_columns(picture) == pytest.approx(kept.fractions(320, 240)[::2], abs=0.02)


@pytest.mark.parametrize("preset_name", ["LTX", "Wan", "Hunyuan"])
def test_presets_of_models_make_what_they_promise(preset_name: str, media: MediaShelf, tmp_path: Path) -> None:
    preset = next(preset for preset in PRESETS if preset.name == preset_name)
    shape = preset.applied(DeckShape(ExportSettings(str(tmp_path), **FAST), 1, 3.0, 8.0))
    source = media("gop250_25")
    info = probe(source)
    clips = planned(tmp_path, ".mp4", [2.0], shape.duration_s)
    done, failed = {}, {}
    export_clips(info, clips, shape.settings, JobContext(), lambda clip, audit: done.update({0: audit}), failed.update)
    rules, video = RULES[preset_name], probe(clips[0].path).video
    assert done[0].frames % rules.frame_step == 1
    assert video.fps == rules.fps
    assert video.width % rules.side_step == video.height % rules.side_step == 0
    assert not violations(shape.settings, shape.duration_s, info.video.fps, (video.width, video.height))
    with av.open(clips[0].path) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="gray")
    # The number of the frame is written over the full height, of which some was trimmed.
    lost = info.video.height - video.height
    picture = np.pad(picture, ((lost // 2, lost - lost // 2), (0, 0)), mode="edge")
    assert read_counter(picture) == frame_times(source).index(2.0)
    assert abs(done[0].audio_end_s - done[0].video_end_s) < 0.002
