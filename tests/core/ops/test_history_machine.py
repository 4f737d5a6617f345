"""Any order of cutting, overwriting, deleting, undo, redo and renaming keeps the history true, in every profile.

The files are made without ffmpeg, everything else is the real thing: numbers, names, rows, moves and dataset.json.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.export import CutRequest, ExportSettings
from core.media.identity import content_key
from core.ops import manifest, trash
from tests.core.ops.history_files import cut, exchange, ids, overwrite, tree
from tests.media_factory import MediaShelf

PROFILES = ("default", "second")
Edit = tuple[tuple[int, ...], tuple[int, ...]]


class HistoryMachine(RuleBasedStateMachine):
    """What a person does in the window, as the window does it: an undo stack per profile over `swap`."""

    tiny: Path

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="8cut-machine-"))
        self.db = ProcessedDB(self.root / "history.db")
        self.trash = self.root / "trash"
        self.source = Path(shutil.copy(self.tiny, self.root / "source.mp4"))
        self.key = content_key(self.source)
        self.media_id = self.db.media.register(self.key, str(self.source)).id
        self.profile = PROFILES[0]
        self.done: list[Edit] = []
        self.undone: list[Edit] = []
        self.serial = 0
        self.before_session = self.picture()

    def teardown(self) -> None:
        self.undo_all()
        self.db.close()
        shutil.rmtree(self.root)

    # -- what a person does -------------------------------------------------------------------------------------------

    @rule(cursor=st.sampled_from((0.0, 0.2, 0.4)), clips=st.integers(1, 2), folder=st.sampled_from(("dogs", "cats")))
    def cut(self, cursor: float, clips: int, folder: str) -> None:
        job = cut(self.db, self.request(folder, Batch(cursor, clips, 0.5, 2.0)), self.content())
        self.edited((), ids(self.db, job.batch_id))

    @precondition(lambda self: self.markers())
    @rule(data=st.data(), folder=st.sampled_from(("dogs", "cats")))
    def overwrite(self, data: st.DataObject, folder: str) -> None:
        marker = data.draw(st.sampled_from(self.markers()), "marker")
        old = ids(self.db, marker.batch_id)
        asked = self.request(folder, marker.batch)
        assert overwrite(self.db, asked, marker.batch_id, self.trash, self.content())[0] == old
        made = max(self.markers(), key=lambda each: max(each.clip_ids))
        assert len(made.paths) == len(marker.paths), "as many files as before"
        self.edited(old, made.clip_ids)

    @precondition(lambda self: self.markers())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        marker = data.draw(st.sampled_from(self.markers()), "marker")
        doomed = tuple(data.draw(st.sets(st.sampled_from(marker.clip_ids), min_size=1), "clips"))
        trash.delete(self.db, self.trash, doomed)
        manifest.follow(self.db)
        self.edited(doomed, ())

    @precondition(lambda self: self.markers())
    @rule(data=st.data())
    def share_with_the_other_profile(self, data: st.DataObject) -> None:
        """As a duplicated profile does: another row, the same file."""
        marker = data.draw(st.sampled_from(self.markers()), "marker")
        other = next(profile for profile in PROFILES if profile != self.profile)
        batch = marker.batch
        row = self.db.add(
            str(self.source),
            batch.cursor_s,
            marker.paths[0],
            clip_count=1,
            clip_duration=batch.duration_s,
            spread=batch.spread_s,
            profile=other,
        )
        self.forget_edits()
        assert self.db.trash.clips([row])[0].live

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        leaving, coming = self.done.pop()
        exchange(self.db, self.trash, coming, leaving)
        self.undone.append((leaving, coming))

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        leaving, coming = self.undone.pop()
        exchange(self.db, self.trash, leaving, coming)
        self.done.append((leaving, coming))

    @rule()
    def switch_profile(self) -> None:
        self.profile = next(profile for profile in PROFILES if profile != self.profile)
        self.forget_edits()

    @rule()
    def rename_source(self) -> None:
        self.serial += 1
        self.source = self.source.rename(self.source.with_name(f"source {self.serial}.mp4"))
        assert self.db.media.register(self.key, str(self.source)).id == self.media_id

    @rule()
    def restart(self) -> None:
        self.db.close()
        self.db = ProcessedDB(self.root / "history.db")

    # -- what must hold whatever they did -----------------------------------------------------------------------------

    @invariant()
    def the_database_is_consistent(self) -> None:
        query = self.db._database.query
        assert [row[0] for row in query("PRAGMA integrity_check")] == ["ok"]
        assert query("PRAGMA foreign_key_check") == []
        assert self.db.trash.open_swaps() == []
        assert self.db.trash.due_manifests() == []

    @invariant()
    def every_live_clip_has_its_file_and_every_file_a_clip(self) -> None:
        rows = self.db._database.query(
            "SELECT c.path FROM clips c JOIN batches b ON b.id = c.batch_id"
            " WHERE c.state = 'done' AND c.deleted_at IS NULL AND b.deleted_at IS NULL"
        )
        on_disk = {str(self.root / name) for name in self.clips_on_disk()}
        assert {row[0] for row in rows} == on_disk

    @invariant()
    def the_trash_holds_what_it_says(self) -> None:
        held = {item.place for item in trash.contents(self.db)}
        assert held == {str(path) for path in self.trash.rglob("*") if path.is_file()}

    @invariant()
    def no_file_is_overwritten(self) -> None:
        """Every file that was ever made is somewhere, with its own contents."""
        contents = [*self.clips_on_disk().values(), *(tree(self.trash).values() if self.trash.exists() else ())]
        assert len(contents) == len(set(contents)) == self.made

    @invariant()
    def dataset_json_lists_what_is_there(self) -> None:
        for folder in ("dogs", "cats"):
            path = self.root / folder / "dataset.json"
            listed = {entry["path"] for entry in json.loads(path.read_text())} if path.exists() else set()
            there = {name for name in self.clips_on_disk() if name.startswith(folder)}
            assert {f"{folder}/{name}" for name in listed} == there

    # -- inside -------------------------------------------------------------------------------------------------------

    made = 0

    def content(self) -> bytes:
        """Different for every export, so that no file can stand in for another."""
        self.serial += 1
        return b"export %d" % self.serial

    def request(self, folder: str, batch: Batch) -> CutRequest:
        media = self.db.media.register(self.key, str(self.source))
        return CutRequest(media, batch, ExportSettings(str(self.root / folder), label="bark"), self.profile)

    def markers(self) -> list:
        return self.db.clips.markers(self.media_id, self.profile)

    def clips_on_disk(self) -> dict[str, bytes]:
        return {
            f"{folder}/{name}": content
            for folder in ("dogs", "cats")
            if (self.root / folder).exists()
            for name, content in tree(self.root / folder).items()
        }

    def picture(self) -> tuple:
        """Everything a person sees of the history: markers of both profiles, files, counts."""
        markers = [tuple(self.db.clips.markers(self.media_id, profile)) for profile in PROFILES]
        return markers, self.clips_on_disk(), [self.db.clips.counts(profile) for profile in PROFILES]

    def edited(self, leaving: tuple[int, ...], coming: tuple[int, ...]) -> None:
        self.done.append((leaving, coming))
        self.undone.clear()
        self.made += len(coming)

    def forget_edits(self) -> None:
        self.done.clear()
        self.undone.clear()
        self.before_session = self.picture()

    def undo_all(self) -> None:
        after = self.picture()
        steps = len(self.done)
        for _ in range(steps):
            self.undo()
        assert self.picture() == self.before_session, "undo-all returns to the start"
        for _ in range(steps):
            self.redo()
        assert self.picture() == after, "redo-all returns to the end"


def test_history_machine(media: MediaShelf) -> None:
    HistoryMachine.tiny = media("tiny")
    run: Callable = HistoryMachine.TestCase("runTest")
    HistoryMachine.TestCase.settings = settings(
        max_examples=15,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run.runTest()


@pytest.mark.parametrize("profile", PROFILES)
def test_the_machine_starts_from_nothing(media: MediaShelf, profile: str) -> None:
    HistoryMachine.tiny = media("tiny")
    machine = HistoryMachine()
    machine.profile = profile
    machine.cut(0.0, 2, "dogs")
    machine.teardown()
