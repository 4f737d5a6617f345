"""Is this request one that can be exported? Everything that can be told before the first frame is encoded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from core.domain.clip import CLIPS_RANGE, DURATION_RANGE_S, SPREAD_RANGE_S, Batch, illegal_name_reason
from core.domain.crop_plan import MAX_SPEED_RANGE, CropKeyframe, CropPlan, complaint
from core.domain.export import CutRequest, ExportSettings, parse_rate
from core.domain.media import MediaInfo
from core.domain.name_template import preview
from core.domain.preset import violations
from core.domain.timecode import format_time, frame_count
from core.errors import UserError
from core.job import JobContext
from core.media.encoder_options import H264_ENCODERS, PRESETS
from core.media.export import audio_track
from core.media.ffmpeg_args import output_size
from core.media.formats import output_format
from core.media.probe import probe
from core.media.pts import FrameTimes, frame_times
from core.media.takes import latest_start_s

CRF_RANGE = (0, 51)
WEBP_QUALITY_RANGE = (0, 100)
SIDE_STEP_RANGE = (2, 128)
FPS_RANGE = (1, 240)
AUDIO_CHOICES = ("lossless", "aac", "none")
_ROUNDING_S = 1e-6


class Source:
    """What there is to know about a file that is cut from, read once for all batches that ask for it.

    Raises, from both: UserError where the file cannot be read, Cancelled.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._times: FrameTimes | None = None

    @cached_property
    def info(self) -> MediaInfo:
        return probe(self._path)

    def times(self, ctx: JobContext) -> FrameTimes:
        """The time of every frame; reads the whole index at the first call."""
        if self._times is None:
            self._times = frame_times(self._path, ctx)
        return self._times


def check_request(request: CutRequest, ctx: JobContext, source: Source | None = None) -> CutRequest:
    """The request with its cursor on the frame that is shown there.

    Args:
        source: of the request's media, where it is read already.

    Raises:
        UserError: a name or setting that is not allowed, a source that cannot be read or has nothing to export, a
            batch that would run past its end.
        Cancelled: `ctx` was cancelled.
    """
    _check_names(request)
    _check_settings(request.settings)
    _check_crop(request)
    _check_rate(request.settings)
    _check_batch(request.batch)
    _check_template(request)
    source = source or Source(request.media.path)
    info = source.info
    _check_rules(request, info)
    audio_track(info, request.settings)
    if info.video and output_format(request.settings.format).picture:
        return replace(
            request, batch=_on_frame(request.batch, info, request.settings.rate(info.video.fps), source.times(ctx))
        )
    _check_end(request.batch, info, 0.0, info.duration_s - request.batch.duration_s, info.duration_s)
    return request


def _check_names(request: CutRequest) -> None:
    settings = request.settings
    if reason := illegal_name_reason(settings.name):
        raise UserError(f"{settings.name!r} cannot be the name of clips", reason.capitalize(), "Choose another name")
    if not settings.folder.strip() or not Path(settings.folder).is_absolute():
        raise UserError("There is no export folder", "A clip needs a folder to go to", "Choose one")
    if request.subprofile and (reason := illegal_name_reason(f"_{request.subprofile}")):
        raise UserError(f"{request.subprofile!r} cannot be part of a folder's name", reason.capitalize(), "Rename it")


def _check_settings(settings: ExportSettings) -> None:
    output_format(settings.format)
    _check_range("The quality (CRF)", settings.crf, CRF_RANGE)
    if settings.preset not in PRESETS:
        raise UserError(f"There is no preset {settings.preset}", "", f"Choose one of {', '.join(PRESETS)}")
    if settings.encoder not in H264_ENCODERS:
        raise UserError(f"There is no encoder {settings.encoder}", "", f"Choose one of {', '.join(H264_ENCODERS)}")
    _check_range("The quality of WebP", settings.webp_quality, WEBP_QUALITY_RANGE)
    _check_range("What sides are divisible by", settings.side_step, SIDE_STEP_RANGE)
    if settings.side_step % 2:
        raise UserError("Sides can only be divisible by an even number", "Video has no others", "Choose 2, 8, 16 or 32")
    if settings.audio not in AUDIO_CHOICES:
        raise UserError(f"Audio cannot be {settings.audio}", "", f"Choose one of {', '.join(AUDIO_CHOICES)}")
    if settings.short_side is not None and settings.short_side < 0:
        raise UserError("A picture cannot be smaller than nothing", "", "Choose a short side in pixels, 0 to keep it")


def _check_crop(request: CutRequest) -> None:
    plan, settings = request.crop_plan or CropPlan(), request.settings
    base = CropKeyframe(0.0, settings.portrait_ratio, settings.crop_center)
    # Those beyond the end are left out, for no clip starts there.
    for each in (base, *plan.keyframes):
        if reason := complaint(each):
            raise UserError("The clips cannot be cropped like this", reason.capitalize(), "Choose another crop")
    _check_range("The speed of a moving crop", plan.max_speed, MAX_SPEED_RANGE)


def _check_rate(settings: ExportSettings) -> None:
    if not settings.fps:
        return
    try:
        rate = parse_rate(settings.fps)
    except ValueError as error:
        raise UserError("This is no frame rate", str(error), "Choose a number such as 25 or 30000/1001") from error
    _check_range("The frame rate", float(rate), FPS_RANGE)


def _check_template(request: CutRequest) -> None:
    _, problem = preview(request)
    if problem:
        raise UserError("The template of names cannot be used", problem.capitalize(), "Change it in the settings")


def _check_rules(request: CutRequest, info: MediaInfo) -> None:
    """The clips obey the rules of the model they are for."""
    settings = request.settings
    rate = info.video.fps if info.video else None
    sizes = {
        output_size(info.video, settings.short_side, crop, settings.side_step)
        for crop in (request.crops_of(range(request.batch.clips)) if info.video else ())
    }
    for size in sorted(sizes) or [None]:
        if found := violations(settings, request.batch.duration_s, rate, size):
            raise UserError(
                "The clips would break the rules of their preset", found[0], "Change it, or drop the preset"
            )


def _check_batch(batch: Batch) -> None:
    _check_range("The number of clips", batch.clips, CLIPS_RANGE)
    _check_range("The duration in seconds", batch.duration_s, DURATION_RANGE_S)
    _check_range("The spread in seconds", batch.spread_s, SPREAD_RANGE_S)
    # Written so that NaN fails too.
    if not batch.cursor_s >= 0:
        raise UserError("The cursor is before the start", "", "Move it into the file")


def _check_range(what: str, value: float, allowed: tuple[float, float]) -> None:
    low, high = allowed
    if not low <= value <= high:
        raise UserError(f"{what} cannot be {value:g}", f"It goes from {low:g} to {high:g}", "Choose one in between")


def _on_frame(batch: Batch, info: MediaInfo, fps: Fraction, times: FrameTimes) -> Batch:
    length_s = float(frame_count(batch.duration_s, fps) / fps)
    latest = latest_start_s(times, fps, batch.duration_s)
    # A clip starts on the frame shown at its start, so up to the next frame is early enough.
    slack = max(0.0, times.next(latest) - latest - 2 * _ROUNDING_S)
    if times.end_s - times.start_s < length_s - 0.5 / float(fps):
        latest, slack = times.start_s - 1, 0.0
    _check_end(batch, info, times.start_s, latest, times.end_s, slack)
    return replace(batch, cursor_s=times.at(batch.cursor_s))


def _check_end(
    batch: Batch, info: MediaInfo, first_s: float, latest_s: float, end_s: float, slack_s: float = 0.0
) -> None:
    """Raise when the last clip would start after `latest_s`, and say where the batch has to start instead."""
    name = Path(info.path).name
    reach_s = (batch.clips - 1) * batch.spread_s
    if batch.cursor_s + reach_s <= latest_s + slack_s + _ROUNDING_S:
        return
    past = f"{name} ends at {format_time(end_s)}"
    what = "The cursor is past the end" if batch.cursor_s >= end_s else "The batch would run past the end"
    if latest_s - reach_s >= first_s:
        raise UserError(what, past, f"The latest possible start is {format_time(_floor_ms(latest_s - reach_s))}")
    fitting = int((latest_s - first_s) / batch.spread_s + _ROUNDING_S) + 1 if latest_s >= first_s else 0
    if fitting:
        raise UserError(what, past, f"At most {fitting} clips of this length and spread fit, from the start on")
    raise UserError(what, f"{name} is only {end_s - first_s:.2f} s long", "Choose a shorter duration or another file")


def _floor_ms(time_s: float) -> float:
    """Cut to what is shown, so that typing what is shown works."""
    return int(time_s * 1000 + _ROUNDING_S) / 1000
