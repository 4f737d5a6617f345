"""Where the item is: a picture, or a sound that plays at once in a loop, or why there is nothing to judge."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QSplitter, QStackedLayout, QWidget

from core.domain.annotation import ItemKind, Project
from core.errors import EightCutError
from core.ops.item_view import ItemView
from ui.annotation.picture_view import PictureView
from ui.annotation.sound_view import SoundView
from ui.player.factory import create_player, create_sound_player
from ui.player.player import Player
from ui.widgets.empty_state import EmptyState

PlayerMaker = Callable[[QWidget, bool], tuple[Player, QWidget | None]]


def make_player(parent: QWidget, picture: bool) -> tuple[Player, QWidget | None]:
    """The player of the windows, and its surface when they are seen, too."""
    return create_player(parent) if picture else (create_sound_player(parent), None)


class ItemStage(QWidget):
    """Shows one item at a time; `shown` is emitted when it can be seen or heard."""

    shown = pyqtSignal()
    failed = pyqtSignal()
    """There is nothing to judge; `show_problem` says why."""
    skip_requested = pyqtSignal()

    def __init__(self, project: Project, maker: PlayerMaker = make_player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = PictureView()
        self.sound = SoundView()
        self.player: Player | None = None
        self._seconds = 0.0
        self.waiting = EmptyState("One moment…", "The item is being made ready.")
        self.problem = EmptyState("", "", ("Go on with the next", self.skip_requested.emit), icon="warning")
        self._sound_page: QWidget = self.sound
        if project.kind is ItemKind.WINDOW:
            self.player, surface = maker(self, project.show_picture)
            if surface is not None:
                self._sound_page = self._beside(surface)
            self._follow(self.player)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        for page in (self.picture, self._sound_page, self.waiting, self.problem):
            self._pages.addWidget(page)
        self.picture.painted.connect(self.shown)
        self.show_waiting()

    def show_waiting(self) -> None:
        """The item is still being decoded."""
        self._silence()
        self.picture.show_image(None)
        self._pages.setCurrentWidget(self.waiting)

    def show_problem(self, error: EightCutError) -> None:
        """There is nothing to judge, and this is why."""
        self._silence()
        self.picture.show_image(None)
        self.problem.set_texts(error.what, ". ".join(part.rstrip(".") for part in (error.why, error.fix) if part) + ".")
        self._pages.setCurrentWidget(self.problem)
        self.failed.emit()

    def show_picture(self, image: QImage) -> None:
        self._pages.setCurrentWidget(self.picture)
        self.picture.show_image(image)

    def show_window(self, view: ItemView) -> None:
        """Play it at once, over and over."""
        self._pages.setCurrentWidget(self._sound_page)
        self._seconds = view.seconds
        self.sound.show_sound(view.pitches, view.seconds)
        self.player.open(str(view.file))

    def toggle_sound(self) -> None:
        if self.player is not None:
            self.player.toggle()

    def hold(self) -> None:
        """Nobody is looking: be quiet."""
        if self.player is not None:
            self.player.pause()

    def shut_down(self) -> None:
        """Before the widget dies."""
        if self.player is not None:
            self.player.shutdown()

    @property
    def judgeable(self) -> bool:
        """Whether the item is in sight, or playing."""
        return self.page in (self.picture, self._sound_page)

    @property
    def page(self) -> QWidget:
        """What is in sight: `picture`, the sound's page, `waiting` or `problem`."""
        return self._pages.currentWidget()

    def _silence(self) -> None:
        if self.player is not None:
            self.player.close()
        self.sound.show_sound(None, 0.0)

    def _follow(self, player: Player) -> None:
        player.opened.connect(self._opened)
        player.failed.connect(self.show_problem)
        player.position_changed.connect(self.sound.show_position)
        player.paused_changed.connect(self.sound.show_paused)

    def _opened(self, _path: str) -> None:
        self.player.set_loop(0.0, min(self._seconds, self.player.duration_s) or self._seconds)
        self.player.play()
        self.shown.emit()

    def _beside(self, surface: QWidget) -> QWidget:
        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.addWidget(surface)
        both.addWidget(self.sound)
        both.setSizes([420, 180])
        return both
