"""Change a profile's lists: tabs, rows, order, and the marks of their media."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media_list import Entry, EntryKey, MediaList, Separator
from core.errors import UserError

LISTS = Changes.of(Kind.LISTS)


@dataclass(frozen=True)
class ListView:
    """What the window shows of a profile's lists: its tabs, which is open, which is pinned, and their rows."""

    tabs: tuple[MediaList, ...]
    shown: int | None
    pinned: int | None
    rows: Mapping[int, tuple[Entry, ...]]
    counts: Mapping[int, int] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    disabled: frozenset[int] = frozenset()


def view(db: ProcessedDB, profile: str) -> ListView:
    """Read everything about the lists of a profile that shows; a profile without a list gets one."""
    if not db.read_only:
        db.list_tabs.ensure(profile)
    shown, pinned = db.list_tabs.shown(profile), db.list_tabs.pinned(profile)
    wanted = {list_id for list_id in (shown, pinned) if list_id is not None}
    return ListView(
        tuple(db.list_tabs.tabs(profile)),
        shown,
        pinned,
        {list_id: tuple(db.lists.rows(list_id)) for list_id in wanted},
        db.clips.counts(profile),
        frozenset(db.media.hidden(profile)),
        frozenset(db.media.disabled(profile)),
    )


# -- tabs -------------------------------------------------------------------------------------------------------------


def show(db: ProcessedDB, profile: str, list_id: int) -> Changes:
    """Make this the open list."""
    db.list_tabs.show(profile, list_id)
    return LISTS


def pin(db: ProcessedDB, profile: str, list_id: int | None) -> Changes:
    """Let a list stand beside the open one, or none."""
    db.list_tabs.pin(profile, list_id)
    return LISTS


def create(db: ProcessedDB, profile: str, name: str) -> MediaList:
    """A new list; `close` takes it back."""
    return db.list_tabs.create(profile, name)


def duplicate(db: ProcessedDB, list_id: int) -> MediaList:
    """A copy of a list; `close` takes it back."""
    return db.list_tabs.duplicate(list_id, db.list_tabs.get(list_id).name)


def close(db: ProcessedDB, profile: str, list_id: int) -> Changes:
    """Take a list away; nothing happens to its media.

    Raises:
        UserError: it is the only one.
    """
    if [tab.id for tab in db.list_tabs.tabs(profile)] == [list_id]:
        raise UserError("The last list stays", "A profile has at least one", "Make another one first")
    db.list_tabs.delete(list_id)
    return LISTS


def reopen(db: ProcessedDB, list_id: int) -> Changes:
    """Undo `close`."""
    db.list_tabs.restore(list_id)
    return LISTS


def rename(db: ProcessedDB, list_id: int, name: str) -> Changes:
    """Raises UserError for an empty name."""
    db.list_tabs.rename(list_id, name)
    return LISTS


def set_folder(db: ProcessedDB, list_id: int, folder: str) -> Changes:
    """Where the clips of this list's media go."""
    db.list_tabs.set_folder(list_id, folder)
    return LISTS


def set_tab_order(db: ProcessedDB, list_ids: Sequence[int]) -> Changes:
    """Put the tabs in this order."""
    db.list_tabs.set_order(list_ids)
    return LISTS


# -- rows -------------------------------------------------------------------------------------------------------------


def move_rows(db: ProcessedDB, list_id: int, keys: Sequence[EntryKey], index: int) -> dict[EntryKey, int]:
    """Put rows before what stands at `index`; returns what `set_places` needs to undo it, empty when nothing moved."""
    return db.lists.move_rows(list_id, keys, index)


def set_places(db: ProcessedDB, list_id: int, places: Mapping[EntryKey, int]) -> Changes:
    """Put rows back where `move_rows` found them."""
    db.lists.set_places(list_id, places)
    return LISTS


def add_separator(db: ProcessedDB, list_id: int, text: str, index: int) -> Separator:
    """A line before what stands at `index`; `take_out` takes it back."""
    return db.lists.add_separator(list_id, text, index)


def rename_separator(db: ProcessedDB, separator_id: int, text: str) -> Changes:
    """Another heading, or none."""
    db.lists.set_separator_text(separator_id, text.strip())
    return LISTS


def add_media(db: ProcessedDB, list_id: int, media_ids: Sequence[int], index: int | None = None) -> list[EntryKey]:
    """Put media of the history in a list, before what stands at `index`; returns the rows that are new there."""
    with db.write():
        new: list[EntryKey] = [("media", media_id) for media_id in db.lists.add_many(list_id, media_ids)]
        if index is not None:
            db.lists.move_rows(list_id, new, index)
        return new


def take_out(db: ProcessedDB, list_id: int, keys: Iterable[EntryKey]) -> Changes:
    """Take rows off a list; files, clips and history stay."""
    db.lists.take_out(list_id, keys)
    return LISTS


def places_of(db: ProcessedDB, list_id: int, keys: Iterable[EntryKey]) -> dict[EntryKey, int]:
    """Where these rows of a list stand, for `put_back`."""
    places = db.lists.places(list_id)
    return {key: places[key] for key in keys if key in places}


def put_back(db: ProcessedDB, list_id: int, keys: Iterable[EntryKey] | Mapping[EntryKey, int]) -> Changes:
    """Undo `take_out`: with their places, every row where it stood."""
    db.lists.put_back(list_id, keys)
    return LISTS


def set_hidden(db: ProcessedDB, profile: str, media_ids: Iterable[int], hidden: bool) -> Changes:
    """Hide media in the profile's lists, or show them again."""
    with db.write():
        profile_id = db.profiles.ensure(profile)
        for media_id in media_ids:
            db.media.set_hidden(profile_id, media_id, hidden)
    return LISTS


def set_disabled(db: ProcessedDB, profile: str, media_ids: Iterable[int], disabled: bool) -> Changes:
    """Keep media out of the profile's training, or let them in again."""
    with db.write():
        profile_id = db.profiles.ensure(profile)
        for media_id in media_ids:
            db.media.set_disabled(profile_id, media_id, disabled)
    return LISTS | Changes.of(Kind.CLIPS)
