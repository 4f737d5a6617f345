"""The real player: which frame is in the pixels, what it survives, and that it leaves nothing behind."""

from __future__ import annotations

import locale
import os
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QOpenGLContext
from PyQt6.QtWidgets import QWidget

from tests.media_factory import read_columns, read_counter
from tests.ui.player.conftest import RealStage, pixels, real_stage
from ui.player.mpv_player import MpvPlayer, Picture
from ui.player.video_surface import VideoSurface

ODD_TIMES = ("transport", "matroska", "late_video")


@pytest.mark.parametrize("kind", ["gop250_25", "vfr", "h264_2997", "tenbit", "rotated90", "anamorphic", *ODD_TIMES])
def test_the_frame_asked_for_is_the_frame_shown(real: RealStage, media, kind: str) -> None:
    times = real.open(media(kind))
    assert real.counter() == 0
    for number in (5, 3, 130, 131, 60, len(times) - 1, len(times) - 2, 0, 240):
        real.go(times.times[number])
        assert (real.counter(), times.index(real.player.position_s)) == (number, number)


@pytest.mark.parametrize("kind", ["gop250_25", "vfr"])
def test_steps_show_each_frame_once(real: RealStage, media, kind: str) -> None:
    times = real.open(media(kind))
    real.go(times.times[247])
    seen = []
    for frames in (1, 1, 1, 1, -1, -1, -3):
        real.player.step(frames)
        real.settle()
        seen.append(real.counter())
    assert seen == [248, 249, 250, 251, 250, 249, 246]


def test_the_widget_shows_the_frame_with_its_colours_and_shape(real: RealStage, media) -> None:
    times = real.open(media("rotated90"))
    real.go(times.times[77])
    real.until(lambda: real.drawn_counter() == 77)
    area = real.surface.video_rect().toAlignedRect()
    assert area.height() == 360 and area.width() == pytest.approx(270, abs=2)
    picture = pixels(real.surface.grabFramebuffer())
    assert read_columns(picture[:, area.left() : area.right() + 1]) == pytest.approx((0, 1), abs=0.05)
    assert picture[:, : area.left() - 1].max() == 0 and picture[:, area.right() + 2 :].max() == 0


def test_every_frame_of_a_loop_is_drawn_and_no_other(real: RealStage, media) -> None:
    times = real.open(media("vfr"))
    start, end = float(times.times[100]), float(times.times[112])
    drawn: list[int] = []
    grabbing = False

    def look() -> None:
        nonlocal grabbing
        if not grabbing:  # looking draws again
            grabbing = True
            drawn.append(real.drawn_counter())
            grabbing = False

    real.go(start)
    real.until(lambda: real.drawn_counter() == 100)
    real.player.frame_shown.connect(look)
    real.player.set_loop(start, end)
    real.player.play()
    real.until(lambda: sum(b < a for a, b in pairwise(drawn)) >= 3)
    real.player.pause()
    real.player.frame_shown.disconnect(look)
    assert set(drawn) == set(range(100, 112))


def test_paused_at_any_moment_the_position_is_that_of_the_picture(real: RealStage, media) -> None:
    times = real.open(media("vfr"))
    real.player.set_loop(2.0, 6.0)
    for goal in (2.3, 2.7, 3.4):
        real.player.play()
        real.until(lambda goal=goal: real.player.position_s >= goal)
        real.player.pause()
        real.until(lambda: real.drawn_counter() == times.index(real.player.position_s))
        assert real.counter() == real.drawn_counter()


def test_each_move_while_playing_costs_one_seek(real: RealStage, media, monkeypatch) -> None:
    times = real.open(media("gop250_25"))
    sent: list[tuple] = []
    send = real.player._send
    monkeypatch.setattr(real.player, "_send", lambda *command, **reply: (sent.append(command), send(*command, **reply)))
    real.player.play()
    goals = [float(times.times[number]) for number in (300, 120, 410, 40, 260)]
    for goal in goals:
        # As one goes from region to region: the place, then the loop around it.
        real.go(goal)
        real.player.seek(goal)
        real.player.set_loop(goal, goal + 1.0)
        real.settle()
        real.until(lambda goal=goal: goal <= real.player.position_s < goal + 1.0)
    assert not [command for command in sent if "hr-seek-demuxer-offset" in command], "nothing was missed"


def test_a_second_player_may_follow_the_first(qtbot, media) -> None:
    for number in (4, 9):
        with real_stage(qtbot) as stage:
            times = stage.open(media("tiny"))
            stage.go(times.times[number])
            assert stage.counter() == number


def test_nothing_is_left_running_after_shutdown(real: RealStage, media) -> None:
    real.open(media("h264_2997"))
    real.player.play()
    real.until(lambda: real.player.position_s > 0.1)
    real.player.shutdown()
    assert not [thread for thread in threading.enumerate() if "MPV" in thread.name]
    # A thread that has been joined may stay in the kernel's list for a moment.
    real.until(lambda: not [name for name in native_threads() if name.startswith(("mpv", "av:", "demux", "ao", "vo"))])


def test_shutdown_while_opening_seeking_and_before_anything(qtbot, media) -> None:
    with real_stage(qtbot) as stage:
        stage.player.open(str(media("gop250_25")))
    with real_stage(qtbot) as stage:
        stage.open(media("gop250_25"))
        stage.player.seek(20.0)
    with real_stage(qtbot):
        pass
    assert not [thread for thread in threading.enumerate() if "MPV" in thread.name]


def test_shutdown_in_the_middle_of_drawing(qtbot, media) -> None:
    for _ in range(8):
        with real_stage(qtbot) as stage:
            stage.open(media("tiny"))
            stage.player.set_speed(4.0)
            stage.player.set_loop(1.0, 1.5)
            stage.player.play()
            with qtbot.waitSignals([stage.player.frame_shown] * 3, timeout=20_000):
                pass
    assert not [thread for thread in threading.enumerate() if "MPV" in thread.name]


def test_the_picture_is_freed_with_its_gl_context_current(real: RealStage, media, monkeypatch) -> None:
    current = []
    free = Picture.free

    def watched(picture: Picture) -> None:
        current.append(QOpenGLContext.currentContext())
        free(picture)

    monkeypatch.setattr(Picture, "free", watched)
    real.open(media("tiny"))
    context = real.surface.context()
    real.surface.doneCurrent()
    real.player.shutdown()
    assert current == [context]


def test_mpv_loops_only_while_playing(real: RealStage, media) -> None:
    real.open(media("audio_only"))
    real.player.set_loop(2.0, 3.0)
    real.go(2.99)
    core = real.player._core
    assert core.ab_loop_a == "no"  # else mpv would jump back from here as soon as its buffer is full
    real.player.play()
    real.until(lambda: core.ab_loop_a == 2.0 and core.ab_loop_b == 3.0)
    real.player.pause()
    real.until(lambda: core.ab_loop_a == "no")


def test_closing_the_surface_first_is_survived(qtbot, media) -> None:
    player = MpvPlayer()
    surface = VideoSurface(player)
    surface.show()
    stage = RealStage(player, surface, qtbot)
    stage.open(media("tiny"))
    with qtbot.waitSignal(surface.destroyed):
        surface.deleteLater()
    player.seek(1.0)
    player.shutdown()


def test_a_file_opened_before_the_window_is_shown_waits_for_it(qtbot, media) -> None:
    player = MpvPlayer()
    surface = VideoSurface(player)
    qtbot.addWidget(surface)
    player.open(str(media("tiny")))
    with qtbot.waitSignal(player.opened, timeout=20_000):
        surface.show()
    assert player.display_size == (160, 120)
    player.shutdown()


def test_a_new_gl_context_gets_the_picture_back(real: RealStage, media, qtbot) -> None:
    times = real.open(media("tiny"))
    real.go(times.times[30])
    home = QWidget()
    home.resize(640, 360)
    qtbot.addWidget(home)
    real.surface.setParent(home)
    real.surface.setGeometry(QRect(0, 0, 640, 360))
    home.show()
    real.surface.show()
    qtbot.waitExposed(home)
    real.until(lambda: frame_or_none(real) == 30)
    real.go(times.times[31])
    real.until(lambda: frame_or_none(real) == 31)
    real.player.shutdown()
    real.surface.setParent(None)


def test_damaged_files_play_on(real: RealStage, media) -> None:
    times = real.open(media("damaged_middle"))
    real.go(times.times[20])
    assert real.counter() == 20
    for number in (120, 125, 130):
        real.go(times.times[number])
    real.go(times.times[10])
    assert real.counter() == 10


def test_audio_tracks_are_listed_and_chosen(real: RealStage, tmp_path: Path, media) -> None:
    path = two_tracks(media("tiny"), tmp_path / "two.mkv")
    real.open(path)
    tracks = real.player.audio_tracks
    assert [(track.index, track.language, track.channels) for track in tracks] == [(0, "deu", 1), (1, "fra", 1)]
    real.player.set_audio_track(1)
    assert real.player.audio_track == 1
    real.until(lambda: real.player._core.aid == 2)
    real.player.set_audio_track(7)
    assert real.player.audio_track == 1


def test_speeds_reach_mpv_with_the_pitch_kept(real: RealStage, media) -> None:
    real.open(media("h264_2997"))
    real.player.set_speed(4.0)
    real.player.set_volume(25)
    real.player.set_muted(True)
    core = real.player._core
    real.until(lambda: core.speed == 4.0 and core.volume == 25.0 and core.mute is True)
    assert core.audio_pitch_correction is True


def test_numbers_keep_their_point_in_any_locale(real: RealStage, media) -> None:
    assert locale.setlocale(locale.LC_NUMERIC) == "C"
    times = real.open(media("tiny"))
    real.go(times.times[33])
    assert real.counter() == 33


def frame_or_none(stage: RealStage) -> int | None:
    area = stage.surface.video_rect().toAlignedRect()
    picture = pixels(stage.surface.grabFramebuffer().copy(area))
    try:
        return read_counter(picture)
    except ValueError:
        return None


def native_threads() -> list[str]:
    """Names of all threads of this process, mpv's own included."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    names = []
    for task in tasks.iterdir():
        try:
            names.append((task / "comm").read_text().strip())
        except FileNotFoundError:  # it ended meanwhile
            continue
    return names


def two_tracks(source: Path, target: Path) -> Path:
    """A copy with its sound twice, marked as German and French."""
    import av

    with av.open(str(source)) as read, av.open(str(target), "w") as write:
        video, audio = read.streams.video[0], read.streams.audio[0]
        picture = write.add_stream_from_template(video)
        copies = [write.add_stream_from_template(audio) for _ in range(2)]
        for copy, language in zip(copies, ("deu", "fra"), strict=True):
            copy.metadata["language"] = language
        for packet in read.demux():
            if packet.dts is None:
                continue
            for stream in [picture] if packet.stream is video else copies:
                packet.stream = stream
                write.mux(packet)
    return target
