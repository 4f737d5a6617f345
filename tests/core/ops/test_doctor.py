"""The doctor tells the truth about this machine, and about machines where something is missing."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.errors import Cancelled
from core.job import JobContext
from core.ops import doctor
from core.ops.doctor import Finding, Verdict, examine
from core.ops.verify_imports import failures, missing_for_qt
from core.paths import DataPaths


def findings(paths: DataPaths) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(paths, quick=True)}


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data")


def test_a_good_machine_has_nothing_bad_and_is_left_as_it_was(paths: DataPaths) -> None:
    found = findings(paths)
    assert not [finding for finding in found.values() if finding.verdict is Verdict.BAD]
    assert found["libx264"].verdict is Verdict.GOOD
    assert found["libmpv"].text.startswith("mpv ")
    assert found["history"].verdict is Verdict.NOTE
    assert not paths.root.exists()


def test_every_problem_says_what_to_do(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", "/nowhere/ffmpeg")
    monkeypatch.setenv("EIGHTCUT_FFPROBE", "/nowhere/ffprobe")
    bad = {name: finding for name, finding in findings(paths).items() if finding.verdict is Verdict.BAD}
    assert set(bad) == {"ffmpeg", "ffprobe"}
    assert "/nowhere/ffmpeg" in bad["ffmpeg"].text
    assert "EIGHTCUT_FFMPEG" in bad["ffmpeg"].fix


def test_an_ffmpeg_without_libx264_is_no_good(
    paths: DataPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text(
        "#!/bin/sh\ncase $* in *-version*) echo 'ffmpeg version 4.4.1';; *) echo ' V....D h264_nvenc x';; esac\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(fake))
    found = findings(paths)
    assert found["ffmpeg"].verdict is Verdict.WARNING
    assert "4.4.1" in found["ffmpeg"].text
    assert found["libx264"].verdict is Verdict.BAD


def test_no_display_is_a_warning(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert findings(paths)["display"].verdict is Verdict.WARNING


def test_a_data_folder_that_cannot_be_is_bad(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    found = findings(DataPaths(tmp_path / "file" / "data"))
    assert found["folder"].verdict is Verdict.BAD
    assert "--data-dir" in found["folder"].fix


def test_a_sound_history_is_counted(paths: DataPaths) -> None:
    db = ProcessedDB(paths.prepare().database)
    db.media.register("b3-1-00", "/v/a.mp4")
    db.media.register("b3-1-01", "/v/b.mp4")
    db.close()
    before = paths.database.read_bytes()
    history = findings(paths)["history"]
    assert history.verdict is Verdict.GOOD
    assert "2 media, 0 clips" in history.text
    assert paths.database.read_bytes() == before


def test_a_damaged_history_is_bad(paths: DataPaths) -> None:
    paths.prepare().database.write_bytes(b"this is no database" * 100)
    history = findings(paths)["history"]
    assert history.verdict is Verdict.BAD
    assert "backup" in history.fix


def test_a_newer_history_is_bad_and_left_alone(paths: DataPaths) -> None:
    ProcessedDB(paths.prepare().database).close()
    connection = sqlite3.connect(paths.database)
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = paths.database.read_bytes()
    history = findings(paths)["history"]
    assert history.verdict is Verdict.BAD
    assert "newer" in history.text
    assert paths.database.read_bytes() == before


def test_another_programs_database_is_no_history(paths: DataPaths) -> None:
    connection = sqlite3.connect(paths.prepare().database)
    connection.execute("CREATE TABLE recipes (id)")
    connection.close()
    assert findings(paths)["history"].verdict is Verdict.BAD


def test_a_legacy_file_in_its_place_is_told(paths: DataPaths) -> None:
    connection = sqlite3.connect(paths.prepare().database)
    connection.execute("CREATE TABLE processed (id INTEGER PRIMARY KEY, filename, start_time, output_path)")
    connection.close()
    history = findings(paths)["history"]
    assert history.verdict is Verdict.NOTE
    assert "converted" in history.text


def test_a_legacy_history_is_announced(paths: DataPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".8cut.db").write_bytes(b"")
    assert str(tmp_path / ".8cut.db") in findings(paths)["history"].text


def test_a_child_that_dies_or_hangs_is_a_finding(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_CHILD", "import os; os.abort()")
    assert findings(paths)["libmpv"].verdict is Verdict.BAD
    monkeypatch.setattr(doctor, "_CHILD", "import threading; threading.Event().wait()")
    monkeypatch.setattr(doctor, "CHILD_PATIENCE_S", 0.2)
    libmpv = findings(paths)["libmpv"]
    assert libmpv.verdict is Verdict.BAD
    assert "busy" in libmpv.text


def test_it_can_be_cancelled(paths: DataPaths) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        list(examine(paths, quick=True, ctx=ctx))


def test_a_module_that_does_not_load_is_named_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_on_import.py").write_text("raise RuntimeError('wrong build\\nsecond line')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert failures(("json", "broken_on_import")) == ["broken_on_import does not load: RuntimeError: wrong build"]
    assert "broken_on_import" not in sys.modules


def test_qt_misses_nothing_here() -> None:
    assert missing_for_qt() == []
