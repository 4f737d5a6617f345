"""Presets, rules, encoders and names behind the export deck and its dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject, QTimer, pyqtBoundSignal

from core.domain.crop import Crop
from core.domain.export import CutRequest, ExportSettings
from core.domain.frame_size import clip_size
from core.domain.name_template import tokens_of
from core.domain.preset import PRESETS, Preset, own_preset, preset_from_json, preset_to_json, violations
from core.errors import EightCutError
from core.media.encoders import EncoderFinding, find_encoders
from core.ops.names import NamePreview, expected_names
from ui import settings as keys
from ui.dialogs.prompt import Prompt
from ui.jobs.runner import Lane
from ui.main_window.cutting_state import CuttingState
from ui.main_window.export_deck import DeckValues
from ui.main_window.export_options import ExportOptions
from ui.main_window.window import MainWindow
from ui.services import Services

# So long typing pauses before names are looked up.
NAMES_AFTER_MS = 150


class ExportOptionsController(QObject):
    """Fills the deck's list of presets and the dialog, and tells the deck what keeps it from exporting."""

    def __init__(self, services: Services, state: CuttingState, window: MainWindow) -> None:
        super().__init__(window)
        self._db = services.db
        self._cache = services.paths.cache / "encoders.json"
        self._session = services.session
        self._runner = services.runner
        self._settings = services.settings
        self._state = state
        self._window = window
        self._deck = window.deck
        self._encoders: tuple[EncoderFinding, ...] = ()
        self._names = NamePreview("")
        self._asked: tuple = ()
        self._crop: Callable[[], Crop] = Crop
        self.dialog: ExportOptions | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NAMES_AFTER_MS)
        self._timer.timeout.connect(self._ask_names)
        self._deck.preset_chosen.connect(self.use_preset)
        self._deck.options_requested.connect(self.show)
        for changed in (self._deck.edited, state.media_changed, state.batch_changed, state.facts_changed):
            changed.connect(self._refresh)
        for stored in (services.bridge.changed, services.bridge.focus_changed):
            stored.connect(self._stored_changed)
        self._refresh()

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Those that 8-cut brings, then the person's own."""
        shape = self._deck.values
        stored = (preset_from_json(data, shape) for data in self._settings.get(keys.OWN_PRESETS))
        return (*PRESETS, *(preset for preset in stored if preset is not None))

    def follow_crop(self, crop: Callable[[], Crop], changed: pyqtBoundSignal) -> None:
        """Ask `crop` how the picture is cropped when rules about its size are checked, anew whenever it `changed`."""
        self._crop = crop
        changed.connect(self._refresh)
        self._refresh()

    def show(self) -> ExportOptions:
        """Open the dialog; encoders are tried in the background, once per ffmpeg."""
        if self.dialog is None:
            dialog = self.dialog = ExportOptions(self._window)
            dialog.edited.connect(self._edited)
            dialog.preset_chosen.connect(self.use_preset)
            dialog.save_requested.connect(self._ask_name)
            dialog.delete_requested.connect(self.delete_preset)
            dialog.probe_requested.connect(lambda: self._probe(again=True))
        if not self._encoders:
            self._probe()
        self._refresh()
        self.dialog.show()
        self.dialog.raise_()
        return self.dialog

    def use_preset(self, name: str) -> None:
        """Set what a preset sets; an empty name drops the rules of the last one and changes nothing else."""
        values = self._deck.values
        preset = next((each for each in self.presets if each.name == name), None)
        if name and preset is None:
            return  # what is shown for a preset that was changed by hand
        shape = preset.applied(values) if preset else replace(values, settings=replace(values.settings, training=""))
        self._show_in_deck(shape)

    def save_preset(self, name: str) -> None:
        """Keep the deck as it is under a name; one of the person's own with that name is replaced."""
        others = [data for data in self._settings.get(keys.OWN_PRESETS) if data.get("name") != name]
        self._settings.set(keys.OWN_PRESETS, [*others, preset_to_json(own_preset(name, self._deck.values))])
        self._refresh()

    def delete_preset(self, name: str) -> None:
        """Delete one of the person's own; what it has set stays."""
        stored = self._settings.get(keys.OWN_PRESETS)
        self._settings.set(keys.OWN_PRESETS, [data for data in stored if data.get("name") != name])
        self._refresh()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _ask_name(self) -> None:
        def check(name: str) -> str:
            return "A preset of 8-cut has this name" if name in {preset.name for preset in PRESETS} else ""

        prompt = Prompt(self.dialog, "Save preset", "Name of the preset", yes="Save", check=check)
        prompt.entered.connect(self.save_preset)
        prompt.open()

    def _edited(self, settings: ExportSettings) -> None:
        self._show_in_deck(replace(self._deck.values, settings=settings))

    def _show_in_deck(self, shape: DeckValues) -> None:
        self._deck.show_values(shape)
        self._deck.edited.emit()

    def _refresh(self) -> None:
        values = self._deck.values
        presets, current = self.presets, self._current(values)
        problem = ". ".join(self._violations(values))
        self._deck.show_presets([preset.name for preset in presets], current, self._meaning(presets, current))
        self._deck.set_complaint(problem)
        if self.dialog is not None:
            self.dialog.show_settings(values.settings)
            self.dialog.show_presets(presets, current, values)
            self.dialog.show_problem(problem)
        asked = self._request()
        if asked != self._asked:
            self._timer.start()

    def _current(self, values: DeckValues) -> str:
        """The name of the first preset that would change nothing, else whose rules hold, else empty."""
        changed = f"{values.settings.training} (changed)" if values.settings.training else ""
        return next((preset.name for preset in self.presets if preset.applied(values) == values), changed)

    @staticmethod
    def _meaning(presets: Sequence[Preset], current: str) -> str:
        return next((preset.meaning for preset in presets if preset.name == current), "")

    def _violations(self, values: DeckValues) -> tuple[str, ...]:
        video = self._state.info.video if self._state.info else None
        settings, size = values.settings, None
        if video:
            size = clip_size(video.width, video.height, self._crop(), settings.short_side, settings.side_step)
        return violations(settings, values.duration_s, video.fps if video else None, size)

    def _request(self) -> CutRequest | None:
        """The next export, as far as names depend on it."""
        media, settings, batch = self._state.media, self._deck.values.settings, self._state.batch
        if media is None:
            return None
        if "start" not in tokens_of(settings.template):
            batch = replace(batch, cursor_s=0.0)
        return CutRequest(media, batch, settings, self._session.profile)

    def _stored_changed(self, *_: object) -> None:
        """Another number may be the next one now."""
        self._asked = ()
        self._refresh()

    def _ask_names(self) -> None:
        request = self._asked = self._request()
        if request is None or not request.settings.folder:
            self._show_names(NamePreview(""))
            return
        self._runner.submit(
            Lane.DB,
            "Look up names",
            lambda _: expected_names(self._db, request),
            on_done=self._show_names,
            on_failed=lambda error: self._show_names(NamePreview("", error.what)),
            quiet=True,
            supersedes="names of the next batch",
        )

    def _show_names(self, names: NamePreview) -> None:
        self._names = names
        self._deck.show_names(names.text, names.problem)
        if self.dialog is not None:
            self.dialog.show_names(names.text, names.problem)

    def _probe(self, again: bool = False) -> None:
        self._runner.submit(
            Lane.IO,
            "Try encoders",
            lambda ctx: find_encoders(self._cache, ctx, again=again),
            on_done=self._show_encoders,
            on_failed=self._no_encoders,
            quiet=True,
            supersedes="encoders",
        )

    def _show_encoders(self, findings: tuple[EncoderFinding, ...]) -> None:
        self._encoders = findings
        if self.dialog is not None:
            self.dialog.show_encoders(findings)

    def _no_encoders(self, error: EightCutError) -> None:
        if self.dialog is not None:
            self.dialog.show_encoders(())
        self._window.notices.complain(error)
