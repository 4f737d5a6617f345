"""Train, scan, negatives, models, cache and demo as programs of their own."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from core.ops.corpus_results import export
from tests.core.ops.scan_world import world
from tests.e2e.test_cli import CommandLine
from tests.sound_files import noise, with_beeps, with_speech, write_wav

DEMO_PATIENCE_S = 600


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A data folder with a class `beep` and a classifier of it."""
    folder = tmp_path_factory.mktemp("cli")
    with world(folder) as made:
        made.teach()
    cli = CommandLine(folder)
    done = cli("train", "--profile", "default", "--positive", folder / "sounds" / "beep", "--model", "LOGMEL",
               "--head", "logistic", "--margin", "2", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "trained"
    assert events[-1]["classifier"] == "default_LOGMEL"
    assert {"average_precision", "threshold", "head"} <= events[-1]["report"].keys()
    assert any(event["event"] == "progress" for event in events)
    write_wav(folder / "new" / "walk.wav", with_beeps(noise(60, 77), [15.0, 40.0]))
    write_wav(folder / "new" / "quiet.wav", noise(20, 78))
    (folder / "new" / "broken.wav").write_bytes(b"RIFF and no more")
    return cli


def events(done: object) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_scan_tells_regions_and_failures(taught: CommandLine) -> None:
    done = taught("scan", taught.cwd / "new", "--classifier", "LOGMEL", "--fuse", "2", "--json", "--profile", "one")
    assert done.returncode == 1, "one file is broken"
    told = events(done)
    scanned = {Path(event["path"]).name: event["regions"] for event in told if event["event"] == "scanned"}
    assert [round((region["start_s"] + region["end_s"]) / 2) for region in scanned["walk.wav"]] == [16, 41]
    assert scanned["quiet.wav"] == []
    (failed,) = [event for event in told if event["event"] == "failed"]
    assert "broken.wav" in failed["path"]
    assert failed["reason"]
    assert told[-1] == {
        "event": "done", "files": 2, "regions": 2, "without_hits": 1, "known_before": 0, "failed": 1,
    }  # fmt: skip
    again = taught("scan", taught.cwd / "new" / "walk.wav", "--classifier", "LOGMEL", "--profile", "one")
    assert again.returncode == 0
    assert len(again.stdout.splitlines()) == 2
    assert "scanned before" in again.stderr


def test_a_corpus_is_embedded_and_scanned_with_one_result_a_recording(taught: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shared = ("--videos", taught.cwd / "new", "--out", out, "--workers", "1", "--device", "cpu")
    embedded = taught("corpus", "embed", *shared, "--model", "LOGMEL", "--json")
    assert embedded.returncode == 1, "one is broken"
    assert events(embedded)[-1]["done"] == {"embeddings-LOGMEL": 2}
    scanned = taught("corpus", "scan", *shared, "--classifier", "LOGMEL", "--fuse", "2", "--json")
    assert scanned.returncode == 1
    scan = "scan-default_LOGMEL-f2.0"
    assert events(scanned)[-1]["done"] == {scan: 2} and events(scanned)[-1]["failed"] == {scan: 1}
    export(str(out), str(tmp_path / "t.csv"))
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = {(Path(row["video"]).name, row["extractor"]): row for row in csv.DictReader(file)}
    assert len(rows) == 6
    walk, quiet = (rows[name, scan] for name in ("walk.wav", "quiet.wav"))
    spans = json.loads(walk[f"{scan}_spans"])
    assert [round((start + end) / 2) for start, end, _ in spans] == [16, 41]
    assert (walk[f"{scan}_regions"], quiet[f"{scan}_regions"]) == ("2", "0")
    vector = rows["walk.wav", "embeddings-LOGMEL"]
    assert int(vector["embeddings-LOGMEL_windows"]) == 53 and vector["embeddings-LOGMEL_vector"].endswith(".npy")
    assert rows["broken.wav", scan]["reason"]


def test_scan_writes_a_table(taught: CommandLine, tmp_path: Path) -> None:
    media = taught.cwd / "new" / "walk.wav"
    done = taught("scan", media, "--classifier", "default_LOGMEL", "--csv", "-", "--profile", "two")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["file"] for row in rows] == [str(media)] * 2
    assert all(float(row["start_s"]) < float(row["end_s"]) and 0 <= float(row["score"]) <= 1 for row in rows)
    taught("scan", media, "--classifier", "LOGMEL", "--csv", tmp_path / "t.csv", "--threshold", "1", "--profile", "two")
    assert (tmp_path / "t.csv").read_text().startswith("file,start_s,end_s,score")
    lost = taught("scan", media, "--classifier", "LOGMEL", "--csv", tmp_path / "no" / "t.csv", "--profile", "two")
    assert lost.returncode == 2
    assert "cannot be written" in lost.stderr


def test_regions_are_told_by_speech(taught: CommandLine) -> None:
    talk = with_speech(noise(60, 79, level=0.01), [13.4, 14.9, 16.4])
    media = write_wav(taught.cwd / "talk.wav", with_beeps(talk, [15.0, 40.0]))
    found = {}
    for by in ("any", "only", "without"):
        done = taught("scan", media, "--classifier", "LOGMEL", "--speech", by, "--json", "--profile", "speech")
        assert done.returncode == 0, done.stderr
        told = events(done)
        (scanned,) = [event for event in told if event["event"] == "scanned"]
        found[by] = [round((region["start_s"] + region["end_s"]) / 2) for region in scanned["regions"]]
        assert told[-1]["regions"] == len(found[by])
    assert found["any"] == [16, 41]
    assert found["only"] == [16]
    assert found["without"] == [41]


def test_negatives_come_and_go(taught: CommandLine) -> None:
    media = taught.cwd / "new" / "walk.wav"
    assert events(taught("negatives", "add", media, "12.5", "0:30", "12.5", "--profile", "n", "--json")) == [
        {"added": 2}
    ]
    (listed,) = events(taught("negatives", "list", "--profile", "n", "--json"))
    assert [mark["start_time"] for mark in listed["negatives"]] == [12.5, 30.0]
    first = str(listed["negatives"][0]["id"])
    assert "Removed 1" in taught("negatives", "remove", first, "--profile", "n").stdout
    text = taught("negatives", "list", "--profile", "n").stdout
    assert "1 hard negative in the profile n" in text
    assert "walk.wav" in text
    for wrong in (("add",), ("add", media, "soon"), ("remove",), ("remove", "x")):
        done = taught("negatives", *wrong, "--profile", "n")
        assert done.returncode == 2, wrong
        assert "Traceback" not in done.stderr


def test_models_are_listed_and_restored(taught: CommandLine) -> None:
    (listed,) = events(taught("models", "list", "--json"))
    assert "default_LOGMEL" in listed["classifiers"]
    assert {row["name"] for row in listed["embedding_models"]} >= {"LOGMEL", "YAMNET", "EAT_LARGE"}
    assert "Apache-2.0" in taught("models", "list").stdout
    assert "needs no weights" in taught("models", "fetch", "LOGMEL").stdout
    (version,) = events(taught("models", "history", "LOGMEL", "--json"))[0]["versions"]
    assert version["current"]
    assert version["stamp"] in taught("models", "history", "LOGMEL").stdout
    assert version["stamp"] in taught("models", "restore", "LOGMEL", version["stamp"]).stdout
    wrong = (("fetch",), ("fetch", "NOSUCH"), ("history", "cat"), ("restore", "LOGMEL"), ("restore", "LOGMEL", "1"))
    for words in wrong:
        assert taught("models", *words).returncode == 2, words


def test_the_cache_is_shown_and_cleared(taught: CommandLine) -> None:
    (status,) = events(taught("cache", "status", "--json"))
    assert status["models"]["LOGMEL"]["entries"] == status["entries"] >= 3
    assert "entries" in taught("cache", "status").stdout
    assert events(taught("cache", "clear", "--model", "YAMNET", "--json")) == [{"freed_bytes": 0}]
    assert "Freed" in taught("cache", "clear").stdout
    assert events(taught("cache", "status", "--json"))[0]["entries"] == 0
    assert events(taught("cache", "limit", "50G", "--json")) == [{"limit_bytes": 50_000_000_000, "freed_bytes": 0}]
    assert taught("cache", "limit").stdout == "At most 50 GB.\n"
    assert "of at most 50 GB" in taught("cache", "status").stdout
    for wrong in (("limit", "much"), ("limit", "5"), ("clear", "50G")):
        done = taught("cache", *wrong)
        assert done.returncode == 2, wrong
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("train", "--positive", "cat"), "has no clips"),
        (("train", "--positive", "beep", "--profile", "nobody"), "has no clips"),
        (("scan", "gone.wav", "--classifier", "cat"), "no classifier"),
        (("scan", ".", "--classifier", "LOGMEL", "--threshold", "2"), "between 0 and 1"),
        (("scan", "gone.wav", "--classifier", "LOGMEL"), "gone.wav"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(taught: CommandLine, words: tuple[str, ...], told: str) -> None:
    done = taught(*words)
    assert done.returncode in (1, 2)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_finds_most_of_what_it_never_heard(tmp_path: Path) -> None:
    cli = CommandLine(tmp_path)
    done = subprocess.run(
        cli.command("demo", "--keep", tmp_path / "kept", "--length", "90", "--json"),
        capture_output=True, text=True, timeout=DEMO_PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = events(done)
    scores = {(e["round"], e["kind"], e["part"]): e for e in told if e["event"] == "score"}
    assert len(scores) == 12
    for round_ in ("before", "after"):
        own = [score for (name, *_), score in scores.items() if name == round_]
        assert sum(one["found"] + one["missed"] for one in own) == 36
        assert sum(one["found"] for one in own) >= 24, "most sounds of sources it never heard are found"
        assert sum(one["false"] for one in own) <= 36
    assert len(list((tmp_path / "kept" / "videos").glob("*.mp4"))) == 8
    assert len(list((tmp_path / "kept" / "clips").rglob("*.mp4"))) == next(
        e["clips"] for e in told if e["event"] == "marked"
    )
    (cached,) = events(cli("cache", "status", "--json"))
    assert cached["models"]["LOGMEL"]["entries"] == 8
