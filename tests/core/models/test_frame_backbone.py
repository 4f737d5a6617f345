"""Backbones and the weights they start from: found, refused, never quietly replaced by random ones."""

from __future__ import annotations

import urllib.error
from pathlib import Path
from typing import BinaryIO

import pytest
import torch
from safetensors.torch import save_file

from core.errors import EnvironmentProblem, UserError
from core.models.frame_backbone import (
    RESNET50_WEIGHTS,
    backbone_id,
    build_network,
    imagenet_file,
    load_start,
)
from core.models.weights import WeightStore
from tests.core.models.frame_world import SMALL


def offline(url: str, timeout_s: int) -> BinaryIO:
    raise urllib.error.URLError("Temporary failure in name resolution")


def test_resnet50_has_its_real_size_and_takes_torchvisions_file(tmp_path: Path) -> None:
    from torchvision.models import resnet50

    torch.manual_seed(1)
    whole = resnet50(weights=None)
    state = whole.state_dict()
    torch.save(state, tmp_path / "theirs.pth")
    network = build_network("resnet50", 3)
    assert sum(part.numel() for part in network.backbone.parameters()) == 23_508_032
    assert load_start(network, "resnet50", tmp_path / "theirs.pth") == "theirs.pth"
    whole.fc = torch.nn.Identity()
    pictures = torch.rand(2, 3, 224, 224)
    with torch.inference_mode():
        embeddings = network.eval().backbone(pictures)
        assert embeddings.shape == (2, network.dim) == (2, 2048)
        assert torch.equal(embeddings, whole.eval()(pictures))
        assert network(pictures).shape == (2, 3)


def test_missing_weights_are_an_error_with_a_way_out(tmp_path: Path) -> None:
    network = build_network(SMALL, 2)
    before = backbone_id(network)
    with pytest.raises(EnvironmentProblem) as caught:
        load_start(build_network("resnet50", 2), "resnet50", "imagenet", WeightStore(tmp_path, offline))
    for part in (RESNET50_WEIGHTS.name, RESNET50_WEIGHTS.url, str(tmp_path), "name resolution"):
        assert part in str(caught.value)
    with pytest.raises(EnvironmentProblem, match=r"not there: last_round\.safetensors.*put it into"):
        load_start(network, SMALL, "last_round.safetensors", WeightStore(tmp_path))
    assert backbone_id(network) == before


def test_published_files_are_named_with_address() -> None:
    assert imagenet_file("resnet50").sha256.startswith("0676ba61"), "as the publisher's file name says"
    small = imagenet_file(SMALL)
    assert small.name == "test_resnet.r160_in1k.safetensors"
    assert small.url == "https://huggingface.co/timm/test_resnet.r160_in1k/resolve/main/model.safetensors"
    with pytest.raises(UserError, match="No trained weights are published"):
        imagenet_file("timm:test_maxvit")


def test_only_the_word_random_starts_at_random(tmp_path: Path) -> None:
    first, second, other = (build_network(SMALL, 2, seed) for seed in (1, 1, 2))
    assert load_start(first, SMALL, "random", WeightStore(tmp_path, offline)) == "random"
    assert backbone_id(first) == backbone_id(second) != backbone_id(other)


@pytest.mark.parametrize("form", ["safetensors", "pth", "half", "without counts", "a model of ours"])
def test_weights_come_from_a_file_in_any_usual_form(tmp_path: Path, form: str) -> None:
    source, target = build_network(SMALL, 2, 1), build_network(SMALL, 3, 2)
    state = {**source.backbone.state_dict(), "fc.weight": torch.zeros(1000, 9)}
    name = "own.safetensors"
    if form == "half":
        # Rounds the source, so that the two can be equal.
        source.backbone.half().float()
        state = {key: tensor.half() if tensor.is_floating_point() else tensor for key, tensor in state.items()}
    elif form == "without counts":
        state = {key: tensor for key, tensor in state.items() if "num_batches" not in key}
    elif form == "a model of ours":
        state = source.state_dict()
    if form == "pth":
        name = "own.pth"
        torch.save(state, tmp_path / name)
    else:
        save_file(state, tmp_path / name)
    assert load_start(target, SMALL, name, WeightStore(tmp_path, offline)) == name, "found in the weights folder"
    assert backbone_id(target) == backbone_id(source)
    assert all(tensor.dtype in (torch.float32, torch.int64) for tensor in target.state_dict().values())


def test_a_file_of_another_network_is_refused_whole(tmp_path: Path) -> None:
    other = build_network("timm:test_byobnet", 2).backbone.state_dict()
    save_file(other, tmp_path / "other.safetensors")
    network = build_network(SMALL, 2)
    before = backbone_id(network)
    with pytest.raises(EnvironmentProblem, match=r"other\.safetensors does not belong to timm:test_resnet"):
        load_start(network, SMALL, tmp_path / "other.safetensors")
    (tmp_path / "text.pth").write_text("not weights")
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        load_start(network, SMALL, tmp_path / "text.pth")
    assert backbone_id(network) == before


@pytest.mark.parametrize("name", ["", "resnet51", "timm:", "timm:resnet5000", "test_resnet"])
def test_an_unknown_backbone_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(UserError, match="Choose resnet50, or a network of timm"):
        build_network(name, 2)


def test_a_network_of_timm_brings_its_own_look() -> None:
    assert build_network("resnet50", 2).look.mean == (0.485, 0.456, 0.406)
    assert build_network("timm:test_vit", 2).look.mean == (0.5, 0.5, 0.5)
