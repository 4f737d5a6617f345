"""The command line, without running it: times that never round up, sizes that are even, filters in the right order."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.export import ExportSettings, PlannedClip
from core.domain.media import AudioStream, MediaInfo, VideoStream
from core.media.abilities import Abilities
from core.media.encoder_options import encoder_options
from core.media.ffmpeg_args import TakeFiles, command, output_size, picture_filters, seconds, tone_maps
from core.media.formats import audio_codec, output_format
from core.media.takes import Piece, Take

VIDEO = VideoStream("h264", Fraction(25), 640, 360, 640, 360, pixel_format="yuv420p")
SETTINGS = ExportSettings("/out")
FULL = Abilities((5, 1, 9), frozenset({"zscale", "tonemap"}))
BARE = Abilities((5, 1, 9), frozenset())
TAKE = Take(10.0, (Piece(PlannedClip(0, 10.0, 8.0, "/out/a.mp4"), 10.0, 8.0, 0, 200),), Fraction(25))


def filters(video: VideoStream, settings: ExportSettings = SETTINGS, abilities: Abilities = FULL) -> str:
    return ",".join(picture_filters(video, TAKE, settings, abilities, encoder_options("libx264", 18, "medium")))


@given(st.floats(-100, 1e6))
def test_times_are_cut_never_rounded_up(time_s: float) -> None:
    said = float(seconds(time_s))
    assert time_s - 1.1e-6 < said <= time_s + 2e-9


@given(st.integers(0, 10**7), st.sampled_from([Fraction(1001, 30000), Fraction(1, 90000), Fraction(1, 1000)]))
def test_a_frames_time_is_said_to_less_than_a_tick(ticks: int, time_base: Fraction) -> None:
    exact = ticks * time_base
    assert 0 <= exact - Fraction(seconds(float(exact))) < Fraction(1, 1_000_000) + Fraction(1, 10**9)


@pytest.mark.parametrize(
    ("size", "short_side", "expected"),
    [
        ((1920, 1080), None, (1920, 1080)),
        ((1920, 1080), 0, (1920, 1080)),
        ((1920, 1080), 720, (1280, 720)),
        ((1080, 1920), 721, (720, 1280)),
        ((427, 241), None, (426, 240)),
        ((320, 240), 480, (320, 240)),
        ((853, 480), 240, (426, 240)),
    ],
)
def test_sizes(size: tuple[int, int], short_side: int | None, expected: tuple[int, int]) -> None:
    assert output_size(replace(VIDEO, width=size[0], height=size[1]), short_side) == expected


@given(st.integers(2, 8000), st.integers(2, 8000), st.none() | st.integers(2, 4000))
def test_sizes_are_even_and_never_larger(width: int, height: int, short_side: int | None) -> None:
    made = output_size(replace(VIDEO, width=width, height=height), short_side)
    assert all(side % 2 == 0 for side in made)
    assert made[0] <= width + 1 and made[1] <= height + 1


def test_an_ordinary_picture_is_not_scaled() -> None:
    assert "scale" not in filters(VIDEO) and "crop" not in filters(VIDEO)
    assert filters(VIDEO).endswith("format=yuv420p")


def test_odd_sizes_lose_a_line_instead_of_being_scaled() -> None:
    assert "crop=640:360:0:0" in filters(replace(VIDEO, width=641, height=361))


def test_anamorphic_pictures_become_square_before_anything_else() -> None:
    chain = filters(replace(VIDEO, width=854, height=360, sample_aspect=Fraction(4, 3)))
    assert "scale=854:360:flags=lanczos+accurate_rnd,setsar=1" in chain


def test_hdr_is_tone_mapped_where_this_ffmpeg_can() -> None:
    hdr = replace(VIDEO, hdr=True, pixel_format="yuv420p10le")
    assert tone_maps(hdr, FULL) and "tonemap" in filters(hdr)
    assert not tone_maps(hdr, BARE) and "tonemap" not in filters(hdr, abilities=BARE)


def test_full_range_and_rgb_are_converted_by_name() -> None:
    assert "in_range=pc:out_range=tv" in filters(replace(VIDEO, pixel_format="yuvj420p"))
    assert "out_color_matrix=bt709" in filters(replace(VIDEO, pixel_format="gbrp"))


def whole(info: MediaInfo, abilities: Abilities = FULL, zero_s: float = 0.0) -> list[str]:
    codec = audio_codec(output_format("MP4"), "lossless", info.audio[0], abilities.version) if info.audio else None
    files = TakeFiles("/out/.v" if info.video else None, ("/out/.a",) if info.audio else ())
    return command("ffmpeg", info, [(TAKE, files)], SETTINGS, codec, abilities, zero_s)


AUDIO = (AudioStream(0, "aac", 44_100, 2, "stereo"),)


def test_the_whole_command() -> None:
    args = whole(MediaInfo("/in put/ü 'x'.mp4", 60.0, "mp4", 1, VIDEO, AUDIO))
    text = " ".join(args)
    assert args.count("/in put/ü 'x'.mp4") == 2
    assert [args[place + 1] for place, arg in enumerate(args) if arg == "-ss"] == ["10.000000", "9.500000"]
    assert "-fps_mode cfr -r 25 -frames:v 200" in text
    assert "apad=whole_len=352800,atrim=end_sample=352800" in text
    assert "-copyts" in args and "-nostdin" in args


def test_releases_before_5_1_call_the_timing_option_otherwise() -> None:
    info = MediaInfo("/x.mp4", 60.0, "mp4", 1, VIDEO)
    assert "-vsync" in whole(info, Abilities((4, 4, 2), frozenset()))
    assert "-vsync" not in whole(info)


def test_a_clock_that_does_not_begin_at_zero_is_counted_in() -> None:
    text = " ".join(whole(MediaInfo("/x.ts", 60.0, "mpegts", 1, VIDEO, AUDIO), zero_s=1.4))
    assert "[0:V:0]trim=start=11.400000,setpts=round(PTS-(11.400000)/TB)" in text
    assert "-ss 10.000000" in text


def test_sound_without_picture_is_not_padded() -> None:
    take = Take(10.0, (Piece(PlannedClip(0, 10.0, 8.0, "/out/a.mp4"), 10.0, 8.0),))
    info = MediaInfo("/x.wav", 60.0, "wav", 1, None, AUDIO)
    codec = audio_codec(output_format("WAV"), "lossless", AUDIO[0], FULL.version)
    args = command("ffmpeg", info, [(take, TakeFiles(None, ("/out/.a",)))], SETTINGS, codec, FULL)
    assert "apad" not in " ".join(args) and "-c:v" not in args


def timing_of(args: list[str]) -> list[list[str]]:
    """For each output with a picture: what is said of its frames' times and number."""
    places = [place for place, arg in enumerate(args) if arg in ("-fps_mode", "-vsync")]
    return [args[place : place + 6] for place in places]


@pytest.mark.parametrize("version", [(5, 1), (5, 1, 9), (6, 1), (7, 0), (7, 1, 2), (8, 0), (9, 0)])
@pytest.mark.parametrize("format_name", ["MP4", "MKV", "MOV", "WEBP"])
@pytest.mark.parametrize("fps", ["", "16"])
def test_no_release_is_left_a_choice_about_frames(version: tuple[int, ...], format_name: str, fps: str) -> None:
    """With a source of variable rate, what ffmpeg does by itself changed: everything is said, always the same."""
    info = MediaInfo("/x.mp4", 60.0, "mp4", 1, replace(VIDEO, variable_rate=True))
    settings = replace(SETTINGS, format=format_name, fps=fps)
    rate = settings.rate(VIDEO.fps)
    take = replace(TAKE, fps=rate, resampled=bool(fps))
    takes = [(take, TakeFiles("/out/.v", ())), (replace(take, start_s=30.0), TakeFiles("/out/.w", ()))]
    args = command("ffmpeg", info, takes, settings, None, Abilities(version, FULL.filters))
    assert timing_of(args) == [["-fps_mode", "cfr", "-r", str(rate), "-frames:v", str(take.frames)]] * 2
    graphs = [args[place + 1] for place, arg in enumerate(args) if arg == "-filter_complex"]
    assert all(f"fps=fps={rate}:start_time=0" in graph and "trim=start=" in graph for graph in graphs)
    assert "-copyts" in args and "-noaccurate_seek" in args, "times are the source's own"
    newest = command("ffmpeg", info, takes, settings, None, FULL)
    assert args == newest, "the release makes no difference"


def test_another_rate_never_shows_what_is_still_to_come() -> None:
    assert "fps=fps=25:start_time=0:round=near" in filters(VIDEO)
    resampled = picture_filters(
        VIDEO, replace(TAKE, fps=Fraction(16), resampled=True), SETTINGS, FULL, encoder_options("libx264", 18, "medium")
    )
    assert "fps=fps=16:start_time=0:round=up" in resampled


@pytest.mark.parametrize(
    ("encoder", "chain", "option"),
    [
        ("libx264", "format=yuv420p", "-crf 20"),
        ("h264_nvenc", "format=yuv420p", "-cq 20"),
        ("h264_qsv", "format=nv12", "-global_quality 20"),
        ("h264_vaapi", "format=nv12,hwupload", "-qp 20"),
        ("h264_amf", "format=yuv420p", "-qp_i 20"),
        ("h264_videotoolbox", "format=yuv420p", "-q:v 60"),
    ],
)
def test_the_encoder_that_was_chosen_is_used(encoder: str, chain: str, option: str) -> None:
    info = MediaInfo("/x.mp4", 60.0, "mp4", 1, VIDEO)
    settings = replace(SETTINGS, encoder=encoder, crf=20)
    args = command("f", info, [(TAKE, TakeFiles("/v", ()))], settings, None, FULL, device="/dev/dri/renderD128")
    text = " ".join(args)
    assert f"-c:v {encoder} " in text and option in text
    assert f",{chain}[v0]" in text
    assert ("-vaapi_device /dev/dri/renderD128 " in text) == (encoder == "h264_vaapi")


def test_pictures_are_numbered_and_coloured_as_webp_has_it() -> None:
    info = MediaInfo("/x.mp4", 60.0, "mp4", 1, VIDEO)
    files = TakeFiles("/out/.v/%08d.webp", ())
    lossy = " ".join(command("f", info, [(TAKE, files)], replace(SETTINGS, format="WEBP"), None, FULL))
    assert "-c:v libwebp -lossless 0 -quality 90" in lossy and "out_color_matrix=bt601" in lossy
    assert lossy.endswith("-start_number 1 -f image2 /out/.v/%08d.webp")
    without_loss = replace(SETTINGS, format="WEBP", webp_lossless=True)
    lossless = " ".join(command("f", info, [(TAKE, files)], without_loss, None, FULL))
    assert "-lossless 1" in lossless and "format=bgra[v0]" in lossless and "bt601" not in lossless
