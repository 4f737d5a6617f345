"""The pictures above the waveform: keyframes spread over a video, made once per content and kept in a file."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.job import JobContext
from core.media.cache_file import written_beside
from core.media.thumbnails import thumbnails

if TYPE_CHECKING:
    import numpy as np

FOLDER = "thumbnails"
COUNT = 160
HEIGHT_PX = 96


@dataclass(frozen=True)
class ThumbnailStrip:
    """Pictures in order of time: `times_s` float64 (n,), `pictures` uint8 (n, height, width, 3); n is at least 1."""

    times_s: np.ndarray
    pictures: np.ndarray

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.pictures.shape[2] / self.pictures.shape[1]

    def nearest(self, time_s: float) -> int:
        """The index of the picture whose time is nearest."""
        import numpy as np

        return int(np.abs(self.times_s - time_s).argmin())


def load_or_build(
    path: str | os.PathLike[str], key: str, cache_dir: Path, ctx: JobContext | None = None
) -> ThumbnailStrip:
    """The strip of a video, from `<cache_dir>/thumbnails/<key>.npz` or decoded and put there.

    Raises:
        UserError: the file cannot be read, has no video, or not one picture of it can be decoded.
        EnvironmentProblem: the cache cannot be written.
        Cancelled: `ctx` was cancelled; nothing is left behind.
    """
    import numpy as np

    target = cache_dir / FOLDER / f"{key}.npz"
    if (known := load(target)) is not None:
        return known
    found = list(thumbnails(path, COUNT, HEIGHT_PX, ctx))
    # A video may change its size on the way; all pictures of a strip have that of the first.
    found = [each for each in found if each.rgb.shape == found[0].rgb.shape]
    if not found:
        raise UserError(
            f"{Path(path).name} shows no pictures", "None of its keyframes can be decoded", "Convert the file"
        )
    strip = ThumbnailStrip(np.array([each.time_s for each in found]), np.stack([each.rgb for each in found]))
    with written_beside(target, "thumbnails") as file:
        np.savez(file, times_s=strip.times_s, pictures=strip.pictures)
    return strip


def load(target: Path) -> ThumbnailStrip | None:
    """The strip in a file, or None when there is none or it is not whole."""
    import numpy as np

    try:
        # NumPy does not close a damaged file that it has opened itself.
        with target.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            strip = ThumbnailStrip(arrays["times_s"], arrays["pictures"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    sound = strip.pictures.ndim == 4 and strip.pictures.dtype == np.uint8 and len(strip.times_s) == len(strip.pictures)
    return strip if sound and len(strip.times_s) else None
