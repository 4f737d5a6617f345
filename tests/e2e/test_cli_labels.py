"""Labelling projects and labels as programs of their own: two machines, their labels, and how far they agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.ops import label
from tests.e2e.test_cli import CommandLine
from tests.media_factory import MediaShelf


@pytest.fixture
def films(tmp_path: Path, media: MediaShelf) -> Path:
    """A folder of three videos and one file that is none."""
    for name, kind in (("a.mp4", "tiny"), ("Ünï 🎬.mp4", "matroska"), ("c.wav", "audio_only")):
        media.copy(kind, tmp_path / "films" / name)
    (tmp_path / "films" / "broken.mp4").write_bytes(b"no video")
    return tmp_path / "films"


def events(done: object) -> list[dict]:
    return [event for event in map(json.loads, done.stdout.splitlines()) if event["event"] != "progress"]


def judge(cli: CommandLine, coder: str, answers: tuple[str, ...]) -> None:
    """Label everything in a project named kitchen, the answers in turn by the number of the frame."""
    with ProcessedDB(cli.data / "history.db") as db:
        project = db.annotation.get("kitchen")
        for step in label.queue(db, project, coder).steps:
            said = answers[step.item.frame % len(answers)]
            label.save(db, project, coder, step, {"perspective": said, "distance": "NA"}, seconds=2.0)


def test_two_machines_label_one_project(tmp_path: Path, films: Path) -> None:
    one, two = CommandLine(tmp_path / "one"), CommandLine(tmp_path / "two")
    one.cwd.mkdir()
    two.cwd.mkdir()
    made = one("project", "create", "kitchen", "--ready-made", "perspective", "distance", "--overlap", "1",
               "--repeats", "0.1", "--media", films, "--per-video", "4", "--json")  # fmt: skip
    assert made.returncode == 1, "two of the files hold no pictures"
    told = events(made)
    assert told[0]["event"] == "created"
    assert sorted(event["event"] for event in told[1:3]) == ["failed", "failed"]
    assert told[-1] == {"event": "added", "items": 8, "files": 2, "failed": 2}
    exported = one("labels", "export", "kitchen", tmp_path / "empty.jsonl")
    assert exported.stdout == f"Wrote {tmp_path / 'empty.jsonl'}.\n"

    first = two("labels", "import", tmp_path / "empty.jsonl")
    assert first.returncode == 0
    assert "made the project kitchen, 0 new answers, 8 new items" in first.stdout
    assert "waiting for 2 videos: a.mp4, Ünï 🎬.mp4" in first.stdout
    added = two("project", "add", "kitchen", "--media", films / "a.mp4", films / "Ünï 🎬.mp4", "--per-video", "4")
    assert (added.returncode, added.stdout) == (0, "Added 0 frames of 2 files.\n"), "the items were waiting for them"
    judge(one, "anna", ("1st person", "2nd person"))
    judge(two, "bo", ("1st person", "2nd person", "NA"))
    judge(two, "anna", ("1st person",))
    assert two("labels", "export", "kitchen", "labels.jsonl").returncode == 0

    (merged,) = events(one("labels", "import", two.cwd / "labels.jsonl", "--json"))
    assert (merged["answers"], merged["items"], merged["missing"]) == (36, 0, [])
    assert {each["coder"] for each in merged["contradictions"]} == {"anna"}
    text = one("labels", "agreement", "kitchen").stdout
    assert "perspective: 8 items of 2 videos with two coders or more" in text
    assert "anna on 1 repeat: agree 100 %" in text
    (report,) = events(one("labels", "agreement", "kitchen", "--without-na", "--json"))
    assert report["tasks"][1]["statement"].startswith("Nobody has answered anything but NA in distance")
    shown = one("project", "show", "kitchen").stdout
    assert "kitchen: 8 frames of 2 videos, 8 labelled" in shown
    assert "anna: 9 of 9, 2.0 s each" in shown


def test_windows_and_own_tasks(tmp_path: Path, films: Path) -> None:
    cli = CommandLine(tmp_path)
    tasks = (
        "--ready-made",
        "target-sound",
        "--task",
        "mood: happy, sad",
        "--screener",
        "silence",
        "--screened",
        "mood",
    )
    done = cli("project", "create", "sounds", *tasks, "--media", films / "c.wav", "--window", "5")
    assert (done.returncode, done.stdout) == (0, "Made the project sounds.\nAdded 4 windows of 1 file.\n")
    with ProcessedDB(cli.data / "history.db") as db:
        project = db.annotation.get("sounds")
        assert (project.kind.value, project.screener, project.tasks[1].screened) == ("window", "silence", True)
        assert sorted(item.start_s for item in db.annotation.items(project.id)) == [0.0, 5.0, 10.0, 15.0]
