"""queue.csv is read back as it was written, whatever names videos have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.queue_file import queue_text, read_queue
from core.domain.annotation import Item, ItemKind, QueueEntry
from core.errors import UserError

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def frame(key: str, number: int) -> Item:
    return Item(key, ItemKind.FRAME, number, number / 25, number / 25)


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from("abcdef"), NAMES, min_size=1), st.integers(1, 9))
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, names: dict[str, str], each: int) -> None:
    items = [frame(key, number) for key in names for number in range(each)]
    entries = [QueueEntry(item.key, place / 8, "uncertain", 0.5) for place, item in enumerate(items)]
    path = tmp_path_factory.mktemp("queue") / "queue.csv"
    path.write_text(queue_text(entries, {one.key: one for one in items}, names, ItemKind.FRAME, 3), encoding="utf-8")
    found = read_queue(path, items, names)
    assert found.entries == tuple(entries)
    assert found.unknown == ()


def test_rows_without_a_key_are_found_by_video_and_place(tmp_path: Path) -> None:
    items = [frame("k1", 5), frame("k2", 5)]
    path = tmp_path / "queue.csv"
    path.write_text("video,frame\nb.mp4,5\na.mp4,6\nb.mp4,5\n,,\n", encoding="utf-8-sig")
    found = read_queue(path, items, {"k1": "a.mp4", "k2": "b.mp4"})
    assert [(entry.item_key, entry.reason, entry.probability) for entry in found.entries] == [("k2#5", "by hand", 1.0)]
    assert [line for line, _ in found.unknown] == [3, 5]
    assert "a.mp4: the project has no such item" in found.unknown[0][1]


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"\xff\xfe\x00bad", None])
def test_what_is_no_queue_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "queue.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError):
        read_queue(path, [], {})


def test_numbers_that_are_none_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "queue.csv"
    path.write_text("video,frame,score,probability,item\na,5,high,7,k1#5\na,x,nan,,k1#6\n", encoding="utf-8")
    found = read_queue(path, [frame("k1", 5), frame("k1", 6)], {"k1": "a"})
    assert [(entry.score, entry.probability) for entry in found.entries] == [(0.0, 1.0), (0.0, 1.0)]


def test_a_name_of_two_videos_and_the_test_set_are_told_and_left_out(tmp_path: Path) -> None:
    items, path = [frame("k1", 5), frame("k2", 5), frame("k3", 5), frame("k3", 6)], tmp_path / "queue.csv"
    path.write_text(
        f"video,frame,item\na.mp4,5,\na.mp4,5,{items[1].key}\nc.mp4,5,\nx,0,{items[3].key}\n", encoding="utf-8"
    )
    found = read_queue(path, items, {"k1": "a.mp4", "k2": "a.mp4", "k3": "c.mp4"}, {"k3"})
    assert [entry.item_key for entry in found.entries] == [items[1].key]
    assert found.unknown == (
        (2, "a.mp4: several items may be meant, and the column item is empty"),
        (4, "c.mp4: it is of the test set, which is never asked for"),
        (5, "x: it is of the test set, which is never asked for"),
    )
