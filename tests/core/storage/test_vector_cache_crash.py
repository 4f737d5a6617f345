"""Kill -9 at each step of emptying and shrinking the cache of embeddings: what is left is whole."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.domain.vectors import CacheKey
from core.media.claim import claim
from core.storage.vector_cache import VectorCache

ROOT = Path(__file__).resolve().parents[3]
ENTRIES = 4

# Dies before or after one of the files has gone. An unfinished entry goes last: note, then rows.
REMOVE = """
import os, signal, sys
from pathlib import Path
from core.media.claim import claim
from core.storage.vector_cache import VectorCache
folder, how, step, side = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
unlink, calls = Path.unlink, []
def deadly(self, *arguments, **options):
    calls.append(self)
    if len(calls) == step and side == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    unlink(self, *arguments, **options)
    if len(calls) == step:
        os.kill(os.getpid(), signal.SIGKILL)
Path.unlink = deadly
cache = VectorCache(folder, claim)
cache.clear() if how == "clear" else cache.shrink(0)
"""


def key(number: int) -> CacheKey:
    return CacheKey(str(number), "M", ())


def rows(number: int) -> np.ndarray:
    return np.full((50, 3), number, np.float16)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    made = VectorCache(tmp_path / "cache", claim)
    for number in range(ENTRIES):
        with made.writing(key(number)) as writer:
            writer.append(rows(number))
            writer.finish({})
    with made.writing(key(ENTRIES)) as writer:
        writer.append(rows(ENTRIES))
    return made


@pytest.mark.parametrize(
    ("how", "step", "side"),
    [
        ("clear", 1, "before"),
        ("clear", 3, "after"),
        ("shrink", 2, "after"),
        ("shrink", 5, "after"),
        ("clear", 6, "after"),
    ],
)
def test_killed_while_removing(cache: VectorCache, how: str, step: int, side: str) -> None:
    arguments = [str(cache.folder), how, str(step), side]
    done = subprocess.run([sys.executable, "-c", REMOVE, *arguments], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    for number in range(ENTRIES):
        found = cache.find(key(number))
        assert found is None or np.array_equal(found.vectors, rows(number))
    with cache.writing(key(ENTRIES)) as writer:
        # Rows without their note are not believed; with it they are whole.
        assert writer.rows in (0, 50)
        writer.append(rows(ENTRIES)[writer.rows :])
        writer.finish({})
    assert np.array_equal(cache.find(key(ENTRIES)).vectors, rows(ENTRIES))
    cache.clear()
    assert cache.stats().entries == 0
    left = {path.suffix for path in cache.folder.rglob("*") if path.is_file()}
    assert left <= {".lock"}, "a lock of a process that died holds nobody up"
