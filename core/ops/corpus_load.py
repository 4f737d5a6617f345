"""Bring the results of a corpus run into the history, where the media list shows, sorts and filters by them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.changes import Changes, Kind
from core.corpus.place import Place, is_remote
from core.corpus.results import Key, Result, Results
from core.db import ProcessedDB
from core.domain.features import KINDS, FeatureColumn, Figure, MediaFigures
from core.errors import UserError
from core.job import JobContext
from core.media.identity import holds
from core.ops.corpus_results import columns_of

log = logging.getLogger(__name__)

# Stored in one transaction: another writer never waits long for it.
CHUNK = 64
# A text that is longer is no figure.
LONGEST = 200


@dataclass(frozen=True)
class Loaded:
    """What came of it.

    Args:
        media: how many media have figures now.
        results: how many results were stored, failures included.
        unknown: videos that are not in the history and not on this machine any more.
        columns: names of the columns there are of this run.
        media_ids: of the media, in the order they came.
    """

    media: int
    results: int
    unknown: int
    columns: tuple[str, ...]
    media_ids: tuple[int, ...]


def load(db: ProcessedDB, out: str, ctx: JobContext | None = None) -> tuple[Loaded, Changes]:
    """Store the newest version of every extractor's results, by the content of the videos.

    A video that is not in the history yet is added to it where its file was on this machine, unless another file lies
    there by now.

    Raises:
        UserError: there are no results.
        EnvironmentProblem: they cannot be read.
        Cancelled: through `ctx`; what was stored so far stays.
    """
    ctx = ctx or JobContext()
    results = Results(Place.of(out))
    keys = results.newest()
    if not keys:
        raise UserError(f"There are no results in {out}", "", "Choose the folder given as --out to 8cut.sh corpus")
    columns = [column for key in keys for column in feature_columns(key)]
    db.features.put_columns(columns)
    loading = _Loading(db)
    steps = [(key, shard) for key in keys for shard in results.shards(key)]
    for number, (key, shard) in enumerate(steps):
        ctx.progress(number, len(steps), key.extractor)
        waiting = results.shard(key, shard)
        while part := list(islice(waiting, CHUNK)):
            ctx.check()
            loading.store(part)
    found = tuple(loading.media)
    loaded = Loaded(len(found), loading.stored, len(loading.unknown), tuple(each.name for each in columns), found)
    return loaded, Changes.of(Kind.FEATURES)


def feature_columns(key: Key) -> Iterator[FeatureColumn]:
    """Those of an extractor's columns that a list can show."""
    for column in columns_of(key) or ():
        if column.type in KINDS:
            yield FeatureColumn(f"{key.extractor}_{column.name}", column.unit, column.type, column.about)


class _Loading:
    """Results on their way in: each video is looked up once, whatever the number of its extractors."""

    def __init__(self, db: ProcessedDB) -> None:
        self._db = db
        self._ids: dict[str, int | None] = {}
        self.media: dict[int, None] = {}
        self.unknown: set[str] = set()
        self.stored = 0
        self._replaced: set[str] = set()

    def store(self, results: Sequence[Result]) -> None:
        # Files are read before the transaction, which others wait for.
        self._replaced.update(result.video for result in results if self._is_replaced(result))
        with self._db.write():
            rows = []
            for result in results:
                media_id = self._media_id(result)
                if media_id is None:
                    self.unknown.add(result.video)
                    continue
                self.media[media_id] = None
                key = result.key
                reason = _as_text(result.reason)
                rows.append(MediaFigures(media_id, key.extractor, key.version, _figures(result), reason))
            self._db.features.put(rows)
            self.stored += len(rows)

    def _media_id(self, result: Result) -> int | None:
        if not result.content_key:
            return None
        if result.content_key not in self._ids:
            known = self._db.media.by_key(result.content_key)
            if known is None and (result.video in self._replaced or _as_text(result.video) != result.video):
                return None
            if known is None and not is_remote(result.video):
                known = self._db.media.register(result.content_key, result.video)
            self._ids[result.content_key] = known.id if known else None
        return self._ids[result.content_key]

    def _is_replaced(self, result: Result) -> bool:
        """Whether another file lies where a video was that the history does not know."""
        key = result.content_key
        if not key or key in self._ids or is_remote(result.video) or not Path(result.video).is_file():
            return False
        try:
            return self._db.media.by_key(key) is None and not holds(result.video, key)
        except UserError as error:
            log.info("%s is not added to the history: %s", result.video, error)
            return True


def _as_text(text: str) -> str:
    """What the history can store: a file's name may hold bytes that are no text."""
    return text.encode("utf-8", "backslashreplace").decode()


def _figures(result: Result) -> dict[str, Figure]:
    """What of a result fits a list."""
    shown = {column.name.removeprefix(f"{result.key.extractor}_") for column in feature_columns(result.key)}
    return {
        f"{result.key.extractor}_{name}": value
        for name, value in result.values.items()
        if name in shown and value is not None and len(str(value)) <= LONGEST
    }
