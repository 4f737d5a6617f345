"""What's new: the list of changes as it is in the file, and when it shows by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from core import __version__
from ui.dialogs.whats_new import Release, WhatsNewDialog, is_due, read_releases, releases

TEXT = """# Changes

## 0.2.0 — 2026-12-01

Second.

- **Lanes.** A spectrogram.

## 0.1.0 – unreleased

First.

## 0.0.9
"""


def test_the_versions_of_a_list() -> None:
    assert releases(TEXT) == [
        Release("0.2.0", "2026-12-01", "Second.\n\n- **Lanes.** A spectrogram."),
        Release("0.1.0", "unreleased", "First."),
        Release("0.0.9", "", ""),
    ]
    assert releases("nothing") == []


def test_the_list_that_comes_with_the_program_names_its_version() -> None:
    found = read_releases()
    assert found[0].version == __version__
    assert found[0].text
    assert read_releases(Path("/nowhere/CHANGELOG.md")) == []


@pytest.mark.parametrize(("seen", "due"), [("", False), ("0.2.0", False), ("0.1.0", True), ("-", True)])
def test_it_is_due_after_a_version_bump_until_silenced(seen: str, due: bool) -> None:
    assert is_due(seen, "0.2.0") is due


def test_it_shows_all_versions_newest_first(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    dialog = WhatsNewDialog(releases(TEXT), window)
    text = dialog.view.toPlainText()
    assert text.index("Second.") < text.index("0.1.0 — unreleased") < text.index("First.")
    assert dialog.silenced
    dialog.silence.click()
    assert not dialog.silenced
    dialog.close_button.click()
    assert dialog.result() == dialog.DialogCode.Accepted


def test_a_missing_list_is_said(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    assert "did not come" in WhatsNewDialog([], window).view.toPlainText()
