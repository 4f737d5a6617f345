"""What a clip's path on disk says about the clip. Understands both kinds of slash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from core.domain.clip import ClipName, class_name, parse_clip_name

_INDEX = re.compile(r"^(?P<base>.+)_(?P<index>\d{1,2})$")
_MEDIA_FOLDER = re.compile(r"^vid_(\d{3,})$")
_LAST_TWO_PARTS = re.compile(r"[\\/]+[^\\/]+[\\/]+[^\\/]+[\\/]*$")


@dataclass(frozen=True)
class ClipPlace:
    """The parts of `<folder>/<group folder>/<name>_S.<ext>`.

    `folder` is the export folder as it was written, `class_name` its last part, `clip_group` what the names of one
    batch share (`clip_003_m1.mp4`), `index` the S or None, `name` the parts of a numbered name or None,
    `media_number` the NNN of a `vid_NNN` folder or None.
    """

    folder: str
    class_name: str
    clip_group: str
    index: int | None
    name: ClipName | None
    media_number: int | None

    @classmethod
    def of(cls, path: str) -> ClipPlace:
        """Take a path apart; one that is too short has an empty folder and class."""
        parts = PurePath(path.replace("\\", "/"))
        # A folder of pictures has no ending, even when there is a dot in its name.
        whole = parse_clip_name(parts.name)
        stem, suffix = (parts.name, "") if whole else (parts.stem, parts.suffix)
        match = _INDEX.match(stem)
        number = _MEDIA_FOLDER.match(parts.parent.name)
        class_of_path = class_name(path)
        return cls(
            folder=_LAST_TWO_PARTS.sub("", path) if class_of_path else "",
            class_name=class_of_path,
            clip_group=f"{match['base'] if match else stem}{suffix}",
            index=int(match["index"]) if match else None,
            name=whole or parse_clip_name(stem),
            media_number=int(number[1]) if number else None,
        )
