"""The pages of the settings dialog. Each names its settings, so that it can put them back."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.paths import DataPaths
from ui import settings as keys
from ui.actions import ActionTable
from ui.dialogs.folders import open_folder
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.key_presets import PRESETS
from ui.main_window.deck_settings import default_folder
from ui.main_window.setting_fields import FolderField, check_field, choice_field, number_field
from ui.settings import Setting, Settings
from ui.theme import Space

X264_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
REACTION_LIMIT_MS = 1000


class Page(QWidget):
    """A form with a title; `settings` are those that its reset puts back."""

    title = ""
    settings: tuple[Setting, ...] = ()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = QLabel(self.title)
        name.setProperty("title", True)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(Space.L)
        self.form.setVerticalSpacing(Space.S)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.L)
        column.addWidget(name)
        column.addLayout(self.form)
        column.addStretch(1)

    def add_button(self, title: str, button: QPushButton) -> None:
        """A button as wide as its text."""
        button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch(1)
        self.form.addRow(title, row)

    def note(self, text: str) -> None:
        """An explanation in the column of the fields."""
        label = QLabel(text)
        label.setProperty("muted", True)
        label.setProperty("small", True)
        label.setWordWrap(True)
        self.form.addRow("", label)


class GeneralPage(Page):
    """How it looks and where its data is."""

    title = "General"
    settings = (
        keys.THEME,
        keys.SPECTROGRAM,
        keys.THUMBNAILS,
        keys.SPEECH_SHOWN,
        keys.DECK_SHOWN,
        keys.DECK_COLUMNS,
        keys.LOG_VERBOSE,
    )

    def __init__(self, settings: Settings, paths: DataPaths) -> None:
        super().__init__()
        self.form.addRow("Theme", choice_field(settings, keys.THEME, (("Dark", "dark"), ("Light", "light"))))
        self.form.addRow("Timeline", check_field(settings, keys.SPECTROGRAM, "Show the spectrogram"))
        self.form.addRow("", check_field(settings, keys.THUMBNAILS, "Show thumbnails"))
        self.form.addRow("", check_field(settings, keys.SPEECH_SHOWN, "Show where someone speaks"))
        self.form.addRow("Control deck", check_field(settings, keys.DECK_SHOWN, "Show it under the timeline"))
        self.form.addRow("", check_field(settings, keys.DECK_COLUMNS, "Panels side by side instead of tabs"))
        self.form.addRow(
            "Log", check_field(settings, keys.LOG_VERBOSE, "Write down more, to find the cause of a fault")
        )
        folder = QLabel(str(paths.root))
        folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        folder.setWordWrap(True)
        self.form.addRow("Data folder", folder)
        self.open_button = QPushButton("Open data folder")
        self.open_button.clicked.connect(lambda: open_folder(str(paths.root)))
        self.add_button("", self.open_button)
        self.note("Another data folder is chosen when 8-cut is started: --data-dir, or EIGHTCUT_HOME.")


class PlaybackPage(Page):
    """What the keys of the player do, and how it sounds."""

    title = "Playback"
    settings = (keys.REACTION_MS, keys.LOOP_ENDS, keys.SPEED, keys.VOLUME, keys.MUTED)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        reaction = number_field(settings, keys.REACTION_MS, (0, REACTION_LIMIT_MS), " ms", 10)
        self.form.addRow("Reaction time", reaction)
        self.note("Set start and Set end, pressed while playing, mark this much earlier: the moment you meant.")
        self.form.addRow("Play", check_field(settings, keys.LOOP_ENDS, "Only the first and last second of each clip"))
        speeds = (("1×", 1.0), ("2×", 2.0), ("4×", 4.0))
        self.form.addRow("Speed", choice_field(settings, keys.SPEED, speeds))
        self.form.addRow("Volume", number_field(settings, keys.VOLUME, (0, 100), " %", 5))
        self.form.addRow("", check_field(settings, keys.MUTED, "Mute"))


class ExportPage(Page):
    """How clips are made when nothing else was said."""

    title = "Export"
    settings = (
        keys.CRF,
        keys.PRESET,
        keys.AUDIO,
        keys.DEFAULT_FOLDER,
        keys.OVERLAP_PERCENT,
        keys.OVERLAP_SILENT,
        keys.FOLDER_CHECK,
        keys.FOLDER_ANSWERED,
        keys.TRASH_DAYS,
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.form.addRow("Quality (CRF)", number_field(settings, keys.CRF, (0, 51)))
        self.note("Lower is better and larger. 18 looks like the source, 23 is half the size, 0 is lossless.")
        self.form.addRow("Encoder effort", choice_field(settings, keys.PRESET, [(name, name) for name in X264_PRESETS]))
        self.note("Slower ones make smaller files of the same quality.")
        sound = (("Lossless", "lossless"), ("AAC", "aac"), ("None", "none"))
        self.form.addRow("Audio", choice_field(settings, keys.AUDIO, sound))
        self.form.addRow("Default folder", FolderField(settings, keys.DEFAULT_FOLDER, default_folder()))
        self.note("Where clips go while the deck names no folder.")
        overlap = number_field(settings, keys.OVERLAP_PERCENT, (0, 100), " %", 5)
        overlap.setSpecialValueText("never")
        self.form.addRow("Ask at an overlap of", overlap)
        self.note("How much of a batch may be in other clips already before an export asks.")
        self.form.addRow(
            "Folder", check_field(settings, keys.FOLDER_CHECK, "Ask once per list whether it is the right one")
        )
        self.form.addRow("Keep in the trash for", number_field(settings, keys.TRASH_DAYS, (1, 3650), " days"))


class KeyboardPage(Page):
    """Which set of keys, and the way to the table of all of them."""

    title = "Keyboard"
    settings = (keys.KEY_PRESET, keys.SHORTCUTS)

    def __init__(self, settings: Settings, actions: ActionTable) -> None:
        super().__init__()
        self._actions = actions
        self.form.addRow(
            "Keys like", choice_field(settings, keys.KEY_PRESET, [(each.name, each.name) for each in PRESETS])
        )
        self.note("Keys that you changed by hand stay as they are.")
        self.change_button = QPushButton("Change keys…")
        self.change_button.clicked.connect(lambda: ShortcutsDialog(actions, self).open())
        self.add_button("", self.change_button)
        self.problem = QLabel()
        self.problem.setProperty("tone", "warning")
        self.problem.setWordWrap(True)
        self.form.addRow("", self.problem)
        settings.changed.connect(self._check)
        self._check()

    def _check(self, *_: object) -> None:
        """Keys changed by hand may clash with those of the preset chosen now."""
        clashes = self._actions.conflicts()
        self.problem.setText("Two commands share a key: " + ", ".join(each.key for each in clashes) if clashes else "")
