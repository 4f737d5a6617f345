"""Media files made to order, in which every frame and every second can be told from every other.

The picture is 16 horizontal stripes: white, black, 13 bits of the frame's number, and a parity bit. Stripes run over
the whole width, so the number survives encoding, scaling and any crop that keeps the full height. Colour shows where a
column comes from: see `read_columns`. The sound is a beep of 0.1 s at each full second, `beep_hz(second)` high.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

BITS = 13
ROWS = BITS + 3
AUDIO_RATE_HZ = 48_000
BEEP_S = 0.1
# Narrow enough that no colour is clipped on its way to RGB, which would bend `read_columns`.
_WHITE, _BLACK = 180, 70
_CHROMA_SWING = 28


@dataclass(frozen=True)
class Recipe:
    """How to make one kind; sizes are as displayed (but for the sample aspect), `turn` in degrees clockwise."""

    seconds: float = 20.0
    fps: Fraction = Fraction(25)
    width: int = 320
    height: int = 240
    suffix: str = ".mp4"
    video: tuple[str, ...] | None = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
    audio: tuple[str, ...] | None = ("-c:a", "aac", "-b:a", "96k")
    filters: str = "null"
    muxer: tuple[str, ...] = ()
    channels: int = 1
    audio_rate_hz: int = AUDIO_RATE_HZ
    turn: int = 0
    video_delay_s: float = 0.0
    finish: Callable[[Path], None] | None = field(default=None, compare=False)

    @property
    def frames(self) -> int:
        return round(self.seconds * self.fps)


def vfr_times(frames: int) -> np.ndarray:
    """Seconds of each frame of the "vfr" kind: 30 fps that jitters by 4 ms and loses three frames in each 37."""
    number = np.arange(frames)
    return number / 30 + 0.004 * np.sin(1.7 * number) + 0.1 * (number // 37)


def _truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])


def _damage_middle(path: Path) -> None:
    """Overwrite a twentieth in the middle with noise; headers and index stay whole."""
    data = bytearray(path.read_bytes())
    start, length = len(data) // 2, len(data) // 20
    data[start : start + length] = np.random.default_rng(5).integers(0, 256, length, dtype=np.uint8).tobytes()
    path.write_bytes(data)


_X264 = Recipe.video or ()
_TEN_BIT = (*_X264[:-1], "yuv420p10le")
_HDR_TAGS = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
_VFR_PTS = "settb=1/90000,setpts='(N/30+0.004*sin(1.7*N)+0.1*floor(N/37))/TB'"
_AS_IS = ("-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000")

RECIPES = {
    "h264_2997": Recipe(fps=Fraction(30000, 1001)),
    "gop250_25": Recipe(seconds=25, video=(*_X264, "-g", "250", "-keyint_min", "250", "-sc_threshold", "0")),
    "vfr": Recipe(seconds=15, fps=Fraction(30), filters=_VFR_PTS, video=(*_X264, *_AS_IS)),
    "rotated90": Recipe(width=240, height=320, turn=90),
    "tenbit": Recipe(video=_TEN_BIT),
    "hdr": Recipe(video=(*_TEN_BIT, *_HDR_TAGS), seconds=10),
    "no_audio": Recipe(audio=None),
    "audio_only": Recipe(video=None, audio=("-c:a", "pcm_s16le"), suffix=".wav"),
    "audio51": Recipe(channels=6),
    "anamorphic": Recipe(filters="setsar=4/3"),
    "tiny": Recipe(seconds=3, width=160, height=120),
    "matroska": Recipe(seconds=10, suffix=".mkv", fps=Fraction(30000, 1001)),
    "transport": Recipe(seconds=10, suffix=".ts", video=(*_X264, "-g", "25")),
    "late_video": Recipe(seconds=10, video_delay_s=0.52, video=(*_X264, *_AS_IS)),
    "truncated": Recipe(seconds=3, width=160, height=120, finish=_truncate),
    "cut_off": Recipe(seconds=10, muxer=("-movflags", "+faststart"), finish=_truncate),
    "damaged_middle": Recipe(seconds=10, muxer=("-movflags", "+faststart"), finish=_damage_middle),
}


def build(kind: str, folder: Path, *, name: str | None = None, **changes: object) -> Path:
    """Make a media file of this kind in `folder` and return its path.

    Args:
        kind: a key of RECIPES, or "text", "empty", "directory" for what only looks like a video.
        folder: an existing folder.
        name: file name with suffix; the kind's by default.
        changes: fields of the Recipe to replace, such as `seconds=4`.
    """
    if kind in ("text", "empty", "directory"):
        return _impostor(kind, folder / (name or f"{kind}.mp4"))
    recipe = replace(RECIPES[kind], **changes)
    path = folder / (name or kind + recipe.suffix)
    # Made beside and renamed, so that another process never sees half a file.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as scratch:
        made = Path(scratch) / f"made{path.suffix}"
        _encode(recipe, made, Path(scratch))
        if recipe.turn:
            _set_turn(made, recipe.turn)
        if recipe.finish:
            recipe.finish(made)
        made.replace(path)
    return path


class MediaShelf:
    """Made media kept in one folder and made only once, also when several processes share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, kind: str, **changes: object) -> Path:
        """The shared file of this kind; read it, never write to it."""
        label = "-".join([kind, *(f"{key}_{value}" for key, value in sorted(changes.items()))])
        shelf = self._folder / "".join(char if char.isalnum() or char in "-_." else "_" for char in label)
        shelf.mkdir(parents=True, exist_ok=True)
        ready = [path for path in shelf.iterdir() if not path.name.startswith(".")]
        return ready[0] if ready else build(kind, shelf, **changes)

    def copy(self, kind: str, target: Path, **changes: object) -> Path:
        """A copy of one's own under any name: `media.copy("tiny", tmp_path / "Ünï 🎬.mp4")`."""
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self(kind, **changes), target)
        return target


def read_counter(picture: np.ndarray) -> int:
    """The number of the source frame in a picture, grey (H, W) or RGB (H, W, 3), of any size and full height.

    Raises:
        ValueError: the picture shows no number, or a damaged one.
    """
    grey = picture.astype(np.float32) if picture.ndim == 2 else picture.astype(np.float32) @ [0.299, 0.587, 0.114]
    height = grey.shape[0]
    centres = (np.arange(ROWS) + 0.5) * height / ROWS
    reach = max(0, int(height / ROWS / 4))
    levels = np.array([grey[max(0, int(centre) - reach) : int(centre) + reach + 1].mean() for centre in centres])
    if levels[0] - levels[1] < 20:
        raise ValueError("the picture shows no frame number")
    bits = levels > (levels[0] + levels[1]) / 2
    if bits[2:].sum() % 2:
        raise ValueError(f"the frame number is damaged: {bits.astype(int)}")
    return int(sum(1 << (BITS - 1 - place) for place in range(BITS) if bits[2 + place]))


def read_columns(picture: np.ndarray) -> tuple[float, float]:
    """The left and right edge of an RGB picture in the source, as fractions of the source's width; good to ±0.02."""
    rgb = picture.astype(np.float32)
    # Studio range: chroma uses 224 of 255 steps.
    across = (rgb @ np.array([-0.168736, -0.331264, 0.5])).mean(axis=0) * 224 / 255
    columns = np.arange(len(across)) + 0.5
    slope, offset = np.polyfit(columns, across, 1)
    left, right = (slope * edge + offset for edge in (0, len(across)))
    return tuple(float((value + _CHROMA_SWING) / (2 * _CHROMA_SWING)) for value in (left, right))


def beep_hz(second: int) -> float:
    """The pitch of the beep at this full second."""
    return 300.0 + 40.0 * second


def sound(seconds: float, rate_hz: int = AUDIO_RATE_HZ) -> np.ndarray:
    """The mono sound of all kinds: float64 in [-0.5, 0.5]."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    whole = np.floor(time)
    return np.where(time - whole < BEEP_S, 0.5 * np.sin(2 * np.pi * beep_hz(whole) * (time - whole)), 0.0)


def picture_planes(recipe: Recipe) -> Iterator[bytes]:
    """Each frame as planar yuv420p bytes, turned as the camera would have stored it."""
    width, height = recipe.width, recipe.height
    stripes = (np.arange(height) * ROWS // height).astype(int)
    across = (np.arange(width // 2) + 0.5) / (width // 2)
    blue = np.tile(128 + _CHROMA_SWING * (2 * across - 1), (height // 2, 1)).round().astype(np.uint8)
    red = np.full_like(blue, 128)
    turns = recipe.turn // 90
    tail = b"".join(np.rot90(plane, turns).tobytes() for plane in (blue, red))
    for number in range(recipe.frames):
        bits = [number >> (BITS - 1 - place) & 1 for place in range(BITS)]
        levels = np.array([1, 0, *bits, sum(bits) % 2]) * (_WHITE - _BLACK) + _BLACK
        grey = np.tile(levels[stripes][:, None], (1, width)).astype(np.uint8)
        yield np.rot90(grey, turns).tobytes() + tail


def _encode(recipe: Recipe, target: Path, scratch: Path) -> None:
    command = ["ffmpeg", "-hide_banner", "-v", "error", "-nostdin", "-y"]
    if recipe.video:
        width, height = (recipe.width, recipe.height)[:: -1 if recipe.turn % 180 else 1]
        command += ["-itsoffset", str(recipe.video_delay_s)] if recipe.video_delay_s else []
        command += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-framerate", str(recipe.fps)]
        command += ["-i", "pipe:0"]
    if recipe.audio:
        _write_sound(scratch / "sound.wav", recipe)
        command += ["-i", str(scratch / "sound.wav")]
    if recipe.video:
        command += ["-map", "0:v", "-vf", recipe.filters, *recipe.video]
    if recipe.audio:
        command += ["-map", f"{1 if recipe.video else 0}:a", *recipe.audio]
    command += [*recipe.muxer, "-bitexact", "-threads", "2", str(target)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if recipe.video:
            for planes in picture_planes(recipe):
                process.stdin.write(planes)
        process.stdin.close()
        errors = process.stderr.read().decode()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{errors}")


def _write_sound(path: Path, recipe: Recipe) -> None:
    seconds = recipe.seconds
    if "setpts" in recipe.filters:
        seconds = math.ceil(vfr_times(recipe.frames)[-1])
    mono = (sound(seconds, recipe.audio_rate_hz) * 32767).astype("<i2")
    with wave.open(os.fspath(path), "wb") as file:
        file.setnchannels(recipe.channels)
        file.setsampwidth(2)
        file.setframerate(recipe.audio_rate_hz)
        file.writeframes(np.repeat(mono[:, None], recipe.channels, axis=1).tobytes())


def _set_turn(path: Path, degrees: int) -> None:
    """Rewrite the container with a display matrix; ffmpeg's own switch for it changed name between versions."""
    import av

    turned = path.with_name(f"turned{path.suffix}")
    with av.open(str(path)) as source, av.open(str(turned), "w") as target:
        outputs = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        outputs[source.streams.video[0].index].set_display_rotation(-degrees)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = outputs[packet.stream_index]
                target.mux(packet)
    turned.replace(path)


def _impostor(kind: str, path: Path) -> Path:
    if kind == "directory":
        path.mkdir()
    else:
        path.write_text("Shopping list:\n- bread\n- vidéo tape\n" * 40 if kind == "text" else "", encoding="utf-8")
    return path
