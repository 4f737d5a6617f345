"""Which videos are meant by a list, a folder or a URL, each once."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.corpus.place import is_remote, normal
from core.corpus.sources import find_videos
from core.errors import EnvironmentProblem, UserError


def addresses(source: str | Path, **more: bool) -> list[str]:
    return [video.address for video in find_videos(source, **more).videos]


def test_a_folder_means_the_videos_below_it(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MKV", "sub/c.webm", ".hidden/d.mp4", ".e.mp4", "notes.txt", "sound.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    found = [f"{tmp_path}/a.MKV", f"{tmp_path}/b.mp4", f"{tmp_path}/sub/c.webm"]
    assert addresses(tmp_path) == found
    assert addresses(f"file://{tmp_path}") == found
    assert addresses(tmp_path, with_sound=True) == [*found[:2], f"{tmp_path}/sound.wav", found[2]]
    assert addresses(tmp_path / "b.mp4") == [f"{tmp_path}/b.mp4"]
    assert find_videos(tmp_path).videos[0].modified_s == (tmp_path / "a.MKV").stat().st_mtime


def test_a_list_is_read_line_by_line_and_names_each_once(tmp_path: Path) -> None:
    lines = [
        "\ufeff# what we filmed",
        "a.mp4",
        "",
        "./a.mp4  ",
        f"{tmp_path}/sub/../a.mp4",
        f"file://{tmp_path}/a.mp4",
        "gone.mp4",
        "s3://Bucket/Film.mp4",
        "S3://Bucket/Film.mp4",
        "https://example.org/x.mp4?key=1",
        "with space.mp4",
    ]
    (tmp_path / "list.txt").write_text("\r\n".join(lines), encoding="utf-8")
    corpus = find_videos(tmp_path / "list.txt")
    assert [video.address for video in corpus.videos] == [
        f"{tmp_path}/a.mp4",
        f"{tmp_path}/gone.mp4",
        "s3://Bucket/Film.mp4",
        "https://example.org/x.mp4?key=1",
        f"{tmp_path}/with space.mp4",
    ]
    assert corpus.repeated == 4
    assert [video.remote for video in corpus.videos] == [False, False, True, True, False]


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp4")
    (tmp_path / name).touch()
    [video] = find_videos(tmp_path).videos
    (tmp_path / "list.txt").write_bytes(b"caf\xe9.mp4\n")
    assert find_videos(tmp_path / "list.txt").videos[0].id == video.id
    assert video.modified_s > 0


def test_a_folder_behind_a_url() -> None:
    top = f"memory://{uuid.uuid4().hex}"
    system = fsspec.filesystem("memory")
    for name in ("b.mp4", "sub/a.mp4", "notes.txt"):
        system.pipe_file(f"{top}/{name}", b"x")
    found = [f"{top}/b.mp4", f"{top}/sub/a.mp4"]
    assert addresses(top) == addresses(top + "/") == found
    assert all(is_remote(address) for address in found)
    system.pipe_file(f"{top}/list.txt", b"sub/a.mp4\n/on/this/disk.mp4\n")
    assert addresses(f"{top}/list.txt") == [f"{top}/sub/a.mp4", "/on/this/disk.mp4"]
    assert addresses(f"{top}/b.mp4") == [f"{top}/b.mp4"]


@pytest.mark.parametrize("what", ["missing.txt", "empty", "zip"])
def test_what_holds_no_videos_is_said(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "zip").write_bytes(b"PK\x03\x04\0\0binary")
    with pytest.raises(UserError):
        find_videos(tmp_path / what)


def test_a_url_nobody_can_open_is_said() -> None:
    with pytest.raises(EnvironmentProblem, match="cannot be opened"):
        find_videos("nosuch://bucket/list.txt")
    with pytest.raises(EnvironmentProblem, match="Install that package"):
        find_videos("abfs://container/list.txt")
    with pytest.raises(UserError):
        find_videos(f"memory://{uuid.uuid4().hex}")


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30))
def test_an_address_is_written_one_way_only(name: str) -> None:
    once = normal(name)
    assert normal(once) == once
