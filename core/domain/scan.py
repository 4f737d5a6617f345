"""What a scan finds: scores of windows, regions, and what people decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.domain.timespan import Span

DEFAULT_FUSE_S = 4.0


@dataclass(frozen=True)
class Hit:
    """A stretch in which the sound was heard; `score` is the highest probability in it, 0–1."""

    start_s: float
    end_s: float
    score: float

    @property
    def span(self) -> Span:
        return Span(self.start_s, self.end_s)


@dataclass(frozen=True)
class WindowScores:
    """One probability per window of a whole recording: what regions are made of, at any threshold.

    Args:
        scores: one number per window, 0–1; window k starts at k × `hop_s`. Any sequence of floats; usually an array.
        hop_s: distance of two starts.
        span_s: how much sound each window holds.
        duration_s: of the recording.
    """

    scores: Sequence[float]
    hop_s: float
    span_s: float
    duration_s: float


@dataclass(frozen=True)
class RegionRule:
    """How scores become regions; changing it never needs another scan.

    Args:
        threshold: a region needs at least one window with this score.
        fuse_s: regions with no more than this between them become one.
        hysteresis: a region goes on while the score stays above this share of the threshold.
        valley: two peaks are two hits where the score between them falls below this share of the lower one.
        edge: a hit reaches as far as the score stays above this share of its peak.
        min_length_s: shorter hits are widened around their middle.
    """

    threshold: float = 0.5
    fuse_s: float = DEFAULT_FUSE_S
    hysteresis: float = 0.6
    valley: float = 0.6
    edge: float = 0.5
    min_length_s: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.threshold <= 1.0 or self.fuse_s < 0 or self.min_length_s < 0:
            raise ValueError("a threshold lies between 0 and 1, a gap and a length are not negative")


@dataclass(frozen=True)
class Decision:
    """What a person decided about a region of an earlier version.

    Args:
        found: where the scan had found it.
        start_s, end_s: where it was trimmed to; as found where it was not.
        region_id: the row it was decided on.
    """

    found: Span
    start_s: float
    end_s: float
    disabled: bool = False
    accepted: bool = False
    region_id: int | None = None

    @property
    def trimmed(self) -> bool:
        return (self.start_s, self.end_s) != (self.found.start_s, self.found.end_s)

    @property
    def decided(self) -> bool:
        return self.disabled or self.accepted or self.trimmed


@dataclass(frozen=True)
class NewRegion:
    """A region about to be stored: what was found, where it was trimmed to, and what it inherited.

    `inherited_from` is the row of the earlier version whose decision it took over, None where it took none. `by_hand`
    regions come from splitting or merging, not from scores.
    """

    hit: Hit
    start_s: float
    end_s: float
    disabled: bool = False
    accepted: bool = False
    inherited_from: int | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class RegionRow:
    """A region as it is stored: what was found (`hit`), where it was trimmed to, what was decided.

    `inherited` is True where a decision came from an earlier version. `hidden` rows keep a decision that the present
    threshold does not show. `by_hand` rows were made by splitting or merging; no threshold hides them.
    """

    id: int
    hit: Hit
    start_s: float
    end_s: float
    disabled: bool = False
    accepted: bool = False
    hidden: bool = False
    inherited: bool = False
    by_hand: bool = False

    @property
    def trimmed(self) -> bool:
        return (self.start_s, self.end_s) != (self.hit.start_s, self.hit.end_s)

    @property
    def decision(self) -> Decision:
        return Decision(self.hit.span, self.start_s, self.end_s, self.disabled, self.accepted, self.id)


@dataclass(frozen=True)
class ScanMade:
    """What a scan version was made of.

    Args:
        classifier: name of the trained model.
        classifier_version: its stamp.
        threshold, fuse_s: those its stored regions were made with.
    """

    windows: WindowScores
    classifier: str
    classifier_version: str
    threshold: float
    fuse_s: float = DEFAULT_FUSE_S


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side. `moved` holds pairs (old, new) whose edges differ, `kept` those that agree."""

    gained: tuple[Hit, ...] = field(default_factory=tuple)
    lost: tuple[Hit, ...] = field(default_factory=tuple)
    moved: tuple[tuple[Hit, Hit], ...] = field(default_factory=tuple)
    kept: tuple[tuple[Hit, Hit], ...] = field(default_factory=tuple)
