"""Presets of an export: what models that make video want to be trained on, and what people save for themselves.

Rules are what a model cannot do without; a preset sets the fields of the deck so that its rules hold, and the rules go
on being checked while the fields are changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from core.domain.clip import CLIPS_RANGE, DURATION_RANGE_S, SPREAD_RANGE_S
from core.domain.export import ExportSettings
from core.domain.timecode import frame_count


@dataclass(frozen=True)
class TrainingRules:
    """`fps` frames a second, a number of frames that is 1 more than a multiple of `frame_step`, sides that are
    multiples of `side_step` pixels.
    """

    name: str
    fps: Fraction
    frame_step: int
    side_step: int

    @property
    def text(self) -> str:
        sides = f", sides divisible by {self.side_step}" if self.side_step > 2 else ""
        return f"{float(self.fps):g} fps, {self.frame_step}n+1 frames{sides}"

    def allows(self, frames: int) -> bool:
        return frames % self.frame_step == 1

    def nearest_frames(self, frames: int) -> tuple[int, int]:
        """The largest allowed number of frames below or at `frames`, and the smallest one above."""
        below = max(1, (frames - 1) // self.frame_step * self.frame_step + 1)
        return below, below + self.frame_step


RULES: Mapping[str, TrainingRules] = {
    rules.name: rules
    for rules in (
        TrainingRules("LTX", Fraction(25), 8, 32),
        TrainingRules("Wan", Fraction(16), 4, 16),
        TrainingRules("Hunyuan", Fraction(24), 4, 16),
    )
}
# What a preset may set, of the settings and of the batch. Where clips go and what they are called stays the person's.
SETTING_FIELDS = (
    "format",
    "short_side",
    "crf",
    "preset",
    "audio",
    "encoder",
    "webp_lossless",
    "webp_quality",
    "fps",
    "side_step",
    "training",
)
BATCH_FIELDS = ("clips", "spread_s", "duration_s")
_RANGES = {"clips": CLIPS_RANGE, "spread_s": SPREAD_RANGE_S, "duration_s": DURATION_RANGE_S}


@dataclass(frozen=True)
class DeckShape:
    """The settings, and the shape of the batch, that a preset sets."""

    settings: ExportSettings
    clips: int
    spread_s: float
    duration_s: float


@dataclass(frozen=True)
class Preset:
    """`values` by the names of SETTING_FIELDS and BATCH_FIELDS; what is missing stays as it is. `own` presets were
    saved by the person and can be deleted.
    """

    name: str
    meaning: str
    values: Mapping[str, Any]
    own: bool = False

    def applied(self, shape: DeckShape) -> DeckShape:
        """The deck with this preset's values."""
        settings = {key: value for key, value in self.values.items() if key in SETTING_FIELDS}
        batch = {key: value for key, value in self.values.items() if key in BATCH_FIELDS}
        return replace(shape, settings=replace(shape.settings, **settings), **batch)


def _seconds(frames: int, rules: TrainingRules) -> float:
    return round(float(frames / rules.fps), 2)


def _model(rules: TrainingRules, frames: int, short_side: int, text: str) -> Preset:
    values = {
        "format": "MP4",
        "fps": str(rules.fps),
        "side_step": rules.side_step,
        "short_side": short_side,
        "duration_s": _seconds(frames, rules),
        "training": rules.name,
    }
    meaning = f"{text}: {rules.text}. {frames} frames are {float(frames / rules.fps):.4g} s."
    return Preset(rules.name, meaning, values)


PRESETS = (
    Preset(
        "Foley 8 s",
        "Sound effects for video: 8 s clips at the source's rate, three a batch, sound without loss.",
        {
            "duration_s": 8.0,
            "clips": 3,
            "spread_s": 3.0,
            "format": "MP4",
            "audio": "lossless",
            "fps": "",
            "side_step": 2,
            "training": "",
        },
    ),
    _model(RULES["LTX"], 121, 512, "LTX-Video"),
    _model(RULES["Wan"], 81, 480, "Wan"),
    _model(RULES["Hunyuan"], 129, 544, "HunyuanVideo"),
)


def violations(
    settings: ExportSettings, duration_s: float, source_fps: Fraction | None = None, size: tuple[int, int] | None = None
) -> tuple[str, ...]:
    """What of the rules that the settings name does not hold, as sentences for people; nothing without rules.

    Args:
        source_fps: the rate of the source; None when no media with a picture is open.
        size: (width, height) in pixels the clips will have; None when it is not known.
    """
    rules = RULES.get(settings.training)
    if rules is None:
        return (f"There are no training rules called {settings.training}",) if settings.training else ()
    found = []
    if settings.format.upper() in ("WAV", "FLAC"):
        found.append(f"{rules.name} wants a picture: choose MP4, MKV, MOV or WebP")
    fps = settings.rate(source_fps) if settings.fps or source_fps else None
    if fps is not None and fps != rules.fps:
        found.append(f"{rules.name} wants {float(rules.fps):g} fps, not {float(fps):.4g}")
    frames = frame_count(duration_s, rules.fps)
    if not rules.allows(frames):
        choices = [count for count in rules.nearest_frames(frames) if _reachable(count, rules)]
        listed = " or ".join(f"{count} ({_seconds(count, rules):g} s)" for count in choices)
        found.append(f"{rules.name} wants {rules.frame_step}n+1 frames, not {frames}: {listed}")
    wrong = [side for side in size or () if side % rules.side_step]
    if settings.side_step % rules.side_step:
        if wrong or not size:
            found.append(f"{rules.name} wants sides divisible by {rules.side_step}, not by {settings.side_step}")
    elif wrong:
        found.append(f"{rules.name} wants sides of at least {rules.side_step} pixels")
    return tuple(found)


def own_preset(name: str, shape: DeckShape) -> Preset:
    """The deck as it is, as a preset of that name."""
    settings = asdict(shape.settings)
    values = {key: settings[key] for key in SETTING_FIELDS}
    values |= {key: getattr(shape, key) for key in BATCH_FIELDS}
    return Preset(name, summary(shape), values, own=True)


def summary(shape: DeckShape) -> str:
    """One line on what a preset sets."""
    settings = shape.settings
    rate = f"{settings.fps} fps" if settings.fps else "source's fps"
    size = f"short side {settings.short_side} px" if settings.short_side else "original size"
    rules = f", {settings.training} rules" if settings.training else ""
    return f"{settings.format}, {shape.duration_s:g} s × {shape.clips}, {rate}, {size}{rules}"


def preset_to_json(preset: Preset) -> dict[str, Any]:
    return {"name": preset.name, "values": dict(preset.values)}


def preset_from_json(data: Any, shape: DeckShape) -> Preset | None:
    """The inverse of `preset_to_json`; None for anything that is no sound preset. `shape` says of what type each
    value is.
    """
    if not isinstance(data, dict) or not isinstance(data.get("name"), str) or not data["name"].strip():
        return None
    if not isinstance(data.get("values"), dict):
        return None
    known = {**asdict(shape.settings), **{key: getattr(shape, key) for key in BATCH_FIELDS}}
    values = {}
    for key, value in data["values"].items():
        if key not in (*SETTING_FIELDS, *BATCH_FIELDS):
            continue
        if key == "short_side":
            fits = value is None or (type(value) is int and value > 0)
        elif isinstance(known[key], float):
            fits = type(value) in (int, float)
        else:
            fits = type(value) is type(known[key])
        if fits and key in _RANGES:
            fits = _RANGES[key][0] <= value <= _RANGES[key][1]
        if not fits:
            return None
        values[key] = value
    if values.get("training") and values["training"] not in RULES:
        return None
    preset = Preset(data["name"].strip(), "", values, own=True)
    return replace(preset, meaning=summary(preset.applied(shape)))


def _reachable(frames: int, rules: TrainingRules) -> bool:
    return DURATION_RANGE_S[0] <= _seconds(frames, rules) <= DURATION_RANGE_S[1]
