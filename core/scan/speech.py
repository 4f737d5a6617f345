"""From probabilities of speech to spans of it, and how much of other spans they cover."""

from __future__ import annotations

import numpy as np

from core.domain.speech import MOSTLY, SpeechFilter, SpeechTrack
from core.domain.timespan import Span, merge

START, STAY = 0.5, 0.35
"""Speech begins where the probability reaches the first and lasts while it stays above the second."""
SHORTEST_S, PAUSE_S, PAD_S = 0.25, 0.3, 0.03


def speech_spans(probabilities: np.ndarray, frame_s: float, duration_s: float) -> SpeechTrack:
    """Where someone speaks.

    Runs with hysteresis; pauses of up to 0.3 s belong to it, what is then shorter than 0.25 s is none, and 30 ms are
    added at each end.

    Args:
        probabilities: float32[N], one per piece of `frame_s` seconds.
    """
    inside = np.flatnonzero(probabilities >= STAY)
    parts = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(inside) else []
    runs = [
        Span(float(part[0]) * frame_s, float(part[-1] + 1) * frame_s)
        for part in parts
        if probabilities[part].max() >= START
    ]
    said = [span for span in merge(runs, PAUSE_S) if span.length_s >= SHORTEST_S]
    padded = (Span(max(0.0, span.start_s - PAD_S), min(duration_s, span.end_s + PAD_S)) for span in said)
    return SpeechTrack(tuple(merge(padded)), duration_s)


def speech_share(starts_s: np.ndarray, ends_s: np.ndarray, track: SpeechTrack) -> np.ndarray:
    """float64[N], 0–1: how much of each stretch is speech; a stretch without length is asked for as a moment."""
    if not track.spans:
        return np.zeros(len(starts_s))
    edges = np.array([(span.start_s, span.end_s) for span in track.spans]).ravel()
    said = np.concatenate([[0.0], np.cumsum(np.diff(edges) * (np.arange(len(edges) - 1) % 2 == 0))])
    lengths = ends_s - starts_s
    share = (np.interp(ends_s, edges, said) - np.interp(starts_s, edges, said)) / np.where(lengths > 0, lengths, 1.0)
    moment = np.searchsorted(edges, starts_s, "right") % 2 == 1
    return np.where(lengths > 0, share, moment)


def wanted(starts_s: np.ndarray, ends_s: np.ndarray, track: SpeechTrack, by: SpeechFilter) -> np.ndarray:
    """bool[N]: which stretches pass the filter. Someone speaks in one where half of it or more is speech."""
    if by is SpeechFilter.ANY:
        return np.ones(len(starts_s), bool)
    spoken = speech_share(starts_s, ends_s, track) >= MOSTLY
    return spoken if by is SpeechFilter.ONLY else ~spoken
