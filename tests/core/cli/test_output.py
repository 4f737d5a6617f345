"""What is shown while a command works."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest

from core.cli.output import JsonLines, PlainLines, TickingContext, cancelled_by_signals, choose_output
from core.domain.clip import Batch
from core.domain.export import Audit, ClipState, CutRequest, ExportJob, ExportSettings, PlannedClip
from core.domain.media import Media
from core.job import JobContext, Progress

GOOD = PlannedClip(0, 1.5, 8.0, "/x/vid_001/clip_001_m1_0.mp4", ClipState.DONE, audit=Audit(200, 200, 8.0, 8.0))
BAD = PlannedClip(1, 4.5, 8.0, "/x/vid_001/clip_001_m1_1.mp4", ClipState.FAILED, "the disk is full")
JOB = ExportJob(
    5, 9, CutRequest(Media(1, "b3-1-1", "/v/a.mp4"), Batch(1.5, 2), ExportSettings("/x")), 1, 1, (GOOD, BAD)
)


def test_json_lines_tell_everything(capsys: pytest.CaptureFixture[str]) -> None:
    output = choose_output(as_json=True)
    assert isinstance(output, JsonLines)
    output.planned(JOB)
    output.progress(Progress(1, 4, "half"))
    output.progress(Progress())
    output.clip(GOOD)
    output.clip(BAD)
    output.finished(1, 1, 2.5)
    output.close()
    planned, progress, unknown, good, bad, done = map(json.loads, capsys.readouterr().out.splitlines())
    assert (planned["event"], planned["job"], planned["media"], planned["batch"]) == ("planned", 5, "/v/a.mp4", 1)
    assert planned["clips"][1] == {"index": 1, "start_s": 4.5, "duration_s": 8.0, "path": BAD.path}
    assert progress == {"event": "progress", "fraction": 0.25, "text": "half"}
    assert unknown["fraction"] is None
    assert good == {"event": "clip", "index": 0, "path": GOOD.path, "state": "done", "frames": 200}
    assert bad == {"event": "clip", "index": 1, "path": BAD.path, "state": "failed", "error": "the disk is full"}
    assert done == {"event": "done", "done": 1, "failed": 1, "seconds": 2.5}


def test_plain_lines_put_good_paths_on_stdout_and_the_rest_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output = choose_output(as_json=False)
    assert type(output) is PlainLines
    output.planned(JOB)
    output.progress(Progress(1, 4, "half"))
    output.clip(GOOD)
    output.clip(BAD)
    output.finished(1, 1, 2.5)
    output.close()
    out, err = capsys.readouterr()
    assert out == f"{GOOD.path}\n"
    assert err == f"failed: {BAD.path}: the disk is full\n8-cut: 1 clip in 2.5 s, 1 failed\n"


def test_a_busy_worker_does_not_flood_the_output() -> None:
    ticks: list[Progress] = []
    ctx = TickingContext(ticks.append)
    for step in range(10_000):
        ctx.progress(step, 10_000)
    assert ticks[0] == Progress(0, 10_000)
    assert len(ticks) < 1000
    assert ctx.snapshot.done == 9_999


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_work_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    ctx = JobContext()
    stopped = threading.Event()
    ctx.on_cancel(stopped.set)
    with cancelled_by_signals(ctx):
        os.kill(os.getpid(), number)
        assert stopped.wait(10)
        assert signal.getsignal(number) is before, "a second one ends the program at once"
    assert ctx.cancelled
    assert signal.getsignal(number) is before


def test_a_signal_while_the_context_is_locked_does_not_hang() -> None:
    ctx = JobContext()
    stopped = threading.Event()
    ctx.on_cancel(stopped.set)
    with cancelled_by_signals(ctx):
        with ctx._lock:
            os.kill(os.getpid(), signal.SIGINT)
        assert stopped.wait(10)
