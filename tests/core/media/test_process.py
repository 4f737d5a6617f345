"""Programs are started, watched, killed with all they started, and leave nothing behind."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Cancelled, EnvironmentProblem
from core.job import JobContext
from core.media import process


def python(code: str, *args: str) -> list[str]:
    return [sys.executable, "-c", code, *args]


def open_files() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def test_output_and_code_come_back() -> None:
    done = process.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", "err\n")
    assert done.reason == "err"


def test_standard_input_is_closed() -> None:
    assert process.run(python("import sys; print(repr(sys.stdin.read()))")).stdout == b"''\n"


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    odd = f"; touch {tmp_path}/made $(id) \"'\n*"
    done = process.run(python("import sys; sys.stdout.write(sys.argv[1])", odd))
    assert done.stdout.decode() == odd
    assert not list(tmp_path.iterdir())


def test_a_missing_program_is_a_problem_of_the_machine() -> None:
    with pytest.raises(EnvironmentProblem, match="no-such-program cannot be started"):
        process.run(["/nowhere/no-such-program"])


def test_a_killed_program_is_a_result() -> None:
    done = process.run(python("import os; os.kill(os.getpid(), 9)"))
    assert done.returncode == -9
    assert "signal 9" in done.reason


def test_only_the_tail_of_standard_error_is_kept() -> None:
    code = (
        "import sys\nfor n in range(40000): print('line', n, 'x' * 40, file=sys.stderr)\nprint('end', file=sys.stderr)"
    )
    done = process.run(python(code))
    assert len(done.stderr) <= process.STDERR_TAIL_BYTES
    assert done.stderr.endswith("x\nend\n")


def test_lines_come_one_by_one_while_standard_error_is_flooded() -> None:
    lines: list[str] = []
    code = "import sys\nfor n in range(5):\n print('n', n, flush=True)\n print('e' * 200000, file=sys.stderr)"
    assert process.stream(python(code), lines.append).returncode == 0
    assert lines == [f"n {n}" for n in range(5)]


def test_a_timeout_kills_and_says_so() -> None:
    before = open_files()
    with pytest.raises(EnvironmentProblem, match=r"still busy after 0\.2 s"):
        process.run(python("import time; time.sleep(600)"), timeout_s=0.2)
    assert open_files() == before


def test_cancel_takes_the_children_along(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    child = (
        "import fcntl,sys,time; f=open(sys.argv[1],'w'); fcntl.flock(f,2); print('locked',flush=True); time.sleep(600)"
    )
    parent = "import subprocess,sys; subprocess.run([sys.executable,'-c',sys.argv[1],sys.argv[2]])"
    ctx = JobContext()
    with pytest.raises(Cancelled):
        process.stream(python(parent, child, str(lock)), lambda _line: ctx.cancel(), ctx=ctx)
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def test_cancel_from_another_thread_wakes_run() -> None:
    ctx = JobContext()
    timer = threading.Timer(0.1, ctx.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        process.run(python("import time; time.sleep(600)"), ctx=ctx)
    timer.join()


def test_a_finished_program_is_out_of_reach_of_cancel() -> None:
    class Watched(JobContext):
        hooks = 0

        def on_cancel(self, hook: Callable[[], None]) -> Callable[[], None]:
            self.hooks += 1
            forget = super().on_cancel(hook)

            def counted() -> None:
                self.hooks -= 1
                forget()

            return counted

    ctx = Watched()
    hooks_while_running: list[int] = []
    process.stream(python("print(1)"), lambda _line: hooks_while_running.append(ctx.hooks), ctx=ctx)
    assert (hooks_while_running, ctx.hooks) == ([1], 0)


def test_cancelled_before_the_start_starts_nothing(tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        process.run(python("open(__import__('sys').argv[1], 'w')", str(tmp_path / "made")), ctx=ctx)
    assert not list(tmp_path.iterdir())


def test_an_exception_of_the_reader_stops_the_program() -> None:
    def object_to(line: str) -> None:
        raise ValueError(line)

    before = open_files()
    with pytest.raises(ValueError, match="first"):
        process.stream(python("import time; print('first', flush=True); time.sleep(600)"), object_to)
    assert open_files() == before


def test_nothing_is_left_of_many_runs() -> None:
    process.run(python(""))
    before = open_files()
    threads = threading.active_count()
    for _ in range(5):
        process.run(python("print(1)"), ctx=JobContext(), timeout_s=60)
    assert open_files() == before
    assert threading.active_count() == threads
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
