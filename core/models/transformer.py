"""The post-norm transformer blocks that EAT and BEATs are built of, on torch's fused attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class PostNormBlock(nn.Module):
    """x = LN(x + attention(x)), x = LN(x + mlp(x)), with exact GELU. Parameter names are those of EAT's checkpoints."""

    def __init__(self, dim: int, heads: int, hidden: int, eps: float) -> None:
        super().__init__()
        self.attn = _Attention(dim, heads)
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.mlp = _Mlp(dim, hidden)
        self.norm2 = nn.LayerNorm(dim, eps=eps)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = self.norm1(tokens + self.attn(tokens))
        return self.norm2(tokens + self.mlp(tokens))


class _Attention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        query, key, value = self.qkv(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.proj(mixed.transpose(1, 2).flatten(2))


class _Mlp(nn.Module):
    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.fc2(functional.gelu(self.fc1(tokens)))


def mean_over_bands(tokens: Tensor, bands: int) -> Tensor:
    """Patch tokens in order time × bands + band: (B, n·bands, D) → (B, n, D), one frame per time step."""
    return torch.unflatten(tokens, 1, (-1, bands)).mean(dim=2)
