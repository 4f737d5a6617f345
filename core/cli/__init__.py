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
    "dataset": Command("core.cli.dataset", "write dataset.json of export folders anew from the history"),
    "train": Command("core.cli.train", "learn a sound from cut clips"),
    "scan": Command("core.cli.scan", "find a learned sound in videos and audio files"),
    "project": Command("core.cli.project", "labelling projects: list, show, create, add items, coders away or back"),
    "labels": Command("core.cli.labels", "labels of coders: export, import and merge, agreement"),
    "round": Command("core.cli.round", "learn from the labels of a project, and choose what to label next"),
    "corpus": Command("core.cli.corpus", "features, embeddings and scans of thousands of videos, here or on a cluster"),
    "negatives": Command("core.cli.negatives", "moments that are not the sound: list, add, remove"),
    "models": Command("core.cli.models", "embedding models and classifiers: list, fetch, history, restore"),
    "cache": Command("core.cli.cache", "embeddings on disk: status, clear"),
    "demo": Command("core.cli.demo", "show the whole loop on made-up sounds; needs no files and no network"),
    "doctor": Command("core.cli.doctor", "check this machine: ffmpeg, encoders, libmpv, GPU, models, history"),
}
