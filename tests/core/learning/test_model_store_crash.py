"""The folder of models when the program is killed in the middle of pruning, and when the disk is full."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem
from core.learning.model_store import ModelStore
from tests.core.learning.test_model_file import small

ROOT = Path(__file__).resolve().parents[3]
VERSIONS = 6

# Dies at the given step of pruning: before or after one of the files has gone.
PRUNE = """
import os, signal, sys
from pathlib import Path
from core.learning.model_store import ModelStore
folder, step, side = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
unlink, calls = Path.unlink, []
def deadly(self, *arguments, **options):
    calls.append(self)
    if len(calls) == step and side == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    unlink(self, *arguments, **options)
    if len(calls) == step:
        os.kill(os.getpid(), signal.SIGKILL)
Path.unlink = deadly
store = ModelStore(folder)
store.prune(store.path("p", "LOGMEL"), keep=1)
"""


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    made = ModelStore(tmp_path / "models")
    for number in range(VERSIONS):
        made.save(small(float(number)), "p", "LOGMEL")
    return made


def files(store: ModelStore) -> list[Path]:
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(("step", "side"), [(1, "before"), (1, "after"), (3, "before"), (4, "after")])
def test_killed_while_pruning_every_version_is_whole_or_gone(store: ModelStore, step: int, side: str) -> None:
    path = store.path("p", "LOGMEL")
    oldest = store.history(path)[-1].stamp
    store.pin(path, oldest)
    arguments = [str(store.folder), str(step), side]
    done = subprocess.run([sys.executable, "-c", PRUNE, *arguments], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    left = store.history(path)
    gone = step if side == "after" else step - 1
    assert len(left) == VERSIONS - gone
    for version in left:
        assert store.load(version.path) is not None, "what is listed can be loaded"
    current = store.load(path)
    assert current is not None
    assert current.meta["bias"] == VERSIONS - 1.0
    store.prune(path, keep=1)
    assert [version.stamp for version in store.history(path)] == [left[0].stamp, oldest], "the rest of the work is done"


def test_on_a_full_disk_the_old_version_stays_and_nothing_else(store: ModelStore) -> None:
    before = {path: path.read_bytes() for path in files(store)}
    with no_room_for_files_over(400), pytest.raises(EnvironmentProblem) as caught:
        store.save(small(99.0), "p", "LOGMEL")
    assert "Cannot save" in caught.value.what
    assert "Make room" in caught.value.fix
    assert {path: path.read_bytes() for path in files(store)} == before
    assert store.load(store.path("p", "LOGMEL")).meta["bias"] == VERSIONS - 1.0


def test_a_disk_that_is_full_at_the_last_step_leaves_no_version_behind(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    before = [version.stamp for version in store.history(path)]
    (path.parent / f".{path.name}.{os.getpid()}.partial").symlink_to("/dev/full")
    with pytest.raises(EnvironmentProblem) as caught:
        store.save(small(99.0), "p", "LOGMEL")
    assert "No space left" in caught.value.why
    assert [version.stamp for version in store.history(path)] == before
    assert store.load(path).meta["bias"] == VERSIONS - 1.0
    assert not list(store.folder.rglob("*.partial"))


@contextmanager
def no_room_for_files_over(size: int) -> Iterator[None]:
    """The kernel refuses to let a file of this process grow beyond a size, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
