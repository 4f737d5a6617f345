"""BEATS: Bidirectional Encoder representation from Audio Transformers, iter3+, natively, from its checkpoint.

Chen et al., BEATs: Audio Pre-Training with Acoustic Tokenizers (2022). Twelve post-norm blocks with DeepNorm and a
gated relative position bias: one table of buckets for all layers, scaled per query by a gate. Padding would change
every token, so windows are always encoded at their own length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.base import Grid
from core.models.fbank import BEATS_FBANK, FRAME_HOP, FRAME_SPAN, normalised
from core.models.torch_model import TorchEmbedding
from core.models.transformer import mean_over_bands

_PATCH, _MEL_PATCHES = 16, 8
_GATE_WIDTH = 8


@dataclass(frozen=True)
class BeatsSize:
    """The numbers of BEATs' configuration that its architecture depends on."""

    patch_dim: int = 512
    dim: int = 768
    hidden: int = 3072
    depth: int = 12
    heads: int = 12
    position_kernel: int = 128
    position_groups: int = 16
    buckets: int = 320
    longest: int = 800


_TINY = BeatsSize(24, 32, 64, 2, 4, 16, 4)


class BeatsNetwork(nn.Module):
    """Filter banks float32[B, F, 128] → tokens float32[B, 8·(F // 16), dim]. Names follow the checkpoint."""

    def __init__(self, size: BeatsSize) -> None:
        super().__init__()
        self.patch_embedding = nn.Conv2d(1, size.patch_dim, _PATCH, stride=_PATCH, bias=False)
        self.layer_norm = nn.LayerNorm(size.patch_dim)
        self.post_extract_proj = nn.Linear(size.patch_dim, size.dim)
        self.encoder = _Encoder(size)

    def forward(self, fbank: Tensor) -> Tensor:
        patches = self.patch_embedding(fbank[:, None]).flatten(2).transpose(1, 2)
        return self.encoder(self.post_extract_proj(self.layer_norm(patches)))


class _Encoder(nn.Module):
    def __init__(self, size: BeatsSize) -> None:
        super().__init__()
        self.size = size
        self.pos_conv = nn.Conv1d(
            size.dim, size.dim, size.position_kernel, padding=size.position_kernel // 2, groups=size.position_groups
        )
        self.relative_attention_bias = nn.Embedding(size.buckets, size.heads)
        self.layer_norm = nn.LayerNorm(size.dim)
        self.layers = nn.ModuleList(_Block(size) for _ in range(size.depth))

    def forward(self, tokens: Tensor) -> Tensor:
        # An even kernel with half of it as padding gives one output too many, the last.
        around = self.pos_conv(tokens.transpose(1, 2))[..., :-1]
        tokens = self.layer_norm(tokens + functional.gelu(around).transpose(1, 2))
        bias = self._position_bias(tokens.shape[1], tokens.device)
        for layer in self.layers:
            tokens = layer(tokens, bias)
        return tokens

    def _position_bias(self, count: int, device: torch.device) -> Tensor:
        """(heads, count, count): the table's row for the distance, in flattened tokens, from query to key."""
        place = torch.arange(count, device=device)
        buckets = distance_buckets(place - place[:, None], self.size.buckets, self.size.longest)
        return self.relative_attention_bias(buckets).permute(2, 0, 1)


class _Block(nn.Module):
    def __init__(self, size: BeatsSize) -> None:
        super().__init__()
        self.residual_scale = (2 * size.depth) ** 0.25
        self.self_attn = _GatedAttention(size.dim, size.heads)
        self.self_attn_layer_norm = nn.LayerNorm(size.dim)
        self.fc1 = nn.Linear(size.dim, size.hidden)
        self.fc2 = nn.Linear(size.hidden, size.dim)
        self.final_layer_norm = nn.LayerNorm(size.dim)

    def forward(self, tokens: Tensor, bias: Tensor) -> Tensor:
        tokens = self.self_attn_layer_norm(tokens * self.residual_scale + self.self_attn(tokens, bias))
        wide = self.fc2(functional.gelu(self.fc1(tokens)))
        return self.final_layer_norm(tokens * self.residual_scale + wide)


class _GatedAttention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.v_proj, self.out_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.grep_linear = nn.Linear(dim // heads, _GATE_WIDTH)
        self.grep_a = nn.Parameter(torch.ones(1, heads, 1, 1))

    def forward(self, tokens: Tensor, bias: Tensor) -> Tensor:
        query, key, value = (
            projection(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        # The gate looks at the projected query before it is scaled; each half of its eight numbers is one gate.
        halves = self.grep_linear(query).unflatten(-1, (2, _GATE_WIDTH // 2)).sum(dim=-1).sigmoid()
        gate = halves[..., :1] * (halves[..., 1:] * self.grep_a - 1.0) + 2.0
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=(gate * bias).to(query.dtype))
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


def distance_buckets(distance: Tensor, buckets: int, longest: int) -> Tensor:
    """Signed distances to bucket numbers: half of the buckets per sign, single steps first, then logarithmic."""
    half = buckets // 2
    single = half // 2
    size = distance.abs()
    grown = (size.clamp_min(1).float() / single).log() / math.log(longest / single) * (half - single)
    far = (single + grown.long()).clamp_max(half - 1)
    return (distance > 0).long() * half + torch.where(size < single, size, far)


class BeatsEmbedding(TorchEmbedding):
    """Features are filter banks, a frame is the mean of the eight patches of 160 ms."""

    grid: ClassVar[Grid] = Grid(FRAME_HOP, FRAME_SPAN, _PATCH, _PATCH, chunk_frames=64, margin_frames=1)

    def build(self) -> nn.Module:
        """The published network, or a tiny one."""
        return BeatsNetwork(_TINY if self.tiny else BeatsSize())

    def state(self, path: Path) -> dict[str, Tensor]:
        """See `TorchEmbedding.state`."""
        return network_state(super().state(path)["model"])

    def front_end(self, audio: Tensor) -> Tensor:
        """float32[B, T] → float32[B, F, 128]."""
        return normalised(audio, BEATS_FBANK)

    def frames(self, features: Tensor) -> Tensor:
        """float32[B, F, 128] → float32[B, F // 16, D]."""
        return mean_over_bands(self.network(features), _MEL_PATCHES)


def network_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint's tensors under the names of `BeatsNetwork`, without what embeddings do not need.

    The position convolution's weight norm is worked out once, and the bias table, which every layer repeats, is
    taken from the first.
    """
    table = "relative_attention_bias.weight"
    result = {
        name: tensor
        for name, tensor in state.items()
        if not name.endswith(table) and not name.startswith(("predictor", "encoder.pos_conv", "mask_emb"))
    }
    result[f"encoder.{table}"] = state[f"encoder.layers.0.self_attn.{table}"]
    direction, length = state["encoder.pos_conv.0.weight_v"], state["encoder.pos_conv.0.weight_g"]
    result["encoder.pos_conv.weight"] = direction * (length / direction.norm(dim=(0, 1), keepdim=True))
    result["encoder.pos_conv.bias"] = state["encoder.pos_conv.0.bias"]
    return result
