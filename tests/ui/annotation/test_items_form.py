"""What can be added to a project of windows, and which windows are meant."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.domain.annotation import ItemKind
from core.domain.media import Media
from ui.annotation.items_form import ItemsForm, MediaChoice


@pytest.fixture
def form(qtbot: QtBot) -> ItemsForm:
    made = ItemsForm()
    qtbot.addWidget(made)
    made.show()
    made.show_choice(ItemKind.WINDOW, MediaChoice((Media(1, "k", "/films/a.mp4"),), ()))
    made.show_classifiers(("bark",))
    return made


def test_windows_of_a_scan_are_chosen_by_their_scores(form: ItemsForm) -> None:
    assert not form.scores.isVisible()
    assert (form.values.classifier, form.values.scores) == ("", None)
    texts = [form.source.itemText(place) for place in range(form.source.count())]
    assert texts[1:] == ["Regions that bark found", "Windows that bark scored in a range"]
    form.source.setCurrentIndex(1)
    assert (form.values.classifier, form.values.scores) == ("bark", None)
    form.source.setCurrentIndex(2)
    assert form.scores.isVisible()
    assert not form.window_s.isVisible()
    assert (form.values.classifier, form.values.scores) == ("bark", (0.3, 0.7))
    assert "unsure" in form.summary.text()
    form.lowest.setValue(0.8)
    assert form.complaint == "The lowest score comes first."
    form.highest.setValue(0.8)
    assert form.complaint == ""


def test_a_long_name_of_a_classifier_does_not_widen_the_form(form: ItemsForm) -> None:
    before = form.minimumSizeHint().width()
    form.show_classifiers(("b" * 200,))
    assert form.minimumSizeHint().width() == before
    form.source.setCurrentIndex(2)
    assert "b" * 200 in form.source.toolTip()


def test_a_project_of_frames_knows_no_scores(form: ItemsForm) -> None:
    form.source.setCurrentIndex(2)
    form.show_choice(ItemKind.FRAME, MediaChoice((), ()))
    assert not form.scores.isVisible()
    assert (form.values.classifier, form.values.scores) == ("", None)
