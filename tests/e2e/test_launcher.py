"""8cut.sh and setup_env.sh as a person meets them: through links, from other folders, with things missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core import __version__

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("8cut.sh", "setup_env.sh", "run_tests.sh", ".ci/run")
# What the scripts themselves need; no Python, no package manager.
BASE_TOOLS = ("bash", "cat", "cksum", "dirname", "env", "find", "flock", "grep", "id", "readlink", "rm", "sed", "uname")


def run(command: list[str | Path], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False, **options)


@pytest.fixture
def bare_machine(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A copy of the scripts in a folder with a space, without .venv, and an environment with only the base tools."""
    home = tmp_path / "a folder"
    (home / "tests").mkdir(parents=True)
    for name in ("8cut.sh", "setup_env.sh", "requirements.txt", "tests/requirements.txt"):
        shutil.copy(ROOT / name, home / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in BASE_TOOLS:
        (tools / name).symlink_to(shutil.which(name))
    return home, {"PATH": str(tools), "HOME": str(tmp_path)}


def add_tools(environment: dict[str, str], *names: str) -> None:
    for name in names:
        (Path(environment["PATH"]) / name).symlink_to(shutil.which(name))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_can_be_run_and_has_no_syntax_error(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert run(["bash", "-n", ROOT / script]).stderr == ""


def test_it_starts_from_any_folder_through_a_chain_of_links(tmp_path: Path) -> None:
    (tmp_path / "real").symlink_to(ROOT / "8cut.sh")
    (tmp_path / "my 8cut").symlink_to("real")
    done = run([tmp_path / "my 8cut", "--version"], cwd="/")
    assert (done.returncode, done.stdout) == (0, f"8-cut {__version__}\n")


def test_a_second_start_has_nothing_to_say() -> None:
    run([ROOT / "setup_env.sh", "--if-needed"])
    done = run([ROOT / "setup_env.sh", "--if-needed"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_python_it_says_how_to_get_one(bare_machine: tuple[Path, dict[str, str]]) -> None:
    home, environment = bare_machine
    done = run([home / "8cut.sh", "--version"], env=environment)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no Python between 3.11 and 3.14 was found" in done.stderr
    assert "EIGHTCUT_PYTHON" in done.stderr
    assert not (home / ".venv").exists()


def test_on_debian_the_exact_command_is_printed_when_nothing_may_be_installed(
    bare_machine: tuple[Path, dict[str, str]],
) -> None:
    home, environment = bare_machine
    tools = Path(environment["PATH"])
    (tools / "apt-get").write_text("#!/bin/bash\necho apt-get was called >&2\nexit 1\n")
    (tools / "dpkg-query").write_text('#!/bin/bash\n[ "${@: -1}" != libmpv2 ] && echo installed\n')
    for name in ("apt-get", "dpkg-query"):
        (tools / name).chmod(0o755)
    done = run([home / "setup_env.sh"], env={**environment, "EIGHTCUT_SYSTEM": "print"})
    assert done.returncode == 1
    command = "sudo apt-get update && sudo apt-get install -y libmpv2 ffmpeg"
    assert command in done.stderr
    assert "python3 python3-venv" in done.stderr
    assert "apt-get was called" not in done.stderr


def test_a_python_that_cannot_make_environments_is_told_apart(bare_machine: tuple[Path, dict[str, str]]) -> None:
    home, environment = bare_machine
    python = Path(environment["PATH"]) / "python3"
    python.write_text(
        "#!/bin/bash\ncase $2 in *ensurepip*) exit 1;; *print*) echo 3.12;; esac\n"  # suits, but has no ensurepip
    )
    python.chmod(0o755)
    done = run([home / "setup_env.sh"], env=environment)
    assert done.returncode == 1
    assert "python3.12-venv" in done.stderr


def test_a_full_disk_is_noticed_before_the_download(bare_machine: tuple[Path, dict[str, str]]) -> None:
    home, environment = bare_machine
    add_tools(environment, "awk")
    df = Path(environment["PATH"]) / "df"
    df.write_text("#!/bin/bash\necho header\necho 'disk 100 90 10240 90% /'\n")
    df.chmod(0o755)
    choice = {"EIGHTCUT_PYTHON": sys.executable, "EIGHTCUT_TORCH": "default"}
    done = run([home / "setup_env.sh"], env={**environment, **choice})
    assert done.returncode == 1
    assert "the disk is too full" in done.stderr
    assert not list((home / ".venv").glob(".8cut-ready*"))


def test_a_wrong_argument_is_refused() -> None:
    done = run([ROOT / "setup_env.sh", "--everything"])
    assert done.returncode == 2
    assert "--everything" in done.stderr


def test_help_is_the_comment_at_its_top() -> None:
    done = run([ROOT / "setup_env.sh", "--help"])
    assert done.returncode == 0
    assert "EIGHTCUT_TORCH" in done.stdout
    assert "set -eu" not in done.stdout
