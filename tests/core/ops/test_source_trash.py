"""Source files go to the trash with their rows, and come back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings
from core.domain.media import Media
from core.errors import UserError
from core.ops import media as media_ops
from core.ops import source_trash


@pytest.fixture
def films(db: ProcessedDB, tmp_path: Path) -> list[Media]:
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        (folder / name).write_text(json.dumps([name] * 30))
    return list(media_ops.add_files(db, "default", [folder]).media)


def names(db: ProcessedDB) -> list[str]:
    return [media.name for media in db.lists.entries("default")]


def test_there_and_back_and_there_again(db: ProcessedDB, films: list[Media], tmp_path: Path) -> None:
    other = db.list_tabs.create("default", "Other")
    db.lists.add_many(other.id, [films[1].id])
    content = Path(films[1].path).read_bytes()
    assert source_trash.size(films[1:2]) == len(content)
    trashed, changes = source_trash.discard(db, tmp_path / "trash", "default", films[1:2])
    assert changes
    assert not Path(films[1].path).exists()
    assert Path(trashed[0].place).read_bytes() == content
    assert json.loads(Path(trashed[0].place).with_name("origin.json").read_text()) == {"path": films[1].path}
    assert (names(db), db.lists.rows(other.id)) == (["a.mp4", "c.mp4"], [])
    for _ in range(2):
        source_trash.restore(db, trashed)
    assert Path(films[1].path).read_bytes() == content
    assert (names(db), len(db.lists.rows(other.id))) == (["a.mp4", "b.mp4", "c.mp4"], 1)
    assert not any(path.is_file() for path in (tmp_path / "trash").rglob("*"))
    source_trash.discard_again(db, trashed)
    assert names(db) == ["a.mp4", "c.mp4"]
    assert Path(trashed[0].place).read_bytes() == content


def test_one_that_cannot_go_brings_the_others_back(db: ProcessedDB, films: list[Media], tmp_path: Path) -> None:
    Path(films[2].path).unlink()
    with pytest.raises(UserError, match="gone"):
        source_trash.discard(db, tmp_path / "trash", "default", films)
    assert Path(films[0].path).exists()
    assert names(db) == ["a.mp4", "b.mp4", "c.mp4"]


def test_what_is_being_exported_stays(db: ProcessedDB, films: list[Media], tmp_path: Path) -> None:
    db.jobs.create(CutRequest(films[0], Batch(0.0), ExportSettings("/out/cat")), lambda *_: False)
    with pytest.raises(UserError, match="being exported"):
        source_trash.discard(db, tmp_path / "trash", "default", films)
    assert all(Path(film.path).exists() for film in films)


def test_a_name_that_was_taken_meanwhile_is_told(db: ProcessedDB, films: list[Media], tmp_path: Path) -> None:
    trashed, _ = source_trash.discard(db, tmp_path / "trash", "default", films[:1])
    Path(films[0].path).write_text("another film")
    with pytest.raises(UserError, match="cannot be put back"):
        source_trash.restore(db, trashed)
    assert Path(films[0].path).read_text() == "another film"
    assert Path(trashed[0].place).exists()
