"""The command line: one command per file, all doing their work through the same operations as the window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A word of the command line. Its module offers `add_arguments(parser)` and `run(options, paths) -> exit code`."""

    module: str
    summary: str


COMMANDS = {
    "cut": Command("core.cli.cut", "cut a batch of clips from a video"),
    "doctor": Command("core.cli.doctor", "check this machine: ffmpeg, encoders, libmpv, GPU, models, history"),
}
