"""The table of every embedding model, and what follows from a row without loading anything."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from core.errors import UserError
from core.models.base import ModelSpec, WeightFile

if TYPE_CHECKING:
    from core.models.base import EmbeddingModel

_TORCHAUDIO = "https://download.pytorch.org/torchaudio/models/"
_HUB = "https://huggingface.co/"

_WAV2VEC2_BASE = WeightFile(
    "wav2vec2_fairseq_base_ls960.pth", _TORCHAUDIO + "wav2vec2_fairseq_base_ls960.pth", 378_000_000
)
_WAV2VEC2_LARGE = WeightFile(
    "wav2vec2_fairseq_large_ls960.pth", _TORCHAUDIO + "wav2vec2_fairseq_large_ls960.pth", 1_262_000_000
)
_WAV2VEC2_LV60K = WeightFile(
    "wav2vec2_fairseq_large_lv60k.pth", _TORCHAUDIO + "wav2vec2_fairseq_large_lv60k.pth", 1_262_000_000
)
_HUBERT_BASE = WeightFile("hubert_fairseq_base_ls960.pth", _TORCHAUDIO + "hubert_fairseq_base_ls960.pth", 378_000_000)
_HUBERT_LARGE = WeightFile(
    "hubert_fairseq_large_ll60k.pth", _TORCHAUDIO + "hubert_fairseq_large_ll60k.pth", 1_262_000_000
)
_HUBERT_XLARGE = WeightFile(
    "hubert_fairseq_xlarge_ll60k.pth", _TORCHAUDIO + "hubert_fairseq_xlarge_ll60k.pth", 3_850_000_000
)
_YAMNET = WeightFile(
    "yamnet.tflite",
    "https://storage.googleapis.com/mediapipe-models/audio_classifier/yamnet/float32/1/yamnet.tflite",
    4_126_810,
    "10c95ea3eb9a7bb4cb8bddf6feb023250381008177ac162ce169694d05c317de",
)
_BEATS = WeightFile(
    "BEATs_iter3_plus_AS2M.pt",
    _HUB + "lpepino/beats_ckpts/resolve/main/BEATs_iter3_plus_AS2M.pt",
    361_499_833,
    "d43cbfad4d7b56381c061d7a24774f908d4d94c72961f6eb1d9090ff18cd8d34",
)
_AST = WeightFile(
    "ast-finetuned-audioset-10-10-0.4593.safetensors",
    _HUB + "MIT/ast-finetuned-audioset-10-10-0.4593/resolve/main/model.safetensors",
    346_000_000,
)
_EAT = WeightFile(
    "EAT-base_epoch30_finetune_AS2M.safetensors",
    _HUB + "worstchan/EAT-base_epoch30_finetune_AS2M/resolve/main/model.safetensors",
    360_000_000,
)
_EAT_LARGE = WeightFile(
    "EAT-large_epoch20_finetune_AS2M.safetensors",
    _HUB + "worstchan/EAT-large_epoch20_finetune_AS2M/resolve/main/model.safetensors",
    1_250_000_000,
)

_FAIRSEQ = "core.models.torchaudio_family:TorchaudioEmbedding"
_AST_CLASS = "core.models.ast:AstEmbedding"
_EAT_CLASS = "core.models.eat:EatEmbedding"
_W2V, _HUB_SOURCE = "wav2vec 2.0, Meta, by way of torchaudio", "HuBERT, Meta, by way of torchaudio"
_QUARTERS = {12: (2, 5, 8, 11), 24: (5, 11, 17, 23), 48: (11, 23, 35, 47)}


def _fairseq(name: str, dim: int, weights: WeightFile, layers: int = 0) -> ModelSpec:
    """A row of the torchaudio families; `layers` of the network where it is an `_ML` variant."""
    backbone = name.removesuffix("_ML")
    source = _HUB_SOURCE if name.startswith("HUBERT") else _W2V
    chosen = _QUARTERS[layers] if layers else None
    return ModelSpec(name, "torchaudio", dim, _FAIRSEQ, backbone, chosen, "1", "MIT", source, weights)


MODELS: tuple[ModelSpec, ...] = (
    ModelSpec(
        "LOGMEL", "logmel", 424, "core.models.logmel:LogmelEmbedding", "LOGMEL", None, "1", "none needed",
        "built in: statistics of a log-mel spectrogram",
    ),
    ModelSpec(
        "YAMNET", "yamnet", 1024, "core.models.yamnet:YamnetEmbedding", "YAMNET", None, "1", "Apache-2.0",
        "YAMNet, Google, as published with MediaPipe", _YAMNET,
    ),
    _fairseq("WAV2VEC2_BASE", 768, _WAV2VEC2_BASE),
    _fairseq("WAV2VEC2_LARGE", 1024, _WAV2VEC2_LARGE),
    _fairseq("WAV2VEC2_LARGE_LV60K", 1024, _WAV2VEC2_LV60K),
    _fairseq("HUBERT_BASE", 768, _HUBERT_BASE),
    _fairseq("HUBERT_LARGE", 1024, _HUBERT_LARGE),
    _fairseq("HUBERT_XLARGE", 1280, _HUBERT_XLARGE),
    _fairseq("WAV2VEC2_BASE_ML", 3072, _WAV2VEC2_BASE, 12),
    _fairseq("HUBERT_BASE_ML", 3072, _HUBERT_BASE, 12),
    _fairseq("HUBERT_LARGE_ML", 4096, _HUBERT_LARGE, 24),
    _fairseq("HUBERT_XLARGE_ML", 5120, _HUBERT_XLARGE, 48),
    ModelSpec(
        "BEATS", "beats", 768, "core.models.beats:BeatsEmbedding", "BEATS", None, "1", "MIT",
        "BEATs iter3+ AS2M, Microsoft", _BEATS,
    ),
    ModelSpec(
        "AST", "ast", 768, _AST_CLASS, "AST", None, "1", "BSD-3-Clause",
        "Audio Spectrogram Transformer, MIT, fine-tuned on AudioSet", _AST,
    ),
    ModelSpec(
        "AST_ML", "ast", 3072, _AST_CLASS, "AST", _QUARTERS[12], "1", "BSD-3-Clause",
        "Audio Spectrogram Transformer, MIT, fine-tuned on AudioSet", _AST,
    ),
    ModelSpec(
        "EAT", "eat", 768, _EAT_CLASS, "EAT", None, "1", "MIT",
        "Efficient Audio Transformer base, fine-tuned on AudioSet", _EAT,
    ),
    ModelSpec(
        "EAT_LARGE", "eat", 1024, _EAT_CLASS, "EAT_LARGE", None, "1", "MIT",
        "Efficient Audio Transformer large, fine-tuned on AudioSet", _EAT_LARGE,
    ),
)  # fmt: skip
_BY_NAME = {spec.name: spec for spec in MODELS}


def model_names() -> tuple[str, ...]:
    """Every model's name, in the order they are offered."""
    return tuple(_BY_NAME)


def model_spec(name: str) -> ModelSpec:
    """The row of a model.

    Raises:
        UserError: there is no such model.
    """
    if name not in _BY_NAME:
        raise UserError(f"There is no embedding model {name!r}", "", "Choose one of " + ", ".join(_BY_NAME))
    return _BY_NAME[name]


def create_model(name: str, *, tiny: bool = False) -> EmbeddingModel:
    """A model that is not loaded yet. Imports its family, and torch with it.

    Args:
        tiny: the same architecture at a small size with seeded random weights, which needs no file; for tests.

    Raises:
        UserError: there is no such model.
    """
    spec = model_spec(name)
    module, _, cls = spec.factory.partition(":")
    return getattr(importlib.import_module(module), cls)(spec, tiny=tiny)


def embed_dim(name: str) -> int:
    """Numbers in the embedding of one window.

    Raises:
        UserError: there is no such model.
    """
    return model_spec(name).dim


def ml_config(name: str) -> tuple[str, list[int]] | None:
    """("HUBERT_BASE", [2, 5, 8, 11]) for "HUBERT_BASE_ML"; None for a single-layer model and for an unknown name."""
    spec = _BY_NAME.get(name)
    return None if spec is None or spec.layers is None else (spec.backbone, list(spec.layers))


def columns_in_ml(name: str, grain: bool = False) -> tuple[str, tuple[slice, ...]] | None:
    """Where a single-layer embedding stands in its `_ML` variant's, or None where it does not.

    Only the base models of the torchaudio families end in the last of the four layers: AST and the layer-norm models
    put one more normalisation behind it, which does not commute with pooling.

    Args:
        grain: for short-grain embeddings, whose second half repeats the layout of the first.

    Returns:
        the `_ML` name and the column ranges to join: ("HUBERT_BASE_ML", (slice(2304, 3072),)).
    """
    if name not in ("WAV2VEC2_BASE", "HUBERT_BASE"):
        return None
    whole, part = embed_dim(name + "_ML"), embed_dim(name)
    ranges = (slice(whole - part, whole), slice(2 * whole - part, 2 * whole))
    return name + "_ML", ranges if grain else ranges[:1]
