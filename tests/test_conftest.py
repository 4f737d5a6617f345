"""The watchmen of conftest bite: each of these leaks fails its test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAKS = """
import logging, socket, threading
import pytest

stop = threading.Event()

def test_thread():
    threading.Thread(target=stop.wait, args=(30,), name="left running").start()

def test_warning():
    logging.getLogger("core.somewhere").warning("something is off")

def test_network():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.01)
    except RuntimeError:
        return

def test_name_look_up():
    with pytest.raises(RuntimeError):
        socket.getaddrinfo("example.com", 80)

kept = []
def test_window(qapp):
    from PyQt6.QtWidgets import QWidget
    kept.append(QWidget())

@pytest.mark.allow_warnings
def test_expected_warning_is_fine():
    logging.getLogger("core.somewhere").warning("something is off")

def test_loopback_is_fine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_closed_window_is_fine(qtbot):
    from PyQt6.QtWidgets import QWidget
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()

def test_data_folder_is_not_the_persons_own():
    import os
    assert "data-folder" in os.environ["EIGHTCUT_HOME"]

def teardown_module():
    stop.set()
    kept.clear()
"""


def test_each_leak_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_leaks.py").write_text(LEAKS, encoding="utf-8")
    (tmp_path / "patch_wait.py").write_text("import tests.conftest\ntests.conftest.THREAD_END_S = 0.01\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "patch_wait", "-c", ".pytest.ini"]
    command += ["--rootdir", str(ROOT), "-o", f"pythonpath=. {tmp_path}", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    lines = done.stdout.splitlines()
    failed = {line.split("::")[1].split(" ")[0] for line in lines if line.startswith(("ERROR ", "FAILED "))}
    assert failed == {"test_thread", "test_warning", "test_network", "test_name_look_up", "test_window"}, done.stdout
    assert "9 passed" in lines[-1]
