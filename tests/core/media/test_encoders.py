"""Encoders are believed only after they have encoded a frame."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.media import encoders
from core.media.encoder_options import H264_ENCODERS, PRESETS, SOFTWARE_ENCODER, encoder_options
from core.media.encoders import find_encoders, listed_encoders, plain_reason, refusal


def test_the_software_encoder_is_listed_and_works() -> None:
    assert SOFTWARE_ENCODER in listed_encoders()
    assert refusal(SOFTWARE_ENCODER) is None


def test_only_video_encoders_are_listed() -> None:
    assert "aac" not in listed_encoders()
    assert "=" not in listed_encoders()


def test_an_encoder_that_does_not_work_says_why_in_one_line() -> None:
    why = refusal("h264_of_another_planet")
    assert why
    assert "\n" not in why
    assert "Unknown encoder" in why


def test_vaapi_without_a_graphics_device_is_refused_before_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "_render_nodes", lambda: iter(()))
    assert refusal("h264_vaapi") == "there is no graphics device in /dev/dri"


def test_the_reason_leaves_out_who_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho '[h264_nvenc @ 0x55d0] Cannot load libcuda.so.1' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(fake))
    assert refusal("h264_nvenc") == "Cannot load libcuda.so.1"


def counting_ffmpeg(folder: Path) -> Path:
    """A real ffmpeg that notes in `calls` how often it is asked to encode."""
    program = folder / "ffmpeg"
    program.write_text(f'#!/bin/sh\ncase "$*" in *-frames:v*) echo . >> "{folder}/calls";; esac\nexec ffmpeg "$@"\n')
    program.chmod(0o755)
    return program


def test_encoders_are_tried_once_per_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, cache, calls = counting_ffmpeg(tmp_path), tmp_path / "cache" / "encoders.json", tmp_path / "calls"
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(program))
    found = find_encoders(cache)
    assert [finding.name for finding in found] == list(H264_ENCODERS)
    assert found[0].usable and found[0].name == SOFTWARE_ENCODER
    assert all(finding.usable or finding.reason for finding in found)
    tries = calls.read_text()
    assert find_encoders(cache) == found
    assert calls.read_text() == tries, "the second time nothing is tried"
    find_encoders(cache, again=True)
    assert len(calls.read_text()) == 2 * len(tries)
    # Another build of the program may do what this one could not.
    os.utime(program, ns=(1, 1))
    find_encoders(cache)
    assert len(calls.read_text()) == 3 * len(tries)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ffmpeg": null, "reasons": {}}', '{"reasons": 3}'])
def test_a_broken_cache_costs_a_probe(content: str, tmp_path: Path) -> None:
    cache = tmp_path / "encoders.json"
    cache.write_text(content)
    assert find_encoders(cache)[0].usable
    assert find_encoders(cache)[0].usable


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert find_encoders(tmp_path / "file" / "encoders.json")[0].usable


@pytest.mark.parametrize("encoder", H264_ENCODERS)
def test_quality_and_effort_reach_every_encoder(encoder: str) -> None:
    chains = {encoder_options(encoder, crf, preset, "/dev/dri/renderD128") for crf in (18, 30) for preset in PRESETS}
    qualities = {chain.options for chain in chains}
    assert len({encoder_options(encoder, 18, "medium"), encoder_options(encoder, 30, "medium")}) == 2
    assert len(qualities) >= 2
    for chain in chains:
        assert chain.filters[0] in ("format=yuv420p", "format=nv12")
        assert bool(chain.before) == (encoder == "h264_vaapi")


@pytest.mark.parametrize("encoder", ["h264_nvenc", "h264_qsv", "h264_amf"])
def test_forced_key_frames_are_such_that_decoding_can_begin_there(encoder: str) -> None:
    options = encoder_options(encoder, 18, "medium").options
    assert "-forced-idr" in options or "-forced_idr" in options


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("[h264_nvenc @ 0x5] Cannot load libcuda.so.1; Error initializing", "Cannot load libcuda.so.1"),
        ("\n  \n[x @ 0x1] first\nsecond", "first"),
        ("", ""),
    ],
)
def test_the_first_thing_ffmpeg_said(said: str, plain: str) -> None:
    assert plain_reason(said) == plain
