"""Ctrl+C in the middle of `train` and `scan`, and a disk that is full: a plain end, and what was done is used again."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from core.ops import scan
from core.ops.models import history, open_classifier
from core.ops.train import train
from tests.core.ops.scan_world import REQUEST, world
from tests.e2e.test_cli import PATIENCE_S, CommandLine
from tests.sound_files import noise, with_beeps, write_wav

LONG_S = 300.0


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The commands on a data folder with a class `beep` and its classifier."""
    folder = tmp_path_factory.mktemp("cli")
    with world(folder) as made:
        made.teach()
        train(made.db, made.paths, made.embedder, REQUEST)
    return CommandLine(folder)


def interrupted(cli: CommandLine, name: str, *words: str | Path) -> list[dict]:
    """Run a command, press Ctrl+C as soon as it is embedding the file `name`; returns what it told."""
    with subprocess.Popen(
        cli.command(*words, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cli.cwd
    ) as child:
        told = []
        for line in child.stdout:
            told.append(json.loads(line))
            if told[-1]["event"] == "progress" and name in told[-1]["text"] and notes(cli):
                child.send_signal(signal.SIGINT)
                break
        else:
            pytest.fail(f"{name} was never worked on: {told[-3:]}")
        rest, errors = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 130
    assert errors == ""
    told += map(json.loads, rest.splitlines())
    assert told[-1] == {"event": "error", "message": "Cancelled."}
    return told


def notes(cli: CommandLine) -> list[int]:
    """How many rows each unfinished entry of the cache has."""
    found = (cli.data / "cache" / "embeddings").rglob("*.note")
    return [json.loads(note.read_text(encoding="utf-8"))["rows"] for note in found]


def test_scan_is_interrupted_and_goes_on(cli: CommandLine) -> None:
    short = write_wav(cli.cwd / "new" / "a-short.wav", with_beeps(noise(20, 1), [10.0]))
    long = write_wav(cli.cwd / "new" / "b-long.wav", noise(LONG_S, 2))
    told = interrupted(cli, long.name, "scan", cli.cwd / "new", "--classifier", "LOGMEL")
    assert [Path(event["path"]) for event in told if event["event"] == "scanned"] == [short]
    (rows,) = notes(cli)
    assert rows > 0, "the part that is whole stays"
    with world(cli.cwd) as made:
        media, _ = scan.media_of(made.db, [short, long])
        classifier = open_classifier(made.paths, "LOGMEL")
        summary, _ = scan.scan_all(made.db, media, "default", classifier, made.embedder)
    assert [one.again for one in summary.scanned] == [False, True]
    assert notes(cli) == []


def test_train_is_interrupted_and_goes_on(cli: CommandLine) -> None:
    with world(cli.cwd) as made:
        made.mark(made.recording("long", [100.0, 200.0], seconds=LONG_S), [99.0, 199.0], "horn")
    models = sorted((cli.data / "models").rglob("*"))
    interrupted(cli, "long.wav", "train", "--positive", "horn", "--margin", "2", "--name", "horn")
    assert sorted((cli.data / "models").rglob("*")) == models, "nothing of it is stored"
    (rows,) = notes(cli)
    assert rows > 0
    with world(cli.cwd) as made:
        outcome = train(made.db, made.paths, made.embedder, replace(REQUEST, positives=("horn",), name="horn"))
        assert [version.stamp for version in history(made.paths, "horn")] == [outcome.classifier.version]
    assert notes(cli) == []


def test_a_full_disk_while_embedding_is_one_sentence(cli: CommandLine) -> None:
    path, size = write_wav(cli.cwd / "full.wav", noise(LONG_S / 3, 5)), 60_000
    full = subprocess.run(
        cli.command("scan", path, "--classifier", "default_LOGMEL", "--json"),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        cwd=cli.cwd,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    assert full.returncode == 2
    assert "Traceback" not in full.stderr
    told = json.loads(full.stdout.splitlines()[-1])
    assert "Embeddings cannot be stored" in told["what"]
    assert "cache clear" in told["fix"]
    with world(cli.cwd) as made:
        classifier = open_classifier(made.paths, "default_LOGMEL")
        assert scan.scan(made.db, made.media(path), "default", classifier, made.embedder)[0].again
