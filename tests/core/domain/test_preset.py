"""Presets and the rules of models: what is set holds, what is changed is found out."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import DURATION_RANGE_S
from core.domain.crop import NO_CROP, Crop
from core.domain.export import ExportSettings, parse_rate
from core.domain.frame_size import clip_size
from core.domain.preset import (
    PRESETS,
    RULES,
    DeckShape,
    own_preset,
    preset_from_json,
    preset_to_json,
    violations,
)
from core.domain.timecode import frame_count

SHAPE = DeckShape(ExportSettings("/out", name="n", label="l"), 3, 3.0, 8.0)
BY_NAME = {preset.name: preset for preset in PRESETS}


@pytest.mark.parametrize(
    ("name", "fps", "frames", "step", "side_step"),
    [("LTX", 25, 121, 8, 32), ("Wan", 16, 81, 4, 16), ("Hunyuan", 24, 129, 4, 16)],
)
def test_what_models_ask_for(name: str, fps: int, frames: int, step: int, side_step: int) -> None:
    shape = BY_NAME[name].applied(SHAPE)
    settings = shape.settings
    assert (settings.training, settings.rate(Fraction(30)), settings.side_step) == (name, fps, side_step)
    assert frame_count(shape.duration_s, Fraction(fps)) == frames
    assert frames % step == 1
    assert violations(settings, shape.duration_s, Fraction(30), (512, 512)) == ()
    assert f"{fps} fps" in BY_NAME[name].meaning and f"{step}n+1" in BY_NAME[name].meaning


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_leaves_places_and_names_alone(preset) -> None:
    shape = preset.applied(replace(SHAPE, settings=replace(SHAPE.settings, template="{index}")))
    assert (shape.settings.folder, shape.settings.name, shape.settings.label) == ("/out", "n", "l")
    assert shape.settings.template == "{index}"
    assert preset.applied(shape) == shape


def test_foley_is_the_usual_batch_at_the_sources_rate() -> None:
    shape = BY_NAME["Foley 8 s"].applied(BY_NAME["LTX"].applied(SHAPE))
    assert (shape.duration_s, shape.clips, shape.spread_s) == (8.0, 3, 3.0)
    assert shape.settings.rate(Fraction(30000, 1001)) == Fraction(30000, 1001)
    assert violations(shape.settings, 8.0) == ()


@given(
    name=st.sampled_from(sorted(RULES)), duration_s=st.floats(*DURATION_RANGE_S).map(lambda seconds: round(seconds, 2))
)
def test_a_duration_is_accepted_exactly_when_its_frames_are(name: str, duration_s: float) -> None:
    rules = RULES[name]
    settings = BY_NAME[name].applied(SHAPE).settings
    found = violations(settings, duration_s)
    frames = frame_count(duration_s, rules.fps)
    assert bool(found) == (frames % rules.frame_step != 1)
    if found:
        # What is proposed is accepted.
        below, above = rules.nearest_frames(frames)
        assert below < frames < above
        for count in (below, above):
            assert rules.allows(count)
            seconds = round(float(count / rules.fps), 2)
            assert frame_count(seconds, rules.fps) == count
            if DURATION_RANGE_S[0] <= seconds <= DURATION_RANGE_S[1]:
                assert f"{count} ({seconds:g} s)" in found[0]
                assert violations(settings, seconds) == ()


@given(
    width=st.integers(64, 4096),
    height=st.integers(64, 4096),
    short_side=st.one_of(st.none(), st.integers(64, 1080)),
    ratio=st.sampled_from(["", "9:16", "4:5", "1:1"]),
    name=st.sampled_from(sorted(RULES)),
)
def test_sides_are_multiples_whatever_the_source(
    width: int, height: int, short_side: int | None, ratio: str, name: str
) -> None:
    settings = replace(BY_NAME[name].applied(SHAPE).settings, short_side=short_side)
    crop = Crop(ratio) if ratio else NO_CROP
    size = clip_size(width, height, crop, short_side, settings.side_step)
    step = RULES[name].side_step
    assert all(side % step == 0 or side < step for side in size)
    small = any(side < step for side in size)
    assert bool(violations(settings, BY_NAME[name].applied(SHAPE).duration_s, Fraction(30), size)) == small


def test_each_broken_rule_is_named() -> None:
    settings = replace(BY_NAME["LTX"].applied(SHAPE).settings, fps="", side_step=2, format="WAV")
    text = "\n".join(violations(settings, 6.0, Fraction(30), (1920, 1080)))
    for part in ("wants a picture", "25 fps, not 30", "8n+1 frames, not 150", "divisible by 32, not by 2"):
        assert part in text
    # A rate and a size that happen to fit are no offence.
    assert not violations(replace(settings, format="MP4"), 4.84, Fraction(25), (640, 480))
    assert violations(replace(settings, training="Sora"), 8.0) == ("There are no training rules called Sora",)


def test_own_presets_are_kept_and_read_back() -> None:
    shape = replace(SHAPE, duration_s=5.0, settings=replace(SHAPE.settings, crf=12, short_side=None, fps="30000/1001"))
    data = json.loads(json.dumps(preset_to_json(own_preset("Mine", shape))))
    again = preset_from_json(data, SHAPE)
    assert again.name == "Mine" and again.own
    assert again.applied(SHAPE) == shape
    assert "5 s × 3" in again.meaning


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"name": "x"},
        {"name": " ", "values": {}},
        {"name": "x", "values": []},
        {"name": "x", "values": {"crf": "low"}},
        {"name": "x", "values": {"crf": True}},
        {"name": "x", "values": {"short_side": -1}},
        {"name": "x", "values": {"duration_s": 900}},
        {"name": "x", "values": {"training": "Sora"}},
    ],
)
def test_a_broken_preset_is_none(data: object) -> None:
    assert preset_from_json(data, SHAPE) is None


def test_a_preset_of_another_version_keeps_what_is_known() -> None:
    preset = preset_from_json({"name": "x", "values": {"crf": 5, "holograms": True, "folder": "/elsewhere"}}, SHAPE)
    assert preset.applied(SHAPE).settings == replace(SHAPE.settings, crf=5)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("25", Fraction(25)),
        (" 16 ", Fraction(16)),
        ("12.5", Fraction(25, 2)),
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        ("2997/100", Fraction(2997, 100)),
    ],
)
def test_rates_as_people_write_them(text: str, rate: Fraction) -> None:
    assert parse_rate(text) == rate
    assert parse_rate(str(rate)) == rate


@pytest.mark.parametrize("text", ["", "fast", "0", "-25", "1/0", "25 fps"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rate(text)
