"""The heart of 8-cut: open a video, find the moment, press E, have exact clips that are never forgotten."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest

from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf, read_counter
from ui.action_table import Act
from ui.main_window.media_list_model import Role

Start = Callable[..., Driver]


def frames(path: Path) -> list[int]:
    """The counters of all frames of a clip, read from its pixels."""
    with av.open(str(path)) as container:
        return [read_counter(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def clips(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.mp4"))


def test_open_find_export_close_and_start_again(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    video = shutil.copy(media("h264_2997"), tmp_path / "Überraschung 'n\" 🎬.mp4")
    out = tmp_path / "Barks"
    app = start(Path(video))
    app.until_open(video.name)
    app.choose_folder(out)
    app.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    app.press(Qt.Key.Key_Right)
    app.until(lambda: not app.player.seeking)
    assert app.state.times.index(app.state.cursor_s) == 30
    app.press(Qt.Key.Key_E)
    app.until_exported(1)

    made = clips(out)
    assert [path.name for path in made] == ["clip_001_m1_0.mp4", "clip_001_m1_1.mp4", "clip_001_m1_2.mp4"]
    assert {path.parent.name for path in made} == {"vid_001"}
    assert frames(made[0]) == list(range(30, 30 + 240))
    assert frames(made[1])[0] == 119, "the frame on screen at 1.001 s + 3 s"
    entries = json.loads((out / "dataset.json").read_text(encoding="utf-8"))
    assert {entry["path"] for entry in entries} == {f"vid_001/{path.name}" for path in made}
    cursor_s = app.state.cursor_s
    app.close()

    again = start()
    again.until_open(video.name)
    assert again.state.cursor_s == cursor_s
    assert [marker.number for marker in again.program.controllers.timeline.markers] == [1]
    assert again.window.media_model.index(0).data(Role.CLIP_COUNT) == 3
    again.press(Qt.Key.Key_E)
    again.until_exported(2)
    assert [path.name for path in clips(out)][3:] == ["clip_001_m2_0.mp4", "clip_001_m2_1.mp4", "clip_001_m2_2.mp4"]


def test_two_files_of_one_name_and_a_renamed_one_keep_their_own_history(
    start: Start, media: MediaShelf, tmp_path: Path
) -> None:
    first, second = tmp_path / "a" / "holiday.mp4", tmp_path / "b" / "holiday.mp4"
    for kind, target in (("h264_2997", first), ("gop250_25", second)):
        target.parent.mkdir()
        shutil.copy(media(kind), target)
    app = start(first)
    app.until_open("holiday.mp4")
    app.choose_folder(tmp_path / "out")
    app.press(Qt.Key.Key_E)
    app.until_exported(1)
    app.program.controllers.media.add([str(second)])
    app.until(lambda: app.state.media.path == str(second))
    app.until_open("holiday.mp4")
    assert app.program.controllers.timeline.markers == ()

    renamed = first.rename(first.with_name("renamed.mp4"))
    app.program.controllers.media.add([str(renamed)])
    app.until_open("renamed.mp4")
    assert [marker.number for marker in app.program.controllers.timeline.markers] == [1]
    assert app.window.media_model.rowCount() == 2


def test_a_file_replaced_while_open_is_not_cut_under_the_old_name(
    start: Start, media: MediaShelf, tmp_path: Path
) -> None:
    video = tmp_path / "take.mp4"
    shutil.copy(media("h264_2997"), video)
    app = start(video)
    app.until_open("take.mp4")
    app.choose_folder(tmp_path / "out")
    (tmp_path / "new.mp4").write_bytes(media("gop250_25").read_bytes())
    (tmp_path / "new.mp4").replace(video)
    app.press(Qt.Key.Key_E)
    app.until(lambda: bool(app.messages()))
    app.until_idle()
    assert any("take.mp4" in message for message in app.messages())
    assert clips(tmp_path / "out") == []


def test_dropping_a_folder_lists_every_media_in_it(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    folder = tmp_path / "shoot"
    (folder / "day 2").mkdir(parents=True)
    shutil.copy(media("tiny"), folder / "b.mp4")
    shutil.copy(media("no_audio"), folder / "day 2" / "A.mp4")
    (folder / "notes.txt").write_text("not a video")
    app = start()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    drop = QDropEvent(
        QPointF(400, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    app.window.dropEvent(drop)
    app.until(lambda: app.window.media_model.rowCount() == 2)
    app.until_open("b.mp4")
    app.press(Qt.Key.Key_N)
    app.until_open("A.mp4")


@pytest.mark.parametrize("kind", ["truncated", "text", "empty", "folder"])
def test_a_file_that_is_no_video_is_said_in_words_and_stops_nothing(
    start: Start, media: MediaShelf, tmp_path: Path, kind: str
) -> None:
    bad = tmp_path / "bad.mp4"
    if kind == "truncated":
        shutil.copy(media("truncated"), bad)
    elif kind == "folder":
        bad.mkdir()
    else:
        bad.write_bytes(b"" if kind == "empty" else b"these are words, not pictures\n" * 50)
    app = start(bad)
    app.until(lambda: bool(app.messages()) or app.state.media is not None)
    app.until_idle()
    app.press(Qt.Key.Key_E)
    app.until(lambda: bool(app.messages()))
    said = " ".join(app.messages())
    assert "Traceback" not in said
    app.program.controllers.media.add([str(media("tiny"))])
    app.until_open(media("tiny").name)


def test_remove_from_the_list_and_undo(start: Start, media: MediaShelf) -> None:
    app = start(media("tiny"), media("no_audio"))
    app.until(lambda: app.window.media_model.rowCount() == 2)
    app.until_open(media("tiny").name)
    app.press(Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    app.until(lambda: app.window.media_model.rowCount() == 1)
    assert app.state.media is None
    app.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    app.until(lambda: app.window.media_model.rowCount() == 2)
    assert app.window.media_model.entry_at(0).name == media("tiny").name
    app.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    app.until(lambda: app.window.media_model.rowCount() == 1)


def test_letters_typed_into_a_field_are_text_and_not_commands(start: Start, media: MediaShelf, tmp_path: Path) -> None:
    app = start(media("tiny"))
    app.until_open(media("tiny").name)
    app.choose_folder(tmp_path / "out")
    label = app.window.deck.label
    label.setFocus()
    QTest.keyClicks(label, "engine pa")
    assert label.text() == "engine pa"
    assert app.player.paused
    assert not app.state.locked
    assert not (tmp_path / "out").exists()


def test_the_lock_keeps_the_cursor_while_keys_and_mouse_look_around(start: Start, media: MediaShelf) -> None:
    app = start(media("h264_2997"))
    app.until_open(media("h264_2997").name)
    app.press(Qt.Key.Key_G)
    assert app.window.actions_table[Act.LOCK].isChecked()
    app.press(Qt.Key.Key_Right)
    app.until(lambda: app.player.position_s > 0 and not app.player.seeking)
    assert app.state.cursor_s == 0.0
    app.press(Qt.Key.Key_I)
    assert app.state.cursor_s == app.player.position_s
    app.press(Qt.Key.Key_G)
    assert not app.state.locked


def test_play_loops_the_batch_and_k_goes_back_to_the_cursor(start: Start, media: MediaShelf) -> None:
    app = start(media("h264_2997"))
    app.until_open(media("h264_2997").name)
    app.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    app.until(lambda: not app.player.seeking)
    app.press(Qt.Key.Key_Space)
    app.until(lambda: app.player.position_s > app.state.cursor_s + 0.2)
    assert app.player.loop == pytest.approx((app.state.batch.span.start_s, app.state.batch.span.end_s))
    app.press(Qt.Key.Key_K)
    app.until(lambda: app.player.paused and not app.player.seeking)
    assert app.player.position_s == app.state.cursor_s


def test_start_end_and_autoclip_shape_the_batch(start: Start, media: MediaShelf) -> None:
    app = start(media("h264_2997"))
    app.until_open(media("h264_2997").name)
    app.press(Qt.Key.Key_G)
    app.program.controllers.playback.scrub(14.2, True)
    app.until(lambda: not app.player.seeking)
    app.press(Qt.Key.Key_A)
    assert app.state.batch.clips == 3
    app.press(Qt.Key.Key_Minus)
    app.press(Qt.Key.Key_Minus)
    assert app.window.deck.clips.value() == 1
    app.press(Qt.Key.Key_O)
    assert app.state.batch.duration_s == pytest.approx(app.player.position_s, abs=0.001)
    app.press(Qt.Key.Key_Plus)
    assert app.state.batch.clips == 2


def test_the_audio_track_that_is_heard_is_the_one_that_is_cut(start: Start, tmp_path: Path) -> None:
    video = tmp_path / "two tongues.mkv"
    tones = [part for hz in (440, 1320) for part in ("-f", "lavfi", "-i", f"sine=frequency={hz}:duration=4")]
    picture = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=4")
    maps = ("-map", "2:v", "-map", "0:a", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "flac")
    subprocess.run(["ffmpeg", "-v", "error", *tones, *picture, *maps, str(video)], check=True)
    app = start(video)
    app.until_open(video.name)
    app.choose_folder(tmp_path / "out")
    app.state.shape_batch(clips=1, duration_s=2.0)
    app.program.controllers.playback.next_track()
    assert app.player.audio_track == 1
    app.press(Qt.Key.Key_E)
    app.until_exported(1)
    (clip,) = clips(tmp_path / "out")
    with av.open(str(clip)) as container:
        sound = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
        rate_hz = container.streams.audio[0].rate
    loudest = np.abs(np.fft.rfft(sound)).argmax() * rate_hz / len(sound)
    assert loudest == pytest.approx(1320, abs=5)
