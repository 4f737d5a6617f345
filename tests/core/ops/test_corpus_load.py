"""Results of a corpus run come into the history by the content of the videos."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.changes import Kind
from core.corpus.extractor import extractor
from core.corpus.place import Place
from core.corpus.results import Key, Result, Results
from core.db import ProcessedDB
from core.errors import UserError
from core.media.identity import content_key
from core.ops.corpus_load import load

CUTS = extractor("cuts")
KEY = Key("cuts", CUTS.version)


def values(number: int) -> dict:
    """A row as the extractor gives it: numbers where there are numbers."""
    kinds = {"int": number, "float": number + 0.5, "bool": True, "str": "x", "json": [1, 2], "array": np.zeros(3)}
    return {column.name: kinds[column.type] for column in CUTS.columns}


def test_figures_find_their_media_wherever_the_file_is_now(db: ProcessedDB, tmp_path: Path, media) -> None:
    film = tmp_path / "film.mp4"
    shutil.copy(media("tiny"), film)
    key = content_key(film)
    known = db.media.register(key, str(film))
    results = Results(Place.of(tmp_path / "out"))
    results.save(Result("/cluster/where/it/was.mp4", key, KEY, values(3)))
    results.save(Result("/videos/new.mp4", "b3-2", KEY, reason="broken"))
    results.save(Result("s3://films/far.mp4", "b3-3", KEY, values(4)))
    results.save(Result("/videos/unreadable.mp4", "", KEY, reason="gone"))
    results.save(Result("/videos/old.mp4", "b3-4", Key("cuts", KEY.version - 1), values(9)))
    loaded, changes = load(db, str(tmp_path / "out"))
    assert changes.touches(Kind.FEATURES)
    assert (loaded.media, loaded.results, loaded.unknown) == (2, 2, 2)
    numbers = [column for column in CUTS.columns if column.type in ("int", "float")]
    assert set(loaded.columns) == {f"cuts_{column.name}" for column in numbers}
    for column in numbers:
        assert db.features.figures(f"cuts_{column.name}") == {known.id: values(3)[column.name]}
    new = db.media.by_key("b3-2")
    assert [row.reason for row in db.features.of_media(new.id)] == ["broken"]
    assert load(db, str(tmp_path / "out"))[0] == loaded


def test_a_folder_without_results_is_said(db: ProcessedDB, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no results"):
        load(db, str(tmp_path))


def test_figures_of_a_file_that_was_replaced_never_take_the_place_of_the_new_one(
    db: ProcessedDB, tmp_path: Path, media
) -> None:
    film = tmp_path / "film.mp4"
    shutil.copy(media("tiny"), film)
    old = content_key(film)
    results = Results(Place.of(tmp_path / "out"))
    results.save(Result(str(film), old, KEY, values(3)))
    shutil.copy(media("tiny", seconds=2, width=128), film)
    new = db.media.register(content_key(film), str(film))
    loaded, _ = load(db, str(tmp_path / "out"))
    assert (loaded.media, loaded.unknown) == (0, 1)
    assert db.media.by_path(str(film)) == new
    assert db.media.by_key(old) is None
    shutil.copy(media("tiny"), film)
    assert load(db, str(tmp_path / "out"))[0].media == 1
    assert db.media.by_key(old).path == str(film)


def test_a_name_that_is_no_text_stops_nothing(db: ProcessedDB, tmp_path: Path) -> None:
    results = Results(Place.of(tmp_path / "out"))
    known = db.media.register("b3-1", "/v/renamed.mp4")
    for number, name in ((1, "/v/known \udcff.mp4"), (2, "/v/new \udcff.mp4"), (3, "/v/fine.mp4")):
        results.save(Result(name, f"b3-{number}", KEY, reason=f"{name} is broken"))
    loaded, _ = load(db, str(tmp_path / "out"))
    assert (loaded.media, loaded.unknown) == (2, 1)
    assert [row.reason for row in db.features.of_media(known.id)] == ["/v/known \\udcff.mp4 is broken"]
