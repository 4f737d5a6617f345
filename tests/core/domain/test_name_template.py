"""Names of clips from templates: always legal, always told apart, or a clear complaint."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import Batch, illegal_name_reason, parse_clip_name
from core.domain.export import CutRequest, ExportSettings, request_from_json, request_to_json
from core.domain.media import Media
from core.domain.name_template import (
    DEFAULT_TEMPLATE,
    MAX_STEM_BYTES,
    TOKENS,
    clip_names,
    clip_paths,
    name_problem,
    preview,
    safe,
    stamped,
    template_problem,
)

NOON = datetime(2026, 4, 19, 12, 30, 5)


def request(template: str = "", clips: int = 3, **settings: object) -> CutRequest:
    chosen = replace(ExportSettings("/out/dog", template=template, label="bark", category="Animal"), **settings)
    return stamped(CutRequest(Media(1, "b3-1", "/in/Park: day 1.mp4"), Batch(83.5, clips), chosen, "zoo"), NOON)


def test_without_a_template_everything_is_as_it_was() -> None:
    assert clip_names(request(), 7, 2, range(3)) == ["clip_007_m2_0", "clip_007_m2_1", "clip_007_m2_2"]
    assert clip_names(request(DEFAULT_TEMPLATE), 7, 2, range(3)) == clip_names(request(), 7, 2, range(3))
    assert clip_paths(request(), 7, 2, [1]) == [str(Path("/out/dog/vid_007/clip_007_m2_1.mp4"))]
    scan = replace(request(DEFAULT_TEMPLATE), scan_export=True)
    assert clip_names(scan, 7, 2, [0]) == ["clip_007_a2_0"]


def test_every_token_stands_for_something() -> None:
    template = "-".join(f"{{{token}}}" for token in TOKENS)
    (name,) = clip_names(replace(request(template), subprofile="wide"), 7, 2, [1])
    assert name == ("clip-Park_ day 1-007-2-1-m-00-01-26-500-bark-Animal-zoo-wide-dog_wide-2026-04-19-12-30-05")


def test_what_stands_for_nothing_takes_its_separator_along() -> None:
    assert clip_names(request("{label}_{media}_{index}", label=""), 1, 1, [0]) == ["Park_ day 1_0"]
    assert clip_names(request("{index}_{label}", label=""), 1, 1, [0]) == ["0"]


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{nope}_{index}", "{nope} is no token"),
        ("{index", "brace"),
        ("index}", "brace"),
        ("{{index}}", "brace"),
        ("{name}_{batch}", "add {index}"),
        ("a/b_{index}", "contains one of"),
        ("..{index}", "starts with a dot"),
        ("x" * 201 + "{index}", "longer than 200 bytes"),
    ],
)
def test_templates_that_cannot_be(template: str, complaint: str) -> None:
    assert complaint in template_problem(template, clips=3)
    assert complaint in preview(request(template))[1]
    assert preview(request(template))[0] == ""


def test_one_clip_needs_no_index() -> None:
    assert template_problem("{name}_{batch}", clips=1) == ""


@pytest.mark.parametrize(
    ("names", "complaint"),
    [(["con"], "device"), (["a."], "dot"), (["a", "A"], "two clips"), ([""], "empty"), (["ok", "fine"], "")],
)
def test_names_that_cannot_be(names: list[str], complaint: str) -> None:
    assert complaint in name_problem(names)
    assert bool(name_problem(names)) == bool(complaint)


def test_the_preview_shows_the_first_and_the_last() -> None:
    assert preview(request("{label}_{index}")) == ("bark_0.mp4 … bark_2.mp4", "")
    assert preview(request("{label}_{batch}", clips=1), 1, 4) == ("bark_4.mp4", "")
    assert preview(request("{label}_{index}", label="", category=""), 1, 4)[0] == "0.mp4 … 2.mp4"
    assert "device" in preview(request("{label}", clips=1, label="nul"))[1]


@given(value=st.text(max_size=200))
def test_what_stands_for_a_token_is_always_harmless(value: str) -> None:
    made = safe(value)
    assert illegal_name_reason(f"x{made}x", MAX_STEM_BYTES) is None
    assert not set(made) & set('<>:"/\\|?*{}')
    assert made == made.strip(" .")


_PIECES = st.one_of(st.sampled_from([f"{{{token}}}" for token in TOKENS]), st.text("ab _-.é{}/", max_size=3))


@given(
    template=st.lists(_PIECES, min_size=1, max_size=6).map("".join),
    label=st.text(max_size=30),
    clips=st.integers(1, 5),
    batch=st.integers(1, 2000),
)
def test_a_name_is_legal_and_its_own_or_complained_about(template: str, label: str, clips: int, batch: int) -> None:
    asked = request(template, clips, label=label)
    shown, problem = preview(asked, 12, batch)
    if problem:
        return
    names = clip_names(asked, 12, batch, range(clips))
    assert len({name.casefold() for name in names}) == clips
    for name, path in zip(names, clip_paths(asked, 12, batch, range(clips)), strict=True):
        assert illegal_name_reason(name, MAX_STEM_BYTES) is None
        assert Path(path).parent == Path("/out/dog/vid_012")
        assert Path(path).name == f"{name}.mp4"
    assert shown.startswith(names[0])


@given(number=st.integers(1, 5000), batch=st.integers(1, 5000), index=st.integers(0, 98))
def test_names_of_the_default_template_can_be_read_back(number: int, batch: int, index: int) -> None:
    (name,) = clip_names(request(DEFAULT_TEMPLATE, 99), number, batch, [index])
    parts = parse_clip_name(name)
    assert (parts.media_number, parts.batch_number, parts.index) == (number, batch, index)


def test_the_time_of_the_export_stays_with_the_request() -> None:
    asked = request("{date}_{time}_{index}")
    assert stamped(asked, datetime(2030, 1, 1)) == asked
    assert request_from_json(request_to_json(asked)) == asked
    assert clip_names(request_from_json(request_to_json(asked)), 1, 1, [0]) == ["2026-04-19_12-30-05_0"]
