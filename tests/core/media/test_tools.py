"""Finding ffmpeg, and saying what to do where it is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.media.tools import ffmpeg_version, find_tool, install_command, parse_version


def test_ffmpeg_and_ffprobe_are_found() -> None:
    assert find_tool("ffmpeg").is_file()
    assert find_tool("ffprobe").is_file()


def test_the_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", sys.executable)
    assert find_tool("ffmpeg") == Path(sys.executable)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EIGHTCUT_FFPROBE", str(tmp_path / "gone"))
    with pytest.raises(EnvironmentProblem, match="EIGHTCUT_FFPROBE points to") as caught:
        find_tool("ffprobe")
    assert "Correct EIGHTCUT_FFPROBE" in caught.value.fix


def test_a_missing_tool_comes_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    manager = tmp_path / "apt-get"
    manager.write_text("#!/bin/sh\n")
    manager.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="ffmpeg was not found") as caught:
        find_tool("ffmpeg")
    assert "sudo apt-get install ffmpeg" in caught.value.fix
    manager.unlink()
    assert "ffmpeg" in install_command()


def test_the_version_of_the_real_one() -> None:
    assert ffmpeg_version() >= (4,)


@pytest.mark.parametrize(
    "banner, version",
    [
        ("ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers", (5, 1, 9)),
        ("ffmpeg version n7.0 Copyright", (7, 0)),
        ("ffmpeg version 8 Copyright", (8,)),
        ("ffmpeg version N-118193-g5f38c82536 Copyright\nlibavutil  59. 47\nlibavformat    61.  9.100 / 61.", (7,)),
    ],
)
def test_versions_of_all_sorts(banner: str, version: tuple[int, ...]) -> None:
    assert parse_version(banner) == version


def test_something_else_called_ffmpeg_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", "/bin/true")
    with pytest.raises(EnvironmentProblem, match="does not say its version"):
        ffmpeg_version()
