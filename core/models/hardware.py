"""What torch can compute on here, for the person who asks."""

from __future__ import annotations


def torch_build() -> str:
    """Such as `torch 2.14.0+cu130`. Imports torch."""
    import torch

    return f"torch {torch.__version__}"


def accelerators() -> tuple[str, ...]:
    """A line for each graphics card torch can use, with its memory: `NVIDIA H200, 139 GiB`. Imports torch."""
    import torch

    if torch.cuda.is_available():
        cards = (torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count()))
        return tuple(f"{card.name}, {card.total_memory / 2**30:.0f} GiB" for card in cards)
    return ("Apple GPU (MPS)",) if torch.backends.mps.is_available() else ()
