"""Labels between machines: nothing lost, nothing doubled, whatever is merged in whatever order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.label_file import Labels, read
from core.db import ProcessedDB
from core.domain.annotation import NA, PERSPECTIVE, Project, QueueEntry, Step, Task
from core.errors import EnvironmentProblem, NewerDataError, UserError
from core.ops import label
from core.ops.label_exchange import Contradiction, collect, export_labels, import_labels, merge
from tests.core.annotation.labelled import MOOD, frame, project, say

CODERS = ("anna", "bo")
ACTIONS = (
    "sync",
    "sync",
    "say",
    "say",
    "say",
    "undo",
    "undo",
    "redo",
    "decide",
    "take back",
    "queue",
    "away",
    "back",
    "settings",
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[ProcessedDB]:
    with ProcessedDB(tmp_path / "history.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ProcessedDB]]:
    """Makes another machine: an empty history."""
    folder, numbers, opened = tmp_path_factory.mktemp("machines"), count(), []
    ProcessedDB(folder / "empty.db").close()

    def make() -> ProcessedDB:
        path = folder / f"{next(numbers)}.db"
        shutil.copy(folder / "empty.db", path)
        opened.append(ProcessedDB(path))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def take(db: ProcessedDB, *labels: Labels) -> Labels:
    """What a machine knows after merging these, its own row ids left out."""
    for each in labels:
        with db.write():
            merge(db, each)
    return known(db, labels[0].project.uid)


def known(db: ProcessedDB, uid: str) -> Labels:
    found = collect(db, db.annotation.by_uid(uid))
    found.project = replace(found.project, id=0)
    return found


def act(db: ProcessedDB, uid: str, action: str, coder: str, number: int) -> None:
    """One thing a person does on a machine."""
    made = db.annotation.by_uid(uid)
    item = frame(number % 3, 0)
    if action == "say":
        say(db, made, coder, item, ("happy", "sad", NA)[number % 3], repeat=number % 5 == 0)
    elif action == "undo":
        label.undo(db, made, coder)
    elif action == "redo":
        label.redo(db, made, coder)
    elif action in ("decide", "take back"):
        label.adjudicate(db, made, item.key, "mood", "sad" if action == "decide" else None, coder)
    elif action == "queue":
        db.annotation.set_queue(made.id, number % 2, [QueueEntry(item.key, number / 10, "random", 0.5)])
    elif action in ("away", "back") and coder in db.annotation.coders(made.id):
        label.set_away(db, made, coder, action == "away")
    elif action == "settings":
        label.change_project(db, replace(made, overlap=number / 10))


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(ACTIONS), st.sampled_from(CODERS), st.integers(0, 9)),
        min_size=10,
        max_size=40,
    )
)
def test_merging_is_commutative_associative_and_idempotent(
    fresh: Callable[[], ProcessedDB], actions: list[tuple[int, str, str, int]]
) -> None:
    machines = [fresh() for _ in range(3)]
    made = project(machines[0], videos=3, frames=1, tasks=(MOOD,), name=f"of {machines[0].path.stem}")
    for other in machines[1:]:
        take(other, collect(machines[0], made))
    for machine, action, coder, number in actions:
        if action == "sync":
            take(machines[machine], known(machines[number % 3], made.uid))
        else:
            act(machines[machine], made.uid, action, coder, number)
    logs = [known(machine, made.uid) for machine in machines]
    wanted = take(fresh(), *logs)
    for order in list(permutations(logs))[1:]:
        assert take(fresh(), *order) == wanted
    first, last = take(fresh(), logs[0], logs[1]), take(fresh(), logs[1], logs[2])
    assert take(fresh(), first, logs[2]) == take(fresh(), logs[0], last) == wanted
    assert take(machines[1], wanted) == wanted, "merging into a machine that labels, too"
    assert take(machines[1], *logs, wanted) == wanted
    said = {answer.uid for log in logs for answer in log.answers}
    assert {answer.uid for answer in wanted.answers} == said


def test_what_was_touched_last_counts_on_every_machine(fresh: Callable[[], ProcessedDB]) -> None:
    here, there = fresh(), fresh()
    made = project(here, tasks=(MOOD,), name=f"of {here.path.stem}")
    say(here, made, "anna", frame(0, 0), "happy")
    label.set_away(here, made, "anna", True)
    other = take_project(there, here, made)
    label.undo(here, made, "anna")
    label.undo(there, other, "anna")
    label.redo(there, other, "anna")
    label.set_away(there, other, "anna", False)
    label.set_away(here, made, "anna", True)
    logs = known(here, made.uid), known(there, made.uid)
    for order in (logs, logs[::-1]):
        merged = take(fresh(), *order)
        assert [answer.withdrawn for answer in merged.answers] == [False]
        assert [coder.away for coder in merged.coders] == [True]


def test_a_project_travels_whole(db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path) -> None:
    made = project(db, videos=2, frames=3)
    step = Step(frame(0, 1))
    said = {"perspective": "1st person", "distance": NA}
    label.save(db, made, "Ånna ", step, said, note="zu „dunkel“\n\u2028?", difficult=True, seconds=3.25, assisted=True)
    label.adjudicate(db, made, step.item.key, "distance", "Public", "bo")
    db.annotation.set_queue(made.id, 4, [QueueEntry(step.item.key, 0.7, "typical", 0.25)])
    file = tmp_path / "out" / "labels.jsonl"
    export_labels(db, made, file)
    other = fresh()
    summary, changes = import_labels(other, file)
    assert (summary.created, summary.items, summary.answers, summary.gold, summary.coders) == (True, 6, 2, 1, 1)
    assert summary.missing == ("00.mp4", "01.mp4")
    assert changes
    assert collect(other, summary.project).answers == collect(db, made).answers
    assert other.annotation.gold(summary.project.id) == {(step.item.key, "distance"): "Public"}
    assert other.annotation.queue(summary.project.id) == db.annotation.queue(made.id)
    assert other.annotation.answers(summary.project.id)[0].note == "zu „dunkel“\n\u2028?"


def test_the_same_file_twice_changes_nothing(db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path) -> None:
    made = project(db, tasks=(MOOD,))
    for number in range(10):
        say(db, made, "anna", frame(0, number), "happy")
    label.undo(db, made, "anna")
    export_labels(db, made, tmp_path / "labels.jsonl")
    other = fresh()
    import_labels(other, tmp_path / "labels.jsonl")
    before = known(other, made.uid)
    summary, changes = import_labels(other, tmp_path / "labels.jsonl")
    assert (summary.unchanged, bool(changes)) == (True, False)
    assert known(other, made.uid) == before
    own, changes = import_labels(db, tmp_path / "labels.jsonl")
    assert (own.unchanged, bool(changes)) == (True, False), "one's own file is no news either"


def test_two_exports_of_one_state_are_one_file(db: ProcessedDB, tmp_path: Path) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    for name in ("a", "b"):
        export_labels(db, made, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_contradictions_are_kept_and_reported(
    db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path
) -> None:
    made, other = project(db, tasks=(MOOD,)), fresh()
    there = take_project(other, db, made)
    say(db, made, "anna", frame(0, 0), "happy")
    say(db, made, "anna", frame(0, 1), "happy")
    say(other, there, "anna", frame(0, 0), "sad")
    say(other, there, "anna", frame(0, 1), "happy")
    say(other, there, "bo", frame(0, 0), "sad")
    export_labels(db, made, tmp_path / "labels.jsonl")
    summary, _ = import_labels(other, tmp_path / "labels.jsonl")
    key = frame(0, 0).key
    assert summary.contradictions == (Contradiction(key, "mood", "anna", "sad", "happy"),)
    current = {(each.item_key, each.coder): each.label for each in other.annotation.answers(there.id)}
    assert current[key, "anna"] == "sad", "the newer one counts"
    assert len(other.annotation.answers(there.id, coder="anna", current=False)) == 4
    assert import_labels(other, tmp_path / "labels.jsonl")[0].contradictions == (), "reported once"


def take_project(machine: ProcessedDB, source: ProcessedDB, made: Project) -> Project:
    take(machine, collect(source, made))
    return machine.annotation.by_uid(made.uid)


def test_after_an_exchange_every_coder_has_the_same_queue_on_both_machines(fresh: Callable[[], ProcessedDB]) -> None:
    here, there = fresh(), fresh()
    made = project(here, videos=6, tasks=(MOOD,), name=f"of {here.path.stem}", repeats=0.2)
    other = take_project(there, here, made)
    for video in range(6):
        there.media.register(f"b3-{video:02d}", f"/elsewhere/{video}.mp4")
    for machine, own, coder in ((here, made, "anna"), (there, other, "bo"), (there, other, "anna")):
        queue = label.queue(machine, own, coder)
        for step in queue.steps[:15]:
            label.save(machine, own, coder, step, {"mood": "happy"})
    here.annotation.set_queue(made.id, 1, [QueueEntry(frame(3, number).key, 1.0, "typical", 0.1) for number in (4, 7)])
    logs = known(here, made.uid), known(there, made.uid)
    take(here, logs[1])
    take(there, logs[0])
    for coder in ("anna", "bo", "cleo"):
        one, two = label.queue(here, made, coder), label.queue(there, other, coder)
        assert (one.steps, one.answered, one.next_open()) == (two.steps, two.answered, two.next_open())
        assert len(one) > one.done


def test_items_wait_for_their_video(db: ProcessedDB, fresh: Callable[[], ProcessedDB]) -> None:
    made, other = project(db, videos=3, tasks=(MOOD,)), fresh()
    there = take_project(other, db, made)
    queue = label.queue(other, there, "anna")
    assert (len(queue), queue.missing, queue.next_open()) == (0, 30, None)
    other.media.register("b3-01", "/elsewhere/renamed.mp4")
    queue = label.queue(other, there, "anna")
    assert {step.item.content_key for step in queue.steps} == {"b3-01"}
    assert queue.missing == 20


def test_a_name_that_is_taken_gets_a_number(db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path) -> None:
    made, other = project(db, tasks=(MOOD,)), fresh()
    mine = project(other, tasks=(MOOD,))
    export_labels(db, made, tmp_path / "labels.jsonl")
    summary, _ = import_labels(other, tmp_path / "labels.jsonl")
    assert summary.project.name == "kitchen (2)"
    assert {each.name for each in other.annotation.projects()} == {mine.name, "kitchen (2)"}
    assert import_labels(other, tmp_path / "labels.jsonl")[0].project.name == "kitchen (2)"


def test_an_answer_that_was_edited_in_the_file_is_reported_and_not_taken(db: ProcessedDB, tmp_path: Path) -> None:
    made = project(db, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    file = tmp_path / "labels.jsonl"
    export_labels(db, made, file)
    file.write_text(file.read_text().replace('"label":"happy"', '"label":"sad"'))
    summary, _ = import_labels(db, file)
    assert (summary.altered, summary.unchanged) == (1, True)
    assert db.annotation.answers(made.id)[0].label == "happy"


def test_other_tasks_under_the_same_uid_are_refused(
    db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path
) -> None:
    made, other = project(db, tasks=(MOOD,)), fresh()
    file = tmp_path / "labels.jsonl"
    export_labels(db, made, file)
    take(other, collect(db, made))
    file.write_text(file.read_text().replace('"happy"', '"merry"'))
    before = known(other, made.uid)
    with pytest.raises(UserError, match="other tasks or classes"):
        import_labels(other, file)
    assert known(other, made.uid) == before


def lines_of(db: ProcessedDB, folder: Path) -> tuple[Path, list[dict]]:
    made = project(db, videos=1, frames=2, tasks=(MOOD,))
    say(db, made, "anna", frame(0, 0), "happy")
    label.adjudicate(db, made, frame(0, 0).key, "mood", "sad", "bo")
    db.annotation.set_queue(made.id, 0, [QueueEntry(frame(0, 1).key, 1.0, "random", 1.0)])
    file = folder / "labels.jsonl"
    export_labels(db, made, file)
    return file, [json.loads(line) for line in file.read_text().splitlines()]


def rewrite(file: Path, rows: list[dict]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_file_of_another_version_is_refused_with_a_sentence(db: ProcessedDB, tmp_path: Path) -> None:
    file, rows = lines_of(db, tmp_path)
    assert rows[0]["version"] == 1, "without rounds it is one that older programs read"
    rewrite(file, [{**rows[0], "version": 3}, *rows[1:]])
    with pytest.raises(NewerDataError, match=r"label file of version 3, this program knows 2\. Update 8-cut"):
        import_labels(db, file)
    rewrite(file, [{**rows[0], "version": 0}, *rows[1:]])
    with pytest.raises(UserError, match="there is no version 0"):
        import_labels(db, file)


@pytest.mark.parametrize("text", ["", "[]\n", "hello\n", "{}\n", '{"format": "8-cut labels"}\n', "\xff\xfe", "null"])
def test_what_is_no_label_file_is_refused(db: ProcessedDB, tmp_path: Path, text: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError, match="is no file of labels"):
        import_labels(db, file)


def test_a_file_that_is_missing_or_a_folder_is_refused(db: ProcessedDB, tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(UserError, match="Cannot read"):
            import_labels(db, path)


def test_every_cut_of_a_file_is_refused(db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path) -> None:
    file, rows = lines_of(db, tmp_path)
    other = fresh()
    whole = file.read_bytes()
    places = [len(whole) - len(whole.split(b"\n", number)[-1]) for number in range(1, len(rows))]
    for end in [*places, len(whole) // 2, len(whole) - 3]:
        file.write_bytes(whole[:end])
        with pytest.raises(UserError):
            import_labels(other, file)
    rewrite(file, rows[:3] + rows[4:])
    with pytest.raises(UserError, match="lines are missing"):
        import_labels(other, file)
    assert other.annotation.projects() == ()


NONSENSE = {
    "header": {"project": None, "touched_at": "yesterday"},
    "project": {"uid": "", "kind": "smell", "tasks": [], "overlap": 2, "repeats": None, "assisted": 1, "salt": 3},
    "video": {"key": 1, "name": None},
    "coder": {"name": "", "away": "no", "touched_at": "2026-11-20"},
    "item": {"video": "", "frame": -1, "start": -2.0, "end": "late"},
    "answer": {"uid": 5, "item_key": "b3-99#0", "task": "smell", "label": "awful", "coder": "", "seconds": None}
    | {"saved_at": "2026-11-20T10:00:00Z", "withdrawn": 2, "round": 1.5, "note": None, "repeat": "x"},
    "gold": {"label": "awful", "task": 3, "decided_at": "", "item_key": "b3-99#0", "coder": 1},
    "queue": {"round": "0", "made_at": "x", "entries": 3},
    "end": {"lines": 99},
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, values in NONSENSE.items() for name in values])
def test_every_value_that_makes_no_sense_is_refused_and_nothing_is_imported(
    db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path, kind: str, name: str
) -> None:
    file, rows = lines_of(db, tmp_path)
    other = fresh()
    place = next(place for place, row in enumerate(rows) if row["type"] == ("header" if kind == "project" else kind))
    target = rows[place]["project"] if kind == "project" else rows[place]
    kept = target.pop(name)
    for change in ({name: NONSENSE[kind][name]}, {}):
        target.pop(name, None)
        target |= change
        rewrite(file, rows)
        with pytest.raises(UserError):
            import_labels(other, file)
    assert other.annotation.projects() == ()
    target[name] = kept
    rewrite(file, rows)
    assert import_labels(other, file)[0].created


def test_an_answer_twice_in_a_file_is_one_answer(
    db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path
) -> None:
    file, rows = lines_of(db, tmp_path)
    answer = next(row for row in rows if row["type"] == "answer")
    rewrite(file, [*rows[:-1], answer, {"type": "end", "lines": len(rows)}])
    assert import_labels(fresh(), file)[0].answers == 1


def test_an_answer_of_a_coder_the_file_does_not_list_is_taken(
    db: ProcessedDB, fresh: Callable[[], ProcessedDB], tmp_path: Path
) -> None:
    file, rows = lines_of(db, tmp_path)
    rewrite(file, [*(row for row in rows[:-1] if row["type"] != "coder"), {"type": "end", "lines": len(rows) - 2}])
    other = fresh()
    summary, _ = import_labels(other, file)
    assert other.annotation.coders(summary.project.id) == ("anna",)


def test_an_export_that_cannot_be_written_leaves_the_old_one(db: ProcessedDB, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(EnvironmentProblem, match="label file cannot be saved"):
        export_labels(db, project(db, tasks=(MOOD,)), blocked / "labels.jsonl")
    assert blocked.read_text() == "in the way"


def test_reading_gives_what_was_written(db: ProcessedDB, tmp_path: Path) -> None:
    made = project(db, tasks=(PERSPECTIVE, Task("wind", ("ja", "nein"), screened=True)))
    for number in range(4):
        say(db, made, "anna", frame(0, number), "1st person")
    export_labels(db, made, tmp_path / "labels.jsonl")
    wanted = collect(db, made)
    wanted.project = replace(made, id=0)
    assert read(tmp_path / "labels.jsonl") == wanted
