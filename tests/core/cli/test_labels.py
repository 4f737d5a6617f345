"""What project and labels answer to words that make no sense: one sentence, and nothing is left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.execute import execute
from core.cli.parser import parse


def test_wrong_words_are_answered_with_a_sentence_and_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        code = execute(parse(["--data-dir", str(tmp_path / "data"), *words]), lambda *_: pytest.fail("no window here"))
        return code, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    task = ("--kind", "frame", "--task", "mood: happy, sad")
    (tmp_path / "no labels").write_text("hello")
    for words, sentence in (
        (("project", "create"), "needs the name of a project"),
        (("project", "create", "x", "--task", "mood: happy, sad"), "Add --kind frame"),
        (("project", "create", "x", "--kind", "frame"), "at least one task"),
        (("project", "create", "x", *task, "--task", "mood: a, b"), "each with its own name"),
        (("project", "create", "x", "--kind", "frame", "--task", "mood"), "mood is no task"),
        (("project", "create", "x", *task, "--screened", "smell"), "no task smell"),
        (("project", "create", "x", *task, "--media", "nowhere.mp4"), "nothing to add. Cannot read nowhere.mp4"),
        (("project", "show", "x"), "no labelling project x"),
        (("project", "add", "x"), "needs files or folders"),
        (("project", "away", "x"), "needs the name of a coder"),
        (("labels", "export", "x"), "needs a project and a file"),
        (("labels", "import", "no labels"), "is no file of labels"),
        (("labels", "agreement", "x"), "no labelling project x"),
    ):
        code, out, err = run(*words)
        assert (code, out) == (2, ""), words
        assert err.startswith("8-cut: ")
        assert sentence in err
    for option, value in (
        ("--overlap", "2"),
        ("--repeats", "nan"),
        ("--per-video", "0"),
        ("--window", "0"),
        ("--hop", "x"),
    ):
        with pytest.raises(SystemExit, match="2"):
            run("project", "create", "x", *task, option, value)
        assert option in capsys.readouterr().err
    code, out, _ = run("labels", "import", "no labels", "nowhere.jsonl", "--json")
    assert code == 1
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["failed", "failed"]
    assert run("project", "list")[1].startswith("There is no labelling project yet")
