"""What most exports of these tests are cut from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media_factory import MediaShelf


@pytest.fixture
def source(media: MediaShelf, tmp_path: Path) -> Path:
    return media.copy("tiny", tmp_path / "source.mp4")
