"""Rounds of frames, end to end at a small size: fine-tuned and frozen, two tasks, warm starts, missing weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import save_file

from core.annotation.round_folder import read_step
from core.domain.annotation import DISTANCE, PERSPECTIVE
from core.domain.split import Split
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.models.frame_backbone import build_network
from core.models.frame_model import FrameModel, read_note
from core.ops import run_round
from core.ops.run_round import RoundOptions, RoundResult
from tests.core.ops.frame_world import QUICK, SMALL, FrameRounds, frame_rounds


@pytest.fixture
def world(tmp_path: Path) -> Iterator[FrameRounds]:
    with frame_rounds(tmp_path) as made:
        yield made


def run(world: FrameRounds, number: int, options: RoundOptions) -> RoundResult:
    return run_round.run(world.db, "people", number, options, paths=world.paths)[0]


def test_fine_tuning_goes_on_from_the_model_of_the_round_before(world: FrameRounds) -> None:
    world.answer_half()
    first = run(world, 0, QUICK)
    assert set(first.metrics["tasks"]) == {PERSPECTIVE.name, DISTANCE.name}
    assert {task["start"] for task in first.metrics["tasks"].values()} == {"random"}
    assert {task["epochs"] for task in first.metrics["tasks"].values()} == {2}
    assert not list(first.folder.glob("*.epochs"))
    wanted = {entry.item_key for entry in first.entries}
    test = Split.from_json(read_step(first.folder, "split")).test
    assert wanted
    assert not {key.partition("#")[0] for key in wanted} & test
    world.answer([item for item in world.items() if item.key in wanted])
    second = run(world, 1, QUICK)
    for name, task in second.metrics["tasks"].items():
        assert name in task["start"] or "model" in task["start"]
        assert task["accuracy"]["train"] is not None
    notes = [read_note(path) for path in sorted(second.folder.glob("model_*"))]
    assert [note["classes"] for note in notes] == [list(DISTANCE.classes), list(PERSPECTIVE.classes)]
    rows = (second.folder / "queue.csv").read_text().splitlines()
    assert rows[0] == "video,frame,round,score,reason,probability,item"
    assert rows[1].startswith("people-0")


def test_a_frozen_backbone_sees_each_frame_once(world: FrameRounds, monkeypatch: pytest.MonkeyPatch) -> None:
    world.answer_half()
    seen: list[int] = []
    embed = FrameModel.embed

    def counted(self: FrameModel, images: Sequence[Path], ctx: JobContext | None = None) -> np.ndarray:
        seen.append(len(images))
        return embed(self, images, ctx)

    monkeypatch.setattr(FrameModel, "embed", counted)
    frozen = replace(QUICK, frozen=True)
    run(world, 0, frozen)
    assert sum(seen) == len(world.items())
    run(world, 1, frozen)
    assert sum(seen) == len(world.items())


def test_frozen_rounds_keep_heads_only_and_find_the_weights_where_weights_are(
    world: FrameRounds, tmp_path: Path
) -> None:
    world.answer_half()
    given = tmp_path / "mine.safetensors"
    save_file(build_network(SMALL, 2, seed=3).backbone.state_dict(), given)
    frozen = replace(QUICK, frozen=True, weights=str(given))
    first = run(world, 0, frozen)
    sizes = [path.stat().st_size for path in first.folder.glob("model_*")]
    assert len(sizes) == 2
    assert max(sizes) < 0.1 * given.stat().st_size
    world.paths.weights.mkdir(parents=True, exist_ok=True)
    given.rename(world.paths.weights / given.name)
    second = run(world, 1, frozen)
    assert {task["accuracy"]["train"] for task in second.metrics["tasks"].values()} != {None}
    (world.paths.weights / given.name).unlink()
    with pytest.raises(EnvironmentProblem, match=r"not there: mine\.safetensors"):
        run(world, 2, frozen)


def test_a_first_queue_of_frames_is_told_apart_by_what_round_0_starts_from(world: FrameRounds) -> None:
    found, _ = run_round.first_queue(world.db, world.project, QUICK, paths=world.paths)
    assert len({entry.item_key for entry in found.entries}) == QUICK.top_k
    assert {entry.reason for entry in found.entries} == {"diverse"}
    assert world.db.annotation.queue(world.project.id) == found.entries
    with pytest.raises(EnvironmentProblem, match="not there"):
        run_round.first_queue(world.db, world.project, replace(QUICK, weights="mine.safetensors"), paths=world.paths)


def test_missing_weights_are_told_and_nothing_starts_at_random(world: FrameRounds) -> None:
    world.answer_half()
    with pytest.raises(EnvironmentProblem) as caught:
        run(world, 0, replace(QUICK, weights="mine.safetensors"))
    assert "mine.safetensors" in caught.value.what
    assert caught.value.fix
    assert not world.db.annotation.rounds(world.project.id)


def test_frames_of_a_damaged_video_are_left_out_and_told(world: FrameRounds) -> None:
    world.answer_half()
    world.videos[0].path.unlink()
    result = run(world, 0, replace(QUICK, frozen=True))
    assert result.metrics["sizes"]["unreadable"] == 6
    assert "6 of 36 items are left out" in " ".join(result.metrics["problems"])
