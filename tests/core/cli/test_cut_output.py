"""What a cut shows of its clips."""

from __future__ import annotations

import json

import pytest

from core.cli.cut_output import JsonLines, PlainLines, choose_output
from core.domain.clip import Batch
from core.domain.export import Audit, ClipState, CutRequest, ExportJob, ExportSettings, PlannedClip
from core.domain.media import Media
from core.job import Progress

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
