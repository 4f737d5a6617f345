"""What an export is asked to make, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from fractions import Fraction
from typing import Any

from core.domain.amounts import count_text
from core.domain.clip import Batch
from core.domain.crop import NO_CROP, Crop
from core.domain.crop_plan import CropPlan, clip_crops, plan_from_json
from core.domain.media import Media

_TELEVISION = Fraction(1, 200)


@dataclass(frozen=True)
class ExportSettings:
    """Everything about the files but their times.

    `short_side` is in pixels, None keeps the size. `audio_track` counts from 0. `audio` is `lossless` (whatever such
    codec the container takes with the ffmpeg at hand), `aac` or `none`.

    `encoder` is ffmpeg's name of an H.264 encoder; one that fails is replaced by `libx264`. `webp_quality` (0–100) is
    for lossy pictures. `fps` is a number or fraction as text, empty for the source's own rate. The clip's sides are
    multiples of `side_step` pixels. `template` makes the names of files, empty for the usual ones; see
    `core.domain.name_template`. `training` names the rules that the clips must obey; see `core.domain.preset`.
    """

    folder: str
    name: str = "clip"
    label: str = ""
    category: str = ""
    format: str = "MP4"
    short_side: int | None = None
    portrait_ratio: str = ""
    crop_center: float = 0.5
    crf: int = 18
    preset: str = "medium"
    audio: str = "lossless"
    audio_track: int = 0
    encoder: str = "libx264"
    webp_lossless: bool = False
    webp_quality: int = 90
    fps: str = ""
    side_step: int = 2
    template: str = ""
    training: str = ""

    def rate(self, source: Fraction) -> Fraction:
        """Frames a second of the clips made of a source with this rate.

        Raises:
            ValueError: `fps` is no number above 0.
        """
        return parse_rate(self.fps) if self.fps else source


def parse_rate(text: str) -> Fraction:
    """Frames a second from `25`, `23.976` or `30000/1001`; 23.976 and its like mean the fractions of television.

    Raises:
        ValueError: it is none of these, or not above 0.
    """
    try:
        rate = Fraction(text.strip())
    except ZeroDivisionError as error:
        raise ValueError(f"{text!r} is not a number of frames a second") from error
    if rate <= 0:
        raise ValueError(f"{text!r} is not above 0")
    television = Fraction(round(rate * 1001 / 1000) * 1000, 1001)
    return television if "/" not in text and rate.denominator != 1 and abs(rate - television) < _TELEVISION else rate


@dataclass(frozen=True)
class CutRequest:
    """One press of Export. A snapshot: nothing the person does later changes it."""

    media: Media
    batch: Batch
    settings: ExportSettings
    profile: str = "default"
    subprofile: str = ""
    scan_export: bool = False
    made_at: str = ""
    """The local time of the request, ISO 8601; what `{date}` and `{time}` in names stand for."""
    crop_plan: CropPlan | None = None
    """Keyframes, chance and motion; None crops every clip as the settings say."""

    def crops_of(self, indices: Sequence[int]) -> tuple[Crop, ...]:
        """How these clips of the batch are cropped; where the plan has no keyframe, the settings hold."""
        plan = self.crop_plan or CropPlan()
        held = replace(plan.base, ratio=self.settings.portrait_ratio, center=self.settings.crop_center)
        # An overwrite may make fewer clips than its batch once had, with the indices of those that are left.
        batch = replace(self.batch, clips=max(self.batch.clips, *(index + 1 for index in indices), 1))
        crops = clip_crops(replace(plan, base=held), batch, f"{self.media.content_key}|{self.batch.cursor_s:.3f}")
        return tuple(crops[index] for index in indices)


@dataclass(frozen=True)
class Audit:
    """What reading a finished clip back showed. Times are seconds from its first frame; None where it has none."""

    expected_frames: int | None
    frames: int | None
    video_end_s: float | None
    audio_end_s: float | None
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


class ClipState(Enum):
    """`PLANNED` has its number and name but no file yet; `DONE` has passed its audit."""

    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class PlannedClip:
    """One file of a job: `index` is S in its name, `path` is where it will be."""

    index: int
    start_s: float
    duration_s: float
    path: str
    state: ClipState = ClipState.PLANNED
    error: str = ""
    audit: Audit | None = None
    crop: Crop = NO_CROP


class JobState(Enum):
    """`WAITING` and `RUNNING` jobs found at the start were interrupted and are offered for resumption."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ExportJob:
    """A row of the export queue with its clips; survives a crash.

    `replaces` is the id of the batch that an overwrite makes anew; that batch stays until all new files are good.
    """

    id: int
    batch_id: int
    request: CutRequest
    media_number: int
    batch_number: int
    clips: tuple[PlannedClip, ...]
    state: JobState = JobState.WAITING
    replaces: int | None = None

    @property
    def open_clips(self) -> tuple[PlannedClip, ...]:
        """Those without a good file yet."""
        return tuple(clip for clip in self.clips if clip.state is not ClipState.DONE)

    @property
    def title(self) -> str:
        return f"{self.request.media.name}: {len(self.clips)} clips"


@dataclass(frozen=True)
class Marker:
    """An exported batch as the timeline shows it. `number` is K; `folder` is the export folder above `vid_NNN`.

    `clip_ids` are the rows of the finished clips, in the order of `paths`; `disabled` means that none of them is to be
    trained on.
    """

    batch_id: int
    number: int
    batch: Batch
    folder: str
    settings: ExportSettings
    paths: tuple[str, ...]
    scan_export: bool = False
    clip_ids: tuple[int, ...] = ()
    disabled: bool = False

    @property
    def tooltip(self) -> str:
        label = " · ".join(part for part in (self.settings.label, self.settings.category) if part)
        clips = count_text(len(self.paths), "clip")
        disabled = " · not for training" if self.disabled else ""
        return f"Batch {self.number}: {clips}" + (f" · {label}" if label else "") + disabled


@dataclass(frozen=True)
class CutSummary:
    """How a job ended, for the message the person sees.

    `clip_ids` are the rows of the done clips, `replaced_ids` those of the clips that an overwrite took away for them.
    `notes` tell what was done otherwise than asked.
    """

    done: Sequence[str] = field(default_factory=tuple)
    failed: Sequence[tuple[str, str]] = field(default_factory=tuple)
    clip_ids: tuple[int, ...] = ()
    replaced_ids: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def request_to_json(request: CutRequest) -> dict[str, Any]:
    """A plain dictionary that `request_from_json` turns back into an equal request."""
    return asdict(request)


def request_from_json(data: dict[str, Any]) -> CutRequest:
    """The inverse of `request_to_json`; keys of newer versions are ignored, missing ones get their default."""

    def build(kind: type, values: dict[str, Any]) -> Any:
        return kind(**{key: value for key, value in values.items() if key in kind.__dataclass_fields__})

    nested = {"media": Media, "batch": Batch, "settings": ExportSettings}
    values = {key: build(nested[key], value) if key in nested else value for key, value in data.items()}
    if values.get("crop_plan") is not None:
        values["crop_plan"] = plan_from_json(values["crop_plan"])
    return build(CutRequest, values)
