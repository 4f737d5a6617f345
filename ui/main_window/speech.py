"""Where someone speaks, in the window: shown on the waveform, and a filter for the regions of the open media."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QComboBox

from core.domain.media import Media
from core.domain.speech import SpeechFilter, SpeechTrack
from core.errors import EightCutError
from core.ops import speech
from core.scan.speech import wanted
from ui import settings as keys
from ui.action_table import Act
from ui.jobs.runner import Lane, Runner
from ui.main_window.cutting_state import CuttingState
from ui.main_window.live_settings import LiveSettings
from ui.main_window.scanning import Scanning
from ui.main_window.setting_fields import choice_field
from ui.main_window.window import MainWindow
from ui.settings import Settings

SUPERSEDES = "speech"
_CHOICES = (
    ("All regions", SpeechFilter.ANY.value),
    ("Speech only", SpeechFilter.ONLY.value),
    ("No speech", SpeechFilter.WITHOUT.value),
)


class SpeechController(QObject):
    """Speech is looked for once per media, and only while somebody wants to see it or filters by it."""

    def __init__(
        self,
        cache: Path,
        runner: Runner,
        state: CuttingState,
        window: MainWindow,
        live: LiveSettings,
        settings: Settings,
        scanning: Scanning,
    ) -> None:
        super().__init__(state)
        self._cache, self._runner, self._state, self._window = cache, runner, state, window
        self._results = scanning.results
        self._filter = SpeechFilter.ANY
        self._asked: Media | None = None
        self._found: SpeechTrack | None = None
        self._complained = ""
        field = choice_field(settings, keys.SPEECH_FILTER, _CHOICES)
        field.setAccessibleName("Filter by speech")
        field.setToolTip("Show and export only regions of which half or more is speech, or only the others")
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(8)
        scanning.panel.add_filter(field)
        scanning.panel.unfilter_requested.connect(lambda: settings.set(keys.SPEECH_FILTER, SpeechFilter.ANY.value))
        live.bind_toggle(window.actions_table, Act.SPEECH, keys.SPEECH_SHOWN)
        live.follow(keys.SPEECH_SHOWN, self._show)
        live.follow(keys.SPEECH_FILTER, self._choose)
        state.media_changed.connect(self._forget)
        state.facts_changed.connect(self._find)

    def _show(self, shown: bool) -> None:
        self._window.speech.shown = shown
        self._complained = ""
        self._find()
        self._window.timeline.invalidate()

    def _choose(self, by: str) -> None:
        self._filter = SpeechFilter(by)
        self._complained = ""
        self._find()
        self._apply()

    def _forget(self) -> None:
        self._asked = self._found = None
        self._tell("")

    def _find(self) -> None:
        """Start looking, where it is wanted and was not begun."""
        media, info = self._state.media, self._state.info
        if not self._window.speech.shown and self._filter is SpeechFilter.ANY:
            return
        if media is None or info is None or media == self._asked:
            return
        self._asked = media
        if not info.audio:
            self._found = SpeechTrack((), self._state.duration_s)
            self._tell("No sound, so no speech")
            return
        self._tell("Looking for speech…")
        self._runner.submit(
            Lane.IO,
            "Find speech",
            lambda ctx: speech.track(media, self._cache, ctx),
            on_done=lambda found: self._done(media, found),
            on_failed=lambda error: self._failed(media, error),
            on_cancelled=lambda: self._stopped(media),
            where=media.name,
            quiet=not self._window.speech.shown,
            supersedes=SUPERSEDES,
        )

    def _done(self, media: Media, found: SpeechTrack) -> None:
        if media == self._asked:
            self._found = found
            self._tell("" if found.spans else "Nobody speaks here")

    def _failed(self, media: Media, error: EightCutError) -> None:
        if media == self._asked:
            self._asked = None
            self._tell(error.what)
            # What is the same for every file is said once, and again when the person asks again.
            if error.what != self._complained:
                self._complained = error.what
                self._window.notices.complain(error)

    def _stopped(self, media: Media) -> None:
        if media == self._asked:
            self._asked = None
            self._tell("Not looked for: the search was cancelled")

    def _tell(self, text: str) -> None:
        """Show what is known by now."""
        layer = self._window.speech
        layer.text = text
        layer.set_spans(self._found.spans if self._found else ())
        self._window.timeline.invalidate()
        self._apply()

    def _apply(self) -> None:
        found, by = self._found, self._filter
        if by is SpeechFilter.ANY:
            self._results.filter_regions(None)
        elif found is None:
            # Until it is known none passes, so that nothing is exported that should have been left out.
            self._results.filter_regions(lambda starts, ends: np.zeros(len(starts), bool), self._window.speech.text)
        else:
            self._results.filter_regions(lambda starts, ends: wanted(starts, ends, found, by))
