"""dataset.json: nothing of other people's gets lost, whatever lies there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.media import manifest

OWN = {"path": "vid_001/clip_001_m1_0.mp4", "label": "bark", "profile": "default"}


def stored(folder: Path) -> list:
    return json.loads((folder / "dataset.json").read_text(encoding="utf-8"))


def test_a_new_manifest(tmp_path: Path) -> None:
    assert manifest.write(tmp_path, [OWN]) is None
    assert stored(tmp_path) == [OWN]
    assert [path.name for path in tmp_path.iterdir()] == ["dataset.json"]


def test_no_clips_and_no_manifest_stay_none(tmp_path: Path) -> None:
    manifest.write(tmp_path / "nowhere", [])
    manifest.write(tmp_path, [])
    assert not list(tmp_path.iterdir())


def test_entries_from_elsewhere_are_kept_once_and_in_front(tmp_path: Path) -> None:
    theirs = [{"path": "old/a.mp4", "label": "x"}, {"path": "vid_001\\clip_001_m1_0.mp4", "label": "stale"}]
    (tmp_path / "dataset.json").write_text(json.dumps(theirs), encoding="utf-8")
    for _ in range(2):
        manifest.write(tmp_path, [OWN])
        assert stored(tmp_path) == [theirs[0], OWN]


def test_own_entries_leave_with_their_files_but_not_before(tmp_path: Path) -> None:
    other = {**OWN, "path": "vid_002/clip_002_m1_0.mp4"}
    manifest.write(tmp_path, [OWN, other])
    (tmp_path / "vid_002").mkdir()
    (tmp_path / other["path"]).touch()
    manifest.write(tmp_path, [])
    assert stored(tmp_path) == [other]


@pytest.mark.parametrize("broken", ["{", '{"path": "a"}', "[1]", '[{"label": "x"}]', "", "\udcff"])
def test_what_makes_no_sense_is_put_aside(tmp_path: Path, broken: str) -> None:
    raw = broken.encode("utf-8", "surrogateescape")
    (tmp_path / "dataset.json").write_bytes(raw)
    aside = manifest.write(tmp_path, [OWN])
    assert aside.read_bytes() == raw
    assert aside.name.startswith("dataset.json.broken-")
    assert stored(tmp_path) == [OWN]


def test_a_second_broken_file_does_not_replace_the_first(tmp_path: Path) -> None:
    kept = set()
    for text in ("{1", "{2", "{3"):
        (tmp_path / "dataset.json").write_text(text)
        kept.add(manifest.write(tmp_path, [OWN]))
    assert sorted(path.read_text() for path in kept) == ["{1", "{2", "{3"]


def test_paths_are_relative_with_forward_slashes(tmp_path: Path) -> None:
    assert manifest.relative(str(tmp_path / "vid_001" / "ü.mp4"), tmp_path) == "vid_001/ü.mp4"
    assert manifest.relative("/elsewhere/x.mp4", tmp_path) == "/elsewhere/x.mp4"


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentProblem):
        manifest.write(tmp_path / "file", [OWN])
