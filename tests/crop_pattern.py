"""A film in which every pixel of every frame is known, to see to the pixel what a crop has kept."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.media_factory import _set_turn

FPS = 10


@dataclass(frozen=True)
class Pattern:
    """Size as displayed without the sample aspect; `turn` in degrees clockwise."""

    width: int
    height: int
    turn: int = 0
    aspect: Fraction = Fraction(1)
    frames: int = 20

    def grey(self, frame: int) -> np.ndarray:
        """The brightness of a frame as displayed, before the sample aspect: uint8 (height, width)."""
        # Noise: a crop that is off by one pixel is off everywhere.
        return np.random.default_rng(frame).integers(30, 220, (self.height, self.width), dtype=np.uint8)

    def write(self, path: Path) -> Path:
        """Encode it without loss."""
        stored = (self.height, self.width) if self.turn % 180 else (self.width, self.height)
        command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv444p"]
        command += ["-s", f"{stored[0]}x{stored[1]}", "-r", str(FPS), "-i", "pipe:0"]
        # Colour planes of full size, so that odd sizes can be stored.
        command += ["-vf", f"setsar={self.aspect.numerator}/{self.aspect.denominator}"]
        command += ["-pix_fmt", "yuv444p", "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", "-threads", "2"]
        colour = bytes([128]) * (2 * self.width * self.height)
        planes = (np.rot90(self.grey(frame), self.turn // 90).tobytes() + colour for frame in range(self.frames))
        subprocess.run([*command, str(path)], input=b"".join(planes), check=True)
        if self.turn:
            _set_turn(path, self.turn)
        return path


def luma(path: str | Path) -> list[np.ndarray]:
    """The brightness of every frame of a film as it is stored, uint8 (height, width)."""
    with av.open(str(path)) as container:
        return [_plane(frame) for frame in container.decode(video=0)]


def displayed(path: Path, size: tuple[int, int]) -> list[np.ndarray]:
    """Every frame as ffmpeg shows it: turned, with square pixels; uint8 (height, width)."""
    filters = f"scale={size[0]}:{size[1]}:flags=lanczos+accurate_rnd,format=yuv444p,extractplanes=y"
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", filters, "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return list(np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0]))


def _plane(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].copy()
