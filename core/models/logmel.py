"""LOGMEL: an embedding without weights, so that the whole loop works on a fresh machine without a network.

It describes a stretch of sound by statistics over its 10 ms frames: level and spread of 64 mel bands, their change,
cepstral shape and its change, the contrast of peaks and valleys, how fast the bands pulse (modulation spectrum), and
how tonal or noisy it is. docs/models.md says what that is worth against level, spread and change of the bands alone.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor, nn

from core.models.base import Grid
from core.models.torch_model import TorchEmbedding

_BANDS, _FFT, _SPAN, _HOP = 64, 512, 400, 160
_LOW_HZ, _HIGH_HZ, _RATE_HZ = 50.0, 8000.0, 16_000
_FLOOR, _POWER_FLOOR = 1e-6, 1e-8
_CEPSTRA = 20
_OCTAVE = 8  # bands whose peak and valley are compared
_PULSE_FRAMES = 64  # 0.64 s, stepped by half
_PULSE_BINS = ((1, 2), (2, 4), (4, 8), (8, 16), (16, 32))  # × 1.56 Hz
_PULSE_GROUP, _PULSE_CEPSTRA = 4, 8
# Lags of the cepstrum in which a pitch of 80–500 Hz shows as a peak.
_PITCH_LAGS = slice(32, 200)
_FRAMES_AT_ONCE = 6_000


class LogmelEmbedding(TorchEmbedding):
    """Its features are its frames: 64 log-mel bands, then strength and lag of the pitch peak, then flatness."""

    grid: ClassVar[Grid] = Grid(feature_hop=_HOP, feature_span=_FFT)

    def build(self) -> nn.Module:
        """Nothing to train."""
        return nn.Identity()

    def front_end(self, audio: Tensor) -> Tensor:
        """float32[B, T] → float32[B, F, 67]."""
        parts = audio.unfold(-1, _FFT, _HOP).split(_FRAMES_AT_ONCE, dim=1)
        return torch.cat([_describe_frames(part) for part in parts], dim=1)

    def frames(self, features: Tensor) -> Tensor:
        """The features as they are."""
        return features

    def summarise(self, frames: Tensor) -> Tensor:
        """float32[B, n, 67] → float32[B, 424]."""
        bands, tone = frames[..., :_BANDS], frames[..., _BANDS:]
        cepstra = bands @ _cosines(_BANDS, _CEPSTRA, str(frames.device))
        slope = _change(cepstra)
        groups = bands.unflatten(-1, (-1, _PULSE_GROUP)).mean(dim=-1)
        parts = [
            bands.mean(dim=1),
            bands.std(dim=1),
            _change(bands).std(dim=1),
            cepstra.mean(dim=1),
            cepstra.std(dim=1),
            slope.std(dim=1),
            _change(slope).std(dim=1),
            *_contrast(bands),
            _pulse(groups),
            _pulse(cepstra[..., 1 : _PULSE_CEPSTRA + 1]),
            tone.mean(dim=1),
            tone.std(dim=1),
            tone[..., 0].amax(dim=1, keepdim=True),
            torch.quantile(tone[..., 0], 0.9, dim=1, keepdim=True),
        ]
        return torch.cat(parts, dim=-1)

    def summarise_grain(self, frames: Tensor) -> Tensor:
        """The same statistics: extremes and spread are among them already."""
        return self.summarise(frames)


def _describe_frames(frames: Tensor) -> Tensor:
    """Audio frames (B, F, 512) → (B, F, 67)."""
    device = str(frames.device)
    power = torch.fft.rfft(frames * _window(device)).abs().square()
    bands = (power @ _filters(device) + _FLOOR).log()
    log_power = (power + _POWER_FLOOR).log()
    peak = torch.fft.irfft(log_power, n=_FFT)[..., _PITCH_LAGS].max(dim=-1)
    flatness = log_power.mean(dim=-1) - (power.mean(dim=-1) + _POWER_FLOOR).log()
    tone = torch.stack([peak.values, (peak.indices + 1.0).log(), flatness], dim=-1)
    return torch.cat([bands, tone], dim=-1)


def _change(series: Tensor) -> Tensor:
    """Difference over 40 ms along time (B, n, …)."""
    return series[:, 4:] - series[:, :-4]


def _contrast(bands: Tensor) -> list[Tensor]:
    """How far the two strongest of eight neighbouring bands stand out of the two weakest, and how high those are."""
    ordered = bands.unflatten(-1, (-1, _OCTAVE)).sort(dim=-1).values
    valley = ordered[..., :2].mean(dim=-1)
    height = ordered[..., -2:].mean(dim=-1) - valley
    return [height.mean(dim=1), height.std(dim=1), valley.mean(dim=1)]


def _pulse(series: Tensor) -> Tensor:
    """Log energy of five octaves of modulation (1.6–50 Hz) of every series: (B, n, c) → (B, 5c)."""
    missing = _PULSE_FRAMES - series.shape[1]
    if missing > 0:
        series = nn.functional.pad(series - series.mean(dim=1, keepdim=True), (0, 0, 0, missing))
    pieces = series.unfold(1, _PULSE_FRAMES, _PULSE_FRAMES // 2)
    pieces = pieces - pieces.mean(dim=-1, keepdim=True)
    window = torch.hann_window(_PULSE_FRAMES, device=series.device)
    energy = torch.fft.rfft(pieces * window).abs().square()
    octaves = [energy[..., low:high].mean(dim=-1).mean(dim=1) for low, high in _PULSE_BINS]
    return (torch.stack(octaves, dim=-1) + 1e-3).log().flatten(1)


@lru_cache(maxsize=4)
def _window(device: str) -> Tensor:
    """A Hann window of 25 ms in the middle of the 32 ms that are transformed."""
    padding = (_FFT - _SPAN) // 2
    return nn.functional.pad(torch.hann_window(_SPAN, periodic=False), (padding, padding)).to(device)


@lru_cache(maxsize=4)
def _filters(device: str) -> Tensor:
    """Triangular mel filters (257, 64) of height one."""
    low, high = (2595.0 * math.log10(1.0 + hz / 700.0) for hz in (_LOW_HZ, _HIGH_HZ))
    edges = 700.0 * (10.0 ** (torch.linspace(low, high, _BANDS + 2, dtype=torch.float64) / 2595.0) - 1.0)
    bins = torch.linspace(0.0, _RATE_HZ / 2, _FFT // 2 + 1, dtype=torch.float64)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return torch.minimum(rising, falling).clamp_min(0.0).float().to(device)


@lru_cache(maxsize=4)
def _cosines(size: int, count: int, device: str) -> Tensor:
    """The first columns (size, count) of an orthonormal cosine transform."""
    position = torch.arange(size) + 0.5
    columns = [torch.cos(math.pi / size * position * order) for order in range(count)]
    return (torch.stack(columns, dim=1) * math.sqrt(2 / size)).to(device)
