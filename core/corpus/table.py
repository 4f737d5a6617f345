"""The results of an output folder as one table: exactly one row for each video and extractor."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from core.corpus.extractor import Column
from core.corpus.place import Place, explained, file_system, is_remote, normal
from core.corpus.results import Key, Result, Results
from core.media.cache_file import written_beside

if TYPE_CHECKING:
    import pyarrow

Columns = Mapping[Key, Sequence[Column] | None]
"""What the columns of each extractor are; None where nobody knows any more: its figures become one column of JSON."""

FIXED = ("video", "content_key", "extractor", "version", "state", "reason")


def write_csv(results: Results, columns: Columns, target: str) -> int:
    """Write all results as CSV; returns the number of rows.

    An array is the name of its file in the output folder, lists are JSON, and what there is no value for is empty.

    Raises:
        EnvironmentProblem: the file cannot be written; nothing half-written is left.
    """
    names = [*FIXED, *(name for name, _, _ in _layout(columns))]
    rows = 0
    with _whole(target) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.DictWriter(text, names, restval="")
        writer.writeheader()
        for result in _rows(results, columns):
            writer.writerow({name: _cell(value) for name, value in _record(result, columns).items()})
            rows += 1
        text.detach()
    return rows


def write_parquet(results: Results, columns: Columns, target: str) -> int:
    """Write all results as Parquet, arrays as lists of float32; returns the number of rows. Units are in the schema.

    Raises:
        EnvironmentProblem: the file cannot be written; nothing half-written is left.
    """
    import pyarrow
    from pyarrow import parquet

    schema = _schema(columns)
    arrays = {name for name, _, column in _layout(columns) if column is not None and column.type == "array"}
    rows = 0
    with _whole(target) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for key in columns:
            for shard in results.shards(key):
                records = [_record(result, columns) for result in results.shard(key, shard)]
                if not records:
                    continue
                _load_arrays(results.place, records, arrays)
                writer.write_table(pyarrow.Table.from_pylist(records, schema))
                rows += len(records)
    return rows


def _rows(results: Results, columns: Columns) -> Iterator[Result]:
    return results.all(list(columns))


def _layout(columns: Columns) -> list[tuple[str, Key, Column | None]]:
    """(name in the table, whose, which) of the columns beyond the fixed ones."""
    return [
        (f"{key.extractor}_{column.name if column else 'values'}", key, column)
        for key, known in columns.items()
        for column in (known if known is not None else (None,))
    ]


def _record(result: Result, columns: Columns) -> dict[str, Any]:
    """A row; only the columns of its own extractor."""
    key, known = result.key, columns[result.key]
    record: dict[str, Any] = {
        "video": _text(result.video),
        "content_key": result.content_key,
        "extractor": key.extractor,
        "version": key.version,
        "state": "failed" if result.failed else "done",
        "reason": _text(result.reason),
    }
    if result.failed:
        return record
    if known is None:
        return {**record, f"{key.extractor}_values": json.dumps(result.values)}
    for column in known:
        record[f"{key.extractor}_{column.name}"] = _CONVERT[column.type](result.values.get(column.name))
    return record


def _or_none(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else convert(value)


def _text(value: Any) -> str:
    # A file name may hold bytes that are no text.
    return str(value).encode("utf-8", "backslashreplace").decode()


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "int": _or_none(int),
    "float": _or_none(float),
    "bool": _or_none(bool),
    "str": _or_none(_text),
    "json": _or_none(json.dumps),
    "array": _or_none(str),
}


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return "" if value is None else value


def _schema(columns: Columns) -> pyarrow.Schema:
    import pyarrow

    types = {
        "int": pyarrow.int64(),
        "float": pyarrow.float64(),
        "bool": pyarrow.bool_(),
        "array": pyarrow.list_(pyarrow.float32()),
    }
    fixed = [pyarrow.field(name, pyarrow.int64() if name == "version" else pyarrow.string()) for name in FIXED]
    own = [
        pyarrow.field(
            name,
            types.get(column.type, pyarrow.string()) if column else pyarrow.string(),
            metadata={"unit": column.unit, "about": column.about} if column else None,
        )
        for name, _, column in _layout(columns)
    ]
    return pyarrow.schema([*fixed, *own])


def _load_arrays(place: Place, records: Sequence[dict[str, Any]], arrays: set[str]) -> None:
    """Put arrays in the place of their names."""
    wanted = [(record, name) for record in records for name in arrays & record.keys() if record[name] is not None]
    found = place.read_many([record[name] for record, name in wanted])
    for record, name in wanted:
        data = found.get(record[name])
        record[name] = None if data is None else np.load(io.BytesIO(data), allow_pickle=False)


@contextmanager
def _whole(target: str) -> Iterator[IO[bytes]]:
    """A file that is at `target`, a path or URL, only once it is whole."""
    target = normal(target)
    if not is_remote(target):
        with written_beside(Path(target), "table") as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        yield file
        file.seek(0)
        with explained(target, "written"), file_system(target).open(target, "wb") as there:
            shutil.copyfileobj(file, there)
