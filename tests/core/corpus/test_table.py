"""Tables of results: exactly one row per video and extractor, whole or not there at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from core.corpus.extractor import Column
from core.corpus.place import Place
from core.corpus.results import Key, Result, Results
from core.corpus.table import FIXED, write_csv, write_parquet
from core.errors import EnvironmentProblem, UserError

CUTS, TEXT, LOST = Key("cuts", 3), Key("text", 1), Key("gone", 7)
COLUMNS = {
    CUTS: (
        Column("count", "", "int", "number of cuts"),
        Column("per_s", "1/s", "float", "cuts in each second"),
        Column("stamps_s", "s", "json", "when"),
        Column("mean", "", "array", "a vector"),
    ),
    TEXT: (Column("any", "", "bool", "whether there is text"), Column("said", "", "str", "what it says")),
    LOST: None,
}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    found = Results(Place.of(tmp_path / "out"))
    vector = np.array([0.5, 1.5], np.float32)
    cuts = {"count": 3, "per_s": 0.5, "stamps_s": [1.0, 2.5], "mean": vector}
    found.save(Result("/v/a.mp4", "b3-1", CUTS, cuts))
    found.save(
        Result("/v/b\udcff.mp4", "b3-2", CUTS, {"count": 2**40, "per_s": float("inf"), "stamps_s": [], "mean": None})
    )
    found.save(Result('/v/c, "quoted".mp4', "", CUTS, reason="It holds\ntext, not video."))
    found.save(Result("/v/a.mp4", "b3-1", TEXT, {"any": True, "said": "=1+1"}))
    found.save(Result("/v/b\udcff.mp4", "b3-2", TEXT, {"any": False}))
    found.save(Result("/v/a.mp4", "b3-1", LOST, {"x": [1]}))
    return found


def test_csv_has_one_row_each(results: Results, tmp_path: Path) -> None:
    target = tmp_path / "all.csv"
    assert write_csv(results, COLUMNS, str(target)) == 6
    with target.open(newline="", encoding="utf-8") as file:
        rows = {(row["video"], row["extractor"]): row for row in csv.DictReader(file)}
    assert len(rows) == 6
    row = rows["/v/a.mp4", "cuts"]
    assert list(row)[: len(FIXED)] == list(FIXED)
    assert (row["cuts_count"], row["cuts_per_s"], row["text_any"], row["state"]) == ("3", "0.5", "", "done")
    assert json.loads(row["cuts_stamps_s"]) == [1.0, 2.5]
    assert results.place.read(row["cuts_mean"]) is not None
    assert rows["/v/a.mp4", "text"]["text_any"] == "1" and rows["/v/a.mp4", "gone"]["gone_values"] == '{"x": [1]}'
    odd = rows["/v/b\\udcff.mp4", "cuts"]
    assert (odd["cuts_count"], odd["cuts_per_s"]) == (str(2**40), "")
    failed = rows['/v/c, "quoted".mp4', "cuts"]
    assert (failed["state"], failed["reason"], failed["cuts_count"]) == ("failed", "It holds\ntext, not video.", "")


def test_parquet_has_types_units_and_vectors(results: Results, tmp_path: Path) -> None:
    target = tmp_path / "all.parquet"
    assert write_parquet(results, COLUMNS, str(target)) == 6
    table = parquet.read_table(target)
    assert str(table.schema.field("cuts_mean").type) == "list<element: float>"
    assert table.schema.field("cuts_per_s").metadata == {b"unit": b"1/s", b"about": b"cuts in each second"}
    rows = {(row["video"], row["extractor"]): row for row in table.to_pylist()}
    assert len(rows) == 6
    assert rows["/v/a.mp4", "cuts"]["cuts_mean"] == [0.5, 1.5]
    assert rows["/v/b\\udcff.mp4", "cuts"]["cuts_count"] == 2**40
    assert rows["/v/a.mp4", "text"]["text_any"] is True and rows["/v/a.mp4", "text"]["cuts_count"] is None


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_a_table_that_cannot_be_finished_is_not_there(results: Results, tmp_path: Path, write) -> None:
    target = tmp_path / "tables" / "all"
    write(results, COLUMNS, str(target))
    before = target.read_bytes()
    [broken, *_] = sorted(path for path in (tmp_path / "out").rglob("*.json") if "text@1" in str(path))
    broken.write_text("{")
    with pytest.raises(UserError, match="is no result"):
        write(results, COLUMNS, str(target))
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["all"]
    with pytest.raises(EnvironmentProblem, match="cannot be saved"):
        write(results, {}, str(target / "below" / "a" / "file"))
