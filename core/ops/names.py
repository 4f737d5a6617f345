"""What the next batch's files would be called, before it is exported."""

from __future__ import annotations

from dataclasses import dataclass

from core.db import ProcessedDB
from core.domain.export import CutRequest
from core.domain.name_template import preview, template_problem
from core.errors import EightCutError
from core.media.naming import names_on_disk


@dataclass(frozen=True)
class NamePreview:
    """The first and the last name, and why these cannot be given; either may be empty."""

    text: str
    problem: str = ""


def expected_names(db: ProcessedDB, request: CutRequest) -> NamePreview:
    """Names with the numbers that an export would get now. Looks at the folder, so not for the GUI thread."""
    problem = template_problem(request.settings.template, request.batch.clips)
    if problem:
        return NamePreview("", problem)
    # No profile has the id 0: one that is not made yet has used no numbers.
    profile_id = db.profiles.id_of(request.profile) or 0
    media_number, batch_number = db.profiles.expected_media_number(profile_id, request.media.id), 1
    taken = names_on_disk(request)
    try:
        batch_number = db.profiles.next_batch_number(
            profile_id, request.media.id, request.scan_export, lambda number: taken(media_number, number)
        )
    except EightCutError as error:
        shown, _ = preview(request, media_number, batch_number)
        return NamePreview(shown, error.what)
    return NamePreview(*preview(request, media_number, batch_number))
