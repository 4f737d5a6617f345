"""Which H.264 encoders work here. Being listed by ffmpeg says nothing: each is tried on one frame.

What came out is kept for as long as ffmpeg stays the same program.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import EnvironmentProblem
from core.job import JobContext
from core.media.encoder_options import H264_ENCODERS, encoder_options
from core.media.process import run
from core.media.tools import ffmpeg_version, find_tool

_log = logging.getLogger(__name__)
_LISTED = re.compile(r"^ V\S* (\w+)", re.MULTILINE)
# "[h264_nvenc @ 0x5613630769c0] " in front of what the encoder says.
_SPEAKER = re.compile(r"^\[[^\]]*\] *")
_PATIENCE_S = 15.0


@dataclass(frozen=True)
class EncoderFinding:
    """An encoder and why it cannot be used here; an empty reason when it can."""

    name: str
    reason: str = ""

    @property
    def usable(self) -> bool:
        return not self.reason


def find_encoders(cache: Path, ctx: JobContext | None = None, *, again: bool = False) -> tuple[EncoderFinding, ...]:
    """Every encoder 8-cut knows, each tried unless `cache`, a file, says what came out with this very ffmpeg.

    Args:
        again: try all of them whatever the cache says: a driver may have been installed.

    Raises:
        EnvironmentProblem: ffmpeg is missing or does not answer.
        Cancelled: through `ctx`.
    """
    program = find_tool("ffmpeg")
    key = [str(program), program.stat().st_mtime_ns, ".".join(map(str, ffmpeg_version()))]
    known = None if again else _remembered(cache, key)
    if known is None:
        listed = listed_encoders(ctx)
        known = {name: _reason(name, name in listed, ctx) for name in H264_ENCODERS}
        _remember(cache, key, known)
    return tuple(EncoderFinding(name, known[name]) for name in H264_ENCODERS)


def _reason(encoder: str, listed: bool, ctx: JobContext | None) -> str:
    if not listed:
        return "this ffmpeg was built without it"
    try:
        return refusal(encoder, ctx) or ""
    except EnvironmentProblem as error:
        return error.why or error.what


def _remembered(cache: Path, key: list) -> dict[str, str] | None:
    try:
        held = json.loads(cache.read_bytes())
        reasons = {name: held["reasons"][name] for name in H264_ENCODERS}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    sound = held.get("ffmpeg") == key and all(isinstance(reason, str) for reason in reasons.values())
    return reasons if sound else None


def _remember(cache: Path, key: list, reasons: dict[str, str]) -> None:
    """Write the cache; one that cannot be written only costs the next probe."""
    beside = cache.with_name(f".{cache.name}.{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps({"ffmpeg": key, "reasons": reasons}), encoding="utf-8")
        beside.replace(cache)
    except OSError as error:
        _log.info("What is known of the encoders could not be kept: %s", error)
        with contextlib.suppress(OSError):
            beside.unlink()


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
    device = device_for(encoder)
    if encoder == "h264_vaapi" and device is None:
        return "there is no graphics device in /dev/dri"
    chain = encoder_options(encoder, crf=20, preset="medium", device=device)
    source = ["-f", "lavfi", "-i", "color=gray:size=256x256:rate=25", "-vf", ",".join(chain.filters)]
    target = ["-frames:v", "1", "-c:v", encoder, *chain.options, "-f", "null", "-"]
    head = [find_tool("ffmpeg"), "-hide_banner", "-nostdin", "-v", "error"]
    command = [*head, *chain.before, *source, *target]
    done = run(command, ctx=ctx, timeout_s=_PATIENCE_S)
    if done.returncode == 0:
        return None
    return plain_reason(done.stderr) or f"ffmpeg ended with code {done.returncode}"


def plain_reason(said: str) -> str:
    """The first thing that ffmpeg said, without who in ffmpeg said it; empty when it said nothing."""
    lines = (_SPEAKER.sub("", line.strip()) for line in re.split(r"\n|; ", said))
    return next((line for line in lines if line), "")


def device_for(encoder: str) -> str | None:
    """The graphics device this encoder is to be given; None for one that needs none, or when there is none."""
    return next(_render_nodes(), None) if encoder == "h264_vaapi" else None


def _render_nodes() -> Iterator[str]:
    folder = Path("/dev/dri")
    return (str(path) for path in sorted(folder.glob("renderD*")))
