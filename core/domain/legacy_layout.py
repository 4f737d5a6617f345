"""Where the oldest exports lie and where they belong: `clip_NNN/clip_NNN_S.mp4` moves to `vid_NNN/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from core.domain.clip import media_folder_name

_SLASH = re.compile(r"[\\/]")
_GROUP = re.compile(r"^clip_\d+$")

Owner = tuple[int, int]
"""(profile id, media id): whose clips a folder holds."""


@dataclass(frozen=True)
class LegacyClip:
    """An exported file, its owner, and the media's number in the profile (None for none yet)."""

    path: str
    owner: Owner
    media_number: int | None


@dataclass(frozen=True)
class LegacyMove:
    """One file (or folder of pictures) to move; `number` is the NNN of the new folder."""

    source: str
    target: str
    owner: Owner
    number: int


@dataclass(frozen=True)
class LegacyPlan:
    """What a move would do: shown first, then applied. `staying` are (path, why) of those that stay where they are."""

    moves: tuple[LegacyMove, ...] = field(default_factory=tuple)
    staying: tuple[tuple[str, str], ...] = field(default_factory=tuple)

    @property
    def text(self) -> str:
        """One sentence for the person."""
        folders = len({tuple(_SLASH.split(move.target)[:-1]) for move in self.moves})
        stay = f", {len(self.staying)} stay where they are" if self.staying else ""
        return f"{len(self.moves)} files move to {folders} folders{stay}"


def is_legacy_path(path: str) -> bool:
    """Whether a clip lies in a group folder of its batch: `…/clip_012/clip_012_0.mp4`."""
    parts = _SLASH.split(path)
    if len(parts) < 3 or not _GROUP.match(parts[-2]):
        return False
    return re.match(rf"{parts[-2]}(_\d+)?(\.|$)", parts[-1]) is not None


class LegacyPlanner:
    """Plans the moves; pure but for the two questions it asks.

    Args:
        last_numbers: the highest media number used so far, per profile id.
        exists: whether something lies at a path.
        folder_owners: whose clips a `vid_NNN` folder holds; empty when it may be used freely. A folder on disk that
            the history does not know belongs to somebody else, say (0, 0).
    """

    def __init__(
        self,
        last_numbers: dict[int, int],
        exists: Callable[[str], bool],
        folder_owners: Callable[[str], set[Owner]],
    ) -> None:
        self._last = dict(last_numbers)
        self._exists = exists
        self._folder_owners = folder_owners
        self._numbers: dict[tuple[Owner, str], int] = {}
        self._given: dict[Owner, int] = {}
        self._claimed: dict[str, Owner] = {}

    def plan(self, clips: Iterable[LegacyClip]) -> LegacyPlan:
        """Plan for clips in the order they were made; those that lie elsewhere are ignored.

        All clips of one owner in one export folder go to one `vid_NNN`: the media's own number where that folder is
        free or theirs, else a number nobody has.
        """
        moves: dict[str, LegacyMove] = {}
        staying: dict[str, str] = {}
        targets: set[str] = set()
        for clip in clips:
            if not is_legacy_path(clip.path) or clip.path in moves or clip.path in staying:
                continue
            if not self._exists(clip.path):
                staying[clip.path] = "the file is missing"
                continue
            separator = "\\" if "\\" in clip.path and "/" not in clip.path else "/"
            folder, _group, name = clip.path.rsplit(separator, 2)
            number = self._number(clip, folder + separator)
            target = separator.join((folder, media_folder_name(number), name))
            if target in targets or self._exists(target):
                staying[clip.path] = f"{target} is taken"
                continue
            targets.add(target)
            moves[clip.path] = LegacyMove(clip.path, target, clip.owner, number)
        return LegacyPlan(tuple(moves.values()), tuple(staying.items()))

    def _number(self, clip: LegacyClip, folder: str) -> int:
        key = (clip.owner, folder)
        if key not in self._numbers:
            number = next(
                candidate for candidate in self._candidates(clip) if self._free(folder, candidate, clip.owner)
            )
            self._numbers[key] = number
            self._given.setdefault(clip.owner, number)
            self._claimed[folder + media_folder_name(number)] = clip.owner
            self._last[clip.owner[0]] = max(self._last.get(clip.owner[0], 0), number)
        return self._numbers[key]

    def _candidates(self, clip: LegacyClip) -> Iterator[int]:
        own = clip.media_number or self._given.get(clip.owner)
        if own:
            yield own
        yield from count(self._last.get(clip.owner[0], 0) + 1)

    def _free(self, folder: str, number: int, owner: Owner) -> bool:
        path = folder + media_folder_name(number)
        return self._claimed.get(path, owner) == owner and self._folder_owners(path) <= {owner}
