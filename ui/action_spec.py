"""What a command of the window is: its id, its words, its keys. `ui.action_table` lists them all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """The ids of the commands; stored in the settings, so they never change."""

    OPEN_FILES = "open_files"
    OPEN_FOLDER = "open_folder"
    REMOVE_FROM_LIST = "remove_from_list"
    REVEAL = "reveal"
    COPY_NAME = "copy_name"
    QUIT = "quit"
    UNDO = "undo"
    REDO = "redo"
    OVERWRITE = "overwrite"
    EDIT_LABEL = "edit_label"
    REEXPORT = "reexport"
    REVEAL_CLIPS = "reveal_clips"
    TRAINING = "training"
    DELETE_CLIPS = "delete_clips"
    TRASH = "trash"
    REBUILD_DATASET = "rebuild_dataset"
    SETTINGS = "settings"
    PLAY = "play"
    PAUSE_AND_SNAP = "pause_and_snap"
    FRAME_BACK = "frame_back"
    FRAME_FORWARD = "frame_forward"
    SECOND_BACK = "second_back"
    SECOND_FORWARD = "second_forward"
    SHUTTLE_BACK = "shuttle_back"
    SHUTTLE_STOP = "shuttle_stop"
    SHUTTLE_FORWARD = "shuttle_forward"
    LOOP_ENDS = "loop_ends"
    SPEED_1 = "speed_1"
    SPEED_2 = "speed_2"
    SPEED_4 = "speed_4"
    MUTE = "mute"
    VOLUME_UP = "volume_up"
    VOLUME_DOWN = "volume_down"
    NEXT_TRACK = "next_track"
    NEXT_FILE = "next_file"
    NEXT_MARKER = "next_marker"
    SET_START = "set_start"
    SET_END = "set_end"
    LOCK = "lock"
    AUTOCLIP = "autoclip"
    MORE_CLIPS = "more_clips"
    FEWER_CLIPS = "fewer_clips"
    EXPORT = "export"
    CROP_NEXT_RATIO = "crop_next_ratio"
    KEYFRAME_ADD = "keyframe_add"
    KEYFRAME_MOVE = "keyframe_move"
    KEYFRAME_DELETE = "keyframe_delete"
    KEYFRAME_PREVIOUS = "keyframe_previous"
    KEYFRAME_NEXT = "keyframe_next"
    TRACK_SUBJECT = "track_subject"
    EXPORT_9_16 = "export_9_16"
    EXPORT_4_5 = "export_4_5"
    EXPORT_1_1 = "export_1_1"
    END_FRAME = "end_frame"
    NEW_LIST = "new_list"
    RENAME_LIST = "rename_list"
    DUPLICATE_LIST = "duplicate_list"
    CLOSE_LIST = "close_list"
    NEXT_LIST = "next_list"
    PREVIOUS_LIST = "previous_list"
    PIN_LIST = "pin_list"
    LIST_FOLDER = "list_folder"
    ADD_SEPARATOR = "add_separator"
    ROWS_UP = "rows_up"
    ROWS_DOWN = "rows_down"
    HIDE_FILES = "hide_files"
    DISABLE_FILES = "disable_files"
    TRASH_FILES = "trash_files"
    RELINK = "relink"
    FIND_MISSING = "find_missing"
    FILTER_LIST = "filter_list"
    HIDE_EXPORTED = "hide_exported"
    SHOW_HIDDEN = "show_hidden"
    LOAD_CORPUS = "load_corpus"
    LIST_COLUMNS = "list_columns"
    PROFILES = "profiles"
    SUBPROFILES = "subprofiles"
    SUBPROFILE_1 = "subprofile_1"
    SUBPROFILE_2 = "subprofile_2"
    SUBPROFILE_3 = "subprofile_3"
    SUBPROFILE_4 = "subprofile_4"
    SUBPROFILE_5 = "subprofile_5"
    SUBPROFILE_6 = "subprofile_6"
    SUBPROFILE_7 = "subprofile_7"
    SUBPROFILE_8 = "subprofile_8"
    SUBPROFILE_9 = "subprofile_9"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    ZOOM_RESET = "zoom_reset"
    SPECTROGRAM = "spectrogram"
    THUMBNAILS = "thumbnails"
    SPEECH = "speech"
    LEFT_PANEL = "left_panel"
    RIGHT_PANEL = "right_panel"
    DECK = "deck"
    DECK_COLUMNS = "deck_columns"
    TRAIN = "train"
    SCAN_FILE = "scan_file"
    SCAN_ALL = "scan_all"
    SCAN_FOLDER = "scan_folder"
    SCAN_EXPORT = "scan_export"
    NEXT_REGION = "next_region"
    PREVIOUS_REGION = "previous_region"
    REVIEW = "review"
    NEGATIVES = "negatives"
    WEIGHTS = "weights"
    LABEL_NOW = "label_now"
    LABEL_PROJECTS = "label_projects"
    LABEL_AGREEMENT = "label_agreement"
    LABEL_ROUNDS = "label_rounds"
    LABEL_DOUBTS = "label_doubts"
    LABEL_REGIONS = "label_regions"
    LABEL_USE = "label_use"
    JOBS = "jobs"
    LOG = "log"
    THEME = "theme"
    FULL_SCREEN = "full_screen"
    FOCUS_VIDEO = "focus_video"
    SHORTCUTS = "shortcuts"
    WHATS_NEW = "whats_new"
    ABOUT = "about"


SUBPROFILES = tuple(Act(f"subprofile_{key}") for key in range(1, 10))
"""The commands of the keys 1 to 9."""

MENUS = {
    "file": "&File",
    "edit": "&Edit",
    "play": "&Playback",
    "clip": "&Clip",
    "crop": "Cr&op",
    "list": "&List",
    "profile": "P&rofile",
    "scan": "&Scan",
    "label": "L&abel",
    "view": "&View",
    "help": "&Help",
}


@dataclass(frozen=True)
class ActionSpec:
    """One command. `shortcuts` are in portable text, the first one shows in the menu."""

    id: Act
    text: str
    shortcuts: tuple[str, ...]
    menu: str
    tip: str = ""
    auto_repeat: bool = False
    checkable: bool = False
    icon: str = ""
    starts_group: bool = False
    """A line goes above it in its menu."""

    @property
    def plain_text(self) -> str:
        """The text without the mark of its access key and without dots."""
        return self.text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
