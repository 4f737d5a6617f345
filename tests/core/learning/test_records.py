"""Dataclasses to arrays and JSON and back."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from core.learning.records import pack, unpack


@dataclass(frozen=True)
class Inner:
    values: np.ndarray
    name: str


@dataclass(frozen=True)
class Outer:
    parts: tuple[Inner, ...]
    table: dict[str, float]
    count: int


def test_round_trip() -> None:
    whole = Outer((Inner(np.arange(3), "a"), Inner(np.ones((2, 2), "f2"), "b")), {"x": 0.5, "y": np.float64(2)}, 7)
    tree, arrays = pack(whole)
    found = unpack(json.loads(json.dumps(tree)), arrays, {"Inner": Inner, "Outer": Outer})
    assert [part.name for part in found.parts] == ["a", "b"]
    for part, old in zip(found.parts, whole.parts, strict=True):
        assert np.array_equal(part.values, old.values)
        assert part.values.dtype == old.values.dtype
    assert found.table == whole.table
    assert found.count == 7


@pytest.mark.parametrize(
    "tree",
    [
        {"$record": "Popen", "args": ["rm"]},
        {"$record": "Inner", "values": {"$array": "gone"}, "name": ""},
        {"$record": "Inner", "name": "", "extra": 1},
    ],
)
def test_what_is_not_listed_is_not_built(tree: dict) -> None:
    with pytest.raises(ValueError, match=r"nothing a model is made of|no array|argument"):
        unpack(tree, {}, {"Inner": Inner})
