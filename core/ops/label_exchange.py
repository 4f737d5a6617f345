"""Labels between machines: write a project's labels to a file, and merge such a file without loss or doubles.

Everything in the file has a uid or a key that is the same everywhere. Logs are united; where two copies of one thing
may differ (an answer withdrawn on one machine, a coder who left, a project's settings, the queue) the one touched last
counts. Merging is therefore commutative, associative and idempotent. Rounds follow the machine that froze the test set:
see `core.ops.round_exchange`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.annotation import label_file
from core.annotation.label_file import Labels
from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import Answer, Coder, Project
from core.errors import UserError
from core.ops.round_exchange import shared_rounds, take_rounds
from core.paths import data_paths

_PLACE = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Contradiction:
    """One coder answered one item differently here and in the file; the newer answer counts, both are kept."""

    item_key: str
    task: str
    coder: str
    newer: str
    older: str


@dataclass(frozen=True)
class ImportSummary:
    """What came of an import.

    Args:
        created: the project was not here before.
        items, answers, gold, coders: how many were new; of coders also those who left or came back.
        touched: answers that were withdrawn or brought back later on the other machine.
        altered: answers of which the file says something else than what was saved under their uid: it was edited.
            What is here stays.
        missing: names of the videos that are not in this history; their items wait until they are.
        queue: whether the file's queue took the place of the one here.
        settings: whether the file's settings took the place of those here.
        restored: whether the project had been deleted here; it is back.
        rounds: how many rounds came from the file, with their split.
        kept: why rounds or the queue of the file were left out, a sentence; empty where none were.
    """

    project: Project
    created: bool
    items: int
    answers: int
    gold: int
    coders: int
    touched: int
    altered: int
    contradictions: tuple[Contradiction, ...]
    missing: tuple[str, ...]
    queue: bool
    settings: bool
    restored: bool = False
    rounds: int = 0
    kept: str = ""

    @property
    def unchanged(self) -> bool:
        """Whether everything in the file was here already."""
        new = self.items or self.answers or self.gold or self.coders or self.touched or self.rounds
        return not (self.created or new or self.queue or self.settings or self.restored)


def export_labels(db: ProcessedDB, project: Project, path: Path) -> str:
    """Write everything about a project: items, answers with their history, decisions, coders, the newest queue, and the
    rounds with their split. Returns why the rounds were left out, a sentence, or nothing.

    Raises:
        EnvironmentProblem: the file cannot be written.
        LeakError: somebody put a video into two sets of the split.
    """
    labels = collect(db, project)
    label_file.write(labels, Path(path))
    finished = [each for each in db.annotation.rounds(project.id) if each.finished_at]
    if labels.rounds or not finished:
        return ""
    return f"The split and the rounds are not in it, since the files of round {finished[-1].number} are gone"


def collect(db: ProcessedDB, project: Project) -> Labels:
    """What `export_labels` writes."""
    store = db.annotation
    items = store.items(project.id)
    known = {key: db.media.by_key(key) for key in {item.content_key for item in items}}
    return Labels(
        project,
        store.touched_at(project.id),
        {key: media.name for key, media in known.items() if media is not None},
        list(store.team(project.id)),
        list(items),
        list(store.answers(project.id, current=False)),
        list(store.gold_log(project.id)),
        store.newest_queue(project.id),
        shared_rounds(db, project),
    )


def import_labels(db: ProcessedDB, path: Path) -> tuple[ImportSummary, Changes]:
    """Merge a file into the project of its uid, which is made when it is not here; all of it or nothing.

    Raises:
        NewerDataError: a newer 8-cut wrote the file.
        UserError: it makes no sense, or has other tasks than the project here.
    """
    labels = label_file.read(Path(path))
    with db.write():
        summary = merge(db, labels, Path(path).name)
    return summary, Changes() if summary.unchanged else Changes.of(Kind.LABELS)


def merge(db: ProcessedDB, labels: Labels, source: str = "the file") -> ImportSummary:
    """`import_labels` of what was read, inside the caller's write()."""
    store = db.annotation
    project, created, settings = _project_here(db, labels, source)
    restored = project.uid in {each.uid for each in store.deleted_projects()}
    if restored:
        store.set_deleted(project.id, False)
    new_items = store.add_items(project.id, labels.items)
    coders = [*labels.coders, *(Coder(name) for name in {answer.coder for answer in labels.answers})]
    new_coders = sum(store.merge_coder(project.id, coder) for coder in coders)
    before = store.answers(project.id, current=False)
    rounds, kept = take_rounds(db, project, labels, data_paths(db.path.parent))
    new_answers, touched = store.merge_answers(project.id, labels.answers)
    return ImportSummary(
        project,
        created,
        new_items,
        new_answers,
        store.merge_gold(project.id, labels.gold),
        new_coders,
        touched,
        _altered(before, labels.answers),
        _contradictions(before, labels.answers),
        tuple(sorted({labels.videos.get(key, key) for key in _videos(labels) if db.media.by_key(key) is None})),
        not kept and _take_queue(db, project, labels),
        settings,
        restored,
        rounds,
        kept,
    )


def _project_here(db: ProcessedDB, labels: Labels, source: str) -> tuple[Project, bool, bool]:
    """The project of the file's uid, whether it was made just now, and whether it took over the file's settings."""
    store = db.annotation
    theirs, mine = labels.project, store.by_uid(labels.project.uid)
    if mine is None:
        made = store.create(replace(theirs, name=_free_name(db, theirs.name)))
        return store.change(made, labels.touched_at), True, False
    if (mine.kind, mine.tasks, mine.salt) != (theirs.kind, theirs.tasks, theirs.salt):
        raise UserError(
            f"{source} cannot be merged into {mine.name}",
            "It is of the same project but has other tasks or classes; one of the two was edited",
            "Nothing was imported",
        )
    if (labels.touched_at, _settings(theirs)) <= (store.touched_at(mine.id), _settings(mine)):
        return mine, False, False
    merged = replace(theirs, id=mine.id, name=mine.name)
    return store.change(merged, labels.touched_at), False, True


def _settings(project: Project) -> tuple[str, float, float, bool, bool]:
    return project.screener, project.overlap, project.repeats, project.show_picture, project.assisted


def _free_name(db: ProcessedDB, name: str) -> str:
    taken = {project.name for project in (*db.annotation.projects(), *db.annotation.deleted_projects())}
    number = 2
    free = name
    while free in taken:
        free = f"{name} ({number})"
        number += 1
    return free


def _take_queue(db: ProcessedDB, project: Project, labels: Labels) -> bool:
    mine, theirs = db.annotation.newest_queue(project.id), labels.queue
    if theirs is None:
        return False
    if mine is not None and _age(theirs) <= _age(mine):
        return False
    db.annotation.set_queue(project.id, theirs.round, theirs.entries, theirs.made_at)
    return True


def _age(queue: label_file.Queue) -> tuple[int, str, str]:
    return queue.round, queue.made_at, repr(queue.entries)


def _videos(labels: Labels) -> set[str]:
    return {item.content_key for item in labels.items}


def _altered(before: Sequence[Answer], theirs: Sequence[Answer]) -> int:
    known = {answer.uid: _said(answer) for answer in before}
    return sum(answer.uid in known and known[answer.uid] != _said(answer) for answer in theirs)


def _said(answer: Answer) -> Answer:
    """An answer without what undo and redo change."""
    return replace(answer, withdrawn=False, touched_at="")


def _contradictions(before: Sequence[Answer], theirs: Sequence[Answer]) -> tuple[Contradiction, ...]:
    known = {answer.uid for answer in before}
    mine, new = _current(before), _current([answer for answer in theirs if answer.uid not in known])
    found = []
    for place in sorted(mine.keys() & new.keys()):
        older, newer = sorted((mine[place], new[place]), key=lambda answer: (answer.saved_at, answer.uid))
        if older.label != newer.label:
            found.append(Contradiction(*place[:3], newer.label, older.label))
    return tuple(found)


def _current(answers: Sequence[Answer]) -> dict[_PLACE, Answer]:
    standing = sorted((each for each in answers if not each.withdrawn), key=lambda each: (each.saved_at, each.uid))
    return {(each.item_key, each.task, each.coder, each.repeat): each for each in standing}
