"""Odd recordings in training and scanning: short, silent, clipped, eight channels, strange rates, not a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.ops import scan
from core.ops.models import Classifier
from core.ops.train import train
from tests.core.ops.scan_world import REQUEST, World, world
from tests.sound_files import noise, with_beeps, write_wav

KINDS = ["short", "silence", "clipped", "8 channels", "8 kHz", "192 kHz", "not a number"]
BEEP_S = 9.0


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Classifier]]:
    with world(tmp_path_factory.mktemp("odd")) as made:
        made.teach()
        yield made, train(made.db, made.paths, made.embedder, REQUEST).classifier


def odd(folder: Path, kind: str) -> Path:
    """A recording with a beep at BEEP_S, where it is long enough for one."""
    rate = {"8 kHz": 8_000, "192 kHz": 192_000}.get(kind, 16_000)
    sound = with_beeps(noise(0.7 if kind == "short" else 20.0, rate_hz=rate), [BEEP_S], rate)
    if kind == "silence":
        sound[:] = 0.0
    elif kind == "clipped":
        sound = np.clip(sound * 8, -1.0, 1.0)
    elif kind == "8 channels":
        sound = np.stack([sound] * 8, axis=1)
    elif kind == "not a number":
        sound[1_000:30_000] = np.nan
    return write_wav(folder / f"{kind}.wav", sound, rate)


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_scanned(taught: tuple[World, Classifier], kind: str) -> None:
    made, classifier = taught
    media = made.media(odd(made.folder / "odd", kind))
    found, _ = scan.scan(made.db, media, "default", classifier, made.embedder)
    windows = made.db.scans.made(made.db.profiles.ensure("default"), media.id, classifier.label).windows
    assert len(windows.scores) == (1 if kind == "short" else 37)
    assert np.isfinite(windows.scores).all()
    assert ((windows.scores >= 0) & (windows.scores <= 1)).all()
    if kind in ("8 channels", "not a number"):
        (region,) = found.regions
        assert region.start_s - 1 <= BEEP_S + 0.75 <= region.end_s + 1, "the beep is found all the same"
    if kind in ("short", "silence"):
        assert found.regions == ()


def test_they_are_trained_on(taught: tuple[World, Classifier]) -> None:
    made, _ = taught
    for kind in KINDS:
        made.mark(odd(made.folder / "trained", kind), [0.0 if kind == "short" else BEEP_S - 1], "odd")
    outcome = train(made.db, made.paths, made.embedder, replace(REQUEST, positives=("odd",), name="odd"))
    assert not outcome.problems
    report = outcome.classifier.trained.report
    assert 0.0 <= outcome.classifier.trained.threshold <= 1.0
    assert np.isfinite(report["average_precision"])
