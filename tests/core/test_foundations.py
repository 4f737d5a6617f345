"""Errors, changes, paths, the session and the log."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path

import pytest

from core.changes import Changes, Kind
from core.domain.media import Media
from core.errors import EightCutError, EnvironmentProblem
from core.log import LOG_NAME, start_logging
from core.paths import HOME_VARIABLE, WEIGHTS_VARIABLE, data_paths
from core.session import Session


def test_an_error_reads_as_sentences() -> None:
    error = EightCutError("Cannot read a.mp4", "it is empty", "Copy it again.")
    assert str(error) == "Cannot read a.mp4. it is empty. Copy it again."


def test_an_error_keeps_its_sentences_between_processes() -> None:
    error = pickle.loads(pickle.dumps(EnvironmentProblem("a", "b", "c")))  # noqa: S301 - our own bytes
    assert (error.what, error.why, error.fix) == ("a", "b", "c")


def test_changes_combine_and_answer_whom_they_touch() -> None:
    changes = Changes.of(Kind.CLIPS, 3) | Changes.of(Kind.LISTS)
    assert changes.touches(Kind.CLIPS, 3)
    assert not changes.touches(Kind.CLIPS, 4)
    assert changes.touches(Kind.CLIPS)
    assert changes.touches(Kind.LISTS, 9), "a change of no media in particular touches every media"
    assert not changes.touches(Kind.SCANS)
    assert not Changes()


def test_the_data_folder_is_the_argument_then_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "variable"))
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))
    assert data_paths(tmp_path / "argument").root == tmp_path / "argument"
    assert data_paths().root == tmp_path / "variable"
    assert data_paths().weights == tmp_path / "weights"
    monkeypatch.delenv(HOME_VARIABLE)
    monkeypatch.delenv(WEIGHTS_VARIABLE)
    assert data_paths().root.name == "8-cut"
    assert data_paths().weights.parent == data_paths().root


def test_a_data_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EnvironmentProblem, match="cannot be written to"):
        data_paths(tmp_path / "file" / "below").prepare()
    assert data_paths(tmp_path / "new").prepare().root.is_dir()
    assert list((tmp_path / "new").iterdir()) == []


def test_the_session_announces_changes_and_focus_once() -> None:
    session = Session()
    heard: list[object] = []
    session.on_changes(heard.append)
    session.on_focus(lambda: heard.append("focus"))
    media = Media(1, "b3-1", "/a.mp4")
    session.open_media(media)
    session.open_media(media)
    session.switch_profile("other")
    session.publish(Changes())
    session.publish(Changes.of(Kind.CLIPS, 1))
    assert heard == ["focus", "focus", Changes.of(Kind.CLIPS, 1)]
    assert (session.media, session.profile) == (media, "other")


@pytest.fixture
def root_logger_restored() -> object:
    root = logging.getLogger()
    handlers, level = tuple(root.handlers), root.level
    yield
    for handler in tuple(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)


@pytest.mark.usefixtures("root_logger_restored")
def test_the_log_file_has_what_was_logged_once(tmp_path: Path) -> None:
    start_logging(tmp_path / "first")
    path = start_logging(tmp_path / "logs")
    logging.getLogger("core.test").info("a line for the log")
    assert path == tmp_path / "logs" / LOG_NAME
    assert path.read_text(encoding="utf-8").count("a line for the log") == 1
