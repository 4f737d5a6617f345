"""A coder's queue: what to judge, what is judged already, and where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.domain.annotation import Answer, Item, Project, Step
from core.domain.coder_order import items_of, repeat_gap, showings, shuffled


class CoderQueue:
    """The steps of one coder in order. For one thread; `mark` keeps it right after a save without building it anew.

    Args:
        steps: in order, each once.
        answered: those answered in every task, in the order of their answers.
        missing: how many items wait for a video that is not in this history.
    """

    def __init__(self, steps: Iterable[Step], answered: Iterable[Step], missing: int = 0) -> None:
        self.steps = tuple(steps)
        self.missing = missing
        self._positions = {step: position for position, step in enumerate(self.steps)}
        self._answered = {step: None for step in answered if step in self._positions}
        self._items = sum(not step.repeat for step in self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def answered(self) -> frozenset[Step]:
        """The steps that have an answer in every task."""
        return frozenset(self._answered)

    @property
    def done(self) -> int:
        """How many steps are answered."""
        return len(self._answered)

    def is_answered(self, step: Step) -> bool:
        """Whether it has an answer in every task."""
        return step in self._answered

    def position(self, step: Step) -> int:
        """Its place from 0. Raises KeyError for a step of another queue."""
        return self._positions[step]

    def next_open(self, after: Step | None = None) -> Step | None:
        """The first step without an answer, looking on from `after` and then from the start; None when all is done.

        A repeat waits until enough was judged since its first showing, unless nothing else is left.
        """
        start = 0 if after is None else self._positions[after] + 1
        waiting = None
        for step in (*self.steps[start:], *self.steps[:start]):
            if step in self._answered:
                continue
            if not step.repeat or self._rested(step):
                return step
            waiting = waiting or step
        return waiting

    def mark(self, step: Step, answered: bool = True) -> None:
        """Say that a step was answered just now, or that its answer was taken back."""
        self._answered.pop(step, None)
        if answered and step in self._positions:
            self._answered[step] = None

    def _rested(self, repeat: Step) -> bool:
        first = Step(repeat.item)
        if first not in self._answered:
            return False
        since = 0
        for step in reversed(self._answered):
            if step == first or since >= repeat_gap(self._items):
                break
            since += 1
        return since >= repeat_gap(self._items)


def build_queue(
    project: Project,
    coder: str,
    items: Iterable[Item],
    coders: Iterable[str],
    answers: Iterable[Answer],
    first: Iterable[str],
    here: Mapping[str, object] | frozenset[str],
) -> CoderQueue:
    """The queue of a coder from what is stored.

    Args:
        coders: everybody who labels in the project and is not away.
        answers: the current ones of everybody, in the order they were saved.
        first: keys that the newest round wants judged.
        here: content keys of the videos of this history; items of others are left out until they appear.
    """
    by_key = {item.key: item for item in items}
    own: dict[tuple[str, bool], set[str]] = {}
    answered_by: dict[str, set[str]] = {}
    for answer in answers:
        answered_by.setdefault(answer.item_key, set()).add(answer.coder)
        if answer.coder == coder:
            place = (answer.item_key, answer.repeat)
            tasks = own.pop(place, set())
            own[place] = {*tasks, answer.task}
    keys = items_of(coder, by_key, tuple(coders), project.salt, project.overlap, answered_by)
    repeated = {key for key, repeat in own if repeat}
    order = shuffled(by_key, coder, project.salt)
    queue = showings(keys, set(first), order, coder, project.salt, project.repeats, repeated)
    steps = [Step(by_key[each.key], each.repeat) for each in queue if by_key[each.key].content_key in here]
    tasks = {task.name for task in project.tasks}
    answered = [Step(by_key[key], repeat) for (key, repeat), known in own.items() if key in by_key and known >= tasks]
    return CoderQueue(steps, answered, sum(by_key[key].content_key not in here for key in keys))
