"""What a run found, one file per video, extractor and version.

    results/<extractor>@<version>/<first 2 digits>/<video id>.json           the figures
    results/<extractor>@<version>/<first 2 digits>/<video id>.failed.json    why there are none

The name of a file is what it is about, so a result cannot be there twice, whoever writes it and however often: two runs
that do the same video write the same file with the same content, in one step each. A failure has a name of its own and
counts only while there is no result beside it, so neither can displace the other either. There is no index that a crash
could leave behind.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.corpus.place import Place
from core.errors import UserError

FOLDER = "results"
_FAILED, _DONE = ".failed.json", ".json"
_AT_ONCE = 1000


def video_id(address: str) -> str:
    """32 hex digits for an address as `core.corpus.place.normal` writes it: 128 bits of its BLAKE3."""
    from blake3 import blake3

    return blake3(os.fsencode(address)).hexdigest(16)


@dataclass(frozen=True, order=True)
class Key:
    """Whose figures: an extractor and its version. Ordered: the newest version of an extractor last."""

    extractor: str
    version: int

    def __str__(self) -> str:
        return f"{self.extractor}@{self.version}"

    @classmethod
    def parse(cls, text: str) -> Key | None:
        """The key of a folder's name; None where it is none."""
        name, _, version = text.rpartition("@")
        return cls(name, int(version)) if name and version.isdecimal() else None


@dataclass(frozen=True)
class Result:
    """The figures of one video by one extractor, or why there are none.

    Args:
        video: its address.
        content_key: of the file; empty where it could not be read.
        values: by column; an array (float32, one dimension) is kept in a file of its own beside the result, and read
            back as the name of that file.
        reason: sentences for a person; empty where there are values.
    """

    video: str
    content_key: str
    key: Key
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.reason)


class Results:
    """The results in an output folder. Any number of processes may write at once."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def save(self, result: Result, *, anew: bool = False, after_failure: bool = True) -> None:
        """Keep a result; a failure only where nothing better is known.

        Args:
            anew: what is known is of a file that was replaced since; a failure takes its place, too.
            after_failure: a failure may be there that is to go; False saves looking for it.

        Raises:
            EnvironmentProblem: it cannot be written; nothing half-written is left.
        """
        number = video_id(result.video)
        values = dict(result.values)
        for column, value in values.items():
            if isinstance(value, np.ndarray):
                values[column] = name = _name(result.key, number, f".{column}.npy")
                self.place.write(name, _npy(value), "result")
        content = {
            "video": result.video,
            "content_key": result.content_key,
            "extractor": result.key.extractor,
            "version": result.key.version,
            **({"reason": result.reason} if result.failed else {"values": values}),
        }
        data = json.dumps(_plain(content), allow_nan=False, separators=(",", ":")).encode()
        if not result.failed:
            self.place.write(_name(result.key, number, _DONE), data, "result")
            if after_failure:
                self.place.remove(_name(result.key, number, _FAILED))
        elif anew or not self.is_done(result.key, number):
            self.place.write(_name(result.key, number, _FAILED), data, "result")
            if anew:
                self.place.remove(_name(result.key, number, _DONE))

    def is_done(self, key: Key, number: str) -> bool:
        """Whether there are figures of this video (id)."""
        return self.place.exists(_name(key, number, _DONE))

    def known(self, key: Key) -> Known:
        """Which videos have a result or a failure, from the names of the files alone."""
        done, failed = {}, set()
        for name, written_s in self.place.files(f"{FOLDER}/{key}"):
            number, _, ending = name.rpartition("/")[2].partition(".")
            if ending == _DONE[1:]:
                done[number] = written_s
            elif ending == _FAILED[1:]:
                failed.add(number)
        return Known(done, failed - done.keys())

    def versions(self) -> list[Key]:
        """What there are results of, in order."""
        return sorted(key for name in self.place.folders(FOLDER) if (key := Key.parse(name)))

    def newest(self) -> list[Key]:
        """The newest version of each extractor."""
        return list({key.extractor: key for key in self.versions()}.values())

    def shards(self, key: Key) -> list[str]:
        """The parts that the results of a key lie in: each has 1/256 of the videos."""
        return self.place.folders(f"{FOLDER}/{key}")

    def shard(self, key: Key, shard: str) -> Iterator[Result]:
        """The results whose video id begins with these two digits, exactly one per video, in order of the id."""
        names = [name for name, _ in self.place.files(f"{FOLDER}/{key}/{shard}") if name.endswith(_DONE)]
        done = {name for name in names if not name.endswith(_FAILED)}
        wanted = sorted(name for name in names if name in done or name.removesuffix(_FAILED) + _DONE not in done)
        found = self.place.read_many(wanted)
        for name in wanted:
            if name in found:  # a failure goes when its result comes
                yield _result(name, found[name], key)

    def failures(self, key: Key, known: Known) -> Iterator[Result]:
        """The failures of a key."""
        numbers = sorted(known.failed)
        for start in range(0, len(numbers), _AT_ONCE):
            found = self.place.read_many([_name(key, number, _FAILED) for number in numbers[start : start + _AT_ONCE]])
            yield from (_result(name, data, key) for name, data in found.items())

    def all(self, keys: Iterable[Key] | None = None) -> Iterator[Result]:
        """The results of these keys, or of the newest version of every extractor; never more than a shard in memory."""
        for key in self.newest() if keys is None else keys:
            for shard in self.shards(key):
                yield from self.shard(key, shard)


@dataclass(frozen=True)
class Known:
    """What an output folder has of one extractor, by video id: when the result was written, and those that failed."""

    done: Mapping[str, float]
    failed: frozenset[str] | set[str]


def _name(key: Key, number: str, ending: str) -> str:
    return f"{FOLDER}/{key}/{number[:2]}/{number}{ending}"


def _result(name: str, data: bytes, key: Key) -> Result:
    """Raises UserError where somebody changed the file: it was written whole, or not at all."""
    try:
        row = json.loads(data)
        return Result(row["video"], row["content_key"], key, row.get("values", {}), row.get("reason", ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise UserError(
            f"{name} is no result", why, "Delete this file and run again: its video is done anew"
        ) from error


def _npy(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(values, np.float32), allow_pickle=False)
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    """As JSON knows it; what is no number becomes null."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
