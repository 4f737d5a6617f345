"""Clips of every kind of source with the real ffmpeg: the right frames, the right sound, nothing else on the disk."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import numpy as np
import pytest

from core.domain.export import Audit, ExportSettings, PlannedClip
from core.domain.timecode import frame_count
from core.errors import Cancelled, EnvironmentProblem, UserError
from core.job import JobContext, Progress
from core.media import export as exporting
from core.media.abilities import Abilities
from core.media.export import export_clips
from core.media.probe import probe
from core.media.pts import frame_times
from tests.media_factory import RECIPES, MediaShelf, beep_hz, read_counter

PICTURE_KINDS = (
    "h264_2997",
    "gop250_25",
    "vfr",
    "rotated90",
    "tenbit",
    "hdr",
    "no_audio",
    "audio51",
    "anamorphic",
    "matroska",
    "transport",
    "late_video",
)
FAST = {"preset": "ultrafast", "crf": 20}


@dataclass
class Made:
    """What an export reported, and the context it ran in."""

    clips: list[PlannedClip]
    done: dict[int, Audit] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    ctx: JobContext = field(default_factory=JobContext)


def planned(folder: Path, suffix: str, starts_s: list[float], duration_s: float = 2.0) -> list[PlannedClip]:
    return [
        PlannedClip(index, start, duration_s, str(folder / f"clip_001_m1_{index}{suffix}"))
        for index, start in enumerate(starts_s)
    ]


def export(source: Path, clips: list[PlannedClip], **settings: object) -> Made:
    made = Made(clips)
    chosen = replace(ExportSettings(str(Path(clips[0].path).parent), **FAST), **settings)
    export_clips(
        probe(source),
        clips,
        chosen,
        made.ctx,
        lambda clip, audit: made.done.__setitem__(clip.index, audit),
        lambda clip, reason: made.failed.__setitem__(clip.index, reason),
        job_id=7,
    )
    return made


def written(path: str) -> tuple[int, int, int]:
    """What changes when a file is replaced or written to."""
    status = Path(path).stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def counters(path: str) -> list[int]:
    with av.open(path) as container:
        return [read_counter(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


def sound_of(path: str) -> tuple[np.ndarray, int]:
    """Samples (channels, time) as float, and the rate; the first one is at the clip's start."""
    with av.open(path) as container:
        frames = list(container.decode(audio=0))
        blocks = [frame.to_ndarray() for frame in frames]
        if not frames[0].format.is_planar:
            blocks = [block.reshape(-1, frames[0].layout.nb_channels).T for block in blocks]
        samples = np.concatenate(blocks, axis=1)
        scale = 1.0 if samples.dtype.kind == "f" else float(np.iinfo(samples.dtype).max)
        return samples / scale, frames[0].sample_rate


@pytest.mark.parametrize("kind", PICTURE_KINDS)
def test_the_right_frames_of_every_source(kind: str, media: MediaShelf, tmp_path: Path) -> None:
    source = media(kind)
    info, times = probe(source), frame_times(source)
    made = export(source, planned(tmp_path, ".mp4", [1.234, 2.0, 5.5]))
    assert not made.failed
    for clip in made.clips:
        seen = counters(clip.path)
        first = times.index(clip.start_s)
        assert len(seen) == frame_count(clip.duration_s, info.video.fps)
        assert seen[0] == first
        if not info.video.variable_rate:
            assert seen == list(range(first, first + len(seen)))
        else:
            assert seen == sorted(seen) and seen[-1] - first < len(seen) + 12
        audit = made.done[clip.index]
        assert audit.frames == audit.expected_frames == len(seen)
        assert audit.video_end_s == pytest.approx(len(seen) / info.video.fps, abs=0.002)
        if info.audio:
            assert abs(audit.audio_end_s - audit.video_end_s) <= float(1 / info.video.fps)
        else:
            assert audit.audio_end_s is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [Path(clip.path).name for clip in made.clips]


@pytest.mark.parametrize("kind", ["h264_2997", "audio51", "late_video", "transport", "matroska", "audio_only"])
@pytest.mark.parametrize(("format_name", "audio"), [("MP4", "lossless"), ("MKV", "aac")])
def test_sound_stays_with_its_picture(
    kind: str, format_name: str, audio: str, media: MediaShelf, tmp_path: Path
) -> None:
    source = media(kind)
    suffix = {"MP4": ".mp4", "MKV": ".mkv"}[format_name]
    made = export(source, planned(tmp_path, suffix, [2.8, 4.3]), format=format_name, audio=audio)
    assert not made.failed
    info = probe(source)
    for clip in made.clips:
        samples, rate = sound_of(clip.path)
        assert samples.shape[0] == info.audio[0].channels
        # What the first frame shows tells its time in what was filmed, whatever the container's clock says.
        start = clip.start_s
        if info.video:
            start = counters(clip.path)[0] / float(info.video.fps) + RECIPES[kind].video_delay_s
        second = int(start) + 1
        beep = int((second - start) * rate)
        window = samples[0, beep + int(0.02 * rate) : beep + int(0.08 * rate)]
        spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)), 1 << 16))
        assert np.argmax(spectrum) * rate / (1 << 16) == pytest.approx(beep_hz(second), abs=6)
        # The beep begins on its second: silence before, loud three milliseconds later.
        before = samples[0, beep - rate // 10 : beep - rate // 400]
        after = samples[0, beep : beep + rate // 300]
        assert np.abs(before).max() < 0.03 < 0.1 < np.abs(after).max()


def test_lossless_sound_is_the_source_to_the_sample(media: MediaShelf, tmp_path: Path) -> None:
    source = media("audio_only")
    original, rate = sound_of(str(source))
    for format_name, suffix in (("MP4", ".mp4"), ("MKV", ".mkv"), ("MOV", ".mov"), ("WAV", ".wav"), ("FLAC", ".flac")):
        clips = planned(tmp_path, suffix, [3.5, 4.25])
        assert not export(source, clips, format=format_name).failed
        for clip in clips:
            samples, _ = sound_of(clip.path)
            begin = round(clip.start_s * rate)
            assert np.array_equal(samples, original[:, begin : begin + 2 * rate]), clip.path


def test_the_last_frames_of_a_source(media: MediaShelf, tmp_path: Path) -> None:
    for kind in ("h264_2997", "vfr", "matroska"):
        source = media(kind)
        times, fps = frame_times(source), probe(source).video.fps
        start = times.at(times.end_s - 2.0)
        made = export(source, planned(tmp_path / kind, ".mp4", [start]))
        assert not made.failed
        assert counters(made.clips[0].path)[-1] >= len(times) - 2
        assert len(counters(made.clips[0].path)) == frame_count(2.0, fps)


@pytest.mark.parametrize(
    ("kind", "short_side", "size"),
    [("anamorphic", None, (426, 240)), ("rotated90", None, (240, 320)), ("rotated90", 120, (120, 160))],
)
def test_sizes_as_displayed(
    kind: str, short_side: int | None, size: tuple[int, int], media: MediaShelf, tmp_path: Path
) -> None:
    made = export(media(kind), planned(tmp_path, ".mp4", [1.0]), short_side=short_side)
    video = probe(made.clips[0].path).video
    assert (video.width, video.height, video.rotation, video.sample_aspect) == (*size, 0, 1)
    assert video.pixel_format == "yuv420p"


def test_hdr_becomes_ordinary_or_keeps_its_tags(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped = export(media("hdr"), planned(tmp_path / "mapped", ".mp4", [1.0]))
    assert not probe(mapped.clips[0].path).video.hdr
    monkeypatch.setattr(exporting, "ffmpeg_abilities", lambda: Abilities((5, 1), frozenset()))
    kept = export(media("hdr"), planned(tmp_path / "kept", ".mp4", [1.0]))
    assert not kept.failed
    assert probe(kept.clips[0].path).video.hdr
    assert "zscale" in kept.ctx.log_lines[0]


def test_colour_tags_are_kept(media: MediaShelf, tmp_path: Path) -> None:
    tags = (
        "-color_primaries",
        "smpte170m",
        "-color_trc",
        "smpte170m",
        "-colorspace",
        "smpte170m",
        "-color_range",
        "tv",
    )
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *tags)
    made = export(media("tiny", video=video), planned(tmp_path, ".mp4", [0.5]))
    with av.open(made.clips[0].path) as container:
        context = container.streams.video[0].codec_context
        assert (int(context.colorspace), int(context.color_primaries), int(context.color_trc)) == (6, 6, 6)


def test_full_range_becomes_ordinary_range(media: MediaShelf, tmp_path: Path) -> None:
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuvj420p")
    source = media("tiny", video=video)
    made = export(source, planned(tmp_path, ".mp4", [0.5]))
    assert not made.failed
    with av.open(str(source)) as before, av.open(made.clips[0].path) as after:
        bright = [next(file.decode(video=0)).to_ndarray(format="rgb24")[:5].mean() for file in (before, after)]
        assert int(after.streams.video[0].codec_context.color_range) != 2
    assert bright[0] == pytest.approx(bright[1], abs=3)


def test_sound_alone_from_a_video(media: MediaShelf, tmp_path: Path) -> None:
    made = export(media("h264_2997"), planned(tmp_path, ".flac", [1.0]), format="FLAC")
    info = probe(made.clips[0].path)
    assert info.video is None and info.duration_s == pytest.approx(2.0)


def test_no_sound_by_choice_and_none_to_export(media: MediaShelf, tmp_path: Path) -> None:
    made = export(media("tiny"), planned(tmp_path, ".mp4", [0.5]), audio="none")
    assert not probe(made.clips[0].path).audio
    with pytest.raises(UserError, match="has no audio"):
        export(media("no_audio"), planned(tmp_path, ".wav", [0.5]), format="WAV")
    with pytest.raises(UserError, match="no audio track 3"):
        export(media("tiny"), planned(tmp_path, ".mp4", [0.5]), audio_track=2)


def test_a_name_that_is_taken_meanwhile_is_left_alone(media: MediaShelf, tmp_path: Path) -> None:
    clips = planned(tmp_path, ".mp4", [0.2, 0.4])
    Path(clips[1].path).write_bytes(b"theirs")
    made = export(media("tiny"), clips)
    assert list(made.done) == [0]
    assert made.failed == {1: "Another file has its name"}
    assert Path(clips[1].path).read_bytes() == b"theirs"


def test_a_clip_finished_before_a_crash_is_recognised(media: MediaShelf, tmp_path: Path) -> None:
    clips = planned(tmp_path, ".mp4", [0.2])
    export(media("tiny"), clips)
    before = written(clips[0].path)
    made = export(media("tiny"), clips)
    assert made.done[0].ok
    assert written(clips[0].path) == before


def test_progress_goes_up_to_the_total(media: MediaShelf, tmp_path: Path) -> None:
    seen: list[Progress] = []

    class Watched(JobContext):
        def progress(self, done: float, total: float, text: str = "") -> None:
            seen.append(Progress(done, total, text))

    made = Made(planned(tmp_path, ".mp4", [0.2, 0.6, 1.0]))
    settings = ExportSettings(str(tmp_path), **FAST)
    export_clips(probe(media("tiny")), made.clips, settings, Watched(), lambda *_: None, lambda *_: None)
    exported = [step for step in seen if step.text.startswith("Clip")]
    assert [step.done for step in exported] == sorted(step.done for step in exported)
    assert exported[-1] == Progress(6.0, 6.0, "Clip 3 of 3")


def test_cancelling_stops_ffmpeg_and_leaves_nothing(media: MediaShelf, tmp_path: Path) -> None:
    started = threading.Event()

    class Watched(JobContext):
        def progress(self, done: float, total: float, text: str = "") -> None:
            if text.startswith("Clip") and done > 0:
                started.set()
                self.cancel()

    # One second of film noise at the slowest preset takes longer than the first report of progress.
    clips = planned(tmp_path, ".mp4", [0.0, 3.0, 6.0], 8.0)
    settings = ExportSettings(str(tmp_path), preset="veryslow", crf=0)
    with pytest.raises(Cancelled):
        export_clips(probe(media("gop250_25")), clips, settings, Watched(), lambda *_: None, lambda *_: None)
    assert started.is_set()
    assert not list(tmp_path.iterdir())


def wrapper(folder: Path, script: str) -> Path:
    """An ffmpeg that does something to what it is asked before, or instead of, doing it."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_full_disk_is_said_so_and_leaves_nothing(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    # The real ffmpeg, writing to the device that is always full.
    script = 'args=()\nfor arg; do case "$arg" in *.partial) arg=/dev/full;; esac; args+=("$arg"); done\n'
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, script + 'exec ffmpeg "${args[@]}"')))
    with pytest.raises(EnvironmentProblem, match="Free some space") as caught:
        export(media("tiny"), planned(out, ".mp4", [0.2]))
    assert caught.value.what == "The disk is full"
    assert not list(out.iterdir())


def test_an_encoder_that_stops_early_makes_no_clip(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    script = 'args=()\nfor arg; do [ "$last" = -frames:v ] && arg=20; last=$arg; args+=("$arg"); done\n'
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, script + 'exec ffmpeg "${args[@]}"')))
    made = export(media("tiny"), planned(out, ".mp4", [0.2]))
    assert made.failed == {0: "Only 20 of 50 frames could be made"}
    assert not list(out.iterdir())


def test_an_encoder_that_begins_late_makes_no_clip(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    script = 'args=()\nfor arg; do args+=("${arg/trim=start=0.2/trim=start=0.24}"); done\n'
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, script + 'exec ffmpeg "${args[@]}"')))
    made = export(media("tiny"), planned(out, ".mp4", [0.2]))
    assert made.failed == {0: "It begins with another frame than the one asked for"}
    assert not list(out.iterdir())


def test_one_bad_take_does_not_spoil_its_neighbours(
    media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = 'case "$*" in *trim=start=6.0*) echo "no such luck" >&2; exit 1;; esac\nexec ffmpeg "$@"'
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, script)))
    made = export(media("gop250_25"), planned(tmp_path / "out", ".mp4", [1.0, 6.0, 11.0]))
    assert sorted(made.done) == [0, 2]
    assert made.failed == {1: "ffmpeg failed: no such luck"}


def test_ffmpeg_missing(media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(tmp_path / "nowhere"))
    with pytest.raises(EnvironmentProblem, match="ffmpeg was not found"):
        export(media("tiny"), planned(tmp_path, ".mp4", [0.2]))
    assert not list(tmp_path.iterdir())


def test_a_long_and_ugly_path(media: MediaShelf, tmp_path: Path) -> None:
    ugly = tmp_path / 'it\'s "quoted"\n🎬 100% [x] %d'
    folder = ugly / ("d" * max(1, 200 - len(str(ugly))))
    source = media.copy("tiny", folder / "sö'urce\n%03d.mp4")
    clips = planned(folder, ".mp4", [0.2, 0.6])
    assert len(clips[0].path) >= 200
    assert not export(source, clips).failed
    assert all(Path(clip.path).is_file() for clip in clips)
