"""Versions and licences that only asking around brings out: programs, libraries, weights of models."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.media.tools import ffmpeg_version
from core.paths import DataPaths


@dataclass(frozen=True)
class Part:
    """Something 8-cut stands on; `licence` is empty where it is known already to whoever asks."""

    name: str
    version: str
    licence: str = ""
    purpose: str = ""


def parts(paths: DataPaths, ctx: JobContext) -> list[Part]:
    """FFmpeg with its version, and the weights of all models with whether they are here."""
    from core.ops.models import embedding_models, picture_networks

    try:
        found = [Part("FFmpeg", ".".join(map(str, ffmpeg_version())))]
    except EnvironmentProblem:
        found = [Part("FFmpeg", "missing")]
    for model in [*embedding_models(paths), *picture_networks(paths)]:
        ctx.check()
        here = "here" if model.present else "not fetched"
        found.append(Part(f"{model.name} weights", here, model.licence, model.source))
    return found
