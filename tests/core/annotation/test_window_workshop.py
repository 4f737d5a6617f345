"""The workshop of windows asks the split before it learns, and tells what it cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.annotation.window_workshop import WindowWorkshop
from core.annotation.workshop import Lesson
from core.domain.annotation import TARGET_SOUND, Item, ItemKind
from core.domain.split import LeakError, Split
from core.errors import UserError
from core.job import JobContext
from core.scan.embedding import Embedder, EmbeddingKey
from tests.sound_files import noise, with_beeps, write_wav

NAMES = ("a", "b", "c", "d")
SPLIT = Split(frozenset("ab"), frozenset("c"), frozenset("d"))
ITEMS = [Item(name, ItemKind.WINDOW, -1, 2.0 * place, 2.0 * place + 2.0) for name in NAMES for place in range(4)]
TRUTH = {item.key: "yes" if item.start_s == 2.0 else "no" for item in ITEMS}


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[WindowWorkshop]:
    torch.set_num_threads(1)
    paths = {
        name: write_wav(tmp_path / f"{name}.wav", with_beeps(noise(8.0, seed=place), [2.2]))
        for place, name in enumerate(NAMES)
    }

    def find(name: str) -> Path:
        if name not in paths:
            raise UserError(f"The file {name} is not on this machine", "", "Open it in 8-cut once")
        return paths[name]

    with Embedder(device="cpu") as embedder:
        yield WindowWorkshop(embedder, EmbeddingKey("LOGMEL"), find, "logistic")


def lesson(folder: Path) -> Lesson:
    train, validation = (
        {item.key: TRUTH[item.key] for item in ITEMS if item.content_key in part} for part in ("ab", "c")
    )
    return Lesson(TARGET_SOUND, train, validation, SPLIT, None, folder / "model.safetensors")


def test_it_learns_stores_and_judges(workshop: WindowWorkshop, tmp_path: Path) -> None:
    ctx = JobContext()
    elsewhere = Item("z", ItemKind.WINDOW, -1, 0.0, 2.0)
    problems = workshop.prepare([*ITEMS, elsewhere], ctx)
    assert list(problems) == [elsewhere.key]
    assert "not on this machine" in problems[elsewhere.key]
    assert workshop.apart_s == 2.0
    facts = workshop.train(lesson(tmp_path), ctx)
    assert facts["classes"] == ["no", "yes"]
    assert 0.0 < facts["best_loss"] < 0.7
    (said,) = workshop.judge(tmp_path / "model.safetensors", ITEMS, ctx)
    guess = [said.classes[place] for place in said.probabilities.argmax(axis=1)]
    assert guess == [TRUTH[item.key] for item in ITEMS]
    assert len(said.embeddings) == len(ITEMS)
    assert list(workshop.judge(tmp_path / "model.safetensors", [], ctx)) == []


@pytest.mark.parametrize("part", ["train", "validation"])
@pytest.mark.parametrize("sneaked", ["d", "b or c"])
def test_a_video_that_must_not_be_there_is_an_alarm(
    workshop: WindowWorkshop, tmp_path: Path, part: str, sneaked: str
) -> None:
    """A test video in training, normalisation, calibration or validation; a validation video in training and so on."""
    workshop.prepare(ITEMS, JobContext())
    name = sneaked if sneaked == "d" else {"train": "c", "validation": "b"}[part]
    item = next(item for item in ITEMS if item.content_key == name)
    clean = lesson(tmp_path)
    doctored = replace(clean, **{part: {**getattr(clean, part), item.key: "yes"}})
    with pytest.raises(LeakError):
        workshop.train(doctored, JobContext())
    assert not doctored.checkpoint.exists()


def test_a_model_that_is_gone_is_told(workshop: WindowWorkshop, tmp_path: Path) -> None:
    workshop.prepare(ITEMS, JobContext())
    with pytest.raises(UserError, match="is gone"):
        list(workshop.judge(tmp_path / "none.safetensors", ITEMS, JobContext()))
