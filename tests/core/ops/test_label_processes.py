"""Coders in processes of their own: two at once on one database, and one that is killed while saving."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.annotation import PERSPECTIVE, Project
from core.ops import label
from tests.core.annotation.labelled import MOOD, project

ROOT = Path(__file__).resolve().parents[3]
TASKS = (MOOD, PERSPECTIVE)
CODER = """
import os, signal, sys
from core.db import ProcessedDB
from core.ops import label

path, coder, count, deadly = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
db = ProcessedDB(path)
project = db.annotation.get("kitchen")
queue = label.queue(db, project, coder)
if deadly >= 0:
    add, calls = db.annotation.add_answers, []

    def add_and_die(*values):
        add(*values)
        calls.append(values)
        if len(calls) > deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    db.annotation.add_answers = add_and_die
print("ready", flush=True)
sys.stdin.readline()
for _ in range(count):
    step = queue.next_open()
    label.save(db, project, coder, step, {"mood": "sad", "perspective": "NA"})
    queue.mark(step)
    print(step.item.key, int(step.repeat), flush=True)
db.close()
"""


def start(path: Path, coder: str, count: int, deadly: int = -1) -> subprocess.Popen[str]:
    """A coder who waits for a line on standard input and then labels as fast as possible.

    Args:
        deadly: the save, from 0, in the middle of which the process kills itself; -1 for none.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", CODER, str(path), coder, str(count), str(deadly)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    child.stdin.write("go\n")
    child.stdin.flush()


def end(child: subprocess.Popen[str]) -> list[tuple[str, bool]]:
    """Wait for the coder's end; what it said it had saved and nobody read yet."""
    with child:
        rest = child.stdout.read()
    return [(key, repeat == "1") for key, repeat in (line.split() for line in rest.splitlines())]


def saved(db: ProcessedDB, made: Project, coder: str) -> Counter[tuple[str, bool]]:
    """How many answers each showing has, all of the log."""
    log = db.annotation.answers(made.id, coder=coder, current=False)
    return Counter((answer.item_key, answer.repeat) for answer in log)


def test_two_coders_in_two_processes_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    path, count = tmp_path / "history.db", 1000
    with ProcessedDB(path) as db:
        made = project(db, videos=50, frames=40, tasks=TASKS, overlap=0.5)
        coders = [start(path, coder, count) for coder in ("anna", "bo")]
        for child in coders:
            go(child)
        said = [end(child) for child in coders]
        assert [child.returncode for child in coders] == [0, 0]
        for coder, own in zip(("anna", "bo"), said, strict=True):
            assert len(own) == len(set(own)) == count
            assert saved(db, made, coder) == dict.fromkeys(own, len(TASKS))
        log = db.annotation.answers(made.id, current=False)
        assert len({answer.uid for answer in log}) == len(log) == 2 * count * len(TASKS)
        shared = {key for key, _ in said[0]} & {key for key, _ in said[1]}
        assert shared, "both worked on some of the same items"


def whole_or_nothing(path: Path, said: list[tuple[str, bool]]) -> int:
    """Check what a killed coder left; returns how many showings are there."""
    with ProcessedDB(path) as db:
        made = db.annotation.get("kitchen")
        found = saved(db, made, "anna")
        assert set(found.values()) <= {len(TASKS)}, "no save is there by half"
        assert set(said) <= set(found), "nothing that was said to be saved is lost"
        assert len(found) <= len(said) + 1
        step = label.queue(db, made, "anna").next_open()
        assert (step.item.key, step.repeat) not in found
        label.save(db, made, "anna", step, {"mood": "happy", "perspective": "NA"})
        return len(found)


@pytest.mark.parametrize("enough", [1, 20, 60])
def test_a_coder_who_is_killed_at_any_moment_loses_nothing(tmp_path: Path, enough: int) -> None:
    path = tmp_path / "history.db"
    with ProcessedDB(path) as db:
        project(db, videos=20, frames=20, tasks=TASKS)
    child = start(path, "anna", 400)
    go(child)
    said = []
    for _ in range(enough):
        key, repeat = child.stdout.readline().split()
        said.append((key, repeat == "1"))
    child.kill()
    said += end(child)
    assert child.returncode == -signal.SIGKILL
    assert whole_or_nothing(path, said) >= enough


@pytest.mark.parametrize("deadly", [0, 7])
def test_a_coder_who_is_killed_in_the_middle_of_a_save_leaves_no_half_of_it(tmp_path: Path, deadly: int) -> None:
    path = tmp_path / "history.db"
    with ProcessedDB(path) as db:
        project(db, videos=5, frames=10, tasks=TASKS)
    child = start(path, "anna", 50, deadly)
    go(child)
    said = end(child)
    assert child.returncode == -signal.SIGKILL
    assert len(said) == deadly
    assert whole_or_nothing(path, said) == deadly
