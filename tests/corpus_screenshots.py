"""The pictures of corpus runs in the window, for `tests.screenshots`: columns of figures and the dialog of them."""

from __future__ import annotations

from pathlib import Path

from core.changes import Changes, Kind
from core.corpus.extractor import EXTRACTORS, extractor
from core.domain.features import KINDS, FeatureColumn, MediaFigures
from tests.screenshot_stage import Camera, open_first, program, wait
from ui import settings as keys


def shoot_figures(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """Without any, then with all columns there can be and three of them shown."""
    with program(folder / "figures") as app:
        open_first(app, footage)
        dialog = app.library.figures.choose()
        wait()
        camera.take("columns-none", dialog)
        dialog.reject()
        app.db.features.put_columns(
            [
                FeatureColumn(f"{name}_{column.name}", column.unit, column.type, column.about)
                for name in EXTRACTORS
                for column in extractor(name).columns
                if column.type in KINDS
            ]
        )
        media = app.db.lists.entries("default")
        app.db.features.put(
            MediaFigures(one.id, "cuts", 1, {"cuts_count": 7 * place, "cuts_per_s": 0.12 * place})
            for place, one in enumerate(media)
        )
        app.settings.set(keys.LIST_COLUMNS, ["cuts_count", "cuts_per_s"])
        app.bridge.session.publish(Changes.of(Kind.FEATURES))
        wait(600)
        camera.take("columns", app.window)
        dialog = app.library.figures.choose()
        wait()
        camera.take("columns-choose", dialog)
        dialog.reject()
