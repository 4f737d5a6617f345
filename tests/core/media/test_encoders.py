"""Encoders are believed only after they have encoded a frame."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.media import encoders
from core.media.encoder_options import SOFTWARE_ENCODER
from core.media.encoders import listed_encoders, refusal


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
