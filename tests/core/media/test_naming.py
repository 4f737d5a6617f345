"""Taken numbers, half-made files, and names that another file has."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.media import naming


def test_numbers_on_disk_are_seen_in_every_format_and_under_every_name(tmp_path: Path) -> None:
    folder = tmp_path / "dog" / "vid_003"
    folder.mkdir(parents=True)
    for name in ("clip_003_m1_0.mkv", "bark_003_m4_0.mp4", "clip_003_a7_0.mp4", "notes.txt", "clip_002_m9_0.mp4"):
        (folder / name).touch()
    (folder / "clip_003_m5_0").mkdir()
    by_hand = naming.taken_on_disk(str(tmp_path / "dog"), scan_export=False)
    assert [number for number in range(1, 10) if by_hand(3, number)] == [1, 4, 5]
    by_scan = naming.taken_on_disk(str(tmp_path / "dog"), scan_export=True)
    assert [number for number in range(1, 10) if by_scan(3, number)] == [7]
    assert not by_hand(8, 1)


def test_partials_of_a_job(tmp_path: Path) -> None:
    mine = naming.partial_path(tmp_path, "12-99", "3-clip")
    others = naming.partial_path(tmp_path, "1-99", "3-clip")
    for path in (mine, others, tmp_path / "clip_001_m1_0.mp4"):
        path.touch()
    assert list(naming.partials(tmp_path, 12)) == [mine]
    assert list(naming.partials(tmp_path / "nowhere", 12)) == []
    assert mine.name.startswith(".") and mine.suffix == ".partial"


def test_a_finished_file_gets_its_name(tmp_path: Path) -> None:
    made, final = tmp_path / ".made", tmp_path / "clip.mp4"
    made.write_bytes(b"new")
    naming.sync(made)
    naming.place(made, final)
    assert final.read_bytes() == b"new" and not made.exists()


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_name_that_is_taken_is_not_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    made, final = tmp_path / ".made", tmp_path / "clip.mp4"
    made.write_bytes(b"new")
    final.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        naming.place(made, final)
    assert final.read_bytes() == b"theirs" and made.exists()


def test_disks_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _no_links)
    made, final = tmp_path / ".made", tmp_path / "clip.mp4"
    made.write_bytes(b"new")
    naming.place(made, final)
    assert final.read_bytes() == b"new" and not made.exists()


def _no_links(source: object, target: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_folders_that_cannot_be(tmp_path: Path) -> None:
    naming.check_writable(tmp_path / "a" / "b" / "c")
    assert not (tmp_path / "a").exists()
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentProblem, match="is not a folder"):
        naming.check_writable(tmp_path / "file" / "sub")
    with pytest.raises(EnvironmentProblem, match="Choose another export folder"):
        naming.make_folder(tmp_path / "file" / "sub")


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    assert naming.write_problem(OSError(errno.ENOSPC, "x"), tmp_path).what == "The disk is full"


def test_only_empty_folders_go(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "clip.mp4").touch()
    for name in ("empty", "full", "missing"):
        naming.remove_if_empty(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
