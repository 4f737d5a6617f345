"""The labelling window with real pictures and a real history, driven by keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.db import ProcessedDB
from core.domain.annotation import NA, Project, QueueEntry
from core.ops import label
from core.paths import DataPaths
from ui import settings as keys
from ui.annotation.labelling_session import LabellingSession
from ui.annotation.labelling_window import TITLE, LabellingWindow
from ui.jobs.runner import ImmediateRunner
from ui.player.fake_player import FakePlayer
from ui.player.player import Player
from ui.session_bridge import SessionBridge
from ui.settings import Settings
from ui.widgets.toast import ToastCard

Open = Callable[..., LabellingWindow]


def fake(parent: QWidget, _picture: bool) -> tuple[Player, None]:
    return FakePlayer(parent), None


@pytest.fixture
def open_window(
    qtbot: QtBot,
    qapp: QApplication,
    db: ProcessedDB,
    bridge: SessionBridge,
    runner: ImmediateRunner,
    paths: DataPaths,
    settings: Settings,
) -> Iterator[Open]:
    opened: list[LabellingWindow] = []

    def show(project: Project, coder: str = "Anna", history: ProcessedDB = db) -> LabellingWindow:
        session = LabellingSession(history, bridge, runner, project, coder)
        window = LabellingWindow(session, runner, paths, settings, maker=fake)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        opened.append(window)
        window.show()
        qtbot.waitExposed(window)
        bring_to_front(qtbot, window)
        return window

    yield show
    for window in opened:
        window.close()
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def bring_to_front(qtbot: QtBot, window: QWidget) -> None:
    """Without a window manager whoever asks last has the keys, and may have to ask again."""

    def in_front() -> bool:
        window.activateWindow()
        window.setFocus()
        return window.hasFocus()

    qtbot.waitUntil(in_front)


def press(window: LabellingWindow, *keys_: Qt.Key | str) -> None:
    for key in keys_:
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{key}") if isinstance(key, str) else key)


def stored(db: ProcessedDB, project: Project, coder: str = "Anna") -> list[tuple[str, str, str]]:
    return [(answer.item_key, answer.task, answer.label) for answer in db.annotation.answers(project.id, coder=coder)]


def test_keys_answer_every_question_and_enter_goes_on(open_window: Open, db: ProcessedDB, frames: Project) -> None:
    window = open_window(frames)
    first = window.session.step
    assert window.session.total == 8
    assert window.panel.labels == {}, "nothing is chosen beforehand"
    press(window, "2")
    assert window.panel.labels == {"perspective": "2nd person"}
    assert window.panel.current_task.name == "distance"
    press(window, "Return")
    assert window.session.step == first, "one question is still open"
    assert "distance" in window.hint.text()
    press(window, "3", "D", "Return")
    assert set(stored(db, frames)) == {
        (first.item.key, "distance", "Public"),
        (first.item.key, "perspective", "2nd person"),
    }
    assert window.session.step == window.session.queue.steps[1]
    assert window.panel.labels == {}
    assert not window.footer.difficult.isChecked()
    answer = db.annotation.answers(frames.id)[0]
    assert answer.difficult
    assert answer.shown_at < answer.saved_at
    assert not answer.assisted
    assert window.header.done.text() == "1 of 8 labelled"


def test_zero_is_an_answer_and_the_screener_answers_what_it_screens(
    open_window: Open, db: ProcessedDB, frames: Project
) -> None:
    window = open_window(frames)
    press(window, "0", "X", "Return")
    assert {task: said for _, task, said in stored(db, frames)} == {"perspective": NA, "distance": NA}
    press(window, "X")
    assert window.panel.labels == {"distance": NA}
    assert window.panel.current_task.name == "perspective"
    press(window, "X")
    assert window.panel.labels == {}, "it takes back what it said"


def test_what_is_seen_tells_nothing_about_the_video(open_window: Open, db: ProcessedDB, frames: Project) -> None:
    window = open_window(frames)
    assert window.windowTitle() == TITLE
    texts = " ".join(each.text() for each in window.findChildren(QLabel)) + window.windowTitle()
    for media in {step.item.content_key for step in window.session.queue.steps}:
        name = Path(db.media.by_key(media).path).stem
        assert name not in texts
        assert media not in texts
    assert not window.stage.picture.image.isNull()


def test_it_goes_on_by_itself_where_that_is_set(open_window: Open, frames: Project, settings: Settings) -> None:
    settings.set(keys.LABEL_AUTO_NEXT, True)
    window = open_window(frames)
    press(window, "1", "1")
    assert window.session.position == 1
    press(window, "X", "1")
    assert window.session.position == 2


def test_one_goes_on_where_one_stopped_and_undo_reaches_back(
    open_window: Open, db: ProcessedDB, frames: Project
) -> None:
    window = open_window(frames)
    press(window, "1", "1", "Return", "2", "2", "Return")
    window.close()
    again = open_window(frames)
    assert again.session.position == 2
    QTest.keyClick(again, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert again.session.position == 1
    assert again.panel.labels == {}
    assert len(stored(db, frames)) == 2
    QTest.keyClick(again, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert len(stored(db, frames)) == 4
    assert again.panel.labels == {"perspective": "2nd person", "distance": "Social"}


def test_back_shows_what_was_said_and_a_change_takes_its_place(
    open_window: Open, db: ProcessedDB, frames: Project
) -> None:
    window = open_window(frames)
    press(window, "1", "1", "Return", "Left")
    assert window.panel.labels == {"perspective": "1st person", "distance": "Personal"}
    press(window, "3", "Return")
    assert window.session.position == 1
    assert sorted(said for _, _, said in stored(db, frames)) == ["3rd person", "Personal"]
    assert len(db.annotation.answers(frames.id, current=False)) == 4, "the log keeps everything"


def test_jump_later_and_the_note(open_window: Open, db: ProcessedDB, frames: Project) -> None:
    window = open_window(frames)
    press(window, "Right")
    assert window.session.position == 1
    press(window, "G")
    assert window.header.place.hasFocus()
    QTest.keyClicks(window.header.place, "5")
    QTest.keyClick(window.header.place, Qt.Key.Key_Return)
    assert window.session.position == 4
    press(window, "N")
    QTest.keyClicks(window.footer.note, "1 dark")
    QTest.keyClick(window.footer.note, Qt.Key.Key_Return)
    assert window.panel.labels == {}, "digits in the note are no answers"
    press(window, "1", "1", "Return")
    assert {answer.note for answer in db.annotation.answers(frames.id)} == {"1 dark"}
    assert window.session.position == 5
    assert window.footer.note.text() == ""


def test_the_end_says_so_and_the_way_back_is_open(open_window: Open, frames: Project) -> None:
    window = open_window(frames)
    for _ in range(8):
        press(window, "1", "1", "Return")
    assert window.finished.isVisible()
    assert window.finished.title.text() == "Everything is labelled"
    press(window, "Left")
    assert window.session.position == 7
    assert window.panel.labels["perspective"] == "1st person"


def test_an_item_that_cannot_be_decoded_is_said_and_passed_over(
    open_window: Open, db: ProcessedDB, frames: Project, videos: list[int], tmp_path: Path
) -> None:
    broken = db.media.get(videos[0])
    (tmp_path / "moved.mp4").write_bytes(b"no video any more")
    db.media.relink(broken.id, str(tmp_path / "moved.mp4"))
    window = open_window(frames)
    seen = 0
    while window.session.step is not None:
        if window.stage.page is window.stage.problem:
            assert window.stage.problem.title.text() == "This item cannot be shown"
            assert "moved" not in window.stage.problem.text.text(), "no file name"
            press(window, "1", "1")
            assert window.panel.labels == {}, "what is not seen is not judged"
            window.stage.problem.buttons[0].click()
        else:
            seen += 1
            press(window, "1", "1", "Return")
    assert seen == 4
    assert window.finished.title.text() == "Nothing is left to label"
    assert "4 could not be shown" in window.finished.text.text()
    assert {answer.item_key.partition("#")[0] for answer in db.annotation.answers(frames.id)} == {
        db.media.get(videos[1]).content_key
    }


def test_what_is_not_in_sight_yet_is_not_judged(open_window: Open, db: ProcessedDB, frames: Project) -> None:
    window = open_window(frames)
    window.stage.show_waiting()
    press(window, "1", "1", "Return")
    assert window.panel.labels == {}
    assert window.session.position == 0
    assert stored(db, frames) == []


def test_a_key_held_down_judges_one_item(open_window: Open, frames: Project, settings: Settings) -> None:
    settings.set(keys.LABEL_AUTO_NEXT, True)
    window = open_window(frames)
    press(window, "1")
    for _ in range(5):
        held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", True)
        QApplication.sendEvent(window, held)
    assert window.panel.labels == {"perspective": "1st person"}
    assert window.session.position == 0


def test_pictures_are_made_anew_for_a_larger_window(open_window: Open, qtbot: QtBot, frames: Project) -> None:
    window = open_window(frames)
    before, since = window.stage.picture.image.size(), window._shown_at
    window.resize(1500, 1000)
    qtbot.waitUntil(lambda: window.stage.picture.image.width() > before.width())
    room = window.stage.picture.size() * window.devicePixelRatioF()
    assert window.stage.picture.image.size() == before.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    assert window._shown_at == since, "it is the same showing"


def test_windows_play_at_once_in_a_loop_with_their_pitches(open_window: Open, db: ProcessedDB, sounds: Project) -> None:
    window = open_window(sounds)
    player = window.stage.player
    assert player.is_open
    assert not player.paused
    assert player.loop == (0.0, 1.0)
    assert window.stage.sound.isVisible()
    press(window, "Space")
    assert player.paused
    before = player.path
    press(window, "1", "Return")
    assert player.path != before
    assert not player.paused
    assert [said for _, _, said in stored(db, sounds)] == ["yes"]
    key = window.session.queue.steps[0].item.content_key
    assert Path(player.path).parent.name == "windows", f"a copy of the window, not the video {key}"


def test_a_new_queue_comes_first(open_window: Open, db: ProcessedDB, bridge: SessionBridge, frames: Project) -> None:
    window = open_window(frames)
    press(window, "1", "1", "Return", "1")
    here, wanted = window.session.step, window.session.queue.steps[-1].item
    db.annotation.set_queue(frames.id, 1, [QueueEntry(wanted.key, 0.9, "uncertain", 0.5)])
    bridge.session.publish(label.LABELS)
    assert window.session.step == here, "what is being judged stays"
    assert window.panel.labels == {"perspective": "1st person"}
    press(window, "1", "Return")
    press(window, "1", "1", "Return")
    rounds = {answer.item_key: answer.round for answer in db.annotation.answers(frames.id)}
    assert rounds[wanted.key] == 1
    assert sorted(rounds.values()) == [-1, -1, 1]


def test_assisted_shows_what_a_model_thinks_and_logs_it(open_window: Open, db: ProcessedDB, frames: Project) -> None:
    project = db.annotation.change(replace(frames, assisted=True))
    window = open_window(project)
    step = window.session.step
    assert window.session.predictions == {}, "no round has been run"
    window.session.predictions = {step.item.key: {"perspective": {"2nd person": 0.8, "1st person": 0.2}}}
    window.session.jump(0)
    row = window.panel.findChildren(type(window.panel.screener))
    assert {button.share for button in row} == {None, 0.8, 0.2}
    assert window.panel.labels == {}, "a prediction chooses nothing"
    press(window, "1", "1", "Return")
    press(window, "1", "1", "Return")
    assisted = {answer.item_key: answer.assisted for answer in db.annotation.answers(frames.id)}
    assert assisted.pop(step.item.key)
    assert set(assisted.values()) == {False}


def test_a_failed_save_is_said_kept_and_tried_again(
    open_window: Open, db: ProcessedDB, paths: DataPaths, frames: Project
) -> None:
    with ProcessedDB(paths.database, busy_timeout_s=0.05) as impatient:
        window = open_window(frames, history=impatient)
        other = sqlite3.connect(paths.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        press(window, "1", "1", "Return")
        assert window.session.unsaved == 1
        assert window.session.position == 1, "the person goes on"
        assert "1 not stored yet" in " ".join(each.message.text() for each in window.findChildren(ToastCard))
        assert not window.close(), "a window with unsaved answers does not close silently"
        other.execute("ROLLBACK")
        other.close()
        window.session.retry()
        assert window.session.unsaved == 0
        assert len(stored(db, frames)) == 2
        window.close()


def test_undo_takes_back_a_save_that_had_failed_at_first(
    open_window: Open, db: ProcessedDB, paths: DataPaths, frames: Project
) -> None:
    with ProcessedDB(paths.database, busy_timeout_s=0.05) as impatient:
        window = open_window(frames, history=impatient)
        first = window.session.step
        other = sqlite3.connect(paths.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        press(window, "1", "1", "Return")
        other.execute("ROLLBACK")
        other.close()
        window.session.undo()
        assert (window.session.step, window.session.done) == (first, 0)
        assert window.session.said.labels == {}
        assert stored(db, frames) == []
        window.close()


def test_a_late_paint_of_the_item_before_is_not_that_of_the_next(
    open_window: Open, qtbot: QtBot, frames: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(frames)
    qtbot.waitUntil(lambda: bool(window._shown_at))
    picture = window.stage.picture
    picture.show_image(picture.image)  # it came once more, sharper, and waits to be painted
    monkeypatch.setattr(window.prefetch, "get", lambda item: None)
    press(window, "2", "3", "Return")
    picture.repaint()
    assert window._shown_at == "", "the next item is not in sight yet"
    assert not window._can_judge
