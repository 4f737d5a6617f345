"""Everything a person sets, declared once: name, default and what counts as a sound value.

Values are JSON in an INI file, because QSettings alone gives `'true'` for True and None for an empty list after a
restart. A value that is stale or broken costs its default and a line in the log, never the start.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from PyQt6.QtCore import QObject, QSettings, pyqtSignal

from core.domain.clip import (
    CLIPS_RANGE,
    DEFAULT_CLIPS,
    DEFAULT_DURATION_S,
    DEFAULT_SPREAD_S,
    DURATION_RANGE_S,
    SPREAD_RANGE_S,
)
from core.domain.crop import RATIOS
from core.domain.crop_plan import DEFAULT_MAX_SPEED, MAX_SPEED_RANGE
from core.domain.export import parse_rate
from core.domain.name_template import template_problem
from core.domain.preset import RULES

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Setting(Generic[T]):
    """One row: its name in the file, its default (which fixes the type), and a check of sound values."""

    name: str
    default: T
    check: Callable[[T], bool] = lambda value: True

    def encode(self, value: T) -> str:
        """The text in the file."""
        plain = base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        return json.dumps(plain, ensure_ascii=True, sort_keys=True)

    def decode(self, text: object) -> T:
        """The value of a text from the file.

        Raises:
            ValueError: it is not JSON, of another type, or not sound.
        """
        if not isinstance(text, str):
            raise ValueError(f"not one line of text but {type(text).__name__}")
        value = json.loads(text)
        if isinstance(self.default, bytes):
            try:
                value = base64.b64decode(value, validate=True)
            except (TypeError, binascii.Error) as error:
                raise ValueError(str(error)) from error
        return self.sound(value)

    def sound(self, value: Any) -> T:
        """`value`, when its type and range are those of this setting; a whole number will do for a fraction.

        Raises:
            ValueError: they are not.
        """
        wanted = type(self.default)
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted or not self.check(value):
            raise ValueError(f"{value!r} is not a sound value of {self.name}")
        return value


def _within(limits: tuple[float, float]) -> Callable[[float], bool]:
    return lambda value: limits[0] <= value <= limits[1]


def _one_of(*choices: object) -> Callable[[Any], bool]:
    return lambda value: value in choices


def _rate(text: str) -> bool:
    try:
        return not text or parse_rate(text) > 0
    except ValueError:
        return False


def _texts(values: list) -> bool:
    return all(isinstance(value, str) for value in values)


def _shortcut_table(values: dict) -> bool:
    return all(isinstance(keys, list) and _texts(keys) for keys in values.values())


# Window
THEME = Setting("window/theme", "dark", _one_of("dark", "light"))
GEOMETRY = Setting("window/geometry", b"")
WINDOW_STATE = Setting("window/state", b"")
LEFT_PANEL = Setting("window/left_panel", True)
RIGHT_PANEL = Setting("window/right_panel", False)
LEFT_WIDTH_PX = Setting("window/left_width_px", 260, _within((80, 4000)))
RIGHT_WIDTH_PX = Setting("window/right_width_px", 320, _within((80, 4000)))
SPLITTER_STATE = Setting("window/splitter_state", b"")
JOBS_DRAWER = Setting("window/jobs_drawer", False)
DECK_SHOWN = Setting("window/deck_shown", True)
DECK_COLUMNS = Setting("window/deck_columns", False)
DECK_TAB = Setting("window/deck_tab", 0, _within((0, 99)))
SPECTROGRAM = Setting("timeline/spectrogram", False)
THUMBNAILS = Setting("timeline/thumbnails", False)
SPEECH_SHOWN = Setting("timeline/speech", False)
WHATS_NEW_SEEN = Setting("window/whats_new_seen", "")

# Export deck
LABEL = Setting("deck/label", "")
CATEGORY = Setting("deck/category", "")
NAME = Setting("deck/name", "clip", lambda value: bool(value.strip()))
FOLDER = Setting("deck/folder", "")
DEFAULT_FOLDER = Setting("export/default_folder", "")
DURATION_S = Setting("deck/duration_s", DEFAULT_DURATION_S, _within(DURATION_RANGE_S))
CLIPS = Setting("deck/clips", DEFAULT_CLIPS, _within(CLIPS_RANGE))
SPREAD_S = Setting("deck/spread_s", DEFAULT_SPREAD_S, _within(SPREAD_RANGE_S))
SHORT_SIDE_PX = Setting("deck/short_side_px", 0, _within((0, 8192)))
FORMAT = Setting("deck/format", "MP4", bool)
CRF = Setting("deck/crf", 18, _within((0, 51)))
PRESET = Setting(
    "deck/preset",
    "medium",
    _one_of("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"),
)
AUDIO = Setting("deck/audio", "lossless", _one_of("lossless", "aac", "none"))
ENCODER = Setting("deck/encoder", "libx264", bool)
FPS = Setting("deck/fps", "", _rate)
SIDE_STEP = Setting("deck/side_step", 2, lambda value: value in range(2, 130, 2))
WEBP_LOSSLESS = Setting("deck/webp_lossless", False)
WEBP_QUALITY = Setting("deck/webp_quality", 90, _within((0, 100)))
TEMPLATE = Setting("deck/template", "", lambda value: not template_problem(value))
TRAINING = Setting("deck/training", "", _one_of("", *RULES))
OWN_PRESETS = Setting("export/presets", list[dict](), lambda values: all(isinstance(each, dict) for each in values))
LOCK_CURSOR = Setting("deck/lock_cursor", False)
RECENT_LABELS = Setting("deck/recent_labels", list[str](), _texts)

# Crop: what holds where no keyframe says otherwise
CROP_RATIO = Setting("crop/ratio", "", _one_of("", *RATIOS))
CROP_CENTER = Setting("crop/center", 0.5, _within((0.0, 1.0)))
CROP_RANDOM_PORTRAIT = Setting("crop/random_portrait", False)
CROP_RANDOM_SQUARE = Setting("crop/random_square", False)
CROP_SCATTER = Setting("crop/scatter", False)
CROP_SEED = Setting("crop/seed", 0, _within((0, 99_999)))
CROP_MOVING = Setting("crop/moving", False)
CROP_MAX_SPEED = Setting("crop/max_speed", DEFAULT_MAX_SPEED, _within(MAX_SPEED_RANGE))
END_FRAME = Setting("crop/end_frame", False)

# Before an export
OVERLAP_PERCENT = Setting("export/overlap_percent", 50, _within((0, 100)))
"""From which share on a batch that overlaps clips is asked about; 0 never asks."""
OVERLAP_SILENT = Setting("export/overlap_silent_lists", list[str](), _texts)
FOLDER_CHECK = Setting("export/folder_check", True)
FOLDER_ANSWERED = Setting("export/folder_answered_lists", list[str](), _texts)
TRASH_DAYS = Setting("trash/days", 30, _within((1, 3650)))

# Scan
SCAN_CLASSIFIER = Setting("scan/classifier", "")
TRAIN_MODEL = Setting("scan/train_model", "LOGMEL", bool)
SPEECH_FILTER = Setting("scan/speech_filter", "any", _one_of("any", "only", "without"))

# Labelling
LABEL_PROJECT = Setting("label/project", "")
LABEL_CODER = Setting("label/coder", "")
LABEL_AUTO_NEXT = Setting("label/auto_next", False)
LABEL_GEOMETRY = Setting("label/geometry", b"")
LABEL_ROUND = Setting("label/round", dict[str, Any]())
"""How rounds were run last; fields that are not known any more are left out."""

# Player
VOLUME = Setting("player/volume", 100, _within((0, 130)))
MUTED = Setting("player/muted", False)
SPEED = Setting("player/speed", 1.0, _one_of(1.0, 2.0, 4.0))
REACTION_MS = Setting("player/reaction_ms", 0, _within((0, 1000)))
LOOP_ENDS = Setting("player/loop_ends", False)

# The rest
PROFILE = Setting("profile", "default", lambda value: bool(value.strip()))
HIDE_EXPORTED = Setting("lists/hide_exported", False)
SHOW_HIDDEN = Setting("lists/show_hidden", False)
LIST_COLUMNS = Setting("lists/columns", list[str](), _texts)
LIST_COLUMN_WIDTHS = Setting(
    "lists/column_widths", dict[str, int](), lambda widths: all(isinstance(each, int) for each in widths.values())
)
LIST_ORDER = Setting("lists/order", list[str](), _texts)
LAST_OPEN_FOLDER = Setting("files/last_open_folder", "")
LOG_VERBOSE = Setting("log/verbose", False)
SHORTCUTS = Setting("keys/shortcuts", dict[str, list[str]](), _shortcut_table)
KEY_PRESET = Setting("keys/preset", "8-cut", bool)


class Settings(QObject):
    """The file of settings. Reads at the start, writes each change; lives on the GUI thread."""

    changed = pyqtSignal(str)
    """The name of the setting that has another value now."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = Path(path)
        self._values: dict[str, Any] = {}
        self._told = False
        self._file = QSettings(str(self._path), QSettings.Format.IniFormat, self)
        if self._file.status() is QSettings.Status.FormatError:
            log.info("%s is not a settings file; starting with the defaults", self._path)
            self._keep_aside()

    def get(self, setting: Setting[T]) -> T:
        """The value, or the default when there is none or none that is sound."""
        if setting.name not in self._values:
            self._values[setting.name] = self._read(setting)
        value = self._values[setting.name]
        return value.copy() if isinstance(value, list | dict) else value

    def set(self, setting: Setting[T], value: T) -> None:
        """Remember `value` and write it.

        Raises:
            ValueError: the value is not sound; nothing changes.
        """
        value = setting.sound(value)
        if value == self.get(setting):
            return
        self._values[setting.name] = value.copy() if isinstance(value, list | dict) else value
        self._file.setValue(setting.name, setting.encode(value))
        self.changed.emit(setting.name)

    def reset(self, setting: Setting[T]) -> None:
        """Back to the default."""
        self.set(setting, setting.default)

    def save(self) -> None:
        """Write now instead of when the event loop is idle; a file that cannot be written is said once."""
        self._file.sync()
        if self._file.status() is not QSettings.Status.NoError and not self._told:
            self._told = True
            log.info("The settings cannot be written to %s; they last until 8-cut is closed", self._path)

    def _read(self, setting: Setting[T]) -> T:
        if not self._file.contains(setting.name):
            return setting.default
        try:
            return setting.decode(self._file.value(setting.name))
        except ValueError as error:
            log.info("Setting %s falls back to its default: %s", setting.name, error)
            return setting.default

    def _keep_aside(self) -> None:
        aside = self._path.with_suffix(".broken")
        try:
            self._path.replace(aside)
        except OSError as error:
            log.info("The broken settings file could not be kept aside: %s", error)
        self._file = QSettings(str(self._path), QSettings.Format.IniFormat, self)
