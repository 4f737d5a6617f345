"""Starting other programs; nothing else in 8-cut does.

No shell is ever involved, standard input is closed, a cancelled job takes the program and everything it started with
it, and memory stays bounded: of standard error only the tail is kept.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import EnvironmentProblem
from core.job import JobContext

STDERR_TAIL_BYTES = 64 * 1024
_PIECE_BYTES = 64 * 1024
_WINDOWS = sys.platform == "win32"


@dataclass(frozen=True)
class Completed:
    """How a program ended. `returncode` is negative when a signal killed it; `stderr` is the last 64 KiB at most."""

    returncode: int
    stdout: bytes
    stderr: str

    @property
    def reason(self) -> str:
        """The last lines of standard error in one sentence, for a message."""
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        if lines:
            return "; ".join(lines[-3:])
        if self.returncode < 0:
            return f"it was stopped by signal {-self.returncode}"
        return f"it ended with code {self.returncode}"


def run(
    args: Sequence[str | os.PathLike[str]], *, ctx: JobContext | None = None, timeout_s: float | None = None
) -> Completed:
    """Run a program to its end and collect what it prints. A failing program is a result, not an exception.

    Raises:
        Cancelled: `ctx` was cancelled; the program is dead by then.
        EnvironmentProblem: the program cannot be started, or is still busy after `timeout_s` (it is dead by then).
    """
    pieces: list[bytes] = []

    def collect(stdout: IO[bytes]) -> None:
        while piece := stdout.read(_PIECE_BYTES):
            pieces.append(piece)

    completed = _supervise(args, collect, ctx, timeout_s)
    return Completed(completed.returncode, b"".join(pieces), completed.stderr)


def stream(
    args: Sequence[str | os.PathLike[str]], on_stdout_line: Callable[[str], None], *, ctx: JobContext | None = None
) -> Completed:
    """Run a program and hand over each line of its standard output, without its line end, as it comes.

    An exception from `on_stdout_line` stops the program and passes through. `stdout` of the result is empty.

    Raises:
        Cancelled, EnvironmentProblem: as `run`.
    """

    def hand_over(stdout: IO[bytes]) -> None:
        for line in stdout:
            on_stdout_line(line.decode("utf-8", "replace").rstrip("\r\n"))

    return _supervise(args, hand_over, ctx, None)


def _supervise(
    args: Sequence[str | os.PathLike[str]],
    consume: Callable[[IO[bytes]], None],
    ctx: JobContext | None,
    timeout_s: float | None,
) -> Completed:
    """Start, let `consume` read standard output to its end, keep the tail of standard error, always reap."""
    if ctx:
        ctx.check()
    process = _start(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    tail = _Tail()
    drain = threading.Thread(target=tail.read_all, args=(process.stderr,), name=f"stderr of {process.pid}", daemon=True)
    timed_out = threading.Event()

    def give_up() -> None:
        timed_out.set()
        _kill_group(process)

    alarm = threading.Timer(timeout_s, give_up) if timeout_s is not None else None
    forget = ctx.on_cancel(lambda: _kill_group(process)) if ctx else None
    try:
        drain.start()
        if alarm:
            alarm.start()
        consume(process.stdout)
        process.wait()
    except BaseException:
        _kill_group(process)
        raise
    finally:
        process.wait()
        if alarm:
            alarm.cancel()
            alarm.join()
        if forget:
            forget()
        drain.join()
        process.stdout.close()
        process.stderr.close()
    if ctx:
        ctx.check()
    if timed_out.is_set():
        name = Path(os.fspath(args[0])).name
        raise EnvironmentProblem(
            f"{name} did not finish", f"It was still busy after {timeout_s:g} s and was stopped", "Try again"
        )
    return Completed(process.returncode, b"", tail.text)


class _Tail:
    """The last bytes of a stream that must be read so that its writer never blocks."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def read_all(self, source: IO[bytes]) -> None:
        while piece := source.read1(_PIECE_BYTES):
            self._pieces.append(piece)
            self._size += len(piece)
            while self._size - len(self._pieces[0]) >= STDERR_TAIL_BYTES:
                self._size -= len(self._pieces.popleft())

    @property
    def text(self) -> str:
        return b"".join(self._pieces)[-STDERR_TAIL_BYTES:].decode("utf-8", "replace")


def _start(args: Sequence[str | os.PathLike[str]], **pipes: int) -> subprocess.Popen[bytes]:
    command = [os.fspath(arg) for arg in args]
    options: dict[str, object] = {"start_new_session": True}
    if _WINDOWS:
        options = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, **pipes, **options)
    except OSError as error:
        raise EnvironmentProblem(
            f"{Path(command[0]).name} cannot be started",
            error.strerror or str(error),
            "Check that it is installed and may be run",
        ) from error


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything it started; one that has ended is left in peace."""
    if _WINDOWS:
        # taskkill takes the whole tree; kill() makes sure of the program itself where taskkill is missing.
        with contextlib.suppress(OSError):
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                creationflags=subprocess.CREATE_NO_WINDOW,
                check=False,
            )
        process.kill()
        return
    # Its session id is its pid. The group may be gone already: then there is nothing to do.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
