"""`8cut.sh cut`: make a batch of clips without a window, through the same operation as its Export button."""

from __future__ import annotations

import argparse
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.cut_output import Output, choose_output
from core.cli.execute import FAILED, OK
from core.cli.export_flags import add_batch_arguments, add_file_arguments, deck_shape
from core.cli.work import TickingContext, cancelled_by_signals
from core.domain.clip import Batch
from core.domain.export import ClipState, CutRequest, PlannedClip
from core.domain.timecode import parse_time
from core.paths import DataPaths

if TYPE_CHECKING:
    from core.db import ProcessedDB
    from core.job import Progress

DEFAULT_FOLDER_NAME = "clips"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("media", metavar="MEDIA", help="the video or audio file")
    parser.add_argument(
        "--at", required=True, type=_time, metavar="SECONDS", help="start of the first clip: 83.5 or 1:23.5"
    )
    add_batch_arguments(parser)
    files = parser.add_argument_group("the files")
    files.add_argument(
        "--folder",
        metavar="DIR",
        help=f"where they go (default: {DEFAULT_FOLDER_NAME} beside MEDIA); its name is the class",
    )
    files.add_argument("--name", default="clip", help="what their names begin with (default: clip)")
    add_file_arguments(files)
    history = parser.add_argument_group("what the history remembers")
    history.add_argument("--label", default="", help="what is to be heard or seen")
    history.add_argument(
        "--category", default="", help="Human, Animal, Vehicle, Tool, Music, Nature, Sport, Other or your own"
    )
    history.add_argument("--profile", default="default", help="the profile to cut in (default: default)")
    parser.add_argument("--json", action="store_true", help="tell what happens in JSON, one object a line")


def run(options: Namespace, paths: DataPaths) -> int:
    """Cut; fails when at least one clip did."""
    from core.db import ProcessedDB, legacy_history
    from core.log import start_logging

    start_logging(paths.prepare().logs, options.verbose)
    db = ProcessedDB(paths.database, adopt_from=legacy_history())
    try:
        return _cut(db, options)
    finally:
        db.close()


def _cut(db: ProcessedDB, options: Namespace) -> int:
    from core.ops import cut

    output = choose_output(options.json)
    started = time.monotonic()
    news = _News(db, output)
    ctx = TickingContext(news.tick)
    try:
        with cancelled_by_signals(ctx):
            news.job_id = cut.plan(db, _request(db, options), ctx).id
            output.planned(db.jobs.get(news.job_id))
            summary, _ = cut.run(db, news.job_id, ctx)
        for note in summary.notes:
            output.note(note)
        clips = news.tell_clips()
        failed = sum(clip.state is not ClipState.DONE for clip in clips)
        output.finished(len(clips) - failed, failed, time.monotonic() - started)
    finally:
        output.close()
    return FAILED if failed else OK


class _News:
    """Tells each finished clip once, and the progress between them."""

    def __init__(self, db: ProcessedDB, output: Output) -> None:
        self.job_id: int | None = None
        self._db = db
        self._output = output
        self._told: set[int] = set()

    def tick(self, progress: Progress) -> None:
        if self.job_id is not None:
            self.tell_clips()
            self._output.progress(progress)

    def tell_clips(self) -> tuple[PlannedClip, ...]:
        clips = self._db.jobs.get(self.job_id).clips
        for clip in clips:
            if clip.state is not ClipState.PLANNED and clip.index not in self._told:
                self._told.add(clip.index)
                self._output.clip(clip)
        return clips


def _request(db: ProcessedDB, options: Namespace) -> CutRequest:
    from core.media.identity import content_key

    path = Path(options.media).absolute()
    folder = Path(options.folder).expanduser().absolute() if options.folder else path.parent / DEFAULT_FOLDER_NAME
    shape = deck_shape(options, str(folder))
    batch = Batch(options.at, shape.clips, shape.spread_s, shape.duration_s)
    return CutRequest(db.media.register(content_key(path), str(path)), batch, shape.settings, options.profile)


def _time(value: str) -> float:
    try:
        return parse_time(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
