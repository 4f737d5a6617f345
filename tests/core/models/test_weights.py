"""The weights folder: found, fetched, proven, refused; and never executed."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import urllib.error
from pathlib import Path
from typing import BinaryIO

import pytest
import torch
from safetensors.torch import save_file

from core.errors import Cancelled, EnvironmentProblem
from core.job import JobContext
from core.models.base import WeightFile
from core.models.weights import WeightStore, load_state
from core.paths import DataPaths

CONTENT = bytes(range(256)) * 9_000
FILE = WeightFile("model.bin", "https://example.org/model.bin", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
UNPUBLISHED = WeightFile("model.bin", "https://example.org/model.bin", len(CONTENT))


class Answer(io.BytesIO):
    """What a server sends, with the length it announces."""

    def __init__(self, content: bytes, announced: int | None = None) -> None:
        super().__init__(content)
        self.headers = {"Content-Length": str(len(content) if announced is None else announced)}


def serving(content: bytes, announced: int | None = None) -> object:
    def open_url(url: str, timeout_s: int) -> BinaryIO:
        assert url == FILE.url
        return Answer(content, announced)

    return open_url


def offline(url: str, timeout_s: int) -> BinaryIO:
    raise urllib.error.URLError("Temporary failure in name resolution")


def test_a_file_is_fetched_once_with_progress(tmp_path: Path) -> None:
    folder, ctx = tmp_path / "weights", JobContext()
    store = WeightStore(folder, serving(CONTENT))
    assert not store.present(FILE)
    assert store.obtain(FILE, ctx).read_bytes() == CONTENT
    assert ctx.snapshot.fraction == 1.0
    assert store.present(FILE)
    assert [path.name for path in folder.iterdir()] == [FILE.name], "nothing half-written stays"
    assert WeightStore(folder, offline).obtain(FILE).is_file(), "no network is needed any more"


def test_a_file_put_there_by_hand_is_found(tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT)
    assert WeightStore.at(DataPaths(tmp_path / "home", weights_override=tmp_path)).obtain(FILE) == tmp_path / FILE.name


def test_without_network_the_message_names_file_address_and_folder(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        WeightStore(tmp_path, offline).obtain(FILE)
    for part in (FILE.name, FILE.url, str(tmp_path), "name resolution"):
        assert part in str(caught.value)


def test_only_https_is_used(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="https"):
        WeightStore(tmp_path).obtain(WeightFile("a.bin", "http://example.org/a.bin", 1))


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_wrong_hash_is_refused_and_kept_aside(tmp_path: Path, by_hand: bool) -> None:
    wrong = b"not the weights"
    if by_hand:
        (tmp_path / FILE.name).write_bytes(wrong)
    with pytest.raises(EnvironmentProblem, match="not the right one") as caught:
        WeightStore(tmp_path, serving(wrong)).obtain(FILE)
    aside = tmp_path / "model.bin.refused"
    assert aside.read_bytes() == wrong
    assert str(aside) in str(caught.value)
    assert not (tmp_path / FILE.name).exists()


def test_a_first_copy_without_published_hash_is_pinned(tmp_path: Path) -> None:
    WeightStore(tmp_path, serving(CONTENT)).obtain(UNPUBLISHED)
    assert (tmp_path / "model.bin.sha256").read_text().split() == [FILE.sha256, "model.bin"]
    (tmp_path / FILE.name).write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(EnvironmentProblem, match="not the right one"):
        WeightStore(tmp_path, offline).obtain(UNPUBLISHED)


def test_a_broken_connection_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="could not be downloaded"):
        WeightStore(tmp_path, serving(CONTENT[:1000], announced=len(CONTENT))).obtain(FILE)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_apart_from_no_network(tmp_path: Path) -> None:
    def full(url: str, timeout_s: int) -> BinaryIO:
        raise OSError(28, "No space left on device")

    with pytest.raises(EnvironmentProblem, match="cannot be stored") as caught:
        WeightStore(tmp_path, full).obtain(FILE)
    assert "--weights-dir" in caught.value.fix


def test_a_cancelled_download_leaves_nothing(tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        WeightStore(tmp_path, serving(CONTENT)).obtain(FILE, ctx)
    assert not list(tmp_path.iterdir())


def test_tensors_are_read_from_both_formats(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(6.0).reshape(2, 3)}
    save_file(tensors, tmp_path / "a.safetensors")
    torch.save(tensors, tmp_path / "a.pt")
    for name in ("a.safetensors", "a.pt"):
        assert torch.equal(load_state(tmp_path / name)["a"], tensors["a"])


class Bomb:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple:
        return Path.touch, (Path("exploded"),)


def test_nothing_in_a_file_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bomb.pt").write_bytes(pickle.dumps(Bomb()))
    torch.save({"a": Bomb()}, "bomb2.pt")
    for name in ("bomb.pt", "bomb2.pt"):
        with pytest.raises(EnvironmentProblem, match="more than plain tensors"):
            load_state(Path(name))
    assert not Path("exploded").exists()


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_a_damaged_file_is_an_understandable_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01damaged" * 50)
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        load_state(tmp_path / name)


def test_a_file_from_elsewhere_is_copied_after_the_check(tmp_path: Path) -> None:
    store, source = WeightStore(tmp_path / "weights", offline), tmp_path / "from a friend.bin"
    source.write_bytes(CONTENT)
    ctx = JobContext()
    assert store.adopt(FILE, source, ctx).read_bytes() == CONTENT
    assert ctx.snapshot.fraction == 1.0
    assert source.read_bytes() == CONTENT, "the original stays"
    assert [path.name for path in store.folder.iterdir()] == [FILE.name]


def test_the_wrong_file_from_elsewhere_is_not_taken(tmp_path: Path) -> None:
    store, source = WeightStore(tmp_path / "weights", offline), tmp_path / "other.bin"
    source.write_bytes(b"something else")
    with pytest.raises(EnvironmentProblem, match=r"other\.bin is not the weights file model\.bin") as caught:
        store.adopt(FILE, source)
    assert FILE.sha256 in caught.value.why
    with pytest.raises(EnvironmentProblem, match=r"gone\.bin cannot be copied"):
        store.adopt(FILE, tmp_path / "gone.bin")
    ctx = JobContext()
    ctx.cancel()
    source.write_bytes(CONTENT)
    with pytest.raises(Cancelled):
        store.adopt(FILE, source, ctx)
    assert list(store.folder.iterdir()) == []
    assert source.read_bytes() == CONTENT


def test_a_file_without_a_published_hash_keeps_the_one_it_had_first(tmp_path: Path) -> None:
    store, source = WeightStore(tmp_path / "weights", offline), tmp_path / "a.bin"
    source.write_bytes(CONTENT)
    store.adopt(UNPUBLISHED, source)
    store.path(UNPUBLISHED).unlink()
    source.write_bytes(CONTENT[::-1])
    with pytest.raises(EnvironmentProblem, match="is not the weights file"):
        WeightStore(store.folder, offline).adopt(UNPUBLISHED, source)
    source.write_bytes(CONTENT)
    assert WeightStore(store.folder, offline).adopt(UNPUBLISHED, source).is_file()


def test_what_a_crash_left_is_removed_by_the_next_download(tmp_path: Path) -> None:
    stale, live = tmp_path / f"{FILE.name}.0a.partial", tmp_path / f"{FILE.name}.0b.partial"
    for path in (stale, live):
        path.write_bytes(b"half of it")
    os.utime(stale, (0, 0))
    WeightStore(tmp_path, serving(CONTENT)).obtain(FILE)
    assert not stale.exists()
    assert live.exists(), "somebody may still be fetching it"
