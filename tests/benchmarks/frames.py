"""What a round about frames costs on this machine: `python -m tests.benchmarks.frames [--quick] [--px 224]`.

Decoding frames into the cache against seeking to each on its own, pictures and ResNet-50 (real size, random weights)
against a plain loop: one picture at a time through Pillow and the network. Processor seconds of one thread per frame,
so that other programs do not count; `wall` is what a person waits.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from core.demo.people import make_people_videos
from core.domain.split import Split
from core.job import JobContext
from core.media.frame_cache import FrameCache, WantedFrame
from core.media.png import png
from core.media.pts import frame_times
from core.media.still import still
from core.models.frame_backbone import build_network
from core.models.frame_classifier import FrameModel, FrameTraining, train
from core.models.frame_embeddings import FrameEmbeddings

CLASSES = ("a", "b", "c")


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(processor seconds, wall seconds)."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def plain_loop(images: list[Path], model: FrameModel) -> None:
    """As one would write it down first."""
    from PIL import Image
    from torchvision.transforms import v2

    look = model.network.look
    change = v2.Compose(
        [
            v2.PILToTensor(),
            v2.Resize((model.image_px, model.image_px), antialias=True),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(look.mean, look.std),
        ]
    )
    with torch.no_grad():
        for path in images:
            with Image.open(path) as picture:
                model.network.backbone(change(picture.convert("RGB"))[None])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few frames")
    parser.add_argument("--px", type=int, default=224)
    options = parser.parse_args()
    videos = 4 if options.quick else 12
    torch.set_num_threads(1)
    ctx = JobContext()
    rows: list[tuple[str, int, tuple[float, float], tuple[float, float] | None]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_people_videos(folder / "videos", videos, ctx)
        wanted = []
        for number, video in enumerate(made):
            times = frame_times(video.path).times
            wanted += [
                WantedFrame(video.path, f"v{number}", frame, float(times[frame]))
                for frame in (place * len(times) // 10 for place in range(10))
            ]
        cache = FrameCache(folder / "cache")
        alone = timed(lambda: [png(still(one.path, one.time_s).rgb) for one in wanted])
        rows.append(("decode into the cache", len(wanted), timed(lambda: cache.prefetch(wanted, ctx)), alone))
        pictures = [*cache.prefetch(wanted, ctx).pictures.values()]
        rows.append(("find in the cache", len(wanted), timed(lambda: cache.prefetch(wanted, ctx)), None))

        training = FrameTraining(epochs=1, batch=8, image_px=options.px)
        model = FrameModel(
            CLASSES, training.backbone, training.image_px, 1.0, build_network("resnet50", 3, training.seed).eval()
        )
        plain_loop(pictures[:2], model)
        plain = timed(lambda: plain_loop(pictures, model))
        model.network.to(memory_format=torch.channels_last)
        known = FrameEmbeddings(folder / "known")
        rows.append(("embed, ResNet-50", len(pictures), timed(lambda: model.score(pictures, ctx, known)), plain))
        rows.append(("embed again", len(pictures), timed(lambda: model.score(pictures, ctx, known)), None))

        groups = [one.content_key for one in wanted]
        labels = [CLASSES[at] for at in np.random.default_rng(0).integers(3, size=len(groups))]
        split = Split(frozenset(groups) - {"v0"}, frozenset({"v0"}), frozenset())
        for title, chosen in (
            ("fine-tune, an epoch", training),
            ("head on a frozen one", replace(training, frozen=True)),
        ):
            both = timed(
                lambda chosen=chosen: train(
                    pictures, labels, groups, split, CLASSES, chosen, start="random", known=known, device="cpu", ctx=ctx
                )
            )
            rows.append((title, len(pictures), both, None))
    print(f"{'':24}{'frames':>7}{'cpu s/frame':>13}{'wall s/frame':>14}{'plain cpu':>11}{'ratio':>7}")
    for title, count, (cpu, wall), baseline in rows:
        line = f"{title:24}{count:7}{cpu / count:13.4f}{wall / count:14.4f}"
        print(line + (f"{baseline[0] / count:11.4f}{baseline[0] / cpu:6.1f}×" if baseline else ""))


if __name__ == "__main__":
    main()
