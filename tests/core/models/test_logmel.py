"""What the weight-free embedding hears."""

from __future__ import annotations

import numpy as np
import pytest

from core.models.base import EmbeddingModel
from core.models.registry import create_model

RATE = 16_000


@pytest.fixture(scope="module")
def model() -> EmbeddingModel:
    found = create_model("LOGMEL")
    found.load("cpu")
    return found


def sounds(kind: str, generator: np.random.Generator) -> np.ndarray:
    time = np.arange(2 * RATE) / RATE
    level = generator.uniform(0.05, 0.5)
    noise = generator.standard_normal(len(time))
    if kind == "tone":
        return level * np.sin(2 * np.pi * generator.uniform(300, 600) * time)
    if kind == "noise":
        return level * noise
    if kind == "slow pulse":
        return level * noise * (np.sin(2 * np.pi * generator.uniform(1.8, 2.4) * time) > 0)
    return level * noise * (np.sin(2 * np.pi * generator.uniform(18, 24) * time) > 0)


def test_kinds_of_sound_stand_apart(model: EmbeddingModel) -> None:
    """Nearest neighbour among standardised embeddings, at random levels and speeds."""
    generator = np.random.default_rng(0)
    kinds = ["tone", "noise", "slow pulse", "fast pulse"] * 6
    audio = np.stack([sounds(kind, generator) for kind in kinds]).astype(np.float32)
    values = model.embed(audio)
    values = (values - values.mean(0)) / (values.std(0) + 1e-6)
    distance = np.linalg.norm(values[:, None] - values[None], axis=-1) + np.diag(np.full(len(values), np.inf))
    assert [kinds[place] for place in distance.argmin(1)] == kinds


def test_a_click_shorter_than_the_analysis_is_taken(model: EmbeddingModel) -> None:
    values = model.embed(np.ones((1, 3), np.float32))
    assert values.shape == (1, 424)
    assert np.isfinite(values).all()
