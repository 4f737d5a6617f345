"""Arming a marker: its settings are in the deck for one export, which then takes its place."""

from __future__ import annotations

from dataclasses import fields, replace

from PyQt6.QtCore import QObject, pyqtSignal

from core.domain.clip import Batch
from core.domain.export import ExportSettings, Marker
from ui.main_window.cutting_state import CuttingState
from ui.main_window.export_deck import DeckValues, ExportDeck


class Overwrite(QObject):
    """Holds the armed marker, and what the deck showed before. What is changed while armed is never remembered."""

    changed = pyqtSignal()
    """Another marker is armed, or none is."""

    def __init__(self, deck: ExportDeck, state: CuttingState) -> None:
        super().__init__(state)
        self._deck = deck
        self._state = state
        self._before: DeckValues | None = None
        self._shown: DeckValues | None = None
        self.marker: Marker | None = None
        state.media_changed.connect(self.disarm)

    @property
    def armed(self) -> bool:
        return self.marker is not None

    def arm(self, marker: Marker) -> None:
        """Show this batch's settings and shape; the cursor goes where it starts."""
        self.disarm()
        self._before = self._deck.values
        self.marker = marker
        batch = marker.batch
        settings = replace(marker.settings, folder=marker.folder)
        self._deck.show_values(
            replace(
                self._before,
                settings=settings,
                clips=batch.clips,
                spread_s=batch.spread_s,
                duration_s=batch.duration_s,
            )
        )
        self._state.shape_batch(batch.clips, batch.spread_s, batch.duration_s)
        self._shown = self._deck.values
        self._deck.show_overwriting(marker.number)
        self.changed.emit()

    def disarm(self) -> None:
        """Forget the marker and show what was there before. Nothing happens when none is armed."""
        if self.marker is None:
            return
        before, self._before, self._shown = self._before, None, None
        self._deck.show_values(before)
        # Before the marker is forgotten: what is restored is not an edit.
        self._state.shape_batch(before.clips, before.spread_s, before.duration_s)
        self.marker = None
        self._deck.show_overwriting(None)
        self.changed.emit()

    def batch(self) -> Batch:
        """What the export makes: the person may move and reshape it, but not change the number of files."""
        return replace(self._state.batch, clips=self.marker.batch.clips)

    def settings(self) -> ExportSettings:
        """The batch's own, with what was edited since; what the deck does not show stays as it was."""
        kept = replace(self.marker.settings, folder=self.marker.folder)
        shown, now = self._shown.settings, self._deck.values.settings
        edited = {
            field.name: getattr(now, field.name)
            for field in fields(ExportSettings)
            if getattr(now, field.name) != getattr(shown, field.name)
        }
        return replace(kept, **edited)
