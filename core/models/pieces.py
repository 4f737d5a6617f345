"""Which stretches of a recording go through a network, and which of their frames count."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.models.feature_stream import FeatureStream


@dataclass(frozen=True)
class Piece:
    """A stretch of features that is encoded at once.

    Args:
        number: 0, 1, 2 …
        start, length: in features.
        keep_from, keep_until: samples; frames whose middle lies in [from, until) count, the rest is its neighbours'.
    """

    number: int
    start: int
    length: int
    keep_from: float = -math.inf
    keep_until: float = math.inf


def window_pieces(stream: FeatureStream, span: int, hop: int, first: int = 0) -> Iterator[Piece]:
    """Every whole window, `span` samples each `hop`; the whole recording where it is shorter than one window."""
    grid = stream.grid
    length = grid.features_in(span)
    held, number = None, first
    while stream.reaches(number * hop + span):
        piece = Piece(number, number * hop // grid.feature_hop, length)
        if held is not None:
            border = number * hop + (span - hop) / 2
            yield replace(held, keep_until=border)
            piece = replace(piece, keep_from=border)
        held, number = piece, number + 1
    if held is None and number == 0 and stream.samples:
        held = Piece(0, 0, stream.total)
    if held is not None:
        yield held


def chunk_pieces(stream: FeatureStream) -> Iterator[Piece]:
    """Overlapping chunks of equal length. The last is moved back to end with the recording rather than cut short."""
    grid = stream.grid
    length = grid.chunk_features
    step = (grid.chunk_frames - 2 * grid.margin_frames) * grid.frame_hop
    held = None
    for start in _chunk_starts(stream, length, step):
        piece = Piece(0 if held is None else held.number + 1, start, length)
        if held is not None:
            border = (start + held.start + length) / 2 * grid.feature_hop
            yield replace(held, keep_until=border)
            piece = replace(piece, keep_from=border)
        held = piece
    if held is None and stream.samples:
        held = Piece(0, 0, stream.total)
    if held is not None:
        yield held


def _chunk_starts(stream: FeatureStream, length: int, step: int) -> Iterator[int]:
    grid, start = stream.grid, 0
    while stream.reaches(start * grid.feature_hop + grid.samples_for(length)):
        yield start
        start += step
    covered = start - step + length
    if start and stream.total - covered >= grid.frame_hop:
        yield stream.total - length
