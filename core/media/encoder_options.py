"""How each H.264 encoder is told what quality and speed are wanted. A probe and an export say the same."""

from __future__ import annotations

from dataclasses import dataclass

SOFTWARE_ENCODER = "libx264"
# ffmpeg's names, and what people call them.
ENCODER_TITLES = {
    SOFTWARE_ENCODER: "Software (x264)",
    "h264_nvenc": "NVIDIA NVENC",
    "h264_qsv": "Intel Quick Sync",
    "h264_vaapi": "VAAPI",
    "h264_amf": "AMD AMF",
    "h264_videotoolbox": "Apple VideoToolbox",
}
H264_ENCODERS = tuple(ENCODER_TITLES)
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_NVENC_SPEEDS = ("p1", "p1", "p2", "p3", "p3", "p4", "p5", "p6", "p7")
_AMF_QUALITIES = ("speed", "speed", "speed", "balanced", "balanced", "balanced", "quality", "quality", "quality")


@dataclass(frozen=True)
class EncoderOptions:
    """`before` goes in front of the inputs, `filters` end the chain, `options` follow `-c:v`."""

    before: tuple[str, ...]
    filters: tuple[str, ...]
    options: tuple[str, ...]


def encoder_options(encoder: str, crf: int, preset: str, device: str | None = None) -> EncoderOptions:
    """What ffmpeg is told for this encoder. The scales of quality differ; each gets what comes nearest to the CRF.

    Args:
        device: the graphics device that VAAPI needs.

    Raises:
        ValueError: there is no such preset.
    """
    speed = PRESETS.index(preset)
    before: tuple[str, ...] = ()
    filters: tuple[str, ...] = ("format=yuv420p",)
    quality = str(crf)
    if encoder == SOFTWARE_ENCODER:
        options = ("-preset", preset, "-crf", quality, "-pix_fmt", "yuv420p")
    elif encoder == "h264_nvenc":
        # Without forced-idr a forced key frame is none that a decoder can begin at.
        options = ("-preset", _NVENC_SPEEDS[speed], "-rc", "vbr", "-cq", quality, "-b:v", "0", "-forced-idr", "1")
        options += ("-pix_fmt", "yuv420p")
    elif encoder == "h264_qsv":
        filters = ("format=nv12",)
        options = ("-preset", PRESETS[max(2, speed)], "-global_quality", quality, "-forced_idr", "1")
    elif encoder == "h264_vaapi":
        before = ("-vaapi_device", device) if device else ()
        filters = ("format=nv12", "hwupload")
        options = ("-rc_mode", "CQP", "-qp", quality)
    elif encoder == "h264_amf":
        options = ("-quality", _AMF_QUALITIES[speed], "-rc", "cqp", "-qp_i", quality, "-qp_p", quality)
        options += ("-forced_idr", "1", "-pix_fmt", "yuv420p")
    elif encoder == "h264_videotoolbox":
        # Its scale goes from 1 to 100, more is better.
        options = ("-q:v", str(max(1, 100 - 2 * crf)), "-pix_fmt", "yuv420p")
    else:
        options = ()
    return EncoderOptions(before, filters, options)
