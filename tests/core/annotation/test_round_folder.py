"""The folder of a round: what a changed mind clears away, what it never touches, and that only one works in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.annotation.round_folder import METRICS, QUEUE, RoundFolder, alone_in
from core.errors import EnvironmentProblem, UserError

MINE = {"project": "mine", "top_k": 5}


def test_steps_are_kept_for_the_same_options_and_gone_for_others(tmp_path: Path) -> None:
    RoundFolder(tmp_path, MINE).step("labels", lambda: [1])
    assert RoundFolder(tmp_path, MINE).step("labels", lambda: [2]) == [1]
    assert RoundFolder(tmp_path, {**MINE, "top_k": 6}).step("labels", lambda: [2]) == [2]


def test_other_options_clear_the_epochs_of_a_killed_training_and_leave_notes(tmp_path: Path) -> None:
    folder = RoundFolder(tmp_path, MINE)
    epochs = folder.checkpoint("mood").with_suffix(".epochs")
    epochs.mkdir()
    (epochs / "epoch.safetensors").write_bytes(b"weights")
    folder.checkpoint("mood").write_bytes(b"model")
    (tmp_path / "note.txt").write_text("mine")
    RoundFolder(tmp_path, {**MINE, "top_k": 6})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["note.txt", "steps"]


@pytest.mark.parametrize("foreign", [QUEUE, METRICS])
def test_files_of_others_are_never_cleared(tmp_path: Path, foreign: str) -> None:
    (tmp_path / foreign).write_text("from somewhere else")
    with pytest.raises(UserError, match="is taken"):
        RoundFolder(tmp_path, MINE)
    assert (tmp_path / foreign).read_text() == "from somewhere else"


def test_a_round_of_another_project_is_never_cleared(tmp_path: Path) -> None:
    RoundFolder(tmp_path, MINE).step("split", lambda: {"test": ["a"]})
    with pytest.raises(UserError, match="another project"):
        RoundFolder(tmp_path, {**MINE, "project": "yours"})
    assert RoundFolder(tmp_path, MINE).step("split", lambda: None) == {"test": ["a"]}


def test_only_one_works_in_a_folder_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "round_00"
    with alone_in(folder), pytest.raises(UserError, match="round_00 is being run already"), alone_in(folder):
        pytest.fail("two were let in")
    with alone_in(folder):
        assert folder.is_dir()
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EnvironmentProblem, match="cannot be used"), alone_in(tmp_path / "file" / "round_00"):
        pytest.fail("it was let in")
