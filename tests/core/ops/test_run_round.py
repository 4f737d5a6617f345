"""Rounds of windows through the same operation as the window and the command: files, figures, resuming, bad input."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.annotation.round_folder import alone_in, read_step, round_arrays
from core.annotation.window_models import read_model
from core.domain.annotation import TARGET_SOUND, ItemKind, Step
from core.domain.split import LeakError, Split
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.learning.model_file import SUFFIX
from core.learning.records import pack
from core.media.identity import content_key
from core.ops import label, run_round
from core.ops.run_round import RoundOptions, RoundResult
from tests.core.ops.round_world import QUICK, RoundWorld, StoppingAt, add_recording, round_world

TASK = TARGET_SOUND.name


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RoundWorld]:
    with round_world(tmp_path) as made:
        yield made


def run(world: RoundWorld, number: int, options: RoundOptions = QUICK, ctx: JobContext | None = None) -> RoundResult:
    return run_round.run(world.db, "kitchen", number, options, ctx, world.paths)[0]


def files(result: RoundResult) -> dict[str, bytes]:
    """Everything a round wrote; a model as what it holds, since its file names its parts in any order."""
    found = {}
    for path in sorted(path for path in result.folder.rglob("*") if path.is_file()):
        found[str(path.relative_to(result.folder))] = contents(path) if path.suffix == SUFFIX else path.read_bytes()
    return found


def contents(path: Path) -> bytes:
    tree, arrays = pack(read_model(path))
    return repr((tree, [(name, array.tobytes()) for name, array in arrays.items()])).encode()


def answer_queue(world: RoundWorld) -> None:
    wanted = {entry.item_key for entry in world.db.annotation.queue(world.project.id)}
    world.answer([item for item in world.items() if item.key in wanted])


def test_rounds_follow_each_other_and_the_window_finds_their_queue(world: RoundWorld) -> None:
    world.answer_some()
    first = run(world, 0)
    assert {path.name for path in first.folder.iterdir()} >= {"queue.csv", "metrics.json", "figure.svg", "steps"}
    assert json.loads((first.folder / "metrics.json").read_text()) == first.metrics
    assert world.db.annotation.queue(world.project.id) == first.entries
    with (first.folder / "queue.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["item"] for row in rows] == [entry.item_key for entry in first.entries]
    assert list(rows[0])[:7] == ["video", "start_s", "end_s", "round", "score", "reason", "probability"]
    answer_queue(world)
    second = run(world, 1)
    assert second.metrics["sizes"]["labelled"] == first.metrics["sizes"]["labelled"] + len(first.entries)
    assert not {entry.item_key for entry in first.entries} & {entry.item_key for entry in second.entries}
    assert read_step(second.folder, "split") == read_step(first.folder, "split")
    stored = world.db.annotation.rounds(world.project.id)
    assert [one.number for one in stored] == [0, 1]
    assert stored[1].metrics == second.metrics
    assert stored[1].finished_at
    task = second.metrics["tasks"][TASK]
    assert task["missing"] == ["unsure"]
    assert task["test"]["accuracy"] > 0.8
    assert task["start"].startswith("embeddings of LOGMEL")
    assert second.metrics["agreement"]["tasks"][0]["statement"].startswith("Only ada has answered")


def test_no_video_of_the_test_set_is_asked_for_or_learned_from(world: RoundWorld) -> None:
    world.answer_some()
    everything = replace(QUICK, top_k=200, apart_s=0.0, per_video=200)
    result = run(world, 0, everything)
    split = Split.from_json(read_step(result.folder, "split"))
    assert split.test
    assert {entry.item_key.partition("@")[0] for entry in result.entries} == split.train | split.validation
    answer_queue(world)
    result = run(world, 1, everything)
    assert result.entries == ()
    assert result.metrics["sizes"]["test"] == 6
    assert "0 items were chosen instead of 200" in " ".join(result.metrics["problems"])


def test_a_test_video_that_is_sneaked_into_the_split_is_an_alarm(world: RoundWorld) -> None:
    world.answer_some()
    first = run(world, 0)
    path = first.folder / "steps" / "split.json"
    tree = json.loads(path.read_text())
    tree["value"]["train"].append(tree["value"]["test"][0])
    path.write_text(json.dumps(tree))
    with pytest.raises(LeakError):
        run(world, 1)


def test_a_round_that_is_run_again_is_what_it_was(world: RoundWorld) -> None:
    world.answer_some()
    first = run(world, 0)
    before = files(first)
    world.answer(world.items("r1")[:2], "ben")
    again = run(world, 0)
    assert files(again) == before
    assert again.entries == first.entries
    other = run(world, 0, replace(QUICK, strategy="random"))
    assert {entry.reason for entry in other.entries} == {"random"}
    assert other.metrics["coders"] == {"ada": 36, "ben": 2}


def test_a_cancelled_round_ends_with_the_same_files(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    world.db.annotation.add_coder(world.project.id, "ben")
    whole = files(run(world, 0, replace(QUICK, out=tmp_path / "whole")))

    for number, stop_at in enumerate(("Reading", "Learning", "Judging", "Choosing", "Measuring")):
        options = replace(QUICK, out=tmp_path / stop_at)
        with pytest.raises(Cancelled):
            run(world, 0, options, StoppingAt(stop_at))
        assert not (tmp_path / stop_at / "round_00" / "metrics.json").exists()
        more = world.items("r1")[number : number + 1]
        world.answer(more, "ben")
        assert files(run(world, 0, options)) == whole
        for _ in more:
            label.undo(world.db, world.project, "ben")


@pytest.mark.parametrize("stage", ["Reading", "Learning", "Judging", "Choosing", "Measuring"])
def test_a_round_goes_on_without_items_that_were_taken_out(world: RoundWorld, tmp_path: Path, stage: str) -> None:
    world.answer_some()
    asked = [entry.item_key for entry in run(world, 0, replace(QUICK, out=tmp_path / "whole")).entries]
    world.db.annotation.set_queue(world.project.id, 0, [])
    options = replace(QUICK, out=tmp_path / "stopped")
    with pytest.raises(Cancelled):
        run(world, 0, options, StoppingAt(stage))
    # Among them one that the round has chosen already when it is stopped late.
    answered = {answer.item_key for answer in world.db.annotation.answers(world.project.id)}
    gone = {asked[0], *[item.key for item in world.items("r1", "r2") if item.key not in answered][:4]}
    assert world.db.annotation.remove_items(world.project.id, gone) == len(gone)
    resumed = run(world, 0, options)
    assert not gone & {entry.item_key for entry in resumed.entries}
    assert len(resumed.entries) == QUICK.top_k
    assert world.db.annotation.queue(world.project.id) == resumed.entries
    assert resumed.metrics["sizes"]["items"] == 72 - len(gone)
    assert resumed.notes == (
        "Round 0 was stopped and keeps the labels that it began with",
        f"It does without items that were taken out of the project since: {len(gone)}",
    )


def test_a_round_that_goes_on_says_what_it_does_not_know(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    assert run_round.stopped(world.db, world.project, 0, world.paths) == ()
    with pytest.raises(Cancelled):
        run(world, 0, QUICK, StoppingAt("Judging"))
    world.answer(world.items("r1")[-2:])
    changed = world.items("r0")[0]
    world.answer([changed], said="no" if world.truth[changed.key] == "yes" else "yes")
    add_recording(world, tmp_path, "late", [4.2])
    expected = (
        "Round 0 was stopped and keeps the labels that it began with",
        "What came since is for the next round. Items labelled 2, labelled differently 1, added 12",
    )
    assert run_round.stopped(world.db, world.project, 0, world.paths) == expected
    ctx = JobContext()
    resumed = run(world, 0, QUICK, ctx)
    assert resumed.notes == expected
    assert set(expected) <= set(ctx.log_lines)
    assert resumed.metrics["sizes"]["labelled"] == 36
    assert run_round.stopped(world.db, world.project, 0, world.paths) == ()
    again = run(world, 0)
    assert again.notes[0] == "Round 0 was finished before and stays as it was"
    assert again.notes[1:] == expected[1:]
    anew = run(world, 0, replace(QUICK, anew=True))
    assert anew.notes == ("Round 0 was begun anew from the labels of now",)
    assert (anew.metrics["sizes"]["labelled"], anew.metrics["sizes"]["items"]) == (38, 84)
    assert anew.metrics["options"] == resumed.metrics["options"]
    before, after = (Split.from_json(read_step(one.folder, "split")).test for one in (resumed, anew))
    assert before == after, "the test set stays"
    assert run(world, 1).notes == ()


def test_a_frozen_test_set_outlives_a_new_beginning_that_was_stopped_at_once(world: RoundWorld) -> None:
    world.answer_some()
    test = Split.from_json(read_step(run(world, 0).folder, "split")).test
    with pytest.raises(Cancelled):
        run(world, 0, replace(QUICK, anew=True), StoppingAt("Agreement"))
    world.answer([item for item in world.items() if item.content_key not in test])
    assert Split.from_json(read_step(run(world, 0).folder, "split")).test == test


def test_a_project_without_labels_has_a_first_queue(world: RoundWorld) -> None:
    assert run_round.needs_first_queue(world.db, world.project)
    world.files["r5"].write_bytes(b"RIFF")
    found, _ = run_round.first_queue(world.db, world.project, replace(QUICK, top_k=30), paths=world.paths)
    assert len(found.entries) == 30
    assert set(found.unread) == {item.key for item in world.items() if item.content_key not in _there(world, "r5")}
    assert not found.unread.keys() & {entry.item_key for entry in found.entries}
    assert world.db.annotation.queue(world.project.id) == found.entries
    first = {entry.item_key for entry in found.entries}
    steps = label.queue(world.db, world.project, "ada").steps
    assert {step.item.key for step in steps[:30] if not step.repeat} <= first
    assert not list(world.paths.cache.rglob("first.npy")), "nothing is left behind"
    again, _ = run_round.first_queue(world.db, world.project, replace(QUICK, top_k=30), paths=world.paths)
    assert again == found
    answer_queue(world)
    with pytest.raises(UserError, match="Something is labelled already"):
        run_round.first_queue(world.db, world.project, QUICK, paths=world.paths)
    assert run(world, 0).entries == world.db.annotation.queue(world.project.id)


def test_a_project_from_a_file_whose_uid_is_a_path_leads_nowhere(world: RoundWorld) -> None:
    precious = world.paths.cache.parent / "precious" / "file"
    precious.parent.mkdir()
    precious.touch()
    project = replace(world.project, uid="../../precious")
    run_round.first_queue(world.db, project, replace(QUICK, top_k=3), paths=world.paths)
    assert precious.exists()


def test_what_was_done_for_other_tasks_is_done_anew(world: RoundWorld) -> None:
    world.answer_some()
    with pytest.raises(Cancelled):
        run(world, 0, QUICK, StoppingAt("Judging"))
    labels = world.paths.rounds.glob("*/round_00/steps/labels.json")
    path = next(labels)
    tree = json.loads(path.read_text())
    tree["value"]["labels"] = {"mood": {}}
    path.write_text(json.dumps(tree))
    result = run(world, 0)
    assert result.notes == ("Round 0 was begun anew: the project had other tasks when it was begun",)
    assert set(result.metrics["tasks"]) == {TASK}


def test_new_videos_join_and_old_ones_never_move(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    first = Split.from_json(read_step(run(world, 0).folder, "split"))
    for number in range(3):
        add_recording(world, tmp_path, f"late{number}", [4.2, 12.2])
    unlabelled = run(world, 1)
    assert unlabelled.metrics["sizes"]["videos"]["unassigned"] == 3
    late = {content_key(world.files[f"late{number}"]) for number in range(3)}
    assert late & {entry.item_key.partition("@")[0] for entry in unlabelled.entries}
    world.answer([item for item in world.items() if item.content_key in late])
    second = Split.from_json(read_step(run(world, 2).folder, "split"))
    assert second.test == first.test
    assert first.train <= second.train
    assert first.validation <= second.validation
    assert late <= second.train | second.validation


def test_the_model_and_its_figures_do_not_depend_on_test_labels(world: RoundWorld, tmp_path: Path) -> None:
    """Whatever is said about test videos: weights, scores, limits of doubt and the queue stay to the bit."""
    world.answer_some()
    honest = run(world, 0, replace(QUICK, out=tmp_path / "honest"))
    test = Split.from_json(read_step(honest.folder, "split")).test
    labelled = read_step(honest.folder, "labels")["answered"]
    for item in world.items():
        if item.content_key in test and item.key in labelled:
            world.answer([item], said="no" if world.truth[item.key] == "yes" else "yes")
    lied = run(world, 0, replace(QUICK, out=tmp_path / "lied"))
    assert Split.from_json(read_step(lied.folder, "split")).test == test
    one, other = (contents(next(result.folder.glob("model_*"))) for result in (honest, lied))
    assert one == other
    assert honest.entries == lied.entries
    assert lied.metrics["tasks"][TASK]["test"]["accuracy"] < 0.3 < honest.metrics["tasks"][TASK]["test"]["accuracy"]


def test_unreadable_and_missing_files_are_told_and_left_out(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    world.files["r1"].unlink()
    add_recording(world, tmp_path, "broken", [4.2])
    world.files["broken"].write_bytes(b"RIFF" + bytes(20))
    result = run(world, 0)
    told = " ".join(result.metrics["problems"])
    assert "12 of 84 items are left out: " in told
    assert "broken.wav is not the file it was" in told
    assert result.metrics["sizes"]["unreadable"] == 24
    gone = {item.key for item in world.items() if item.content_key not in _there(world, "r1", "broken")}
    assert not gone & {entry.item_key for entry in result.entries}


def _there(world: RoundWorld, *without: str) -> set[str]:
    return {content_key(path) for name, path in world.files.items() if name not in without}


def test_contradictions_and_na_teach_nothing_and_are_counted(world: RoundWorld) -> None:
    world.answer_some()
    torn, na = world.items("r0")[:2], world.items("r2")[:3]
    for coder, said in (("ben", "yes"), ("cleo", "no")):
        world.answer(torn, coder, said)
    for coder in ("ada", "ben"):
        world.answer(na, coder, "NA")
    result = run(world, 0)
    state = read_step(result.folder, "labels")
    # Of the torn ones ada had said something about, two against one.
    assert result.metrics["sizes"]["ties"] == len(state["ties"].get(TASK, []))
    assert result.metrics["sizes"]["not_applicable"] == 3
    asked = {entry.item_key for entry in result.entries}
    assert not asked & {item.key for item in (*torn, *na)}
    assert result.metrics["agreement"]["tasks"][0]["figures"]["percent"]["value"] is not None


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("", "kitchen has no labels to learn from. Nobody answered anything yet"),
        ("NA", "Nobody answered anything but NA yet"),
        ("no", "There is nothing to learn yet. target sound is left out: all "),
    ],
)
def test_too_little_to_learn_is_told(world: RoundWorld, said: str, message: str) -> None:
    if said:
        world.answer(world.items(), said=said)
    with pytest.raises(UserError) as caught:
        run(world, 0)
    assert message in str(caught.value)
    assert world.db.annotation.rounds(world.project.id) == ()


def test_one_video_is_too_few(tmp_path: Path) -> None:
    with round_world(tmp_path, recordings=1) as world:
        world.answer(world.items())
        with pytest.raises(UserError, match="labelled videos are too few"):
            run(world, 0)


def test_rounds_need_each_other(world: RoundWorld) -> None:
    world.answer_some()
    with pytest.raises(UserError, match="Round 2 needs round 1"):
        run(world, 2)
    first = run(world, 0)
    run(world, 1)
    with pytest.raises(UserError, match="Round 0 cannot be run again"):
        run(world, 0)
    with pytest.raises(UserError, match="no labelling project other"):
        run_round.run(world.db, "other", 0, QUICK, paths=world.paths)
    shutil.rmtree(first.folder.parent / "round_01")
    with pytest.raises(UserError, match="The files of round 1 are gone"):
        run(world, 2)


def test_a_model_that_is_gone_is_an_error_and_no_silent_start(world: RoundWorld) -> None:
    world.answer_some()
    next(run(world, 0).folder.glob("model_*")).unlink()
    with pytest.raises(UserError, match="The model of target sound that round 1 goes on from is gone"):
        run(world, 1)
    run(world, 0)
    assert run(world, 1).metrics["round"] == 1


def test_wrong_options_are_refused() -> None:
    for wrong in ({"strategy": "best"}, {"top_k": 0}, {"epochs": 0}, {"image_px": 8}, {"apart_s": float("nan")}):
        with pytest.raises(UserError):
            RoundOptions(**wrong)


def test_a_queue_edited_by_hand_is_taken_back(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    result = run(world, 0)
    kept = result.entries[2].item_key
    other = next(item for item in world.items("r3") if item.key not in {one.item_key for one in result.entries})
    edited = tmp_path / "edited.csv"
    edited.write_text(
        "video,start_s,end_s,round,score,reason,probability,item\n"
        f"x,0,0,0,0.5,uncertain,1,{kept}\n"
        f"r3.wav,{other.start_s},{other.end_s},,,,,\n"
        "nobody.wav,1,2,0,0.9,uncertain,1,\n"
        f"x,0,0,0,0.5,uncertain,1,{kept}\n"
        "r3.wav,soon,,,,,,\n",
        encoding="utf-8",
    )
    found, _ = run_round.import_queue(world.db, "kitchen", 0, edited)
    assert [entry.item_key for entry in found.entries] == [kept, other.key]
    assert found.entries[1].reason == "by hand"
    assert [line for line, _ in found.unknown] == [4, 6]
    assert world.db.annotation.queue(world.project.id) == found.entries
    edited.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UserError, match="no queue"):
        run_round.import_queue(world.db, "kitchen", 0, edited)
    edited.write_text("video,start_s,item\nnobody.wav,1,\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"Nothing in edited\.csv belongs to kitchen"):
        run_round.import_queue(world.db, "kitchen", 0, edited)
    assert world.db.annotation.queue(world.project.id) == found.entries
    test = Split.from_json(read_step(result.folder, "split")).test
    sneaked = next(item for item in world.items() if item.content_key in test)
    edited.write_text(f"video,item\nx,{sneaked.key}\n", encoding="utf-8")
    with pytest.raises(UserError, match="it is of the test set"):
        run_round.import_queue(world.db, "kitchen", 0, edited)
    assert world.db.annotation.queue(world.project.id) == found.entries


def test_labels_turned_round_are_doubted_and_nothing_is_changed(world: RoundWorld) -> None:
    world.answer_some(10)
    items = {item.key: item for item in world.items()}
    result = run(world, 0)
    split = Split.from_json(read_step(result.folder, "split"))
    labelled = read_step(result.folder, "labels")["answered"]
    taught = [key for key in labelled if items[key].content_key not in split.test and world.truth[key] == "no"]
    tested = [key for key in labelled if items[key].content_key in split.test and world.truth[key] == "no"]
    wrong = [taught[3], taught[-4], tested[1]]
    world.answer([items[key] for key in wrong], said="yes")
    before = world.db.annotation.answers(world.project.id)
    doubts = run_round.label_errors(world.db, world.project, paths=world.paths)
    found = {doubt.item.key: doubt for doubt in doubts}
    assert set(wrong) <= set(found)
    assert Counter(found[key].suggested for key in wrong) == {"no": 3}
    assert [found[key].test for key in wrong] == [False, False, True]
    assert [doubt.confidence for doubt in doubts] == sorted((one.confidence for one in doubts), reverse=True)
    assert len(doubts) <= len(wrong) + 3
    assert world.db.annotation.answers(world.project.id) == before


def test_a_round_from_before_keeps_its_embeddings_elsewhere(world: RoundWorld) -> None:
    world.answer_some(10)
    folder = run(world, 0).folder
    labelled = read_step(folder, "labels")["labels"][TASK]
    wrong = [item for item in world.items() if labelled.get(item.key) == "no"][3:5]
    world.answer(wrong, said="yes")
    doubts = run_round.label_errors(world.db, world.project, paths=world.paths)
    assert doubts
    rows = folder / "steps" / "judged.npy"
    np.savez(rows.with_suffix(".npz"), **round_arrays(folder, "judged"), e0=np.load(rows))
    rows.unlink()
    assert run_round.label_errors(world.db, world.project, paths=world.paths) == doubts
    assert run(world, 0).entries == world.db.annotation.queue(world.project.id)


def test_doubts_need_a_round(world: RoundWorld) -> None:
    with pytest.raises(UserError, match="No round was run"):
        run_round.label_errors(world.db, world.project, paths=world.paths)


def test_scores_are_those_of_the_stored_model(world: RoundWorld) -> None:
    world.answer_some()
    result = run(world, 0)
    arrays = round_arrays(result.folder, "judged")
    sums = arrays["p0"].sum(axis=1)
    assert sums == pytest.approx(np.ones(len(sums)), abs=1e-5)
    rows = {str(key): row for key, row in zip(arrays["keys"], arrays["p0"], strict=True)}
    for entry in result.entries:
        p = rows[entry.item_key].astype(float)
        assert entry.score == pytest.approx(float(-(p * np.log2(p)).sum()), abs=1e-4)


def test_round_0_run_anew_keeps_its_test_set(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    first = run(world, 0)
    answer_queue(world)
    add_recording(world, tmp_path, "late", [4.2, 12.2])
    world.answer(world.items("late"))
    again = run(world, 0, replace(QUICK, top_k=5, seed=7))
    before, after = (Split.from_json(read_step(one.folder, "split")) for one in (first, again))
    assert after.test == before.test
    assert before.train <= after.train
    assert before.validation <= after.validation
    assert content_key(world.files["late"]) in after.train | after.validation


def test_a_round_that_is_run_elsewhere_is_not_run_twice(world: RoundWorld) -> None:
    world.answer_some()
    first = run(world, 0)
    with alone_in(first.folder), pytest.raises(UserError, match="is being run already"):
        run(world, 0, replace(QUICK, top_k=3))
    assert json.loads((first.folder / "metrics.json").read_text()) == first.metrics


def test_two_projects_never_share_a_folder(world: RoundWorld, tmp_path: Path) -> None:
    world.answer_some()
    options = replace(QUICK, out=tmp_path / "rounds")
    first = run(world, 0, options)
    other, _ = label.create_project(world.db, "garden", ItemKind.WINDOW, [TARGET_SOUND])
    world.db.annotation.add_items(other.id, world.items())
    for item in world.items():
        label.save(world.db, other, "ada", Step(item), {TASK: world.truth[item.key]})
    with pytest.raises(UserError, match="another project"):
        run_round.run(world.db, "garden", 0, options, paths=world.paths)
    assert json.loads((first.folder / "metrics.json").read_text()) == first.metrics
    run(world, 1, options)
