"""Variants of a profile's exports: where their clips go and what is different about them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from core.domain.clip import CLIPS_RANGE, DURATION_RANGE_S, SPREAD_RANGE_S, illegal_name_reason
from core.domain.export import CutRequest

KEYS = tuple(range(1, 10))


@dataclass(frozen=True)
class Preset:
    """What a subprofile sets; None leaves it to what is filled in. `short_side` is in pixels, 0 keeps the size."""

    duration_s: float | None = None
    clips: int | None = None
    spread_s: float | None = None
    short_side: int | None = None
    format: str | None = None
    audio: str | None = None
    label: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Preset:
        """The inverse of `to_json`; what another version wrote and this one does not know is left out."""
        return cls(**{key: value for key, value in data.items() if key in {each.name for each in fields(cls)}})

    @property
    def summary(self) -> str:
        """`8 s · 3 clips · 512 px`, or that it changes nothing."""
        parts = (
            (self.duration_s, "{:g} s"),
            (self.clips, "{} clips"),
            (self.spread_s, "every {:g} s"),
            (self.format, "{}"),
            (self.audio, "audio {}"),
            (self.label, "“{}”"),
        )
        told = [text.format(value) for value, text in parts if value is not None]
        if self.short_side is not None:
            told.append(f"{self.short_side} px" if self.short_side else "original size")
        return " · ".join(told) or "as filled in"


@dataclass(frozen=True)
class Subprofile:
    """One variant. Its clips go to `folder` where that is set, else to the chosen folder with `_suffix` behind it.

    `id` is 0 before it is stored; `key` is the number key that exports to it, None for none.
    """

    id: int
    name: str
    key: int | None = None
    suffix: str = ""
    folder: str = ""
    preset: Preset = field(default_factory=Preset)

    def applied(self, request: CutRequest) -> CutRequest:
        """The request as this subprofile wants it."""
        preset, settings, batch = self.preset, request.settings, request.batch
        size = settings.short_side if preset.short_side is None else preset.short_side or None
        settings = replace(
            settings,
            folder=self.folder or settings.folder,
            short_side=size,
            format=preset.format or settings.format,
            audio=preset.audio or settings.audio,
            label=settings.label if preset.label is None else preset.label,
        )
        batch = replace(
            batch,
            duration_s=preset.duration_s or batch.duration_s,
            clips=preset.clips or batch.clips,
            spread_s=preset.spread_s or batch.spread_s,
        )
        return replace(request, settings=settings, batch=batch, subprofile="" if self.folder else self.suffix)

    @property
    def place(self) -> str:
        """Where its clips go, in a few words."""
        return self.folder or (f"<export folder>_{self.suffix}" if self.suffix else "<export folder>")

    @property
    def complaint(self) -> str:
        """Why it cannot be stored like this, or an empty string."""
        preset = self.preset
        if not self.name.strip():
            return "Give the subprofile a name"
        if not self.folder and not self.suffix:
            return "Give it an ending for the folder's name, or a folder of its own"
        if self.suffix and (reason := illegal_name_reason(self.suffix)):
            return f"The ending cannot be used: {reason}"
        if self.key is not None and self.key not in KEYS:
            return "The key is a digit from 1 to 9"
        for value, (low, high), what in (
            (preset.duration_s, DURATION_RANGE_S, "The duration"),
            (preset.clips, CLIPS_RANGE, "The number of clips"),
            (preset.spread_s, SPREAD_RANGE_S, "The spread"),
        ):
            if value is not None and not low <= value <= high:
                return f"{what} is between {low:g} and {high:g}"
        return ""
