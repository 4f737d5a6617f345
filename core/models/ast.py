"""AST and AST_ML: the Audio Spectrogram Transformer of `transformers`, fine-tuned on AudioSet by its authors.

Gong et al., AST: Audio Spectrogram Transformer (2021), checkpoint `MIT/ast-finetuned-audioset-10-10-0.4593`. A window
is encoded at its own length with the positions it would have at the start of a clip of 10.24 s, so there is no padding
to pool. The weights are read from the safetensors file; nothing is asked of a hub.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.base import Grid
from core.models.fbank import AST_FBANK, FRAME_HOP, FRAME_SPAN, normalised
from core.models.torch_model import TorchEmbedding

if TYPE_CHECKING:
    from transformers import ASTConfig

_PATCH, _STRIDE, _MEL_PATCHES, _TIME_PATCHES = 16, 10, 12, 101
_SPECIAL = 2  # CLS and distillation token
_PREFIX = "audio_spectrogram_transformer."
# The checkpoint was written under the names of an earlier release of the library.
_RENAMED = (
    (re.compile(r"^encoder\.layer\."), "layers."),
    (re.compile(r"\.attention\.attention\.query\."), ".attention.q_proj."),
    (re.compile(r"\.attention\.attention\.key\."), ".attention.k_proj."),
    (re.compile(r"\.attention\.attention\.value\."), ".attention.v_proj."),
    (re.compile(r"\.attention\.output\.dense\."), ".attention.o_proj."),
    (re.compile(r"\.intermediate\.dense\."), ".mlp.fc1."),
    (re.compile(r"(layers\.\d+)\.output\.dense\."), r"\1.mlp.fc2."),
)


class AstEmbedding(TorchEmbedding):
    """Features are filter banks, a frame is the mean of the twelve patches that start at the same 100 ms."""

    grid: ClassVar[Grid] = Grid(FRAME_HOP, FRAME_SPAN, _STRIDE, _PATCH, chunk_frames=_TIME_PATCHES, margin_frames=1)

    def build(self) -> nn.Module:
        """The network at its published size, or a tiny one."""
        from transformers import ASTModel

        network = ASTModel(self._config())
        if not network.embeddings.position_embeddings.is_meta:
            nn.init.normal_(network.embeddings.position_embeddings, std=0.02)
        return network

    def _config(self) -> ASTConfig:
        from transformers import ASTConfig

        if self.tiny:
            return ASTConfig(
                hidden_size=48,
                num_hidden_layers=12,
                num_attention_heads=4,
                intermediate_size=96,
                attn_implementation="sdpa",
            )
        return ASTConfig(attn_implementation="sdpa")

    def state(self, path: Path) -> dict[str, Tensor]:
        """See `TorchEmbedding.state`."""
        return network_state(super().state(path))

    def front_end(self, audio: Tensor) -> Tensor:
        """float32[B, T] → float32[B, F, 128]."""
        return normalised(audio, AST_FBANK)

    def frames(self, features: Tensor) -> Tensor:
        """float32[B, F, 128] → float32[B, n, D]: the normalised output, or the chosen layers side by side."""
        network, chosen, taken = self.network, self.spec.layers, []
        hidden = self._embedded(features)
        for number, layer in enumerate(network.layers):
            hidden = layer(hidden)
            if chosen and number in chosen:
                taken.append(_over_bands(hidden))
        return torch.cat(taken, dim=-1) if chosen else _over_bands(network.layernorm(hidden))

    def _embedded(self, features: Tensor) -> Tensor:
        """Patches with their positions, and the two special tokens in front."""
        embeddings = self.network.embeddings
        patches = embeddings.patch_embeddings(features)
        special = torch.cat([embeddings.cls_token, embeddings.distillation_token], dim=1)
        positions = embeddings.position_embeddings
        placed = patches + _cut_positions(positions[:, _SPECIAL:], patches.shape[1] // _MEL_PATCHES)
        first = (special + positions[:, :_SPECIAL]).expand(len(patches), -1, -1)
        return torch.cat([first, placed], dim=1)


def _cut_positions(positions: Tensor, steps: int) -> Tensor:
    """The positions (1, 12·101, D) of the first steps of time; stretched where there are more than in training."""
    table = positions.unflatten(1, (_MEL_PATCHES, -1))
    if steps > table.shape[2]:
        stretched = functional.interpolate(table.permute(0, 3, 1, 2), size=(_MEL_PATCHES, steps), mode="bilinear")
        table = stretched.permute(0, 2, 3, 1)
    return table[:, :, :steps].flatten(1, 2)


def _over_bands(tokens: Tensor) -> Tensor:
    """Tokens in order band × time behind the special ones: (B, 2 + 12n, D) → (B, n, D)."""
    return tokens[:, _SPECIAL:].unflatten(1, (_MEL_PATCHES, -1)).mean(dim=1)


def network_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The checkpoint's tensors under the names of the installed `transformers`, without the classifier."""
    result = {}
    for name, tensor in state.items():
        if name.startswith("classifier."):
            continue
        renamed = name.removeprefix(_PREFIX)
        for pattern, replacement in _RENAMED:
            renamed = pattern.sub(replacement, renamed)
        result[renamed] = tensor
    return result
