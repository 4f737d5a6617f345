"""One result per video, extractor and version, whoever writes it and in whatever order; on disk and behind a URL."""

from __future__ import annotations

import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.corpus.place import Place
from core.corpus.results import Key, Result, Results
from core.errors import EnvironmentProblem, UserError
from tests.core.corpus.toys import SIZE

VIDEO = "/v/a.mp4"


@pytest.fixture(params=["disk", "memory"])
def results(request: pytest.FixtureRequest, tmp_path: Path) -> Results:
    return Results(Place.of(tmp_path / "out" if request.param == "disk" else f"memory://{uuid.uuid4().hex}/out"))


def done(number: int, video: str = VIDEO, key: Key = SIZE) -> Result:
    return Result(video, "b3-1", key, {"length": number})


def failed(reason: str, video: str = VIDEO, key: Key = SIZE) -> Result:
    return Result(video, "", key, reason=reason)


def test_a_result_is_read_back_as_it_was(results: Results) -> None:
    assert results.versions() == [] and list(results.all()) == []
    odd = Result(
        "s3://b/ü\udc80 x.mp4", "b3-2", SIZE, {"a": float("nan"), "b": [1, np.float32(0.5)], "c": None, "d": "–"}
    )
    results.save(odd)
    results.save(failed("broken"))
    found = {one.video: one for one in results.all()}
    assert found[odd.video].values == {"a": None, "b": [1, 0.5], "c": None, "d": "–"}
    assert found[VIDEO].reason == "broken" and found[VIDEO].failed
    known = results.known(SIZE)
    assert len(known.done) == len(known.failed) == 1
    assert [one.reason for one in results.failures(SIZE, known)] == ["broken"]


def test_arrays_lie_beside_their_row(results: Results) -> None:
    vector = np.linspace(0, 1, 5, dtype=np.float32)
    results.save(Result(VIDEO, "b3-1", SIZE, {"mean": vector}))
    [row] = results.all()
    data = results.place.read(row.values["mean"])
    assert data is not None and np.frombuffer(data[-20:], np.float32).tolist() == vector.tolist()


def test_a_failure_never_displaces_a_result(results: Results) -> None:
    results.save(failed("first"))
    results.save(done(1))
    results.save(failed("another run saw this too late"))
    assert [one.values for one in results.all()] == [{"length": 1}]
    assert not results.known(SIZE).failed
    results.save(failed("the file was replaced by a broken one"), anew=True)
    assert [one.reason for one in results.all()] == ["the file was replaced by a broken one"]


def test_when_both_are_there_the_result_counts(tmp_path: Path) -> None:
    """As when another run was killed between writing the result and removing the failure."""
    results, other = Results(Place.of(tmp_path / "a")), Results(Place.of(tmp_path / "b"))
    results.save(done(1))
    other.save(failed("before"))
    [failure] = (tmp_path / "b").rglob("*.failed.json")
    target = tmp_path / "a" / failure.relative_to(tmp_path / "b")
    target.write_bytes(failure.read_bytes())
    assert [one.values for one in results.all()] == [{"length": 1}]
    assert not results.known(SIZE).failed and len(results.known(SIZE).done) == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([1, 2]), st.booleans()), max_size=12))
def test_any_order_of_writing_gives_one_row_each(writes: list[tuple[str, int, bool]]) -> None:
    with TemporaryDirectory() as folder:
        results = Results(Place.of(folder))
        best: dict[tuple[str, int], bool] = {}
        for video, version, well in writes:
            key = Key("size", version)
            results.save(done(1, video, key) if well else failed("no", video, key))
            best[video, version] = best.get((video, version), False) or well
        found = [(one.video, one.key.version, not one.failed) for one in results.all(results.versions())]
        assert sorted(found) == sorted((*where, well) for where, well in best.items())
        newest = max((version for _, version in best), default=0)
        assert {one.key.version for one in results.all()} <= {newest}


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file is in the way")
    with pytest.raises(EnvironmentProblem, match="cannot be saved"):
        Results(Place.of(tmp_path / "out")).save(done(1))
    with pytest.raises(EnvironmentProblem, match="nosuch:// cannot be opened"):
        Place.of("nosuch://bucket")


def test_keys_are_read_from_the_names_of_folders_only() -> None:
    assert Key.parse("scan-bark@20261120101112123") == Key("scan-bark", 20261120101112123)
    assert Key.parse("a@b@3") == Key("a@b", 3)
    assert Key.parse("cuts") is Key.parse("cuts@x") is Key.parse("@1") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"values": {}}', b"\xff"])
def test_a_result_changed_by_hand_is_named(tmp_path: Path, content: bytes) -> None:
    results = Results(Place.of(tmp_path))
    results.save(done(1))
    [file] = tmp_path.rglob("*.json")
    file.write_bytes(content)
    with pytest.raises(UserError, match=f"{file.name} is no result"):
        list(results.all())
    file.unlink()
    results.save(done(1))
    assert list(results.all()) == [done(1)]
