"""The deck's page for cropping: ratio and place, chance, motion, keyframes, and exports in a ratio of their own."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.crop import RATIOS, Crop
from core.domain.crop_plan import MAX_SPEED_RANGE, CropKeyframe
from core.domain.timecode import format_time
from ui.crop.bar import CropBar
from ui.crop.keyframe_list import KeyframeList
from ui.crop.unsqueezed import UnsqueezedArea
from ui.theme import Space

SEED_LIMIT = 99_999
SPIN_WIDTH_PX = 112
WITHOUT_KEYFRAME = "Ratio where no keyframe is"


@dataclass(frozen=True)
class CropOptions:
    """What holds for all clips, whatever the keyframes say."""

    scatter: bool = False
    seed: int = 0
    moving: bool = False
    max_speed: float = 0.15


class CropPage(QWidget):
    """Asks by signals and shows what it is told; the `show_…` methods never announce an edit."""

    ratio_chosen = pyqtSignal(str)
    chance_chosen = pyqtSignal(bool, bool)
    options_edited = pyqtSignal()
    export_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = CropBar(self)
        self.keyframes = KeyframeList(self)
        self._create_choice()
        self._create_chance()
        self._create_motion()
        self._create_exports()
        self._lay_out()
        self.set_ready(False)

    @property
    def options(self) -> CropOptions:
        return CropOptions(
            self.scatter.isChecked(), self.seed.value(), self.moving.isChecked(), self.max_speed.value() / 100
        )

    def show_options(self, options: CropOptions) -> None:
        blocked = self.blockSignals(True)
        self.scatter.setChecked(options.scatter)
        self.seed.setValue(options.seed)
        self.moving.setChecked(options.moving)
        self.max_speed.setValue(options.max_speed * 100)
        self.blockSignals(blocked)
        self._follow()

    def show_crop(self, size: tuple[int, int] | None, crop: Crop, source: CropKeyframe | None, held: bool) -> None:
        """Show the crop in force.

        Args:
            size: of the displayed picture in pixels, None while unknown.
            crop: as it stands at the moment shown.
            source: the keyframe or, where none is, the base that it comes from.
            held: whether that is a keyframe.
        """
        self.ratios[crop.ratio].setChecked(True)
        self.bar.show_crop(size, crop)
        self.scope.setText(f"Ratio from {format_time(source.time_s)} on" if held and source else WITHOUT_KEYFRAME)
        self.place.setText(f"Position  {crop.center * 100:.0f} %" if self.bar.axis else "Position")
        blocked = self.blockSignals(True)
        self.portrait.setChecked(bool(source and source.random_portrait))
        self.square.setChecked(bool(source and source.random_square))
        self.blockSignals(blocked)
        self._follow()

    def show_batch(self, crops: tuple[Crop, ...]) -> None:
        """Say how the clips of the pending batch would be cropped."""
        ratios = [crop.ratio or "whole" for crop in crops]
        runs: list[list] = []
        for ratio in ratios:
            if runs and runs[-1][0] == ratio:
                runs[-1][1] += 1
            else:
                runs.append([ratio, 1])
        self.summary.setText(" · ".join(ratio if count == 1 else f"{count} × {ratio}" for ratio, count in runs[:8]))
        self.summary.setToolTip("\n".join(f"Clip {index}: {ratio}" for index, ratio in enumerate(ratios)))

    def set_ready(self, ready: bool) -> None:
        """Whether there is a video to crop."""
        for button in self.exports.values():
            button.setEnabled(ready)
        self.keyframes.set_ready(ready)

    def _create_choice(self) -> None:
        self.ratios: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        for ratio in ("", *RATIOS):
            button = QToolButton(self)
            button.setText(ratio or "Off")
            button.setCheckable(True)
            button.setAccessibleName(f"Crop {ratio}" if ratio else "No crop")
            button.setToolTip(f"Crop to {ratio}" if ratio else "Export the whole picture")
            button.clicked.connect(lambda _checked=False, chosen=ratio: self.ratio_chosen.emit(chosen))
            group.addButton(button)
            self.ratios[ratio] = button
        self.ratios[""].setChecked(True)
        self.place = caption("Position")
        self.scope = caption(WITHOUT_KEYFRAME)
        self.scope.setToolTip(
            "What a change here changes: the keyframe in force at the playhead, or what holds without"
        )

    def _create_chance(self) -> None:
        self.portrait = QCheckBox("9:16", self)
        self.square = QCheckBox("1:1", self)
        self.scatter = QCheckBox("anywhere", self)
        self.portrait.setToolTip("Crop a third of the clips to 9:16, chosen by chance")
        self.square.setToolTip("Crop a third of the clips to 1:1, chosen by chance")
        self.scatter.setToolTip("Let chance choose the place of these crops too")
        self.portrait.setAccessibleName("Random 9:16 crops")
        self.square.setAccessibleName("Random 1:1 crops")
        self.scatter.setAccessibleName("Random crops at random places")
        self.seed = QSpinBox(self)
        self.seed.setRange(0, SEED_LIMIT)
        self.seed.setPrefix("Seed ")
        self.seed.setMaximumWidth(SPIN_WIDTH_PX)
        self.seed.setToolTip("The same seed makes the same choices again")
        self.seed.setAccessibleName("Seed of the random crops")
        for box in (self.portrait, self.square):
            box.toggled.connect(self._chance_edited)
        self.scatter.toggled.connect(self._edited)
        self.seed.valueChanged.connect(self._edited)

    def _create_motion(self) -> None:
        self.moving = QCheckBox("Move inside clips", self)
        self.moving.setToolTip("Let the crop glide from keyframe to keyframe while a clip runs")
        self.max_speed = QDoubleSpinBox(self)
        self.max_speed.setRange(MAX_SPEED_RANGE[0] * 100, MAX_SPEED_RANGE[1] * 100)
        self.max_speed.setDecimals(0)
        self.max_speed.setSingleStep(5)
        self.max_speed.setPrefix("at most ")
        self.max_speed.setSuffix(" %/s")
        self.max_speed.setMaximumWidth(SPIN_WIDTH_PX + Space.XXL + Space.L)
        self.max_speed.setToolTip("How far a moving crop may go in a second, in hundredths of the picture")
        self.max_speed.setAccessibleName("Speed limit of moving crops")
        self.moving.toggled.connect(self._edited)
        self.max_speed.valueChanged.connect(self._edited)

    def _create_exports(self) -> None:
        self.summary = QLabel(self)
        self.summary.setProperty("muted", True)
        self.exports: dict[str, QPushButton] = {}
        for ratio in RATIOS:
            button = QPushButton(f"Export {ratio}", self)
            button.setToolTip(f"Export this one batch in {ratio}, at the places of the keyframes")
            button.clicked.connect(lambda _checked=False, chosen=ratio: self.export_requested.emit(chosen))
            self.exports[ratio] = button

    def _lay_out(self) -> None:
        choice, chance, motion = (QHBoxLayout() for _ in range(3))
        for row, widgets in (
            (choice, self.ratios.values()),
            (chance, (self.portrait, self.square, self.scatter, self.seed)),
            (motion, (self.moving, self.max_speed)),
        ):
            row.setSpacing(2 if row is choice else Space.S)
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.XS // 2)
        chance_title, motion_title = caption("By chance, a third of the clips"), caption("Motion")
        for title in (self.place, motion_title):
            title.setContentsMargins(0, Space.S, 0, 0)
        for row, parts in enumerate(
            ((self.scope, chance_title), (choice, chance), (self.place, motion_title), (self.bar, motion))
        ):
            for column, part in enumerate(parts):
                if isinstance(part, QWidget):
                    grid.addWidget(part, row, column)
                else:
                    grid.addLayout(part, row, column)
        grid.setRowStretch(4, 1)
        out = QVBoxLayout()
        out.setSpacing(Space.XS)
        out.addWidget(self.summary)
        out.addStretch(1)
        for button in self.exports.values():
            out.addWidget(button)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.M)
        row.setSpacing(Space.L)
        # Without factors: an item with one may be squeezed below what it would like to be.
        row.addLayout(grid)
        row.addWidget(self.keyframes)
        row.addLayout(out)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(UnsqueezedArea(body))

    def _chance_edited(self) -> None:
        self._follow()
        self.chance_chosen.emit(self.portrait.isChecked(), self.square.isChecked())

    def _edited(self) -> None:
        self._follow()
        self.options_edited.emit()

    def _follow(self) -> None:
        chance = self.portrait.isChecked() or self.square.isChecked()
        self.scatter.setEnabled(chance)
        self.seed.setEnabled(chance)
        self.max_speed.setEnabled(self.moving.isChecked())


def caption(text: str) -> QLabel:
    """A small title over a field."""
    label = QLabel(text)
    label.setProperty("muted", True)
    label.setProperty("small", True)
    return label
