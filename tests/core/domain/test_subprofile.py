"""What a subprofile makes of an export."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings
from core.domain.media import Media
from core.domain.subprofile import Preset, Subprofile

REQUEST = CutRequest(Media(1, "b3-1", "/v/a.mp4"), Batch(5.0, 3, 3.0, 8.0), ExportSettings("/out/cat", short_side=480))


def test_an_ending_goes_behind_the_folder_and_the_rest_stays() -> None:
    made = Subprofile(1, "wide", 1, "wide").applied(REQUEST)
    assert (made.settings, made.batch, made.subprofile) == (REQUEST.settings, REQUEST.batch, "wide")


def test_a_folder_of_its_own_takes_no_ending() -> None:
    made = Subprofile(1, "wide", 1, "ignored", "/elsewhere").applied(REQUEST)
    assert (made.settings.folder, made.subprofile) == ("/elsewhere", "")


def test_a_preset_sets_only_what_it_names() -> None:
    preset = Preset(duration_s=4.0, clips=1, short_side=0, format="MKV", label="meow")
    made = Subprofile(1, "wide", 1, "wide", preset=preset).applied(REQUEST)
    assert made.batch == Batch(5.0, 1, 3.0, 4.0)
    assert (made.settings.short_side, made.settings.format, made.settings.label) == (None, "MKV", "meow")
    assert made.settings.audio == REQUEST.settings.audio
    assert preset.summary == "4 s · 1 clips · MKV · “meow” · original size"
    assert Preset().summary == "as filled in"


@given(
    st.builds(
        Preset,
        st.none() | st.floats(2, 30),
        st.none() | st.integers(1, 99),
        st.none() | st.floats(0.5, 30),
        st.none() | st.integers(0, 4320),
        st.none() | st.sampled_from(["MP4", "WAV"]),
        st.none() | st.sampled_from(["aac", "none"]),
        st.none() | st.text(),
    )
)
def test_a_preset_survives_being_stored(preset: Preset) -> None:
    assert Preset.from_json(preset.to_json() | {"of a newer version": 1}) == preset


@pytest.mark.parametrize(
    ("subprofile", "complaint"),
    [
        (Subprofile(0, "", 1, "x"), "name"),
        (Subprofile(0, "a", 1), "ending"),
        (Subprofile(0, "a", 1, "x/y"), "ending cannot"),
        (Subprofile(0, "a", 10, "x"), "digit"),
        (Subprofile(0, "a", 1, "x", preset=Preset(duration_s=99.0)), "duration"),
        (Subprofile(0, "a", 1, "x", preset=Preset(clips=0)), "number of clips"),
        (Subprofile(0, "a", 1, "x", preset=Preset(spread_s=0.1)), "spread"),
        (Subprofile(0, "a", None, "", "/folder"), ""),
    ],
)
def test_what_cannot_be_stored_says_why(subprofile: Subprofile, complaint: str) -> None:
    assert complaint in subprofile.complaint
    assert bool(subprofile.complaint) is bool(complaint)
