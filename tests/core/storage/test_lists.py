"""The list of a profile and where the person left off."""

from __future__ import annotations

from core.db import ProcessedDB


def media_ids(db: ProcessedDB, count: int) -> list[int]:
    return [db.media.register(f"b3-{i}", f"/v/{i}.mp4").id for i in range(count)]


def listed(db: ProcessedDB, profile: str = "default") -> list[int]:
    return [media.id for media in db.lists.entries(profile)]


def test_order_is_kept_and_changed(db: ProcessedDB) -> None:
    a, b, c = media_ids(db, 3)
    assert listed(db) == []
    for media_id in (a, b, c, b):
        db.lists.add("default", media_id)
    assert listed(db) == [a, b, c]
    db.lists.move("default", c, 0)
    assert listed(db) == [c, a, b]
    db.lists.move("default", c, 99)
    assert listed(db) == [a, b, c]
    db.lists.remove("default", a)
    assert listed(db) == [b, c]
    db.lists.add("default", a, 1)
    assert listed(db) == [b, a, c]
    db.lists.move("default", 12345, 0)
    assert listed(db) == [b, a, c]


def test_every_profile_has_its_own(db: ProcessedDB) -> None:
    a, b = media_ids(db, 2)
    db.lists.add("default", a)
    db.lists.add("other", b)
    assert (listed(db), listed(db, "other"), listed(db, "none")) == ([a], [b], [])


def test_the_last_place_is_remembered_per_profile_and_media(db: ProcessedDB) -> None:
    a, b = media_ids(db, 2)
    assert db.lists.last("default") is None
    db.lists.remember("default", a, 1.5)
    db.lists.remember("default", b, 2.5)
    db.lists.remember("other", a, 9.0)
    assert db.lists.last("default") == (b, 2.5)
    db.lists.remember("default", a, 3.5)
    assert db.lists.last("default") == (a, 3.5)
    assert db.lists.position("default", b) == 2.5
    assert db.lists.position("default", 99) == 0.0
    assert db.lists.last("other") == (a, 9.0)
