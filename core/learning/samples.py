"""Which grains of the marked recordings are examples of what.

A marked clip is a bag: it holds the sound somewhere. Far from every marker lie the automatic negatives, all of them
weak: the sound may be there too, only nobody marked it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.timespan import Span
from core.errors import UserError
from core.job import JobContext
from core.learning.examples import EmbeddedLike, MediaExamples, TrainOptions
from core.learning.features import usable

# From this share of a clip's length on a vector cannot tell one part of the clip from another.
_WHOLE_CLIP = 0.75
_MARGIN_STEPS = (1.0, 0.5, 0.25, 0.0)


@dataclass(frozen=True)
class Recording:
    """One marked recording, sorted into examples. Indices are those of its grains.

    Args:
        group: recordings of one group share a fold.
        bags: per marked clip the grains inside.
        clips: the marked clips, as many as bags.
        far: automatic negatives.
        stated: explicit and hard negatives in use.
        ignored: bool[N], neither a negative nor part of a marked clip: too near to one, or to another export.
    """

    group: str
    embedded: EmbeddedLike
    clips: tuple[Span, ...]
    bags: tuple[np.ndarray, ...]
    far: np.ndarray
    stated: np.ndarray
    ignored: np.ndarray

    @property
    def middles_s(self) -> np.ndarray:
        """float64[N], the middles of the grains."""
        return np.asarray(self.embedded.starts_s, np.float64) + self.embedded.span_s / 2


@dataclass(frozen=True)
class Selection:
    """All recordings, the margin in use, and what a person should know about the data."""

    recordings: tuple[Recording, ...]
    margin_s: float
    warnings: tuple[str, ...]

    @property
    def positives(self) -> int:
        return sum(len(recording.bags) for recording in self.recordings)

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups with a marked clip, in order of appearance."""
        return tuple(dict.fromkeys(one.group for one in self.recordings if one.bags))


def select(examples: Sequence[MediaExamples], options: TrainOptions, ctx: JobContext | None = None) -> Selection:
    """Sort the grains of all recordings. Where the margin leaves too little, it is made smaller, and a warning says so.

    Raises:
        UserError: no marked clip, no place for negatives, vectors of different lengths, or none that is a number.
    """
    ctx = ctx or JobContext()
    _check(examples)
    wanted = sum(len(example.positives) for example in examples)
    for step in _MARGIN_STEPS:
        ctx.check()
        margin = options.neg_margin_s * step
        recordings = tuple(_sort(example, margin, options) for example in examples if len(example.embedded.vectors))
        negatives = sum(len(one.far) + len(one.stated) for one in recordings)
        with_negatives = sum(bool(len(one.far) + len(one.stated)) for one in recordings)
        if negatives >= 10 * wanted and 2 * with_negatives >= len(recordings):
            break
    found = Selection(recordings, margin, ())
    if not found.positives:
        raise UserError(
            "There is nothing to learn from",
            "The marked clips lie outside of their recordings, or the recordings are shorter than one window",
            "Check that the marks belong to these files",
        )
    if not negatives:
        raise UserError(
            "There is nothing to tell the sound from",
            "Every moment of the recordings is marked, or lies beside a marker",
            "Add longer recordings, choose a negative class, or make the margin smaller",
        )
    return Selection(recordings, margin, tuple(_warnings(found, options)))


def _check(examples: Sequence[MediaExamples]) -> None:
    if not any(example.positives for example in examples):
        raise UserError(
            "There is nothing to learn from", "No clip of the class is marked", "Cut a few clips of the sound first"
        )
    widths = {example.embedded.vectors.shape[1] for example in examples if len(example.embedded.vectors)}
    if len(widths) > 1:
        raise UserError(
            "The recordings do not go together",
            f"Their vectors have different lengths: {', '.join(map(str, sorted(widths)))}",
            "Embed them all with the same model",
        )
    for example in examples:
        vectors = example.embedded.vectors
        good = int(usable(vectors).sum())
        if 2 * good < len(vectors):
            raise UserError(
                f"The recording {example.group} cannot be learned from",
                f"{len(vectors) - good} of its {len(vectors)} vectors are not numbers",
                "Clear its cache entry and try again, or leave the file out",
            )


def _sort(example: MediaExamples, margin_s: float, options: TrainOptions) -> Recording:
    embedded = example.embedded
    starts = np.asarray(embedded.starts_s, np.float64)
    middles, numbers = starts + embedded.span_s / 2, usable(embedded.vectors)
    inside = np.zeros(len(starts), bool)
    bags, clips = [], []
    for clip in sorted(example.positives):
        grains = np.flatnonzero(_of_clip(starts, embedded.span_s, clip) & numbers)
        if len(grains):
            bags.append(grains)
            clips.append(clip)
        inside |= _touched(starts, embedded.span_s, clip)
    near = inside | _near(middles, (*example.positives, *example.soft), margin_s, embedded.span_s)
    stated = np.zeros(len(starts), bool)
    for number, span in enumerate(example.negatives):
        if options.use_hard_negatives or number not in example.hard:
            stated |= _of_negative(starts, embedded.span_s, span)
    stated &= ~inside & numbers
    if not example.positives and not example.soft:
        # Nobody looked for the sound here; beside the negatives nothing is known.
        near[:] = True
    return Recording(
        example.group,
        embedded,
        tuple(clips),
        tuple(bags),
        np.flatnonzero(~near & ~stated & numbers),
        np.flatnonzero(stated),
        near & ~stated,
    )


def _of_clip(starts: np.ndarray, span_s: float, clip: Span) -> np.ndarray:
    """The grains that a clip stands for: those inside, or, where they are about as long as it, those half inside."""
    if span_s >= _WHOLE_CLIP * clip.length_s:
        overlap = np.minimum(starts + span_s, clip.end_s) - np.maximum(starts, clip.start_s)
        return overlap >= 0.5 * min(span_s, clip.length_s)
    # A quarter of a grain may stick out: the sound may begin with the clip.
    slack = 0.25 * span_s
    return (starts >= clip.start_s - slack) & (starts + span_s <= clip.end_s + slack)


def _of_negative(starts: np.ndarray, span_s: float, span: Span) -> np.ndarray:
    """The grains whose middle lies in a negative, and those nearest to it where it is shorter than a grain."""
    middle, reach = (span.start_s + span.end_s) / 2, max(span.length_s, span_s) / 2
    return np.abs(starts + span_s / 2 - middle) <= reach


def _touched(starts: np.ndarray, span_s: float, clip: Span) -> np.ndarray:
    return (starts + span_s > clip.start_s) & (starts < clip.end_s)


def _near(middles: np.ndarray, spans: Iterable[Span], margin_s: float, span_s: float) -> np.ndarray:
    near = np.zeros(len(middles), bool)
    reach = max(margin_s, span_s / 2)
    for span in spans:
        near |= (middles > span.start_s - reach) & (middles < span.end_s + reach)
    return near


def _warnings(found: Selection, options: TrainOptions) -> list[str]:
    texts = []
    videos, clips = len(found.groups), found.positives
    if videos == 1:
        texts.append(
            "All clips are from one video: how well the model does in others cannot be known. "
            "The figures come from leaving out marked clips of this one and are too good"
        )
    elif videos < 3:
        texts.append(f"The clips are from {videos} videos; with 3 or more the model and its figures are better")
    if clips < 20:
        texts.append(f"There are {clips} clips; with 20 or more the model and its figures are better")
    if found.margin_s < options.neg_margin_s:
        texts.append(
            f"Negatives {options.neg_margin_s:g} s away from every marker are too few; "
            f"the margin was made {found.margin_s:g} s"
        )
    return texts
