"""Runs that are killed, doubled, starved of disk, or have workers that die: one row each, and the right one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from core.corpus.local_pool import LocalPool
from core.corpus.place import Place
from core.corpus.results import Key, Result, Results
from core.corpus.run_log import RunLog
from core.corpus.runner import Plan, Run, Summary, Wanted
from core.corpus.sources import find_videos
from core.corpus.space import FreeSpace, VideoCache
from core.errors import Cancelled, EnvironmentProblem
from core.job import JobContext
from tests.core.corpus.toys import BESIDE, SIZE, WANTED, WORDS, ToyRecipe, expected, one_row_each, rows, write_corpus

ROOT = Path(__file__).resolve().parents[3]


def run_here(
    source: Path,
    out: Path | str,
    *,
    wanted: Sequence[Wanted] = WANTED,
    seats: dict | None = None,
    ctx: JobContext | None = None,
    free: FreeSpace | None = None,
    on_result: Callable[[Result], None] | None = None,
    timeout_s: float = 60.0,
    retry_failed: bool = False,
) -> Summary:
    """A run in this process, with worker processes."""
    results = Results(Place.of(out))
    plan = Plan(find_videos(source).videos, wanted, results, retry_failed=retry_failed)
    pool = LocalPool(ToyRecipe(), seats or {"cpu": 1}, VideoCache(source.parent / "cache"), timeout_s)
    logs = RunLog(source.parent / "logs")
    return Run(plan, results, pool, free or FreeSpace((), 0), logs, ctx or JobContext(), on_result).go()


def start(source: Path | str, out: Path | str, *more: str) -> subprocess.Popen[str]:
    """A run as a program, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.corpus.drive", str(source), str(out), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(program: subprocess.Popen[str]) -> list[str]:
    """What it printed, once it has ended well."""
    lines = program.communicate(timeout=300)[0].splitlines()
    assert program.returncode == 0
    return lines


def test_a_run_killed_ten_times_has_the_rows_of_an_undisturbed_one(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 300)
    dice, out = random.Random(7), tmp_path / "out"
    seen: list[str] = []
    for _ in range(10):
        program = start(source, out)
        for _ in range(dice.randrange(45)):
            seen.append(program.stdout.readline())
        os.killpg(program.pid, signal.SIGKILL)
        seen += program.stdout.readlines()
        program.communicate()
    lines = end(start(source, out))
    assert lines[-1] == "end 0"
    assert len(lines) > 1, "the kills came too late: nothing was left to do"
    results = Results(Place.of(out))
    assert one_row_each(list(results.all()))
    assert rows(results) == expected(source, SIZE, WORDS)
    # What was told as done is never done again.
    told = Counter(line for line in [*seen, *(f"{line}\n" for line in lines)] if line.startswith("done"))
    assert max(told.values()) == 1


def test_two_runs_at_once_share_the_work_and_double_nothing(tmp_path: Path) -> None:
    source, out = write_corpus(tmp_path / "videos", 200), tmp_path / "out"
    programs = [start(source, out), start(source, out)]
    lines = [line for program in programs for line in end(program) if line.startswith("done")]
    results = Results(Place.of(out))
    assert rows(results) == expected(source, SIZE, WORDS)
    assert one_row_each(list(results.all()))
    assert len(lines) < 1.5 * 400, "they walked in step"


def test_a_worker_that_dies_costs_only_the_extractor_whose_fault_it_is(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 12, v003="kill", v005="crash:words", v007="once", v009="bug")
    before = source / "v007.died"
    summary = run_here(source, tmp_path / "out", seats={"cpu": 2})
    assert before.exists() and summary.stopped is None and summary.left == 0
    found = {row[:2]: row[2] for row in rows(Results(Place.of(tmp_path / "out")))}
    assert len(found) == 24
    failed = {where for where, reason in found.items() if reason}
    assert failed == {(f"v{n:03d}.mp4", name) for n, name in
                      ((3, "size"), (3, "words"), (5, "words"), (9, "size"), (9, "words"))}  # fmt: skip
    assert "SIGKILL" in found["v003.mp4", "size"] and "twice" in found["v003.mp4", "size"]
    assert "SIGSEGV" in found["v005.mp4", "words"]
    assert "ZeroDivisionError" in found["v009.mp4", "words"]
    log = (tmp_path / "logs" / "words.log").read_text()
    assert "Traceback" in log and log.count("\tdone\t") == 9


def test_what_hangs_is_given_up(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 4, v001="hang:size")
    summary = run_here(source, tmp_path / "out", timeout_s=3.0)
    assert [(Path(video).name, name) for video, name, _ in summary.failures] == [("v001.mp4", "size")]
    assert "given up" in summary.failures[0][2]
    assert summary.done.total() == 7


def test_the_machines_fault_is_tried_again_at_the_end_and_then_told(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 5, v001="environment", v002="memory:words")
    summary = run_here(source, tmp_path / "out")
    assert Counter(Path(video).name for video, _, _ in summary.failures) == {"v001.mp4": 2, "v002.mp4": 2}
    log = (tmp_path / "logs" / "size.log").read_text()
    assert log.count("again later") == 2 and log.count("\tfailed\t") == 2


def test_failures_are_left_alone_until_somebody_asks(tmp_path: Path) -> None:
    source, out = write_corpus(tmp_path / "videos", 4, v001="kill:size"), tmp_path / "out"
    assert run_here(source, out).failed == {"size": 1}
    again = run_here(source, out)
    assert (again.done.total(), again.failed.total(), again.failed_before, again.before) == (0, 0, 1, 7)
    (source / "v001.mp4").write_text("mended")
    mended = run_here(source, out, retry_failed=True)
    assert mended.done == {"size": 1, "words": 1}, "its other result is of the file before"
    assert rows(Results(Place.of(out))) == expected(source, SIZE, WORDS)
    assert not list((out / "results").rglob("*.failed.json"))


def test_a_file_that_was_replaced_is_looked_at_anew(tmp_path: Path) -> None:
    source, out = write_corpus(tmp_path / "videos", 3), tmp_path / "out"
    run_here(source, out)
    changed = source / "v001.mp4"
    written = max(path.stat().st_mtime for path in out.rglob("*.json"))
    changed.write_text("another film")
    os.utime(changed, (written + 1e-3, written + 1e-3))
    assert run_here(source, out).done == {"size": 1, "words": 1}
    assert rows(Results(Place.of(out))) == expected(source, SIZE, WORDS)
    changed.write_text("kill")
    os.utime(changed, (changed.stat().st_mtime,) * 2)
    run_here(source, out)
    assert [row[0] for row in rows(Results(Place.of(out))) if row[2]] == ["v001.mp4", "v001.mp4"]
    # A camera with a wrong clock does not make its films new for ever.
    os.utime(source / "v002.mp4", (4e9, 4e9))
    assert run_here(source, out).done.total() == 0


def test_one_lane_does_not_wait_for_the_other(tmp_path: Path) -> None:
    source = write_corpus(tmp_path / "videos", 6, v000="hang:slow")
    order: list[str] = []
    ctx = JobContext()

    def tell(result: Result) -> None:
        order.append(result.key.extractor)
        if order.count("size") == 6:
            ctx.cancel()

    summary = run_here(source, tmp_path / "out", wanted=BESIDE, seats={"cpu": 1, "gpu": 1}, ctx=ctx, on_result=tell)
    assert isinstance(summary.stopped, Cancelled)
    assert summary.done["size"] == 6 and summary.done["slow"] < 6


def test_cancelled_in_the_middle_keeps_what_is_done(tmp_path: Path) -> None:
    source, out, ctx = write_corpus(tmp_path / "videos", 80), tmp_path / "out", JobContext()
    summary = run_here(source, out, ctx=ctx, on_result=lambda _: ctx.cancel())
    assert isinstance(summary.stopped, Cancelled) and 0 < summary.done.total() < 160
    assert summary.left == 160 - summary.done.total() == 160 - len(rows(Results(Place.of(out))))
    assert not list(out.rglob("*.partial"))
    assert run_here(source, out).done.total() == summary.left


def test_it_stops_when_the_disk_has_less_than_was_to_stay_free(tmp_path: Path) -> None:
    source, out, free = write_corpus(tmp_path / "videos", 100), tmp_path / "out", FreeSpace((tmp_path,), 0)

    def fill(_: Result) -> None:
        free.least_bytes = 10**18

    full = FreeSpace((tmp_path,), 10**18)
    nothing = run_here(source, out, free=full)
    assert isinstance(nothing.stopped, EnvironmentProblem) and nothing.done.total() == 0 and nothing.left == 200
    assert "are free" in str(nothing.stopped)
    some = run_here(source, out, free=free, on_result=fill)
    assert isinstance(some.stopped, EnvironmentProblem)
    assert 0 < some.done.total() < 20, "those under way are kept, no more are begun"
    assert len(rows(Results(Place.of(out)))) == some.done.total() == 200 - some.left


def test_a_full_disk_ends_the_run_and_leaves_only_whole_files(tmp_path: Path) -> None:
    source, out = write_corpus(tmp_path / "videos", 20), tmp_path / "out"
    lines = end(start(source, out, "--array", "1000", "--most-bytes", "3000"))
    assert lines[-2].startswith("stopped EnvironmentProblem The result cannot be saved")
    assert lines[-1] == "end 40"
    assert not rows(Results(Place.of(out))) and not list(out.rglob("*.partial"))
    assert end(start(source, out, "--array", "1000"))[-1] == "end 0"
    assert len(rows(Results(Place.of(out)))) == 40


def test_a_new_version_is_a_new_result(tmp_path: Path) -> None:
    source, out = write_corpus(tmp_path / "videos", 3), tmp_path / "out"
    run_here(source, out)
    newer = Key("size", 2)
    assert run_here(source, out, wanted=[Wanted(newer, "cpu")]).done == {"size": 3}
    results = Results(Place.of(out))
    assert results.newest() == [newer, WORDS] and results.versions() == [SIZE, newer, WORDS]
    assert len(rows(results)) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_every_worker_dies_and_the_run_ends(tmp_path: Path, count: int) -> None:
    source = write_corpus(tmp_path / "videos", count, v000="kill", v001="kill", v002="kill")
    summary = run_here(source, tmp_path / "out", seats={"cpu": 2})
    assert summary.stopped is None and summary.failed.total() == 2 * count
