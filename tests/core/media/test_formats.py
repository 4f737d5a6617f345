"""Codecs by container, source and release of ffmpeg."""

from __future__ import annotations

import pytest

from core.domain.clip import EXTENSIONS
from core.domain.media import AudioStream
from core.errors import UserError
from core.media.abilities import ffmpeg_abilities, parse_filters
from core.media.formats import audio_codec, format_names, output_format

OLD, NEW = (5, 1, 9), (7, 0)


def stream(codec: str = "aac", channels: int = 2, layout: str = "stereo") -> AudioStream:
    return AudioStream(0, codec, 48_000, channels, layout)


def test_every_format_has_a_file_ending() -> None:
    assert set(format_names()) == set(EXTENSIONS)
    assert output_format("mp4").name == "MP4"


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(UserError, match="MP4, MKV, MOV"):
        output_format("GIF")


@pytest.mark.parametrize(
    ("container", "version", "encoder"),
    [
        ("MP4", OLD, "alac"),
        ("MP4", NEW, "pcm_s16le"),
        ("MKV", OLD, "flac"),
        ("MOV", OLD, "pcm_s16le"),
        ("WAV", OLD, "pcm_s16le"),
        ("FLAC", OLD, "flac"),
    ],
)
def test_lossless_by_container(container: str, version: tuple[int, ...], encoder: str) -> None:
    assert audio_codec(output_format(container), "lossless", stream(), version).encoder == encoder


def test_sources_of_more_than_16_bits_keep_them() -> None:
    mp4, mov = output_format("MP4"), output_format("MOV")
    assert audio_codec(mov, "lossless", stream("pcm_s24le"), OLD).encoder == "pcm_s24le"
    assert "s32p" in audio_codec(mp4, "lossless", stream("flac"), OLD).options


def test_arrangements_that_alac_would_mix_down_go_to_flac() -> None:
    quad = stream("pcm_s16le", 4, "quad")
    assert audio_codec(output_format("MP4"), "lossless", quad, OLD).encoder == "flac"


def test_more_channels_than_flac_has_go_to_pcm() -> None:
    many = stream("pcm_s16le", 16, "hexadecagonal")
    assert audio_codec(output_format("MKV"), "lossless", many, OLD).encoder == "pcm_s16le"


def test_aac_by_choice_but_not_where_it_does_not_fit() -> None:
    assert audio_codec(output_format("MKV"), "aac", stream(), OLD).encoder == "aac"
    assert audio_codec(output_format("WAV"), "aac", stream(), OLD).encoder == "pcm_s16le"


def test_filters_are_read_in_the_layout_of_old_and_new_releases() -> None:
    old = "Filters:\n  T.. = Timeline support\n ... scale             V->V       Scale\n .SC zscale V->V x\n"
    new = "Filters:\n  T. = Timeline support\n TS zscale            V->V       Apply\n .. amix N->A Mix\n"
    assert parse_filters(old) == {"scale", "zscale"}
    assert parse_filters(new) == {"zscale", "amix"}
    assert {"scale", "trim", "aresample"} <= ffmpeg_abilities().filters
