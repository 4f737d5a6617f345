"""Find files again that lie elsewhere than the history remembers."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import MEDIA_SUFFIXES, Media
from core.domain.relink import FoundFile, RelinkPlan, known_size, one_each
from core.errors import UserError
from core.job import JobContext
from core.media.identity import content_key


def search(folder: str | os.PathLike[str], wanted: Sequence[Media], ctx: JobContext | None = None) -> RelinkPlan:
    """Look below a folder for missing media; changes nothing.

    Only files of a wanted size, or of the name of a media nobody has seen, are read. Links to folders are not followed.

    Raises:
        Cancelled: `ctx` was cancelled.
    """
    ctx = ctx or JobContext()
    by_key = {media.content_key: media for media in wanted}
    sizes = {known_size(media.content_key) for media in wanted} - {None}
    by_name: dict[str, list[Media]] = defaultdict(list)
    for media in wanted:
        by_name[media.name.casefold()].append(media)
    sure, likely = [], []
    for number, (path, size) in enumerate(_files(folder)):
        ctx.check()
        ctx.progress(len({each.media.id for each in sure}), len(wanted), f"{number + 1:,} files looked at")
        namesakes = by_name.get(path.name.casefold(), ())
        unseen = [media for media in namesakes if known_size(media.content_key) is None]
        if size not in sizes and not unseen:
            continue
        try:
            key = content_key(path)
        except UserError as error:
            ctx.log(str(error))
            continue
        if key in by_key:
            sure.append(FoundFile(by_key[key], str(path), key))
            continue
        sure += [FoundFile(media, str(path), key) for media in unseen]
        same_size = (media for media in namesakes if known_size(media.content_key) == size)
        likely += [FoundFile(media, str(path), key) for media in same_size]
    found = {each.media.id for each in sure}
    likely = [each for each in likely if each.media.id not in found]
    found |= {each.media.id for each in likely}
    return RelinkPlan(one_each(sure), one_each(likely), tuple(media for media in wanted if media.id not in found))


def look_at(media: Media, path: str | os.PathLike[str]) -> RelinkPlan:
    """What linking one media to this file would mean; a file of another size or content is never `sure`.

    Raises:
        UserError: the file cannot be read.
    """
    key = content_key(path)
    found = FoundFile(media, str(Path(path).absolute()), key)
    if key == media.content_key or known_size(media.content_key) is None:
        return RelinkPlan(sure=(found,))
    if known_size(key) == known_size(media.content_key):
        return RelinkPlan(likely=(found,))
    return RelinkPlan(missing=(media,))


def link(db: ProcessedDB, found: Sequence[FoundFile]) -> Changes:
    """Remember where these media lie now. A file with other content becomes the media's content from here on.

    Raises:
        UserError: the content is that of another media; nothing has changed.
    """
    with db.write():
        for each in found:
            if known_size(each.media.content_key) is None or each.content_key == each.media.content_key:
                db.media.relink(each.media.id, each.path, each.content_key)
            else:
                db.media.rebind(each.media.id, each.content_key, each.path)
    return Changes.of(Kind.MEDIA) | Changes.of(Kind.LISTS)


def unlink(db: ProcessedDB, found: Sequence[FoundFile]) -> Changes:
    """Undo `link` for media that were seen before."""
    with db.write():
        for each in found:
            if known_size(each.media.content_key) is not None:
                db.media.rebind(each.media.id, each.media.content_key, each.media.path)
    return Changes.of(Kind.MEDIA) | Changes.of(Kind.LISTS)


def _files(folder: str | os.PathLike[str]) -> Iterator[tuple[Path, int]]:
    """Media files below a folder with their sizes, in natural reading order; those that vanish are left out."""
    from natsort import natsorted, ns

    for root, folders, names in os.walk(Path(folder).absolute()):
        folders[:] = natsorted(folders, alg=ns.IGNORECASE)
        for name in natsorted(names, alg=ns.IGNORECASE):
            path = Path(root, name)
            if path.suffix.lower() not in MEDIA_SUFFIXES:
                continue
            try:
                yield path, path.stat().st_size
            except OSError:
                continue
