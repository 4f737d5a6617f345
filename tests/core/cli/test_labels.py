"""What project and labels tell, and what they answer to words that make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.cli.execute import execute
from core.cli.parser import parse
from core.db import ProcessedDB
from core.domain.annotation import NA, Item, ItemKind, Step
from core.domain.scan import ScanMade, WindowScores
from core.ops import label
from core.ops.label_exchange import export_labels
from core.paths import data_paths
from tests.core.annotation.labelled import MOOD, frame, project
from tests.core.annotation.made_rounds import numbered, ran
from tests.sound_files import noise, write_wav

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(*words)` is the exit code and what was written to the two streams."""

    def execute_words(*words: str) -> tuple[int, str, str]:
        code = execute(parse(["--data-dir", str(tmp_path / "data"), *words]), lambda *_: pytest.fail("no window here"))
        return code, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    return execute_words


def test_a_project_is_shown_with_its_coders(run: Run, tmp_path: Path) -> None:
    assert run("project", "create", "empty", "--ready-made", "target-sound") == (0, "Made the project empty.\n", "")
    with ProcessedDB(tmp_path / "data" / "history.db") as db:
        made = project(db, videos=2, frames=2, overlap=1.0)
        label.save(db, made, "anna", Step(frame(0, 0)), {"perspective": NA, "distance": NA}, seconds=1.5)
        label.save(db, made, "bo", Step(frame(0, 0)), {"perspective": NA, "distance": NA}, seconds=2.5)
        db.annotation.add_items(made.id, [Item("b3-gone", ItemKind.FRAME, 0, 0.0, 0.0)])
    assert run("project", "list")[1].splitlines() == [
        "empty  (0 windows of 0 videos, 0 labelled)",
        "kitchen  (5 frames of 3 videos, 1 labelled)",
    ]
    assert run("project", "away", "kitchen", "bo")[1] == "bo is away: others get the items.\n"
    shown = run("project", "show", "kitchen")[1]
    assert "distance: Personal, Social, Public, NA  (screened)" in shown
    assert "anna: 1 of 4, 1.5 s each\n" in shown
    assert "bo: 1 of 4, 2.5 s each  (away)" in shown
    assert "1 item waits for a video that is not here" in shown
    assert run("project", "back", "kitchen", "bo")[1] == "bo is back.\n"
    assert "(away)" not in run("project", "show", "kitchen")[1]
    told = json.loads(run("project", "show", "kitchen", "--json")[1])
    assert told["coders"] == {"anna": {"done": 1, "total": 4}, "bo": {"done": 1, "total": 4}}
    assert run("labels", "export", "kitchen", "k.jsonl")[0] == 0
    assert "was here already" in run("labels", "import", "k.jsonl")[1]


def test_windows_that_a_classifier_is_unsure_of_are_added(run: Run, tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "a.wav", noise(4.0, seed=1))
    run("project", "create", "barks", "--ready-made", "target-sound", "--media", str(sound))
    with ProcessedDB(tmp_path / "data" / "history.db") as db:
        made = ScanMade(WindowScores(np.array([0.1, 0.6, 0.4, 0.9], np.float32), 0.75, 1.5, 4.0), "bark", "1", 0.5, 4.0)
        media = db.media.by_path(str(sound))
        db.scans.save_scan(db.profiles.ensure("work"), media.id, "bark", [], made)
    words = ("project", "add", "barks", "--media", str(sound), "--scan", "bark")
    assert run(*words, "--profile", "work") == (0, "Added 1 window of 1 file.\n", "")
    assert run(*words, "--profile", "work", "--scores", "0.3", "1", "--hop", "0.5")[1] == "Added 2 windows of 1 file.\n"
    code, _, err = run(*words)
    assert (code, "a.wav has no scores of bark" in err) == (1, True)
    assert "needs the lower one first" in run(*words, "--scores", "0.7", "0.3")[2]


def test_rounds_travel_with_the_labels_and_what_disagrees_is_said(run: Run, tmp_path: Path) -> None:
    with ProcessedDB(data_paths(tmp_path / "there").prepare().database) as there:
        theirs = project(there, tasks=(MOOD,))
        ran(there, theirs, 0, numbered(test=0))
        export_labels(there, theirs, tmp_path / "k.jsonl")
        assert "50 new items, 1 round with the split." in run("labels", "import", "k.jsonl")[1]
        ran(there, theirs, 0, numbered(test=2), minute=1)
        export_labels(there, theirs, tmp_path / "k.jsonl")
    code, _, err = run("labels", "import", "k.jsonl")
    assert code == 0
    assert "The split here stays" in err
    told = json.loads(run("labels", "import", "k.jsonl", "--json")[1])
    assert (told["rounds"], "another test set was frozen there" in told["kept"]) == (0, True)
    with ProcessedDB(tmp_path / "data" / "history.db") as db:
        (Path(db.annotation.rounds(1)[0].folder) / "steps" / "split.json").unlink()
    assert "the files of round 0 are gone" in run("labels", "export", "kitchen", "k.jsonl")[2]


def test_wrong_words_are_answered_with_a_sentence_and_leave_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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


def test_a_project_is_deleted_and_brought_back(run: Run) -> None:
    run("project", "create", "street", "--ready-made", "perspective")
    deleted = "Deleted street with its labels. project restore brings all of it back.\n"
    assert run("project", "delete", "street") == (0, deleted, "")
    assert run("project", "list")[1].splitlines() == [
        "There is no labelling project yet; project create makes one.",
        "Deleted, and brought back by project restore: street",
    ]
    assert "street was deleted" in run("project", "delete", "street")[2]
    assert run("project", "restore", "street") == (0, "street is back.\n", "")
    assert "No labelling project street was deleted" in run("project", "restore", "street")[2]
    assert run("project", "list")[1] == "street  (0 frames of 0 videos, 0 labelled)\n"
