"""However a command ends, a person gets a sentence and a program an exit code."""

from __future__ import annotations

import json
import logging
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.cli.execute import OpenWindow, execute
from core.errors import Cancelled, EnvironmentProblem, UserError
from core.paths import DataPaths


@pytest.fixture
def options(tmp_path: Path) -> Iterator[Namespace]:
    yield Namespace(command=None, data_dir=str(tmp_path / "data"), weights_dir=None, verbose=False, json=False)
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if getattr(handler, "eightcut", False):
            root.removeHandler(handler)
            handler.close()


def raising(error: BaseException) -> Callable[[Namespace, DataPaths], int]:
    def work(options: Namespace, paths: DataPaths) -> int:
        raise error

    return work


def test_the_work_gets_its_options_and_paths_and_says_the_exit_code(options: Namespace, tmp_path: Path) -> None:
    seen = []

    def work(given: Namespace, paths: DataPaths) -> int:
        seen.append((given, paths.root))
        return 7

    assert execute(options, work) == 7
    assert seen == [(options, tmp_path / "data")]


@pytest.mark.parametrize("kind", [UserError, EnvironmentProblem])
def test_an_expected_error_is_one_sentence(
    options: Namespace, kind: type[UserError], capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(options, raising(kind("It failed", "the moon is full", "Wait"))) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "8-cut: It failed. the moon is full. Wait.\n")


def test_an_expected_error_in_json_has_its_parts(options: Namespace, capsys: pytest.CaptureFixture[str]) -> None:
    options.json = True
    assert execute(options, raising(UserError("It failed", "the moon is full", "Wait"))) == 2
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "event": "error",
        "message": "It failed. the moon is full. Wait.",
        "what": "It failed",
        "why": "the moon is full",
        "fix": "Wait",
    }


@pytest.mark.parametrize("error", [Cancelled(), KeyboardInterrupt()])
def test_cancelling_is_not_a_failure_but_tells(
    options: Namespace, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(options, raising(error)) == 130
    assert capsys.readouterr().err == "8-cut: Cancelled.\n"


@pytest.mark.allow_warnings
def test_a_bug_is_logged_with_its_traceback_and_never_shown(
    options: Namespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(options, raising(ZeroDivisionError("the bug"))) == 1
    err = capsys.readouterr().err
    log = tmp_path / "data" / "logs" / "8-cut.log"
    assert "Traceback" not in err
    assert err.count("\n") == 1
    assert str(log) in err
    written = log.read_text(encoding="utf-8")
    assert "Traceback" in written
    assert "ZeroDivisionError: the bug" in written


@pytest.mark.parametrize("ending", [0, 1, UserError("The window does not open")])
def test_a_command_may_go_on_in_the_window(options: Namespace, ending: int | Exception, tmp_path: Path) -> None:
    seen = []

    options.media = []

    def window(given: Namespace, paths: DataPaths) -> int | OpenWindow:
        if given.media != ["a.mp4"]:
            return OpenWindow(["a.mp4"], DataPaths(tmp_path / "demo"), lambda: seen.append("closed"))
        seen.append(paths.root.name)
        if isinstance(ending, Exception):
            raise ending
        return ending

    assert execute(options, window) == (2 if isinstance(ending, Exception) else ending)
    assert seen == ["demo", "closed"], "what it has left is cleared away however the window ends"
