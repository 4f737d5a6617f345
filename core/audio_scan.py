"""Find a sound in long recordings, from a script: embeddings, training, scanning.

    from core.audio_scan import load_classifier, scan_video, train_classifier
    from core.db import ProcessedDB

    model = train_classifier(ProcessedDB().get_training_data("default", "bark"), embed_model="LOGMEL")
    for start, end, score in scan_video("walk.mp4", model):
        print(start, end, score)

The window and the command line do the same through `core.ops`, and keep what they find in the history.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.domain.clip import DEFAULT_DURATION_S
from core.domain.scan import RegionRule
from core.domain.timespan import Span
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.identity import content_key
from core.media.resample import resample
from core.models.base import SAMPLE_RATE_HZ
from core.models.registry import embed_dim, ml_config
from core.ops.cache import open_embedder
from core.paths import data_paths
from core.scan.embedding import DEFAULT_GRAIN_S, WINDOW_HOP_S, WINDOW_S, EmbeddingKey
from core.scan.engine import score_file
from core.scan.regions import find_regions

if TYPE_CHECKING:
    from core.learning.trained import Trained

log = logging.getLogger(__name__)

DEFAULT_MODEL = "LOGMEL"
"""The one that needs no weights."""

VideoInfo = tuple[str, Sequence[float], Sequence[float], Sequence[float]]
"""(path, positive, soft and negative times in seconds), as `ProcessedDB.get_training_data` gives them."""


def _embed_dim(name: str) -> int:
    """Numbers in the embedding of one window of a model: 768 for "HUBERT_BASE".

    Raises:
        UserError: there is no such model.
    """
    return embed_dim(name)


def _ml_config(name: str) -> tuple[str, list[int]] | None:
    """The backbone of an `_ML` model and its four 0-based layers: ("HUBERT_XLARGE", [11, 23, 35, 47]).

    None for a single-layer model and for a name that is no model.
    """
    return ml_config(name)


def _extract_w2v_windows(
    y: np.ndarray,
    sr: int = 16000,
    hop: float = 1.0,
    window: float = 8.0,
    video_path: str | os.PathLike[str] | None = None,
    cancel_flag: Any = None,
    model_name: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of windows of a recording: 20 s give 13 windows of 8 s every second.

    Args:
        y: samples (n,) mono, or (channels, n); not a number counts as silence.
        sr: their rate in Hz; anything else than 16,000 is resampled.
        hop: seconds from one window to the next.
        window: seconds of each. A shorter recording is one window.
        video_path: the file `y` was read from, so that its embeddings come from the cache and go there; `y` is then
            not looked at.
        cancel_flag: see `scan_video`.
        model_name: the embedding model; LOGMEL without one.

    Returns:
        Starts in seconds float64 (N,) and embeddings float32 (N, D), D as `_embed_dim` says; both empty when cancelled.

    Raises:
        UserError: no such model, or a file that cannot be read.
        EnvironmentProblem: weights are missing and cannot be fetched.
    """
    key = EmbeddingKey(model_name or DEFAULT_MODEL, grain_s=window, hop_s=hop, pooled=False)
    ctx = _Flagged(cancel_flag)
    try:
        with open_embedder(data_paths()) as embedder:
            if video_path is not None:
                found = embedder.embed(video_path, content_key(video_path), key, ctx)
            else:
                sound = np.asarray(y, np.float32)
                sound = sound.mean(axis=0) if sound.ndim > 1 else sound
                found = embedder.embed_blocks([resample(np.nan_to_num(sound), sr, SAMPLE_RATE_HZ)], key, ctx)
    except Cancelled:
        log.info("Cancelled")
        return np.zeros(0), np.zeros((0, embed_dim(key.model)), np.float32)
    return found.starts_s, np.asarray(found.vectors, np.float32)


def train_classifier(
    video_infos: Iterable[VideoInfo],
    model_path: str | os.PathLike[str] | None = None,
    embed_model: str | None = None,
    neg_margin: float = 30.0,
    head: str = "auto",
    *,
    encoding: str = "exact",
    grain: float = DEFAULT_GRAIN_S,
    clip_duration: float = DEFAULT_DURATION_S,
    cancel_flag: Any = None,
) -> Trained | None:
    """Learn a sound from marked recordings.

    Args:
        video_infos: (path, positive times, soft times, negative times) each, as `get_training_data` returns them.
            Soft times only keep automatic negatives away. A file that cannot be read is left out.
        model_path: where to keep the classifier, with its versions beside it; None keeps it nowhere.
        embed_model: the embedding model; LOGMEL without one.
        neg_margin: automatic negatives keep this many seconds from every time.
        head: "auto", "logistic", "trees" or "boosting".
        encoding: "exact" or "shared".
        grain: seconds that are judged at once; 8 for whole windows.
        clip_duration: seconds from each time that were marked.
        cancel_flag: see `scan_video`.

    Returns:
        The classifier, or None where the data cannot make one or it was cancelled; the log says why.
    """
    from core.learning.examples import TrainOptions
    from core.learning.model_store import ModelStore
    from core.ops.train import MarkedFile, train_on

    def spans(times: Iterable[float]) -> tuple[Span, ...]:
        return tuple(Span(float(time), float(time) + clip_duration) for time in times)

    files = [
        MarkedFile(str(path), spans(positive), spans(soft), spans(negative))
        for path, positive, soft, negative in video_infos
    ]
    try:
        key = EmbeddingKey.of(embed_model or DEFAULT_MODEL, encoding, grain)
        options = TrainOptions(head=head, neg_margin_s=neg_margin, embedding=key.meta)
        with open_embedder(data_paths()) as embedder:
            trained, problems = train_on(files, key, options, embedder, _Flagged(cancel_flag))
        for problem in problems:
            log.warning("Left out: %s", problem)
        if model_path is not None:
            path = Path(model_path)
            store = ModelStore(path.parent)
            store.save_at(path, trained)
            return store.load(path)
    except UserError as error:
        log.warning("No classifier was trained: %s", error)
        return None
    except Cancelled:
        log.warning("No classifier was trained: it was cancelled")
        return None
    return trained


def load_classifier(path: str | os.PathLike[str]) -> Trained | None:
    """The classifier in a file; None where there is no file.

    Raises:
        UserError: the file was tampered with, is a pickle, or is no classifier of 8-cut. Nothing in it is executed.
        NewerDataError: a newer 8-cut wrote it.
    """
    from core.learning.model_store import ModelStore

    return ModelStore(Path(path).parent).load(Path(path))


def scan_video(
    video_path: str | os.PathLike[str],
    model: Trained | None,
    threshold: float = 0.5,
    hop: float = 1.0,
    window: float = 8.0,
    cancel_flag: Any = None,
) -> list[tuple[float, float, float]]:
    """Where a recording holds the sound that a classifier has learned.

    Args:
        video_path: video or audio file.
        model: from `train_classifier` or `load_classifier`; without one nothing is found.
        threshold: the lowest probability of a region, 0–1.
        hop, window: seconds; only for a classifier that judges whole windows. One that learned at a short grain brings
            its own.
        cancel_flag: asked now and then: a callable, or an event with `is_set()`. When true, nothing is found.

    Returns:
        (start, end, highest score) in seconds, in order of time, more than 4 s apart.

    Raises:
        UserError: the file cannot be read, or the classifier was trained on embeddings that this 8-cut does not make.
        EnvironmentProblem: weights are missing and cannot be fetched.
    """
    if model is None:
        return []
    key = EmbeddingKey.from_meta(model.embedding)
    wanted = (hop, window) != (WINDOW_HOP_S, WINDOW_S)
    if wanted and not key.pooled and (hop, window) != (key.hop_s, key.grain_s):
        raise UserError(
            f"The classifier judges windows of {key.grain_s:g} s every {key.hop_s:g} s",
            f"It cannot be asked about windows of {window:g} s every {hop:g} s",
            "Leave hop and window out",
        )
    try:
        with open_embedder(data_paths()) as embedder:
            windows = score_file(embedder, video_path, content_key(video_path), model, _Flagged(cancel_flag))
    except Cancelled:
        log.info("Cancelled")
        return []
    return [(hit.start_s, hit.end_s, hit.score) for hit in find_regions(windows, RegionRule(threshold))]


class _Flagged(JobContext):
    """A context that looks at a script's flag whenever it is asked."""

    def __init__(self, flag: Any) -> None:
        super().__init__()
        self._raised: Callable[[], bool] = _question(flag)

    def check(self) -> None:
        if self._raised():
            self.cancel()
        super().check()


def _question(flag: Any) -> Callable[[], bool]:
    if flag is None:
        return lambda: False
    return flag.is_set if hasattr(flag, "is_set") else lambda: bool(flag())
