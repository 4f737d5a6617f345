"""A run on a Ray cluster of two nodes on this machine, one of which dies in the middle."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.corpus.place import Place
from core.corpus.results import Key, Results
from core.errors import EnvironmentProblem, UserError
from core.ops.corpus import RunRequest, run
from core.paths import data_paths
from tests.core.corpus.toys import SIZE, WANTED, WORDS, ToyRecipe, expected, one_row_each, rows, write_corpus

ROOT = Path(__file__).resolve().parents[3]


def told_by(program: str, *arguments: object) -> dict[str, Any]:
    """The last line of a program beside this file, run in a process of its own since Ray cannot be left again."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.core.corpus.{program}", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_node_that_dies_loses_and_doubles_nothing(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 30, v003="crash:words")
    story = told_by("cluster_story", source, tmp_path / "out", 2, 20)
    assert (story["nodes"], story["left"], story["stopped"]) == (0, 0, "")
    assert max(Counter(story["told"]).values()) == 1
    results = Results(Place.of(tmp_path / "out"))
    assert one_row_each(list(results.all()))
    wanted = expected(source, SIZE, WORDS, Key("slow", 1))
    wanted.remove(next(row for row in wanted if row[:2] == ("v003.mp4", "words")))
    found = rows(results)
    assert [row for row in found if not row[2]] == wanted
    [[name, extractor, reason, _]] = [row for row in found if row[2]]
    assert (name, extractor) == ("v003.mp4", "words") and "twice" in reason


def test_a_node_without_weights_ends_the_run_and_workers_are_as_many_as_asked_for(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 40)
    told = told_by("cluster_limits", source, tmp_path / "out")
    assert told["rooms"] == {"1": 1, "9": 4}, "of two processors; where all are used, as many again wait at hand"
    assert re.match(rf"The machine {re.escape(socket.gethostname())} \([\d.]+\) of the cluster", told["stopped"])
    assert "The weights of the toy are not here" in told["stopped"]
    assert told["failed"] == 0, "no video is to blame"


def test_what_ray_cannot_do_is_said_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_corpus(tmp_path / "videos", 1)
    request = RunRequest(str(source), str(tmp_path / "out"), "ray", min_free_bytes=0)
    monkeypatch.setitem(sys.modules, "ray", None)  # as Python itself marks a package that is not there
    with pytest.raises(EnvironmentProblem, match="Ray is not installed"):
        run(data_paths(), request, WANTED, ToyRecipe())
    with pytest.raises(UserError, match="cannot see memory://"):
        run(data_paths(), RunRequest("memory://v", str(tmp_path / "out"), "ray"), WANTED, ToyRecipe())
    with pytest.raises(UserError, match="Only Ray"):
        run(data_paths(), RunRequest(str(source), str(tmp_path / "out"), address="auto"), WANTED, ToyRecipe())
