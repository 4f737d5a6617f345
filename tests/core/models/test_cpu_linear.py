"""The faster linear layer gives the numbers of the plain one, under the same names."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.models.cpu_linear import OneDnnLinear, use_onednn


def test_a_network_keeps_its_numbers_and_its_names() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(48, 96), nn.GELU(), nn.Sequential(nn.Linear(96, 7, bias=False))).eval()
    values = torch.randn(3, 5, 48)
    names = list(network.state_dict())
    with torch.inference_mode():
        before = network(values)
        changed = use_onednn(network)
        assert (changed(values) - before).abs().max() < 1e-5
    assert isinstance(changed[0], OneDnnLinear)
    assert list(changed.state_dict()) == names


def test_without_onednn_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    network = nn.Sequential(nn.Linear(4, 4))
    assert type(use_onednn(network)[0]) is nn.Linear
