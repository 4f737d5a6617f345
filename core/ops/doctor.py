"""Check everything 8-cut leans on: what is there, what works, what is missing, and what to do about it.

Nothing is created or changed, apart from a file that is written to the data folder and removed again.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from core import __version__
from core.db import legacy_history
from core.errors import EightCutError
from core.job import JobContext
from core.media.encoder_options import H264_ENCODERS, SOFTWARE_ENCODER
from core.media.encoders import listed_encoders, refusal
from core.media.process import run
from core.media.tools import ffmpeg_version, find_tool
from core.models.registry import MODELS
from core.models.weights import WeightStore
from core.paths import DataPaths
from core.storage.health import examine_history

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ((3, 11), (3, 14))
OLDEST_FFMPEG = (5, 1)
SCARCE_BYTES = 2 << 30
GPU_PATIENCE_S, CHILD_PATIENCE_S = 60.0, 20.0
# The child may start in any folder, so it is told where the program lies.
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from core.ops.doctor_child import main; sys.exit(main(sys.argv[2]))"
)
_PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
_SETUP = "setup-windows.ps1" if sys.platform == "win32" else "./setup_env.sh"


class Verdict(Enum):
    """`NOTE` is neither good nor bad; only `BAD` keeps 8-cut from doing its work."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `fix` says what to do, where there is something to do."""

    section: str
    name: str
    verdict: Verdict
    text: str
    fix: str = ""


def examine(paths: DataPaths, *, quick: bool = False, ctx: JobContext | None = None) -> Iterator[Finding]:
    """Every finding, as soon as it is known. `quick` leaves out the graphics card, whose question loads torch.

    Raises:
        Cancelled: through `ctx`.
    """
    ctx = ctx or JobContext()
    yield from _programs()
    yield from _packages()
    yield from _ffmpeg(ctx)
    yield from _window(ctx)
    if not quick:
        yield _gpu(ctx)
    yield from _models(paths)
    yield from _folders(paths)
    yield _history(paths)


def _programs() -> Iterator[Finding]:
    yield Finding("8-cut", "8-cut", Verdict.NOTE, f"{__version__} in {ROOT}")
    suits = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    yield Finding(
        "8-cut",
        "Python",
        Verdict.GOOD if suits else Verdict.BAD,
        f"{platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}",
        "" if suits else f"Set EIGHTCUT_PYTHON to a Python 3.11–3.14, delete .venv and run {_SETUP}",
    )


def _packages() -> Iterator[Finding]:
    """One line for all packages that are as pinned, one for each that is not."""
    pins = dict(_PIN.findall((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    good = []
    for name, pinned in pins.items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding("8-cut", name, Verdict.BAD, "not installed", f"Run {_SETUP}")
            continue
        if found.partition("+")[0] == pinned:
            good.append(f"{name} {found}")
        else:
            yield Finding("8-cut", name, Verdict.WARNING, f"{found}, tested with {pinned}", f"Run {_SETUP}")
    yield Finding("8-cut", "packages", Verdict.GOOD, ", ".join(good))


def _ffmpeg(ctx: JobContext) -> Iterator[Finding]:
    for tool in ("ffmpeg", "ffprobe"):
        try:
            path = find_tool(tool)
            version = ffmpeg_version() if tool == "ffmpeg" else ()
        except EightCutError as error:
            yield Finding("ffmpeg", tool, Verdict.BAD, error.why or error.what, error.fix)
            continue
        old = bool(version) and version < OLDEST_FFMPEG
        yield Finding(
            "ffmpeg",
            tool,
            Verdict.WARNING if old else Verdict.GOOD,
            f"{path} {'.'.join(map(str, version))}".rstrip(),
            "8-cut is tested with ffmpeg 5.1 and newer" if old else "",
        )
    yield from _encoders(ctx)


def _encoders(ctx: JobContext) -> Iterator[Finding]:
    try:
        listed = listed_encoders(ctx)
    except EightCutError:
        return  # the missing ffmpeg is reported already
    for encoder in H264_ENCODERS:
        needed = encoder == SOFTWARE_ENCODER
        if encoder not in listed and not needed:
            continue
        try:
            why = refusal(encoder, ctx) if encoder in listed else "this ffmpeg was built without it"
        except EightCutError as error:
            why = str(error)
        if why is None:
            yield Finding("ffmpeg", encoder, Verdict.GOOD, "works")
        elif needed:
            yield Finding("ffmpeg", encoder, Verdict.BAD, why, "Install an ffmpeg with libx264")
        else:
            yield Finding("ffmpeg", encoder, Verdict.NOTE, f"not usable here: {why}")


def _window(ctx: JobContext) -> Iterator[Finding]:
    answer = _ask("libmpv", CHILD_PATIENCE_S, ctx)
    if "problem" in answer:
        yield Finding("window", "libmpv", Verdict.BAD, answer["problem"], answer["fix"])
    else:
        yield Finding("window", "libmpv", Verdict.GOOD, answer["version"])
    answer = _ask("qt", CHILD_PATIENCE_S, ctx)
    missing = [answer["problem"]] if "problem" in answer else answer["missing"]
    for line in missing:
        yield Finding("window", "Qt", Verdict.BAD, line, f"Run {_SETUP}, which names the packages")
    if not missing:
        yield Finding("window", "Qt", Verdict.GOOD, "all its libraries load")
    if sys.platform == "linux":
        display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        yield Finding(
            "window",
            "display",
            Verdict.GOOD if display else Verdict.WARNING,
            display or "none, so no window can open; the commands work",
        )


def _gpu(ctx: JobContext) -> Finding:
    answer = _ask("gpu", GPU_PATIENCE_S, ctx)
    if "problem" in answer:
        return Finding("models", "graphics card", Verdict.WARNING, answer["problem"], answer["fix"] or f"Run {_SETUP}")
    if answer["cards"]:
        return Finding("models", "graphics card", Verdict.GOOD, f"{'; '.join(answer['cards'])} ({answer['build']})")
    return Finding("models", "graphics card", Verdict.NOTE, f"none; scans run on the CPU ({answer['build']})")


def _ask(question: str, patience_s: float, ctx: JobContext) -> dict:
    """The answer of `core.ops.doctor_child`, or a problem when the child died or hung."""
    command = [sys.executable, "-c", _CHILD, str(ROOT), question]
    try:
        done = run(command, ctx=ctx, timeout_s=patience_s)
    except EightCutError as error:
        return {"problem": error.why, "fix": ""}
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if done.returncode != 0 or not lines:
        return {"problem": f"asking for it failed: {done.reason}", "fix": f"Run {_SETUP}"}
    return json.loads(lines[-1])


def _models(paths: DataPaths) -> Iterator[Finding]:
    store = WeightStore.at(paths)
    ready, absent = [], []
    for spec in MODELS:
        if spec.name == spec.backbone:
            (ready if spec.weights is None or store.present(spec.weights) else absent).append(spec.name)
    yield Finding("models", "ready", Verdict.GOOD, ", ".join(ready))
    if absent:
        text = f"{', '.join(absent)} (downloaded to {store.folder} at first use)"
        yield Finding("models", "not downloaded", Verdict.NOTE, text)


def _folders(paths: DataPaths) -> Iterator[Finding]:
    existing = next(folder for folder in (paths.root, *paths.root.parents) if folder.exists())
    try:
        if existing == paths.root:
            with tempfile.TemporaryFile(dir=paths.root) as probe:
                probe.write(b"8-cut")
        elif not existing.is_dir():
            raise NotADirectoryError(0, f"{existing} is a file")
        elif not os.access(existing, os.W_OK | os.X_OK):
            raise PermissionError(0, f"{existing} cannot be written to")
    except OSError as error:
        fix = "Make it writable, or choose another with --data-dir or EIGHTCUT_HOME"
        yield Finding("data", "folder", Verdict.BAD, f"{paths.root}: {error.strerror or error}", fix)
        return
    made = "" if existing == paths.root else ", made at the first start"
    yield Finding("data", "folder", Verdict.GOOD, f"{paths.root}{made}")
    free = shutil.disk_usage(existing).free
    yield Finding(
        "data",
        "free space",
        Verdict.GOOD if free >= SCARCE_BYTES else Verdict.WARNING,
        f"{free / 2**30:.1f} GiB",
        "" if free >= SCARCE_BYTES else "Make room on this disk",
    )


def _history(paths: DataPaths) -> Finding:
    try:
        health = examine_history(paths.database)
    except EightCutError as error:
        return Finding("data", "history", Verdict.BAD, f"{error.what}. {error.why}".strip(), error.fix)
    if health is None:
        legacy = legacy_history()
        text = f"none yet; {legacy} will be adopted" if legacy.exists() else "none yet, made at the first start"
        return Finding("data", "history", Verdict.NOTE, text)
    if health.version == 0:
        text = "from before this program; converted at the next start, after a backup"
        return Finding("data", "history", Verdict.NOTE, text)
    text = f"sound, version {health.version}: {health.media:,} media, {health.clips:,} clips"
    if health.version < health.newest:
        text += f"; brought to version {health.newest} at the next start, after a backup"
    if not health.open_jobs:
        return Finding("data", "history", Verdict.GOOD, text)
    text += f"; {health.open_jobs} interrupted exports"
    return Finding("data", "history", Verdict.WARNING, text, "Open 8-cut to resume or discard them")
