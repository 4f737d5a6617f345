"""The cache of remote videos keeps within its bound, whoever uses it and however they died."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from core.corpus.sources import Video
from core.corpus.space import FreeSpace, NoRoom, VideoCache
from core.errors import Cancelled, EnvironmentProblem, UserError
from core.job import JobContext
from tests.core.corpus.toys import used

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def shelf() -> str:
    return f"memory://{uuid.uuid4().hex}"


def put(shelf: str, name: str, size: int) -> Video:
    fsspec.filesystem("memory").pipe_file(f"{shelf}/{name}", bytes(size))
    return Video(f"{shelf}/{name}")


def test_a_remote_video_is_here_only_for_the_length_of_the_block(tmp_path: Path, shelf: str) -> None:
    cache = VideoCache(tmp_path / "cache", 1000)
    with cache.holding(put(shelf, "a.MP4", 700), JobContext()) as path:
        assert path.read_bytes() == bytes(700) and path.suffix == ".mp4" and path.parent == cache.folder
    assert list(cache.folder.iterdir()) == []
    with cache.holding(Video("/v/local.mp4"), JobContext()) as path:
        assert path == Path("/v/local.mp4")


def test_many_at_once_never_pass_the_bound(tmp_path: Path, shelf: str) -> None:
    cache, dice, watched = VideoCache(tmp_path / "cache", 1000), random.Random(3), []
    videos = [put(shelf, f"{number}.mp4", dice.randrange(1, 600)) for number in range(60)]

    def use(video: Video) -> int:
        with cache.holding(video, JobContext()) as path:
            watched.append(used(cache.folder))
            return path.stat().st_size

    with ThreadPoolExecutor(6) as threads:
        sizes = list(threads.map(use, videos))
    assert sizes == [len(fsspec.filesystem("memory").cat_file(video.address)) for video in videos]
    assert max(watched) <= 1000
    assert list(cache.folder.iterdir()) == []


def test_what_a_killed_process_held_is_removed(tmp_path: Path, shelf: str) -> None:
    source = tmp_path / "far.mp4"
    source.write_bytes(bytes(800))
    code = (
        "import sys\n"
        "import fsspec\n"
        "from pathlib import Path\n"
        "from core.corpus.sources import Video\n"
        "from core.corpus.space import VideoCache\n"
        "from core.job import JobContext\n"
        "fsspec.filesystem('memory').pipe_file('memory://far/a.mp4', bytes(800))\n"
        "with VideoCache(Path(sys.argv[1]), 1000).holding(Video('memory://far/a.mp4'), JobContext()):\n"
        "    print('holds', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    cache = VideoCache(tmp_path / "cache", 1000)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cache.folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"holds\n"
        # While it lives there is no room for ours.
        ctx, tried = JobContext(), threading.Event()

        def wait() -> None:
            tried.set()
            with pytest.raises(Cancelled), cache.holding(put(shelf, "b.mp4", 300), ctx):
                pytest.fail("the bound was passed")

        waiting = threading.Thread(target=wait)
        waiting.start()
        tried.wait()
        cache.clean()
        assert used(cache.folder) == 800
        ctx.cancel()
        waiting.join()
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert used(cache.folder) == 800
    with cache.holding(put(shelf, "b.mp4", 300), JobContext()):
        assert used(cache.folder) == 300
    assert list(cache.folder.iterdir()) == []


def test_what_cannot_be_fetched_is_said_and_leaves_nothing(tmp_path: Path, shelf: str) -> None:
    cache = VideoCache(tmp_path / "cache", 1000)
    with pytest.raises(UserError, match="too large"), cache.holding(put(shelf, "a.mp4", 1001), JobContext()):
        pytest.fail("the bound was passed")
    with pytest.raises(UserError, match="cannot be fetched"), cache.holding(Video(f"{shelf}/gone.mp4"), JobContext()):
        pytest.fail("nothing is there")
    dead = Video("http://127.0.0.1:9/a.mp4")
    with pytest.raises((EnvironmentProblem, UserError), match="cannot be fetched"), cache.holding(dead, JobContext()):
        pytest.fail("nobody answers")
    assert not cache.folder.exists() or list(cache.folder.iterdir()) == []


def test_room_is_looked_for_before_fetching(tmp_path: Path, shelf: str) -> None:
    cache = VideoCache(tmp_path / "cache", 1000, least_free_bytes=10**18)
    with pytest.raises(NoRoom, match="are free"), cache.holding(put(shelf, "a.mp4", 10), JobContext()):
        pytest.fail("the disk is too full")
    FreeSpace((tmp_path / "not" / "there",), 1).check()
    with pytest.raises(NoRoom):
        FreeSpace((tmp_path,), 0).check(10**18)
