"""The figure of a round: valid SVG with every number in it, whatever names hold, and the same bytes every time."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np

from core.annotation.figures import draw
from core.annotation.metrics import evaluate


def task(classes: tuple[str, ...], labels: int = 12) -> dict[str, Any]:
    truth = [classes[place % len(classes)] for place in range(labels)]
    test = evaluate(
        truth, np.eye(len(classes))[np.arange(labels) % len(classes)], list(map(str, range(labels))), classes
    )
    return {"classes": list(classes), "labels": dict.fromkeys(classes, 41), "test": test}


def round_(number: int, **tasks: dict[str, Any]) -> dict[str, Any]:
    return {"project": "A & <B>", "round": number, "sizes": {"labelled": 60, "train": 30 + number}, "tasks": tasks}


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")]


def test_curves_and_confusion_are_drawn() -> None:
    rounds = [round_(number, people=task(("yes", "no & <never>"))) for number in range(3)]
    svg = draw(rounds)
    shown = texts(svg)
    assert "A & <B>, round 2: 60 labels" in shown
    assert [text for text in shown if text in ("30", "31", "32")] == ["30", "31", "32"]
    assert "no & <never> (41)" in shown
    assert shown.count("6") == 2, "six right of each class"
    assert svg.count("<circle") == 3
    assert draw(rounds) == svg


def test_a_task_without_a_label_in_the_test_set_says_so() -> None:
    bare = task(("a", "b")) | {"test": None}
    assert "no label in the test set yet" in texts(draw([round_(0, t=bare)]))


def test_tasks_that_came_later_and_nine_classes() -> None:
    many = task(tuple(f"a class with a long name {number}" for number in range(9)), 45)
    shown = texts(draw([round_(0, t=task(("a", "b"))), round_(1, t=task(("a", "b")), late=many)]))
    assert "late" in shown
    assert sum(text.startswith("a class with a lo…") for text in shown) == 9
