"""What clips are called: a template with tokens, `{name}_{number}_{origin}{batch}_{index}` unless another is chosen.

A template gives the name of the file, without folder and ending; the folder `vid_NNN` above it stays. What stands for
a token never contains a character that is illegal in a file's name on any system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath

from core.domain.clip import EXTENSIONS, ClipName, clip_path, export_folder, illegal_name_reason, media_folder_name
from core.domain.export import CutRequest
from core.domain.timecode import format_time
from core.errors import UserError

DEFAULT_TEMPLATE = "{name}_{number}_{origin}{batch}_{index}"
# Leaves room for the ending, and for the longest folder that Windows knows without asking.
MAX_STEM_BYTES = 200
TOKENS: Mapping[str, str] = {
    "name": "the name in the deck",
    "media": "the source's name, without ending",
    "number": "the media's number in the profile, as in vid_NNN",
    "batch": "the number of the batch",
    "index": "the clip in the batch, from 0",
    "origin": "m for a cut by hand, a for a scan",
    "start": "where the clip starts in the source",
    "label": "the label",
    "category": "the category",
    "profile": "the profile",
    "subprofile": "the subprofile",
    "class": "the name of the export folder",
    "date": "the day of the export, 2026-04-19",
    "time": "the time of the export, 14-03-07",
}
_TOKEN = re.compile(r"\{([^{}]*)\}")
_NOTHING = "\0"
_EMPTY = re.compile(r"\0[_\- ]|[_\- ]\0|\0")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*{}]+')
# Longer values are cut, so that one long file name does not make every template illegal.
_MAX_VALUE_BYTES = 80


def template_problem(template: str, clips: int = 1) -> str:
    """Why a template cannot be used for batches of so many clips, or an empty string. An empty template is the default.

    What the tokens stand for is not known here; `name_problem` looks at finished names.
    """
    if not template:
        return ""
    unknown = [token for token in _TOKEN.findall(template) if token not in TOKENS]
    if unknown:
        return f"{{{unknown[0]}}} is no token"
    if set("{}") & set(_TOKEN.sub("", template)):
        return "a brace is not closed, or not opened"
    if clips > 1 and not {"index", "start"} & tokens_of(template):
        return "all clips of a batch would have one name: add {index}"
    # A letter for each token: what is written between them must be legal whatever they stand for.
    reason = illegal_name_reason(_TOKEN.sub("x", template), MAX_STEM_BYTES)
    return reason or ""


def tokens_of(template: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(template or DEFAULT_TEMPLATE))


def clip_names(request: CutRequest, media_number: int, batch_number: int, indices: Sequence[int]) -> list[str]:
    """The names of these clips of a batch, without folder and ending."""
    settings = request.settings
    if not settings.template:
        return [
            str(ClipName(settings.name, media_number, batch_number, index, request.scan_export)) for index in indices
        ]
    values = _values(request, media_number, batch_number)
    return [
        _fill(settings.template, {**values, "index": str(index), "start": _start(request, index)}) for index in indices
    ]


def clip_paths(request: CutRequest, media_number: int, batch_number: int, indices: Sequence[int]) -> list[str]:
    """Where these clips of a batch will lie.

    Raises:
        ValueError: the format is unknown.
    """
    folder = export_folder(request.settings.folder, request.subprofile)
    names = clip_names(request, media_number, batch_number, indices)
    if not request.settings.template:
        own = (
            ClipName(request.settings.name, media_number, batch_number, index, request.scan_export) for index in indices
        )
        return [clip_path(folder, name, request.settings.format) for name in own]
    ending = EXTENSIONS[request.settings.format.upper()]
    return [str(Path(folder) / media_folder_name(media_number) / f"{name}{ending}") for name in names]


def name_problem(names: Sequence[str]) -> str:
    """Why these names of one batch cannot be given to files, or an empty string."""
    for name in names:
        if reason := illegal_name_reason(name, MAX_STEM_BYTES):
            return f"{name!r} cannot be the name of a file: {reason}"
        if name.endswith("."):
            return f"{name!r} cannot be the name of a file: it ends in a dot"
    if len({name.casefold() for name in names}) < len(names):
        return f"two clips of the batch would be called {_first_double(names)!r}: add {{index}}"
    return ""


def preview(request: CutRequest, media_number: int = 1, batch_number: int = 1) -> tuple[str, str]:
    """(names as they would be, what is wrong with them) for the deck; either may be empty."""
    problem = template_problem(request.settings.template, request.batch.clips)
    if problem:
        return "", problem
    names = clip_names(request, media_number, batch_number, range(request.batch.clips))
    ending = EXTENSIONS.get(request.settings.format.upper(), "")
    shown = f"{names[0]}{ending}" + (f" … {names[-1]}{ending}" if len(names) > 1 else "")
    return shown, name_problem(names)


def tells_batches_apart(template: str) -> bool:
    """Whether a batch with another number gets other names."""
    return "batch" in tokens_of(template)


def name_clash(path: str) -> UserError:
    """The error to raise when a template yields a name that a clip has already."""
    return UserError(
        f"There is a clip called {PurePath(path).name} already",
        f"The template gives that name again in {PurePath(path).parent}",
        "Add {batch} to the template, or cut elsewhere",
    )


def stamped(request: CutRequest, now: datetime) -> CutRequest:
    """The request with the time of its export, unless it has one."""
    return request if request.made_at else replace(request, made_at=now.isoformat(timespec="seconds"))


def safe(value: str) -> str:
    """`value` as it may stand in a file's name: what is illegal becomes one underscore, the ends lose dots and spaces.

    Perhaps empty; a long one is cut.
    """
    clean = _UNSAFE.sub("_", value).encode("utf-8", "replace")[:_MAX_VALUE_BYTES].decode("utf-8", "ignore")
    return clean.strip(" .")


def _values(request: CutRequest, media_number: int, batch_number: int) -> dict[str, str]:
    settings = request.settings
    made = datetime.fromisoformat(request.made_at) if request.made_at else datetime.now()
    values = {
        "name": settings.name,
        "media": PurePath(request.media.path.replace("\\", "/")).stem,
        "number": f"{media_number:03d}",
        "batch": str(batch_number),
        "origin": "a" if request.scan_export else "m",
        "label": settings.label,
        "category": settings.category,
        "profile": request.profile,
        "subprofile": request.subprofile,
        "class": PurePath(export_folder(settings.folder, request.subprofile).replace("\\", "/")).name,
        "date": f"{made:%Y-%m-%d}",
        "time": f"{made:%H-%M-%S}",
    }
    return {token: safe(value) for token, value in values.items()}


def _start(request: CutRequest, index: int) -> str:
    start_s = request.batch.cursor_s + index * request.batch.spread_s
    return format_time(start_s).replace(":", "-").replace(".", "-")


def _fill(template: str, values: Mapping[str, str]) -> str:
    """What stands for nothing takes the separator beside it along."""
    filled = _TOKEN.sub(lambda match: values[match[1]] or _NOTHING, template)
    return _EMPTY.sub("", filled).strip(" ")


def _first_double(names: Sequence[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            return name
        seen.add(name.casefold())
    return names[0]
