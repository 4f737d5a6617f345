"""From a stream of audio to embeddings, with memory that does not grow with the length of the recording.

Two encodings. *exact*: every window goes through the network on its own; the reference. *shared*: long overlapping
chunks go through it once, and every window pools the frames whose middles it holds. Local models (LOGMEL, YAMNET) give
the same numbers either way.

Short grains are pooled from the frames of the same pass. Where neighbouring pieces overlap, each keeps the frames that
lie nearer to its own middle, so every moment counts once and with context on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.job import JobContext
from core.models.base import SAMPLE_RATE_HZ, EmbeddingModel
from core.models.device import BatchSizer
from core.models.feature_stream import FeatureStream, RawFrontEnd
from core.models.pieces import Piece, chunk_pieces, window_pieces
from core.models.track import Output, Track

if TYPE_CHECKING:
    from torch import Tensor

ENCODINGS = ("exact", "shared")
# What a round of pieces may hold: enough to fill a GPU, few enough to lose little when it is killed.
_ROUND = {"cpu": 16}
_ROUND_ELSEWHERE = 256


@dataclass(frozen=True)
class Encoded:
    """Some consecutive embeddings of one output.

    Args:
        output: its place among the outputs asked for.
        index: number of the first one in its series.
        starts_s: float64[N], seconds.
        values: float32[N, D].
    """

    output: int
    index: int
    starts_s: np.ndarray
    values: np.ndarray


def encode(
    model: EmbeddingModel,
    blocks: Iterable[np.ndarray],
    outputs: Sequence[Output],
    *,
    encoding: str = "exact",
    window: Output | None = None,
    first: Sequence[int] = (),
    batch: int | None = None,
    ctx: JobContext | None = None,
) -> Iterator[Encoded]:
    """Every embedding of every output of one recording, in order within each output.

    Args:
        model: loaded.
        blocks: float32 arrays of any length, 16 kHz mono, from the start of the recording. Not a number becomes 0.
        outputs: what to take from it; all come out of one pass.
        encoding: "exact" or "shared".
        window: the pieces of the exact encoding, 8 s every second by default; grains are cut out of them.
        first: for each output how many embeddings are there already, from an earlier run that was interrupted. Audio
            that only they need is read but not encoded.
        batch: pieces at once; by default as many as fit. A network on a CPU takes them one by one all the same: that
            costs it nothing, and no number depends on which pieces come together.
        ctx: asked for cancellation.

    Raises:
        ValueError: an unknown encoding, or outputs shorter than one frame of the model.
        EnvironmentProblem: the device has no memory for a single piece.
        Cancelled: through `ctx`.
    """
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding {encoding!r} is not one of {ENCODINGS}")
    shortest = model.grid.samples_for(model.grid.frame_span)
    if any(output.span < shortest or output.hop < 1 for output in outputs):
        raise ValueError(f"{model.spec.name} needs at least {shortest / SAMPLE_RATE_HZ} s of sound and a hop")
    alone = model.device == "cpu" and not model.spec.local
    ctx, sizer = ctx or JobContext(), BatchSizer(model.device, 1 if alone else batch)
    first = tuple(first) or (0,) * len(outputs)
    if model.spec.local:
        yield from _encode_local(model, blocks, outputs, first, sizer, ctx)
        return
    yield from _encode_context(model, blocks, outputs, first, window or Output(), encoding == "exact", sizer, ctx)


def embed_recording(
    model: EmbeddingModel,
    audio: np.ndarray,
    output: Output | None = None,
    *,
    encoding: str = "exact",
    window: Output | None = None,
    batch: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """All embeddings of a recording in memory: (starts float64[N], values float32[N, D]). Options as in `encode`."""
    output = output or Output()
    parts = list(encode(model, (audio,), (output,), encoding=encoding, window=window, batch=batch))
    if not parts:
        return np.zeros(0), np.zeros((0, output.dim(model)), np.float32)
    return np.concatenate([part.starts_s for part in parts]), np.concatenate([part.values for part in parts])


def _encode_local(
    model: EmbeddingModel,
    blocks: Iterable[np.ndarray],
    outputs: Sequence[Output],
    first: Sequence[int],
    sizer: BatchSizer,
    ctx: JobContext,
) -> Iterator[Encoded]:
    """Local features: every embedding is a summary of its own slice of them."""
    hops = [output.hop for output in outputs]
    front = model if all(hop % model.grid.feature_hop == 0 for hop in hops) else RawFrontEnd(model)
    start = min((k * hop for k, hop in zip(first, hops, strict=True)), default=0)
    stream = FeatureStream(front, blocks, start)
    series = [
        _Series(number, output, window_pieces(stream, output.span, output.hop, first[number]), first[number])
        for number, output in enumerate(outputs)
    ]
    limit = _round_size(model)
    while any(one.alive for one in series):
        # The one that lags behind goes first, so that the features kept are only those between them.
        one = min((one for one in series if one.alive), key=lambda one: one.next * one.output.hop)
        ctx.check()
        pieces = one.take(limit)
        if pieces:
            features = stream.stack([(piece.start, piece.length) for piece in pieces])
            pool = model.summarise_grain if one.output.grain else model.summarise
            yield one.found(sizer.run(lambda part, pool=pool: pool(front.run(part)), features))
        stream.forget(min((one.position(stream) for one in series if one.alive), default=0))


def _encode_context(
    model: EmbeddingModel,
    blocks: Iterable[np.ndarray],
    outputs: Sequence[Output],
    first: Sequence[int],
    window: Output,
    exact: bool,
    sizer: BatchSizer,
    ctx: JobContext,
) -> Iterator[Encoded]:
    """Pieces through the network; windows are summaries of a piece of their own, or of the track of frames."""
    front = RawFrontEnd(model) if exact and window.hop % model.grid.feature_hop else model
    grid = front.grid
    direct = [exact and not output.grain and output == window for output in outputs]
    starts = [k * output.hop for k, output in zip(first, outputs, strict=True)]
    reach = window.span if exact else grid.samples_for(grid.chunk_features)
    stream = FeatureStream(front, blocks, max(0, min(starts, default=0) - reach))
    pieces = window_pieces(stream, window.span, window.hop) if exact else chunk_pieces(stream)
    tracks = {n: Track(output, first[n]) for n, output in enumerate(outputs) if not direct[n]}
    needed_from = min((starts[n] for n in tracks), default=math.inf)
    own = next((n for n, is_direct in enumerate(direct) if is_direct), None)

    def run(part: Tensor) -> Tensor:
        # A round of the largest network takes a CPU more than a minute: whoever cancels waits for one piece of it.
        ctx.check()
        return front.run(part)

    for round_ in _rounds(pieces, _round_size(model)):
        ctx.check()
        wanted = [
            piece
            for piece in round_
            if piece.keep_until > needed_from or (own is not None and piece.number >= first[own])
        ]
        if wanted:
            frames = sizer.run(run, stream.stack([(piece.start, piece.length) for piece in wanted]))
            yield from _own_windows(model, frames, wanted, own, window, first)
            for number, track in tracks.items():
                for row, piece in zip(frames, wanted, strict=True):
                    track.add(piece, grid, row)
                if wanted[-1].keep_until < math.inf:
                    yield from _ready(model, track, number, wanted[-1].keep_until, None)
        stream.forget(round_[-1].start)
    for number, track in tracks.items():
        yield from _ready(model, track, number, math.inf, stream.samples)


def _own_windows(
    model: EmbeddingModel,
    frames: Tensor,
    pieces: Sequence[Piece],
    own: int | None,
    window: Output,
    first: Sequence[int],
) -> Iterator[Encoded]:
    chosen = [] if own is None else [n for n, piece in enumerate(pieces) if piece.number >= first[own]]
    if chosen:
        index = pieces[chosen[0]].number
        values = model.summarise(frames[chosen]).float().cpu().numpy()
        yield Encoded(own, index, _starts(window, index, len(values)), values)


def _ready(model: EmbeddingModel, track: Track, number: int, until: float, samples: int | None) -> Iterator[Encoded]:
    index = track.next
    values = track.take(model, until, samples)
    if len(values):
        yield Encoded(number, index, _starts(track.output, index, len(values)), values)


def _starts(output: Output, index: int, count: int) -> np.ndarray:
    return np.arange(index, index + count, dtype=np.float64) * output.hop / SAMPLE_RATE_HZ


def _round_size(model: EmbeddingModel) -> int:
    return _ROUND.get(model.device, _ROUND_ELSEWHERE)


def _rounds(pieces: Iterator[Piece], limit: int) -> Iterator[list[Piece]]:
    """Up to `limit` consecutive pieces of equal length."""
    held: list[Piece] = []
    for piece in pieces:
        if held and (len(held) == limit or held[0].length != piece.length):
            yield held
            held = []
        held.append(piece)
    if held:
        yield held


class _Series:
    """One output of a local model on its way."""

    def __init__(self, number: int, output: Output, pieces: Iterator[Piece], first: int) -> None:
        self.number, self.output, self.next = number, output, first
        self.alive = True
        self._pieces = pieces

    def take(self, limit: int) -> list[Piece]:
        """Up to `limit` pieces; fewer only at the end of the recording."""
        taken = []
        while len(taken) < limit:
            piece = next(self._pieces, None)
            if piece is None:
                self.alive = False
                break
            taken.append(piece)
        return taken

    def found(self, values: Tensor) -> Encoded:
        """The embeddings of the pieces taken last."""
        index, self.next = self.next, self.next + len(values)
        return Encoded(self.number, index, _starts(self.output, index, len(values)), values.float().cpu().numpy())

    def position(self, stream: FeatureStream) -> int:
        """The first feature it still needs."""
        return self.next * self.output.hop // stream.grid.feature_hop
