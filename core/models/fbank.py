"""Kaldi filter banks for a whole batch at once, in plain torch.

The numbers agree with `torchaudio.compliance.kaldi.fbank` (htk_compat, no energy, no dither, snip_edges) to 4e-4; that
function takes one recording at a time. A frame depends on its own 25 ms alone, so a file's frames are computed once and
every window takes its slice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

FRAME_HOP, FRAME_SPAN, _FFT = 160, 400, 512
_PREEMPHASIS = 0.97
_LOW_HZ, _RATE_HZ = 20.0, 16_000
# At 16 kHz a second of audio is 100 frames of 512 numbers; a longer stretch at once only costs memory.
_FRAMES_AT_ONCE = 6_000


@dataclass(frozen=True)
class FbankSettings:
    """What differs between the models that read Kaldi filter banks.

    Args:
        window: "hann" or "povey" (Hann to the power 0.85).
        scale: factor on the audio before anything else.
        mean, divisor: the result is (x − mean) / divisor.
    """

    window: str
    scale: float
    mean: float
    divisor: float
    bands: int = 128


AST_FBANK = FbankSettings("hann", 1.0, -4.2677393, 2 * 4.5689974)
EAT_FBANK = FbankSettings("hann", 1.0, -4.268, 2 * 4.569)
BEATS_FBANK = FbankSettings("povey", 2.0**15, 15.41663, 2 * 6.55582)


def log_mel(audio: Tensor, settings: FbankSettings) -> Tensor:
    """float32[B, T] → float32[B, F, bands], before normalisation; F = (T − 400) // 160 + 1.

    Kaldi removes each frame's own mean, so a model's own subtraction of the recording's mean changes nothing here.
    """
    frames = (audio * settings.scale).unfold(-1, FRAME_SPAN, FRAME_HOP)
    window, bank = _tables(settings.window, settings.bands, str(audio.device))
    parts = [_log_mel(part, window, bank) for part in frames.split(_FRAMES_AT_ONCE, dim=1)]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


def normalised(audio: Tensor, settings: FbankSettings) -> Tensor:
    """`log_mel`, shifted and scaled as the model was trained."""
    return (log_mel(audio, settings) - settings.mean) / settings.divisor


def _log_mel(frames: Tensor, window: Tensor, bank: Tensor) -> Tensor:
    centred = frames - frames.mean(dim=-1, keepdim=True)
    before = torch.cat([centred[..., :1], centred[..., :-1]], dim=-1)
    emphasised = (centred - _PREEMPHASIS * before) * window
    power = torch.fft.rfft(emphasised, n=_FFT).abs().square()
    return (power[..., :-1] @ bank).clamp_min(torch.finfo(torch.float32).eps).log()


@lru_cache(maxsize=8)
def _tables(window: str, bands: int, device: str) -> tuple[Tensor, Tensor]:
    """The window (400,) and the mel filters (256, bands); Kaldi leaves the highest frequency bin out."""
    hann = torch.hann_window(FRAME_SPAN, periodic=False, dtype=torch.float32)
    shape = hann if window == "hann" else hann.pow(0.85)
    return shape.to(device), _mel_filters(bands).to(device)


def _mel_filters(bands: int) -> Tensor:
    def mel(hz: Tensor | float) -> Tensor:
        return 1127.0 * torch.log1p(torch.as_tensor(hz, dtype=torch.float64) / 700.0)

    low, high = mel(_LOW_HZ), mel(_RATE_HZ / 2)
    step = (high - low) / (bands + 1)
    left = low + step * torch.arange(bands, dtype=torch.float64)
    bins = mel(torch.arange(_FFT // 2, dtype=torch.float64) * _RATE_HZ / _FFT)[:, None]
    rising, falling = (bins - left) / step, (left + 2 * step - bins) / step
    return torch.minimum(rising, falling).clamp_min(0.0).float()
