"""The errors that 8-cut raises on purpose.

Whatever is not one of these is a bug and reaches the crash dialog. Each carries three sentences a person can act on:
what happened, why, and what to do about it.
"""

from __future__ import annotations


class EightCutError(Exception):
    """Base of every expected error.

    Args:
        what: what happened, one sentence without a full stop: "Cannot read holiday.mp4".
        why: the cause, as far as it is known.
        fix: what the person can do now.
    """

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        return ". ".join(part.rstrip(".") for part in (self.what, self.why, self.fix) if part) + "."

    def __reduce__(self) -> tuple:
        """Rebuild with all three sentences when an error crosses from a worker process."""
        return type(self), (self.what, self.why, self.fix)


class UserError(EightCutError):
    """Something about the input: a broken file, an illegal name. Shown as a passing message."""


class EnvironmentProblem(EightCutError):
    """Something about the machine: ffmpeg missing, disk full, folder not writable. Shown as a dialog with Retry."""


class NewerDataError(EightCutError):
    """The data was written by a newer 8-cut; it is left untouched."""


class Cancelled(Exception):
    """The person cancelled the work; silent everywhere."""
