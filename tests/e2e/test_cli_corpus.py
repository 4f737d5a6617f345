"""`corpus` as a program of its own: extract, go on after Ctrl+C, status, export and load."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from core.db import ProcessedDB
from tests.e2e.test_cli import CommandLine
from tests.media_factory import MediaShelf


def events(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def films(media: MediaShelf, tmp_path: Path) -> Path:
    """Twelve films of different content, one of a single frame, and one that is broken."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(12):
        shutil.copy(media("tiny"), folder / f"{number:02d}.mp4")
        with (folder / f"{number:02d}.mp4").open("ab") as file:
            file.write(bytes(number))
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", folder / "00.mp4", "-frames:v", "1", "-an", folder / "one frame.mp4"],
        check=True,
    )
    (folder / "broken.mp4").write_bytes(b"not a film")
    return folder


def test_extract_goes_on_where_it_was_stopped(films: Path, tmp_path: Path) -> None:
    cli, out = CommandLine(tmp_path), tmp_path / "out"
    (tmp_path / "list.txt").write_text("".join(f"{path}\n{path.name}\n" for path in sorted(films.iterdir())))
    shutil.move(tmp_path / "list.txt", films / "list.txt")
    command = cli.command("corpus", "extract", "--videos", films / "list.txt", "--features", "cuts,density",
                          "--out", out, "--workers", "1", "--min-free", "1M", "--json")  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        told = []
        while not told or told[-1]["event"] != "result":
            told.append(json.loads(program.stdout.readline()))
        os.killpg(program.pid, signal.SIGINT)  # as a terminal does: to the workers, too
        told += events(program.stdout.read())
        assert program.stderr.read() == ""
    assert program.returncode == 130
    assert next(each for each in told if each["event"] == "started")["repeated"] == 14
    assert told[-1]["event"] == "done" and told[-1]["left"] > 0
    rest = events(cli(*command[4:]).stdout)
    assert rest[-1]["left"] == 0
    # Which videos come first is drawn: the broken one may have been seen before the stop.
    assert Counter(told[-1]["failed"]) + Counter(rest[-1]["failed"]) == {"cuts": 1, "density": 1}
    done = [(each["video"], each["extractor"]) for each in [*told, *rest] if each["event"] == "result"]
    assert len(done) == len(set(done)) == 28
    again = cli("corpus", "extract", "--videos", films, "--features", "cuts,density", "--out", out)
    assert again.returncode == 0 and "26 there already" in again.stderr and "2 failed before" in again.stderr

    status = json.loads(cli("corpus", "status", "--out", out, "--json").stdout)
    assert [(row["extractor"], row["done"], row["failed"]) for row in status["extractors"]] == [
        ("cuts", 13, 1),
        ("density", 13, 1),
    ]
    assert list(status["reasons"].values()) == [2]
    exported = cli("corpus", "export", "--out", out, "--csv", tmp_path / "t.csv", "--parquet", tmp_path / "t.parquet")
    assert exported.returncode == 0 and exported.stdout.count("28 rows") == 2
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = {(row["video"], row["extractor"]): row for row in csv.DictReader(file)}
    assert len(rows) == 28
    assert rows[str(films / "one frame.mp4"), "cuts"]["cuts_count"] == "0"
    assert "text, not video" in rows[str(films / "broken.mp4"), "cuts"]["reason"]
    loaded = cli("corpus", "load", "--out", out)
    assert loaded.returncode == 0 and "28 results of 14 videos" in loaded.stdout
    with ProcessedDB(cli.data / "history.db", read_only=True) as db:
        assert sorted(db.features.figures("cuts_count").values())[:2] == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("extract", "--videos", "{films}"), "needs --features"),
        (("extract", "--videos", "{films}", "--features", "cuts,nosuch"), "no extractor 'nosuch'"),
        (("extract", "--videos", "nowhere", "--features", "cuts"), "nowhere cannot be read"),
        (("extract", "--videos", "{films}", "--features", "cuts", "--min-free", "9999T"), "are free"),
        (("extract", "--videos", "nosuch://a", "--features", "cuts"), "cannot be opened"),
        (("embed", "--videos", "{films}", "--model", "NOSUCH"), "NOSUCH"),
        (("scan", "--videos", "{films}", "--classifier", "none"), "no classifier none"),
        (("export",), "nothing to write"),
        (("status",), "no results"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_done(
    tmp_path: Path, arguments: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.cli.execute import execute
    from core.cli.parser import parse

    films = tmp_path / "films"
    films.mkdir()
    (films / "a.mp4").touch()
    words = [word.format(films=films) for word in arguments]
    options = parse(["--data-dir", str(tmp_path / "data"), "corpus", *words, "--out", str(tmp_path / "out")])
    assert execute(options, lambda *_: 0) == 2
    told = capsys.readouterr().err
    assert reason in told and "Traceback" not in told
    assert not (tmp_path / "out" / "results").exists()


@pytest.mark.parametrize("wrong", [("--min-free", "lots"), ("--workers", "0"), ("--timeout", "0"), ("--cache", "-1G")])
def test_numbers_that_make_no_sense_are_refused(wrong: tuple[str, str]) -> None:
    from core.cli.parser import parse

    with pytest.raises(SystemExit):
        parse(["corpus", "extract", "--out", "o", *wrong])
