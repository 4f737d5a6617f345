"""What most tests of the core start from: an empty history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import ProcessedDB


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ProcessedDB]:
    with ProcessedDB(tmp_path / "history.db") as opened:
        yield opened
