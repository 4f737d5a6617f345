"""Things and people in the picture, by the detector that also proposes crops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.corpus.extractor import Column, Frames, Row, Settings, VideoFacts
from core.corpus.needs import need_weights
from core.job import JobContext
from core.models import detector
from core.models.device import choose_device
from core.models.weights import WeightStore

if TYPE_CHECKING:
    import numpy as np

BATCH = 8


class Objects:
    """How many things a frame shows, how many people, and of which of COCO's 80 types."""

    name = "objects"
    version = 1
    needs = "gpu"
    wants = "samples"
    columns = (
        Column("per_frame", "", "float", "mean number of things in a frame, people included"),
        Column("people_per_frame", "", "float", "mean number of people in a frame"),
        Column("people_max", "", "int", "most people in one frame"),
        Column("frames_with_people", "share", "float", "share of the frames with somebody"),
        Column("types", "", "int", "how many types of things there are"),
        Column("counts", "", "json", "for each type by name how many were seen in all frames together"),
        Column("frames", "", "int", "frames looked at"),
    )

    def __init__(self, settings: Settings) -> None:
        """Loads nothing yet."""
        self._settings = settings
        self._detector: detector.PersonDetector | None = None

    def check(self, ctx: JobContext) -> None:
        """Look for the device and the trained network; fetches it where there is none.

        Raises:
            UserError: no such kind of device.
            EnvironmentProblem: the device or the weights are missing, and where to get them.
        """
        choose_device(self._settings.device)
        need_weights(self, self._settings, detector.WEIGHTS, ctx)

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The figures of one video; see `columns`."""
        found: list[list[int]] = []
        for pictures in _batches(frames):
            found += self._labels(pictures)
        count = len(found)
        people = [labels.count(detector.PERSON) for labels in found]
        names = detector.class_names()
        counts = Counter(names[label] for labels in found for label in labels)
        return {
            "per_frame": sum(map(len, found)) / count if count else None,
            "people_per_frame": sum(people) / count if count else None,
            "people_max": max(people, default=None),
            "frames_with_people": sum(1 for number in people if number) / count if count else None,
            "types": len(counts),
            "counts": dict(sorted(counts.items())),
            "frames": count,
        }

    def close(self) -> None:
        """Let go of the network."""
        self._detector = None

    def _labels(self, pictures: list[np.ndarray]) -> list[list[int]]:
        if self._detector is None:
            store = WeightStore.at(self._settings.paths)
            self._detector = detector.PersonDetector.load(store, device=self._settings.device)
        return [[thing.label for thing in things] for things in self._detector.things(pictures)]


def _batches(frames: Frames) -> Iterable[list[np.ndarray]]:
    held: list[np.ndarray] = []
    for frame in frames:
        held.append(frame.rgb)
        if len(held) == BATCH:
            yield held
            held = []
    if held:
        yield held
