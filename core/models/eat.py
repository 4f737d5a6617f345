"""EAT and EAT_LARGE: the Efficient Audio Transformer, natively, from its published safetensors.

Chen et al., EAT: Self-Supervised Pre-Training with Efficient Audio Transformer (2024), and the model cards of
`worstchan/EAT-*_finetune_AS2M`. A window is encoded at its own length; padding it to the 10.24 s of a training clip
would put a quarter of constant noise beside the sound. What does not fill a patch of 160 ms is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.models.base import Grid
from core.models.fbank import EAT_FBANK, FRAME_HOP, FRAME_SPAN, normalised
from core.models.torch_model import TorchEmbedding
from core.models.transformer import PostNormBlock, mean_over_bands

_PATCH, _MEL_PATCHES, _EPS = 16, 8, 1e-6
_LONGEST_PATCHES = 768  # rows of the position table, in steps of time


@dataclass(frozen=True)
class EatSize:
    """What differs between the models."""

    dim: int
    depth: int
    heads: int


_SIZES = {"EAT": EatSize(768, 12, 12), "EAT_LARGE": EatSize(1024, 24, 16)}
_TINY = EatSize(48, 3, 4)


class EatNetwork(nn.Module):
    """Filter banks float32[B, F, 128] → tokens float32[B, 1 + 8·(F // 16), dim], the first of them CLS."""

    def __init__(self, size: EatSize) -> None:
        super().__init__()
        self.local_encoder = nn.Module()
        self.local_encoder.proj = nn.Conv2d(1, size.dim, _PATCH, stride=_PATCH)
        self.extra_tokens = nn.Parameter(torch.zeros(1, 1, size.dim))
        self.fixed_positional_encoder = nn.Module()
        # The table that comes with the checkpoint: a computed one differs in the fifth digit.
        self.fixed_positional_encoder.positions = nn.Parameter(
            torch.zeros(1, _LONGEST_PATCHES * _MEL_PATCHES, size.dim)
        )
        self.pre_norm = nn.LayerNorm(size.dim, eps=_EPS)
        self.blocks = nn.ModuleList(PostNormBlock(size.dim, size.heads, 4 * size.dim, _EPS) for _ in range(size.depth))

    def forward(self, fbank: Tensor) -> Tensor:
        patches = self.local_encoder.proj(fbank[:, None]).flatten(2).transpose(1, 2)
        patches = patches + self.fixed_positional_encoder.positions[:, : patches.shape[1]]
        tokens = torch.cat([self.extra_tokens.expand(len(patches), -1, -1), patches], dim=1)
        tokens = self.pre_norm(tokens)
        for block in self.blocks:
            tokens = block(tokens)
        return tokens


class EatEmbedding(TorchEmbedding):
    """Features are filter banks, a frame is the mean of the eight patches of 160 ms."""

    # Chunks of 10.24 s, the length of its training clips, of which 160 ms at either end are left to the neighbours.
    grid: ClassVar[Grid] = Grid(FRAME_HOP, FRAME_SPAN, _PATCH, _PATCH, chunk_frames=64, margin_frames=1)

    def build(self) -> nn.Module:
        """The network of the model's size, or a tiny one."""
        network = EatNetwork(_TINY if self.tiny else _SIZES[self.spec.backbone])
        if not network.extra_tokens.is_meta:
            nn.init.normal_(network.extra_tokens, std=0.02)
            nn.init.normal_(network.fixed_positional_encoder.positions, std=0.5)
        return network

    def state(self, path: Path) -> dict[str, Tensor]:
        """See `TorchEmbedding.state`: without the prefix `model.` and the head that follows the last block."""
        stripped = {name.removeprefix("model."): tensor for name, tensor in super().state(path).items()}
        return {name: tensor for name, tensor in stripped.items() if not name.startswith(("fc_norm.", "head."))}

    def front_end(self, audio: Tensor) -> Tensor:
        """float32[B, T] → float32[B, F, 128]."""
        return normalised(audio, EAT_FBANK)

    def frames(self, features: Tensor) -> Tensor:
        """float32[B, F, 128] → float32[B, F // 16, D]; the CLS token is left out."""
        return mean_over_bands(self.network(features)[:, 1:], _MEL_PATCHES)
