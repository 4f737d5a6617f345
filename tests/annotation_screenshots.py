"""The pictures of labelling, for `tests.screenshots`: projects, the window, agreement, rounds, doubts, uses."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PyQt6.QtWidgets import QDialog

from core.annotation.label_errors import LabelDoubt
from core.demo.people import make_people_videos
from core.domain.annotation import (
    DISTANCE,
    NO_HUMAN,
    PERSPECTIVE,
    TARGET_SOUND,
    Item,
    ItemKind,
    Project,
    QueueEntry,
    Round,
    Step,
    Task,
)
from core.errors import EnvironmentProblem, UserError
from core.job import JobContext
from core.ops import label, label_items
from tests.screenshot_stage import Camera, open_first, program, wait, wait_until
from ui import settings as keys
from ui.annotation.doubts_dialog import DoubtsDialog, _Read
from ui.app import Program
from ui.dialogs.messages import error_dialog

LONG_NAME = "Street interviews 2026, cameras A and B, all of the second week"


def shoot_labelling(camera: Camera, folder: Path, footage: list[Path]) -> None:
    """Everything of labelling, in the order in which a newcomer meets it."""
    with program(folder / "labelling") as app:
        people = make_people_videos(folder / "people", 6, JobContext(), seed=3)
        _projects(camera, app, [*footage[:1], *(video.path for video in people)])
        truth = {str(video.path): video for video in people}
        ids = [each.id for each in app.window.media_model.media if each.path in truth]
        project, _ = label.create_project(
            app.db, LONG_NAME, ItemKind.FRAME, (PERSPECTIVE, DISTANCE), screener=NO_HUMAN, overlap=0.5
        )
        label_items.add_frames(app.db, project, ids, per_video=8)
        sounds, _ = label.create_project(
            app.db, "Hammering", ItemKind.WINDOW, (TARGET_SOUND, Task("loudness", ("soft", "normal", "loud")))
        )
        first = next(each for each in app.window.media_model.media if each.path == str(footage[0]))
        label_items.add_windows(app.db, sounds, [first.id], 2.0, 2.0)
        _judge(app, project, truth)
        for item in app.db.annotation.items(sounds.id)[:12]:
            label.save(app.db, sounds, "Ada", Step(item), {"target sound": "yes", "loudness": "loud"}, seconds=2.4)
        app.settings.set(keys.LABEL_CODER, "Ada")
        app.settings.set(keys.LABEL_PROJECT, LONG_NAME)
        dialog = app.annotating.show_projects()
        wait_until(lambda: not app.runner.active)
        camera.take("labelling-projects", dialog)
        dialog.ask_for_items()
        camera.take("labelling-items", dialog)
        dialog._leave_form()
        dialog.close()
        _window(camera, app, project, sounds)
        _agreement(camera, app, project)
        _rounds(camera, app, project)
        _doubts(camera, app, project)
        app.annotating.show_uses(sounds)
        camera.take("labelling-uses", _open(app, "Use labels"))
        _open(app, "Use labels").reject()


def _projects(camera: Camera, app: Program, files: Iterable[Path]) -> None:
    dialog = app.annotating.show_projects()
    wait_until(lambda: not app.runner.active)
    camera.take("labelling-empty", dialog)
    dialog.ask_for_new()
    dialog.form.name.setText("Street interviews")
    camera.take("labelling-new", dialog)
    dialog.form.kind.setCurrentIndex(3)
    dialog.form.tasks._rows[0].name.setText("dog")
    dialog.form.tasks._rows[0].classes.setText("bark")
    camera.take("labelling-new-own", dialog)
    dialog._leave_form()
    dialog.close()
    open_first(app, list(files))


def _judge(app: Program, project: Project, truth: dict[str, Any]) -> None:
    """Three coders: one who is right, one who often sees people nearer, one who has just begun."""
    chance = random.Random(5)
    for coder, wrong, most in (("Ada", 0.04, 400), ("Benjamin", 0.3, 400), ("Chioma", 0.15, 9)):
        for step in label.queue(app.db, project, coder).steps[:most]:
            said = truth[app.db.media.by_key(step.item.content_key).path].truth(step.item.frame)
            for task in project.tasks:
                if chance.random() < wrong:
                    said[task.name] = chance.choice(task.answers)
            if coder != "Ada" or chance.random() < 0.6:
                label.save(app.db, project, coder, step, said, seconds=chance.uniform(1.5, 6.0))


def _window(camera: Camera, app: Program, project: Project, sounds: Project) -> None:
    app.annotating.label(project)
    window = app.annotating.labelling
    window.resize(1120, 760)
    wait_until(lambda: bool(window._shown_at))
    window.panel.press(2)
    camera.take("labelling-picture", window)
    window.save_and_go_on()
    window.footer.note.setText("Two people, one of them in a mirror")
    window.footer.difficult.setChecked(True)
    camera.take("labelling-missing", window)
    window.prefetch._ready[window.session.step.item.key] = UserError(
        "This item cannot be shown",
        "Its video is damaged there, or is not where it was; the log names the file",
        "Go on with the next one: this one stays without an answer",
    )
    window._show_step()
    camera.take("labelling-undecodable", window)
    window.session.step = None
    window.session.step_changed.emit()
    camera.take("labelling-finished", window)
    window.close()
    wait()
    app.annotating.label(sounds)
    window = app.annotating.labelling
    window.resize(1120, 760)
    wait_until(lambda: bool(window._shown_at) and window.stage.player.position_s > 0.4)
    window.stage.toggle_sound()
    camera.take("labelling-sound", window)
    window.close()
    wait()


def _agreement(camera: Camera, app: Program, project: Project) -> None:
    app.annotating.show_agreement(project)
    dialog = _open(app, "Agreement")
    wait_until(lambda: dialog.pages.isVisible() and not app.runner.active)
    dialog.tasks.setCurrentIndex(1)
    for place, name in enumerate(("figures", "answers", "confusion", "repeats", "disagreements")):
        dialog.pages.setCurrentIndex(place)
        wait_until(lambda: not app.runner.active)
        camera.take(f"labelling-agreement-{name}", dialog)
    dialog.reject()


def _rounds(camera: Camera, app: Program, project: Project) -> None:
    app.annotating.show_rounds(project)
    dialog = _open(app, "Rounds")
    wait_until(lambda: not app.runner.active)
    camera.take("labelling-rounds-none", dialog)
    for number, (labels, scores) in enumerate(((60, (0.46, 0.4)), (110, (0.62, 0.5)), (160, (0.7, 0.52)))):
        figures = metrics(project, number, labels, scores)
        made = f"2026-11-2{number}T14:03:00.000000+00:00"
        app.db.annotation.set_round(project.id, Round(number, str(app.paths.rounds), made, figures))
    items = app.db.annotation.items(project.id)
    app.db.annotation.set_queue(project.id, 2, [QueueEntry(item.key, 0.9, "uncertain", 0.1) for item in items[:9]])
    app.bridge.session.publish(label.LABELS)
    wait_until(lambda: not app.runner.active)
    for place, name in enumerate(("curve", "classes", "agreement", "coders", "list")):
        dialog.dashboard.setCurrentIndex(place)
        camera.take(f"labelling-rounds-{name}", dialog)
    problem = error_dialog(
        dialog,
        EnvironmentProblem(
            "The weights of resnet50 are not on this machine",
            "They could not be downloaded: there is no connection to the network",
            "Connect once, or choose a file of weights; nothing starts at random instead",
        ),
    )
    problem.show()
    camera.take("labelling-rounds-weights", problem)
    problem.reject()
    dialog.reject()


def _doubts(camera: Camera, app: Program, project: Project) -> None:
    """Without a round's models there is nothing to find: the list is given."""
    app.annotating.show_doubts(project)
    dialog: DoubtsDialog = _open(app, "Check these")
    wait_until(lambda: not app.runner.active)
    camera.take("labelling-doubts-none", dialog)
    items = app.db.annotation.items(project.id)[3:9]
    found = tuple(_doubt(item, place) for place, item in enumerate(items))
    media = {item.content_key: app.db.media.by_key(item.content_key) for item in items}
    dialog._show(_Read(found, media))
    wait_until(lambda: not app.runner.active)
    camera.take("labelling-doubts", dialog)
    dialog.reject()


def _doubt(item: Item, place: int) -> LabelDoubt:
    return LabelDoubt(item, PERSPECTIVE.name, "2nd person", "3rd person", 0.93 - 0.06 * place, test=place == 2)


def metrics(project: Project, number: int, labels: int, scores: tuple[float, float]) -> dict[str, Any]:
    """What a round of about this quality would have measured."""
    tasks = {task.name: _task(task, labels, score) for task, score in zip(project.tasks, scores, strict=True)}
    advice = [
        {
            "kind": "overfitting",
            "sentence": "distance: 94 % of what it learned from is right, but of the validation videos 61 %. Label "
            "items of more videos, or learn only the last layer",
            "evidence": {"task": "distance", "train": 0.94, "validation": 0.61, "gap": 0.33},
        }
    ]
    agreed = [{"task": name, "figures": {"alpha": {"value": score + 0.15}}, "shared": labels // 2}
              for name, score in zip(tasks, scores, strict=True)]  # fmt: skip
    train, validation = round(labels * 0.62), round(labels * 0.18)
    return {
        "round": number,
        "sizes": {
            "labelled": labels,
            "pool": 480 - labels,
            "train": train,
            "validation": validation,
            "test": labels - train - validation,
            "videos": {"train": 31, "validation": 8, "test": 9},
        },
        "agreement": {"tasks": agreed},
        "queue": {"chosen": 50},
        "tasks": tasks,
        "advice": advice if number else [],
        "problems": ["3 answers have no majority and taught nothing; adjudicate them"],
    }


def _task(task: Task, labels: int, score: float) -> dict[str, Any]:
    shares = (0.5, 0.3, 0.2)
    own = {name: round(labels * share) for name, share in zip(task.classes, shares, strict=True)}
    figures = {name: score + 0.2 * (share - 0.33) for name, share in zip(task.classes, shares, strict=True)}
    test = {
        "items": labels // 5,
        "macro_f1": score,
        "per_class": {name: {"f1": value, "support": 5} for name, value in figures.items()},
        "intervals": {
            "macro_f1": [score - 5 / labels - 0.03, score + 4 / labels + 0.03],
            "per_class": {name: {"f1": [value - 0.1, value + 0.08]} for name, value in figures.items()},
        },
    }
    return {"labels": own, "test": test}


def _open(app: Program, title: str) -> QDialog:
    return next(each for each in app.window.findChildren(QDialog) if each.windowTitle().startswith(title))
