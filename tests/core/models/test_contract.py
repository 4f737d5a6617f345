"""What every row of the table of models must keep, on tiny networks of the real architectures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import EnvironmentProblem
from core.models.base import SAMPLE_RATE_HZ, EmbeddingModel, ModelSpec
from core.models.encode import Output, embed_recording
from core.models.registry import MODELS, create_model, model_names
from core.models.torch_model import BACKBONES
from core.models.weights import WeightStore

TINY_DIM = {"logmel": 424, "yamnet": 128, "torchaudio": 48, "beats": 32, "ast": 48, "eat": 48}
SECONDS = 3


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal(round(seconds * SAMPLE_RATE_HZ))).astype(np.float32)


@pytest.fixture(params=model_names())
def model(request: pytest.FixtureRequest) -> Iterator[EmbeddingModel]:
    torch.set_num_threads(1)
    found = create_model(request.param, tiny=True)
    found.load("cpu")
    yield found
    found.close()


def test_an_embedding_is_what_the_table_says(model: EmbeddingModel) -> None:
    audio = np.stack([noise(SECONDS, seed) for seed in range(8)])
    audio[5] = 0.0
    audio[6] = np.sign(audio[6])
    audio[7] *= 1e-4
    values = model.embed(audio)
    dim = TINY_DIM[model.spec.family] * len(model.spec.layers or (0,))
    assert values.shape == (8, dim)
    assert values.dtype == np.float32
    assert np.isfinite(values).all(), "silence, clipping and very quiet sound survive"
    assert np.array_equal(values, model.embed(audio)), "the same audio gives the same numbers"
    alone = np.concatenate([model.embed(row[None]) for row in audio])
    assert np.abs(values - alone).max() < 1e-5 * max(1.0, np.abs(values).max()), "a row does not know its neighbours"
    assert np.abs(values[0] - values[1]).max() > 1e-4, "different audio gives different numbers"


def test_recordings_of_any_length_are_taken(model: EmbeddingModel) -> None:
    window = Output(2.0, 1.0)
    for samples, count in ((0, 0), (1, 1), (900, 1), (31_999, 1), (32_000, 1), (50_000, 2)):
        starts, values = embed_recording(model, noise(4)[:samples], window, window=window)
        assert len(starts) == len(values) == count
        assert np.isfinite(values).all()


def test_short_grains_come_from_the_same_frames(model: EmbeddingModel) -> None:
    window, grain = Output(2.0, 1.0), Output(1.0, 0.5, grain=True)
    for encoding in ("exact", "shared"):
        starts, values = embed_recording(model, noise(5), grain, encoding=encoding, window=window)
        assert np.allclose(starts, np.arange(9) * 0.5)
        dim = TINY_DIM[model.spec.family] * len(model.spec.layers or (0,))
        assert values.shape == (9, dim if model.spec.family == "logmel" else 2 * dim)
        if model.spec.family != "logmel":
            assert (values[:, dim:] >= values[:, :dim] - 1e-6).all(), "the maximum is never below the mean"


def test_exact_windows_are_those_of_embedding_each_alone(model: EmbeddingModel) -> None:
    audio, window = noise(6.3), Output(3.0, 1.0)
    _, values = embed_recording(model, audio, window, window=window)
    alone = model.embed(np.stack([audio[k * 16_000 : k * 16_000 + 48_000] for k in range(4)]))
    assert values.shape == alone.shape
    # Filter banks of a longer stretch differ in the last bits of their logarithm, most in near silence.
    assert np.abs(values - alone).max() < 1e-4 * max(1.0, np.abs(alone).max())


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_the_real_size_has_the_dimension_of_the_table(spec: ModelSpec) -> None:
    model = create_model(spec.name)
    if spec.local:
        model.load_random("cpu")
        assert model.embed(noise(1)[None]).shape == (1, spec.dim)
        return
    with torch.device("meta"):
        model._network = model.build().eval()
        samples = torch.zeros(1, 32_000)
        features = samples if spec.family == "torchaudio" else torch.zeros(1, 198, 128)
        assert model.frames(features).shape[-1] == spec.dim


def test_a_model_and_its_ml_variant_share_their_weights(tmp_path: Path) -> None:
    source = create_model("HUBERT_BASE", tiny=True)
    source.load("cpu")
    torch.save(source.network.state_dict(), tmp_path / source.spec.weights.name)
    store = WeightStore(tmp_path)
    single, several = create_model("HUBERT_BASE", tiny=True), create_model("HUBERT_BASE_ML", tiny=True)
    single.load("cpu", store)
    several.load("cpu", store)
    assert single.network is several.network
    audio = noise(2)[None]
    assert np.array_equal(single.embed(audio), source.embed(audio)), "what was stored is what is loaded"
    assert np.allclose(several.embed(audio)[:, -48:], single.embed(audio), atol=1e-6), "the last layer is the output"
    BACKBONES.drop()


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    model = create_model("HUBERT_BASE", tiny=True)
    torch.save({"something": torch.zeros(3)}, tmp_path / model.spec.weights.name)
    with pytest.raises(EnvironmentProblem, match="does not belong to HUBERT_BASE"):
        model.load("cpu", WeightStore(tmp_path))


def test_a_model_that_is_not_loaded_says_so() -> None:
    with pytest.raises(RuntimeError, match="before it is loaded"):
        create_model("EAT", tiny=True).embed(noise(1)[None])
