"""Embeddings of frames kept on disk, so that a frozen backbone looks at each frame once and not in every round."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.job import JobContext, PartOfJob
from core.media.cache_file import written_beside
from core.models.device import precision

if TYPE_CHECKING:
    from core.models.frame_model import FrameModel

log = logging.getLogger(__name__)
_NOTE = "8cut frame embeddings"
# The file is written whole after each part: pictures of a part at least, and parts at most.
_PART, _PARTS = 256, 16


class FrameEmbeddings:
    """One file for each backbone, float16. A picture is known by the names of its folder and file, as `FrameCache`
    makes them: content key, number and size.

    Args:
        folder: everything in it can be computed again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, model: FrameModel, images: Sequence[Path], ctx: JobContext) -> np.ndarray:
        """float32[N, D], from the file or computed and added to it; NaN for pictures that cannot be read.

        Raises:
            EnvironmentProblem: the file cannot be written.
            Cancelled: `ctx` was cancelled; what was computed before is kept, but for the last part.
        """
        target = self._folder / f"{model.embedding_id}-{precision(model.device)}.safetensors"
        rows, vectors = _read(target, model.network.dim)
        missing = list(dict.fromkeys(image for image in images if _name(image) not in rows))
        size = max(_PART, -(-len(missing) // _PARTS))
        parts = [missing[start : start + size] for start in range(0, len(missing), size)]
        for number, part in enumerate(parts):
            made = model.embed(part, PartOfJob(ctx, number, len(parts))).astype(np.float16)
            whole = ~np.isnan(made[:, 0])
            names = [_name(image) for image, good in zip(part, whole, strict=True) if good]
            rows.update({name: len(vectors) + number for number, name in enumerate(names)})
            vectors = np.concatenate([vectors, made[whole]])
            _write(target, list(rows), vectors)
        found = np.full((len(images), model.network.dim), np.nan, dtype=np.float32)
        at = [(number, rows[_name(image)]) for number, image in enumerate(images) if _name(image) in rows]
        if at:
            places, chosen = (list(column) for column in zip(*at, strict=True))
            found[places] = vectors[chosen]
        return found


def _name(image: Path) -> str:
    return f"{image.parent.name}/{image.name}"


def _read(target: Path, dim: int) -> tuple[dict[str, int], np.ndarray]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(target, "np") as file:
            names, vectors = json.loads(file.metadata()[_NOTE]), file.get_tensor("vectors")
        if vectors.shape != (len(names), dim):
            raise ValueError(f"{len(names)} names for an array of shape {vectors.shape}")
    except FileNotFoundError:
        return {}, np.zeros((0, dim), np.float16)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        log.info("%s is not used: %s", target, error)
        return {}, np.zeros((0, dim), np.float16)
    return {name: row for row, name in enumerate(names)}, vectors


def _write(target: Path, names: list[str], vectors: np.ndarray) -> None:
    from safetensors.numpy import save

    content = save({"vectors": np.ascontiguousarray(vectors)}, {_NOTE: json.dumps(names)})
    with written_beside(target, "embeddings") as file:
        file.write(content)
