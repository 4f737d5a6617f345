"""The split of videos, and the alarm when one comes where it must not be."""

from __future__ import annotations

import json
import pickle

import pytest

from core.domain.split import STAGES, LeakError, Split

SPLIT = Split(frozenset("abc"), frozenset("de"), frozenset("fg"))


@pytest.mark.parametrize("stage", STAGES)
def test_a_test_video_is_refused_at_every_stage(stage: str) -> None:
    with pytest.raises(LeakError, match=f"must not be used for {stage}, they are test videos: f"):
        SPLIT.admit(stage, ["a", "f", "d"])


@pytest.mark.parametrize(
    ("stage", "admitted", "refused"),
    [
        ("training", "abc", ["d", "x"]),
        ("normalisation", "abc", ["e", "x"]),
        ("validation", "de", ["a", "x"]),
        ("threshold", "de", ["b", "x"]),
    ],
)
def test_each_stage_takes_its_own_videos_only(stage: str, admitted: str, refused: list[str]) -> None:
    SPLIT.admit(stage, admitted)
    SPLIT.admit(stage, [])
    for group in refused:
        with pytest.raises(LeakError, match=group):
            SPLIT.admit(stage, [*admitted, group])


def test_the_next_round_may_ask_about_anything_but_the_test_set() -> None:
    SPLIT.admit("selection", [*"abcde", "a new one"])


def test_an_unknown_stage_is_a_bug() -> None:
    with pytest.raises(ValueError, match="'cheating'"):
        SPLIT.admit("cheating", [])


def test_a_split_survives_json_and_refuses_a_doctored_one() -> None:
    tree = json.loads(json.dumps(SPLIT.to_json()))
    assert Split.from_json(tree) == SPLIT
    tree["train"].append("f")
    with pytest.raises(LeakError, match="in two sets"):
        Split.from_json(tree)


def test_the_alarm_is_nobody_else_and_survives_a_process_border() -> None:
    error = LeakError("training", tuple(f"v{number}" for number in range(9)), "test videos")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301
    assert str(error).endswith("v0, v1, v2, v3, v4 …")
    assert not isinstance(error, ValueError)
