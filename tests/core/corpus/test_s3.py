"""An S3 on this machine as source and as output: the same rows as on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from core.corpus.place import Place
from core.corpus.results import Results
from core.corpus.table import write_csv, write_parquet
from core.ops.corpus import RunRequest, run
from core.ops.corpus_results import columns_of, status
from core.paths import data_paths
from tests.core.corpus.toys import SIZE, WANTED, WORDS, ToyRecipe, expected, rows, used, write_corpus

SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(*server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URL of an empty bucket; found through the environment, as a person's own S3 is."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as it:
        host, port = it.stdout.readline().split()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            patch.setenv("AWS_ACCESS_KEY_ID", "test")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            fsspec.filesystem("s3", use_listings_cache=False).mkdir("films")
            yield "s3://films"
            fsspec.filesystem("s3").clear_instance_cache()
        it.stdin.close()


@pytest.fixture
def filled(bucket: str, tmp_path: Path) -> tuple[str, Path]:
    """The same files in a folder of the bucket and on disk."""
    source = write_corpus(tmp_path / "videos", 12)
    for path in source.iterdir():
        fsspec.filesystem("s3", use_listings_cache=False).pipe_file(f"{bucket}/in/{path.name}", path.read_bytes())
    return f"{bucket}/in", source


def request(source: str | Path, out: str | Path, tmp_path: Path, **more: object) -> RunRequest:
    return RunRequest(
        str(source), str(out), workers=1, min_free_bytes=0, cache_dir=tmp_path / "cache", cache_bytes=60, **more
    )


def test_from_s3_to_s3_is_as_from_disk_to_disk(filled: tuple[str, Path], tmp_path: Path) -> None:
    url, source = filled
    out = url.replace("/in", "/out")
    told: list[int] = []
    cache = tmp_path / "cache"

    def tell(_: object) -> None:
        told.append(used(cache))

    report = run(data_paths(), request(url, out, tmp_path), WANTED, ToyRecipe(array=4), None, None, tell)
    assert report.summary.stopped is None and report.summary.done.total() == 24
    assert max(told) <= 60, "the cache passed its bound"
    assert list(cache.iterdir()) == []
    there = Results(Place.of(out))
    [one, *_] = there.all()
    assert Place.of(out).read(one.values["array"]) is not None
    plain = [(name, extractor, reason) for name, extractor, reason, _ in rows(there)]
    assert plain == [row[:3] for row in expected(source, SIZE, WORDS)]
    again = run(data_paths(), request(url, out, tmp_path), WANTED, ToyRecipe())
    assert (again.summary.before, again.summary.done.total()) == (24, 0)
    assert [row[1:] for row in status(out).rows] == [(12, 0), (12, 0)]
    for write, name in ((write_csv, "all.csv"), (write_parquet, "all.parquet")):
        assert write(there, {key: columns_of(key) for key in there.newest()}, f"{out}/{name}") == 24
        assert Place.of(out).exists(name)


def test_a_list_with_dead_addresses_goes_on_with_the_rest(filled: tuple[str, Path], tmp_path: Path) -> None:
    url, source = filled
    lines = [f"{url}/v001.mp4", f"{url}/gone.mp4", "s3://no-such-bucket/a.mp4", f"{url}/v001.mp4",
             "http://127.0.0.1:9/a.mp4", str(source / "v002.mp4"), str(source / "gone.mp4")]  # fmt: skip
    (tmp_path / "list.txt").write_text("\n".join(lines))
    report = run(data_paths(), request(tmp_path / "list.txt", tmp_path / "out", tmp_path), WANTED[:1], ToyRecipe())
    assert report.corpus.repeated == 1 and report.summary.stopped is None
    assert report.summary.done == {"size": 2} and report.summary.failed == {"size": 4}
    found = {row[0]: row[2] for row in rows(Results(Place.of(tmp_path / "out")))}
    assert "cannot be fetched" in found["gone.mp4"] or "Cannot read" in found["gone.mp4"]
    fsspec.filesystem("s3", use_listings_cache=False).pipe_file(f"{url}/gone.mp4", b"here again")
    again = request(tmp_path / "list.txt", tmp_path / "out", tmp_path, retry_failed=True)
    assert run(data_paths(), again, WANTED[:1], ToyRecipe()).summary.done == {"size": 1}


def test_nothing_is_asked_of_the_network_but_the_address_given(bucket: str) -> None:
    assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert Place.of(f"{bucket}/empty").folders("results") == []
    assert Place.of(f"{bucket}/empty").read("run.json") is None
    assert list(Place.of(f"{bucket}/empty").files("results")) == []
