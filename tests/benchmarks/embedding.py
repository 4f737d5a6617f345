"""How fast each family turns sound into embeddings, next to the plain loop in the same run.

`python -m tests.benchmarks.embedding [--families HUBERT_BASE,EAT] [--seconds 40] [--threads 1] [--device cpu]`

Real size, random weights: only the time counts. The plain loop is what one writes first: fp32, batches of 16 windows of
8 s every second, each window's filter banks on their own with torchaudio, padded to the clip length of the model's
recipe, nothing shared. Times are processor seconds on a CPU, so that other programs on the machine disturb little, and
wall seconds on a GPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.models import fbank
from core.models.base import SAMPLE_RATE_HZ
from core.models.encode import Output, embed_recording
from core.models.registry import create_model
from core.models.torch_model import TorchEmbedding

FAMILIES = "LOGMEL,YAMNET,HUBERT_BASE,HUBERT_LARGE,BEATS,AST,EAT"
BATCH, WINDOW, HOP = 16, 8 * SAMPLE_RATE_HZ, SAMPLE_RATE_HZ
# Filter-bank frames to which the published recipes pad a clip.
PADDED = {"ast": 1024, "eat": 1024}
SETTINGS = {"ast": fbank.AST_FBANK, "eat": fbank.EAT_FBANK, "beats": fbank.BEATS_FBANK}


def plain_front_end(model: TorchEmbedding, windows: Tensor) -> Tensor:
    """Filter banks window by window."""
    family = model.spec.family
    if family not in SETTINGS:
        return windows if family == "torchaudio" else model.front_end(windows)
    from torchaudio.compliance import kaldi

    settings = SETTINGS[family]
    shape = "hanning" if settings.window == "hann" else "povey"
    rows = []
    for window in windows:
        row = kaldi.fbank(
            (window * settings.scale)[None],
            htk_compat=True,
            use_energy=False,
            window_type=shape,
            num_mel_bins=settings.bands,
            dither=0.0,
        )
        rows.append(torch.nn.functional.pad(row, (0, 0, 0, max(0, PADDED.get(family, 0) - len(row)))))
    return (torch.stack(rows) - settings.mean) / settings.divisor


def plain_loop(model: TorchEmbedding, network: torch.nn.Module, audio: Tensor) -> int:
    """Every window on its own; returns how many."""
    windows = audio.unfold(0, WINDOW, HOP)
    fast, model._network = model._network, network
    with torch.inference_mode():
        for part in windows.split(BATCH):
            features = plain_front_end(model, part).to(model.device)
            found = features if model.spec.local else model.frames(features)
            model.summarise(found).cpu()
    model._network = fast
    return len(windows)


def clock(device: str) -> Callable[[], float]:
    """Processor seconds on a CPU, wall seconds elsewhere."""
    if device == "cpu":
        return time.process_time

    def wall() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return wall


def seconds(device: str, work: Callable[[], object]) -> float:
    """What one call costs."""
    now = clock(device)
    start = now()
    work()
    return now() - start


def measure(name: str, length: float, device: str) -> None:
    """Print one row of the table."""
    model, plain = create_model(name), create_model(name)
    model.load_random(device)
    torch.manual_seed(0)
    network = plain.build().eval().requires_grad_(False).to(device)
    audio = (0.1 * np.random.default_rng(0).standard_normal(round(length * SAMPLE_RATE_HZ))).astype(np.float32)
    samples = torch.from_numpy(audio)
    model.embed(audio[None, :WINDOW])
    windows = (len(audio) - WINDOW) // HOP + 1
    loop = seconds(device, lambda: plain_loop(model, network, samples))
    exact = seconds(device, lambda: embed_recording(model, audio, Output()))
    shared = seconds(device, lambda: embed_recording(model, audio, Output(), encoding="shared"))
    front = "      –"
    if model.spec.family in SETTINGS:
        once = seconds(device, lambda: model.front_end(samples[None].to(device)))
        each = seconds(
            device, lambda: [plain_front_end(model, part) for part in samples.unfold(0, WINDOW, HOP).split(BATCH)]
        )
        front = f"{each / once:6.1f}×"
    print(
        f"{name:22s}{windows:5d}{loop / windows:10.3f}{exact / windows:10.3f}{shared / windows:10.3f}"
        f"{loop / exact:9.2f}×{loop / shared:9.2f}×  {front}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--families", default=FAMILIES, help="comma-separated model names")
    parser.add_argument("--seconds", type=float, default=40.0, help="length of the recording")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.seconds:g} s of sound, {options.device}, {options.threads} thread(s), torch {torch.__version__}")
    print(f"{'':27s}{'seconds per window':>30s}{'against the loop':>21s}")
    print(
        f"{'model':22s}{'win.':>5s}{'loop':>10s}{'exact':>10s}{'shared':>10s}{'exact':>10s}{'shared':>10s}  front end"
    )
    for name in options.families.split(","):
        measure(name, options.seconds, options.device)


if __name__ == "__main__":
    main()
