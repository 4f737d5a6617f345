"""The two pools that `tests.benchmarks.active_learning` asks about: items with vector, video, time and truth."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.annotation.window_models import fit, in_columns, window_vectors
from core.demo.people import make_people_videos
from core.demo.scenes import BACKGROUNDS, Scene, mix_scene
from core.demo.sounds import make_sound
from core.domain.annotation import DISTANCE, NA, PERSPECTIVE, TARGET_SOUND, Item, ItemKind
from core.domain.split import Split
from core.domain.timespan import Span
from core.job import JobContext
from core.media.frame_cache import FrameCache, WantedFrame
from core.media.pts import frame_times
from core.scan.embedding import Embedder, EmbeddingKey

Learn = Callable[[np.ndarray, np.ndarray, np.ndarray, Sequence[str], Split, Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class World:
    """N items.

    Args:
        vectors: float32[N, D].
        groups: object[N], the video of each.
        times_s: float[N].
        truth: {task: object[N]}.
        classes: {task: names}.
        target: the class that high scores look for; empty for the class with fewest labels.
        apart_s: least distance of chosen items of one video.
        learn: (vectors, labels and numbers of labelled items, groups of all, split, classes) -> float64[N, C] of all.
    """

    name: str
    keys: tuple[str, ...]
    vectors: np.ndarray
    groups: np.ndarray
    times_s: np.ndarray
    truth: Mapping[str, np.ndarray]
    classes: Mapping[str, tuple[str, ...]]
    apart_s: float
    learn: Learn
    target: str = ""


WINDOW_S, FRAMES_PER_VIDEO, IMAGE_PX = 2.0, 20, 160
_TARGET, _OTHERS = "bark", ("bell", "knock", "whistle", "horn", "sneeze", "bird")


def sounds(recordings: int, seconds: float, seed: int = 0) -> World:
    """Windows of noisy recordings, some of which hold barks, all of which hold other sounds; each has its own dog."""
    key = EmbeddingKey("LOGMEL")
    vectors, groups, times, truth, keys = [], [], [], [], []
    with Embedder(device="cpu") as embedder:
        for number in range(recordings):
            name = f"rec{number:03}"
            scene = _scene(name, number, seconds, seed)
            items = [
                Item(name, ItemKind.WINDOW, -1, start, start + WINDOW_S)
                for start in np.arange(0.0, seconds - WINDOW_S + 0.01, WINDOW_S)
            ]
            vectors.append(window_vectors(embedder.embed_blocks([scene.audio], key), items))
            spans = [event.span for event in scene.events]
            for item in items:
                window = Span(item.start_s, item.end_s)
                heard = max((span.overlap_s(window) for span in spans), default=0.0)
                truth.append("yes" if heard >= 0.4 else "no")
                keys.append(item.key)
                groups.append(name)
                times.append(item.start_s + WINDOW_S / 2)
    task = TARGET_SOUND.name
    return World(
        "sounds",
        tuple(keys),
        np.concatenate(vectors),
        np.array(groups, object),
        np.array(times),
        {task: np.array(truth, object)},
        {task: ("yes", "no")},
        WINDOW_S,
        learn_windows,
        "yes",
    )


def _scene(name: str, number: int, seconds: float, seed: int) -> Scene:
    rng = np.random.default_rng((seed, zlib.crc32(name.encode())))
    barks = int(rng.integers(1, 6)) if rng.random() < 0.6 else 0
    wanted = [(_TARGET, make_sound(_TARGET, number, take, seed)) for take in range(barks)]
    others = [("", make_sound(str(kind), number, 0, seed)) for kind in rng.choice(_OTHERS, 5)]
    background = sorted(BACKGROUNDS)[int(rng.integers(len(BACKGROUNDS)))]
    return mix_scene([*wanted, *others], seconds, background, rng, snr_db=(0.0, 18.0), distractors=5)


def learn_windows(
    vectors: np.ndarray,
    labels: np.ndarray,
    numbers: np.ndarray,
    groups: Sequence[str],
    split: Split,
    classes: Sequence[str],
) -> np.ndarray:
    """The heads that rounds about windows fit, on the labels of training videos."""
    train = [number for number in range(len(numbers)) if groups[numbers[number]] in split.train]
    own = numbers[train]
    fitted = fit(vectors[own], list(labels[train]), [groups[number] for number in own])
    return in_columns(fitted.model.probabilities(vectors), fitted.model.classes, classes)


def frames(videos: int, weights: str, folder: Path, seed: int = 0) -> World:
    """Frames of drawn people as embeddings of ResNet-50; where nobody is seen, a label teaches nothing.

    Raises:
        EnvironmentProblem: the weights are not there.
    """
    from core.models.frame_backbone import build_network, load_start
    from core.models.frame_model import FrameModel

    ctx = JobContext()
    network = build_network("resnet50", 2)
    load_start(network, "resnet50", weights)
    wanted, truth = [], []
    for video in make_people_videos(folder / "videos", videos, ctx, seed):
        times = frame_times(video.path, ctx).times
        for number in range(FRAMES_PER_VIDEO):
            frame = number * len(times) // FRAMES_PER_VIDEO
            wanted.append(WantedFrame(video.path, video.path.stem, frame, float(times[frame])))
            truth.append(video.truth(frame))
    pictures = FrameCache(folder / "frames").prefetch(wanted, ctx).pictures
    model = FrameModel(("a", "b"), "resnet50", IMAGE_PX, 1.0, network.eval())
    tasks = (PERSPECTIVE, DISTANCE)
    return World(
        "frames",
        tuple(f"{one.content_key}#{one.frame}" for one in wanted),
        model.embed([pictures[one] for one in wanted]),
        np.array([one.content_key for one in wanted], object),
        np.array([one.time_s for one in wanted]),
        {task.name: np.array([one[task.name] for one in truth], object) for task in tasks},
        {task.name: task.classes for task in tasks},
        1.0,
        learn_frames,
    )


def learn_frames(
    vectors: np.ndarray,
    labels: np.ndarray,
    numbers: np.ndarray,
    groups: Sequence[str],
    split: Split,
    classes: Sequence[str],
) -> np.ndarray:
    """The head that rounds about frames fit on a frozen backbone: ridge and temperature by the validation videos."""
    from core.models.frame_head import Embedded, fit_head
    from core.models.temperature import fit_temperature, softmax

    parts = []
    for videos in (split.train, split.validation):
        own = [place for place in range(len(numbers)) if labels[place] != NA and groups[numbers[place]] in videos]
        truth = np.array([classes.index(labels[place]) for place in own], np.int64)
        parts.append(Embedded(vectors[numbers[own]], truth, tuple(groups[numbers[place]] for place in own)))
    head = fit_head(*parts, len(classes), split, JobContext())
    logits = vectors @ head.weight.T + head.bias
    validation = parts[1].vectors @ head.weight.T + head.bias
    return softmax(logits, fit_temperature(validation, parts[1].labels, parts[1].groups, split)).astype(np.float64)
