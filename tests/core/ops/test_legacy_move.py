"""Moving the oldest exports: nothing lost, nothing overwritten, whenever the power goes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.changes import Kind
from core.db import ProcessedDB
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.ops import legacy_move

ROOT = Path(__file__).resolve().parents[3]


def export(db: ProcessedDB, folder: Path, group: int, media: str, count: int = 2, profile: str = "default") -> None:
    """A legacy batch on disk and in the history; each file holds its own old path."""
    place = folder / f"clip_{group:03d}"
    place.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        file = place / f"clip_{group:03d}_{index}.mp4"
        file.write_text(str(file.relative_to(folder.parent)))
        db.add(media, 10.0 * group, str(file), profile=profile, source_path=f"/v/{media}")


def tree(folder: Path) -> dict[str, str]:
    """Relative path to content of every file but the manifests."""
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "dataset.json"
    }


def known(db: ProcessedDB, folder: Path) -> list[str]:
    """Relative paths of all clips of the history."""
    entries = [entry for each in db.clips.folders() for entry in db.clips.manifest_entries(each)]
    return sorted(Path(entry["path"]).relative_to(folder).as_posix() for entry in entries)


def fill(db: ProcessedDB, out: Path) -> None:
    export(db, out / "cat", 1, "a.mp4")
    export(db, out / "cat", 2, "b.mp4", 1)
    export(db, out / "cat", 3, "a.mp4", 1)
    export(db, out / "dog", 4, "a.mp4", 1)


MOVED = {
    "cat/vid_001/clip_001_0.mp4": "cat/clip_001/clip_001_0.mp4",
    "cat/vid_001/clip_001_1.mp4": "cat/clip_001/clip_001_1.mp4",
    "cat/vid_001/clip_003_0.mp4": "cat/clip_003/clip_003_0.mp4",
    "cat/vid_002/clip_002_0.mp4": "cat/clip_002/clip_002_0.mp4",
    "dog/vid_001/clip_004_0.mp4": "dog/clip_004/clip_004_0.mp4",
}


def test_all_move_and_the_history_follows(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(db, out)
    before = tree(out)
    (out / "cat" / "dataset.json").write_text(
        json.dumps([{"path": "clip_001/clip_001_0.mp4", "label": "x"}, {"path": "elsewhere.mp4", "label": "y"}])
    )
    plan = legacy_move.plan(db)
    assert plan.text == "5 files move to 3 folders"
    assert tree(out) == before, "planning moves nothing"
    changes = legacy_move.apply(db, plan, JobContext())
    media = db.media.by_path("/v/a.mp4")
    assert changes.touches(Kind.CLIPS, media.id)
    assert tree(out) == MOVED
    assert known(db, out) == sorted(MOVED)
    assert sorted(path.name for path in (out / "cat").iterdir()) == ["dataset.json", "vid_001", "vid_002"]
    manifest = json.loads((out / "cat" / "dataset.json").read_text())
    assert sorted(entry["path"] for entry in manifest) == [
        "elsewhere.mp4",
        *(path.removeprefix("cat/") for path in sorted(MOVED) if path.startswith("cat/")),
    ]
    assert db.get_training_stats() == {"cat": {"clips": 4, "videos": 2}, "dog": {"clips": 1, "videos": 1}}
    assert legacy_move.plan(db).moves == ()
    assert not legacy_move.recover(db)
    assert db.profiles.media_number(db.profiles.ensure("default"), media.id) == 1


CHILD = """
import os, signal, sys
from pathlib import Path
from core.db import ProcessedDB
from core.job import JobContext
from core.ops import legacy_move

class Deadly(JobContext):
    left = int(sys.argv[2])
    def progress(self, *args):
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

db = ProcessedDB(Path(sys.argv[1]))
legacy_move.apply(db, legacy_move.plan(db), Deadly())
db.close()
"""


@pytest.mark.parametrize("step", range(14))
def test_kill_at_every_step(tmp_path: Path, step: int) -> None:
    out = tmp_path / "out"
    with ProcessedDB(tmp_path / "history.db") as db:
        fill(db, out)
        before = tree(out)
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "history.db"), str(step)], cwd=ROOT, check=False, timeout=60
    )
    # Two calls for each of five files, one for each of two manifests, none after them.
    assert child.returncode == (-signal.SIGKILL if step < 12 else 0)
    assert sorted(tree(out).values()) == sorted(before.values()), "no file is lost, doubled or half"
    with ProcessedDB(tmp_path / "history.db") as db:
        changes = legacy_move.recover(db)
        assert changes or step >= 10
        assert tree(out) == MOVED
        assert known(db, out) == sorted(MOVED)
        assert not any(out.glob("*/clip_*"))
        assert not legacy_move.recover(db)
        assert len(json.loads((out / "cat" / "dataset.json").read_text())) == 4
        assert len(json.loads((out / "dog" / "dataset.json").read_text())) == 1


def test_taken_names_and_missing_files_stay(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(db, out / "cat", 1, "a.mp4", 3)
    (out / "cat" / "clip_001" / "clip_001_1.mp4").unlink()
    plan = legacy_move.plan(db)
    assert [reason for _, reason in plan.staying] == ["the file is missing"]
    late = out / "cat" / "vid_001" / "clip_001_0.mp4"
    late.parent.mkdir()
    late.write_text("came after the plan")
    ctx = JobContext()
    legacy_move.apply(db, plan, ctx)
    assert tree(out) == {
        "cat/clip_001/clip_001_0.mp4": "cat/clip_001/clip_001_0.mp4",
        "cat/vid_001/clip_001_0.mp4": "came after the plan",
        "cat/vid_001/clip_001_2.mp4": "cat/clip_001/clip_001_2.mp4",
    }
    assert known(db, out) == [
        "cat/clip_001/clip_001_0.mp4",
        "cat/clip_001/clip_001_1.mp4",
        "cat/vid_001/clip_001_2.mp4",
    ]
    assert any("stays where it is" in line for line in ctx.log_lines)


def test_folders_that_hold_something_else_are_not_used(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "cat" / "vid_001").mkdir(parents=True)
    (out / "cat" / "vid_001" / "somebody.mp4").write_text("else")
    export(db, out / "cat", 1, "a.mp4", 1)
    export(db, out / "cat", 2, "b.mp4", 1, profile="other")
    plan = legacy_move.plan(db)
    legacy_move.apply(db, plan, JobContext())
    # Profile "other" starts its numbers at 1 too, and both folders 1 and 2 have an owner by then.
    assert tree(out) == {
        "cat/vid_001/somebody.mp4": "else",
        "cat/vid_002/clip_001_0.mp4": "cat/clip_001/clip_001_0.mp4",
        "cat/vid_003/clip_002_0.mp4": "cat/clip_002/clip_002_0.mp4",
    }


def test_two_profiles_of_one_file_follow_it(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(db, out / "cat", 1, "a.mp4", 1)
    export(db, out / "cat", 1, "a.mp4", 1, profile="copy")
    legacy_move.apply(db, legacy_move.plan(db), JobContext())
    assert list(tree(out)) == ["cat/vid_001/clip_001_0.mp4"]
    assert known(db, out) == ["cat/vid_001/clip_001_0.mp4"] * 2


def test_a_sequence_of_pictures_moves_with_its_sound(db: ProcessedDB, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "cat" / "clip_001"
    (folder / "clip_001_0").mkdir(parents=True)
    (folder / "clip_001_0" / "0001.webp").write_text("picture")
    (folder / "clip_001_0.wav").write_text("sound")
    db.add("a.mp4", 1.0, str(folder / "clip_001_0"), fmt="WEBP", source_path="/v/a.mp4")
    legacy_move.apply(db, legacy_move.plan(db), JobContext())
    assert tree(tmp_path / "out") == {
        "cat/vid_001/clip_001_0.wav": "sound",
        "cat/vid_001/clip_001_0/0001.webp": "picture",
    }


def test_cancelling_keeps_what_moved(db: ProcessedDB, tmp_path: Path) -> None:
    class StopsEarly(JobContext):
        def progress(self, done: float, total: float, text: str = "") -> None:
            if done == 2:
                self.cancel()

    out = tmp_path / "out"
    fill(db, out)
    with pytest.raises(Cancelled):
        legacy_move.apply(db, legacy_move.plan(db), StopsEarly())
    assert len([path for path in tree(out) if "/vid_" in path]) == 2
    assert known(db, out) == sorted(tree(out))
    assert not legacy_move.recover(db), "cancelled is no crash"
    legacy_move.apply(db, legacy_move.plan(db), JobContext())
    assert tree(out) == MOVED


def test_a_file_that_vanished_after_the_crash_is_not_confused_with_another(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(db, out / "cat", 1, "a.mp4", 1)
    [move] = legacy_move.plan(db).moves
    db.moves.begin([(move, legacy_move._state(move.source))])
    Path(move.source).unlink()
    Path(move.target).parent.mkdir()
    Path(move.target).write_text("somebody else's")
    assert not legacy_move.recover(db)
    assert known(db, out) == ["cat/clip_001/clip_001_0.mp4"]


def test_a_plan_that_history_overtook_is_refused(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(db, out / "cat", 1, "a.mp4", 1)
    before = tree(out)
    plan = legacy_move.plan(db)
    other = db.media.register("b3-2", "/v/b.mp4")
    db.profiles.take_media_number(db.profiles.ensure("default"), other.id)
    with pytest.raises(UserError, match="could not be moved"):
        legacy_move.apply(db, plan, JobContext())
    assert tree(out) == before


@pytest.mark.allow_warnings
def test_a_folder_that_cannot_be_made_keeps_the_files(db: ProcessedDB, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(db, out / "cat", 1, "a.mp4", 1)
    plan = legacy_move.plan(db)
    (out / "cat" / "vid_001").write_text("a file in the way")
    legacy_move.apply(db, plan, JobContext())
    assert known(db, out) == ["cat/clip_001/clip_001_0.mp4"]
    assert (out / "cat" / "clip_001" / "clip_001_0.mp4").exists()
