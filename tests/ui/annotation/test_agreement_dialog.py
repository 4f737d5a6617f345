"""The dialog of agreement shows core's own figures, and one key decides a disagreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.domain.annotation import NA, Project
from core.ops import agreement, label
from ui.annotation.agreement_dialog import AgreementDialog
from ui.annotation.agreement_tables import estimate_text
from ui.commands.history import EditHistory
from ui.services import Services

Open = Callable[[Project], AgreementDialog]


@pytest.fixture
def open_dialog(qtbot: QtBot, qapp: QApplication, services: Services) -> Iterator[Open]:
    made: list[AgreementDialog] = []
    history = EditHistory(services.undo)

    def show(project: Project) -> AgreementDialog:
        dialog = AgreementDialog(services, history, project, "Chief")
        made.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield show
    for dialog in made:
        dialog.reject()
        dialog.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def answers_of_two(db: ProcessedDB, project: Project) -> None:
    """Anna and Ben agree on all items but those of two places."""
    for coder, odd in (("Anna", "1st person"), ("Ben", NA)):
        for place, item in enumerate(db.annotation.items(project.id)):
            usual = "2nd person" if place % 2 else "3rd person"
            labels = {"perspective": odd if place in (1, 4) else usual, "distance": "Social"}
            label.save(db, project, coder, label.Step(item), labels)


def test_the_figures_are_those_of_core(open_dialog: Open, db: ProcessedDB, frames: Project) -> None:
    answers_of_two(db, frames)
    dialog = open_dialog(frames)
    expected = agreement.report(db, frames).tasks[0]
    shown = [dialog.overall.item(0, column).text() for column in range(5)]
    assert shown == [
        "All coders",
        "8",
        estimate_text(expected.figures.percent, percent=True),
        estimate_text(expected.figures.kappa),
        estimate_text(expected.figures.alpha),
    ]
    assert shown[2].startswith("75%")
    assert dialog.classes.rowCount() == 4
    assert dialog.classes.item(3, 0).text() == "cannot tell"
    pair = expected.pairs[0]
    counts = [[dialog.confusion.item(row, column).text().replace("–", "0") for column in range(4)] for row in range(4)]
    assert [[int(text) for text in row] for row in counts] == [list(row) for row in pair.confusion]
    dialog.with_na.setChecked(False)
    without = agreement.report(db, frames, with_na=False).tasks[0]
    assert dialog.overall.item(0, 1).text() == f"{without.shared}" == "6"
    assert dialog.classes.rowCount() == 3
    dialog.tasks.setCurrentIndex(1)
    assert dialog.overall.item(0, 2).text().startswith("100%")


def test_one_coder_alone_is_told_why_there_is_nothing(open_dialog: Open, db: ProcessedDB, frames: Project) -> None:
    label.save(db, frames, "Anna", label.queue(db, frames, "Anna").steps[0], {"perspective": "1st person"})
    dialog = open_dialog(frames)
    assert dialog.nothing.isVisible()
    assert "second coder" in dialog.nothing.text.text()


def test_disagreements_are_decided_by_key_blind_and_undone(open_dialog: Open, db: ProcessedDB, frames: Project) -> None:
    answers_of_two(db, frames)
    dialog = open_dialog(frames)
    dialog.pages.setCurrentIndex(4)
    judge = dialog.judge
    assert judge.list.count() == 2
    assert dialog.pages.tabText(4) == "Disagreements (0 of 2 decided)"
    assert not judge.stage.picture.image.isNull()
    assert judge.text.text() == "Said: 1st person or cannot tell."
    first = judge.question.item.key
    QTest.keyClick(judge, Qt.Key.Key_2)
    assert db.annotation.gold(frames.id) == {(first, "perspective"): "2nd person"}
    assert judge.question.item.key != first, "the next one comes"
    assert dialog.undo.isEnabled()
    QTest.keyClick(judge.list, Qt.Key.Key_0)
    assert set(db.annotation.gold(frames.id).values()) == {"2nd person", NA}
    assert dialog.pages.tabText(4) == "Disagreements (2 of 2 decided)"
    dialog.undo.click()
    assert db.annotation.gold(frames.id) == {(first, "perspective"): "2nd person"}
    dialog.names.setChecked(True)
    assert "Anna said 1st person" in judge.text.text()
    assert len(db.annotation.answers(frames.id)) == 32, "what was answered stays"


def test_silent_repeats_show_how_steady_a_coder_is(open_dialog: Open, db: ProcessedDB, frames: Project) -> None:
    items = db.annotation.items(frames.id)
    for place, item in enumerate(items[:4]):
        label.save(db, frames, "Anna", label.Step(item), {"perspective": "1st person"})
        again = "1st person" if place else "2nd person"
        label.save(db, frames, "Anna", label.Step(item, repeat=True), {"perspective": again})
    dialog = open_dialog(frames)
    assert dialog.pages.isVisible()
    assert [dialog.repeats.item(0, column).text() for column in (0, 1)] == ["Anna", "4"]
    assert dialog.repeats.item(0, 2).text().startswith("75%")
