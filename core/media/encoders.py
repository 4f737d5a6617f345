"""Which H.264 encoders work here. Being listed by ffmpeg says nothing: each is tried on one frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from core.job import JobContext
from core.media.process import run
from core.media.tools import find_tool

SOFTWARE_ENCODER = "libx264"
H264_ENCODERS = (SOFTWARE_ENCODER, "h264_nvenc", "h264_qsv", "h264_vaapi", "h264_amf", "h264_videotoolbox")
_LISTED = re.compile(r"^ V\S* (\w+)", re.MULTILINE)
# "[h264_nvenc @ 0x5613630769c0] " in front of what the encoder says.
_SPEAKER = re.compile(r"^\[[^\]]*\] *")
_PATIENCE_S = 15.0


def listed_encoders(ctx: JobContext | None = None) -> frozenset[str]:
    """The names of the video encoders ffmpeg was built with.

    Raises:
        EnvironmentProblem: ffmpeg is missing or does not answer.
    """
    answer = run([find_tool("ffmpeg"), "-hide_banner", "-encoders"], ctx=ctx, timeout_s=_PATIENCE_S)
    return frozenset(_LISTED.findall(answer.stdout.decode("utf-8", "replace")))


def refusal(encoder: str, ctx: JobContext | None = None) -> str | None:
    """Why `encoder` cannot encode a 256×256 frame on this machine, or None when it can.

    Raises:
        EnvironmentProblem: ffmpeg is missing or hangs.
    """
    before: list[str] = []
    picture = ["-vf", "format=nv12" if encoder == "h264_qsv" else "format=yuv420p"]
    if encoder == "h264_vaapi":
        device = next(_render_nodes(), None)
        if device is None:
            return "there is no graphics device in /dev/dri"
        before, picture = ["-vaapi_device", device], ["-vf", "format=nv12,hwupload"]
    source = ["-f", "lavfi", "-i", "color=gray:size=256x256:rate=25"]
    target = ["-frames:v", "1", "-c:v", encoder, "-f", "null", "-"]
    command = [find_tool("ffmpeg"), "-hide_banner", "-nostdin", "-v", "error", *before, *source, *picture, *target]
    done = run(command, ctx=ctx, timeout_s=_PATIENCE_S)
    if done.returncode == 0:
        return None
    said = [_SPEAKER.sub("", line.strip()) for line in done.stderr.splitlines() if line.strip()]
    return said[0] if said else f"ffmpeg ended with code {done.returncode}"


def _render_nodes() -> Iterator[str]:
    folder = Path("/dev/dri")
    return (str(path) for path in sorted(folder.glob("renderD*")))
