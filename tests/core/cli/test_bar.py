"""The bar on a terminal: there while work goes on, gone for every line and at the end."""

from __future__ import annotations

import io
import sys

import pytest

from core.cli.bar import one_line
from core.cli.cut_output import LinesAndBar, choose_output
from core.domain.clip import Batch
from core.domain.export import Audit, ClipState, CutRequest, ExportJob, ExportSettings, PlannedClip
from core.domain.media import Media
from core.job import Progress

CLIP = PlannedClip(0, 1.5, 8.0, "/x/vid_001/a\x1b[2Jb.mp4", ClipState.DONE, audit=Audit(200, 200, 8.0, 8.0))
JOB = ExportJob(5, 9, CutRequest(Media(1, "b3-1-1", "/v/a.mp4"), Batch(1.5, 1), ExportSettings("/x")), 1, 1, (CLIP,))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_lines_and_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, paths = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", paths)
    monkeypatch.setenv("TERM", "xterm")
    output = choose_output(as_json=False)
    assert isinstance(output, LinesAndBar)
    output.planned(JOB)
    output.progress(Progress(1, 4, "half of it"))
    output.clip(CLIP)
    output.progress(Progress(3, 4))
    output.finished(1, 0, 2.5)
    output.close()
    shown = screen.getvalue()
    assert "half of it" in shown
    assert "25%" in shown
    assert "75%" in shown
    assert shown.rstrip().endswith("8-cut: 1 clip in 2.5 s")
    assert paths.getvalue() == "/x/vid_001/a�[2Jb.mp4\n", "a name cannot act on the terminal"


def test_a_line_has_nothing_that_acts_on_a_terminal() -> None:
    assert one_line("a\nb\x1b[0m") == "a�b�[0m"
