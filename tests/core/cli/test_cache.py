"""`cache status` also counts what is not embeddings."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest

from core.cli.cache import run
from core.paths import DataPaths


def test_frames_and_other_parts_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = DataPaths(tmp_path)
    folder = paths.cache / "frames" / "b3-1-2"
    folder.mkdir(parents=True)
    (folder / "00000003-1280.png").write_bytes(b"x" * 2_000_000)
    told = {"action": "status", "size": None, "model": None}
    assert run(Namespace(**told, json=False), paths) == 0
    text = capsys.readouterr().out
    assert "Frames to label" in text
    assert "2.0 MB" in text
    assert "Waveforms" not in text, "what is empty is not worth a line"
    assert run(Namespace(**told, json=True), paths) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert parts["frames"] == {"files": 1, "bytes": 2_000_000}
    assert parts["waveforms"] == {"files": 0, "bytes": 0}
