"""Rounds between machines: one test set for all, no video moves, and what disagrees is said and left alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.adopted_round import is_adopted
from core.annotation.round_folder import FROZEN, RoundFolder, alone_in, read_step
from core.annotation.split import extend_split, make_split
from core.db import ProcessedDB
from core.domain.annotation import QueueEntry
from core.domain.split import Split
from core.errors import UserError
from core.ops import run_round
from core.ops.label_exchange import ImportSummary, collect, export_labels, import_labels, merge
from core.ops.round_exchange import rounds_home
from core.paths import data_paths
from tests.core.annotation.labelled import MOOD, frame, project, say
from tests.core.annotation.made_rounds import metrics_of, numbered, ran
from tests.core.ops.round_world import QUICK, round_world


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ProcessedDB]]:
    """Makes another machine: an empty history in a data folder of its own."""
    numbers, folder, made = count(), tmp_path_factory.mktemp("machines"), []
    empty = folder / "empty.db"
    ProcessedDB(empty).close()

    def make() -> ProcessedDB:
        paths = data_paths(folder / str(next(numbers))).prepare()
        shutil.copy(empty, paths.database)
        made.append(ProcessedDB(paths.database))
        return made[-1]

    yield make
    for each in made:
        each.close()


def opened(folder: Path) -> ProcessedDB:
    return ProcessedDB(data_paths(folder).prepare().database)


def send(source: ProcessedDB, target: ProcessedDB, uid: str) -> ImportSummary:
    """Everything about the project from one machine to another, through a file."""
    file = target.path.parent / "labels.jsonl"
    export_labels(source, source.annotation.by_uid(uid), file)
    return import_labels(target, file)[0]


def split_of(db: ProcessedDB, uid: str) -> Split | None:
    rounds = db.annotation.rounds(db.annotation.by_uid(uid).id)
    return Split.from_json(read_step(Path(rounds[-1].folder), "split")) if rounds else None


def test_a_machine_goes_on_with_the_test_set_that_another_one_froze(tmp_path: Path) -> None:
    with round_world(tmp_path / "here") as here, opened(tmp_path / "there") as there:
        here.answer_some()
        first, _ = run_round.run(here.db, "kitchen", 0, QUICK, paths=here.paths)
        for path in here.files.values():
            there.media.register(here.db.media.by_path(str(path)).content_key, str(path))
        summary = send(here.db, there, here.project.uid)
        assert (summary.rounds, summary.kept, summary.created) == (1, "", True)
        came = there.annotation.rounds(summary.project.id)[0]
        assert came.metrics == first.metrics
        assert Path(came.folder).is_relative_to(tmp_path / "there")
        for name in ("metrics.json", "figure.svg"):
            assert (Path(came.folder) / name).read_bytes() == (first.folder / name).read_bytes()
        second, _ = run_round.run(there, "kitchen", 1, QUICK)
        assert read_step(second.folder, "split") == read_step(first.folder, "split")
        assert "starts anew: its model of round 0 is on another machine" in second.metrics["problems"][0]
        assert send(there, here.db, here.project.uid).rounds == 1
        assert [each.number for each in here.db.annotation.rounds(here.project.id)] == [0, 1]
        assert not is_adopted(first.folder), "what was run here stays, with its models"


def test_a_round_zero_that_came_is_run_again_with_its_test_set(tmp_path: Path) -> None:
    with round_world(tmp_path / "here") as here, opened(tmp_path / "there") as there:
        here.answer_some()
        first, _ = run_round.run(here.db, "kitchen", 0, QUICK, paths=here.paths)
        for name in list(here.files)[:4]:
            path = here.files[name]
            there.media.register(here.db.media.by_path(str(path)).content_key, str(path))
        send(here.db, there, here.project.uid)
        again, _ = run_round.run(there, "kitchen", 0, QUICK)
        assert read_step(again.folder, "split") == read_step(first.folder, "split")


def test_two_test_sets_are_kept_apart_and_the_labels_still_come(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    send(here, there, made.uid)
    theirs = there.annotation.by_uid(made.uid)
    ran(here, made, 0, numbered(test=0))
    ran(there, theirs, 0, numbered(test=2))
    ran(there, theirs, 1, numbered(test=2), minute=1)
    say(there, theirs, "bo", frame(0, 0), "happy")
    summary = send(there, here, made.uid)
    assert (summary.answers, summary.rounds, summary.queue) == (1, 0, False)
    assert "another test set was frozen there (00.mp4, 02.mp4)" in summary.kept
    assert split_of(here, made.uid) == numbered(test=0)
    assert here.annotation.newest_queue(made.id).round == 0
    assert send(there, here, made.uid).kept == summary.kept, "said each time"


def test_the_test_set_of_a_round_that_was_stopped_when_made_anew_stays(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    send(here, there, made.uid)
    folder = ran(here, made, 0, numbered(test=0))
    RoundFolder(folder, {"project": made.uid}).step(FROZEN, numbered(test=0).to_json)
    ran(there, there.annotation.by_uid(made.uid), 0, numbered(test=2), minute=1)
    assert "another test set was frozen there" in send(there, here, made.uid).kept
    assert collect(here, made).rounds[0].split == numbered(test=0)


def test_a_video_that_teaches_there_and_validates_here_stays_where_it_is(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    ran(here, made, 0, numbered(test=0))
    send(here, there, made.uid)
    theirs = there.annotation.by_uid(made.uid)
    ran(here, made, 1, extend_split(numbered(test=0), {"b3-new": ["happy"]}), minute=1)
    moved = numbered(test=0)
    ran(there, theirs, 1, Split(moved.train, moved.validation | {"b3-new"}, moved.test), minute=2)
    ran(there, theirs, 2, Split(moved.train, moved.validation | {"b3-new"}, moved.test), minute=3)
    summary = send(there, here, made.uid)
    assert summary.rounds == 0
    assert "validate on the other (b3-new)" in summary.kept
    assert "b3-new" in split_of(here, made.uid).train


def test_a_machine_that_only_labels_follows_the_one_that_runs_rounds(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    folder = ran(here, made, 0, numbered(test=0))
    assert send(here, there, made.uid).rounds == 1
    assert send(here, there, made.uid).unchanged
    theirs = there.annotation.by_uid(made.uid)
    ran(here, made, 0, numbered(test=0), minute=5)
    ran(here, made, 1, numbered(test=0), minute=6)
    back = send(there, here, made.uid)
    assert (back.rounds, back.kept) == (0, ""), "an older run of a round is no news"
    assert (folder / "model_mood.safetensors").is_file()
    assert send(here, there, made.uid).rounds == 2
    assert [each.finished_at for each in there.annotation.rounds(theirs.id)] == [
        each.finished_at for each in here.annotation.rounds(made.id)
    ]
    assert there.annotation.newest_queue(theirs.id) == here.annotation.newest_queue(made.id)


def test_rounds_on_another_run_of_a_round_stay_there(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    ran(here, made, 0, numbered(test=0))
    send(here, there, made.uid)
    theirs = there.annotation.by_uid(made.uid)
    ran(here, made, 1, numbered(test=0), minute=1)
    ran(there, theirs, 1, numbered(test=0), minute=2)
    ran(there, theirs, 2, numbered(test=0), minute=3)
    summary = send(there, here, made.uid)
    assert (summary.rounds, summary.queue) == (0, False)
    assert summary.kept.startswith("Round 1 was run on both machines.")


def test_a_queue_without_rounds_never_asks_for_a_test_video(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    send(here, there, made.uid)
    ran(here, made, 0, numbered(test=0))
    theirs = there.annotation.by_uid(made.uid)
    there.annotation.set_queue(theirs.id, 7, [QueueEntry(frame(0, 3).key, 1.0, "random", 1.0)])
    summary = send(there, here, made.uid)
    assert (summary.queue, here.annotation.newest_queue(made.id).round) == (False, 0)
    assert "asks for videos that judge here (00.mp4)" in summary.kept


def test_rounds_whose_files_are_gone_are_not_exported_and_come_back_by_an_import(
    machine: Callable[[], ProcessedDB], tmp_path: Path
) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    folders = [ran(here, made, number, numbered(test=0), minute=number) for number in range(2)]
    send(here, there, made.uid)
    for path in (folders[0] / "steps" / "split.json", folders[0] / "metrics.json"):
        path.unlink()
    assert len(collect(here, made).rounds) == 2, "the place of a video is the same in a later round"
    for path in (folders[1] / "steps" / "split.json", folders[1] / "metrics.json"):
        path.unlink()
    told = export_labels(here, made, tmp_path / "labels.jsonl")
    assert told == "The split and the rounds are not in it, since the files of round 1 are gone"
    assert read_header(tmp_path / "labels.jsonl")["version"] == 1
    assert read_header(there.path.with_name("labels.jsonl"))["version"] == 2
    for folder in folders:
        folder.rename(folder.with_name(f"old {folder.name}"))
    assert send(there, here, made.uid).rounds == 2
    assert split_of(here, made.uid) == numbered(test=0)


def read_header(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text().splitlines()[0])


def test_models_that_are_still_there_are_found_again(machine: Callable[[], ProcessedDB], tmp_path: Path) -> None:
    """The history of the machine that ran the rounds is lost, their folders are not."""
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    folder = ran(here, made, 0, numbered(test=0))
    send(here, there, made.uid)
    with ProcessedDB(here.path.with_name("new.db")) as again:
        assert send(there, again, made.uid).rounds == 1
        assert again.annotation.rounds(again.annotation.by_uid(made.uid).id)[0].folder == str(folder)
        assert not is_adopted(folder)
    (folder / "metrics.json").write_text("{}")
    with ProcessedDB(here.path.with_name("third.db")) as third:
        summary = send(there, third, made.uid)
        assert (summary.rounds, "It holds a round that was run here" in summary.kept) == (0, True)
        assert (folder / "model_mood.safetensors").is_file()


def test_a_round_that_is_being_run_is_not_written_into(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    send(here, there, made.uid)
    ran(here, made, 0, numbered(test=0))
    theirs = there.annotation.by_uid(made.uid)
    with alone_in(rounds_home(data_paths(there.path.parent), theirs) / "round_00"):
        summary = send(here, there, made.uid)
    assert (summary.rounds, "is being run already" in summary.kept) == (0, True)


def test_likely_errors_are_looked_for_where_the_models_are(machine: Callable[[], ProcessedDB]) -> None:
    here, there = machine(), machine()
    made = project(here, tasks=(MOOD,))
    ran(here, made, 0, numbered(test=0))
    send(here, there, made.uid)
    with pytest.raises(UserError, match="is on the machine that ran it"):
        run_round.label_errors(there, there.annotation.by_uid(made.uid))


def test_a_uid_that_is_a_path_leads_nowhere(machine: Callable[[], ProcessedDB], tmp_path: Path) -> None:
    file, rows = lines_of(machine(), tmp_path)
    rows[0]["project"]["uid"] = "/../../x"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    other = machine()
    summary, _ = import_labels(other, file)
    folder = Path(other.annotation.rounds(summary.project.id)[0].folder)
    assert folder.resolve().parent.parent == data_paths(other.path.parent).rounds.resolve()


STEPS = st.lists(
    st.tuples(st.sampled_from(("run", "again", "send", "send", "send")), st.integers(0, 2), st.integers(0, 2)),
    min_size=6,
    max_size=10,
)


@settings(max_examples=8, deadline=None)
@given(STEPS)
def test_whatever_is_run_and_sent_no_test_video_ever_teaches(
    machine: Callable[[], ProcessedDB], steps: list[tuple[str, int, int]]
) -> None:
    machines, minutes = [machine() for _ in range(3)], count()
    uid = project(machines[0], tasks=(MOOD,)).uid
    for other in machines[1:]:
        send(machines[0], other, uid)
    known: list[Split | None] = [None] * 3
    for step, at, other in [("run", 0, 0), ("run", 1, 1), *steps]:
        db = machines[at]
        if step == "send":
            send(machines[other], db, uid)
        else:
            made, before = db.annotation.by_uid(uid), split_of(db, uid)
            names = {f"b3-{number:02d}": ["happy", "sad"][number % 2 :] for number in range(at, 5)}
            split = extend_split(before, names) if before else make_split(names, seed=at)
            number = len(db.annotation.rounds(made.id)) - (step == "again" and before is not None)
            ran(db, made, number, split, next(minutes))
        now, before = split_of(db, uid), known[at]
        if before is not None:
            assert now.test == before.test
            assert now.train >= before.train
            assert now.validation >= before.validation
        known[at] = now


def lines_of(db: ProcessedDB, folder: Path) -> tuple[Path, list[dict[str, Any]]]:
    made = project(db, tasks=(MOOD,))
    for number in range(2):
        ran(db, made, number, numbered(test=0), minute=number)
    file = folder / "labels.jsonl"
    export_labels(db, made, file)
    return file, [json.loads(line) for line in file.read_text().splitlines()]


SPLIT = numbered(test=0).to_json()
TASK = metrics_of(1)["tasks"]["mood"]
NONSENSE: list[tuple[str, Any]] = [
    ("number", 3),
    ("number", True),
    ("finished_at", "yesterday"),
    ("split", {**SPLIT, "train": [*SPLIT["train"], *SPLIT["test"]]}),
    ("split", {**SPLIT, "test": SPLIT["validation"], "validation": SPLIT["test"]}),
    ("split", {**SPLIT, "test": [*SPLIT["test"], "b3-more"]}),
    ("split", {**SPLIT, "seed": "x"}),
    ("split", []),
    ("metrics", None),
    ("metrics", metrics_of(0)),
    ("metrics", {**metrics_of(1), "kind": "window"}),
    ("metrics", {**metrics_of(1), "sizes": {}}),
    ("metrics", {**metrics_of(1), "more": float("nan")}),
    ("metrics", {**metrics_of(1), "agreement": {"tasks": [{}]}}),
    ("metrics", {**metrics_of(1), "tasks": {"smell": TASK}}),
    ("metrics", {**metrics_of(1), "tasks": {"mood": {**TASK, "labels": {"happy": 1}}}}),
    ("metrics", {**metrics_of(1), "tasks": {"mood": {**TASK, "predictions": {"x": ["happy"]}}}}),
    ("metrics", {**metrics_of(1), "tasks": {"mood": {**TASK, "test": {**TASK["test"], "confusion": [[1]]}}}}),
]


@pytest.mark.parametrize(("name", "value"), NONSENSE, ids=str)
def test_a_round_that_makes_no_sense_is_refused_and_nothing_is_imported(
    machine: Callable[[], ProcessedDB], tmp_path: Path, name: str, value: Any
) -> None:
    file, rows = lines_of(machine(), tmp_path)
    row = next(row for row in rows if row["type"] == "round" and row["number"] == 1)
    right = row[name]
    other = machine()
    for wrong in ({**row, name: value}, {key: each for key, each in row.items() if key != name}):
        file.write_text("".join(json.dumps(wrong if each is row else each) + "\n" for each in rows))
        with pytest.raises(UserError, match=r"labels\.jsonl cannot be imported"):
            import_labels(other, file)
    assert other.annotation.projects() == ()
    row[name] = right
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert import_labels(other, file)[0].rounds == 2


def test_rounds_come_once_from_files_in_any_order(machine: Callable[[], ProcessedDB]) -> None:
    here = machine()
    made = project(here, tasks=(MOOD,))
    logs = []
    for number in range(3):
        ran(here, made, number, numbered(test=0), minute=number)
        logs.append(collect(here, made))
    ends = []
    for order in (logs, logs[::-1], [logs[1], logs[2], logs[0], logs[1]]):
        other = machine()
        for each in order:
            with other.write():
                merge(other, each)
        ends.append(collect(other, other.annotation.by_uid(made.uid)).rounds)
    assert ends == [logs[-1].rounds] * 3
