"""Kill -9 while embedding, training, saving and scanning: nothing half-written is read, and the rest goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.job import JobContext
from core.ops import cache, scan
from core.ops.models import classifiers, history, open_classifier
from core.ops.train import train
from tests.core.ops.scan_world import REQUEST, World, world

ROOT = Path(__file__).resolve().parents[3]
DEADLINE_S = 120.0


def kill_when(world: World, arguments: list[str], condition: Callable[[], bool]) -> None:
    """Run a command in a process of its own and kill that as soon as the condition holds, before it has ended."""
    command = [sys.executable, str(ROOT / "main.py"), "--data-dir", str(world.paths.root), *arguments]
    deadline = time.monotonic() + DEADLINE_S
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while not condition():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.01)
                pytest.fail("the command ended before it could be killed")
            assert time.monotonic() < deadline, "the condition never came about"
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


@pytest.mark.parametrize("moment", ["embedding", "learning", "saving"])
def test_training_killed(moment: str, tmp_path: Path) -> None:
    with world(tmp_path) as taught:
        taught.teach()
        embeddings, models = taught.paths.cache / "embeddings", taught.paths.models
        conditions = {
            "embedding": lambda: any(embeddings.rglob("*.note")) or any(embeddings.rglob("*.vectors")),
            "learning": lambda: len(list(embeddings.rglob("*.vectors"))) == 3,
            "saving": lambda: any(models.rglob("*")),
        }
        kill_when(taught, ["train", "--positive", "beep", "--head", "logistic", "--margin", "2"], conditions[moment])
        for name in classifiers(taught.paths):
            assert open_classifier(taught.paths, name).trained.report, "what has its name is whole"
        if moment == "learning":
            assert cache.status(taught.paths).entries == 3
        outcome = train(taught.db, taught.paths, taught.embedder, REQUEST)
        versions = history(taught.paths, outcome.classifier.name)
        assert versions[0].stamp == outcome.classifier.version
        assert all(version.report for version in versions)
        assert cache.status(taught.paths).unfinished == 0


def test_scanning_killed_goes_on_with_the_rest(tmp_path: Path) -> None:
    with world(tmp_path) as taught:
        taught.teach()
        classifier = train(taught.db, taught.paths, taught.embedder, REQUEST).classifier
        paths = [taught.recording(f"s{number}", [1.0], seconds=4.0) for number in range(60)]
        media, _ = scan.media_of(taught.db, paths)
        profile_id = taught.db.profiles.ensure("default")

        def done() -> int:
            return sum(bool(taught.db.scans.versions(profile_id, one.id, "LOGMEL")) for one in media)

        kill_when(taught, ["scan", *map(str, paths), "--classifier", "LOGMEL"], lambda: done() >= 3)
        before = done()
        assert 3 <= before < 60
        rule = scan.rule_for(classifier)
        summary, _ = scan.scan_all(taught.db, media, "default", classifier, taught.embedder, rule, JobContext())
        assert summary.known_before == before
        assert len(summary.scanned) == 60
        assert all(len(taught.db.scans.versions(profile_id, one.id, "LOGMEL")) == 1 for one in media)
