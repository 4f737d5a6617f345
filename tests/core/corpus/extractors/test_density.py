"""Colour entropy, edges and movement of pictures for which they can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.corpus.extractor import Frame, Settings
from core.corpus.extractors.density import Density, colour_entropy, edge_share, mean_flow
from tests.core.corpus.made_videos import facts, make_video, run_one

WIDTH, HEIGHT = 320, 240
# Hue, saturation and brightness in the middle of eight of the 64 bins.
EIGHT_COLOURS = [
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (100, 0, 0),
    (0, 100, 0),
    (0, 0, 100),
    (255, 255, 255),
    (0, 0, 0),
]


def plain(colour: tuple[int, int, int] = (90, 140, 30)) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), colour, np.uint8)


def checkerboard(cell: int) -> np.ndarray:
    rows, columns = np.indices((HEIGHT, WIDTH)) // cell
    return np.repeat((((rows + columns) % 2) * 255).astype(np.uint8)[..., None], 3, axis=2)


def noise() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def texture(width: int = WIDTH + 200) -> np.ndarray:
    """Soft blobs wider than a picture, so that it can be shifted without an edge coming in."""
    coarse = np.random.default_rng(7).integers(0, 256, (HEIGHT // 8, width // 8)).astype(np.float64)
    fine = np.kron(coarse, np.ones((8, 8)))
    for _ in range(6):
        fine = sum(np.roll(fine, shift, axis) for axis in (0, 1) for shift in (-2, 2)) / 4
    return np.repeat(fine.astype(np.uint8)[..., None], 3, axis=2)


def test_entropy_counts_the_colours() -> None:
    assert colour_entropy(plain()) == 0
    assert colour_entropy(checkerboard(8)) == pytest.approx(1)
    stripes = np.concatenate([np.full((HEIGHT, 40, 3), colour, np.uint8) for colour in EIGHT_COLOURS], axis=1)
    assert colour_entropy(stripes) == pytest.approx(3)
    quarter = np.concatenate([plain()[:, :240], plain((0, 0, 0))[:, :80]], axis=1)
    assert colour_entropy(quarter) == pytest.approx(0.8112781)
    assert 4 < colour_entropy(noise()) < 6


def test_edges_are_a_line_for_each_border() -> None:
    assert edge_share(plain()) == 0
    half = plain((0, 0, 0))
    half[:, WIDTH // 2 :] = 255
    assert edge_share(half) == pytest.approx(1 / WIDTH, rel=0.02)
    # 9 borders of cells down and 6 across, one pixel each; corners belong to two, or to none.
    borders = 9 * HEIGHT + 6 * WIDTH
    assert edge_share(checkerboard(32)) == pytest.approx(borders / (WIDTH * HEIGHT), rel=0.1)
    assert edge_share(checkerboard(8)) > 3 * edge_share(checkerboard(32))
    assert edge_share(noise()) > 0.2


@pytest.mark.parametrize("shift", [0, 1, 3, 6])
def test_movement_is_what_the_picture_was_shifted_by(shift: int) -> None:
    whole = texture()
    before, after = whole[:, 100 : 100 + WIDTH], whole[:, 100 - shift : 100 - shift + WIDTH]
    assert mean_flow(before, after) * WIDTH == pytest.approx(shift, rel=0.06, abs=0.02)


@pytest.mark.parametrize(("scale", "fps"), [(1, 25), (3, 25), (1, 50)])
def test_a_video_that_moves_by_two_pixels_a_frame(tmp_path: Path, scale: int, fps: int) -> None:
    """Pixels are those of the video, whatever size it is; widths a second depend on its rate and not on its size."""
    whole = np.kron(texture(), np.ones((scale, scale, 1), np.uint8))
    shift, width = 2 * scale, WIDTH * scale
    pictures = (np.ascontiguousarray(whole[:, step : step + width]) for step in range(0, 46 * shift, shift))
    row = run_one(Density(Settings()), make_video(tmp_path / "moving.mkv", pictures, fps))
    assert row["frames"] == 4
    assert row["flow_px"] == pytest.approx(shift, rel=0.06)
    assert row["flow_per_s"] == pytest.approx(shift / width * fps, rel=0.06)


def test_a_picture_on_its_own_has_no_movement() -> None:
    row = Density(Settings()).extract([Frame(0, 0.0, plain())], facts())
    assert row["flow_px"] is None and row["flow_per_s"] is None
    assert row["colour_entropy"] == 0 and row["edges"] == 0 and row["frames"] == 1


def test_figures_are_means_over_the_frames() -> None:
    frames = [Frame(0, 0.0, plain()), Frame(15, 0.6, checkerboard(8))]
    row = Density(Settings()).extract(frames, facts())
    assert row["colour_entropy"] == pytest.approx(0.5)
    assert row["edges"] == pytest.approx(edge_share(checkerboard(8)) / 2)
