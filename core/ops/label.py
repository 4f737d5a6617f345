"""Labelling: make projects, walk a coder's queue, save, undo, decide. `label_items` fills projects."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence

from core.annotation.queue import CoderQueue, build_queue
from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.annotation import Answer, ItemKind, Project, Step, Task
from core.errors import UserError

LABELS = Changes.of(Kind.LABELS)


def create_project(
    db: ProcessedDB,
    name: str,
    kind: ItemKind,
    tasks: Sequence[Task],
    *,
    screener: str = "",
    overlap: float = 0.15,
    repeats: float = 0.05,
    show_picture: bool = False,
    assisted: bool = False,
) -> tuple[Project, Changes]:
    """Make a project without items.

    Raises:
        UserError: the name is empty or taken, there is no task, two have one name, or a share is not between 0 and 1.
    """
    names = [task.name for task in tasks]
    if not names or len(set(names)) < len(names):
        raise UserError(
            "A labelling project has at least one task, each with its own name",
            f"Asked for: {', '.join(names) or 'none'}",
            "Name the tasks differently",
        )
    for share in (overlap, repeats):
        if not 0.0 <= share <= 1.0:
            raise UserError(
                f"{share:g} is no share", "Overlap and repeats are between 0 and 1", "0.15 and 0.05 are usual"
            )
    uid = str(uuid.uuid4())
    project = Project(
        0, uid, name.strip(), kind, tuple(tasks), uid, screener.strip(), overlap, repeats, show_picture, assisted
    )
    return db.annotation.create(project), LABELS


def change_project(db: ProcessedDB, project: Project) -> tuple[Project, Changes]:
    """Store another name, screener, overlap, share of repeats, show_picture or assisted. Raises UserError."""
    return db.annotation.change(project), LABELS


def delete_project(db: ProcessedDB, project: Project) -> Changes:
    """Take a project out of sight with everything in it; `restore_project` brings it back as it was."""
    db.annotation.set_deleted(project.id, True)
    return LABELS


def restore_project(db: ProcessedDB, name: str) -> tuple[Project, Changes]:
    """Bring a deleted project back.

    Raises:
        UserError: none of this name was deleted.
    """
    deleted = {project.name: project for project in db.annotation.deleted_projects()}
    if name not in deleted:
        there = ", ".join(deleted)
        raise UserError(
            f"No labelling project {name} was deleted",
            f"Deleted are: {there}" if there else "None is deleted",
            "Choose one of them" if there else "",
        )
    db.annotation.set_deleted(deleted[name].id, False)
    return deleted[name], LABELS


def queue(db: ProcessedDB, project: Project, coder: str) -> CoderQueue:
    """What a coder judges, in the coder's order, the newest round's queue first. Stores nothing.

    Raises:
        UserError: the coder has no name.
    """
    store = db.annotation
    name, items = store.coder_name(coder), store.items(project.id)
    here = {key for key in {item.content_key for item in items} if db.media.by_key(key) is not None}
    first = [entry.item_key for entry in store.queue(project.id)]
    return build_queue(
        project,
        name,
        items,
        [each.name for each in store.team(project.id) if not each.away],
        store.judged(project.id, name),
        store.answered_by(project.id),
        first,
        here,
    )


def save(
    db: ProcessedDB,
    project: Project,
    coder: str,
    step: Step,
    labels: Mapping[str, str],
    *,
    note: str = "",
    difficult: bool = False,
    seconds: float = 0.0,
    shown_at: str = "",
    assisted: bool = False,
    round: int = -1,
) -> Changes:
    """Store what a coder says about one item, all tasks in one transaction. Earlier answers stay in the log.

    Args:
        labels: task -> one of its classes, or NA.
        seconds: time spent looking, idle time left out.
        shown_at: UTC, ISO 8601; when the item appeared.
        round: of the queue the step came from; -1 for none.

    Raises:
        UserError: no label, an unknown task or class, a nameless coder, or an item that is not in the project.
        ValueError: a time that is none.
    """
    if not 0.0 <= seconds < math.inf:
        raise ValueError(f"nobody looks at an item for {seconds} seconds")
    if not labels:
        raise UserError("Nothing was answered", "No task has a label", "Choose one, or 0 for NA")
    for task, label in labels.items():
        _refuse_label(project, task, label)
    store = db.annotation
    with db.write():
        name = store.add_coder(project.id, coder)
        moment = store.next_moment(project.id, name)
        store.add_answers(
            project.id,
            [
                Answer(
                    str(uuid.uuid4()),
                    step.item.key,
                    task,
                    name,
                    label,
                    note,
                    difficult,
                    float(seconds),
                    shown_at,
                    moment,
                    assisted,
                    round,
                    step.repeat,
                )
                for task, label in labels.items()
            ],
        )
    return LABELS


def join(db: ProcessedDB, project: Project, coder: str) -> Changes:
    """Make somebody one of those who share the items, from now on and not only from their first answer.

    Raises:
        UserError: the coder has no name.
    """
    name = db.annotation.coder_name(coder)
    if name in (each.name for each in db.annotation.team(project.id)):
        return Changes()
    db.annotation.add_coder(project.id, name)
    return LABELS


def set_away(db: ProcessedDB, project: Project, coder: str, away: bool) -> Changes:
    """Give a coder no more items of their own, which go to the others, or some again. Answers stay.

    Raises:
        UserError: nobody of this name labels in the project.
    """
    db.annotation.set_away(project.id, db.annotation.coder_name(coder), away)
    return LABELS


def undo(db: ProcessedDB, project: Project, coder: str) -> tuple[Step | None, Changes]:
    """Take back the coder's last save that stands; returns its step, None when there was nothing. Survives restarts."""
    return _touch(db, project, coder, withdrawn=True)


def redo(db: ProcessedDB, project: Project, coder: str) -> tuple[Step | None, Changes]:
    """Bring back what the last undo took, unless something was saved since; returns its step or None."""
    return _touch(db, project, coder, withdrawn=False)


def adjudicate(db: ProcessedDB, project: Project, item_key: str, task: str, label: str | None, coder: str) -> Changes:
    """Decide what is right for an item; None takes the decision back. The answers stay as they are.

    Raises:
        UserError: an unknown task, class or item, or a nameless coder.
    """
    if label is not None:
        _refuse_label(project, task, label)
    db.annotation.set_gold(project.id, item_key, task, label or "", db.annotation.coder_name(coder))
    return LABELS


def _touch(db: ProcessedDB, project: Project, coder: str, *, withdrawn: bool) -> tuple[Step | None, Changes]:
    store = db.annotation
    name = store.coder_name(coder)
    with db.write():
        answers = store.to_undo(project.id, name) if withdrawn else store.to_redo(project.id, name)
        if not answers:
            return None, Changes()
        store.set_withdrawn(project.id, answers, withdrawn, store.next_moment(project.id, name))
        item = store.item(project.id, answers[0].item_key)
    return Step(item, answers[0].repeat), LABELS


def _refuse_label(project: Project, task: str, label: str) -> None:
    try:
        answers = project.task(task).answers
    except KeyError as error:
        raise UserError(
            f"{project.name} has no task {task}", "", f"It has: {', '.join(each.name for each in project.tasks)}"
        ) from error
    if label not in answers:
        raise UserError(f"{label} is no answer of {task}", "", f"It has: {', '.join(answers)}")
