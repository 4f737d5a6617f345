"""Clips leave and come back, files and rows together, whatever goes wrong in between."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.changes import Kind
from core.db import ProcessedDB
from core.domain.export import JobState
from core.errors import Cancelled, EnvironmentProblem, UserError
from core.job import JobContext
from core.media import relocate
from core.ops import manifest, replace, trash
from core.ops.swap import is_quick, recover, swap
from tests.core.ops.history_files import cut, exchange, ids, overwrite, put, request, tree

ROOT = Path(__file__).resolve().parents[3]
# A disk of its own in memory; a machine without one tests the same with its temporary folder.
SECOND_DISK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    return tmp_path / "data" / "trash"


@pytest.fixture
def dogs(tmp_path: Path) -> Path:
    return tmp_path / "dogs"


def marked(db: ProcessedDB, media_id: int, profile: str = "default") -> list[int]:
    return [marker.batch_id for marker in db.clips.markers(media_id, profile)]


def listed(folder: Path) -> list[str]:
    return [entry["path"] for entry in json.loads((folder / "dataset.json").read_text())]


def refuse_renames(monkeypatch: pytest.MonkeyPatch, number: int, times: int = 1) -> None:
    """Fail with this error number in place of the n-th renames or links to come."""
    real, left = relocate.place, [times]

    def place(made: Path, final: Path, **how: bool) -> None:
        if left[0]:
            left[0] -= 1
            raise OSError(number, os.strerror(number), str(made))
        real(made, final, **how)

    monkeypatch.setattr(relocate, "place", place)


def test_deleted_clips_lie_in_the_trash_and_come_back_as_the_same_rows(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path
) -> None:
    job = cut(db, request(db, source, dogs))
    before, clips = tree(dogs), ids(db, job.batch_id)
    changes = trash.delete(db, bin_, clips)
    manifest.follow(db)
    assert changes.touches(Kind.CLIPS, job.request.media.id)
    assert tree(dogs) == {}
    assert not (dogs / "vid_001").exists()
    assert sorted(tree(bin_).values()) == sorted(before.values())
    assert listed(dogs) == []
    assert marked(db, job.request.media.id) == []
    assert trash.totals(db).files == 2

    trash.restore(db, bin_, clips)
    manifest.follow(db)
    assert tree(dogs) == before
    assert tree(bin_) == {}
    assert list(bin_.rglob("*")) == []
    assert ids(db, job.batch_id) == clips
    assert listed(dogs) == sorted(before)


def test_some_clips_of_a_batch_go_and_the_others_stay(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    job = cut(db, request(db, source, dogs))
    first, second = ids(db, job.batch_id)
    trash.delete(db, bin_, [first])
    (marker,) = db.clips.markers(job.request.media.id, "default")
    assert marker.clip_ids == (second,)
    trash.delete(db, bin_, [second])
    assert db.clips.batch_shape(job.batch_id) is None
    trash.restore(db, bin_, [second])
    assert ids(db, job.batch_id) == (second,), "the first one was deleted before and stays so"


def test_a_file_that_another_profile_uses_stays(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    job = cut(db, request(db, source, dogs))
    shared = job.clips[0].path
    other = db.add(str(source), 0.2, shared, profile="second", source_path=str(source))
    first, second = ids(db, job.batch_id)
    shown = trash.preview(db, [first, second])
    assert [(clip.id, clip.stays_for) for clip in shown.clips] == [(first, "second"), (second, "")]
    trash.delete(db, bin_, [first, second])
    assert Path(shared).is_file()
    assert marked(db, job.request.media.id) == []
    assert marked(db, job.request.media.id, "second") != []

    trash.delete(db, bin_, [other])
    assert not Path(shared).exists(), "nobody uses it any more"
    trash.restore(db, bin_, [first, second])
    assert Path(shared).is_file(), "the file that left for the other profile serves this one"
    trash.restore(db, bin_, [other])
    assert marked(db, job.request.media.id, "second") != []
    assert trash.totals(db).files == 0


def test_an_overwrite_keeps_names_and_comes_undone(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    asked = request(db, source, dogs)
    job = cut(db, asked, b"old")
    before = tree(dogs)
    old, new = overwrite(db, asked, job.batch_id, bin_, b"new")
    after = tree(dogs)
    assert list(after) == list(before)
    assert all(content.startswith(b"new") for content in after.values())
    assert sorted(tree(bin_).values()) == sorted(before.values())
    (marker,) = db.clips.markers(job.request.media.id, "default")
    assert (marker.clip_ids, marker.number) == (new, 1)
    exchange(db, bin_, new, old)
    assert tree(dogs) == before
    exchange(db, bin_, old, new)
    assert tree(dogs) == after
    assert listed(dogs) == sorted(after)


def test_until_all_new_files_are_good_the_old_ones_stay(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    asked = request(db, source, dogs)
    job = cut(db, asked, b"old")
    before = tree(dogs)
    planned = replace.plan(db, asked, job.batch_id)
    put(replace.staged_path(planned, planned.clips[0]), b"half")
    db.jobs.clip_done(planned.id, 0, planned.clips[0].audit or job.clips[0].audit)
    visible = {name: content for name, content in tree(dogs).items() if ".new/" not in name}
    assert visible == before
    assert marked(db, job.request.media.id) == [job.batch_id]
    assert db.get_training_stats() == {"dogs": {"clips": 2, "videos": 1}}
    replace.drop_staged(planned)
    assert tree(dogs) == before


def test_what_another_profile_uses_is_not_overwritten_but_gets_a_new_number(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path
) -> None:
    asked = request(db, source, dogs)
    job = cut(db, asked, b"old")
    db.add(str(source), 0.2, job.clips[0].path, profile="second", source_path=str(source))
    overwrite(db, asked, job.batch_id, bin_, b"new")
    assert Path(job.clips[0].path).read_bytes().startswith(b"old")
    assert (dogs / "vid_001" / "clip_001_m2_0.mp4").read_bytes().startswith(b"new")
    assert not Path(job.clips[1].path).exists()


def test_a_name_that_was_taken_meanwhile_changes_nothing(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    job = cut(db, request(db, source, dogs))
    clips = ids(db, job.batch_id)
    trash.delete(db, bin_, clips)
    put(job.clips[1].path, b"theirs")
    with pytest.raises(UserError, match="Another file has its name"):
        trash.restore(db, bin_, clips)
    assert tree(dogs) == {"vid_001/clip_001_m1_1.mp4": b"theirs"}
    assert trash.totals(db).files == 2
    assert db.trash.open_swaps() == []


def test_clips_whose_files_are_gone_can_be_deleted_and_restored(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path
) -> None:
    job = cut(db, request(db, source, dogs))
    Path(job.clips[0].path).unlink()
    clips = ids(db, job.batch_id)
    assert [clip.missing for clip in trash.preview(db, clips).clips] == [True, False]
    trash.delete(db, bin_, clips)
    trash.restore(db, bin_, clips)
    assert ids(db, job.batch_id) == clips
    assert list(tree(dogs)) == ["vid_001/clip_001_m1_1.mp4"]


def test_a_picture_sequence_moves_with_its_sound(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    folder = dogs / "vid_001" / "clip_001_m1_0"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number:05d}.webp").write_bytes(b"picture %d" % number)
    folder.with_name("clip_001_m1_0.wav").write_bytes(b"sound")
    clip = db.add(str(source), 0.2, str(folder), fmt="WebP", source_path=str(source))
    before = tree(dogs)
    trash.delete(db, bin_, [clip])
    assert tree(dogs) == {}
    assert trash.totals(db).size_bytes == 9 * 3 + 5
    trash.restore(db, bin_, [clip])
    assert tree(dogs) == before


def test_a_trash_on_another_disk_gets_a_verified_copy(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cut(db, request(db, source, dogs))
    before, clips = tree(dogs), ids(db, job.batch_id)
    real = relocate._disk
    monkeypatch.setattr(relocate, "_disk", lambda path: -1 if bin_ in (path, *path.parents) else real(path))
    assert not is_quick(db, bin_, clips)
    trash.delete(db, bin_, clips)
    assert tree(dogs) == {}
    assert sorted(tree(bin_).values()) == sorted(before.values())
    trash.restore(db, bin_, clips)
    assert tree(dogs) == before


def test_a_disk_that_only_admits_it_when_asked_to_rename(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cut(db, request(db, source, dogs))
    before, clips = tree(dogs), ids(db, job.batch_id)
    assert is_quick(db, bin_, clips)
    refuse_renames(monkeypatch, errno.EXDEV)
    trash.delete(db, bin_, clips)
    assert sorted(tree(bin_).values()) == sorted(before.values())
    assert tree(dogs) == {}


def test_a_real_second_disk(db: ProcessedDB, source: Path, dogs: Path) -> None:
    with tempfile.TemporaryDirectory(dir=SECOND_DISK) as name:
        bin_ = Path(name) / "trash"
        job = cut(db, request(db, source, dogs))
        before, clips = tree(dogs), ids(db, job.batch_id)
        trash.delete(db, bin_, clips)
        assert sorted(tree(bin_).values()) == sorted(before.values())
        trash.restore(db, bin_, clips)
        assert tree(dogs) == before


def test_a_copy_that_reads_back_differently_is_not_trusted(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cut(db, request(db, source, dogs))
    before = tree(dogs)
    real = relocate._disk
    monkeypatch.setattr(relocate, "_disk", lambda path: -1 if bin_ in (path, *path.parents) else real(path))

    def spoil(_: Path, target: Path) -> None:
        target.write_bytes(b"rubbish")

    monkeypatch.setattr(relocate.shutil, "copystat", spoil)
    with pytest.raises(EnvironmentProblem):
        trash.delete(db, bin_, ids(db, job.batch_id))
    assert tree(dogs) == before
    assert tree(bin_) == {}
    assert marked(db, job.request.media.id) == [job.batch_id]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_when_the_second_file_cannot_be_moved_the_first_goes_back(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    job = cut(db, request(db, source, dogs))
    before = tree(dogs)
    real, calls = relocate.place, []

    def place(made: Path, final: Path, **how: bool) -> None:
        calls.append(final)
        if len(calls) == 2:
            raise OSError(number, os.strerror(number), str(made))
        real(made, final, **how)

    monkeypatch.setattr(relocate, "place", place)
    with pytest.raises(EnvironmentProblem):
        trash.delete(db, bin_, ids(db, job.batch_id))
    assert tree(dogs) == before
    assert tree(bin_) == {}
    assert db.trash.open_swaps() == []
    assert trash.totals(db).files == 0
    assert marked(db, job.request.media.id) == [job.batch_id]


@pytest.mark.allow_warnings
def test_what_can_neither_go_on_nor_back_is_carried_on_at_the_next_start(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cut(db, request(db, source, dogs))
    before = tree(dogs)
    with monkeypatch.context() as patch:
        real, calls = relocate.place, []

        def place(made: Path, final: Path, **how: bool) -> None:
            calls.append(final)
            if len(calls) >= 2:
                raise PermissionError(errno.EACCES, "Permission denied", str(made))
            real(made, final, **how)

        patch.setattr(relocate, "place", place)
        with pytest.raises(EnvironmentProblem, match="carries on at its next start"):
            trash.delete(db, bin_, ids(db, job.batch_id))
    assert sorted([*tree(dogs).values(), *tree(bin_).values()]) == sorted(before.values())
    assert recover(db).touches(Kind.CLIPS, job.request.media.id)
    assert tree(dogs) == {}
    assert sorted(tree(bin_).values()) == sorted(before.values())
    assert marked(db, job.request.media.id) == []


def test_cancelling_a_long_move_leaves_everything(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    job = cut(db, request(db, source, dogs))
    before, ctx = tree(dogs), JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        trash.delete(db, bin_, ids(db, job.batch_id), ctx)
    assert tree(dogs) == before
    assert db.trash.open_swaps() == []


def test_a_batch_that_is_being_exported_cannot_be_deleted(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path
) -> None:
    asked = request(db, source, dogs)
    job = cut(db, asked)
    before, clips = tree(dogs), ids(db, job.batch_id)
    planned = replace.plan(db, asked, job.batch_id)
    with pytest.raises(UserError, match="being exported"):
        trash.delete(db, bin_, clips)
    assert tree(dogs) == before
    db.jobs.set_state(planned.id, JobState.CANCELLED)
    trash.delete(db, bin_, clips)
    assert tree(dogs) == {}


KILL = """
import os, signal, sys
from pathlib import Path
from core.db import ProcessedDB
from core.media import relocate
from core.ops import swap
steps = [int(sys.argv[4])]
def dying(call):
    def wrapped(*args, **kwargs):
        if steps[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        steps[0] -= 1
        return call(*args, **kwargs)
    return wrapped
relocate.place = dying(relocate.place)
relocate.os.unlink = dying(os.unlink)
db = ProcessedDB(sys.argv[1])
db.trash.finish = dying(db.trash.finish)
leaving, coming = ([int(n) for n in part.split(",") if n] for part in sys.argv[3].split(":"))
swap.swap(db, Path(sys.argv[2]), leaving, coming)
"""


@pytest.mark.parametrize("step", range(10))
def test_killed_at_any_step_an_exchange_is_finished_at_the_next_start(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path, step: int
) -> None:
    asked = request(db, source, dogs)
    job = cut(db, asked, b"old")
    before = tree(dogs)
    old, new = overwrite(db, asked, job.batch_id, bin_, b"new")
    words = f"{','.join(map(str, new))}:{','.join(map(str, old))}"
    done = subprocess.run(
        [sys.executable, "-c", KILL, str(db.path), str(bin_), words, str(step)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    recover(db)
    assert tree(dogs) == before
    assert ids(db, job.batch_id) == old
    assert db.trash.open_swaps() == []
    exchange(db, bin_, old, new)
    assert all(content.startswith(b"new") for content in tree(dogs).values())


def test_purging_is_for_good_and_undo_says_so(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    job = cut(db, request(db, source, dogs))
    clips = ids(db, job.batch_id)
    trash.delete(db, bin_, clips)
    assert trash.purge(db, older_than_days=1).files == 0
    assert [Path(item.original).name for item in trash.contents(db)] == ["clip_001_m1_1.mp4", "clip_001_m1_0.mp4"]
    assert [Path(item.original).name for item in trash.contents(db, 1)] == ["clip_001_m1_1.mp4"]
    purged = trash.purge(db)
    assert (purged.files, trash.totals(db).files) == (2, 0)
    assert list(bin_.rglob("*")) == []
    with pytest.raises(UserError, match="for good"):
        trash.restore(db, bin_, clips)
    assert marked(db, job.request.media.id) == []


def test_labels_change_and_dataset_json_follows(db: ProcessedDB, source: Path, dogs: Path) -> None:
    job = cut(db, request(db, source, dogs))
    trash.relabel(db, {job.batch_id: ("howl", "Animal")})
    manifest.follow(db)
    entries = json.loads((dogs / "dataset.json").read_text())
    assert {(entry["label"], entry["category"]) for entry in entries} == {("howl", "Animal")}
    assert db.clips.recent_labels("default", 5) == ["howl"]
    with pytest.raises(UserError):
        trash.relabel(db, {999: ("x", "")})


def test_an_unparsable_dataset_json_is_kept_aside_when_it_follows(
    db: ProcessedDB, source: Path, dogs: Path, bin_: Path
) -> None:
    job = cut(db, request(db, source, dogs))
    (dogs / "dataset.json").write_text("{ this is not")
    trash.delete(db, bin_, ids(db, job.batch_id)[:1])
    manifest.follow(db)
    assert listed(dogs) == ["vid_001/clip_001_m1_1.mp4"]
    assert [path.read_text() for path in dogs.glob("dataset.json.broken-*")] == ["{ this is not"]


@pytest.mark.allow_warnings
def test_a_dataset_json_that_cannot_be_written_now_stays_due(
    db: ProcessedDB, source: Path, dogs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = cut(db, request(db, source, dogs))
    trash.relabel(db, {job.batch_id: ("howl", "")})
    with monkeypatch.context() as patch:
        patch.setattr(manifest.manifest, "_replace", _denied)
        manifest.follow(db)
    assert db.trash.due_manifests() == [str(dogs)]
    manifest.follow(db)
    assert db.trash.due_manifests() == []
    assert json.loads((dogs / "dataset.json").read_text())[0]["label"] == "howl"


def _denied(path: Path, _: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


def test_clips_kept_out_of_training_stay_where_they_are(db: ProcessedDB, source: Path, dogs: Path) -> None:
    job = cut(db, request(db, source, dogs))
    before, clips = tree(dogs), ids(db, job.batch_id)
    trash.set_training(db, clips, False)
    assert db.get_training_stats() == {}
    (marker,) = db.clips.markers(job.request.media.id, "default")
    assert marker.disabled
    trash.set_training(db, clips, True)
    assert db.get_training_stats() == {"dogs": {"clips": 2, "videos": 1}}
    assert tree(dogs) == before


def test_swapping_what_is_there_already_changes_nothing(db: ProcessedDB, source: Path, dogs: Path, bin_: Path) -> None:
    job = cut(db, request(db, source, dogs))
    before = tree(dogs)
    assert not swap(db, bin_, coming=ids(db, job.batch_id))
    assert tree(dogs) == before
