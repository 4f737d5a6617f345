"""Runners that always end, and gates that tests open and shut."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.job import JobContext
from ui.jobs.runner import JobRunner

PATIENCE_S = 10.0


class Gate:
    """Work that waits until the test opens it; tells when it has begun."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def wait(self, context: JobContext) -> None:
        """Stand still until opened or cancelled."""
        self.entered.set()
        context.on_cancel(self._open.set)
        assert self._open.wait(PATIENCE_S)
        context.check()


@pytest.fixture
def runner(qapp) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    assert runner.shutdown(), "a worker did not end"


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()
