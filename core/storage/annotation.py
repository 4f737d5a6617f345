"""Labelling in the history: one door to its projects, items, answers, decisions and rounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.domain.annotation import Answer, Coder, Gold, Item, Project, Queue, QueueEntry, Round
from core.storage.annotation_answers import AnswerLog
from core.storage.annotation_projects import ProjectStore, coder_name
from core.storage.annotation_rounds import RoundStore
from core.storage.database import Database


class AnnotationStore:
    """Everything about labelling. `project_id` is `Project.id`."""

    def __init__(self, database: Database) -> None:
        self._projects = ProjectStore(database)
        self._log = AnswerLog(database)
        self._rounds = RoundStore(database)

    def create(self, project: Project) -> Project:
        """Store a new project; returns it with its id. Raises UserError when its name is taken."""
        return self._projects.create(project)

    def change(self, project: Project, touched_at: str | None = None) -> Project:
        """Store what may change: name, screener, overlap, repeats, show_picture, assisted. Raises UserError.

        Args:
            touched_at: when that was; None for now.
        """
        return self._projects.change(project, touched_at)

    def touched_at(self, project_id: int) -> str:
        """When what may change of a project last did; empty for never."""
        return self._projects.touched_at(project_id)

    def projects(self) -> tuple[Project, ...]:
        """All that were not deleted, by name."""
        return self._projects.all()

    def deleted_projects(self) -> tuple[Project, ...]:
        """Those that can be brought back, by name."""
        return self._projects.all(deleted=True)

    def set_deleted(self, project_id: int, deleted: bool) -> None:
        """Delete a project, or bring it back; all of its rows stay as they are."""
        self._projects.set_deleted(project_id, deleted)

    def get(self, name: str) -> Project:
        """The project of this name. Raises UserError naming the ones there are, or saying that it was deleted."""
        return self._projects.get(name)

    def by_uid(self, uid: str) -> Project | None:
        """The project that has this uid on every machine, also a deleted one."""
        return self._projects.by_uid(uid)

    def add_items(self, project_id: int, items: Iterable[Item]) -> int:
        """Add items; returns how many were new."""
        return self._projects.add_items(project_id, items)

    def remove_items(self, project_id: int, keys: Iterable[str]) -> int:
        """Undo `add_items`: takes items out that have no answer, decision or place in a queue; returns how many."""
        return self._projects.remove_items(project_id, keys)

    def items(self, project_id: int) -> tuple[Item, ...]:
        """All items, sorted by key."""
        return self._projects.items(project_id)

    def known_items(self, project_id: int, keys: Iterable[str]) -> frozenset[str]:
        """Those of the keys that the project has; reads nothing else, however large it is."""
        return self._projects.known_items(project_id, keys)

    def item(self, project_id: int, item_key: str) -> Item:
        """The item of this key. Raises UserError when the project has none."""
        return self._projects.item(project_id, item_key)

    def coders(self, project_id: int) -> tuple[str, ...]:
        """Everybody who labels or did, sorted."""
        return tuple(coder.name for coder in self._projects.team(project_id))

    def team(self, project_id: int) -> tuple[Coder, ...]:
        """Everybody with whether they are away, sorted."""
        return self._projects.team(project_id)

    def set_away(self, project_id: int, name: str, away: bool) -> None:
        """Give a coder no more items of their own, or some again. Raises UserError for an unknown one."""
        self._projects.set_away(project_id, name, away)

    def merge_coder(self, project_id: int, coder: Coder) -> bool:
        """Take over another machine's coder; whether that changed anything."""
        return self._projects.merge_coder(project_id, coder)

    def add_coder(self, project_id: int, name: str) -> str:
        """Let somebody label; returns the name as it is stored. Raises UserError for an empty one."""
        return self._projects.add_coder(project_id, name)

    def coder_name(self, name: str) -> str:
        """A name as it is stored: white space tidied, letters composed. Raises UserError for an empty one."""
        return coder_name(name)

    def answers(
        self, project_id: int, *, task: str | None = None, coder: str | None = None, current: bool = True
    ) -> tuple[Answer, ...]:
        """Answers in the order they were saved.

        Args:
            current: only the newest one not withdrawn of each item, task, coder and repeat; else the whole log.
        """
        return self._log.answers(project_id, task, coder, current)

    def judged(self, project_id: int, coder: str) -> tuple[tuple[str, bool, str], ...]:
        """(item key, repeat, task) of every answer of a coder that stands, in the order they were saved."""
        return self._log.judged(project_id, coder)

    def answered_by(self, project_id: int) -> dict[str, set[str]]:
        """Item key -> the coders whose answers to it stand."""
        return self._log.answered_by(project_id)

    def add_answers(self, project_id: int, answers: Sequence[Answer]) -> None:
        """Append to the log; their items and coders must be there. Raises UserError where one is not."""
        self._log.add(project_id, answers)

    def merge_answers(self, project_id: int, answers: Sequence[Answer]) -> tuple[int, int]:
        """Take over another machine's log; returns how many rows were new and how many were touched later there."""
        return self._log.merge(project_id, answers)

    def next_moment(self, project_id: int, coder: str) -> str:
        """Now, but later than everything this coder did, even where a clock was turned back. Inside a write()."""
        return self._log.next_moment(project_id, coder)

    def to_undo(self, project_id: int, coder: str) -> tuple[Answer, ...]:
        """The answers of this coder's last save that stands; empty when there is none."""
        return self._log.to_undo(project_id, coder)

    def to_redo(self, project_id: int, coder: str) -> tuple[Answer, ...]:
        """The answers that the last undo took back, unless something was saved since; empty when there are none."""
        return self._log.to_redo(project_id, coder)

    def set_withdrawn(self, project_id: int, answers: Sequence[Answer], withdrawn: bool, moment: str) -> None:
        """Take answers back, or bring them back, at this moment."""
        self._log.set_withdrawn(project_id, answers, withdrawn, moment)

    def gold(self, project_id: int) -> dict[tuple[str, str], str]:
        """What was decided: `{(item key, task): label}`."""
        return self._log.gold(project_id)

    def gold_log(self, project_id: int) -> tuple[Gold, ...]:
        """Every decision ever made, in order of time."""
        return self._log.gold_log(project_id)

    def set_gold(self, project_id: int, item_key: str, task: str, label: str, coder: str) -> None:
        """Decide what is right; an empty label takes the decision back. Raises UserError for an unknown item."""
        self._log.set_gold(project_id, item_key, task, label, coder)

    def merge_gold(self, project_id: int, gold: Sequence[Gold]) -> int:
        """Take over another machine's decisions; returns how many were new."""
        return self._log.merge_gold(project_id, gold)

    def queue(self, project_id: int) -> tuple[QueueEntry, ...]:
        """What the newest round wants judged, in its order; empty before the first."""
        newest = self._rounds.newest_queue(project_id)
        return newest.entries if newest else ()

    def newest_queue(self, project_id: int) -> Queue | None:
        """The queue with the round and moment it was made."""
        return self._rounds.newest_queue(project_id)

    def set_queue(self, project_id: int, number: int, entries: Iterable[QueueEntry], made_at: str = "") -> None:
        """Say what a round wants judged, in place of what it wanted before. Raises UserError for an unknown item.

        Args:
            made_at: empty for now.
        """
        self._rounds.set_queue(project_id, number, entries, made_at)

    def rounds(self, project_id: int) -> tuple[Round, ...]:
        """All, by number."""
        return self._rounds.all(project_id)

    def set_round(self, project_id: int, round_: Round) -> None:
        """Store a round; takes the place of the one with its number."""
        self._rounds.set(project_id, round_)
