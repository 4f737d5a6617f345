"""The table of models: names, dimensions, layers, and what can be taken from an `_ML` embedding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import UserError
from core.models.registry import MODELS, columns_in_ml, create_model, embed_dim, ml_config, model_names, model_spec

DIMENSIONS = {
    "YAMNET": 1024,
    "WAV2VEC2_BASE": 768,
    "WAV2VEC2_LARGE": 1024,
    "WAV2VEC2_LARGE_LV60K": 1024,
    "HUBERT_BASE": 768,
    "HUBERT_LARGE": 1024,
    "HUBERT_XLARGE": 1280,
    "WAV2VEC2_BASE_ML": 3072,
    "HUBERT_BASE_ML": 3072,
    "HUBERT_LARGE_ML": 4096,
    "HUBERT_XLARGE_ML": 5120,
    "BEATS": 768,
    "AST": 768,
    "AST_ML": 3072,
    "EAT": 768,
    "EAT_LARGE": 1024,
}


def test_the_table_holds_every_model_once() -> None:
    assert set(model_names()) == {"LOGMEL", *DIMENSIONS}
    assert len(MODELS) == len(model_names())
    for name, dim in DIMENSIONS.items():
        assert embed_dim(name) == dim


def test_multi_layer_models_name_their_quartiles() -> None:
    assert ml_config("HUBERT_XLARGE_ML") == ("HUBERT_XLARGE", [11, 23, 35, 47])
    assert ml_config("HUBERT_LARGE_ML") == ("HUBERT_LARGE", [5, 11, 17, 23])
    assert ml_config("AST_ML") == ("AST", [2, 5, 8, 11])
    assert ml_config("WAV2VEC2_BASE_ML") == ("WAV2VEC2_BASE", [2, 5, 8, 11])
    for name in ("HUBERT_BASE", "BEATS", "BEATS_ML", "LOGMEL", ""):
        assert ml_config(name) is None


def test_every_row_says_what_a_person_wants_to_know() -> None:
    for spec in MODELS:
        assert spec.licence
        assert spec.source
        assert spec.weights is None or (spec.weights.url.startswith("https://") and spec.weights.size > 1_000_000)
        assert spec.name == spec.backbone or spec.layers
    files = {spec.weights.name: spec.weights for spec in MODELS if spec.weights}
    assert all(spec.weights == files[spec.weights.name] for spec in MODELS if spec.weights)


def test_an_unknown_model_is_refused_with_the_list() -> None:
    for call in (model_spec, embed_dim, create_model):
        with pytest.raises(UserError, match="LOGMEL, YAMNET"):
            call("HUBERT")


def test_only_the_base_models_can_be_taken_from_their_ml_variant() -> None:
    assert columns_in_ml("HUBERT_BASE") == ("HUBERT_BASE_ML", (slice(2304, 3072),))
    assert columns_in_ml("WAV2VEC2_BASE", grain=True)[1] == (slice(2304, 3072), slice(5376, 6144))
    for name in ("HUBERT_LARGE", "HUBERT_XLARGE", "AST", "BEATS", "LOGMEL"):
        assert columns_in_ml(name) is None


def test_the_columns_taken_from_an_ml_embedding_are_the_single_one() -> None:
    single, several = create_model("HUBERT_BASE", tiny=True), create_model("HUBERT_BASE_ML", tiny=True)
    single.load("cpu")
    several.load("cpu")
    audio = np.random.default_rng(0).standard_normal((1, 32_000)).astype(np.float32)
    assert np.allclose(several.embed(audio)[:, 3 * 48 :], single.embed(audio), atol=1e-6)


def test_the_table_loads_no_heavy_library() -> None:
    code = "import sys, core.models.registry, core.models.weights, core.models.device; print('torch' in sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "False"
