"""Every edit of a region as an undoable command: it names its rows, its media and its version when it is made.

What is open when it is undone does not matter: nothing is ever written to another media.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QObject

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import NewRegion, RegionRow, RegionRule
from core.errors import EightCutError
from core.ops import negatives, regions
from core.ops.scan_rule import set_rule
from ui.commands.command import About, Command, Operation
from ui.commands.history import EditHistory
from ui.jobs.runner import Lane, Runner


@dataclass(frozen=True)
class Place:
    """Which version of which scan is edited."""

    media: Media
    profile: str
    label: str
    timestamp: str

    @property
    def key(self) -> tuple[int, str, str]:
        """The undo history it belongs to: one for each media, profile and classifier."""
        return self.media.id, self.profile, self.label


class RegionEdits(QObject):
    """Makes the commands and pushes them."""

    def __init__(
        self,
        db: ProcessedDB,
        history: EditHistory,
        runner: Runner,
        publish: Callable[[Changes], None],
        complain: Callable[[EightCutError], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._db = db
        self._history = history
        self._runner = runner
        self._publish = publish
        self._complain = complain
        self._edited: dict[tuple[int, str, str], set[int]] = {}

    def forget(self, place: Place) -> None:
        """Edits of this scan can no longer be undone."""
        self._history.forget(place.key)
        self._edited.pop(place.key, None)

    def set_disabled(
        self, place: Place, rows: Sequence[RegionRow], disabled: bool, beside: Sequence[RegionRow] = ()
    ) -> bool:
        """`beside` are hidden rows of the same sounds, for which it holds too. False where it could not be stored."""
        changed = [row.id for row in (*rows, *beside) if row.disabled != disabled]
        act = partial(regions.set_disabled, self._db, place.media.id, changed)
        return self._push(place, f"{'Disable' if disabled else 'Enable'} {_regions(rows)}", changed, act, disabled)

    def set_accepted(
        self, place: Place, rows: Sequence[RegionRow], accepted: bool, beside: Sequence[RegionRow] = ()
    ) -> bool:
        """`beside` are hidden rows of the same sounds, for which it holds too. False where it could not be stored."""
        changed = [row.id for row in (*rows, *beside) if row.accepted != accepted]
        act = partial(regions.set_accepted, self._db, place.media.id, changed)
        text = f"{'Accept' if accepted else 'Do not accept'} {_regions(rows)}"
        return self._push(place, text, changed, act, accepted)

    def set_times(self, place: Place, row: RegionRow, start_s: float, end_s: float, duration_s: float) -> None:
        """Trim or stretch; a sentence where the times make no region."""
        try:
            regions.check_times(start_s, end_s, duration_s)
        except EightCutError as error:
            self._complain(error)
            return
        if (start_s, end_s) != (row.start_s, row.end_s):
            self._remember(place, [row.id])
            act = partial(regions.set_times, self._db, place.media.id, row.id)
            self._do(place, "Trim a region", partial(act, start_s, end_s), partial(act, row.start_s, row.end_s))

    def split(self, place: Place, row: RegionRow, at_s: float) -> None:
        try:
            halves = regions.split(row, at_s)
        except EightCutError as error:
            self._complain(error)
            return
        self._replace(place, "Split a region", [row], halves)

    def merge(self, place: Place, rows: Sequence[RegionRow]) -> None:
        try:
            merged = regions.merge(rows)
        except EightCutError as error:
            self._complain(error)
            return
        self._replace(place, f"Merge {_regions(rows)}", rows, [merged])

    def mark_negative(self, place: Place, rows: Sequence[RegionRow]) -> bool:
        """Hard negatives from now on; the marks remember the classifier and the version. False as `set_disabled`."""
        marks: list[int] = []

        def mark() -> Changes:
            if marks:
                return negatives.restore(self._db, marks)[1]
            made, changes = regions.mark_negative(
                self._db, place.media, place.profile, place.label, place.timestamp, rows
            )
            marks.extend(made)
            return changes

        text = f"Mark {_regions(rows)} as not the sound"
        return self._do(place, text, mark, lambda: negatives.unmark(self._db, marks)[1])

    def unmark_negative(self, place: Place, rows: Sequence[RegionRow]) -> None:
        """Hard negatives no more."""
        marks = regions.marks_in(self._db, place.media, place.profile, rows)
        if marks:
            self._do(
                place,
                f"Take back {_regions(rows)} as not the sound",
                lambda: negatives.unmark(self._db, marks)[1],
                lambda: negatives.restore(self._db, marks)[1],
            )

    def set_rule(self, place: Place, old: RegionRule, new: RegionRule) -> None:
        """Another threshold or gap. Many regions take longer than a frame, so the database lane does it."""

        def failed(error: EightCutError) -> None:
            # What the slider shows was not stored: there is nothing to undo, and the panel reads what is.
            self._history.drop(place.key, command)
            self._publish(Changes.of(Kind.SCANS, place.media.id))
            self._complain(error)

        def store(rule: RegionRule) -> Changes:
            wanted = frozenset(self._edited.get(place.key, ()))
            self._runner.submit(
                Lane.DB,
                "Change the threshold",
                lambda _: set_rule(self._db, place.media, place.profile, place.label, place.timestamp, rule, wanted),
                on_done=self._publish,
                on_failed=failed,
                quiet=True,
                where=place.media.name,
            )
            return Changes()

        command = self._command(place, f"Threshold {new.threshold:.2f}", partial(store, new), partial(store, old))
        self._history.push(place.key, command)

    def _replace(self, place: Place, text: str, leaving: Sequence[RegionRow], coming: Sequence[NewRegion]) -> None:
        gone = [row.id for row in leaving]
        made: list[int] = []
        self._remember(place, gone)

        def forward() -> Changes:
            if not made:
                made.extend(
                    regions.put_in_place(
                        self._db, place.media, place.profile, place.label, place.timestamp, gone, coming
                    )
                )
                return regions.exchange(self._db, place.media.id, (), ())
            return regions.exchange(self._db, place.media.id, gone, made)

        self._do(place, text, forward, lambda: regions.exchange(self._db, place.media.id, made, gone))

    def _push(
        self, place: Place, text: str, changed: Sequence[int], act: Callable[[bool], Changes], value: bool
    ) -> bool:
        if not changed:
            return True
        self._remember(place, changed)
        return self._do(place, text, partial(act, value), partial(act, not value))

    def _remember(self, place: Place, ids: Iterable[int]) -> None:
        """Undo has to find these rows again, whatever threshold is shown in between."""
        self._edited.setdefault(place.key, set()).update(ids)

    def _do(self, place: Place, text: str, forward: Operation, backward: Operation) -> bool:
        return self._history.push(place.key, self._command(place, text, forward, backward))

    def _command(self, place: Place, text: str, forward: Operation, backward: Operation) -> Command:
        about = About(place.media, place.profile)
        return Command(text, forward, backward, self._publish, self._complain, about)


def _regions(rows: Sequence[object]) -> str:
    return "a region" if len(rows) == 1 else f"{len(rows)} regions"
