"""A coder's queue: what to judge, what is judged already, and where to go on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, islice

from core.domain.annotation import Answer, Item, Project, Step
from core.domain.coder_order import items_of, repeat_gap, repeats_of, shares, showings, shuffled


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
        self._answered = {self._positions[step]: None for step in answered if step in self._positions}
        self._gap = repeat_gap(sum(not step.repeat for step in self.steps))

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def answered(self) -> frozenset[Step]:
        """The steps that have an answer in every task."""
        return frozenset(self.steps[position] for position in self._answered)

    @property
    def done(self) -> int:
        """How many steps are answered."""
        return len(self._answered)

    def is_answered(self, step: Step) -> bool:
        """Whether it has an answer in every task."""
        return self._positions.get(step) in self._answered

    def position(self, step: Step) -> int:
        """Its place from 0. Raises KeyError for a step of another queue."""
        return self._positions[step]

    def next_open(self, after: Step | None = None) -> Step | None:
        """The first step without an answer, looking on from `after` and then from the start; None when all is done.

        A repeat waits until enough was judged since its first showing, unless nothing else is left.
        """
        start = 0 if after is None else self._positions[after] + 1
        waiting = None
        for position in chain(range(start, len(self.steps)), range(start)):
            if position in self._answered:
                continue
            step = self.steps[position]
            if not step.repeat or self._rested(step):
                return step
            waiting = waiting or step
        return waiting

    def mark(self, step: Step, answered: bool = True) -> None:
        """Say that a step was answered just now, or that its answer was taken back."""
        position = self._positions.get(step)
        self._answered.pop(position, None)
        if answered and position is not None:
            self._answered[position] = None

    def _rested(self, repeat: Step) -> bool:
        """Whether enough other steps were answered since this one's first showing was."""
        first = self._positions.get(Step(repeat.item))
        if first not in self._answered:
            return False
        return first not in islice(reversed(self._answered), self._gap)


def build_queue(
    project: Project,
    coder: str,
    items: Iterable[Item],
    coders: Iterable[str],
    judged: Iterable[tuple[str, bool, str]],
    answered_by: Mapping[str, Collection[str]],
    first: Iterable[str],
    here: Collection[str],
) -> CoderQueue:
    """The queue of a coder from what is stored.

    Args:
        coders: everybody who labels in the project and is not away.
        judged: (item key, repeat, task) of this coder's answers that stand, in the order they were saved.
        answered_by: item key -> everybody whose answers to it stand.
        first: keys that the newest round wants judged.
        here: content keys of the videos of this history; items of others are left out until they appear.
    """
    by_key = {item.key: item for item in items}
    own: dict[tuple[str, bool], set[str]] = {}
    for key, repeat, task in judged:
        known = own.pop((key, repeat), set())
        known.add(task)
        own[key, repeat] = known
    keys = items_of(coder, by_key, tuple(coders), project.salt, project.overlap, answered_by)
    repeated = {key for key, repeat in own if repeat}
    order = shuffled(by_key, coder, project.salt)
    queue = showings(keys, set(first), order, coder, project.salt, project.repeats, repeated)
    steps = [Step(by_key[each.key], each.repeat) for each in queue if by_key[each.key].content_key in here]
    tasks = {task.name for task in project.tasks}
    answered = [Step(by_key[key], repeat) for (key, repeat), known in own.items() if key in by_key and known >= tasks]
    return CoderQueue(steps, answered, sum(by_key[key].content_key not in here for key in keys))


def progress(
    project: Project,
    items: Iterable[Item],
    team: Collection[str],
    away: Collection[str],
    answers: Iterable[Answer],
    first: Collection[str],
    here: Collection[str],
) -> dict[str, tuple[int, int]]:
    """(answered, all) steps of everybody's queue, as `build_queue` would count them.

    An order is only looked at where the number hangs on it: where videos are missing, or nearly everything comes back.

    Args:
        answers: all that stand.
        first, here: as of `build_queue`.
    """
    video = {item.key: item.content_key for item in items}
    judged: dict[str, dict[tuple[str, bool], set[str]]] = {coder: {} for coder in (*team, *away)}
    answered_by: dict[str, set[str]] = {}
    for answer in answers:
        answered_by.setdefault(answer.item_key, set()).add(answer.coder)
        judged[answer.coder].setdefault((answer.item_key, answer.repeat), set()).add(answer.task)
    tasks = {task.name for task in project.tasks}
    found = {}
    for coder, keys in shares(video, team, away, project.salt, project.overlap, answered_by).items():
        done = sum(said >= tasks and video[key] in here for (key, _), said in judged[coder].items())
        repeated = {key for key, repeat in judged[coder] if repeat}
        back = repeats_of(len(keys), len(repeated), project.repeats)
        if back is None or any(video[key] not in here for key in keys):
            order = shuffled(video, coder, project.salt)
            queue = showings(keys, first, order, coder, project.salt, project.repeats, repeated)
            found[coder] = (done, sum(video[each.key] in here for each in queue))
        else:
            found[coder] = (done, len(keys) + back)
    return found
