"""Content keys: the same for the same bytes anywhere, different for others, cheap for huge files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import UserError
from core.media.identity import BLOCK_BYTES, WHOLE_BYTES, check_content, content_key, file_name, holds


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    first, second = tmp_path / "a.mp4", tmp_path / "Ünï 🎬.mkv"
    first.write_bytes(b"picture" * 1000)
    second.write_bytes(b"picture" * 1000)
    assert content_key(first) == content_key(str(second))
    assert re.fullmatch(r"b3-1b58-[0-9a-f]{32}", content_key(first))


@pytest.mark.parametrize("place", [0, 1, 3000, 6999])
def test_every_byte_of_a_small_file_counts(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.mp4"
    data = bytearray(b"picture" * 1000)
    path.write_bytes(data)
    before = content_key(path)
    data[place] ^= 1
    path.write_bytes(data)
    assert content_key(path) != before


def test_the_size_counts(tmp_path: Path) -> None:
    keys = set()
    for size in (WHOLE_BYTES - 1, WHOLE_BYTES, WHOLE_BYTES + 1, 10 * WHOLE_BYTES):
        path = tmp_path / "zeros.mp4"
        path.write_bytes(bytes(size))
        keys.add(content_key(path))
    assert len(keys) == 4


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_head_middle_and_tail_of_a_huge_file_count(tmp_path: Path, share: float) -> None:
    path = tmp_path / "huge.mkv"
    size = 100 * 1024**3
    with path.open("wb") as file:
        file.truncate(size)
    before = content_key(path)
    with path.open("r+b") as file:
        file.seek(round((size - BLOCK_BYTES) * share) + BLOCK_BYTES // 2)
        file.write(b"x")
    assert content_key(path) != before


@pytest.mark.parametrize(
    "make, why",
    [
        (lambda path: None, "The file is not there"),
        (lambda path: path.mkdir(), "It is a folder"),
        (lambda path: path.touch(), "The file is empty"),
    ],
)
def test_what_has_no_content_has_no_key(tmp_path: Path, make: object, why: str) -> None:
    path = tmp_path / "a.mp4"
    make(path)
    with pytest.raises(UserError, match=why):
        content_key(path)


def test_a_key_without_content_fits_every_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"one")
    key = content_key(path)
    check_content(path, key)
    path.write_bytes(b"two")
    assert holds(path, "name:a.mp4")
    with pytest.raises(UserError, match=r"a\.mp4 is not the file it was"):
        check_content(path, key)


def test_a_key_is_a_safe_name_and_no_two_are_one(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"picture")
    real = content_key(tmp_path / "a.mp4")
    assert file_name(real) == real
    odd = ["path:/a/b.mp4", "path:/c/b.mp4", "name:b.mp4", "path:/../../b", "b3-../x", "b3-a/b", "", ".", "Ü" * 300]
    names = [file_name(key) for key in odd]
    assert len(set(names)) == len(odd)
    assert all(name.replace("-", "").isalnum() and len(name) < 64 for name in names)
