"""What is around the cutting: the look and layout of the window, settings, What's new, About."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QApplication, QDialog

from core import __version__
from core.ops import about, demo_videos
from ui import settings as keys
from ui import theme
from ui.action_table import Act
from ui.dialogs.about import AboutDialog
from ui.dialogs.versions import Component
from ui.dialogs.whats_new import WhatsNewDialog, is_due, read_releases
from ui.jobs.runner import Lane
from ui.main_window.commands import Controllers
from ui.main_window.cutting_state import CuttingState
from ui.main_window.deck_settings import default_folder
from ui.main_window.lanes_controller import LanesController
from ui.main_window.live_settings import LiveSettings
from ui.main_window.settings_dialog import SettingsDialog
from ui.main_window.window import MainWindow
from ui.player.player import Player
from ui.services import Services


class Surroundings(QObject):
    """Makes every setting take effect, at the start and when it is changed."""

    def __init__(
        self, services: Services, window: MainWindow, controllers: Controllers, state: CuttingState, player: Player
    ) -> None:
        super().__init__(window)
        self._window = window
        self._player = player
        self._settings = services.settings
        self._runner = services.runner
        self._paths = services.paths
        self._usual_log_level = logging.getLogger().level
        self.live = LiveSettings(services.settings, self)
        self.lanes = LanesController(services.paths.cache, services.runner, state, window, self.live)
        self._follow_playback(controllers)
        self._follow_window()
        self._follow_deck()
        self._bind_dialogs()
        self._media = controllers.media
        window.welcome.add_action("Try the demo", self.try_demo)
        window.closing.connect(lambda: self._set_verbose(False))

    def begin(self) -> None:
        """After the first painted frame: say what is new in a new version."""
        seen = self._settings.get(keys.WHATS_NEW_SEEN)
        if is_due(seen):
            self.show_whats_new()
        elif not seen:
            self._settings.set(keys.WHATS_NEW_SEEN, __version__)

    @property
    def dialogs(self) -> tuple[QDialog, ...]:
        """Those of the surroundings that are open, the oldest first."""
        return tuple(self._open)

    def show_whats_new(self) -> None:
        dialog = WhatsNewDialog(read_releases(), self._window)
        dialog.finished.connect(lambda _: self._settings.set(keys.WHATS_NEW_SEEN, self._seen(dialog.silenced)))
        self._show(dialog)

    def show_settings(self) -> SettingsDialog:
        dialog = SettingsDialog(self._settings, self._window.actions_table, self._paths, self._runner, self._window)
        self._show(dialog)
        return dialog

    def show_about(self) -> None:
        """Open at once; versions that only a child process tells arrive later."""
        dialog = AboutDialog(self._window, [Component("libmpv", self._player.engine_version, "", "")])
        self._show(dialog)
        self._runner.submit(
            Lane.IO,
            "Ask for versions",
            lambda ctx: about.parts(self._paths, ctx),
            on_done=lambda parts: self._complete(dialog, parts),
            quiet=True,
            supersedes="about",
        )

    def try_demo(self) -> None:
        """Make videos to try things with, in the background, and open the first."""
        self._runner.submit(
            Lane.FFMPEG,
            "Make the demo",
            lambda ctx: demo_videos.make(self._paths, ctx),
            on_done=self._media.add,
            on_failed=self._window.notices.complain,
            where="Eight short videos",
            supersedes="demo",
        )
        self._window.notices.tell("Eight short videos are being made; they open in a moment.")

    def _complete(self, dialog: AboutDialog, parts: Sequence[about.Part]) -> None:
        if dialog in self._open:
            dialog.add_parts(Component(part.name, part.version, part.licence, part.purpose) for part in parts)

    def _seen(self, silenced: bool) -> str:
        """The version that need not be shown again; "-" asks for it at the next start."""
        return __version__ if silenced else "-"

    # -- what settings do ---------------------------------------------------------------------------------------------

    def _follow_playback(self, controllers: Controllers) -> None:
        playback, live, actions = controllers.playback, self.live, self._window.actions_table
        live.follow(keys.REACTION_MS, lambda reaction_ms: playback.set_reaction(reaction_ms / 1000))
        live.follow(keys.LOOP_ENDS, playback.set_only_ends)
        live.follow(keys.LOOP_ENDS, actions[Act.LOOP_ENDS].setChecked)
        live.follow(keys.VOLUME, self._player.set_volume)
        live.follow(keys.MUTED, self._player.set_muted)
        live.follow(keys.SPEED, self._player.set_speed)

    def _follow_window(self) -> None:
        window, live, actions = self._window, self.live, self._window.actions_table
        live.follow(keys.THEME, self._dress)
        live.follow(keys.LOG_VERBOSE, self._set_verbose)
        live.follow(keys.DECK_SHOWN, window.control_deck.setVisible)
        live.follow(keys.DECK_COLUMNS, window.control_deck.set_columns)
        for action_id, setting in (
            (Act.DECK, keys.DECK_SHOWN),
            (Act.DECK_COLUMNS, keys.DECK_COLUMNS),
            (Act.SPECTROGRAM, keys.SPECTROGRAM),
            (Act.THUMBNAILS, keys.THUMBNAILS),
        ):
            live.bind_toggle(actions, action_id, setting)
        actions.connect(Act.FULL_SCREEN, lambda: window.set_full_screen(not window.isFullScreen()))
        window.control_deck.set_tab(self._settings.get(keys.DECK_TAB))
        window.control_deck.tab_changed.connect(lambda tab: self._settings.set(keys.DECK_TAB, tab))

    def _follow_deck(self) -> None:
        """What the settings say of exports goes into the deck, which keeps it for the next batch."""
        deck = self._window.deck

        def show(name: str, value: object) -> None:
            values = deck.values
            if getattr(values.settings, name) != value:
                deck.show_values(replace(values, settings=replace(values.settings, **{name: value})))

        def show_folder(folder: str) -> None:
            wanted, before = folder or default_folder(), self._default_folder
            self._default_folder = wanted
            if deck.folder.text().strip() in ("", before):
                deck.folder.setText(wanted)

        for name, setting in (("crf", keys.CRF), ("preset", keys.PRESET), ("audio", keys.AUDIO)):
            self.live.follow(setting, lambda value, name=name: show(name, value))
        self._default_folder = self._settings.get(keys.DEFAULT_FOLDER) or default_folder()
        self.live.follow(keys.DEFAULT_FOLDER, show_folder)

    def _dress(self, name: str) -> None:
        self._window.actions_table[Act.THEME].setChecked(name == theme.LIGHT.name)
        if theme.current().name != name:
            theme.apply(QApplication.instance(), theme.theme_named(name))

    def _set_verbose(self, verbose: bool) -> None:
        logging.getLogger().setLevel(logging.DEBUG if verbose else self._usual_log_level)

    # -- dialogs ------------------------------------------------------------------------------------------------------

    def _bind_dialogs(self) -> None:
        self._open: list[QDialog] = []
        connect = self._window.actions_table.connect
        connect(Act.SETTINGS, self.show_settings)
        connect(Act.WHATS_NEW, self.show_whats_new)
        connect(Act.ABOUT, self.show_about)

    def _show(self, dialog: QDialog) -> None:
        """Without a loop of its own: the window goes on while it is open."""
        self._open.append(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda _: self._open.remove(dialog))
        dialog.show()
