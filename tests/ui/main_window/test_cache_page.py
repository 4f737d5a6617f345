"""The page on the cache: the limit of the embeddings, shown and set."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.ops import cache
from core.paths import DataPaths
from ui.dialogs.messages import MessageDialog
from ui.jobs.runner import ImmediateRunner
from ui.main_window.cache_page import CachePage


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data").prepare()


def page_of(qtbot: QtBot, paths: DataPaths) -> CachePage:
    page = CachePage(paths, ImmediateRunner())
    qtbot.addWidget(page)
    page.show()
    return page


def test_the_limit_is_shown_and_set(qtbot: QtBot, paths: DataPaths) -> None:
    page = page_of(qtbot, paths)
    assert page.limit.value() == 20
    page.limit.setValue(50)
    assert cache.limit(paths) == 50_000_000_000
    assert page_of(qtbot, paths).limit.value() == 50
    cache.set_limit(paths, 3_000_000_000)
    page.refresh()
    assert page.limit.value() == 3
    assert cache.limit(paths) == 3_000_000_000, "showing it sets nothing"


def test_a_limit_that_cannot_be_kept_is_explained(qtbot: QtBot, paths: DataPaths) -> None:
    page = page_of(qtbot, paths)
    paths.cache_limit.mkdir()
    page.limit.setValue(30)
    (dialog,) = page.findChildren(MessageDialog)
    assert "cannot be saved" in dialog.headline.text()
    assert page.limit.value() == 20
    dialog.accept()
