"""The commands as programs of their own: real ffmpeg, real history, exit codes, and nothing half done left behind."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.db import ProcessedDB
from tests.media_factory import MediaShelf

ROOT = Path(__file__).resolve().parents[2]
MAIN = [sys.executable, str(ROOT / "main.py")]
PATIENCE_S = 120


class CommandLine:
    """Runs main.py with a data folder of its own, from a folder that is not the program's."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.clips = folder / "clips"
        self.cwd = folder

    def __call__(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            cwd=self.cwd,
            env=os.environ | environment,
        )

    def command(self, *arguments: str | Path) -> list[str]:
        return [*MAIN, "--data-dir", str(self.data), *map(str, arguments)]

    def cut(self, media: Path, *arguments: str | Path) -> list[dict]:
        """The events of a cut into `clips`."""
        done = self("cut", media, "--folder", self.clips, "--json", *arguments)
        assert done.stderr == ""
        return [json.loads(line) for line in done.stdout.splitlines()]

    def files(self) -> list[str]:
        """Everything below the export folder, hidden files too."""
        return sorted(str(path.relative_to(self.clips)) for path in self.clips.rglob("*") if path.is_file())


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def frames_of(path: Path) -> int:
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-of", "csv=p=0"]
    done = subprocess.run(
        [*command, "-show_entries", "stream=nb_read_frames", str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout.strip().strip(","))


def test_a_batch_becomes_files_and_history(cli: CommandLine, media: MediaShelf) -> None:
    source = media("h264_2997")
    events = cli.cut(source, "--at", "0:02.5", "--clips", "2", "--duration", "2", "--label", "waves", "--name", "sea")
    kinds = [event["event"] for event in events if event["event"] != "progress"]
    assert kinds == ["planned", "clip", "clip", "done"]
    assert events[-1]["done"] == 2
    assert events[-1]["failed"] == 0
    assert cli.files() == ["dataset.json", "vid_001/sea_001_m1_0.mp4", "vid_001/sea_001_m1_1.mp4"]
    for event in events:
        if event["event"] == "clip":
            assert event["state"] == "done"
            assert event["frames"] == frames_of(Path(event["path"])) == 60
    db = ProcessedDB(cli.data / "history.db", read_only=True)
    (marker,) = db.clips.markers(db.media.by_path(str(source)).id, "default")
    db.close()
    assert marker.settings.label == "waves"
    assert len(marker.paths) == 2


def test_the_next_batch_gets_the_next_number(cli: CommandLine, media: MediaShelf) -> None:
    for number in (1, 2):
        planned = cli.cut(media("tiny"), "--at", "0", "--clips", "1", "--duration", "2")[0]
        assert planned["batch"] == number
    assert cli.files() == ["dataset.json", "vid_001/clip_001_m1_0.mp4", "vid_001/clip_001_m2_0.mp4"]


def test_in_a_pipe_the_paths_of_the_clips_are_the_output(cli: CommandLine, media: MediaShelf) -> None:
    done = cli("cut", media("tiny"), "--at", "0", "--clips", "1", "--duration", "2", "--folder", cli.clips)
    assert done.returncode == 0
    assert done.stdout == f"{cli.clips}/vid_001/clip_001_m1_0.mp4\n"
    assert done.stderr.startswith("8-cut: 1 clip in ")


def test_on_a_terminal_there_is_a_bar(cli: CommandLine, media: MediaShelf) -> None:
    ours, theirs = pty.openpty()
    command = cli.command("cut", media("tiny"), "--at", "0", "--clips", "1", "--duration", "2", "--folder", cli.clips)
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm-256color"})
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other end of a terminal closes with an error, not with an end of file
        assert shown
    os.close(ours)
    assert process.wait(PATIENCE_S) == 0
    assert "━".encode() in shown
    assert b"clip_001_m1_0.mp4" in shown


def test_without_a_folder_the_clips_lie_beside_the_media(cli: CommandLine, media: MediaShelf, tmp_path: Path) -> None:
    copy = tmp_path / "naïve “film” ☂.mp4"
    copy.write_bytes(media("tiny").read_bytes())
    done = cli("cut", copy.name, "--at", "0", "--clips", "1", "--duration", "2")
    assert done.returncode == 0
    assert cli.files() == ["dataset.json", "vid_001/clip_001_m1_0.mp4"]


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("case", ["missing", "folder", "empty", "text", "past the end", "illegal name", "no folder"])
def test_bad_input_is_one_clear_sentence_and_changes_nothing(
    cli: CommandLine, media: MediaShelf, tmp_path: Path, case: str, as_json: bool
) -> None:
    source, extra = media("tiny"), ["--folder", str(cli.clips)]
    bad = tmp_path / "bad.mp4"
    if case == "missing":
        source = bad
    elif case == "folder":
        source = bad
        bad.mkdir()
    elif case == "empty":
        source = bad
        bad.write_bytes(b"")
    elif case == "text":
        source = bad
        bad.write_text("I am no film.")
    elif case == "past the end":
        extra += ["--at", "5000"]
    elif case == "illegal name":
        extra += ["--name", "a/b"]
    else:
        bad.write_text("a file where a folder should be")
        extra = ["--folder", str(bad / "clips")]
    done = cli("cut", source, "--at", "0", *extra, *(["--json"] if as_json else []))
    assert done.returncode == 2
    if as_json:
        (event,) = map(json.loads, done.stdout.splitlines())
        assert event["event"] == "error"
        assert event["what"]
        assert event["fix"] or event["why"]
        assert done.stderr == ""
    else:
        assert done.stdout == ""
        assert done.stderr.startswith("8-cut: ")
        assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not cli.clips.exists()


def test_a_data_folder_that_cannot_be_used_is_said(cli: CommandLine, media: MediaShelf) -> None:
    cli.data.write_text("a file where a folder should be")
    done = cli("cut", media("tiny"), "--at", "0", "--clips", "1", "--duration", "2", "--folder", cli.clips)
    assert done.returncode == 2
    assert "--data-dir" in done.stderr
    assert "Traceback" not in done.stderr
    assert not cli.clips.exists()


def test_ctrl_c_cancels_and_leaves_no_half_file(cli: CommandLine, media: MediaShelf) -> None:
    source = media("h264_2997")
    # Blown up to 2160 lines, the batch takes long enough to be caught in the middle.
    command = cli.command("cut", source, "--at", "0", "--resize", "2160", "--folder", cli.clips, "--json")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline())["event"] == "planned"
    assert json.loads(process.stdout.readline())["event"] == "progress"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, err) == (130, "")
    assert json.loads(out.splitlines()[-1]) == {"event": "error", "message": "Cancelled."}
    assert cli.files() == []
    db = ProcessedDB(cli.data / "history.db")
    assert db.jobs.open() == []
    db.close()
    # The cancelled batch keeps its number.
    assert cli.cut(source, "--at", "0", "--clips", "1", "--duration", "2")[0]["batch"] == 2


def test_doctor_reports_in_json_and_creates_nothing(cli: CommandLine) -> None:
    done = cli("doctor", "--quick", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["ok"]
    assert {"8-cut", "ffmpeg", "window", "models", "data"} == {finding["section"] for finding in report["findings"]}
    assert not cli.data.exists()


def test_doctor_fails_when_something_essential_is_missing(cli: CommandLine) -> None:
    done = cli("doctor", "--quick", EIGHTCUT_FFMPEG="/nowhere/ffmpeg")
    assert done.returncode == 1
    assert "✗" in done.stdout
    assert "→ Correct EIGHTCUT_FFMPEG" in done.stdout


def test_a_reader_that_goes_away_is_no_error(cli: CommandLine) -> None:
    process = subprocess.Popen(cli.command("doctor", "--quick"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    process.wait(PATIENCE_S)
    assert err == b""


def test_without_a_display_the_window_is_refused_in_a_sentence(cli: CommandLine) -> None:
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    done = cli(**environment)
    assert done.returncode == 2
    assert "display" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["cut", "--help"], ["doctor", "--quick"]])
def test_the_commands_load_no_window_and_no_heavy_library(arguments: list[str], cli: CommandLine) -> None:
    code = (
        "import atexit, runpy, sys\n"
        "heavy = {'PyQt6', 'mpv', 'torch', 'sklearn', 'transformers', 'av', 'numpy'}\n"
        "atexit.register(lambda: print('loaded:', sorted(heavy & set(sys.modules)), file=sys.stderr))\n"
        f"sys.argv = ['main.py', '--data-dir', {str(cli.data)!r}, *{arguments!r}]\n"
        f"sys.path[0] = {str(ROOT)!r}\n"
        f"runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "loaded: []"


def test_dataset_json_is_rebuilt_from_the_history(cli: CommandLine, media: MediaShelf) -> None:
    cli.cut(media("tiny"), "--at", "0.2", "--clips", "2", "--spread", "0.5", "--duration", "2")
    manifest = cli.clips / "dataset.json"
    before = json.loads(manifest.read_text())
    manifest.write_text("[not json")
    done = cli("dataset", "rebuild", cli.clips)
    assert (done.returncode, done.stdout) == (0, f"{cli.clips}: 2 clips in dataset.json\n")
    assert json.loads(manifest.read_text()) == before
    assert [path.read_text() for path in cli.clips.glob("dataset.json.broken-*")] == ["[not json"]
    manifest.unlink()
    assert json.loads(cli("dataset", "rebuild", "--json").stdout) == {"folder": str(cli.clips), "clips": 2}
    assert json.loads(manifest.read_text()) == before
    refused = cli("dataset", "rebuild", cli.cwd)
    assert refused.returncode == 2
    assert "is not an export folder" in refused.stderr
