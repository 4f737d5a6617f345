"""Voice activity: how likely someone speaks, for every 32 ms of a recording.

Silero VAD 6.2 (Silero Team, 2020–2026, MIT). Of its package `silero-vad` only the network is read, an ONNX file whose
SHA-256 is checked; none of its code is imported. It sees each piece of 512 samples with the 64 before it, and keeps a
state from piece to piece.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import EnvironmentProblem

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FRAME, CONTEXT = 512, 64
FRAME_S = FRAME / 16_000
REVISION = 1
"""Changes whenever a number of `probabilities` does; part of the name that results are kept under."""
SHA256 = "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85"
_FILE = Path("data", "silero_vad_16k_sequence.onnx")
_STATE = (1, 1, 128)
# Half a minute at once: enough to be fast, little enough to be cancelled.
_FRAMES_AT_ONCE = 1_024
_ERRORS_ONLY = 3


def probabilities(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """How likely someone speaks, float32 of consecutive pieces of 32 ms; the last is filled up with silence.

    Args:
        blocks: float32 arrays of any length, 16 kHz mono, from the start of the recording.

    Raises:
        EnvironmentProblem: the package with the network is missing, or its file was changed.
    """
    session = load_network()
    hidden = cell = np.zeros(_STATE, np.float32)
    for samples in _pieces(blocks):
        pieces = np.lib.stride_tricks.sliding_window_view(samples, CONTEXT + FRAME)[::FRAME]
        found, hidden, cell = session.run(
            ["speech_probs", "hn", "cn"], {"input": np.ascontiguousarray(pieces), "h": hidden, "c": cell}
        )
        yield found


def _pieces(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Stretches of whole pieces, each with the context before it."""
    waiting = np.zeros(CONTEXT, np.float32)
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        while (count := min(_FRAMES_AT_ONCE, (len(waiting) - CONTEXT) // FRAME)) > 0:
            yield waiting[: CONTEXT + count * FRAME]
            waiting = waiting[count * FRAME :]
    if len(waiting) > CONTEXT:
        yield np.pad(waiting, (0, CONTEXT + FRAME - len(waiting)))


@lru_cache(maxsize=1)
def load_network() -> InferenceSession:
    """The network of the installed package, after its file was checked.

    Raises:
        EnvironmentProblem: it is not there, or not the one this program knows.
    """
    content = _file().read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise EnvironmentProblem(
            "Speech cannot be found: the network is not the right one",
            f"{_file()} is damaged, or belongs to another version of silero-vad",
            "Run ./setup_env.sh, which repairs what is broken",
        )
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One step needs the one before it: more threads would only wait for each other.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _file() -> Path:
    package = importlib.util.find_spec("silero_vad")
    places = [Path(folder) / _FILE for folder in (package.submodule_search_locations or ())] if package else []
    for path in places:
        if path.is_file():
            return path
    raise EnvironmentProblem(
        "Speech cannot be found: the package silero-vad is missing",
        "Its network tells speech from other sounds",
        "Run ./setup_env.sh, which installs it",
    )
