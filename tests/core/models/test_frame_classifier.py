"""One model of one task, from pictures to calibrated probabilities, fine-tuned and frozen; and its file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.domain.split import LeakError
from core.errors import EnvironmentProblem, NewerDataError, UserError
from core.job import JobContext
from core.models.frame_backbone import backbone_id, build_network
from core.models.frame_classifier import FrameModel, FrameTraining, train
from core.models.frame_embeddings import FrameEmbeddings
from core.models.frame_model import is_model, read_note
from core.models.weights import WeightStore
from tests.core.models.frame_world import CLASSES, SMALL, FrameWorld, make_world

TUNED = FrameTraining(backbone=SMALL, epochs=8, batch=8, lr=2e-3, image_px=32)
FROZEN = replace(TUNED, frozen=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> FrameWorld:
    return make_world(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def model(world: FrameWorld) -> FrameModel:
    return train(*world.lesson, world.split, CLASSES, TUNED, start="random", device="cpu")


def accuracy(model: FrameModel, world: FrameWorld) -> float:
    images, labels, _ = world.part(world.split.test)
    found = model.probabilities(images).argmax(axis=1)
    return float(np.mean([CLASSES[at] == label for at, label in zip(found, labels, strict=True)]))


def test_it_learns_what_other_videos_show(world: FrameWorld, model: FrameModel) -> None:
    assert accuracy(model, world) > 0.9
    report = model.report
    assert report["start"] == "random"
    assert (report["train_items"], report["validation_items"]) == (36, 12)
    assert report["class_counts"] == {"red": 12, "green": 12, "blue": 12}
    assert report["train_accuracy"] > 0.9
    assert report["best_loss"] == min(row["validation_loss"] for row in report["history"])
    assert (report["missing_classes"], report["skipped"]) == ([], [])
    json.dumps(report, allow_nan=False)


def test_a_frozen_backbone_learns_a_head_only(world: FrameWorld, tmp_path: Path) -> None:
    known = FrameEmbeddings(tmp_path)
    model = train(*world.lesson, world.split, CLASSES, FROZEN, start="random", device="cpu", known=known)
    assert accuracy(model, world) > 0.9
    assert backbone_id(model.network) == backbone_id(build_network(SMALL, 3, FROZEN.seed))
    assert model.report["ridge"] > 0
    assert model.report["history"] == []


@pytest.mark.parametrize("options", [TUNED, FROZEN], ids=["tuned", "frozen"])
def test_a_test_video_among_the_pictures_is_an_alarm(world: FrameWorld, options: FrameTraining) -> None:
    images, labels, groups = world.part(world.split.known - {"v0"})
    with pytest.raises(LeakError, match="they are test videos: v1"):
        train(images, labels, groups, world.split, CLASSES, options, start="random", device="cpu")
    with pytest.raises(LeakError, match="not in the split: a new one"):
        train(images[:1], labels[:1], ["a new one"], world.split, CLASSES, options, start="random", device="cpu")


def test_missing_weights_never_become_random_ones(world: FrameWorld, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="not there"):
        train(
            *world.lesson, world.split, CLASSES, TUNED, start="round_06/model.safetensors", store=WeightStore(tmp_path)
        )


def test_a_round_goes_on_from_the_last_one(world: FrameWorld, model: FrameModel, tmp_path: Path) -> None:
    path = tmp_path / "round_00.safetensors"
    model.save(path)
    short = replace(TUNED, epochs=1, lr=1e-9)
    warm = train(*world.lesson, world.split, CLASSES, short, start=path, device="cpu")
    assert warm.report["start"] == str(path)
    cold = train(*world.lesson, world.split, CLASSES, short, start="random", device="cpu")
    assert warm.report["best_loss"] < 0.5 * cold.report["best_loss"]
    # Other classes: the backbone goes on, the head begins anew.
    images, labels, groups = world.lesson
    other = train(images, ["b" if label == "blue" else "x" for label in labels], groups, world.split, ("x", "b"),
                  replace(short, frozen=True), start=path, device="cpu")  # fmt: skip
    assert backbone_id(other.network) == backbone_id(model.network)
    with pytest.raises(UserError, match="It is a timm:test_resnet"):
        train(*world.lesson, world.split, CLASSES, replace(short, backbone="timm:test_vit"), start=path, device="cpu")


def test_a_killed_round_goes_on_in_its_work_folder(world: FrameWorld, tmp_path: Path) -> None:
    short, rows = replace(TUNED, epochs=2), []
    common = {"start": "random", "device": "cpu", "work": tmp_path, "on_epoch": rows.append}
    first = train(*world.lesson, world.split, CLASSES, short, **common)
    again = train(*world.lesson, world.split, CLASSES, short, **common)
    assert len(rows) == 2
    assert again.report == first.report
    images, labels, groups = world.lesson
    train(images, labels[::-1], groups, world.split, CLASSES, short, **common)
    assert len(rows) == 4, "other labels are another training"


@pytest.mark.parametrize("options", [replace(TUNED, epochs=1), FROZEN], ids=["tuned", "frozen"])
def test_an_unreadable_picture_is_skipped_and_reported(
    world: FrameWorld, tmp_path: Path, options: FrameTraining
) -> None:
    images, labels, groups = world.lesson
    broken, gone = tmp_path / "broken.png", tmp_path / "gone.png"
    broken.write_bytes(images[0].read_bytes()[:60])
    ctx = JobContext()
    model = train([broken, gone, *images[2:]], labels, groups, world.split, CLASSES, options, start="random",
                  device="cpu", ctx=ctx)  # fmt: skip
    assert model.report["skipped"] == [str(broken), str(gone)]
    assert sum("cannot be read" in line for line in ctx.log_lines) == 2
    scores = model.score([images[5], broken, images[6]])
    assert scores.readable.tolist() == [True, False, True]
    assert np.isnan(scores.probabilities[1]).all()
    assert np.array_equal(scores.probabilities[[0, 2]], model.probabilities([images[5], images[6]]))


def test_classes_without_labels_are_named_and_one_class_is_refused(world: FrameWorld) -> None:
    images, labels, groups = world.lesson
    model = train(images, labels, groups, world.split, ("pink", *CLASSES), FROZEN, start="random", device="cpu")
    assert model.report["missing_classes"] == ["pink"]
    assert model.probabilities(images)[:, 0].max() < 0.3
    with pytest.raises(UserError, match="fewer than two classes"):
        train(images, ["red"] * len(images), groups, world.split, CLASSES, FROZEN, start="random", device="cpu")
    with pytest.raises(UserError, match="fewer than two classes"):
        gone = [image.with_name("gone.png") for image in images]
        train(gone, labels, groups, world.split, CLASSES, FROZEN, start="random", device="cpu")


def test_a_model_comes_back_from_its_file(world: FrameWorld, model: FrameModel, tmp_path: Path) -> None:
    path = tmp_path / "perspective.safetensors"
    model.save(path)
    again = FrameModel.load(path, "cpu")
    images = world.images[:7]
    assert np.array_equal(again.probabilities(images), model.probabilities(images))
    assert np.array_equal(again.embed(images), model.embed(images))
    assert (again.classes, again.report, again.temperature) == (model.classes, model.report, model.temperature)
    assert again.embedding_id == model.embedding_id
    assert is_model(path)
    assert read_note(path)["classes"] == list(CLASSES)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def weights_file(folder: Path, seed: int = 5) -> Path:
    """The weights of a backbone, as somebody else's training left them."""
    folder.mkdir(parents=True, exist_ok=True)
    backbone = build_network(SMALL, 3, seed).backbone
    save_file(backbone.state_dict(), folder / "mine.safetensors")
    return folder / "mine.safetensors"


def test_a_head_on_a_frozen_backbone_is_kept_without_it(world: FrameWorld, tmp_path: Path) -> None:
    given = weights_file(tmp_path / "given")
    store = WeightStore(tmp_path / "weights")
    model = train(*world.lesson, world.split, CLASSES, FROZEN, start=given, store=store, device="cpu")
    path = tmp_path / "round_00.safetensors"
    model.save(path)
    assert path.stat().st_size < 0.1 * given.stat().st_size
    note = read_note(path)
    assert note["origin"] == {"start": str(given), "sha256": backbone_id(model.network)}
    images = world.part(world.split.test)[0]
    wanted = model.probabilities(images)
    assert np.array_equal(FrameModel.load(path, "cpu", store).probabilities(images), wanted)
    # The next round goes on from it and names the same weights; a fine-tuned one holds its own.
    on = train(*world.lesson, world.split, CLASSES, FROZEN, start=path, store=store, device="cpu")
    assert on.origin == model.origin
    tuned = train(*world.lesson, world.split, CLASSES, replace(TUNED, epochs=1), start=path, store=store, device="cpu")
    assert tuned.origin is None
    tuned.save(tmp_path / "tuned.safetensors")
    assert (tmp_path / "tuned.safetensors").stat().st_size > 0.9 * given.stat().st_size
    # By its name it is found in the weights folder, too.
    store.folder.mkdir()
    given.rename(store.folder / given.name)
    assert np.array_equal(FrameModel.load(path, "cpu", store).probabilities(images), wanted)


def test_a_head_without_its_backbone_or_with_another_is_refused(world: FrameWorld, tmp_path: Path) -> None:
    given, store = weights_file(tmp_path / "given"), WeightStore(tmp_path / "weights")
    path = tmp_path / "round_00.safetensors"
    train(*world.lesson, world.split, CLASSES, FROZEN, start=given, store=store, device="cpu").save(path)
    weights_file(given.parent, seed=6)
    with pytest.raises(EnvironmentProblem, match="not those that the head was learned on") as caught:
        FrameModel.load(path, "cpu", store)
    assert "SHA-256" in caught.value.why
    given.unlink()
    with pytest.raises(EnvironmentProblem, match=r"not there: mine\.safetensors") as caught:
        FrameModel.load(path, "cpu", store)
    assert str(store.folder) in caught.value.fix
    with pytest.raises(EnvironmentProblem, match="not there"):
        train(*world.lesson, world.split, CLASSES, FROZEN, start=path, store=store, device="cpu")


def test_a_file_from_before_that_holds_the_frozen_backbone_still_loads(world: FrameWorld, tmp_path: Path) -> None:
    given, store = weights_file(tmp_path / "given"), WeightStore(tmp_path / "weights")
    model = train(*world.lesson, world.split, CLASSES, FROZEN, start=given, store=store, device="cpu")
    path = tmp_path / "old.safetensors"
    replace(model, origin=None).save(path)
    assert read_note(path)["format"] == 1
    given.unlink()
    images = world.part(world.split.test)[0]
    assert np.array_equal(FrameModel.load(path, "cpu", store).probabilities(images), model.probabilities(images))


def test_probabilities_are_probabilities_and_agree_with_the_network(world: FrameWorld, model: FrameModel) -> None:
    scores = model.score(world.images)
    assert scores.probabilities.shape == (60, 3)
    assert scores.probabilities.dtype == np.float32
    assert scores.probabilities.sum(axis=1) == pytest.approx(np.ones(60), abs=1e-5)
    alone = np.concatenate([model.probabilities([image]) for image in world.images[:5]])
    assert alone == pytest.approx(scores.probabilities[:5], abs=1e-5), "who else is asked plays no part"


@pytest.mark.parametrize("content", ["nothing", "text", "tensors", "cut off", "newer", "pickle"])
def test_what_is_no_model_of_ours_is_refused(model: FrameModel, tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.safetensors"
    expected: type[Exception] = UserError
    if content == "text":
        path.write_text("hello")
    elif content == "tensors":
        save_file({"a": torch.zeros(2)}, path)
    elif content == "pickle":
        torch.save({"a": torch.zeros(2)}, path)
    elif content in ("cut off", "newer"):
        model.save(path)
        whole = path.read_bytes()
        path.write_bytes(whole[:-9] if content == "cut off" else whole.replace(b'format\\": 1', b'format\\": 9'))
        expected = NewerDataError if content == "newer" else UserError
    with pytest.raises(expected, match=r"a\.safetensors"):
        FrameModel.load(path, "cpu")
    assert content in ("newer",) or not is_model(path)


def test_kept_embeddings_spare_the_backbone(
    world: FrameWorld, model: FrameModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, gone = FrameEmbeddings(tmp_path), tmp_path / "gone.png"
    first = model.score(world.images[:10], known=known)
    looked_at: list[Path] = []
    embed = FrameModel.embed

    def seen(self: FrameModel, images: list[Path], ctx: JobContext) -> np.ndarray:
        looked_at.extend(images)
        return embed(self, images, ctx)

    monkeypatch.setattr(FrameModel, "embed", seen)
    images = [*world.images[4:12], gone, world.images[4]]
    second = model.score(images, known=FrameEmbeddings(tmp_path))
    assert looked_at == [*world.images[10:12], gone]
    assert np.array_equal(second.embeddings[:6], first.embeddings[4:])
    assert np.array_equal(second.embeddings[-1], second.embeddings[0])
    assert second.readable.tolist() == [True] * 8 + [False, True]
    exact = model.score(images[:8])
    assert second.probabilities[:8] == pytest.approx(exact.probabilities, abs=5e-3)
    (file,) = tmp_path.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:99])
    assert np.array_equal(model.score(images[:2], known=known).embeddings, second.embeddings[:2]), "made anew"


def test_resnet50_trains_end_to_end_on_a_cpu(world: FrameWorld) -> None:
    options = FrameTraining(epochs=1, batch=12, image_px=64)
    model = train(*world.lesson, world.split, CLASSES, options, start="random", device="cpu")
    assert model.report["epochs"] == 1
    assert model.embed(world.images[:2]).shape == (2, 2048)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch": 0}, {"image_px": 8}, {"patience": 0}, {"lr": 0.0}])
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least one epoch"):
        FrameTraining(**wrong)
