"""What embeddings are kept under."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class CacheKey:
    """What an entry of the embedding cache is of.

    Args:
        content_key: of the recording.
        model: its name.
        parts: everything else that changes a number.
    """

    content_key: str
    model: str
    parts: tuple[tuple[str, str | float | int], ...]

    @property
    def text(self) -> str:
        """One line that two keys share only when they are equal."""
        return json.dumps([self.content_key, self.model, dict(self.parts)], sort_keys=True)
