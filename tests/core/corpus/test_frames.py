"""One decode for all: every extractor sees the frames it wants, in order, as displayed, whatever the others do."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.corpus import frames as frames_module
from core.corpus.extractor import (
    MAX_SAMPLES,
    SAMPLE_EVERY,
    SAMPLE_PX,
    STREAM_PX,
    Column,
    Frame,
    Frames,
    Row,
    VideoFacts,
    Wants,
)
from core.corpus.frames import Channel, SharedDecode, sampled, video_facts
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.pts import frame_times
from tests.core.corpus.made_videos import make_video, run_one
from tests.media_factory import read_columns, read_counter, vfr_times


class Watcher:
    """Notes which frames it sees."""

    name, version, needs = "watcher", 1, "cpu"
    columns = (Column("seen", "", "json", "frames"),)

    def __init__(self, wants: Wants) -> None:
        self.wants: Wants = wants
        self.frames: list[Frame] = []
        self.info: VideoFacts | None = None

    def check(self, ctx: JobContext) -> None:
        pass

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        self.info = info
        self.frames = list(frames)
        return {"seen": [frame.index for frame in self.frames]}

    def close(self) -> None:
        pass


class Failing(Watcher):
    """Raises at its third frame."""

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        for number, _frame in enumerate(frames):
            if number == 2:
                raise ZeroDivisionError("a bug")
        return {"seen": []}


class Glancing(Watcher):
    """Is content with one frame."""

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        return {"seen": [next(iter(frames)).index]}


def run(path: Path, *extractors: Watcher, ctx: JobContext | None = None) -> list[Row | Exception]:
    shared = SharedDecode(extractors)
    try:
        return shared.run(path, "key", ctx or JobContext())
    finally:
        shared.close()


@given(st.integers(1, 200_000))
def test_samples_are_every_fifteenth_frame_and_never_more_than_200(count: int) -> None:
    found = sampled(count)
    assert found[0] == 0 and len(found) == min(MAX_SAMPLES, (count + SAMPLE_EVERY - 1) // SAMPLE_EVERY)
    assert all(index % SAMPLE_EVERY == 0 and index < count for index in found)
    steps = np.diff(found)
    if len(found) > 1:
        assert steps.min() >= SAMPLE_EVERY and steps.max() - steps.min() <= SAMPLE_EVERY
        assert found[-1] + steps.max() + SAMPLE_EVERY > count - 1


@pytest.mark.parametrize("kind", ["h264_2997", "vfr", "late_video", "transport", "matroska"])
def test_each_extractor_gets_the_frames_it_wants(media, kind: str) -> None:
    path = media(kind)
    count = len(frame_times(path))
    all_frames, samples, pairs, none = (Watcher(wants) for wants in ("all", "samples", "pairs", "nothing"))
    outcomes = run(path, all_frames, samples, pairs, none)
    assert [outcome["seen"] for outcome in outcomes] == [list(range(count)), sampled(count), sampled(count), []]
    for watcher in (all_frames, samples, pairs):
        assert [read_counter(frame.rgb) for frame in watcher.frames] == [frame.index for frame in watcher.frames]
    times = frame_times(path).times
    assert [frame.time_s for frame in all_frames.frames] == pytest.approx(times.tolist(), abs=1e-4)
    for frame in pairs.frames[:-1]:
        assert read_counter(frame.next_rgb) == frame.index + 1
        assert frame.next_s == pytest.approx(times[frame.index + 1], abs=1e-4)
    assert all_frames.info.frame_count == count


@pytest.mark.parametrize("wants", ["samples", "pairs"])
def test_without_the_stream_the_same_frames_come(media, wants: Wants) -> None:
    """Then the decoder passes over what nobody looks at."""
    path = media("gop250_25")
    watcher = Watcher(wants)
    run(path, watcher)
    assert [read_counter(frame.rgb) for frame in watcher.frames] == sampled(len(frame_times(path)))
    nexts = [frame.index for frame in watcher.frames if frame.next_rgb is not None]
    assert nexts == (sampled(len(frame_times(path))) if wants == "pairs" else [])


def test_a_video_is_decoded_once_for_all(media, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []
    walk = frames_module.walk
    monkeypatch.setattr(frames_module, "walk", lambda *args: walked.append(args) or walk(*args))
    run(media("tiny"), Watcher("all"), Watcher("samples"), Watcher("pairs"), Watcher("samples"))
    assert len(walked) == 1
    run(media("tiny"), Watcher("nothing"))
    assert len(walked) == 1


def test_what_only_listens_does_not_have_the_file_read(media, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_module, "frame_times", None)
    watcher = Watcher("nothing")
    assert run(media("tiny"), watcher) == [{"seen": []}]
    assert (watcher.info.width, watcher.info.height, watcher.info.fps) == (160, 120, 25)
    assert watcher.info.duration_s == pytest.approx(3, abs=0.1)


def test_pictures_are_as_displayed_and_of_bounded_size(media) -> None:
    turned, wide = Watcher("samples"), Watcher("samples")
    run(media("rotated90"), turned)
    assert turned.frames[0].rgb.shape == (320, 240, 3)
    assert (turned.info.width, turned.info.height) == (240, 320)
    assert read_columns(turned.frames[0].rgb) == pytest.approx((0, 1), abs=0.02)
    run(media("anamorphic"), wide)
    assert wide.frames[0].rgb.shape[:2] == (240, wide.info.width) != (240, 320)
    with pytest.raises(ValueError, match="read-only"):
        wide.frames[0].rgb[0, 0] = 0


def test_eight_k_comes_scaled_down(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 7680, 4320, "yuv420p"
        picture = av.VideoFrame(7680, 4320, "yuv420p")
        for plane, level in zip(picture.planes, (150, 110, 140), strict=True):
            plane.update(bytes([level]) * plane.buffer_size)
        for number in range(5):
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    samples, stream_of_all = Watcher("samples"), Watcher("all")
    run(path, samples, stream_of_all)
    assert (samples.info.width, samples.info.height) == (7680, 4320)
    assert [frame.rgb.shape for frame in samples.frames] == [(540, SAMPLE_PX, 3)]
    assert {frame.rgb.shape for frame in stream_of_all.frames} == {(144, STREAM_PX, 3)}
    assert stream_of_all.info.duration_s == pytest.approx(1)


def test_a_video_that_changes_its_size_keeps_one_for_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "growing.ts"
    with path.open("wb") as joined:
        for first, width in ((0, 320), (20, 640)):
            part = tmp_path / f"{width}.ts"
            with av.open(str(part), "w") as container:
                stream = container.add_stream("mpeg2video", rate=25)
                stream.width, stream.height, stream.pix_fmt = width, 240, "yuv420p"
                for number in range(first, first + 20):
                    frame = av.VideoFrame.from_ndarray(np.full((240, width, 3), 99, np.uint8))
                    frame.pts, frame.time_base = number, Fraction(1, 25)
                    container.mux(stream.encode(frame))
                container.mux(stream.encode(None))
            joined.write(part.read_bytes())
    watcher = Watcher("all")
    (outcome,) = run(path, watcher)
    assert len(outcome["seen"]) >= 38
    assert len({frame.rgb.shape for frame in watcher.frames}) == 1


def test_one_frame_is_a_video(tmp_path: Path) -> None:
    path = make_video(tmp_path / "one.mkv", [np.full((40, 60, 3), 80, np.uint8)])
    watchers = [Watcher(wants) for wants in ("all", "samples", "pairs")]
    assert [outcome["seen"] for outcome in run(path, *watchers)] == [[0]] * 3
    assert watchers[2].frames[0].next_rgb is None
    assert watchers[0].info.duration_s == pytest.approx(0.04, abs=0.002)


def test_one_that_fails_or_stops_early_does_not_stop_the_others(media) -> None:
    count = len(frame_times(media("tiny")))
    outcomes = run(media("tiny"), Failing("all"), Watcher("all"), Glancing("samples"), Failing("samples"))
    assert isinstance(outcomes[0], ZeroDivisionError) and isinstance(outcomes[3], ZeroDivisionError)
    assert outcomes[1] == {"seen": list(range(count))}
    assert outcomes[2] == {"seen": [0]}


def test_when_nobody_looks_any_more_decoding_ends(media, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled = []
    walk = frames_module.walk
    monkeypatch.setattr(frames_module, "walk", lambda *args: (pulled.append(1) or each for each in walk(*args)))
    run(media("h264_2997"), Glancing("all"))
    assert len(pulled) < len(frame_times(media("h264_2997"))) / 2


def test_a_slow_extractor_holds_the_decoder_back(media, monkeypatch: pytest.MonkeyPatch) -> None:
    """So frames do not pile up: what is decoded and not yet seen never exceeds the channel and one in each hand."""
    made, most = [], []
    decoded = frames_module.decoded_frames
    monkeypatch.setattr(
        frames_module, "decoded_frames", lambda *args: (made.append(1) or each for each in decoded(*args))
    )

    class Slow(Watcher):
        def extract(self, frames: Frames, info: VideoFacts) -> Row:
            waiting = threading.Event()
            for number, _frame in enumerate(frames):
                waiting.wait(0.002)
                most.append(len(made) - number)
            return {"seen": []}

    run(media("h264_2997"), Slow("all"))
    assert max(most) <= frames_module._DEPTH["all"] + 2 < len(made)


@pytest.mark.parametrize("kind", ["text", "empty", "directory", "truncated"])
def test_a_file_that_cannot_be_read_is_the_answer_of_all(media, kind: str) -> None:
    outcomes = run(media(kind), Watcher("all"), Watcher("nothing"))
    assert all(isinstance(outcome, UserError) for outcome in outcomes)


def test_a_file_that_is_gone_is_the_answer_of_all(tmp_path: Path) -> None:
    (outcome,) = run(tmp_path / "gone.mp4", Watcher("samples"))
    assert isinstance(outcome, UserError) and "not there" in str(outcome)


def test_sound_without_a_picture(media) -> None:
    """Those that look find nothing; those that only listen do their work."""
    looking, listening = run(media("audio_only"), Watcher("samples"), Watcher("nothing"))
    assert isinstance(looking, UserError) and "no video" in str(looking)
    assert listening == {"seen": []}
    info, times = video_facts(media("audio_only"), "key", JobContext())
    assert times is None and (info.width, info.frame_count) == (0, 0) and info.duration_s == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("kind", ["cut_off", "damaged_middle"])
def test_what_is_left_of_a_damaged_video_is_looked_at(media, kind: str) -> None:
    watcher = Watcher("all")
    (outcome,) = run(media(kind), watcher)
    count = len(frame_times(media(kind)))
    assert count * 0.8 < len(outcome["seen"]) <= count
    assert outcome["seen"] == sorted(set(outcome["seen"]))


@pytest.mark.parametrize("kept", [0.0, 0.25])
def test_a_video_most_of_which_cannot_be_decoded_has_no_figures(media, tmp_path: Path, kept: float) -> None:
    path = media.copy("gop250_25", tmp_path / "noise.mp4", seconds=10, muxer=("-movflags", "+faststart"))
    data = bytearray(path.read_bytes())
    first = data.index(b"mdat") + 4
    start = first + int((len(data) - first) * kept)
    noise = np.random.default_rng(1).integers(0, 256, len(data) - start, dtype=np.uint8)
    data[start:] = noise.tobytes()
    path.write_bytes(data)
    watcher = Watcher("all")
    (outcome,) = run(path, watcher)
    assert isinstance(outcome, UserError) and "can be decoded" in str(outcome)


def test_a_frame_that_is_missing_is_nobody_s_next(media, monkeypatch: pytest.MonkeyPatch) -> None:
    """Movement over two frames would count double."""
    path = media("tiny")
    lost_s = frame_times(path).times[16]
    walk = frames_module.walk
    monkeypatch.setattr(
        frames_module, "walk", lambda *args: (each for each in walk(*args) if abs(each[0] - lost_s) > 0.001)
    )
    watcher = Watcher("pairs")
    run(path, watcher, Watcher("all"))
    nexts = {frame.index: frame.next_rgb is not None for frame in watcher.frames}
    assert nexts == {0: True, 15: False, 30: True, 45: True, 60: True}


def test_cancelled_in_the_middle(media) -> None:
    ctx = JobContext()

    class Cancelling(Watcher):
        def extract(self, frames: Frames, info: VideoFacts) -> Row:
            for frame in frames:
                if frame.index == 40:
                    ctx.cancel()
            return {"seen": []}

    with pytest.raises(Cancelled):
        run(media("h264_2997"), Cancelling("all"), Watcher("samples"), ctx=ctx)


def test_progress_counts_frames(media) -> None:
    ctx = JobContext()
    run(media("tiny"), Watcher("all"), ctx=ctx)
    assert ctx.snapshot.done == ctx.snapshot.total == len(frame_times(media("tiny")))


def test_a_closed_channel_takes_frames_and_forgets_them() -> None:
    channel, frame = Channel(1, JobContext()), Frame(0, 0.0, np.zeros((1, 1, 3), np.uint8))
    channel.close()
    for _ in range(3):
        channel.put(frame)
    channel.finish()
    assert list(channel) == []


def test_the_mean_rate_of_a_variable_one(media) -> None:
    info, times = video_facts(media("vfr"), "key", JobContext())
    stamps = vfr_times(len(times))
    assert info.fps == pytest.approx((len(times) - 1) / (stamps[-1] - stamps[0]), rel=1e-3)
    assert info.duration_s == pytest.approx(stamps[-1] + 1 / 30, abs=0.05)


def test_an_extractor_on_its_own(media) -> None:
    assert run_one(Watcher("samples"), media("tiny"))["seen"] == sampled(len(frame_times(media("tiny"))))
