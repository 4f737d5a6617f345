"""What the about window asks around for."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.job import JobContext
from core.ops.about import parts
from core.paths import DataPaths


def test_ffmpeg_and_the_weights_with_their_licences(tmp_path: Path) -> None:
    found = parts(DataPaths(tmp_path), JobContext())
    assert found[0].name == "FFmpeg"
    assert found[0].version[0].isdigit()
    weights = [part for part in found if part.name.endswith("weights")]
    assert weights
    assert all(part.licence and part.version in ("here", "not fetched") for part in weights)


def test_a_missing_ffmpeg_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(tmp_path / "nowhere"))
    assert parts(DataPaths(tmp_path), JobContext())[0].version == "missing"
