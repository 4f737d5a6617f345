"""docs/features.md says the truth: every test it names exists, and every point names one or says that it is missing."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "features.md"
_ROW = re.compile(r"^\| (?P<point>.+?) \| (?P<where>.+?) \| (?P<test>.+?) \|$")
_NODE = re.compile(r"`([\w/.]+\.py)::(\w+)`")
_PLACE = re.compile(r"`((?:core|ui)/[\w/.]+|main\.py|[\w-]+\.sh)`")


def rows() -> list[tuple[str, str, str]]:
    found = [_ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    points = [(row["point"], row["where"], row["test"]) for row in found if row]
    return [row for row in points if row[0] != "point" and set(row[0]) != {"-"}]


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:60])
def test_a_point_is_proven_or_said_to_be_missing(row: tuple[str, str, str]) -> None:
    _, where, test = row
    nodes = _NODE.findall(test)
    assert nodes or "not yet" in test
    for file, name in nodes:
        path = TESTS / file
        assert path.is_file(), file
        assert name in names_in(path), f"{file} has no {name}"
    for place in _PLACE.findall(where):
        assert (TESTS.parent / place).exists(), place


def test_the_table_covers_every_section() -> None:
    headings = re.findall(r"^## (\d)\. ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [str(number) for number in range(1, 10)]
    assert len(rows()) > 100
