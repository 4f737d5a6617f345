"""What a recording sounds like, as one vector: the mean of the embeddings of its windows."""

from __future__ import annotations

from core.corpus.extractor import Column, Frames, Row, Settings, VideoFacts
from core.corpus.needs import need_weights
from core.errors import UserError
from core.job import JobContext
from core.models.device import choose_device
from core.models.encode import ENCODINGS
from core.models.weights import WeightStore
from core.scan.embedding import PREPROCESSING, WINDOW_S, Embedder, EmbeddingKey

DEFAULT_MODEL = "LOGMEL"
"""The one that needs no weights."""
_VERSION = 1


class Embeddings:
    """The sound of a video by one embedding model: "embeddings-YAMNET", "embeddings-HUBERT_BASE-shared".

    The windows themselves go to the cache that scanning uses, where the run has one.
    """

    takes_argument = True
    needs = "gpu"
    wants = "nothing"
    columns = (
        Column("vector", "", "array", "mean of the embeddings of all windows"),
        Column("dims", "", "int", "numbers in the vector"),
        Column("windows", "", "int", "windows of 8 s, one each second, that it is the mean of"),
        Column("model", "", "str", "embedding model"),
        Column("encoding", "", "str", "exact or shared"),
        Column("audio_s", "s", "float", "length of the sound"),
    )

    def __init__(self, settings: Settings, argument: str = "") -> None:
        """Choose the model.

        Args:
            argument: a model, LOGMEL without one, and behind another dash its encoding, exact without one.

        Raises:
            UserError: there is no such model or encoding.
        """
        model, _, encoding = argument.partition("-")
        self.name = f"embeddings-{argument}" if argument else "embeddings"
        self._key = EmbeddingKey.of(model or DEFAULT_MODEL, encoding or ENCODINGS[0], WINDOW_S)
        # Whatever changes a number: how vectors are made of windows, windows of sound, sound of a file.
        self.version = _VERSION * 10_000 + PREPROCESSING * 100 + int(self._key.spec.revision)
        self._settings = settings
        self._embedder: Embedder | None = None

    def check(self, ctx: JobContext) -> None:
        """Look for the device and the weights; fetches them where they are missing.

        Raises:
            UserError: no such kind of device.
            EnvironmentProblem: the device or the weights are missing, and where to get them.
        """
        choose_device(self._settings.device)
        if self._key.spec.weights is not None:
            need_weights(self, self._settings, self._key.spec.weights, ctx)

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The vector of one video, and what it is of; see `columns`.

        Raises:
            UserError: it has no sound, or none that lasts.
        """
        import numpy as np

        if self._embedder is None:
            self._embedder = self._opened()
        found = self._embedder.embed(info.path, info.content_key, self._key, frames.ctx)
        if not len(found.vectors):
            raise UserError(f"{info.path.name} has no sound", "Its audio track is empty", "Leave it out")
        return {
            "vector": np.mean(found.vectors, axis=0, dtype=np.float64).astype(np.float32),
            "dims": found.vectors.shape[1],
            "windows": len(found.vectors),
            "model": self._key.model,
            "encoding": self._key.encoding,
            "audio_s": found.duration_s,
        }

    def close(self) -> None:
        """Let go of the model."""
        if self._embedder is not None:
            self._embedder.close()
            self._embedder = None

    def _opened(self) -> Embedder:
        paths, device = self._settings.paths, self._settings.device
        if self._settings.open_embedder is not None:
            return self._settings.open_embedder(paths, device)
        return Embedder(None, device, WeightStore.at(paths))
