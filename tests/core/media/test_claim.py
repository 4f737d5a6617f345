"""A claim is seen by others and ends with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from core.media.claim import claim, is_claimed

ROOT = Path(__file__).resolve().parents[3]
HOLDER = (
    "import sys\nfrom pathlib import Path\nfrom core.media.claim import claim\n"
    "with claim(Path(sys.argv[1])) as held:\n    print(held, flush=True)\n    sys.stdin.read()"
)


def test_a_claim_excludes_others_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_claimed(path)
    with claim(path) as mine:
        assert mine and is_claimed(path)
        with claim(path) as second:
            assert not second
        assert is_claimed(path)
    assert not list(tmp_path.iterdir())


def test_a_claim_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as holder:
        assert holder.stdout.readline() == b"True\n"
        assert is_claimed(path)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert path.exists() and not is_claimed(path)
    with claim(path) as mine:
        assert mine
