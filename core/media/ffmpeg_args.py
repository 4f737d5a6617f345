"""The command line of ffmpeg for a group of takes; pure, nothing is started or touched here.

Each take reads its source twice, once for the picture and once for the sound: sound starts to be decoded a little
earlier, because the first block a lossy codec decodes after a seek lacks its overlap. The picture of a take becomes one
file, the sound of each clip another; `slicing` puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

from core.domain.crop import NO_CROP, Axis, Crop, crop_rect, cropped_size, free_axis, most_offset
from core.domain.export import ExportSettings
from core.domain.frame_size import clip_size, trim_offset, trimmed_size
from core.domain.media import MediaInfo, VideoStream
from core.media.abilities import Abilities
from core.media.encoder_options import EncoderOptions, encoder_options
from core.media.formats import AudioCodec, output_format
from core.media.takes import Take

# The option has this name since 5.1; -vsync, its old name, ended with 7.
FPS_MODE_SINCE = (5, 1)
SOUND_PREROLL_S = 0.5
_PROGRESS_PERIOD_S = "0.2"
_HDR_PEAK_NITS = 100
_STAMP_SLACK_S = 0.001
_LOSSLESS_EFFORT = "50"
# Without these a conversion of colours darkens the picture by up to four levels.
_EXACT = "accurate_rnd+full_chroma_int+full_chroma_inp"
_BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")


@dataclass(frozen=True)
class TakeFiles:
    """Where a take's raw parts go: the picture (None without), and the sound of each piece (empty without).

    For formats made of single pictures, `picture` is a pattern with a `%d` in it.
    """

    picture: str | None
    sounds: tuple[str, ...]


def command(
    ffmpeg: str,
    info: MediaInfo,
    takes: Sequence[tuple[Take, TakeFiles]],
    settings: ExportSettings,
    sound: AudioCodec | None,
    abilities: Abilities,
    zero_s: float = 0.0,
    cores: int = 1,
    device: str | None = None,
) -> list[str]:
    """The arguments that make every file of these takes in one run, reporting progress on standard output.

    Args:
        sound: how to encode the sound; None for clips without.
        zero_s: the timestamp in the source that counts as 0, as `source.zero_s` tells.
        cores: how many processors there are; several encoders at once share them.
        device: the graphics device, for an encoder that needs one.
    """
    encoder = encoder_options(settings.encoder, settings.crf, settings.preset, device)
    inputs: list[str] = []
    graphs: list[str] = []
    outputs: list[str] = []
    count = 0
    # One encoder alone knows best how to use them all; several with many threads each would only get in their own way.
    threads = ["-threads", str(max(1, cores // len(takes)))] if len(takes) > 1 else []
    for number, (take, files) in enumerate(takes):
        if files.picture is not None:
            inputs += _input(info.path, take.start_s if take.seek_s is None else take.seek_s)
            label = f"v{number}"
            start = [f"trim=start={seconds(take.start_s + zero_s)}", _from_zero("setpts", take.start_s + zero_s)]
            filters = [*start, *picture_filters(info.video, take, settings, abilities, encoder)]
            graphs += ["-filter_complex", f"[{count}:V:0]{','.join(filters)}[{label}]"]
            outputs += [
                *_picture_output(info.video, take, label, settings, abilities, encoder),
                *threads,
                files.picture,
            ]
            count += 1
        if files.sounds:
            inputs += _input(info.path, max(0.0, take.start_s - SOUND_PREROLL_S))
            rate = info.audio[settings.audio_track].sample_rate_hz
            graph = _sound_graph(take, f"{count}:a:{settings.audio_track}", f"a{number}", zero_s, rate)
            graphs += ["-filter_complex", ";".join(graph)]
            for place, file in enumerate(files.sounds):
                outputs += ["-map", f"[a{number}_{place}]", "-c:a", sound.encoder, *sound.options]
                outputs += ["-map_metadata", "-1", "-f", sound.muxer, file]
            count += 1
    head = [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-nostats", "-stats_period", _PROGRESS_PERIOD_S]
    # A graph each: in one graph the picture would go on being decoded for as long as any sound is wanted.
    return [*head, "-progress", "pipe:1", "-copyts", "-y", *encoder.before, *inputs, *graphs, *outputs]


def output_size(
    video: VideoStream, short_side: int | None, crop: Crop = NO_CROP, side_step: int = 2
) -> tuple[int, int]:
    """Width and height in pixels of the clip: as displayed, cropped, resized, trimmed; never larger than the source.

    Without a resize an odd last row or column is cut off, which leaves every other pixel as it is. The short side of a
    resize is rounded down to even, the long side to the nearest even number.
    """
    return clip_size(video.width, video.height, crop, short_side, side_step)


def picture_filters(
    video: VideoStream, take: Take, settings: ExportSettings, abilities: Abilities, encoder: EncoderOptions
) -> list[str]:
    """The filters from the source's frames (timed from the take's start, and rotated by ffmpeg) to the clip's."""
    filters = _rate_filters(take)
    if take.frozen_frames:
        filters.append(f"tpad=stop={take.frozen_frames}:stop_mode=clone")
    whole = cropped_size(video.width, video.height, take.crop.ratio, settings.short_side)
    filters += crop_filters(video, take.crop, whole) if take.crop.ratio else _size_filters(video, whole)
    size = trimmed_size(whole, settings.side_step)
    if size != whole:
        x, y = (trim_offset(*sides) for sides in zip(whole, size, strict=True))
        filters.append(f"crop=w={size[0]}:h={size[1]}:x={x}:y={y}:exact=1")
    if tone_maps(video, abilities):
        filters += [
            f"zscale=transfer=linear:npl={_HDR_PEAK_NITS}",
            "format=gbrpf32le",
            "zscale=primaries=bt709",
            "tonemap=tonemap=hable:desat=0",
            "zscale=transfer=bt709:matrix=bt709:range=tv",
        ]
    elif _is_rgb(video):
        filters.append("scale=out_color_matrix=bt709:out_range=tv")
    elif is_full_range(video):
        filters.append("scale=in_range=pc:out_range=tv")
    return [*filters, *(_webp_filters(settings) if output_format(settings.format).frames else encoder.filters)]


def _rate_filters(take: Take) -> list[str]:
    """Lay the frames on the take's grid."""
    if not take.resampled:
        return [f"fps=fps={take.fps}:start_time=0:round=near"]
    # Rounding up shows on each place of the grid what was on the screen then, so the first frame stays the first. Where
    # containers round timestamps, a frame meant for a place must not come just too late for it.
    return [f"setpts=round(PTS-{_STAMP_SLACK_S}/TB)", f"fps=fps={take.fps}:start_time=0:round=up"]


def _webp_filters(settings: ExportSettings) -> list[str]:
    """WebP knows one matrix only, and without loss only RGB."""
    if settings.webp_lossless:
        return [f"scale=flags={_EXACT}", "format=bgra"]
    return [f"scale=out_color_matrix=bt601:out_range=tv:flags={_EXACT}", "format=yuv420p"]


def tone_maps(video: VideoStream, abilities: Abilities) -> bool:
    """Whether an HDR picture is brought to the range of ordinary screens.

    It takes the filter zscale. Without it the picture is only brought to 8 bits and keeps its HDR tags, so that a
    player that knows them still shows it right.
    """
    return video.hdr and {"zscale", "tonemap"} <= abilities.filters


def seconds(time_s: float) -> str:
    """A time for ffmpeg, cut to whole microseconds: rounded up, the very frame that was asked for would be lost."""
    # The float nearest to a frame's time may lie just below it; a thousandth of a microsecond is no time.
    ticks = floor(time_s * 1_000_000 + 0.001)
    whole, fraction = divmod(abs(ticks), 1_000_000)
    return f"{'-' if ticks < 0 else ''}{whole}.{fraction:06d}"


def _input(path: str, seek_s: float) -> list[str]:
    # Only the place to begin decoding; the filters cut exactly, at timestamps of the source. What -ss itself would cut
    # depends on which streams are in use: in a transport stream it is off by as much as one of them begins later.
    # The list keeps a playlist that calls itself a video off the network.
    return ["-protocol_whitelist", "file,crypto,data", "-noaccurate_seek", "-ss", seconds(max(0.0, seek_s)), "-i", path]


def _from_zero(setpts: str, start_s: float) -> str:
    """The filter that makes timestamps count from `start_s`; without rounding it would now and then lose a tick."""
    return f"{setpts}=round(PTS-({seconds(start_s)})/TB)"


def _size_filters(video: VideoStream, size: tuple[int, int]) -> list[str]:
    width, height = video.width, video.height
    if size == (width, height) and video.sample_aspect == 1:
        return []
    whole_pixels = (width // 2 * 2, height // 2 * 2)
    if size == whole_pixels and video.sample_aspect == 1:
        return [f"crop={size[0]}:{size[1]}:0:0"]
    # Anamorphic pictures arrive here with oblong pixels; scaling to the displayed size makes them square.
    return [f"scale={size[0]}:{size[1]}:flags=lanczos+accurate_rnd", "setsar=1"]


def crop_filters(video: VideoStream, crop: Crop, size: tuple[int, int]) -> list[str]:
    """Filters from displayed frames to a cropped picture of this size: square pixels, then the crop, then the resize.

    `exact` keeps ffmpeg from moving the crop where a source has even coarser colour planes.
    """
    whole = (video.width, video.height)
    rect = crop_rect(*whole, crop)
    filters = []
    if video.sample_aspect != 1:
        filters += [f"scale={whole[0]}:{whole[1]}:flags=lanczos+accurate_rnd", "setsar=1"]
    x, y = str(rect.x), str(rect.y)
    axis = free_axis(*whole, crop.ratio)
    if crop.moves and axis is Axis.ACROSS:
        x = _moving_offset(crop, whole[0], rect.width)
    elif crop.moves and axis is Axis.DOWN:
        y = _moving_offset(crop, whole[1], rect.height)
    filters.append(f"crop=w={rect.width}:h={rect.height}:x={x}:y={y}:exact=1")
    if size != (rect.width, rect.height):
        filters.append(f"scale={size[0]}:{size[1]}:flags=lanczos+accurate_rnd")
    return filters


def _moving_offset(crop: Crop, whole: int, part: int) -> str:
    """`crop.even_offset` as an expression of the time in the clip, `t`, which ffmpeg evaluates for every frame."""
    center = f"{crop.path[0][1]:.9f}"
    for (start, first), (end, last) in pairwise(crop.path):
        slope = (last - first) / (end - start)
        center += f"{slope:+.9f}*clip(t-{start:.6f},0,{end - start:.6f})"
    return f"'2*floor(clip(({center})*{whole}-{part / 2:g},0,{most_offset(whole, part)})/2+0.5)'"


def _is_rgb(video: VideoStream) -> bool:
    return video.pixel_format.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8"))


def is_full_range(video: VideoStream) -> bool:
    return video.pixel_format.startswith("yuvj")


def _picture_output(
    video: VideoStream,
    take: Take,
    label: str,
    settings: ExportSettings,
    abilities: Abilities,
    encoder: EncoderOptions,
) -> list[str]:
    timing = "-fps_mode" if abilities.version >= FPS_MODE_SINCE else "-vsync"
    # Said always: what ffmpeg does by itself with frames of uneven length changed between its releases.
    length = [timing, "cfr", "-r", str(take.fps), "-frames:v", str(take.frames)]
    if output_format(settings.format).frames:
        return ["-map", f"[{label}]", *_webp_options(settings), *length, "-start_number", "1", "-f", "image2"]
    made = ["-map", f"[{label}]", "-c:v", settings.encoder, *encoder.options, *length]
    if take.key_frames:
        made += ["-force_key_frames", ",".join(_frame_time(frame, take.fps) for frame in take.key_frames)]
    if tone_maps(video, abilities) or _is_rgb(video):
        made += _BT709
    elif is_full_range(video):
        made += ["-color_range", "tv"]
    return [*made, "-map_metadata", "-1", "-f", "mp4"]


def _webp_options(settings: ExportSettings) -> list[str]:
    if settings.webp_lossless:
        # There the quality only says how hard to try.
        return ["-c:v", "libwebp", "-lossless", "1", "-quality", _LOSSLESS_EFFORT]
    return ["-c:v", "libwebp", "-lossless", "0", "-quality", str(settings.webp_quality)]


def _frame_time(frame: int, fps: Fraction) -> str:
    """A time that only this frame is the first one after: a little earlier than it, later than the one before."""
    return seconds(float((frame - Fraction(3, 10)) / fps))


def _sound_graph(take: Take, source: str, label: str, zero_s: float, rate_hz: int) -> list[str]:
    """Filters that cut the sound of each piece to the sample.

    Where the track begins late or has a hole, silence takes its place, so that sound stays with its picture; where it
    ends before the picture, silence goes on to the picture's end. Sound without picture is not made longer: there a
    missing end is for the audit to find.
    """
    copies = "".join(f"[{label}_in{place}]" for place in range(len(take.pieces)))
    graph = [f"[{source}]asplit={len(take.pieces)}{copies}"]
    for place, piece in enumerate(take.pieces):
        start = piece.start_s + zero_s
        samples = round(piece.length_s * rate_hz)
        filters = [f"atrim=start={seconds(start)}", _from_zero("asetpts", start), "aresample=async=1:first_pts=0"]
        if take.fps is not None:
            filters.append(f"apad=whole_len={samples}")
        filters += [f"atrim=end_sample={samples}", "asetpts=N"]
        graph.append(f"[{label}_in{place}]{','.join(filters)}[{label}_{place}]")
    return graph
