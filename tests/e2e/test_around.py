"""What is around the cutting: the empty window and its demo, names for screen readers, labels that come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from core.ops import demo_videos
from tests.e2e.desk import Desk
from tests.e2e.driver import Driver
from tests.e2e.test_every_button import is_qt_own
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.main_window.cache_page import CachePage

Start = Callable[..., Driver]


def test_an_empty_window_says_what_to_do_and_makes_a_demo(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_videos.make, "__defaults__", (65.0,))
    app = start()
    assert app.window.welcome.isVisible()
    assert app.window.welcome.title.text() == "Drop videos here"
    texts = [button.text() for button in app.window.welcome.findChildren(QPushButton)]
    assert texts == ["Open files…", "Open folder…", "Try the demo"]
    app.window.welcome.buttons[2].click()
    app.until(lambda: app.state.media is not None and app.window.media_model.rowCount() == 8)
    app.until_open(app.state.media.name)
    app.until_idle()
    assert app.failed_jobs() == []


def test_everything_one_can_reach_by_keyboard_has_a_name(shared: Desk) -> None:
    """For screen readers: a text, a name of its own, or a label that belongs to it."""
    shared.prepare()
    labelled = {label.buddy() for label in shared.window.findChildren(QLabel) if label.buddy() is not None}
    nameless = []
    for kind in (QAbstractButton, QLineEdit, QComboBox, QSpinBox, QAbstractSlider):
        for widget in shared.window.findChildren(kind):
            if widget.objectName().startswith("qt_") or (isinstance(widget, QAbstractButton) and is_qt_own(widget)):
                continue
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not (text or widget.accessibleName() or widget in labelled or inside_named(widget)):
                nameless.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    assert nameless == []


def inside_named(widget: QWidget) -> bool:
    """Parts that Qt builds into a larger field: the line of a combo box, the bars of a list."""
    parent = widget.parent()
    return isinstance(parent, QComboBox | QSpinBox) or type(parent).__module__.startswith("PyQt6")


def test_labels_are_offered_again_the_latest_first(shared: Desk) -> None:
    shared.prepare()
    export = shared.program.controllers.export
    for label in ("bark", "bell", "bark"):
        export.remember_label(label)
    assert shared.program.settings.get(keys.RECENT_LABELS)[:2] == ["bark", "bell"]
    model = shared.window.deck.label.completer().model()
    assert [model.index(row, 0).data() for row in range(2)] == ["bark", "bell"]


def test_the_cache_is_counted_and_emptied_after_a_question(start: Start, media: MediaShelf) -> None:
    app = start(media("h264_2997"))
    app.until_open("h264_2997.mp4")
    app.until_idle()
    dialog = app.program.surroundings.show_settings()
    page = next(page for page in dialog.pages if isinstance(page, CachePage))
    dialog.list.setCurrentRow(dialog.pages.index(page))
    app.until(lambda: page.size_labels["waveforms"].text().endswith("in 1 file"))
    assert page.size_labels["embeddings"].text() == "empty"
    for answer, left in (("Cancel", 1), ("Clear", 0)):
        QTimer.singleShot(0, lambda answer=answer: press_in_question(answer))
        page.clear_buttons["waveforms"].click()
        app.until_idle()
        assert len(list((app.paths.cache / "waveforms").glob("*.peaks"))) == left
    app.until(lambda: page.size_labels["waveforms"].text() == "empty")
    assert not page.clear_buttons["waveforms"].isEnabled()


def press_in_question(answer: str) -> None:
    question = QApplication.activeModalWidget()
    next(button for button in question.findChildren(QPushButton) if button.text() == answer).click()
