from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.changes import Kind
from core.db import ProcessedDB
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.ops import media as media_ops
from tests.media_factory import MediaShelf


def fill(folder: Path, *names: str) -> list[Path]:
    """Small files whose content is their name; what is in them does not matter to a list."""
    made = []
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 10)
        made.append(path)
    return made


def test_a_folder_gives_its_media_in_reading_order_without_hidden_ones(tmp_path: Path) -> None:
    fill(tmp_path, "b.MP4", "A.mkv", "notes.txt", ".hidden.mp4", ".cache/x.mp4", "sub/c.wav", "sub/deep/d.opus")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in media_ops.media_files([tmp_path])]
    assert found == ["A.mkv", "b.MP4", "sub/c.wav", "sub/deep/d.opus"]


def test_numbered_files_and_folders_come_in_the_order_people_count(tmp_path: Path) -> None:
    for name in ("day 10/a.mp4", "day 9/Clip_150.mp4", "day 9/clip_2.mp4", "day 9/clip_50.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in media_ops.media_files([tmp_path])]
    assert found == ["day 9/clip_2.mp4", "day 9/clip_50.mp4", "day 9/Clip_150.mp4", "day 10/a.mp4"]


def test_added_files_are_in_the_list_once_and_in_order(db: ProcessedDB, tmp_path: Path) -> None:
    one, two = fill(tmp_path, "one.mp4", "two.mp4")
    added = media_ops.add_files(db, "default", [two, one, two])
    assert [media.name for media in added.media] == ["two.mp4", "one.mp4"]
    assert [media.name for media in db.lists.entries("default")] == ["two.mp4", "one.mp4"]
    assert added.changes.touches(Kind.LISTS)
    media_ops.add_files(db, "default", [tmp_path])
    assert len(db.lists.entries("default")) == 2
    assert db.lists.entries("another") == []


def test_a_file_that_cannot_be_read_does_not_stop_the_others(db: ProcessedDB, tmp_path: Path) -> None:
    (good,) = fill(tmp_path, "good.mp4")
    (tmp_path / "empty.mp4").touch()
    added = media_ops.add_files(db, "default", [tmp_path / "gone.mp4", tmp_path / "empty.mp4", good])
    assert [media.name for media in added.media] == ["good.mp4"]
    assert len(added.problems) == 2
    assert any("gone.mp4" in problem for problem in added.problems)


def test_a_folder_without_media_says_so(db: ProcessedDB, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    added = media_ops.add_files(db, "default", [tmp_path / "empty"])
    assert added.problems == ("No video or audio files in empty.",)
    assert not added.changes


def test_cancelling_keeps_what_was_added(db: ProcessedDB, tmp_path: Path) -> None:
    files = fill(tmp_path, "1.mp4", "2.mp4", "3.mp4")

    class CancelledAtThird(JobContext):
        def progress(self, done: float, total: float, text: str = "") -> None:
            if done == 2:
                self.cancel()

    ctx = CancelledAtThird()
    with pytest.raises(Cancelled):
        media_ops.add_files(db, "default", [*files, tmp_path / "4.mp4"], ctx)
    assert len(db.lists.entries("default")) >= 2


def test_a_replaced_file_is_another_media(db: ProcessedDB, tmp_path: Path) -> None:
    (path,) = fill(tmp_path, "take.mp4")
    (media,) = media_ops.add_files(db, "default", [path]).media
    assert media_ops.verify(db, media) == media
    path.write_bytes(b"something else entirely")
    other = media_ops.verify(db, media)
    assert other.id != media.id
    assert other.path == media.path
    path.unlink()
    with pytest.raises(UserError, match=r"take\.mp4"):
        media_ops.verify(db, media)


def test_missing_files_are_found(db: ProcessedDB, tmp_path: Path) -> None:
    added = media_ops.add_files(db, "default", fill(tmp_path, "a.mp4", "b.mp4"))
    Path(added.media[0].path).unlink()
    assert media_ops.missing(added.media) == {added.media[0].id}


def test_a_renamed_file_keeps_its_row(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> None:
    before = Path(shutil.copy(media("tiny"), tmp_path / "before.mp4"))
    (known,) = media_ops.add_files(db, "default", [before]).media
    after = before.rename(tmp_path / "after.mp4")
    (again,) = media_ops.add_files(db, "default", [after]).media
    assert again.id == known.id
    assert db.lists.entries("default")[0].path == str(after)
