"""One trained detector as one file: arrays and JSON in the safetensors layout, with a SHA-256 over both inside.

Reading it runs nothing. A file is written beside its place, synced and renamed: whoever reads sees the old one or the
new one, never a part of one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import EnvironmentProblem, NewerDataError, UserError
from core.learning.records import pack, unpack
from core.learning.trained import RECORDS, Trained

SUFFIX = ".safetensors"
_FORMAT = 1
_BODY, _HASH = "8cut", "sha256"
_LONGEST_HEADER = 100_000_000
_PICKLES = {".joblib", ".pkl", ".pickle", ".skops", ".pt", ".pth"}
_AGAIN = "Train the model again, or restore an earlier version of it"


def write(path: Path, trained: Trained) -> None:
    """Write or replace the file in one step.

    Raises:
        EnvironmentProblem: the disk is full or the folder cannot be written to; an older file is as it was.
    """
    write_record(path, trained)


def write_record(path: Path, record: Any) -> None:
    """`write` for any dataclass that `core.learning.records` can pack.

    Raises:
        EnvironmentProblem: as `write`.
    """
    from safetensors.numpy import save

    tree, arrays = pack(record)
    body = json.dumps({"format": _FORMAT, "trained": tree}, sort_keys=True, allow_nan=False)
    replace_file(path, save(arrays, metadata={_BODY: body, _HASH: _digest(body, arrays)}))


def read(path: Path) -> Trained | None:
    """The detector in a file that has been checked, or None where there is no file.

    Raises:
        UserError: it is no such file, or was changed after it was written; says which.
        NewerDataError: a newer 8-cut wrote it.
        EnvironmentProblem: it cannot be read.
    """
    found = read_record(path, RECORDS)
    if found is None:
        return None
    if not isinstance(found, Trained):
        raise _refused(path, "It holds no trained model", _AGAIN)
    return dataclasses.replace(found, meta=_plain(found.meta), report=_plain(found.report))


def read_record(path: Path, records: Mapping[str, type]) -> Any | None:
    """What `write_record` wrote, checked; None where there is no file.

    Args:
        records: the dataclasses that the file may be made of, by name.

    Raises:
        UserError, NewerDataError, EnvironmentProblem: as `read`.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    content = _content(path)
    if content is None:
        return None
    body, digest = _card(path, content)
    try:
        arrays = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _refused(path, "It is damaged", _AGAIN) from error
    if _digest(body, arrays) != digest:
        raise _refused(path, "It was changed after it was written, or damaged: its SHA-256 does not agree", _AGAIN)
    try:
        return unpack(json.loads(body)["trained"], arrays, records)
    except (ValueError, KeyError) as error:
        raise _refused(path, f"It holds something unknown ({error})", _AGAIN) from error


def read_card(path: Path) -> dict[str, Any] | None:
    """`{"meta": …, "report": …}` of a file without its arrays, for lists; None where there is no file. Not verified.

    Raises:
        UserError, NewerDataError, EnvironmentProblem: as `read`.
    """
    content = _content(path, header_only=True)
    if content is None:
        return None
    tree = json.loads(_card(path, content)[0]).get("trained", {})
    return {"meta": tree.get("meta", {}), "report": tree.get("report", {})}


def replace_file(path: Path, content: bytes) -> None:
    """Put content in place of a file, in one step.

    Raises:
        EnvironmentProblem: it cannot be written; an older file is as it was.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise EnvironmentProblem(
            f"Cannot save {path.name}",
            error.strerror or str(error),
            f"Make room on the disk of {path.parent}, or make that folder writable",
        ) from error


def _content(path: Path, header_only: bool = False) -> bytes | None:
    if path.suffix.lower() in _PICKLES and path.exists():
        raise _refused(
            path,
            "Files of this kind can run programs when they are opened",
            "Train the model again: the clips it was made from are still in the history",
        )
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
                raise _refused(path, "It is a Python pickle, which can run programs when it is opened", _AGAIN)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= _LONGEST_HEADER:
                raise _refused(path, "It is not a file that 8-cut wrote", "Choose a model file of 8-cut")
            return start + (file.read(length) if header_only else file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnvironmentProblem(
            f"Cannot read {path.name}", error.strerror or str(error), "Check the file's permissions"
        ) from error


def _card(path: Path, content: bytes) -> tuple[str, str]:
    """(the JSON, its SHA-256) out of the header."""
    length = struct.unpack("<Q", content[:8])[0]
    try:
        metadata = json.loads(content[8 : 8 + length])["__metadata__"]
        body, digest = metadata[_BODY], metadata[_HASH]
        version = json.loads(body)["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise _refused(path, "It is not a file that 8-cut wrote", "Choose a model file of 8-cut") from error
    if version > _FORMAT:
        raise NewerDataError(f"The model {path.stem} is from a newer 8-cut", "", "Update 8-cut to use it")
    return body, digest


def _digest(body: str, arrays: Mapping[str, np.ndarray]) -> str:
    found = hashlib.sha256(body.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        found.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def _refused(path: Path, why: str, fix: str) -> UserError:
    return UserError(f"The model file {path.name} is refused", why, fix)


def _plain(value: Any) -> Any:
    """Lists instead of the tuples that `unpack` makes: meta and report are JSON."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
