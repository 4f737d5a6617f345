"""Labelling from the first project to the queue of a round: real window, real keys, real decoding and models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QDialog, QWidget

from core.db import ProcessedDB
from core.demo.people import PeopleVideo, make_people_videos
from core.domain.annotation import NA, TARGET_SOUND, ItemKind, Project
from core.job import JobContext
from core.ops import agreement, label, label_items
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf
from ui import settings as keys
from ui.action_table import Act
from ui.annotation.agreement_tables import estimate_text
from ui.annotation.labelling_window import LabellingWindow
from ui.annotation.projects_dialog import ProjectsDialog
from ui.dialogs.messages import MessageDialog

Start = Callable[..., Driver]
# Torch and scikit-learn are imported by the first round, on a machine that may be busy.
ROUND_MS = 420_000
PER_VIDEO = 4


def make_project(app: Driver, name: str) -> Project:
    """In the dialog, as somebody who is here for the first time."""
    app.window.actions_table[Act.LABEL_NOW].trigger()
    dialog = app.window.findChild(ProjectsDialog)
    app.until(dialog.empty.isVisible)
    dialog.empty.buttons[0].click()
    QTest.keyClicks(dialog.form.name, name)
    dialog.form_page.yes_button.click()
    app.until(dialog.items_page.isVisible)
    dialog.items.per_video.setValue(PER_VIDEO)
    dialog.items_page.yes_button.click()
    app.until(lambda: dialog.page.isVisible() and dialog.page.buttons["label"].isEnabled())
    QTest.keyClicks(dialog.coder.box, "Anna")
    dialog.page.buttons["label"].click()
    app.until(lambda: app.program.annotating.labelling is not None)
    dialog.close()
    return app.program.db.annotation.get(name)


def labelling(app: Driver) -> LabellingWindow:
    """The labelling window with an item in sight and the keys in its hands."""
    window = app.program.annotating.labelling
    app.until(lambda: window.session.total > 0 and (window.session.step is None or bool(window._shown_at)))
    bring_to_front(app, window)
    return window


def bring_to_front(app: Driver, window: QWidget) -> None:
    """There is no window manager here: whoever asks last has the keys, and may have to ask again."""

    def in_front() -> bool:
        window.activateWindow()
        return window.isActiveWindow()

    app.until(in_front)


def judge(app: Driver, window: LabellingWindow, truth: Callable[[str], dict[str, str]]) -> str:
    """Answer the item in sight by keys; returns its key."""
    step = window.session.step
    for task in window.session.project.tasks:
        answer = truth(step.item.key)[task.name]
        digit = 0 if answer == NA else task.classes.index(answer) + 1
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_0 + digit))
    QTest.keyClick(window, Qt.Key.Key_Return)
    app.until(lambda: window.session.step != step)
    app.until(lambda: window.session.step is None or bool(window._shown_at))
    return step.item.key


def truth_of(db: ProcessedDB, videos: list[PeopleVideo]) -> Callable[[str], dict[str, str]]:
    by_path = {str(video.path): video for video in videos}

    def truth(item_key: str) -> dict[str, str]:
        content, _, frame = item_key.partition("#")
        return by_path[db.media.by_key(content).path].truth(int(frame))

    return truth


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[PeopleVideo]:
    return make_people_videos(tmp_path_factory.mktemp("people"), 7, JobContext(), seed=4, scenes=4)


def test_from_the_first_project_to_the_queue_of_a_round(
    start: Start, people: list[PeopleVideo], tmp_path: Path
) -> None:
    app = start(*[video.path for video in people])
    app.until(lambda: app.window.media_model.rowCount() == len(people))
    app.until_idle()
    project = make_project(app, "Street")
    db, truth = app.program.db, truth_of(app.program.db, people)
    window = labelling(app)
    assert window.session.total >= len(people) * PER_VIDEO
    done = [judge(app, window, truth) for _ in range(12)]
    upcoming = window.session.step.item.key
    app.close()

    app = start(data=app.paths.root)
    app.until(lambda: app.window.media_model.rowCount() == len(people))
    bring_to_front(app, app.window)
    QTest.keyClick(app.window.windowHandle(), Qt.Key.Key_F4)
    app.until(lambda: app.program.annotating.labelling is not None)
    window = labelling(app)
    assert window.session.step.item.key == upcoming, "one goes on where one stopped"
    assert window.header.done.text().startswith("12 of ")
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    app.until(lambda: window.session.step.item.key == done[-1])
    db, truth = app.program.db, truth_of(app.program.db, people)
    assert len({(answer.item_key, answer.repeat) for answer in db.annotation.answers(project.id)}) == 11
    app.until(lambda: bool(window._shown_at))
    while window.session.step is not None:
        judge(app, window, truth)
    assert window.finished.isVisible()
    mine = [step.item.key for step in window.session.queue.steps]
    window.close()

    app.program.settings.set(keys.LABEL_CODER, "Ben")
    app.program.annotating.label_now()
    window = labelling(app)
    theirs = [step.item.key for step in window.session.queue.steps]
    shared = set(mine) & set(theirs)
    assert shared
    assert [key for key in mine if key in shared] != [key for key in theirs if key in shared] or len(shared) < 3
    judged = 0
    while window.session.step is not None:
        odd = judged % 3 == 0
        judge(app, window, (lambda key: {task.name: task.classes[0] for task in project.tasks}) if odd else truth)
        judged += 1
    window.close()

    app.program.annotating.show_agreement(project)
    app.until_idle()
    dialog = dialog_named(app, "Agreement")
    expected = agreement.report(app.program.db, project).tasks[0]
    app.until(dialog.pages.isVisible)
    assert dialog.overall.item(0, 1).text() == str(expected.shared)
    assert dialog.overall.item(0, 3).text() == estimate_text(expected.figures.kappa)
    assert dialog.overall.item(0, 4).text() == estimate_text(expected.figures.alpha)
    dialog.close()

    more = make_people_videos(tmp_path / "more", 2, JobContext(), seed=9, scenes=4)
    app.program.controllers.media.add([str(video.path) for video in more])
    app.until(lambda: app.window.media_model.rowCount() == len(people) + 2)
    app.until_idle()
    ids = [each.id for each in app.window.media_model.media]
    label_items.add_frames(app.program.db, project, ids, per_video=PER_VIDEO)
    app.program.annotating.show_rounds(project)
    rounds = dialog_named(app, "Rounds")
    app.until(rounds.run.isEnabled)
    rounds.form.backbone.setCurrentText("timm:test_resnet")
    rounds.form.frozen.setChecked(True)
    rounds.form.top_k.setValue(3)
    rounds.form.set_weights(str(tmp_path / "gone.safetensors"))
    rounds.run.click()
    app.until(lambda: any(isinstance(each, MessageDialog) for each in rounds.findChildren(QDialog)), ROUND_MS)
    complaint = next(each for each in rounds.findChildren(QDialog) if isinstance(each, MessageDialog))
    assert complaint.labels, "weights that are missing are said, with a way out"
    complaint.accept()
    assert app.program.db.annotation.rounds(project.id) == (), "nothing starts at random instead"
    rounds.form.set_weights("random")
    rounds.run.click()
    app.until(lambda: rounds.run.text() == "Run round 1" or bool(app.failed_jobs()[1:]), ROUND_MS)
    assert len(app.failed_jobs()) == 1, app.failed_jobs()
    assert rounds.dashboard.rounds.rowCount() == 1
    queued = {entry.item_key for entry in app.program.db.annotation.queue(project.id)}
    assert len(queued) == 3
    rounds.label.click()
    app.until(lambda: app.program.annotating.labelling is not None)
    window = labelling(app)
    first = window.session.step.item.key
    mine = [key for key in (step.item.key for step in window.session.queue.steps) if key in queued]
    assert not mine or first in queued, "what the round asks for comes first"


def dialog_named(app: Driver, title: str) -> QDialog:
    return next(each for each in app.window.findChildren(QDialog) if each.windowTitle().startswith(title))


def test_windows_of_sound_play_at_once_and_in_a_loop(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    app = start(media("tiny"))
    app.until_open(media("tiny").name)
    app.until_idle()
    db = app.program.db
    project, _ = label.create_project(db, "Beeps", ItemKind.WINDOW, (TARGET_SOUND,), repeats=0.0, show_picture=True)
    label_items.add_windows(db, project, [app.state.media.id], 1.0, 1.0)
    app.program.settings.set(keys.LABEL_CODER, "Anna")
    app.program.annotating.label(project)
    window = labelling(app)
    player = window.stage.player
    app.until(lambda: player.is_open and not player.paused)
    assert player.display_size is not None, "this project shows the picture, too"
    assert player.loop[1] <= 1.0
    app.until(lambda: player.position_s > 0.5)
    app.until(lambda: player.position_s < 0.4)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert player.paused
    before = player.path
    QTest.keyClick(window, Qt.Key.Key_1)
    QTest.keyClick(window, Qt.Key.Key_Return)
    app.until(lambda: player.path != before and player.is_open and not player.paused)
    assert app.player.path == str(media("tiny")), "the main window's player is another one"
    window.close()
    app.until(lambda: app.program.annotating.labelling is None)
    assert [answer.label for answer in db.annotation.answers(project.id)] == ["yes"]


def test_a_deleted_project_comes_back_with_undo(start: Start, media: MediaShelf) -> None:
    app = start(media("tiny"))
    app.until_open(media("tiny").name)
    app.until_idle()
    db, annotating = app.program.db, app.program.annotating
    project, _ = label.create_project(db, "Street", ItemKind.FRAME, (TARGET_SOUND,))
    label_items.add_frames(db, project, [app.state.media.id], per_video=PER_VIDEO)
    label.save(db, project, "Anna", label.queue(db, project, "Anna").steps[0], {TARGET_SOUND.name: "yes"})
    app.program.settings.set(keys.LABEL_CODER, "Anna")
    annotating.label(project)
    app.until(lambda: annotating.labelling.session.done == 1)
    dialog = annotating.show_projects()
    app.until(lambda: dialog.chosen is not None and dialog.chosen.labelled == 1)
    dialog.page.buttons["delete"].click()
    app.until(lambda: dialog.empty.isVisible() and dialog.bring_back.isVisible())
    assert annotating.labelling is None, "nobody goes on labelling what is gone"
    assert db.annotation.projects() == ()
    dialog.close()
    app.window.actions_table[Act.UNDO].trigger()
    assert db.annotation.projects() == (project,)
    assert [answer.label for answer in db.annotation.answers(project.id)] == ["yes"]
