"""The composition root: builds everything, wires it, and shuts it down in order."""

from __future__ import annotations

import locale
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6 import sip
from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QUndoStack
from PyQt6.QtWidgets import QApplication

from core import APP_NAME, __version__
from core.db import ProcessedDB
from core.errors import EightCutError
from core.log import LOG_NAME
from core.paths import DataPaths
from core.session import Session
from ui import settings as keys
from ui import theme
from ui.jobs.runner import JobRunner
from ui.main_window.annotating import Annotating
from ui.main_window.commands import Commands, Controllers
from ui.main_window.cropping import Cropping
from ui.main_window.cutting_state import CuttingState
from ui.main_window.export_checks import ExportChecks
from ui.main_window.export_controller import ExportController
from ui.main_window.export_options_controller import ExportOptionsController
from ui.main_window.history_editing import HistoryEditing
from ui.main_window.library import Library
from ui.main_window.media_controller import MediaController
from ui.main_window.open_history import open_history
from ui.main_window.playback_controller import PlaybackController
from ui.main_window.readout import Readout
from ui.main_window.scanning import Scanning
from ui.main_window.speech import SpeechController
from ui.main_window.start_up import StartUp
from ui.main_window.surroundings import Surroundings
from ui.main_window.timeline_presenter import TimelinePresenter
from ui.main_window.window import MainWindow
from ui.player.factory import create_player
from ui.services import Services
from ui.session_bridge import SessionBridge
from ui.settings import Settings

log = logging.getLogger(__name__)


def run(media: Sequence[str], paths: DataPaths) -> int:
    """Open the window on these files, or where the person left off; returns the exit code when it is closed.

    Raises:
        EnvironmentProblem: the data folder cannot be used.
    """
    started_s = time.monotonic()
    paths.prepare()
    app = make_application(sys.argv[:1])
    settings = Settings(paths.settings)
    theme.apply(app, theme.theme_named(settings.get(keys.THEME)))
    db = open_history(paths)
    if db is None:
        return 1
    program = Program(db, paths, settings)
    program.window.show()
    log.info("%s %s, window after %.2f s", APP_NAME, __version__, time.monotonic() - started_s)
    QTimer.singleShot(0, lambda: program.start(media))
    code = app.exec()
    program.take_apart()
    return code


def make_application(arguments: Sequence[str]) -> QApplication:
    """The QApplication, with the number format that libmpv insists on."""
    app = QApplication.instance() or QApplication(list(arguments))
    locale.setlocale(locale.LC_NUMERIC, "C")
    # A painted row asks for the interpreter many times; a worker that computes gives it up this often, not every 5 ms.
    sys.setswitchinterval(0.0005)
    # Torchvision imports triton where it is installed. Its LLVM and the one of Mesa's drivers crash the process that
    # loads both; 8-cut compiles nothing with it, and all do without it where it cannot be imported.
    sys.modules.setdefault("triton", None)
    app.setApplicationName(APP_NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("8-cut")
    return app


class Program(QObject):
    """Everything that lives as long as the window."""

    def __init__(self, db: ProcessedDB, paths: DataPaths, settings: Settings, runner: JobRunner | None = None) -> None:
        super().__init__()
        self.db = db
        self.paths = paths
        self.settings = settings
        self.bridge = SessionBridge(Session(settings.get(keys.PROFILE)), self)
        self.runner = runner or JobRunner(self)
        self.undo = QUndoStack(self)
        self.services = Services(db, paths, self.bridge, self.runner, settings, self.undo)
        self.window = window = MainWindow(settings, self.runner)
        self.player, surface = create_player(window)
        window.set_surface(surface)
        self.state = state = CuttingState(self)
        self.cropping = Cropping(self.services, window, state, self.player, surface)
        self.controllers = self._build_controllers()
        self.export_options = ExportOptionsController(self.services, state, window)
        self.export_options.follow_crop(lambda: self.cropping.crops.base.crop, self.cropping.crops.changed)
        self._restore_player()
        self.scanning = Scanning(self.services, window, state, self.player, self.controllers)
        self.annotating = Annotating(self.services, window, self.scanning, self.history.mover)
        self.commands = Commands(
            window, self.controllers, state, self.player, settings, self.scanning.history, paths.logs / LOG_NAME
        )
        self.surroundings = Surroundings(self.services, window, self.controllers, state, self.player)
        self.speech = SpeechController(
            paths.cache, self.runner, state, window, self.surroundings.live, settings, self.scanning
        )
        self.readout = Readout(window, self.bridge, state, self.player)
        self.start_up = StartUp(self.services, window, self.controllers)
        self._connect_window()
        self._shut_down = False

    def start(self, media: Sequence[str]) -> None:
        """After the first painted frame: everything that may take a moment."""
        self.surroundings.begin()
        self.history.begin()
        self.start_up.begin([str(Path(path).absolute()) for path in media])

    def shut_down(self) -> None:
        """Stop the work, then the player, then the database. Idempotent."""
        if self._shut_down:
            return
        self._shut_down = True
        self._keep_at_last(self.library.tabs.flush)
        self.annotating.flush()
        self.runner.shutdown()
        media = self.state.media
        if media and not self.db.read_only:
            profile, cursor_s = self.bridge.session.profile, self.state.cursor_s
            self._keep_at_last(lambda: self.db.lists.remember(profile, media.id, cursor_s))
        self.player.shutdown()
        self.settings.save()
        self.db.close()

    def take_apart(self) -> None:
        """Shut down and delete everything now, in order.

        Signals connected to closures keep it all alive until the interpreter ends, where PyQt deletes what is left one
        by one and now and then (one exit in 150) trips over a child that went with its parent.
        """
        self.shut_down()
        sip.delete(self.window)
        sip.delete(self)

    @staticmethod
    def _keep_at_last(store: Callable[[], None]) -> None:
        """What a full disk does not take is lost by now; it must not keep the program from ending in order."""
        try:
            store()
        except EightCutError as error:
            log.warning("Not kept at the end: %s", error)

    def _build_controllers(self) -> Controllers:
        services, state, player, window = self.services, self.state, self.player, self.window
        playback = PlaybackController(state, player)
        media = MediaController(services, state, player, window.notices)
        timeline = TimelinePresenter(self.db, self.bridge, state, player, window.timeline, playback)
        checks = ExportChecks(self.db, self.settings, window.banner)
        export = ExportController(services, state, player, window.deck, window.notices, checks)
        self.history = HistoryEditing(services, window, timeline, export)
        self.cropping.join(timeline, playback, export)
        self.library = Library(services, window, state, media, export)
        return Controllers(media, self.library.rows, playback, timeline, export)

    def _restore_player(self) -> None:
        """Before anybody follows the player and remembers what it starts with."""
        get = self.settings.get
        self.player.set_volume(get(keys.VOLUME))
        self.player.set_muted(get(keys.MUTED))
        self.player.set_speed(get(keys.SPEED))
        self.state.set_locked(self.settings.get(keys.LOCK_CURSOR))
        self.state.locked_changed.connect(lambda locked: self.settings.set(keys.LOCK_CURSOR, locked))

    def _connect_window(self) -> None:
        window = self.window
        window.files_dropped.connect(self.controllers.media.add)
        window.media_panel.add_requested.connect(self.commands.choose_files)
        window.transport.volume_changed.connect(self.player.set_volume)
        window.transport.track_chosen.connect(self.player.set_audio_track)
        window.closing.connect(self.shut_down)
