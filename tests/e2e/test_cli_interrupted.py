"""Ctrl+C in the middle of `train` and `scan`, and a disk that is full: a plain end, and what was done is used again."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from tests.core.ops.scan_world import world
from tests.e2e.test_cli import PATIENCE_S, CommandLine
from tests.sound_files import noise, with_beeps, write_wav

LONG_S = 600.0
TRAIN = ("train", "--positive", "beep", "--head", "logistic", "--margin", "2", "--json")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A data folder with a class `beep`, whose embeddings are cached, and its classifier."""
    folder = tmp_path_factory.mktemp("cli")
    with world(folder) as made:
        made.teach()
    cli = CommandLine(folder)
    assert cli(*TRAIN).returncode == 0
    return cli


def interrupted(cli: CommandLine, name: str, *words: str | Path) -> list[dict]:
    """Run a command, press Ctrl+C as soon as it is embedding the file `name`; returns what it told."""
    with subprocess.Popen(
        cli.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cli.cwd
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


def events(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_scan_is_interrupted_and_goes_on(taught: CommandLine) -> None:
    folder = taught.cwd / "new"
    write_wav(folder / "a-short.wav", with_beeps(noise(20, 1), [10.0]))
    write_wav(folder / "b-long.wav", noise(LONG_S, 2))
    words = ("scan", folder, "--classifier", "LOGMEL", "--json")
    told = interrupted(taught, "b-long.wav", *words)
    assert [Path(event["path"]).name for event in told if event["event"] == "scanned"] == ["a-short.wav"]
    (rows,) = notes(taught)
    assert rows > 0, "the part that is whole stays"
    again = taught(*words)
    assert again.returncode == 0, again.stderr
    assert events(again)[-1]["known_before"] == 1
    assert events(again)[-1]["files"] == 2
    assert notes(taught) == []


def test_train_is_interrupted_and_goes_on(taught: CommandLine) -> None:
    with world(taught.cwd) as made:
        made.mark(made.recording("long", [100.0, 300.0], seconds=LONG_S), [99.0, 299.0], "horn")
    models = sorted(path.name for path in (taught.data / "models").rglob("*"))
    words = ("train", "--positive", "horn", "--head", "logistic", "--margin", "2", "--name", "horn", "--json")
    interrupted(taught, "long.wav", *words)
    assert sorted(path.name for path in (taught.data / "models").rglob("*")) == models, "nothing of it is stored"
    (rows,) = notes(taught)
    assert rows > 0
    again = taught(*words)
    assert again.returncode == 0, again.stderr
    assert events(again)[-1]["classifier"] == "default_LOGMEL_horn"


def test_a_full_disk_while_embedding_is_one_sentence(taught: CommandLine) -> None:
    media = write_wav(taught.cwd / "full.wav", noise(LONG_S / 2, 5))
    full = without_room(taught, 150_000, "scan", media, "--classifier", "default_LOGMEL", "--json")
    assert full.returncode == 2
    assert "Traceback" not in full.stderr
    told = events(full)[-1]
    assert "Embeddings cannot be stored" in told["what"]
    assert "cache clear" in told["fix"]
    assert taught("scan", media, "--classifier", "default_LOGMEL", "--json").returncode == 0


def without_room(cli: CommandLine, size: int, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command whose files cannot grow beyond a size: to it the disk is full."""
    return subprocess.run(
        cli.command(*words),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        cwd=cli.cwd,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
