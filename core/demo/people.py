"""Made-up videos of drawn people, with the truth of every frame: how many, how near, and who sees them.

Each video has a place, light and camera of its own, so that frames of one video resemble each other more than frames
of one class do: what learns the place instead of the people fails on other videos. Nothing here was filmed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.demo.canvas import Canvas, Colour, Point
from core.domain.annotation import DISTANCE, NA, PERSPECTIVE
from core.errors import EnvironmentProblem
from core.media import process
from core.media.tools import find_tool

if TYPE_CHECKING:
    from core.job import JobContext

FIRST, SECOND, THIRD = PERSPECTIVE.classes
PERSONAL, SOCIAL, PUBLIC = DISTANCE.classes
MOST_PEOPLE = 5
WIDTH, HEIGHT, FPS = 256, 144, 5
# Height of the nearest person in heights of the picture.
_SIZES = {PERSONAL: (1.3, 2.2), SOCIAL: (0.62, 1.05), PUBLIC: (0.2, 0.5)}
_SKINS: tuple[Colour, ...] = ((0.95, 0.80, 0.69), (0.82, 0.62, 0.48), (0.62, 0.43, 0.31), (0.40, 0.27, 0.20))
_THINGS = 6


@dataclass(frozen=True)
class PeopleScene:
    """One take of a video.

    Args:
        people: how many are seen, 0–5; the hands of whoever films do not count.
        distance: of the nearest one, a class of `DISTANCE`.
        perspective: a class of `PERSPECTIVE`: hands of one's own and a camera that shakes; somebody who turns to the
            camera; people who mind each other.
    """

    people: int
    distance: str
    perspective: str
    seconds: float = 1.2

    def __post_init__(self) -> None:
        if not 0 <= self.people <= MOST_PEOPLE or self.distance not in _SIZES:
            raise ValueError(f"a scene has up to {MOST_PEOPLE} people at one of {', '.join(_SIZES)}")
        if self.perspective not in PERSPECTIVE.classes or self.seconds * FPS < 1:
            raise ValueError(f"a scene lasts a frame at least and is seen in one of {', '.join(PERSPECTIVE.classes)}")

    @property
    def frames(self) -> int:
        return round(self.seconds * FPS)

    @property
    def labels(self) -> dict[str, str]:
        """{task: answer} of its frames; without people, distance does not apply, and perspective only in 1st person."""
        nobody = not self.people
        return {
            PERSPECTIVE.name: NA if nobody and self.perspective != FIRST else self.perspective,
            DISTANCE.name: NA if nobody else self.distance,
        }


@dataclass(frozen=True)
class PeopleVideo:
    """A drawn video and its truth."""

    path: Path
    scenes: tuple[PeopleScene, ...]

    @property
    def frames(self) -> int:
        return sum(scene.frames for scene in self.scenes)

    def scene_at(self, frame: int) -> PeopleScene:
        """What is seen in a frame, counted from 0.

        Raises:
            IndexError: the video is shorter.
        """
        if frame >= 0:
            for scene in self.scenes:
                if frame < scene.frames:
                    return scene
                frame -= scene.frames
        raise IndexError(frame)

    def truth(self, frame: int) -> dict[str, str]:
        """{task: answer} of a frame, counted from 0."""
        return self.scene_at(frame).labels


def make_people_videos(folder: Path, count: int, ctx: JobContext, seed: int = 0, scenes: int = 10) -> list[PeopleVideo]:
    """Write `count` videos of random scenes; each has favourites among the classes, as real ones do.

    Raises:
        EnvironmentProblem: ffmpeg is missing or fails.
        Cancelled: `ctx` was cancelled.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        ctx.check()
        ctx.progress(number, count, f"Drawing video {number + 1} of {count}")
        rng = np.random.default_rng((seed, number))
        likes = [rng.dirichlet([0.8] * 3) for _ in range(2)]
        chosen = tuple(
            PeopleScene(
                int(rng.choice(MOST_PEOPLE + 1, p=(0.1, 0.3, 0.25, 0.15, 0.1, 0.1))),
                str(rng.choice(DISTANCE.classes, p=likes[0])),
                str(rng.choice(PERSPECTIVE.classes, p=likes[1])),
            )
            for _ in range(scenes)
        )
        made.append(
            draw_video(folder / f"people-{number + 1:03d}.mp4", chosen, zlib.crc32(f"{seed} {number}".encode()), ctx)
        )
    return made


def draw_video(path: Path, scenes: Sequence[PeopleScene], seed: int, ctx: JobContext) -> PeopleVideo:
    """Draw the scenes one after the other, in the place that `seed` decides, and encode them.

    Raises:
        EnvironmentProblem: ffmpeg is missing or fails.
        Cancelled: `ctx` was cancelled.
    """
    place = Place(np.random.default_rng((seed, 0)))
    raw = path.with_suffix(".rgb")
    size = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS))
    coding = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-g", str(2 * FPS), "-pix_fmt", "yuv420p")
    try:
        with raw.open("wb") as file:
            for number, scene in enumerate(scenes):
                ctx.check()
                for picture in draw_scene(scene, place, np.random.default_rng((seed, 1, number))):
                    file.write(picture.tobytes())
        done = process.run([find_tool("ffmpeg"), "-v", "error", "-y", *size, "-i", raw, *coding, path], ctx=ctx)
    finally:
        raw.unlink(missing_ok=True)
    if done.returncode:
        raise EnvironmentProblem(f"ffmpeg could not make {path.name}", done.reason, "Run 8cut.sh doctor")
    return PeopleVideo(path, tuple(scenes))


class Place:
    """Where a video was taken and with what: colours, things that stand about, light, noise. Some things have about
    the shape of people."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.wall, self.ground = _colour(rng, 0.35, 0.9), _colour(rng, 0.2, 0.7)
        self.horizon = float(rng.uniform(0.4, 0.7))
        self.noise, self.light = float(rng.uniform(2, 12)), float(rng.uniform(0.6, 1.15))
        self._things = [
            (int(rng.integers(4)), float(rng.uniform(0, WIDTH / HEIGHT)), float(rng.uniform(0.1, 0.45)), _colour(rng))
            for _ in range(int(rng.integers(2, _THINGS + 1)))
        ]

    def draw(self, canvas: Canvas) -> None:
        canvas.horizon(self.horizon, self.wall, self.ground)
        for kind, x, size, colour in self._things:
            foot = self.horizon + 0.25 * size
            dark = tuple(0.5 * part for part in colour)
            if kind == 0:  # a tree
                canvas.limb((x, foot), (x, foot - size), 0.06 * size, (0.35, 0.24, 0.15))
                canvas.ellipse((x, foot - 1.1 * size), (0.35 * size, 0.4 * size), (0.2, 0.3 + 0.4 * colour[1], 0.2))
            elif kind == 1:  # a lamp: a ball on a pole
                canvas.limb((x, foot), (x, foot - size), 0.02 * size, dark)
                canvas.ellipse((x, foot - size), (0.1 * size, 0.1 * size), (0.95, 0.9, 0.7))
            elif kind == 2:  # a box
                canvas.limb((x, foot), (x + 0.5 * size, foot), 0.22 * size, colour)
            else:  # a window or a picture
                canvas.limb((x, 0.2), (x + 0.6 * size, 0.2), 0.2 * size, dark)
                canvas.limb((x, 0.2), (x + 0.6 * size, 0.2), 0.16 * size, colour)


@dataclass(frozen=True)
class _Person:
    """Somebody in a scene.

    Args:
        height: in heights of the picture; the whole of it, whatever is seen.
        turn: 0 faces the camera, -1 and 1 look to the left and right, 2 turns the back.
    """

    x: float
    eyes_y: float
    height: float
    turn: int
    skin: Colour
    shirt: Colour
    trousers: Colour
    hair: Colour
    pace: float


def draw_scene(scene: PeopleScene, place: Place, rng: np.random.Generator) -> list[np.ndarray]:
    """The frames of a scene, uint8 (HEIGHT, WIDTH, 3) each."""
    people = sorted(_people(scene, place, rng), key=lambda one: one.height)
    first = scene.perspective == FIRST
    roll, sleeve, skin = float(rng.normal(0, 6 if first else 1)), _colour(rng), _SKINS[int(rng.integers(len(_SKINS)))]
    reach = float(rng.uniform(0.14, 0.34))
    pictures = []
    for number in range(scene.frames):
        shake = rng.normal(0, 0.03 if first else 0.003, 2)
        canvas = Canvas(WIDTH, HEIGHT, roll + float(rng.normal(0, 2 if first else 0.2)), (shake[0], shake[1]))
        place.draw(canvas)
        for person in people:
            _draw_person(canvas, person, number / FPS)
        if first:
            _draw_own_hands(canvas, sleeve, skin, reach, rng)
        pictures.append(canvas.finished(rng, place.noise, place.light))
    return pictures


def _people(scene: PeopleScene, place: Place, rng: np.random.Generator) -> list[_Person]:
    aspect = WIDTH / HEIGHT
    low, high = _SIZES[scene.distance]
    nearest = float(rng.uniform(low, high))
    # Apart from each other, from left to right, never quite at the edge.
    slots = (np.arange(scene.people) + rng.uniform(0.25, 0.75, scene.people)) / max(1, scene.people)
    places = aspect * (0.12 + 0.76 * slots)
    main = int(rng.integers(scene.people)) if scene.people else 0
    found = []
    for number, x in enumerate(places):
        height = nearest if number == main else nearest * float(rng.uniform(0.45, 1.0))
        # Eyes of people of one height lie at the height of the camera, which is about at the horizon.
        eyes = place.horizon - 0.12 + float(rng.normal(0, 0.02)) + 0.06 * (height > 1.2)
        if scene.perspective == SECOND:
            turn = 0 if number == main or rng.random() < 0.6 else int(rng.choice((-1, 1)))
        elif scene.perspective == THIRD:
            # They look at each other; one alone looks aside or away.
            turn = (1 if x < float(np.mean(places)) else -1) if scene.people > 1 else int(rng.choice((-1, 1, 2)))
        else:
            turn = int(rng.choice((0, -1, 1, 2), p=(0.3, 0.25, 0.25, 0.2)))
        found.append(
            _Person(
                float(x), eyes, height, turn, _SKINS[int(rng.integers(len(_SKINS)))],
                _colour(rng), _colour(rng, 0.1, 0.6), _colour(rng, 0.05, 0.5), float(rng.uniform(0.5, 2.0)),
            )
        )  # fmt: skip
    return found


def _draw_person(canvas: Canvas, person: _Person, time_s: float) -> None:
    tall = person.height
    sway = 0.02 * tall * float(np.sin(person.pace * 2.5 * time_s + 7 * person.x))
    x, eyes = person.x + sway, person.eyes_y

    def at(across: float, down: float) -> Point:
        """A point of the body: across in heights of the person, down from the eyes."""
        return x + across * tall, eyes + down * tall

    narrow = 0.6 if abs(person.turn) == 1 else 1.0
    swing = 0.06 * float(np.sin(person.pace * 5 * time_s))
    for side in (-1, 1):
        canvas.limb(at(0.05 * side * narrow, 0.44), at(0.06 * side * narrow + swing * side, 0.9), 0.05 * tall,
                    person.trousers, 0.035 * tall)  # fmt: skip
    canvas.limb(at(0.0, 0.2), at(0.0, 0.42), 0.115 * tall * narrow, person.shirt)
    if abs(person.turn) == 1:
        # An arm that reaches out to the other one.
        canvas.limb(at(0.0, 0.18), at(0.2 * person.turn, 0.24 + swing), 0.032 * tall, person.shirt)
        canvas.ellipse(at(0.22 * person.turn, 0.24 + swing), (0.03 * tall, 0.03 * tall), person.skin)
    else:
        for side in (-1, 1):
            canvas.limb(at(0.12 * side, 0.16), at(0.15 * side, 0.42 + swing * side), 0.032 * tall, person.shirt)
            canvas.ellipse(at(0.15 * side, 0.45 + swing * side), (0.028 * tall, 0.028 * tall), person.skin)
    canvas.limb(at(0.0, 0.0), at(0.0, 0.1), 0.028 * tall, person.skin)
    _draw_head(canvas, person, at)


def _draw_head(canvas: Canvas, person: _Person, at: Callable[[float, float], Point]) -> None:
    tall, turn = person.height, person.turn
    canvas.ellipse(at(-0.012 * turn if turn in (-1, 1) else 0.0, -0.025), (0.066 * tall, 0.08 * tall), person.hair)
    if turn == 2:
        return
    canvas.ellipse(at(0.018 * turn, 0.005), (0.055 * tall, 0.068 * tall), person.skin)
    dark, lips = (0.08, 0.06, 0.06), (0.65, 0.25, 0.25)
    if turn == 0:
        for side in (-1, 1):
            canvas.ellipse(at(0.022 * side, -0.005), (0.012 * tall, 0.009 * tall), (0.97, 0.97, 0.97))
            canvas.ellipse(at(0.022 * side, -0.005), (0.006 * tall, 0.007 * tall), dark)
        canvas.limb(at(-0.018, 0.04), at(0.018, 0.04), 0.006 * tall, lips)
    else:
        canvas.limb(at(0.065 * turn, 0.005), at(0.082 * turn, 0.018), 0.009 * tall, person.skin)
        canvas.ellipse(at(0.048 * turn, -0.006), (0.006 * tall, 0.008 * tall), dark)
        canvas.limb(at(0.05 * turn, 0.042), at(0.066 * turn, 0.04), 0.005 * tall, lips)


def _draw_own_hands(canvas: Canvas, sleeve: Colour, skin: Colour, reach: float, rng: np.random.Generator) -> None:
    """Forearms from the bottom edge towards the middle, one or two of them."""
    for side in (-1, 1) if rng.random() < 0.75 else (int(rng.choice((-1, 1))),):
        middle = canvas.aspect / 2
        foot = (middle + side * 0.62, 1.15)
        wobble = float(rng.normal(0, 0.02))
        hand = (middle + side * (0.26 + wobble), 1.02 - reach + wobble)
        canvas.limb(foot, hand, 0.11, sleeve, 0.075)
        canvas.ellipse(hand, (0.075, 0.085), skin, -25.0 * side)
        for finger in (-1, 0, 1):
            tip = (hand[0] - side * 0.05 + finger * 0.035, hand[1] - 0.12)
            canvas.limb((hand[0] + finger * 0.03, hand[1] - 0.03), tip, 0.021, skin, 0.016)


def _colour(rng: np.random.Generator, low: float = 0.1, high: float = 0.95) -> Colour:
    red, green, blue = rng.uniform(low, high, 3)
    return float(red), float(green), float(blue)
