"""Figures by media: replaced by what is loaded later, kept when two rows become one, added to an older history."""

from __future__ import annotations

from pathlib import Path

from core.db import ProcessedDB
from core.domain.features import FeatureColumn, MediaFigures
from core.storage.migrate import FOLDER
from tests.core.storage.test_trash import older_history

CUTS = FeatureColumn("cuts_count", "", "int", "number of cuts")
ANY = FeatureColumn("text_any", "", "bool", "whether there is text")


def test_later_figures_take_the_place_of_earlier_ones(db: ProcessedDB) -> None:
    one, two = db.media.register("b3-1", "/v/a.mp4"), db.media.register("b3-2", "/v/b.mp4")
    assert db.features.columns() == () and db.features.figures("cuts_count") == {}
    db.features.put_columns([CUTS, ANY])
    db.features.put_columns([ANY])
    assert db.features.columns() == (CUTS, ANY)
    db.features.put(
        [
            MediaFigures(one.id, "cuts", 1, {"cuts_count": 3}),
            MediaFigures(two.id, "cuts", 1, {}, "broken"),
            MediaFigures(two.id, "text", 1, {"text_any": False}),
        ]
    )
    db.features.put([MediaFigures(one.id, "cuts", 2, {"cuts_count": 4})])
    assert db.features.figures("cuts_count") == {one.id: 4}
    assert db.features.figures("text_any") == {two.id: False}
    assert [(row.extractor, row.version, row.reason) for row in db.features.of_media(two.id)] == [
        ("cuts", 1, "broken"),
        ("text", 1, ""),
    ]


def test_a_name_with_quotes_is_a_name(db: ProcessedDB) -> None:
    media = db.media.register("b3-1", "/v/a.mp4")
    odd = FeatureColumn("scan-it's_best", "", "float", "")
    db.features.put_columns([odd])
    db.features.put([MediaFigures(media.id, "scan-it's", 1, {odd.name: 0.5})])
    assert db.features.figures(odd.name) == {media.id: 0.5}


def test_two_rows_of_one_file_keep_both_their_figures(db: ProcessedDB) -> None:
    placeholder, media = db.media.placeholder_for_path("/v/a.mp4"), db.media.register("b3-1", "/v/b.mp4")
    db.features.put_columns([CUTS, ANY])
    db.features.put([MediaFigures(placeholder.id, "cuts", 1, {"cuts_count": 1})])
    db.features.put([MediaFigures(media.id, "cuts", 1, {"cuts_count": 2})])
    db.features.put([MediaFigures(placeholder.id, "text", 1, {"text_any": True})])
    assert db.media.register("b3-1", "/v/a.mp4").id == media.id
    assert db.features.figures("cuts_count") == {media.id: 2}
    assert db.features.figures("text_any") == {media.id: True}


def test_a_history_from_before_figures_is_brought_up_to_date(tmp_path: Path) -> None:
    [step] = FOLDER.glob("*_features.sql")
    old = older_history(tmp_path / "history.db", int(step.name[:4]) - 1)
    with old.write() as connection:
        connection.execute("INSERT INTO media VALUES (5, 'b3-x', '/videos/x.mp4', '2026')")
    old.close()
    with ProcessedDB(tmp_path / "history.db") as db:
        db.features.put_columns([CUTS])
        db.features.put([MediaFigures(5, "cuts", 1, {"cuts_count": 7})])
        assert db.features.figures("cuts_count") == {5: 7}
        assert db.media.get(5).path == "/videos/x.mp4"
