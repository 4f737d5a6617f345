"""Fine-tuning: what it admits, when it stops, and that a killed one ends as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.domain.split import LeakError
from core.errors import Cancelled, EnvironmentProblem
from core.job import JobContext
from core.models import frame_training
from core.models.frame_backbone import FrameNetwork, build_network
from core.models.frame_options import FrameTraining
from core.models.frame_set import FrameSet, augmented, read_frames
from core.models.frame_training import Course, class_weights, fine_tune, forget
from tests.core.models.frame_world import CLASSES, SMALL, FrameWorld, make_world

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = FrameTraining(backbone=SMALL, epochs=3, batch=8, lr=1e-3, image_px=32)


@pytest.fixture
def world(tmp_path: Path) -> FrameWorld:
    return make_world(tmp_path / "pictures")


def sets(world: FrameWorld, *parts: frozenset[str]) -> list[FrameSet]:
    found = []
    for part in parts:
        images, labels, groups = world.part(part)
        numbers = [CLASSES.index(label) for label in labels]
        found.append(read_frames(images, numbers, groups, OPTIONS.image_px, JobContext())[0])
    return found


def tune(world: FrameWorld, options: FrameTraining = OPTIONS, **more: object) -> tuple[FrameNetwork, Course]:
    network = build_network(SMALL, 3, 1)
    training, validation = sets(world, world.split.train, world.split.validation)
    more = {"ctx": JobContext(), **more}
    return network, fine_tune(network, training, validation, world.split, options, device="cpu", **more)


def equal(one: FrameNetwork, other: FrameNetwork) -> bool:
    return all(torch.equal(one.state_dict()[key], other.state_dict()[key]) for key in one.state_dict())


@pytest.mark.parametrize("stage", ["training", "validation"])
def test_a_test_video_sneaked_in_is_an_alarm(world: FrameWorld, stage: str) -> None:
    training, validation = sets(world, world.split.train, world.split.validation)
    (sneaked,) = sets(world, world.split.test)
    both = FrameSet(
        torch.cat([training.pictures, sneaked.pictures]),
        torch.cat([training.labels, sneaked.labels]),
        training.groups + sneaked.groups,
    )
    parts = (both, validation) if stage == "training" else (training, sneaked)
    with pytest.raises(LeakError, match=f"used for {stage}, they are test videos"):
        fine_tune(build_network(SMALL, 3), *parts, world.split, OPTIONS, device="cpu", ctx=JobContext())


def test_a_validation_video_does_not_train_and_a_training_video_does_not_validate(world: FrameWorld) -> None:
    training, validation = sets(world, world.split.train, world.split.validation)
    for parts in ((validation, validation), (training, training)):
        with pytest.raises(LeakError):
            fine_tune(build_network(SMALL, 3), *parts, world.split, OPTIONS, device="cpu", ctx=JobContext())


def test_the_same_seed_gives_the_same_weights_and_another_does_not(world: FrameWorld) -> None:
    torch.manual_seed(5)
    first, _ = tune(world)
    torch.manual_seed(6)
    assert equal(tune(world)[0], first), "random numbers of others play no part"
    assert not equal(tune(world, replace(OPTIONS, seed=1))[0], first)


def test_the_best_epoch_is_kept_and_patience_ends_the_training(
    world: FrameWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([1.0, 0.5, 0.7, 0.6, 9.9])
    states = []

    def loss(network: FrameNetwork, *_: object) -> float:
        states.append({key: tensor.clone() for key, tensor in network.state_dict().items()})
        return next(losses)

    monkeypatch.setattr(frame_training, "_loss", loss)
    network, course = tune(world, replace(OPTIONS, epochs=30, patience=2))
    assert [row["best"] for row in course.history] == [True, True, False, False]
    assert (course.best_epoch, course.best_loss) == (2, 0.5)
    assert all(torch.equal(tensor, states[1][key]) for key, tensor in network.state_dict().items())


def test_without_validation_all_epochs_count(world: FrameWorld) -> None:
    training, nothing = sets(world, world.split.train, frozenset({"v2"}))
    nothing = nothing.those([False] * len(nothing))
    network = build_network(SMALL, 3, 1)
    course = fine_tune(network, training, nothing, world.split, OPTIONS, device="cpu", ctx=JobContext())
    assert [row["validation_loss"] for row in course.history] == [None] * 3
    assert course.best_epoch == 3


def test_the_rate_falls_to_a_tenth_every_ten_epochs() -> None:
    scheduler_net = torch.nn.Linear(1, 1)
    optimiser = torch.optim.Adam(scheduler_net.parameters(), lr=1e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimiser, 10, 0.1)
    for epoch in range(30):
        assert FrameTraining().lr_at(epoch) == pytest.approx(scheduler.get_last_lr()[0])
        optimiser.step()
        scheduler.step()


def test_classes_weigh_the_same_however_many_pictures_they_have() -> None:
    labels = torch.tensor([0] * 30 + [1] * 10)
    weights = class_weights(labels, 3)
    assert weights[2] == 1
    assert float(weights[0] * 30) == pytest.approx(float(weights[1] * 10))
    assert float(weights[labels].mean()) == pytest.approx(1.0)


def test_a_single_last_picture_joins_the_batch_before(world: FrameWorld) -> None:
    training, validation = sets(world, world.split.train, world.split.validation)
    nine = training.those([at < 9 for at in range(len(training))])
    course = fine_tune(build_network(SMALL, 3), nine, validation, world.split, OPTIONS, device="cpu", ctx=JobContext())
    assert len(course.history) == 3


def test_pictures_are_changed_each_in_its_own_way() -> None:
    torch.manual_seed(0)
    picture = torch.randint(0, 255, (3, 32, 32), dtype=torch.uint8)
    found = augmented(picture.repeat(4, 1, 1, 1))
    assert found.dtype == torch.uint8
    assert found.shape == (4, 3, 32, 32)
    assert len({one.numpy().tobytes() for one in found}) == 4


def test_a_loss_that_is_no_number_stops_everything(world: FrameWorld) -> None:
    with pytest.raises(EnvironmentProblem, match="went astray"):
        tune(world, replace(OPTIONS, lr=1e30))


def test_a_validation_loss_that_is_no_number_does_so_too(world: FrameWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_training, "_loss", lambda *_: float("nan"))
    with pytest.raises(EnvironmentProblem, match="went astray"):
        tune(world)


def test_a_cancelled_training_keeps_its_finished_epochs(world: FrameWorld, tmp_path: Path) -> None:
    ctx, rows = JobContext(), []
    with pytest.raises(Cancelled):
        tune(
            world,
            ctx=ctx,
            work=tmp_path / "work",
            identity="one",
            on_epoch=lambda row: (rows.append(row), ctx.cancel()),
        )
    resumed, course = tune(world, work=tmp_path / "work", identity="one", on_epoch=rows.append)
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    whole, expected = tune(world)
    assert equal(resumed, whole)
    assert course == expected
    again, course = tune(world, work=tmp_path / "work", identity="one", on_epoch=rows.append)
    assert len(rows) == 3, "a finished training is not repeated"
    assert equal(again, whole)
    forget(tmp_path / "work")
    assert not list((tmp_path / "work").iterdir())


def test_mixed_precision_with_a_scaled_loss_goes_on_too(
    world: FrameWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a graphics card does, on a CPU: half the precision, and a scaler whose state is saved."""
    full, _ = tune(world)
    monkeypatch.setattr(frame_training, "autocast", lambda _: torch.autocast("cpu", dtype=torch.bfloat16))
    monkeypatch.setattr(frame_training, "precision", lambda _: "fp16")
    whole, expected = tune(world)
    tune(world, replace(OPTIONS, epochs=2), work=tmp_path, identity="one")
    rows: list[dict] = []
    resumed, course = tune(world, work=tmp_path, identity="one", on_epoch=rows.append)
    assert [row["epoch"] for row in rows] == [3]
    assert equal(resumed, whole)
    assert course == expected
    assert not equal(whole, full)
    assert all(tensor.dtype in (torch.float32, torch.int64) for tensor in whole.state_dict().values())


def test_another_training_or_a_damaged_file_is_not_gone_on_with(world: FrameWorld, tmp_path: Path) -> None:
    work, rows = tmp_path / "work", []
    tune(world, work=work, identity="one")
    tune(world, work=work, identity="two", on_epoch=rows.append)
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    saved = work / "epoch.safetensors"
    saved.write_bytes(saved.read_bytes()[:5000])
    tune(world, work=work, identity="two", on_epoch=rows.append)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 1, 2, 3]


def test_a_killed_training_goes_on_and_ends_in_the_same_weights(world: FrameWorld, tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from tests.core.models.test_frame_training import *
torch.set_num_threads(1)
folder = Path(sys.argv[1])
world = make_world(folder / "the same pictures")
def told(row):
    print(row["epoch"], flush=True)
    sys.stdin.readline()
tune(world, work=folder / "work", identity="one", on_epoch=told)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout.readline() == "1\n"
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "2\n"
        child.kill()
    assert child.returncode == -9
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows: list[dict] = []
    resumed, course = tune(world, work=tmp_path / "work", identity="one", on_epoch=rows.append)
    whole, expected = tune(world)
    torch.set_num_threads(threads)
    assert [row["epoch"] for row in rows] == [3], "only what was missing is trained"
    assert course == expected
    assert equal(resumed, whole)
