"""The small widgets: they give way, say what to do, and pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QEnterEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from ui.widgets.elided_label import ElidedLabel
from ui.widgets.empty_state import EmptyState
from ui.widgets.toast import MOST_CARDS, Toast

LEFT = Qt.MouseButton.LeftButton
LONG = "holiday_" * 30 + "final.mp4"


@pytest.fixture
def host(qtbot) -> QWidget:
    host = QWidget()
    host.resize(640, 400)
    QVBoxLayout(host)
    qtbot.addWidget(host)
    host.show()
    return host


def test_a_long_name_keeps_both_ends(host: QWidget) -> None:
    label = ElidedLabel(LONG)
    host.layout().addWidget(label)
    QApplication.processEvents()
    assert host.width() == 640
    shown = label.shown_text()
    assert shown.startswith("holiday_")
    assert shown.endswith("final.mp4")
    assert "…" in shown
    assert label.toolTip() == LONG
    assert label.accessibleName() == LONG


def test_a_short_name_has_no_tooltip(host: QWidget) -> None:
    label = ElidedLabel("a.mp4")
    host.layout().addWidget(label)
    QApplication.processEvents()
    assert label.shown_text() == "a.mp4"
    assert label.toolTip() == ""


def test_a_name_with_line_breaks_and_markup_stays_one_plain_line(host: QWidget) -> None:
    label = ElidedLabel("<b>a\nb</b>")
    host.layout().addWidget(label)
    assert label.text() == "<b>a b</b>"
    assert label.sizeHint().height() < 2 * label.fontMetrics().height()
    assert not label.grab().isNull()


def test_an_empty_state_says_what_to_do_and_does_it(qtbot, host: QWidget) -> None:
    done: list[str] = []
    state = EmptyState(
        "No video open",
        "Drop videos here.",
        ("Open files…", lambda: done.append("open")),
        ("Demo", lambda: done.append("demo")),
        icon="film",
    )
    host.layout().addWidget(state)
    for button in state.buttons:
        qtbot.mouseClick(button, LEFT)
    assert done == ["open", "demo"]
    assert [button.property("primary") for button in state.buttons] == [True, False]
    state.set_texts("Nothing found")
    assert state.title.text() == "Nothing found"
    assert not state.text.isVisible()


@pytest.mark.parametrize("kind", ["info", "success", "warning", "error"])
def test_a_message_comes_and_goes(qtbot, host: QWidget, kind: str) -> None:
    toast = Toast(host)
    card = toast.show_message("Exported 3 clips", kind)
    assert toast.isVisible()
    assert card.accessibleName() == "Exported 3 clips"
    card._timer.timeout.emit()
    assert toast.cards == ()
    assert not toast.isVisible()


def test_a_message_goes_by_itself_but_not_under_the_mouse(qtbot, host: QWidget) -> None:
    card = Toast(host).show_message("Exported")
    assert card._timer.isActive()
    QApplication.sendEvent(card, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert not card._timer.isActive()
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert card._timer.isActive()


def test_the_buttons_of_a_message(qtbot, host: QWidget) -> None:
    toast = Toast(host)
    done: list[str] = []
    card = toast.show_message("Deleted", "info", ("Undo", lambda: done.append("undo")))
    qtbot.mouseClick(card.action_button, LEFT)
    assert done == ["undo"]
    assert toast.cards == ()
    card = toast.show_message("Again")
    qtbot.mouseClick(card.close_button, LEFT)
    assert toast.cards == ()


def test_messages_stack_up_to_a_few_and_repeat_as_one(host: QWidget) -> None:
    toast = Toast(host)
    for number in range(MOST_CARDS + 2):
        toast.show_message(f"message {number}")
    assert [card.message.text() for card in toast.cards] == ["message 2", "message 3", "message 4"]
    toast.show_message("message 3")
    assert [card.message.text() for card in toast.cards] == ["message 2", "message 4", "message 3"]
    toast.clear()
    assert not toast.isVisible()


def test_messages_lie_inside_the_window_at_every_size(host: QWidget) -> None:
    toast = Toast(host)
    toast.show_message("short")
    toast.show_message("Cannot read it. " * 20, "error")
    for size in ((640, 400), (300, 400), (1600, 900)):
        host.resize(*size)
        QApplication.processEvents()
        assert host.rect().contains(toast.geometry()), size
        for card in toast.cards:
            needed = card.message.heightForWidth(card.message.width())
            assert card.message.height() >= needed, size
            assert toast.rect().contains(card.geometry())
    assert toast.mapToParent(QPoint(toast.width() // 2, 0)).x() == pytest.approx(host.width() / 2, abs=1)


def test_a_message_does_not_take_the_focus(qtbot, host: QWidget) -> None:
    field = QLineEdit()
    host.layout().addWidget(field)
    with qtbot.waitActive(host):
        host.activateWindow()
    field.setFocus()
    Toast(host).show_message("Exported")
    QApplication.processEvents()
    assert field.hasFocus()


def test_the_package_imports_nothing_of_cutting() -> None:
    folder = Path(__file__).resolve().parents[3] / "ui" / "widgets"
    assert not [path for path in folder.glob("*.py") if "core.ops" in path.read_text(encoding="utf-8")]
