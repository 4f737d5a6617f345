"""The cache of embeddings: whole entries or none, whatever happens while they are written."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.vectors import CacheKey
from core.errors import EnvironmentProblem
from core.media.claim import claim
from core.storage.vector_cache import VectorCache

ROOT = Path(__file__).resolve().parents[3]
DEADLINE_S = 60.0


def key(name: str = "a", model: str = "M", **parts: float) -> CacheKey:
    return CacheKey(name, model, tuple(sorted(parts.items())))


def rows(count: int, dim: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float16)


def put(cache: VectorCache, of: CacheKey, values: np.ndarray, **notes: float) -> None:
    with cache.writing(of) as writer:
        writer.append(values)
        writer.finish(notes)


def entry_files(cache: VectorCache, suffix: str = ".vectors") -> list[Path]:
    return sorted(cache.folder.rglob(f"*{suffix}"))


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache", claim)


def test_what_is_written_is_found_mapped_and_read_only(cache: VectorCache) -> None:
    values = rows(7)
    assert cache.find(key()) is None
    put(cache, key(), values, duration_s=3.5)
    found = cache.find(key())
    assert np.array_equal(found.vectors, values)
    assert found.notes == {"duration_s": 3.5}
    assert isinstance(found.vectors, np.memmap)
    assert not found.vectors.flags.writeable
    assert [path.suffix for path in cache.folder.rglob("*.*")] == [".vectors"]


def test_every_part_of_a_key_counts(cache: VectorCache) -> None:
    put(cache, key(hop_s=0.5), rows(2))
    for other in (key(hop_s=1.0), key("b", hop_s=0.5), key(model="N", hop_s=0.5), key(hop_s=0.5, more=1.0), key()):
        assert cache.find(other) is None


def test_rows_of_one_entry_are_equally_long(cache: VectorCache) -> None:
    with cache.writing(key()) as writer:
        writer.append(rows(2))
    with cache.writing(key()) as writer, pytest.raises(ValueError, match="do not fit"):
        writer.append(rows(2, 4))


def test_an_entry_may_be_empty(cache: VectorCache) -> None:
    with cache.writing(key()) as writer:
        writer.finish({})
    assert cache.find(key()).vectors.shape == (0, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(sizes=st.lists(st.integers(0, 5), max_size=5), cut=st.integers(0, 5))
def test_rows_in_parts_and_runs_are_the_same_as_in_one(cache: VectorCache, sizes: list[int], cut: int) -> None:
    of = key(str((sizes, cut)))
    values = rows(sum(sizes))
    parts = np.split(values, np.cumsum(sizes)[:-1]) if sizes else []
    with cache.writing(of) as writer:
        for part in parts[:cut]:
            writer.append(part)
    with cache.writing(of) as writer:
        assert writer.rows == sum(sizes[:cut])
        for part in parts[cut:]:
            writer.append(part)
        writer.finish({})
    assert np.array_equal(cache.find(of).vectors.reshape(-1, 3), values)
    cache.clear()


def fresh(cache: VectorCache) -> VectorCache:
    """As another process sees it."""
    return VectorCache(cache.folder, claim)


@pytest.mark.allow_warnings
@pytest.mark.parametrize("where", ["magic", "header", "rows", "short", "long", "empty", "text"])
def test_a_damaged_entry_is_removed_and_computed_again(cache: VectorCache, where: str) -> None:
    put(cache, key(), rows(100))
    (path,) = entry_files(cache)
    data = bytearray(path.read_bytes())
    place = {"magic": 3, "header": 140, "rows": 4096 + 77}.get(where)
    if place is not None:
        data[place] ^= 1
    changed = {"short": data[:-1], "long": data + b"x", "empty": b"", "text": b"hello"}.get(where, data)
    path.write_bytes(changed)
    assert fresh(cache).find(key()) is None
    assert not path.exists()
    put(cache, key(), rows(100))
    assert np.array_equal(fresh(cache).find(key()).vectors, rows(100))


@pytest.mark.parametrize("harm", ["rows changed", "rows lost", "note lost", "note torn", "note of fewer rows"])
def test_an_unfinished_entry_is_only_resumed_when_it_is_whole(cache: VectorCache, harm: str) -> None:
    with cache.writing(key()) as writer:
        writer.append(rows(10))
    (partial,), (note,) = entry_files(cache, ".partial"), entry_files(cache, ".note")
    if harm == "rows changed":
        data = bytearray(partial.read_bytes())
        data[4096 + 9] ^= 1
        partial.write_bytes(data)
    elif harm == "rows lost":
        os.truncate(partial, 4096 + 30)
    elif harm == "note lost":
        note.unlink()
    elif harm == "note torn":
        note.write_text(note.read_text()[:-5])
    else:
        note.write_text(json.dumps({**json.loads(note.read_text()), "rows": 5}))
    with cache.writing(key()) as writer:
        assert writer.rows == 0
        writer.append(rows(4, seed=1))
        writer.finish({})
    assert np.array_equal(cache.find(key()).vectors, rows(4, seed=1))


def test_rows_behind_the_last_note_are_cut_off(cache: VectorCache) -> None:
    with cache.writing(key()) as writer:
        writer.append(rows(10))
    with entry_files(cache, ".partial")[0].open("ab") as file:
        file.write(b"half a row")
    with cache.writing(key()) as writer:
        assert writer.rows == 10
        writer.finish({})
    assert np.array_equal(fresh(cache).find(key()).vectors, rows(10))


def test_two_who_write_the_same_do_not_disturb_each_other(cache: VectorCache) -> None:
    with cache.writing(key()) as first, fresh(cache).writing(key()) as second:
        first.append(rows(4))
        second.append(rows(4))
        second.finish({})
        first.append(rows(2))
        first.finish({})
    assert len(cache.find(key()).vectors) == 6
    assert [path.suffix for path in cache.folder.rglob("*.*")] == [".vectors"]
    with cache.writing(key("b")) as first, fresh(cache).writing(key("b")) as second:
        second.append(rows(4))
    assert len(entry_files(cache, ".partial")) == 1, "a copy that nobody finished is thrown away"


def test_the_entry_used_longest_ago_goes_first(cache: VectorCache) -> None:
    for name in "abc":
        put(cache, key(name), rows(100))
    size = entry_files(cache)[0].stat().st_size
    order = [cache.find(key(name)) for name in "cab"]  # c is now the oldest
    del order
    cache.limit_bytes = 3 * size
    put(cache, key("d"), rows(100))
    assert cache.find(key("c")) is None
    assert all(cache.find(key(name)) is not None for name in "abd")
    assert cache.shrink(0) == 3 * size
    assert cache.stats().entries == 0


def test_an_entry_larger_than_the_limit_is_still_usable(cache: VectorCache) -> None:
    cache.limit_bytes = 10
    put(cache, key(), rows(100))
    assert len(cache.find(key()).vectors) == 100


def test_a_mapped_entry_survives_its_removal(cache: VectorCache) -> None:
    put(cache, key(), rows(50))
    found = cache.find(key())
    cache.clear()
    assert np.array_equal(found.vectors, rows(50))


def test_stats_and_clear_by_model(cache: VectorCache) -> None:
    assert cache.stats().entries == cache.clear() == 0
    put(cache, key("a", "M"), rows(10))
    put(cache, key("b", "M"), rows(10))
    put(cache, key("a", "N"), rows(10))
    with cache.writing(key("c", "N")) as writer:
        writer.append(rows(10))
        stats = cache.stats()
        assert (stats.entries, stats.unfinished) == (4, 1)
        assert {model: entries for model, (entries, _) in stats.by_model.items()} == {"M": 2, "N": 2}
        assert stats.bytes == sum(size for _, size in stats.by_model.values())
        assert cache.clear("N") > 0
        assert cache.stats().unfinished == 1, "what is being written stays"
    assert cache.find(key("a", "M")) is not None
    assert cache.find(key("a", "N")) is None
    cache.clear()
    assert not [path for path in cache.folder.rglob("*") if path.is_file()]


def test_a_full_disk_is_explained_and_what_fitted_is_kept(cache: VectorCache) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(EnvironmentProblem) as caught, cache.writing(key()) as writer:
            writer.append(rows(1000))
            writer.append(rows(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be stored" in caught.value.what
    assert "cache clear" in caught.value.fix
    assert cache.find(key()) is None
    with cache.writing(key()) as writer:
        assert writer.rows == 1000


def test_a_folder_that_is_none_is_explained(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    cache = VectorCache(tmp_path / "cache", claim)
    assert cache.stats().entries == 0
    with pytest.raises(EnvironmentProblem, match="cannot be stored"), cache.writing(key()):
        pytest.fail("nothing can be written there")


WRITE = """
import sys, itertools
import numpy as np
from pathlib import Path
from core.domain.vectors import CacheKey
from core.media.claim import claim
from core.storage.vector_cache import VectorCache
cache = VectorCache(Path(sys.argv[1]), claim, int(sys.argv[3]))
for number in itertools.count():
    name = "a" if sys.argv[2] == "one" else str(number)
    with cache.writing(CacheKey(name, "M", ())) as writer:
        for part in range(10**9 if sys.argv[2] == "one" else 5):
            writer.append(np.full((40, 3), part % 1000, np.float16))
        writer.finish({})
"""


def killed_when(folder: Path, mode: str, limit: int, condition) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITE, str(folder), mode, str(limit)], cwd=ROOT) as child:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert child.poll() is None
            assert time.monotonic() < deadline
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


def test_killed_while_writing_an_entry_goes_on_where_it_was(cache: VectorCache) -> None:
    def some_rows() -> bool:
        notes = entry_files(cache, ".note")
        return bool(notes) and json.loads(notes[0].read_text())["rows"] >= 400

    killed_when(cache.folder, "one", 1 << 30, some_rows)
    assert cache.find(key()) is None
    with cache.writing(key()) as writer:
        done = writer.rows
        assert done >= 400
        writer.finish({})
    expected = np.repeat(np.arange(done // 40) % 1000, 40).astype(np.float16)
    assert np.array_equal(cache.find(key()).vectors, np.repeat(expected[:, None], 3, axis=1))


def test_killed_while_evicting_leaves_whole_entries(cache: VectorCache) -> None:
    limit = 10 * (4096 + 40 * 5 * 3 * 2)
    first = cache.folder / "M"
    killed_when(cache.folder, "many", limit, lambda: first.is_dir() and len(entry_files(cache)) >= 9)
    found = [cache.find(CacheKey(str(number), "M", ())) for number in range(3000)]
    whole = [entry for entry in found if entry is not None]
    assert len(whole) >= len(entry_files(cache)) - 1
    assert all(entry.vectors.shape == (200, 3) for entry in whole)
