"""Native front ends and networks against stored outputs of the reference implementations (tests/data/README.md)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.models import ast, beats, eat, fbank
from core.models.registry import create_model

DATA = Path(__file__).parents[2] / "data"


def stored(name: str) -> dict[str, np.ndarray]:
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


def weights(archive: dict[str, np.ndarray], prefix: str = "w/") -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): torch.from_numpy(array) for name, array in archive.items() if name.startswith(prefix)
    }


def waveform(archive: dict[str, np.ndarray]) -> torch.Tensor:
    return torch.from_numpy(archive["audio"].astype(np.float32) / 32768)[None]


@pytest.fixture(scope="module")
def banks() -> dict[str, np.ndarray]:
    return stored("fbank")


@pytest.mark.parametrize(("name", "settings"), [("eat", fbank.EAT_FBANK), ("beats", fbank.BEATS_FBANK)])
def test_filter_banks_agree_with_kaldi(banks: dict[str, np.ndarray], name: str, settings: fbank.FbankSettings) -> None:
    found = fbank.log_mel(waveform(banks), settings)[0].numpy()
    assert found.shape == (318, 128)
    difference = np.abs(found[:: banks["step"]] - banks[name])
    assert difference.max() < 2e-3
    assert np.median(difference) < 1e-5


@pytest.mark.parametrize(
    ("name", "settings"), [("eat", fbank.EAT_FBANK), ("beats", fbank.BEATS_FBANK), ("ast", fbank.AST_FBANK)]
)
def test_normalised_filter_banks_agree(banks: dict[str, np.ndarray], name: str, settings: fbank.FbankSettings) -> None:
    found = fbank.normalised(waveform(banks), settings)[0].numpy()[:: banks["step"]]
    assert np.abs(found - banks[f"{name}_normalised"]).max() < 2e-4


def test_filter_banks_of_a_file_are_those_of_its_windows(banks: dict[str, np.ndarray]) -> None:
    audio = waveform(banks)
    whole = fbank.log_mel(audio, fbank.BEATS_FBANK)
    part = fbank.log_mel(audio[:, 16_000:32_000], fbank.BEATS_FBANK)
    assert torch.equal(whole[:, 100:198], part) or (whole[:, 100:198] - part).abs().max() < 1e-4


def test_beats_agrees_with_the_reference(banks: dict[str, np.ndarray]) -> None:
    archive = stored("beats_tiny")
    model = create_model("BEATS", tiny=True)
    model.load("cpu")
    model.network.load_state_dict(beats.network_state(weights(archive)))
    with torch.inference_mode():
        tokens = model.network(model.front_end(waveform(banks)))[0].numpy()
    assert tokens.shape == (152, 32)
    assert np.abs(tokens - archive["tokens"]).max() < 2e-4


def test_eat_agrees_with_the_reference(banks: dict[str, np.ndarray]) -> None:
    archive = stored("eat_tiny")
    state = weights(archive)
    table = torch.zeros(1, 6144, 48)
    table[:, :160] = state["fixed_positional_encoder.positions"]
    network = eat.EatNetwork(eat.EatSize(48, 3, 4)).eval()
    network.load_state_dict(state | {"fixed_positional_encoder.positions": table})
    raw = fbank.log_mel(waveform(banks), fbank.EAT_FBANK)
    # The reference fills up to a whole number of patches, before it normalises.
    padded = torch.nn.functional.pad(raw, (0, 0, 0, 2))
    with torch.inference_mode():
        tokens = network((padded - fbank.EAT_FBANK.mean) / fbank.EAT_FBANK.divisor)[0].numpy()
    assert tokens.shape == (161, 48)
    assert np.abs(tokens - archive["tokens"]).max() < 2e-4


def test_hubert_layers_agree_with_the_reference() -> None:
    from torchaudio.models import wav2vec2_model

    archive = stored("hubert_tiny")
    network = wav2vec2_model(**json.loads(str(archive["layer_norm/cfg"]))).eval()
    network.load_state_dict(weights(archive, "layer_norm/w/"))
    network.normalise = False
    audio, step = waveform(archive), int(archive["step"])
    model = create_model("HUBERT_LARGE", tiny=True)
    model._network = network
    found = model.run(audio)[0].numpy()
    assert found.shape == (399, 48)
    assert np.abs(found[::step] - archive["layer_norm/output"]).max() < 5e-5
    from dataclasses import replace

    model.spec = replace(model.spec, layers=(0, 1, 2, 3))
    layers = model.run(audio)[0].numpy()
    assert layers.shape == (399, 4 * 48)
    for number in range(4):
        part = layers[::step, 48 * number : 48 * (number + 1)]
        assert np.abs(part - archive[f"layer_norm/layer/{number}"]).max() < 5e-5


@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
def test_ast_agrees_with_transformers() -> None:
    """A full clip through our loop of layers, and through the library's own forward pass."""
    single, several = create_model("AST", tiny=True), create_model("AST_ML", tiny=True)
    single.load("cpu")
    several.load("cpu")
    features = torch.randn(2, 1024, 128, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        reference = single.network(features, output_hidden_states=True)
    patches = reference.last_hidden_state[:, 2:].mean(dim=1)
    assert (single.summarise(single.run(features)) - patches).abs().max() < 1e-5
    expected = torch.cat([reference.hidden_states[number + 1][:, 2:].mean(dim=1) for number in (2, 5, 8, 11)], dim=-1)
    assert (several.summarise(several.run(features)) - expected).abs().max() < 1e-5


def test_the_names_of_an_older_ast_checkpoint_are_understood() -> None:
    model = create_model("AST", tiny=True)
    model.load("cpu")
    older = {"classifier.dense.weight": torch.zeros(1)}
    for name, tensor in model.network.state_dict().items():
        old = name.replace("layers.", "encoder.layer.")
        for new_part, old_part in (
            ("attention.q_proj", "attention.attention.query"),
            ("attention.k_proj", "attention.attention.key"),
            ("attention.v_proj", "attention.attention.value"),
            ("attention.o_proj", "attention.output.dense"),
            ("mlp.fc1", "intermediate.dense"),
            ("mlp.fc2", "output.dense"),
        ):
            old = old.replace(new_part, old_part)
        older["audio_spectrogram_transformer." + old] = tensor
    assert ast.network_state(older).keys() == model.network.state_dict().keys()
