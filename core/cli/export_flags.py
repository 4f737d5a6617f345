"""The flags that say how clips are made, and what they come to together with a preset."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

from core.domain.clip import (
    CLIPS_RANGE,
    DEFAULT_CLIPS,
    DEFAULT_DURATION_S,
    DEFAULT_SPREAD_S,
    DURATION_RANGE_S,
    SPREAD_RANGE_S,
)
from core.domain.crop import RATIOS
from core.domain.export import ExportSettings, parse_rate
from core.domain.name_template import TOKENS, template_problem
from core.domain.preset import PRESETS, DeckShape, Preset

RESIZE_RANGE = (16, 8192)
SIDE_STEPS = (2, 8, 16, 32, 64)
ENCODERS = {"software": "libx264"} | {name: f"h264_{name}" for name in ("nvenc", "qsv", "vaapi", "amf", "videotoolbox")}
_PRESETS = {preset.name.partition(" ")[0].lower(): preset for preset in PRESETS}
# Flags whose values are fields of the settings as they are.
_PLAIN = ("crf", "audio", "webp_quality", "webp_lossless", "fps", "side_step")


def add_batch_arguments(parser: argparse.ArgumentParser) -> None:
    """What the batch looks like. Nothing has a default here: what is not said, the preset may say."""
    batch = parser.add_argument_group("the batch")
    _number(batch, "--clips", "N", int, CLIPS_RANGE, "how many clips", DEFAULT_CLIPS)
    _number(batch, "--spread", "S", float, SPREAD_RANGE_S, "seconds between the starts of two clips", DEFAULT_SPREAD_S)
    _number(batch, "--duration", "S", float, DURATION_RANGE_S, "seconds of each clip", DEFAULT_DURATION_S)


def add_file_arguments(files: argparse._ArgumentGroup) -> None:
    """What the files are: format, quality, size, rate, names."""
    from core.media.encoder_options import PRESETS as EFFORTS
    from core.media.formats import format_names

    usual = ExportSettings("")
    meanings = "; ".join(f"{name}: {preset.meaning}" for name, preset in _PRESETS.items())
    files.add_argument("--preset-name", choices=sorted(_PRESETS), help=f"start from a preset. {meanings}")
    files.add_argument("--format", choices=[name.lower() for name in format_names()], help="default: mp4")
    files.add_argument("--audio", choices=("lossless", "aac", "none"), help="default: lossless")
    files.add_argument("--resize", type=_side, metavar="PIXELS", help="length of the short side (default: 0, as is)")
    files.add_argument("--crop", choices=tuple(RATIOS), help="crop to this ratio, before the resize (default: no crop)")
    _number(files, "--crop-center", "PLACE", float, (0.0, 1.0), "place of the crop's middle along its free side", 0.5)
    _number(files, "--crf", "N", int, (0, 51), "quality, lower is better", usual.crf)
    files.add_argument("--effort", choices=EFFORTS, help=f"slower makes smaller files (default: {usual.preset})")
    files.add_argument("--encoder", choices=sorted(ENCODERS), help="one that fails is replaced (default: software)")
    files.add_argument("--fps", type=_rate, metavar="RATE", help="25, 23.976 or 30000/1001 (default: the source's)")
    files.add_argument(
        "--side-step", type=int, choices=SIDE_STEPS, help="what both sides are divisible by (default: 2)"
    )
    _number(files, "--webp-quality", "N", int, (0, 100), "of lossy WebP", usual.webp_quality)
    files.add_argument("--webp-lossless", action="store_true", default=None, help="WebP without loss")
    files.add_argument(
        "--template",
        type=_template,
        metavar="TEXT",
        help=f"names of the files, with {', '.join(f'{{{token}}}' for token in TOKENS)} in it",
    )


def deck_shape(options: Namespace, folder: str) -> DeckShape:
    """The settings and the batch's shape: the defaults, over them the preset, over that what was said."""
    shape = DeckShape(ExportSettings(folder), DEFAULT_CLIPS, DEFAULT_SPREAD_S, DEFAULT_DURATION_S)
    preset: Preset | None = _PRESETS.get(options.preset_name)
    if preset:
        shape = preset.applied(shape)
    said = {name: value for name in _PLAIN if (value := getattr(options, name)) is not None}
    if options.format:
        said["format"] = options.format.upper()
    if options.effort:
        said["preset"] = options.effort
    if options.crop:
        said["portrait_ratio"] = options.crop
    if options.crop_center is not None:
        said["crop_center"] = options.crop_center
    if options.encoder:
        said["encoder"] = ENCODERS[options.encoder]
    if options.resize is not None:
        said["short_side"] = options.resize or None
    said |= {"name": options.name, "label": options.label, "category": options.category}
    said["template"] = options.template or ""
    batch = {"clips": options.clips, "spread_s": options.spread, "duration_s": options.duration}
    batch = {name: value for name, value in batch.items() if value is not None}
    return replace(shape, settings=replace(shape.settings, **said), **batch)


def _number(
    group: argparse._ArgumentGroup,
    flag: str,
    metavar: str,
    kind: Callable[[str], float],
    allowed: tuple[float, float],
    text: str,
    otherwise: float,
) -> None:
    low, high = allowed

    def convert(value: str) -> float:
        number = kind(value)
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{value} is not between {low:g} and {high:g}")
        return number

    convert.__name__ = "number"  # argparse names the type in its message
    group.add_argument(flag, metavar=metavar, type=convert, help=f"{text}, {low:g}–{high:g} (default: {otherwise:g})")


def _side(value: str) -> int:
    low, high = RESIZE_RANGE
    if not value.isdecimal() or not (int(value) == 0 or low <= int(value) <= high):
        raise argparse.ArgumentTypeError(f"{value} is neither 0 nor between {low} and {high} pixels")
    return int(value)


def _rate(value: str) -> str:
    try:
        return str(parse_rate(value))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _template(value: str) -> str:
    if problem := template_problem(value):
        raise argparse.ArgumentTypeError(problem)
    return value
