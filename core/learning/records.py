"""Frozen dataclasses to plain arrays and JSON, and back. Nothing that is read can name code that is not listed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

_ARRAY, _RECORD = "$array", "$record"


def pack(value: Any) -> tuple[Any, dict[str, np.ndarray]]:
    """(JSON-able tree, arrays by name) of dataclasses, tuples, dicts, arrays and plain values, nested at will."""
    arrays: dict[str, np.ndarray] = {}
    return _pack(value, "m", arrays), arrays


def _pack(value: Any, path: str, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        arrays[path] = np.ascontiguousarray(value)
        return {_ARRAY: path}
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        packed = {name: _pack(item, f"{path}.{name}", arrays) for name, item in fields.items()}
        return {_RECORD: type(value).__name__, **packed}
    if isinstance(value, dict):
        return {str(name): _pack(item, f"{path}.{name}", arrays) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_pack(item, f"{path}.{number}", arrays) for number, item in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


def unpack(tree: Any, arrays: Mapping[str, np.ndarray], classes: Mapping[str, type]) -> Any:
    """The inverse of `pack`; lists come back as tuples.

    Args:
        classes: the dataclasses that may be built, by name.

    Raises:
        ValueError: the tree names an unknown class, field or array.
    """
    if isinstance(tree, list):
        return tuple(unpack(item, arrays, classes) for item in tree)
    if not isinstance(tree, dict):
        return tree
    if _ARRAY in tree:
        if tree[_ARRAY] not in arrays:
            raise ValueError(f"there is no array {tree[_ARRAY]!r}")
        return arrays[tree[_ARRAY]]
    fields = {name: unpack(item, arrays, classes) for name, item in tree.items() if name != _RECORD}
    if _RECORD not in tree:
        return fields
    record = classes.get(tree[_RECORD])
    if record is None:
        raise ValueError(f"a {tree[_RECORD]!r} is nothing a model is made of")
    try:
        return record(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from error
