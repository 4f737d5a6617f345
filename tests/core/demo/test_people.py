"""Drawn people: the truth of each frame, and pictures that show it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.demo.people import (
    FIRST,
    FPS,
    HEIGHT,
    PERSONAL,
    PUBLIC,
    SECOND,
    SOCIAL,
    THIRD,
    WIDTH,
    PeopleScene,
    PeopleVideo,
    Place,
    draw_scene,
    draw_video,
    make_people_videos,
)
from core.domain.annotation import DISTANCE, NA, PERSPECTIVE
from core.errors import Cancelled
from core.job import JobContext
from core.media.frame_cache import FrameCache
from core.media.png import read_png
from core.media.pts import frame_times

SCENES = st.builds(
    PeopleScene,
    st.integers(0, 5),
    st.sampled_from(DISTANCE.classes),
    st.sampled_from(PERSPECTIVE.classes),
    st.integers(1, 20).map(lambda frames: frames / FPS),
)


def drawn(scene: PeopleScene, seed: int) -> np.ndarray:
    """One frame without noise, float32."""
    place = Place(np.random.default_rng((seed, 0)))
    place.noise = 0.0
    return draw_scene(scene, place, np.random.default_rng((seed, 1)))[0].astype(np.float32)


@given(st.lists(SCENES, min_size=1, max_size=6))
def test_every_frame_has_the_labels_of_its_scene(scenes: list[PeopleScene]) -> None:
    video = PeopleVideo(Path("a.mp4"), tuple(scenes))
    truth = [video.truth(frame) for frame in range(video.frames)]
    assert truth == [scene.labels for scene in scenes for _ in range(scene.frames)]
    for labels in truth:
        assert labels["distance"] in DISTANCE.answers
        assert labels["perspective"] in PERSPECTIVE.answers
    for beyond in (-1, video.frames):
        with pytest.raises(IndexError):
            video.truth(beyond)


def test_nobody_has_no_distance() -> None:
    assert PeopleScene(0, SOCIAL, THIRD).labels == {"perspective": NA, "distance": NA}
    assert PeopleScene(0, SOCIAL, FIRST).labels == {"perspective": FIRST, "distance": NA}
    assert PeopleScene(2, SOCIAL, SECOND).labels == {"perspective": SECOND, "distance": SOCIAL}


@pytest.mark.parametrize(
    "wrong", [(6, SOCIAL, THIRD, 1), (1, "nearby", THIRD, 1), (1, SOCIAL, "4th", 1), (1, SOCIAL, THIRD, 0.01)]
)
def test_senseless_scenes_are_refused(wrong: tuple) -> None:
    with pytest.raises(ValueError, match="a scene"):
        PeopleScene(*wrong)


def test_nearer_people_cover_more_of_the_picture() -> None:
    def covered(distance: str) -> float:
        shares = []
        for seed in range(6):
            empty, full = (drawn(PeopleScene(people, distance, SECOND, 0.2), seed) for people in (0, 1))
            shares.append(float((np.abs(full - empty).max(axis=2) > 20).mean()))
        return float(np.mean(shares))

    assert covered(PERSONAL) > 1.5 * covered(SOCIAL) > 3 * covered(PUBLIC)


def test_ones_own_hands_come_from_the_bottom_edge() -> None:
    for seed in range(6):
        own, other = (drawn(PeopleScene(0, SOCIAL, view, 0.2), seed)[-4:].std(axis=1).mean() for view in (FIRST, THIRD))
        assert own > other + 5


def test_a_camera_in_the_hand_shakes() -> None:
    place = Place(np.random.default_rng(4))
    place.noise = 0.0
    moved = {}
    for view in (FIRST, SECOND):
        frames = np.stack(draw_scene(PeopleScene(0, SOCIAL, view, 2.0), place, np.random.default_rng(1)))
        # Above the hands.
        moved[view] = float(np.abs(np.diff(frames[:, : HEIGHT // 2].astype(np.float32), axis=0)).mean())
    assert moved[FIRST] > 2 * moved[SECOND]


def test_a_video_holds_what_was_drawn(tmp_path: Path) -> None:
    scenes = [PeopleScene(3, PERSONAL, FIRST), PeopleScene(1, PUBLIC, THIRD, 0.6)]
    video = draw_video(tmp_path / "Café.mp4", scenes, 5, JobContext())
    assert [path.name for path in tmp_path.iterdir()] == ["Café.mp4"]
    times = frame_times(video.path).times
    assert len(times) == video.frames == 9
    place = Place(np.random.default_rng((5, 0)))
    expected = draw_scene(scenes[1], place, np.random.default_rng((5, 1, 1)))[1]
    found = read_png(FrameCache(tmp_path / "cache").path(video.path, "key", 7, float(times[7])))
    assert found.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(found.astype(int) - expected).mean() < 12, "but for what encoding takes"


def test_a_set_is_the_same_again_and_every_video_is_another(tmp_path: Path) -> None:
    first, again, other = (
        make_people_videos(tmp_path / name, 2, JobContext(), seed, scenes=3)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert [video.scenes for video in first] == [video.scenes for video in again]
    assert [video.path.read_bytes() for video in first] == [video.path.read_bytes() for video in again]
    assert len({video.path.read_bytes() for video in [*first, *other]}) == 4


def test_drawing_can_be_cancelled(tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        draw_video(tmp_path / "a.mp4", [PeopleScene(1, SOCIAL, THIRD)], 1, ctx)
    assert not list(tmp_path.iterdir())
