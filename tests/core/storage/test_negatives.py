"""Hard negatives: one row per moment, with where it came from, and back again after a deletion."""

from __future__ import annotations

from core.db import ProcessedDB
from core.storage.negatives import NegativeMark


def test_marks_are_listed_with_their_origin(db: ProcessedDB) -> None:
    assert db.add_hard_negatives("a.mp4", "p", [5.0, 1.0], source_path="/v/a.mp4", source_model="YAMNET") == 2
    rows = db.get_hard_negatives("p")
    assert [(row["filename"], row["start_time"], row["source_path"], row["source_model"]) for row in rows] == [
        ("a.mp4", 1.0, "/v/a.mp4", "YAMNET"),
        ("a.mp4", 5.0, "/v/a.mp4", "YAMNET"),
    ]
    assert len({row["id"] for row in rows}) == 2
    assert db.get_hard_negatives("other") == []


def test_a_moment_is_marked_once(db: ProcessedDB) -> None:
    db.add_hard_negatives("a.mp4", "p", [1.0, 1.0004, 1.0])
    assert db.add_hard_negatives("a.mp4", "p", [1.0], source_model="M") == 0
    [row] = db.get_hard_negatives("p")
    assert row["source_model"] == "M", "what was unknown is filled in"
    db.add_hard_negatives("a.mp4", "p", [1.0], source_model="N")
    assert db.get_hard_negatives("p")[0]["source_model"] == "M"
    db.add_hard_negatives("a.mp4", "q", [1.0])
    db.add_hard_negatives("b.mp4", "p", [1.0])
    assert (len(db.get_hard_negatives("p")), len(db.get_hard_negatives("q"))) == (2, 1)


def test_any_number_is_deleted_and_comes_back_as_the_same_rows(db: ProcessedDB) -> None:
    db.add_hard_negatives("a.mp4", "p", [float(number) for number in range(5000)])
    before = db.get_hard_negatives("p")
    ids = [row["id"] for row in before]
    assert db.delete_hard_negatives_by_ids(iter(ids[:4000])) == 4000
    assert [row["id"] for row in db.get_hard_negatives("p")] == ids[4000:]
    assert db.delete_hard_negatives_by_ids([]) == 0
    assert db.delete_hard_negatives_by_ids(ids[:10]) == 0
    assert db.negatives.restore(ids[:4000]) == 4000
    assert db.get_hard_negatives("p") == before


def test_marking_again_after_deletion_takes_the_new_origin(db: ProcessedDB) -> None:
    db.add_hard_negatives("a.mp4", "p", [1.0], source_model="M")
    [row] = db.get_hard_negatives("p")
    db.delete_hard_negatives_by_ids([row["id"]])
    assert db.add_hard_negatives("a.mp4", "p", [1.0], source_model="N") == 1
    [again] = db.get_hard_negatives("p")
    assert (again["id"], again["source_model"]) == (row["id"], "N")


def test_interval_region_and_version_are_recorded(db: ProcessedDB) -> None:
    stamp = db.save_scan_results("a.mp4", "p", "M", [(1.0, 4.0, 0.9)])
    [region] = db.get_scan_results("a.mp4", "p")["M"]
    media = db.media.by_name("a.mp4", "p")
    mark = NegativeMark(region[1], region[2], region[0])
    db.negatives.add(
        db.profiles.ensure("p"), media.id, [mark], filename="a.mp4", source_model="M", scan_timestamp=stamp
    )
    [row] = db.get_hard_negatives("p")
    assert (row["start_time"], row["end_time"], row["region_id"], row["scan_timestamp"]) == (1.0, 4.0, region[0], stamp)
    assert row["created_at"]
