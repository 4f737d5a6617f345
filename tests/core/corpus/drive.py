"""A run of toy extractors as a program of its own, which tests kill: `python -m tests.core.corpus.drive SOURCE OUT`.

It prints a line for each result once it is kept.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from core.corpus.results import Result
from core.errors import Cancelled
from core.job import JobContext
from core.ops.corpus import RunRequest, run
from core.paths import data_paths
from tests.core.corpus.toys import WANTED, ToyRecipe


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--engine", default="local")
    parser.add_argument("--address", default="")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--array", type=int, default=0)
    parser.add_argument("--most-bytes", type=int, default=0, help="no file may become larger: the disk is full")
    parser.add_argument("--cache", type=int, default=10**6)
    options = parser.parse_args()
    if options.most_bytes:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (options.most_bytes, options.most_bytes))
    request = RunRequest(
        options.source,
        options.out,
        options.engine,
        options.address,
        options.workers,
        min_free_bytes=0,
        cache_bytes=options.cache,
        cache_dir=Path(os.environ["EIGHTCUT_HOME"]) / "corpus",
    )

    def tell(result: Result) -> None:
        print("failed" if result.failed else "done", result.key.extractor, result.video, flush=True)

    report = run(data_paths(), request, WANTED, ToyRecipe(options.array), JobContext(), None, tell)
    if report.summary.stopped is not None:
        print("stopped", type(report.summary.stopped).__name__, report.summary.stopped, flush=True)
    assert not isinstance(report.summary.stopped, Cancelled)
    print("end", report.summary.left, flush=True)


if __name__ == "__main__":
    main()
