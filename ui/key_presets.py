"""Keys for hands that learned elsewhere: whole sets that lie between the table of commands and a person's own keys.

A preset names only the commands whose keys differ from the table. J and L step by a frame in 8-cut's own set, because
finding an exact frame is what one does here all day; the shuttle is F7, F8 and F9. In both other sets the plain
letters are the shuttle, as in the programs they are named after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.action_table import Act

Keys = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class KeyPreset:
    """A named set of keys; `keys` holds the commands that differ from the table."""

    name: str
    about: str
    keys: Keys


OWN = KeyPreset("8-cut", "J and L step by one frame, F7, F8 and F9 shuttle.", {})
LOSSLESSCUT = KeyPreset(
    "LosslessCut",
    "Left and Right jump a second, comma and full stop step by one frame, K plays and pauses.",
    {
        Act.PLAY: ("Space", "K"),
        Act.PAUSE_AND_SNAP: ("P",),
        Act.FRAME_BACK: (",",),
        Act.FRAME_FORWARD: (".",),
        Act.SECOND_BACK: ("Left", "Shift+Left"),
        Act.SECOND_FORWARD: ("Right", "Shift+Right"),
        Act.SHUTTLE_BACK: ("J",),
        Act.SHUTTLE_STOP: ("Shift+K",),
        Act.SHUTTLE_FORWARD: ("L",),
        Act.ZOOM_RESET: ("Z", "Ctrl+0"),
    },
)
EDITING = KeyPreset(
    "Premiere and Resolve",
    "J, K and L shuttle, Left and Right step by one frame, = and - zoom, [ and ] change the number of clips.",
    {
        Act.PLAY: ("Space",),
        Act.PAUSE_AND_SNAP: ("Shift+I",),
        Act.FRAME_BACK: ("Left",),
        Act.FRAME_FORWARD: ("Right",),
        Act.SECOND_BACK: ("Shift+Left",),
        Act.SECOND_FORWARD: ("Shift+Right",),
        Act.SHUTTLE_BACK: ("J",),
        Act.SHUTTLE_STOP: ("K",),
        Act.SHUTTLE_FORWARD: ("L",),
        Act.LOOP_ENDS: ("Shift+K", "/"),
        Act.NEXT_MARKER: ("Shift+M", "M"),
        Act.MUTE: ("Ctrl+Shift+M",),
        Act.MORE_CLIPS: ("]", "+"),
        Act.FEWER_CLIPS: ("[",),
        Act.EXPORT: ("E", "Ctrl+M"),
        Act.ZOOM_IN: ("=", "Ctrl++", "Ctrl+="),
        Act.ZOOM_OUT: ("-", "Ctrl+-"),
        Act.ZOOM_RESET: ("\\", "Ctrl+0"),
        Act.FULL_SCREEN: ("`", "F11"),
    },
)
PRESETS = (OWN, LOSSLESSCUT, EDITING)


def preset_named(name: str) -> KeyPreset:
    """The preset of this name, 8-cut's own for a name that is none."""
    return next((preset for preset in PRESETS if preset.name == name), OWN)
