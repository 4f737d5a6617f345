"""Labels go back to work, regions become items, and all of it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.annotation import TARGET_SOUND
from core.domain.export import ExportSettings
from core.domain.scan import Hit, RegionRow
from core.errors import UserError
from core.job import JobContext
from core.media.identity import content_key
from core.ops import close_loop, label, negatives, run_round, trash
from core.ops.cache import open_embedder
from core.ops.train import TrainRequest
from tests.core.ops.round_world import QUICK, RoundWorld, round_world

TASK = TARGET_SOUND.name


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RoundWorld]:
    with round_world(tmp_path) as made:
        yield made


def windows(world: RoundWorld, answer: str) -> list[tuple[str, float, float]]:
    return [
        (one.media.name, span.start_s, span.end_s)
        for one in close_loop.labelled_windows(world.db, world.project, TASK, answer)
        for span in one.spans
    ]


def test_labelled_windows_are_those_of_majority_and_gold(world: RoundWorld) -> None:
    first, second, third = world.items("r0")[:3]
    for coder in ("ada", "ben"):
        world.answer([first], coder, "yes")
    world.answer([second], "ada", "yes")
    world.answer([second], "ben", "no")
    assert windows(world, "yes") == [("r0.wav", first.start_s, first.end_s)]
    label.adjudicate(world.db, world.project, second.key, TASK, "yes", "ada")
    world.answer([third], "ada", "NA")
    assert windows(world, "yes") == [("r0.wav", one.start_s, one.end_s) for one in (first, second)]
    with pytest.raises(UserError, match="No window is labelled 'unsure'"):
        windows(world, "unsure")
    with pytest.raises(UserError, match="no answer 'maybe'"):
        windows(world, "maybe")


def test_windows_become_clips_once_and_the_trash_takes_them_back(world: RoundWorld, tmp_path: Path) -> None:
    world.answer([item for item in world.items("r0", "r1") if world.truth[item.key] == "yes"])
    wanted = windows(world, "yes")
    settings = ExportSettings(str(tmp_path / "bark"), format="WAV")
    made, changes = close_loop.windows_to_clips(
        world.db, world.project, TASK, "yes", settings, "default", JobContext(), world.paths.trash
    )
    assert len(made.done) == len(made.clip_ids) == len(wanted)
    assert not made.failed
    assert all(Path(path).is_file() for path in made.done)
    assert changes
    spans = [
        (name, span.start_s, span.end_s)
        for name, path in world.files.items()
        for span in world.db.clips.spans(world.db.media.by_key(content_key(path)).id, "default")
    ]
    assert sorted((f"{name}.wav", start, end) for name, start, end in spans) == sorted(wanted)
    again, _ = close_loop.windows_to_clips(
        world.db, world.project, TASK, "yes", settings, "default", JobContext(), world.paths.trash
    )
    assert not again.done
    trash.delete(world.db, world.paths.trash, made.clip_ids)
    assert not any(Path(path).exists() for path in made.done)
    trash.restore(world.db, world.paths.trash, made.clip_ids)
    assert all(Path(path).is_file() for path in made.done)


def test_windows_become_hard_negatives_and_are_unmarked_again(world: RoundWorld) -> None:
    world.answer([item for item in world.items("r2") if world.truth[item.key] == "no"])
    wanted = windows(world, "no")
    ids, _ = close_loop.windows_to_negatives(world.db, world.project, TASK, "no", "kitchen sounds")
    found = negatives.marked(world.db, "kitchen sounds")
    assert [(one["filename"], one["start_time"], one["end_time"]) for one in found] == wanted
    assert close_loop.windows_to_negatives(world.db, world.project, TASK, "no", "kitchen sounds")[0] == ()
    negatives.unmark(world.db, ids)
    assert negatives.marked(world.db, "kitchen sounds") == []
    assert close_loop.windows_to_negatives(world.db, world.project, TASK, "no", "kitchen sounds")[0] == ids


def test_windows_train_a_classifier_that_never_saw_the_test_videos(world: RoundWorld) -> None:
    world.answer(world.items())
    result, _ = run_round.run(world.db, "kitchen", 0, QUICK, paths=world.paths)
    test = {key.partition("@")[0] for key in result.metrics["tasks"][TASK]["predictions"]}
    unseen = next(path for path in world.files.values() if content_key(path) in test)
    files, told = close_loop.training_files(world.db, world.project, TASK, "yes", ("no",))
    assert {Path(file.path) for file in files} == set(world.files.values()) - {unseen}
    assert told == [f"Left out, since the frozen test set holds them: {unseen.name}"]
    request = TrainRequest("default", (), head="logistic", name="beep")
    with open_embedder(world.paths, "cpu") as embedder:
        outcome = close_loop.windows_to_training(
            world.db, world.paths, embedder, world.project, TASK, "yes", ("no",), request, JobContext()
        )
        assert outcome.classifier.name == "default_LOGMEL_beep"
        assert outcome.problems[0] == told[0]
        scores = outcome.classifier.trained.score(embedder.embed(unseen, content_key(unseen), request.key))
    truth = [
        any(
            world.truth[item.key] == "yes" and item.start_s <= 0.5 * place + 1 < item.end_s
            for item in world.items(unseen.stem)
        )
        for place in range(len(scores))
    ]
    assert scores[truth].mean() > scores[[not one for one in truth]].mean() + 0.3


def test_regions_become_items_and_are_taken_back_unless_somebody_answered(world: RoundWorld) -> None:
    media = world.db.media.by_key(content_key(world.files["r0"]))
    rows = [RegionRow(n, Hit(n * 3.0, n * 3.0 + 1.5, 0.9), n * 3.0 + 0.25, n * 3.0 + 1.5) for n in range(3)]
    before = world.items()
    keys, _ = close_loop.regions_to_items(world.db, world.project, media, rows)
    assert [key.partition("@")[2] for key in keys] == ["250+1250", "3250+1250", "6250+1250"]
    assert close_loop.regions_to_items(world.db, world.project, media, rows)[0] == ()
    world.answer([item for item in world.items() if item.key == keys[1]], said="yes")
    assert close_loop.take_items_back(world.db, world.project, keys)[0] == 2
    assert {item.key for item in world.items()} == {item.key for item in before} | {keys[1]}
