"""What probing finds in good files, and how it says what is wrong with bad ones."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from core.errors import UserError
from core.media.probe import probe
from tests.media_factory import MediaShelf, build


def ffmpeg(*args: object) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, args)], check=True, timeout=60, capture_output=True)


def test_an_ordinary_video(media: MediaShelf) -> None:
    path = media("h264_2997")
    info = probe(path)
    assert info.path == str(path)
    assert info.duration_s == pytest.approx(20, abs=0.05)
    assert info.size_bytes == path.stat().st_size
    assert "mp4" in info.container
    video = info.video
    assert (video.codec, video.fps, video.frame_count) == ("h264", Fraction(30000, 1001), 599)
    assert (video.width, video.height, video.coded_width, video.coded_height) == (320, 240, 320, 240)
    assert (video.rotation, video.sample_aspect, video.pixel_format) == (0, 1, "yuv420p")
    assert (video.variable_rate, video.hdr, video.start_s) == (False, False, 0)
    (audio,) = info.audio
    assert (audio.index, audio.codec, audio.sample_rate_hz, audio.channels) == (0, "aac", 48000, 1)
    assert info.summary == "320×240 · 29.97 fps · 1 audio track"


@pytest.mark.parametrize("kind, rate", [("gop250_25", 25), ("matroska", Fraction(30000, 1001)), ("transport", 25)])
def test_constant_rates_are_exact_in_every_container(media: MediaShelf, kind: str, rate: Fraction) -> None:
    video = probe(media(kind)).video
    assert video.fps == rate
    assert not video.variable_rate


def test_a_phone_video_is_variable(media: MediaShelf) -> None:
    video = probe(media("vfr")).video
    assert video.variable_rate
    assert video.fps == 30, "the rate most frames keep to, not the mean over those that were dropped"


def test_a_rotated_video_has_its_displayed_size(media: MediaShelf) -> None:
    video = probe(media("rotated90")).video
    assert (video.rotation, video.width, video.height) == (90, 240, 320)
    assert (video.coded_width, video.coded_height) == (320, 240)


@pytest.mark.parametrize("turn, size", [(180, (160, 120)), (270, (160, 120))])
def test_other_turns(media: MediaShelf, turn: int, size: tuple[int, int]) -> None:
    video = probe(media("tiny", turn=turn)).video
    assert (video.rotation, (video.width, video.height)) == (turn, size)


def test_an_anamorphic_video_has_square_pixels(media: MediaShelf) -> None:
    video = probe(media("anamorphic")).video
    assert (video.sample_aspect, video.width, video.height) == (Fraction(4, 3), 427, 240)


def test_ten_bits_and_hdr(media: MediaShelf) -> None:
    assert probe(media("tenbit")).video.pixel_format == "yuv420p10le"
    assert not probe(media("tenbit")).video.hdr
    assert probe(media("hdr")).video.hdr


def test_a_video_that_starts_after_its_sound(media: MediaShelf) -> None:
    assert probe(media("late_video")).video.start_s == pytest.approx(0.52, abs=0.001)


def test_without_audio_and_without_video(media: MediaShelf) -> None:
    assert probe(media("no_audio")).audio == ()
    info = probe(media("audio_only"))
    assert info.video is None
    assert info.duration_s == 20
    assert (info.audio[0].codec, info.audio[0].layout) == ("pcm_s16le", "mono")


def test_surround_and_the_names_of_tracks(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    tags = ["-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "title=Director's words", "-c", "copy"]
    ffmpeg("-i", media("audio51"), "-i", media("tiny"), "-map", "0", "-map", "1:a", *tags, path)
    first, second = probe(path).audio
    assert (first.index, first.channels, first.layout, first.language) == (0, 6, "5.1", "deu")
    assert (second.index, second.channels, second.title) == (1, 1, "Director's words")


def test_cover_art_is_no_video(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    ffmpeg("-i", media("tiny"), "-map", "0:v", "-frames:v", 1, tmp_path / "cover.png")
    inputs = ["-i", media("audio_only", seconds=2), "-i", tmp_path / "cover.png", "-map", "0", "-map", "1"]
    ffmpeg(*inputs, "-c:a", "aac", "-c:v", "copy", "-disposition:v", "attached_pic", path)
    info = probe(path)
    assert info.video is None
    assert len(info.audio) == 1


def test_a_recording_without_a_length_is_measured(media: MediaShelf, tmp_path: Path) -> None:
    path = tmp_path / "recorded.mkv"
    with path.open("wb") as file:
        command = ["ffmpeg", "-v", "error", "-i", str(media("matroska")), "-c", "copy", "-f", "matroska", "pipe:1"]
        subprocess.run(command, stdout=file, check=True, timeout=60)
    assert probe(path).duration_s == pytest.approx(10.03, abs=0.05)


@pytest.mark.parametrize(
    "name",
    ["with 'quotes' \"and\" 🎬.mp4", "http:colon.mp4", "100%d#?.mp4", "new\nline.mp4", "-dash.mp4", "x" * 236 + ".mp4"],
)
def test_odd_names(media: MediaShelf, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    media.copy("tiny", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert probe(name).video.width == 160


@pytest.mark.parametrize(
    "kind, why",
    [
        ("text", "It holds text"),
        ("empty", "The file is empty"),
        ("directory", "It is a folder"),
        ("truncated", "The file is cut off or damaged: its index is missing"),
    ],
)
def test_impostors(tmp_path: Path, kind: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as caught:
        probe(build(kind, tmp_path))
    assert caught.value.what == f"Cannot read {kind}.mp4"
    assert caught.value.fix


@pytest.mark.parametrize(
    "data, why",
    [
        (bytes(5000), "only zeros"),
        (os.urandom(5000), "damaged or not a video or audio file"),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(100), "neither a video nor an audio track|damaged or not"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n", "neither a video nor an audio track|It holds text"),
    ],
)
def test_more_impostors(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    with pytest.raises(UserError, match=why):
        probe(path)


def test_a_picture_is_no_video(media: MediaShelf, tmp_path: Path) -> None:
    ffmpeg("-i", media("tiny"), "-map", "0:v", "-frames:v", 1, tmp_path / "picture.png")
    (tmp_path / "picture.png").rename(tmp_path / "picture.mp4")
    with pytest.raises(UserError, match="neither a video nor an audio track"):
        probe(tmp_path / "picture.mp4")


def test_missing_and_impossible_names(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="The file is not there"):
        probe(tmp_path / "gone.mp4")
    with pytest.raises(UserError, match="too long"):
        probe(tmp_path / ("x" * 300 + ".mp4"))
    with pytest.raises(UserError, match="null"):
        probe("a\0b.mp4")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(UserError, match="a device or a pipe"):
        probe(tmp_path / "pipe.mp4")


def test_a_file_that_may_not_be_read(media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = media.copy("tiny", tmp_path / "secret.mp4")

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Tests may run as root, whom no permission stops.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match="You may not read it"):
        probe(path)


def test_a_playlist_cannot_reach_the_network(tmp_path: Path) -> None:
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(UserError):
        probe(path)
