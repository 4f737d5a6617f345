"""What the words of the command line are taken for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import __version__
from core.cli import COMMANDS
from core.cli.export_flags import deck_shape
from core.cli.parser import parse
from core.domain.export import ExportSettings
from core.domain.preset import DeckShape


def test_without_a_command_the_words_are_media_for_the_window() -> None:
    options = parse(["a.mp4", "--verbose", "folder with spaces"])
    assert (options.command, options.media, options.verbose) == (None, ["a.mp4", "folder with spaces"], True)
    assert parse([]).media == []


@given(st.lists(st.text(min_size=1).filter(lambda name: not name.startswith("-") and name not in COMMANDS)))
def test_any_file_name_is_media(names: list[str]) -> None:
    assert parse(names).media == names


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data-dir", "cut", "cut", "a.mp4", "--at", "1:23.5"],
        ["cut", "a.mp4", "--at", "1:23.5", "--data-dir", "cut"],
        ["--data-dir=cut", "cut", "--at=83.5", "a.mp4"],
    ],
)
def test_common_options_stand_before_or_after_the_command(arguments: list[str]) -> None:
    options = parse(arguments)
    assert (options.command, options.data_dir, options.media, options.at) == ("cut", "cut", "a.mp4", 83.5)


@pytest.mark.parametrize("arguments", [["./cut"], ["--", "cut"], ["a.mp4", "cut"]])
def test_a_file_called_like_a_command_can_be_opened(arguments: list[str]) -> None:
    options = parse(arguments)
    assert options.command is None
    assert options.media[-1].endswith("cut")


def test_the_batch_has_the_defaults_of_the_window() -> None:
    options = parse(["cut", "a.mp4", "--at", "0"])
    shape = deck_shape(options, "/out")
    assert shape == DeckShape(ExportSettings("/out"), 3, 3.0, 8.0)
    assert (options.folder, options.profile) == (None, "default")


def test_flags_are_laid_over_the_preset() -> None:
    flags = ["--preset-name", "ltx", "--resize", "0", "--crf", "12", "--effort", "fast", "--encoder", "nvenc"]
    shape = deck_shape(parse(["cut", "a.mp4", "--at", "0", *flags, "--clips", "1"]), "/out")
    settings = shape.settings
    assert (settings.training, settings.fps, settings.side_step, settings.short_side) == ("LTX", "25", 32, None)
    assert (settings.crf, settings.preset, settings.encoder) == (12, "fast", "h264_nvenc")
    assert (shape.clips, shape.duration_s) == (1, 4.84)
    cropped = deck_shape(parse(["cut", "a.mp4", "--at", "0", "--crop", "4:5", "--crop-center", "0.25"]), "/").settings
    assert (cropped.portrait_ratio, cropped.crop_center) == ("4:5", 0.25)
    webp = deck_shape(
        parse(["cut", "a.mp4", "--at", "0", "--format", "webp", "--webp-lossless", "--fps", "23.976"]), "/"
    )
    assert (webp.settings.format, webp.settings.webp_lossless, webp.settings.fps) == ("WEBP", True, "24000/1001")


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--at", "-1"),
        ("--at", "soon"),
        ("--at", "nan"),
        ("--clips", "0"),
        ("--clips", "100"),
        ("--clips", "2.5"),
        ("--spread", "0.4"),
        ("--spread", "nan"),
        ("--spread", "inf"),
        ("--duration", "31"),
        ("--format", "gif"),
        ("--audio", "mp3"),
        ("--resize", "3"),
        ("--resize", "-480"),
        ("--resize", "big"),
        ("--crf", "52"),
        ("--effort", "lazy"),
        ("--encoder", "libx265"),
        ("--fps", "0"),
        ("--fps", "fast"),
        ("--side-step", "3"),
        ("--webp-quality", "101"),
        ("--preset-name", "sora"),
        ("--crop", "3:7"),
        ("--crop-center", "1.5"),
        ("--crop-center", "nan"),
        ("--template", "{nonsense}"),
        ("--template", "a/b"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(flag: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(["cut", "a.mp4", "--at", "1", flag, value])
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert out == ""
    assert err.startswith("8-cut: ")
    assert flag in err
    assert err.count("\n") == 1


def test_a_program_is_told_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(["cut", "--json"])
    event = json.loads(capsys.readouterr().out)
    assert stop.value.code == 2
    assert event["event"] == "error"
    assert "MEDIA" in event["message"]


def test_options_are_not_guessed_from_their_beginning() -> None:
    with pytest.raises(SystemExit):
        parse(["cut", "a.mp4", "--at", "1", "--dur", "5"])


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_everything_has_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(arguments)
    assert stop.value.code == 0
    assert "--data-dir" in capsys.readouterr().out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"8-cut {__version__}\n"
