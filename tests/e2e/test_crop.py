"""Cropping in the real window: what the overlay shows is in the files; keyframes are kept, drawn and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from core.domain.crop import Crop, crop_rect
from core.domain.crop_plan import CropKeyframe
from core.errors import EnvironmentProblem
from core.models import weights
from tests.e2e.driver import Driver
from tests.media_factory import MediaShelf, read_columns, read_counter
from ui.action_table import Act
from ui.crop.overlay import kept_area

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def first_picture(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def clips(folder: Path) -> list[Path]:
    return sorted(folder.glob("vid_*/*.mp4"))


def small_batch(driver: Driver, clips: int = 1) -> None:
    driver.state.shape_batch(clips=clips, spread_s=2.0, duration_s=2.0)


@pytest.mark.parametrize(("kind", "size"), [("anamorphic", (427, 240)), ("rotated90", (240, 320))])
def test_what_was_clicked_is_what_is_exported(
    start: Callable[..., Driver], media: MediaShelf, tmp_path: Path, kind: str, size: tuple[int, int]
) -> None:
    driver = start(media(kind))
    driver.until_open(media(kind).name)
    driver.choose_folder(tmp_path / "out" / "Steps")
    small_batch(driver)
    driver.press(Qt.Key.Key_C)
    cropping = driver.program.cropping
    assert cropping.crops.base.ratio == "9:16"
    surface = cropping.surface
    driver.until(lambda: not surface.video_rect().isEmpty())
    point = surface.widget_position(0.45, 0.5).toPoint()
    QTest.mouseClick(surface, Qt.MouseButton.LeftButton, pos=point)
    overlay = cropping.controller._overlay
    assert overlay.size == size
    picture = surface.video_rect()
    kept = kept_area(picture, overlay.size, overlay.crop)
    assert kept.center().x() == pytest.approx(point.x(), abs=2 * picture.width() / size[0] + 1)
    driver.press(Qt.Key.Key_E)
    driver.until_exported(1)
    [clip] = clips(tmp_path / "out" / "Steps")
    shown = first_picture(clip)
    rect = crop_rect(*size, overlay.crop)
    assert shown.shape[1::-1] == (rect.width, rect.height)
    left, right = read_columns(shown)
    assert left == pytest.approx((kept.left() - picture.left()) / picture.width(), abs=0.03)
    assert right == pytest.approx((kept.right() - picture.left()) / picture.width(), abs=0.03)
    [entry] = json.loads((tmp_path / "out" / "Steps" / "dataset.json").read_text())
    assert entry["crop"] == {"ratio": "9:16", "center": pytest.approx(0.45, abs=0.01)}
    assert entry["size"] == [rect.width, rect.height]


def test_the_crop_is_dragged_over_the_video_and_along_the_bar(start: Callable[..., Driver], media: MediaShelf) -> None:
    driver = start(media("tiny"))
    driver.until_open("tiny.mp4")
    cropping = driver.program.cropping
    surface, bar = cropping.surface, cropping.page.bar
    driver.window.control_deck.show_panel(cropping.page)
    driver.press(Qt.Key.Key_C)
    driver.until(lambda: not surface.video_rect().isEmpty())
    begin, end = (surface.widget_position(across, 0.5).toPoint() for across in (0.4, 0.6))
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(surface, end)
    assert cropping.controller._overlay.crop.center == pytest.approx(0.6, abs=0.01), "it follows before it is let go"
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=end)
    assert cropping.crops.base.center == pytest.approx(0.6, abs=0.01)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(1, 12))
    assert cropping.crops.base.center < 0.3
    QTest.keyClick(bar, Qt.Key.Key_End)
    assert cropping.crops.base.center > 0.7


def test_keyframes_by_keyboard_with_undo_and_after_a_restart(
    start: Callable[..., Driver], media: MediaShelf, tmp_path: Path
) -> None:
    driver = start(media("gop250_25"), data=tmp_path / "home")
    driver.until_open("gop250_25.mp4")
    crops, page = driver.program.cropping.crops, driver.program.cropping.page
    playback = driver.program.controllers.playback

    def go(time_s: float) -> None:
        playback.move_cursor(time_s)
        driver.until(lambda: not driver.player.seeking and abs(driver.player.position_s - time_s) < 0.01)

    driver.press(Qt.Key.Key_C)
    go(4.0)
    driver.press(Qt.Key.Key_K, CTRL)
    assert crops.keyframes == (CropKeyframe(4.0, "9:16", 0.5),)
    driver.press(Qt.Key.Key_C)
    driver.press(Qt.Key.Key_C)
    assert [each.ratio for each in crops.keyframes] == ["1:1"], "the keyframe in force is changed, not the base"
    assert crops.base.ratio == "9:16"
    go(10.0)
    driver.press(Qt.Key.Key_K, CTRL)
    go(12.0)
    page.portrait.click()
    driver.press(Qt.Key.Key_K, CTRL | ALT)
    assert crops.keyframes == (CropKeyframe(4.0, "1:1"), CropKeyframe(12.0, "1:1", 0.5, random_portrait=True))
    assert [each.time_s for each in driver.window.timeline.scene.keyframes] == [4.0, 12.0]
    driver.press(Qt.Key.Key_Left, ALT)
    driver.until(lambda: abs(driver.player.position_s - 4.0) < 0.01)
    driver.press(Qt.Key.Key_Right, ALT)
    driver.until(lambda: abs(driver.player.position_s - 12.0) < 0.01)
    driver.press(Qt.Key.Key_K, CTRL | SHIFT)
    assert len(crops.keyframes) == 1
    for _ in range(driver.program.undo.count()):
        driver.press(Qt.Key.Key_Z, CTRL)
    assert crops.keyframes == ()
    while driver.program.undo.canRedo():
        driver.press(Qt.Key.Key_Z, CTRL | SHIFT)
    assert crops.keyframes == (CropKeyframe(4.0, "1:1"),)
    driver.close()
    again = start(data=tmp_path / "home")
    again.until_open("gop250_25.mp4")
    assert again.program.cropping.crops.keyframes == (CropKeyframe(4.0, "1:1"),)
    assert again.program.cropping.crops.base.ratio == "9:16"


def test_each_clip_takes_the_keyframe_at_its_start_and_one_batch_goes_out_in_a_ratio_of_its_own(
    start: Callable[..., Driver], media: MediaShelf, tmp_path: Path
) -> None:
    driver = start(media("gop250_25"))
    driver.until_open("gop250_25.mp4")
    driver.choose_folder(tmp_path / "out" / "Steps")
    small_batch(driver, clips=2)
    cropping, media_row = driver.program.cropping, driver.state.media
    cropping.controller._edit("set", (CropKeyframe(1.0, "9:16", 0.2), CropKeyframe(4.0, "1:1", 0.8)))
    driver.program.controllers.playback.move_cursor(2.0)
    driver.press(Qt.Key.Key_E)
    driver.until_exported(1)
    driver.press(Qt.Key.Key_4, ALT)
    driver.until_exported(2)
    made = clips(tmp_path / "out" / "Steps")
    size = (320, 240)
    for path, crop, frame in zip(
        made,
        (Crop("9:16", 0.2), Crop("1:1", 0.8), Crop("4:5", 0.2), Crop("4:5", 0.8)),
        (50, 100, 50, 100),
        strict=True,
    ):
        left, _, right, _ = crop_rect(*size, crop).fractions(*size)
        picture = first_picture(path)
        assert read_counter(picture) == frame
        assert read_columns(picture) == pytest.approx((left, right), abs=0.03)
    stored = json.loads((tmp_path / "out" / "Steps" / "dataset.json").read_text())
    assert [entry["crop"]["ratio"] for entry in stored] == ["9:16", "1:1", "4:5", "4:5"]
    assert driver.state.media == media_row and cropping.crops.base.ratio == "", "one-shot exports change no choice"


def test_the_end_frame_dock_shows_the_last_frame_of_the_batch(
    start: Callable[..., Driver], media: MediaShelf, tmp_path: Path
) -> None:
    driver = start(media("gop250_25"), data=tmp_path / "home")
    driver.until_open("gop250_25.mp4")
    small_batch(driver, clips=2)
    driver.press(Qt.Key.Key_E, CTRL | ALT)
    view = driver.program.cropping.end_frame
    driver.until(lambda: "00:00:03.960" in view.caption)
    driver.program.controllers.playback.move_cursor(10.0)
    driver.until(lambda: "00:00:13.960" in view.caption)
    image = view._image
    rgb = np.frombuffer(image.constBits().asstring(image.sizeInBytes()), np.uint8)
    picture = rgb.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()].reshape(image.height(), -1, 3)
    assert read_counter(picture) == 349
    driver.press(Qt.Key.Key_C)
    driver.until(lambda: view.caption.endswith("9:16"))
    driver.close()
    again = start(data=tmp_path / "home")
    again.until_open("gop250_25.mp4")
    assert again.window.actions_table[Act.END_FRAME].isChecked()
    assert again.program.cropping.end_frame.isVisible()


def test_a_sound_file_has_nothing_to_crop(start: Callable[..., Driver], media: MediaShelf) -> None:
    driver = start(media("audio_only"))
    driver.until_open("audio_only.wav")
    driver.press(Qt.Key.Key_E, CTRL | ALT)
    driver.until(lambda: driver.program.cropping.end_frame.caption == "This file has no picture")
    driver.press(Qt.Key.Key_K, CTRL)
    assert any("Open a video first" in text for text in driver.messages())
    assert not driver.program.cropping.page.exports["9:16"].isEnabled()


def test_tracking_without_weights_and_network_says_what_to_fetch(
    start: Callable[..., Driver], media: MediaShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(_url: str, _timeout_s: int) -> object:
        raise OSError("no network")

    told: list[EnvironmentProblem] = []
    monkeypatch.setattr(weights, "_open_url", offline)
    driver = start(media("tiny"))
    driver.until_open("tiny.mp4")
    monkeypatch.setattr(driver.program.cropping.track._notices, "complain", lambda error, *_: told.append(error))
    small_batch(driver)
    driver.press(Qt.Key.Key_F, CTRL | SHIFT)
    driver.until(lambda: len(told) == 1)
    assert "No ratio is chosen" in str(told[0])
    driver.press(Qt.Key.Key_C)
    driver.press(Qt.Key.Key_F, CTRL | SHIFT)
    driver.until(lambda: len(told) == 2)
    assert "ssdlite320" in told[1].fix and str(driver.paths.weights) in told[1].fix
    assert driver.program.cropping.page.keyframes.track.isEnabled()


def test_proposals_are_seen_before_they_count(start: Callable[..., Driver], media: MediaShelf) -> None:
    driver = start(media("gop250_25"))
    driver.until_open("gop250_25.mp4")
    cropping = driver.program.cropping
    crops, rows = cropping.crops, cropping.page.keyframes
    driver.window.control_deck.show_panel(cropping.page)
    cropping.controller._edit("set", (CropKeyframe(1.0, "1:1", 0.5), CropKeyframe(20.0, "1:1", 0.5)))
    proposed = (CropKeyframe(0.0, "9:16", 0.2), CropKeyframe(5.0, "9:16", 0.8))
    crops.propose(proposed, (0.0, 14.0))
    scene = driver.window.timeline.scene.keyframes
    assert [(each.time_s, each.proposed) for each in scene] == [(0.0, True), (5.0, True), (20.0, False)]
    assert cropping.controller._overlay.crop == Crop("9:16", 0.2)
    assert [each.time_s for each in crops.plan.keyframes] == [1.0, 20.0], "an export would not take them yet"
    QTest.mouseClick(rows.discard, Qt.MouseButton.LeftButton)
    assert [each.time_s for each in driver.window.timeline.scene.keyframes] == [1.0, 20.0]
    crops.propose(proposed, (0.0, 14.0))
    QTest.mouseClick(rows.keep, Qt.MouseButton.LeftButton)
    assert crops.keyframes == (*proposed, CropKeyframe(20.0, "1:1", 0.5))
    driver.press(Qt.Key.Key_Z, CTRL)
    assert [each.time_s for each in crops.keyframes] == [1.0, 20.0]
