"""Which sound outputs mpv should try: one that is not there costs time and prints complaints of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def audio_outputs(environment: Mapping[str, str] | None = None, root: Path = Path("/")) -> str:
    """The value of mpv's `ao`: on Linux the servers and cards that are there, else "null"; elsewhere mpv's own choice.

    Args:
        environment: variables to look at; the process's own by default.
        root: where `proc` and `run` lie.
    """
    if not sys.platform.startswith("linux"):
        return ""
    variables = os.environ if environment is None else environment
    runtime = Path(variables.get("XDG_RUNTIME_DIR") or root / "run" / "user" / str(os.getuid()))
    found = []
    if (runtime / "pipewire-0").exists():
        found.append("pipewire")
    if variables.get("PULSE_SERVER") or (runtime / "pulse" / "native").exists():
        found.append("pulse")
    cards = root / "proc" / "asound" / "cards"
    if cards.is_file() and "[" in cards.read_text(encoding="utf-8", errors="replace"):
        found.append("alsa")
    return ",".join(found) or "null"
