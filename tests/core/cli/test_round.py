"""The command round: the same files as from the window, news for people and programs, wrong words in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli.execute import execute
from core.cli.parser import parse
from core.errors import Cancelled
from core.ops import run_round
from tests.core.ops.round_world import QUICK, RoundWorld, StoppingAt, round_world

Run = Callable[..., tuple[int, str, str]]
WORDS = ("round", "--project", "kitchen", "--top-k", "6", "--head", "logistic", "--device", "cpu")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RoundWorld]:
    with round_world(tmp_path) as made:
        made.answer_some()
        yield made


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(*words)` is the exit code and what was written to the two streams."""

    def execute_words(*words: str) -> tuple[int, str, str]:
        code = execute(parse(["--data-dir", str(tmp_path / "data"), *words]), lambda *_: pytest.fail("no window here"))
        return code, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    return execute_words


def test_the_command_and_the_operation_make_the_same_files(world: RoundWorld, run: Run, tmp_path: Path) -> None:
    code, out, _ = run(*WORDS, "--round", "0", "--out", str(tmp_path / "cli"), "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert told[0]["event"] == "progress"
    assert told[-1]["event"] == "round"
    result, _ = run_round.run(world.db, "kitchen", 0, replace(QUICK, out=tmp_path / "window"), paths=world.paths)
    assert told[-1]["metrics"] == json.loads((result.folder / "metrics.json").read_text(encoding="utf-8"))
    for name in ("queue.csv", "metrics.json", "figure.svg"):
        assert (tmp_path / "cli" / "round_00" / name).read_bytes() == (result.folder / name).read_bytes()


def test_a_person_reads_what_came_of_it(world: RoundWorld, run: Run) -> None:
    code, out, error = run(*WORDS, "--round", "0")
    assert code == 0
    assert "Round 0 of kitchen: 36 labels, 30 items without.\n" in out
    assert "  target sound: macro F1 " in out
    assert "First in the labelling window now: 6 items (" in out
    assert "8-cut: note: There is a single coder" in error


def test_going_on_is_told_and_a_round_can_be_begun_anew(world: RoundWorld, run: Run) -> None:
    with pytest.raises(Cancelled):
        run_round.run(world.db, "kitchen", 0, QUICK, StoppingAt("Judging"), world.paths)
    world.answer(world.items("r1")[-2:])
    code, out, error = run(*WORDS, "--round", "0")
    assert code == 0
    assert "8-cut: note: Round 0 was stopped and keeps the labels that it began with\n" in error
    assert "8-cut: note: What came since is for the next round. Items labelled 2\n" in error
    assert "Round 0 of kitchen: 36 labels" in out
    code, out, error = run(*WORDS, "--round", "0", "--anew", "--json")
    assert json.loads(out.splitlines()[-1])["notes"] == ["Round 0 was begun anew from the labels of now"]
    assert json.loads(out.splitlines()[-1])["metrics"]["sizes"]["labelled"] == 38


def test_without_a_label_the_first_queue_is_chosen(run: Run, tmp_path: Path) -> None:
    with round_world(tmp_path) as world:
        code, out, _ = run(*WORDS, "--round", "0")
        assert code == 0
        assert out.endswith("First in the labelling window now: 6 items (typical). Label them and run it again.\n")
        code, out, _ = run(*WORDS, "--round", "0", "--json")
        told = json.loads(out.splitlines()[-1])
        assert told["event"] == "first queue"
        assert told["items"] == [entry.item_key for entry in world.db.annotation.queue(world.project.id)]


def test_an_edited_queue_is_taken_back(world: RoundWorld, run: Run, tmp_path: Path) -> None:
    run(*WORDS, "--round", "0")
    kept = world.db.annotation.queue(world.project.id)[1].item_key
    edited = tmp_path / "edited.csv"
    edited.write_text(f"video,start_s,item\nr0.wav,0,{kept}\nnobody.wav,4,\n", encoding="utf-8")
    code, out, error = run(*WORDS, "--round", "0", "--queue", str(edited))
    assert (code, out) == (0, "The queue of round 0 is now 1 item.\n")
    assert error == "8-cut: line 3 is left out: nobody.wav: the project has no such item\n"
    assert [entry.item_key for entry in world.db.annotation.queue(world.project.id)] == [kept]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--round", "1"), "Round 1 needs round 0"),
        (("--round", "-1"), "There is no round -1"),
        (("--round", "0", "--project", "other"), "There is no labelling project other"),
        (("--round", "0", "--queue", "none.csv"), "kitchen has no round 0"),
        (("--round", "0", "--top-k", "0"), "A round asks for one item"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(world: RoundWorld, run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, error = run(*WORDS, *words)
    assert (code, out) == (2, "")
    assert error.startswith(f"8-cut: {message}")
    assert len(error.splitlines()) == 1
