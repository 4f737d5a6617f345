"""What the timeline really paints: things are where they belong, a scrolled picture equals a fresh one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, Qt
from PyQt6.QtGui import QColor, QFocusEvent, QImage, QRegion
from PyQt6.QtWidgets import QApplication, QWidget

from core.domain.clip import Batch
from core.domain.timespan import Span
from ui.theme import DARK, LIGHT, apply, qcolor
from ui.timeline import RegionState, SceneMarker, SceneRegion, TimelineScene, TimelineWidget
from ui.timeline.layers.regions import REGIONS


def picture(timeline: TimelineWidget) -> QImage:
    return timeline.grab().toImage()


def lane(timeline: TimelineWidget, name: str) -> int:
    """The middle row of a lane."""
    return sum(timeline._lanes[name]) // 2


def distance(one: QColor, other: QColor) -> int:
    return sum(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))


def column(image: QImage, x: float, colour: str) -> int:
    """How many pixels of the column at `x` have this colour."""
    wanted = qcolor(colour)
    return sum(distance(image.pixelColor(round(x), y), wanted) < 12 for y in range(image.height()))


def test_the_cursor_line_stands_at_its_time(timeline: TimelineWidget) -> None:
    image, x = picture(timeline), timeline.axis.x(10.0)
    assert column(image, x, DARK.cursor) > 90
    assert column(image, x + 4, DARK.cursor) < 30


def test_a_locked_cursor_has_another_colour_and_says_so(timeline: TimelineWidget) -> None:
    before = picture(timeline)
    timeline.set_locked(True)
    image, x = picture(timeline), timeline.axis.x(10.0)
    assert column(image, x, DARK.cursor_locked) > 90
    badge = (timeline.width() - 20, timeline._lanes["body"].top + 9)
    assert image.pixelColor(*badge) != before.pixelColor(*badge)


def test_the_playhead_moves_and_leaves_nothing_behind(timeline: TimelineWidget) -> None:
    before = picture(timeline)
    timeline.set_playhead(70.0)
    assert column(picture(timeline), timeline.axis.x(70.0), DARK.playhead) > 100
    timeline.set_playhead(75.0)
    image = picture(timeline)
    assert column(image, timeline.axis.x(70.0), DARK.playhead) < 5
    timeline.set_playhead(None)
    assert picture(timeline) == before


def test_a_flag_stands_where_its_batch_starts(timeline: TimelineWidget) -> None:
    image, x = picture(timeline), round(timeline.axis.x(20.0))
    row = timeline._lanes["markers"].top + 4
    assert distance(image.pixelColor(x + 4, row), qcolor(DARK.marker)) < 12
    assert distance(image.pixelColor(x - 4, row), qcolor(DARK.timeline_back)) < 12


def test_the_regions_lie_in_their_lane_and_states_differ_by_pattern(timeline: TimelineWidget) -> None:
    same = [
        SceneRegion(state.name, 10.0 + 20 * index, 24.0 + 20 * index, 0.9, state)
        for index, state in enumerate(RegionState)
    ]
    timeline.set_scene(TimelineScene(100, 0, None, (), tuple(same)))
    image, row = picture(timeline), lane(timeline, REGIONS)
    assert distance(image.pixelColor(round(timeline.axis.x(5)), row), qcolor(DARK.waveform_back)) < 12
    masks = set()
    for region in same:
        x, rows = round(timeline.axis.x(region.end_s)) - 30, range(row - 6, row + 6)
        back = qcolor(DARK.waveform_back)
        # Painted or not, without its colour: a person who sees no colours must see four kinds.
        masks.add(
            tuple(distance(image.pixelColor(x + dx, y), back) > 90 for dx in range(20) for y in rows),
        )
    assert len(masks) == 4


def test_the_highlighted_region_has_a_frame_through_the_body(timeline: TimelineWidget) -> None:
    before, x = picture(timeline), timeline.axis.x(80.0)
    timeline.set_scene(replace(timeline.scene, highlighted_region="r3"))
    assert column(picture(timeline), x, DARK.region_selected) > column(before, x, DARK.region_selected) + 50


def test_focus_by_keyboard_shows_a_frame_and_a_click_does_not(timeline: TimelineWidget) -> None:
    plain = picture(timeline)
    for reason, shown in ((Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)):
        QApplication.sendEvent(timeline, QFocusEvent(QEvent.Type.FocusIn, reason))
        assert (picture(timeline) != plain) == shown
    QApplication.sendEvent(timeline, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    QApplication.sendEvent(timeline, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert picture(timeline) == plain


def test_a_higher_score_is_more_opaque(timeline: TimelineWidget) -> None:
    regions = (SceneRegion(1, 10, 20, 0.1), SceneRegion(2, 30, 40, 1.0))
    timeline.set_scene(TimelineScene(100, 0, None, (), regions))
    image, row = picture(timeline), lane(timeline, REGIONS)
    full = qcolor(DARK.region)
    weak, strong = (image.pixelColor(round(timeline.axis.x(at)), row) for at in (18, 38))
    assert distance(strong, full) < distance(weak, full)


def test_the_trimmed_part_of_a_region_stays_as_a_ghost(timeline: TimelineWidget) -> None:
    image, row = picture(timeline), lane(timeline, REGIONS)
    ghost = image.pixelColor(round(timeline.axis.x(79.0)), row)
    nothing = image.pixelColor(round(timeline.axis.x(70.0)), row)
    region = image.pixelColor(round(timeline.axis.x(85.0)), timeline._lanes[REGIONS].bottom - 5)
    assert distance(ghost, nothing) > 10
    assert distance(ghost, region) > 60


def test_the_waveform_is_loud_where_the_sound_is(timeline: TimelineWidget) -> None:
    image = picture(timeline)
    quiet = column(image, timeline.axis.x(37.0), DARK.waveform)
    loud = column(image, timeline.axis.x(77.0), DARK.waveform)
    assert quiet <= 3
    body = timeline._lanes["body"]
    assert loud == pytest.approx((body.height / 2 - 5), abs=4)


def test_no_clip_outside_and_the_batch_has_a_tick_for_each_clip(timeline: TimelineWidget) -> None:
    timeline.set_scene(TimelineScene(100, 10.0, Batch(10.0, 3, 3.0, 8.0)))
    timeline.zoom_to(5, 35)
    image, row = picture(timeline), lane(timeline, "body") - 6
    inside, outside = (image.pixelColor(round(timeline.axis.x(at)), row) for at in (11.5, 25.0))
    assert distance(inside, outside) > 20
    for start_s in (13.0, 16.0):
        tick = image.pixelColor(round(timeline.axis.x(start_s)), row)
        assert distance(tick, inside) > 60


def test_a_clip_that_reaches_behind_the_end_is_drawn_as_a_warning(timeline: TimelineWidget) -> None:
    timeline.set_scene(TimelineScene(100, 84.0, Batch(84.0, 3, 4.0, 10.0)))
    image = picture(timeline)
    assert column(image, timeline.axis.x(88.0), DARK.warning) < 10
    assert column(image, timeline.axis.x(92.0), DARK.warning) > 30


@pytest.mark.parametrize("dx", [-1, 1, -37, 120, -480, 5000])
def test_a_scrolled_picture_equals_a_fresh_one(timeline: TimelineWidget, dx: float) -> None:
    timeline.zoom_to(30, 60)
    picture(timeline)
    painted = timeline._backdrop.full_paints
    timeline.pan(dx)
    scrolled = picture(timeline)
    if abs(dx) < 200:
        assert timeline._backdrop.full_paints == painted
    timeline.invalidate()
    assert picture(timeline) == scrolled


def test_many_small_pans_add_up_to_the_same_picture(timeline: TimelineWidget) -> None:
    markers = tuple(
        SceneMarker(index, index * 0.7, Span(index * 0.7, index * 0.7 + 3), str(index)) for index in range(140)
    )
    timeline.set_scene(replace(timeline.scene, markers=markers))
    timeline.zoom_to(30, 60)
    for dx in (-3, -11, 7, -40, 0.4, 0.7, -200, 90):
        timeline.pan(dx)
        picture(timeline)
    scrolled = picture(timeline)
    assert timeline._backdrop.strip_paints >= 5
    timeline.invalidate()
    assert picture(timeline) == scrolled


def test_a_playhead_tick_repaints_from_the_cache_only(timeline: TimelineWidget) -> None:
    picture(timeline)
    painted = timeline._backdrop.full_paints, timeline._backdrop.strip_paints
    for step in range(20):
        timeline.set_playhead(step / 25)
        timeline.set_cursor(step)
        picture(timeline)
    assert (timeline._backdrop.full_paints, timeline._backdrop.strip_paints) == painted


class PaintedRegions(QObject):
    """The regions a widget was asked to repaint, as one."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.region = QRegion()
        QApplication.processEvents()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.region = self.region.united(event.region())
        return False


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("set_playhead", 70.0, 75.0), ("set_cursor", 20.0, 70.0), ("set_locked", False, True)],
)
def test_a_change_repaints_where_things_were_and_are_and_not_more(
    timeline: TimelineWidget, name, before, after
) -> None:
    change = getattr(timeline, name)
    change(before)
    painted = PaintedRegions(timeline)
    old = picture(timeline)
    painted.region = QRegion()
    change(after)
    QApplication.processEvents()
    region, new = painted.region, picture(timeline)
    area = sum(
        region.contains(QPoint(x, y)) for x in range(0, timeline.width(), 4) for y in range(0, timeline.height(), 4)
    )
    assert 0 < area < timeline.width() * timeline.height() / 16 / 2
    overview_top = timeline._overview.y()
    missed = [
        (x, y)
        for x in range(timeline.width())
        for y in range(0, overview_top, 3)
        if old.pixel(x, y) != new.pixel(x, y) and not region.contains(QPoint(x, y))
    ]
    assert not missed


@pytest.mark.parametrize(
    ("scene", "reading"),
    [
        (TimelineScene(), None),
        (TimelineScene(0.5, 0.2, Batch(0.2)), None),
        (TimelineScene(36_000.0, 35_999.0, Batch(35_999.0, 99)), 0.3),
        (TimelineScene(60.0, has_audio=False), None),
        (TimelineScene(60.0, frame_s=1 / 25), 1.7),
    ],
    ids=["nothing open", "half a second", "ten hours", "no audio", "reading"],
)
def test_every_state_can_be_painted_at_every_zoom(
    timeline: TimelineWidget, scene: TimelineScene, reading: float | None
) -> None:
    timeline.set_waveform(None)
    timeline.set_scene(scene)
    timeline.set_waveform_progress(reading)
    timeline.set_playhead(0.1)
    pictures = []
    for _ in range(12):
        pictures.append(picture(timeline))
        timeline.zoom_about(4.0, 300.0)
    assert not pictures[0].isNull()


def test_texts_say_what_is_missing(timeline: TimelineWidget) -> None:
    timeline.set_waveform(None)
    timeline.set_scene(TimelineScene(100.0, has_audio=True))
    plain = picture(timeline)
    timeline.set_waveform_progress(0.4)
    reading = picture(timeline)
    timeline.set_waveform_progress(None)
    timeline.set_scene(TimelineScene(100.0, has_audio=False))
    silent = picture(timeline)
    assert plain != reading
    assert plain != silent
    assert silent != reading


def test_another_theme_repaints_everything(qapp, timeline: TimelineWidget) -> None:
    dark = picture(timeline)
    apply(qapp, LIGHT)
    light = picture(timeline)
    row = lane(timeline, "markers")
    assert distance(light.pixelColor(600, row), qcolor(LIGHT.timeline_back)) < 12
    apply(qapp, DARK)
    assert picture(timeline) == dark


def test_a_layer_of_ones_own_gets_its_lane_and_is_painted(qtbot, scene: TimelineScene) -> None:
    class Stripe:
        lane = "stripe"
        at_top = False

        def wanted_px(self, scene: TimelineScene) -> int:
            return 10

        def paint(self, painter, view, scene) -> None:
            lane = view.lanes["stripe"]
            painter.fillRect(0, lane.top, view.width_px, lane.height, QColor("#123456"))

    timeline = TimelineWidget(layers=[Stripe()])
    qtbot.addWidget(timeline)
    timeline.resize(600, 170)
    timeline.set_scene(scene)
    image = picture(timeline)
    assert image.pixelColor(300, sum(timeline._lanes["stripe"]) // 2) == QColor("#123456")
    assert timeline._lanes["stripe"].height == 10
