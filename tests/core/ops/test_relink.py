"""Files that were moved are found again by what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.changes import Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.ops import media as media_ops
from core.ops import relink


def film(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def add(db: ProcessedDB, *paths: Path) -> list[Media]:
    return list(media_ops.add_files(db, "default", paths).media)


def test_a_folder_is_searched_by_content_first(db: ProcessedDB, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    one, two, three = add(
        db, film(old, "one.mp4", "11111"), film(old, "two.mp4", "22222"), film(old, "three.mp4", "333333")
    )
    Path(one.path).rename(film(new, "renamed.mkv", ""))
    film(new, "deep/two.mp4", "2222x")
    film(new, "three.mp4", "3")
    for gone in (two, three):
        Path(gone.path).unlink()
    plan = relink.search(new, [one, two, three])
    assert [(each.media, Path(each.path).name) for each in plan.sure] == [(one, "renamed.mkv")]
    assert [(each.media, Path(each.path).name) for each in plan.likely] == [(two, "two.mp4")]
    assert plan.missing == (three,)
    assert plan.text == "1 file found again, 1 with the same name and size but other content, 1 still missing"

    changes = relink.link(db, plan.sure)
    assert changes.touches(Kind.LISTS)
    assert db.media.get(one.id).path == str(new / "renamed.mkv")
    relink.unlink(db, plan.sure)
    assert db.media.get(one.id) == one


def test_a_likely_file_becomes_the_media_when_a_person_says_so(db: ProcessedDB, tmp_path: Path) -> None:
    (media,) = add(db, film(tmp_path, "a.mp4", "content"))
    db.lists.remember("default", media.id, 3.0)
    other = film(tmp_path / "new", "a.mp4", "CONTENT")
    Path(media.path).unlink()
    plan = relink.look_at(media, other)
    assert not plan.sure
    relink.link(db, plan.likely)
    assert add(db, other) == [db.media.get(media.id)], "from now on that is its content"
    assert db.lists.position("default", media.id) == 3.0
    relink.unlink(db, plan.likely)
    assert db.media.get(media.id) == media


def test_a_file_that_is_another_media_is_not_taken(db: ProcessedDB, tmp_path: Path) -> None:
    one, two = add(db, film(tmp_path, "one/a.mp4", "content"), film(tmp_path, "two/a.mp4", "CONTENT"))
    with pytest.raises(UserError, match="already"):
        relink.link(db, relink.look_at(one, two.path).likely)
    assert (db.media.get(one.id), db.media.get(two.id)) == (one, two)
    longer = film(tmp_path, "three/a.mp4", "something else")
    assert relink.look_at(one, longer).missing == (one,)


def test_a_media_known_only_by_name_is_found_by_it(db: ProcessedDB, tmp_path: Path) -> None:
    db.add("old film.mp4", 4.0, "/out/cat/vid_001/clip_001_m1_0.mp4")
    unseen = db.media.by_name("old film.mp4", "default")
    path = film(tmp_path, "found/Old Film.mp4", "sound and light")
    plan = relink.search(tmp_path, [unseen])
    assert [each.path for each in plan.sure] == [str(path)]
    relink.link(db, plan.sure)
    found = db.media.by_path(str(path))
    assert len(db.clips.markers(found.id, "default")) == 1


def test_a_search_can_be_cancelled_and_says_how_far_it_is(tmp_path: Path) -> None:
    for number in range(3):
        film(tmp_path, f"{number}.mp4", "same size")
    ctx = JobContext()
    wanted = [Media(1, "b3-9-0", "/gone/0.mp4")]
    assert relink.search(tmp_path, wanted, ctx).likely
    assert ctx.snapshot.text == "3 files looked at"
    ctx.cancel()
    with pytest.raises(Cancelled):
        relink.search(tmp_path, wanted, ctx)
