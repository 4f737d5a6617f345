"""The two shapes a clip has on disk, a file or a folder of pictures with a sound file, behind one face."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from core.domain.export import Audit
from core.job import JobContext
from core.media import relocate, sequence
from core.media.audit import FirstFrame, audit_clip
from core.media.formats import OutputFormat
from core.media.naming import place, sync
from core.media.slicing import write_clip
from core.media.takes import Piece

Parts = tuple[Path | None, Path | None]


class Packaging(Protocol):
    """What an export does with clips on disk. `parts` are the raw picture of a take and the raw sound of a piece."""

    def raw_picture(self, path: Path) -> str:
        """What ffmpeg is told to write the picture to, with `path` as the file or folder that will hold it."""

    def prepare(self, path: Path) -> None:
        """Make what ffmpeg does not make by itself."""

    def is_there(self, final: Path) -> bool: ...

    def write(self, made: Path, piece: Piece, fps: Fraction | None, parts: Parts, ctx: JobContext) -> None:
        """Put the clip together and have it on the disk itself; raises as `slicing.write_clip`."""

    def audit(self, path: Path, piece: Piece, fps: Fraction | None, sound: bool, first: FirstFrame | None) -> Audit: ...

    def place(self, made: Path, final: Path, sound: bool) -> None:
        """Give the clip its name; raises as `naming.place`."""

    def remove(self, made: Path) -> None:
        """Remove what is half made, if anything."""


def packaging_of(into: OutputFormat) -> Packaging:
    return _Sequences() if into.frames else _Files(into.muxer)


@dataclass(frozen=True)
class _Files:
    """One file a clip."""

    muxer: str

    def raw_picture(self, path: Path) -> str:
        return str(path)

    def prepare(self, path: Path) -> None:
        """ffmpeg makes the file."""

    def is_there(self, final: Path) -> bool:
        return os.path.lexists(final)

    def write(self, made: Path, piece: Piece, fps: Fraction | None, parts: Parts, ctx: JobContext) -> None:
        write_clip(made, self.muxer, piece, fps, parts, ctx)
        sync(made)

    def audit(self, path: Path, piece: Piece, fps: Fraction | None, sound: bool, first: FirstFrame | None) -> Audit:
        return audit_clip(path, piece, fps, sound, first)

    def place(self, made: Path, final: Path, sound: bool) -> None:
        place(made, final)

    def remove(self, made: Path) -> None:
        made.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Sequences:
    """A folder a clip."""

    def raw_picture(self, path: Path) -> str:
        return sequence.picture_pattern(path)

    def prepare(self, path: Path) -> None:
        path.mkdir()

    def is_there(self, final: Path) -> bool:
        return sequence.is_there(final)

    def write(self, made: Path, piece: Piece, fps: Fraction | None, parts: Parts, ctx: JobContext) -> None:
        sequence.write_sequence(made, piece, parts, ctx)

    def audit(self, path: Path, piece: Piece, fps: Fraction | None, sound: bool, first: FirstFrame | None) -> Audit:
        return sequence.audit_sequence(path, piece, fps, sound, first)

    def place(self, made: Path, final: Path, sound: bool) -> None:
        sequence.place_sequence(made, final, sound)

    def remove(self, made: Path) -> None:
        relocate.remove(made)
        relocate.remove(sequence.sound_beside(made))
