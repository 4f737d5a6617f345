"""Results of a corpus run in the window: loaded from the menu, shown in columns, sorted and filtered by."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog

from core.corpus.extractor import extractor
from core.corpus.place import Place
from core.corpus.results import Key, Result, Results
from core.media.identity import content_key
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.action_table import Act
from ui.dialogs.columns import ColumnsDialog
from ui.main_window.media_list_model import Role
from ui.widgets.toast import ToastCard

Start = Callable[..., Driver]
COUNT, PER_S = "cuts_count", "cuts_per_s"
FILMS = {"a.mp4": 12, "b.mp4": 3, "c.mp4": 7, "d.mp4": None}


@pytest.fixture
def films(media: MediaShelf, tmp_path: Path) -> list[Path]:
    """Four films of different content."""
    made = []
    for number, name in enumerate(FILMS):
        path = tmp_path / "films" / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(media("tiny"), path)
        with path.open("ab") as file:
            file.write(bytes(number))
        made.append(path)
    return made


@pytest.fixture
def out(films: list[Path], tmp_path: Path) -> Path:
    """The output folder of a run over all films; the last one could not be looked at."""
    cuts = extractor("cuts")
    results = Results(Place.of(tmp_path / "out"))
    for path, number in zip(films, FILMS.values(), strict=True):
        key, about = Key("cuts", cuts.version), (str(path), content_key(path))
        if number is None:
            results.save(Result(*about, key, reason="It holds no picture."))
            continue
        kinds = {"int": number, "float": number / 10, "json": [], "bool": True, "str": "x"}
        results.save(Result(*about, key, {column.name: kinds[column.type] for column in cuts.columns}))
    return tmp_path / "out"


def shown(app: Driver) -> list[str]:
    model = app.window.media_panel._view.model()
    return [model.index(row).data() for row in range(model.rowCount())]


def cells(app: Driver, column: str) -> list[str]:
    place = app.window.media_model.figures.names.index(column)
    model = app.window.media_panel._view.model()
    return [model.index(row).data(Role.FIGURES)[place] for row in range(model.rowCount())]


def click_head(app: Driver, section: int) -> None:
    header = app.window.media_panel.header
    middle = header.sectionViewportPosition(section) + header.sectionSize(section) // 2
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, header.height() // 2))


def load(app: Driver, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    app.window.actions_table[Act.LOAD_CORPUS].trigger()
    app.until(lambda: bool(app.window.media_model.figures.columns))
    app.until_idle()


def test_columns_come_sort_and_filter_and_stay(
    start: Start, films: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(*films)
    app.until_open("a.mp4")
    header = app.window.media_panel.header
    assert not header.isVisible()
    load(app, out, monkeypatch)
    assert header.isVisible() and app.window.media_model.figures.names[0] == COUNT
    assert cells(app, COUNT) == ["12", "3", "7", ""]
    # Sorted up, down, and back to the list's own order, in which a film without figures is not first.
    for expected in (["b.mp4", "c.mp4", "a.mp4", "d.mp4"], ["a.mp4", "c.mp4", "b.mp4", "d.mp4"], list(FILMS)):
        click_head(app, 1)
        assert shown(app) == expected
    app.window.media_panel.focus_filter()
    QTest.keyClicks(app.window.media_panel._search, f"{COUNT}>5")
    assert shown(app) == ["a.mp4", "c.mp4"]
    QTest.keyClicks(app.window.media_panel._search, " c.")
    assert shown(app) == ["c.mp4"]
    app.window.media_panel._search.clear()
    header.filter_requested.emit(f"{PER_S}<")
    QTest.keyClicks(app.window.media_panel._search, "0.5")
    assert shown(app) == ["b.mp4"]
    QTest.keyClicks(app.window.media_panel._search, " nothing")
    assert shown(app) == []
    app.window.media_panel._search.clear()
    click_head(app, 1)
    header.resizeSection(1, 120)
    app.close()
    again = start(data=app.paths.root)
    again.until(lambda: again.window.media_model.figures.names == (COUNT, *app.window.media_model.figures.names[1:]))
    again.until(lambda: shown(again) == ["b.mp4", "c.mp4", "a.mp4", "d.mp4"])
    assert again.window.media_panel.header.sectionSize(1) == 120


def test_columns_are_chosen_and_put_in_order(
    start: Start, films: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(*films)
    app.until_open("a.mp4")
    app.window.actions_table[Act.LIST_COLUMNS].trigger()
    [empty] = app.window.findChildren(ColumnsDialog)
    assert not empty.chosen and empty.list.count() == 0
    empty.reject()
    load(app, out, monkeypatch)
    dialog = app.program.library.figures.choose()
    dialog.search.setText("scene")
    hidden = [dialog.list.item(row).isHidden() for row in range(dialog.list.count())]
    assert any(hidden) and not all(hidden)
    dialog.search.clear()
    for row in range(dialog.list.count()):
        item = dialog.list.item(row)
        item.setCheckState(Qt.CheckState.Checked if row in (1, 4) else Qt.CheckState.Unchecked)
    wanted = dialog.chosen
    dialog.accept()
    app.until(lambda: list(app.window.media_model.figures.names) == wanted)
    assert app.program.settings.get(keys.LIST_COLUMNS) == wanted and len(wanted) == 2
    dialog = app.program.library.figures.choose()
    assert dialog.chosen == wanted
    for row in range(dialog.list.count()):
        dialog.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    dialog.accept()
    app.until(lambda: not app.window.media_panel.header.isVisible())


def test_what_is_loaded_for_files_elsewhere_is_offered_for_the_list(
    start: Start, films: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(films[0])
    app.until_open("a.mp4")
    load(app, out, monkeypatch)
    app.until(lambda: any("3 of them are not in this list" in text for text in app.messages()))
    [card] = [card for card in app.window.findChildren(ToastCard) if "not in this list" in card.message.text()]
    QTest.mouseClick(card.action_button, Qt.MouseButton.LeftButton)
    app.until(lambda: sorted(shown(app)) == list(FILMS))
    app.until(lambda: sorted(cells(app, COUNT)) == ["", "12", "3", "7"])


def test_a_folder_without_results_is_said(
    start: Start, films: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(films[0])
    app.until_open("a.mp4")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    app.window.actions_table[Act.LOAD_CORPUS].trigger()
    app.until(lambda: any("There are no results" in text for text in app.messages()))
