"""Versions of models: saved, listed, restored, pinned, pruned."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import EnvironmentProblem, UserError
from core.learning import model_file
from core.learning.model_store import ModelStore
from tests.core.learning.test_model_file import small


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    ticks = itertools.count()
    begin = datetime(2026, 4, 19, 14, 30, tzinfo=UTC)
    return ModelStore(tmp_path / "models", lambda: begin + timedelta(seconds=next(ticks)))


def biases(store: ModelStore, path: Path) -> list[float]:
    return [version.meta["bias"] for version in store.history(path)]


def test_names_and_current_file(store: ModelStore) -> None:
    version = store.save(small(1.0), "birds", "YAMNET", "loud")
    path = store.path("birds", "YAMNET", "loud")
    assert path.name == "birds_YAMNET_loud.safetensors"
    assert store.path("birds", "YAMNET").name == "birds_YAMNET.safetensors"
    assert version.stamp == "20260419_143000_000000"
    assert store.models() == [path]
    found = store.load(path)
    assert found is not None
    assert found.meta["profile"] == "birds"
    assert found.meta["model"] == "YAMNET"
    assert found.meta["name"] == "loud"
    assert found.meta["version"] == version.stamp
    assert found.meta["code_version"]
    assert store.load(store.path("birds", "LOGMEL")) is None


def test_names_that_no_file_can_have_stay_apart(store: ModelStore) -> None:
    names = ["a/b", "a\\b", "a_b", "../a_b", "a:b", "ä b"]
    paths = [store.path(name, "LOGMEL") for name in names]
    assert len(set(paths)) == len(names)
    assert all(path.parent == store.folder and re.fullmatch(r"[\w\-. ]+", path.name) for path in paths)


def test_history_is_newest_first_and_knows_the_current_one(store: ModelStore) -> None:
    for bias in (1.0, 2.0, 3.0):
        store.save(small(bias), "p", "LOGMEL")
    history = store.history(store.path("p", "LOGMEL"))
    assert [version.meta["bias"] for version in history] == [3.0, 2.0, 1.0]
    assert [version.current for version in history] == [True, False, False]
    assert history[0].report == {"threshold": 0.25}
    assert store.history(store.path("q", "LOGMEL")) == []


def test_restoring_makes_an_old_version_current_and_loses_none(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    first = store.save(small(1.0), "p", "LOGMEL")
    store.save(small(2.0), "p", "LOGMEL")
    assert store.restore(path, first.stamp).meta["bias"] == 1.0
    found = store.load(path)
    assert found is not None
    assert found.meta["bias"] == 1.0
    assert [(version.meta["bias"], version.current) for version in store.history(path)] == [(2.0, False), (1.0, True)]
    for stamp in ("20200101_000000_000000", "../../etc/passwd", ""):
        with pytest.raises(UserError, match="version"):
            store.restore(path, stamp)


def test_a_damaged_version_is_not_restored(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    first = store.save(small(1.0), "p", "LOGMEL")
    store.save(small(2.0), "p", "LOGMEL")
    content = bytearray(first.path.read_bytes())
    content[-1] ^= 1
    first.path.write_bytes(content)
    with pytest.raises(UserError, match="refused"):
        store.restore(path, first.stamp)
    found = store.load(path)
    assert found is not None
    assert found.meta["bias"] == 2.0


def test_pruning_spares_the_newest_the_pinned_and_the_current(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    stamps = [store.save(small(float(n)), "p", "LOGMEL").stamp for n in range(6)]
    store.pin(path, stamps[0])
    store.restore(path, stamps[1])
    assert store.prune(path, 2) == [stamps[3], stamps[2]]
    assert biases(store, path) == [5.0, 4.0, 1.0, 0.0]
    assert [version.pinned for version in store.history(path)] == [False, False, False, True]
    store.pin(path, stamps[0], False)
    assert store.prune(path, 2) == [stamps[0]]
    with pytest.raises(UserError, match="no version"):
        store.pin(path, stamps[0])


def test_saving_keeps_so_many(store: ModelStore) -> None:
    for number in range(5):
        store.save(small(float(number)), "p", "LOGMEL", keep=3)
    assert biases(store, store.path("p", "LOGMEL")) == [4.0, 3.0, 2.0]


def test_saves_in_the_same_microsecond_are_two_versions(tmp_path: Path) -> None:
    moment = datetime(2026, 4, 19, tzinfo=UTC)
    store = ModelStore(tmp_path, lambda: moment)
    assert store.save(small(1.0), "p", "LOGMEL").stamp != store.save(small(2.0), "p", "LOGMEL").stamp
    assert biases(store, store.path("p", "LOGMEL")) == [2.0, 1.0]


def test_a_model_put_there_by_hand_becomes_a_version_before_it_is_replaced(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    model_file.write(path, small(7.0))
    store.save(small(1.0), "p", "LOGMEL")
    assert sorted(biases(store, path)) == [1.0, 7.0]


def test_a_file_of_somebody_else_is_not_overwritten(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"my thesis, the only copy")
    with pytest.raises(UserError, match="refused"):
        store.save(small(1.0), "p", "LOGMEL")
    assert path.read_bytes() == b"my thesis, the only copy"


def test_killed_between_version_and_current_the_old_model_is_current(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = store.path("p", "LOGMEL")
    store.save(small(1.0), "p", "LOGMEL")

    def full(*_: object) -> None:
        raise EnvironmentProblem("Cannot save", "No space left on device")

    monkeypatch.setattr(model_file, "replace_file", full)
    with pytest.raises(EnvironmentProblem):
        store.save(small(2.0), "p", "LOGMEL")
    monkeypatch.undo()
    found = store.load(path)
    assert found is not None
    assert found.meta["bias"] == 1.0
    assert biases(store, path) == [1.0]


def test_unreadable_versions_are_left_out_of_the_history(store: ModelStore) -> None:
    path = store.path("p", "LOGMEL")
    version = store.save(small(1.0), "p", "LOGMEL")
    store.save(small(2.0), "p", "LOGMEL")
    version.path.write_bytes(b"half of it")
    assert biases(store, path) == [2.0]
