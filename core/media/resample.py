"""Sound at hand at another sample rate."""

from __future__ import annotations

import numpy as np


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """float32 mono (n,) at `from_hz` → float32 (about n × to / from,) at `to_hz`.

    The samples as they are where both are equal.
    """
    sound = np.ascontiguousarray(samples, dtype=np.float32).ravel()
    if from_hz == to_hz or not len(sound):
        return sound
    from av import AudioFrame, AudioResampler

    resampler = AudioResampler(format="flt", layout="mono", rate=to_hz)
    frame = AudioFrame.from_ndarray(sound[None], format="flt", layout="mono")
    frame.sample_rate = from_hz
    made = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([part.to_ndarray().ravel() for part in made if part.samples] or [sound[:0]])
