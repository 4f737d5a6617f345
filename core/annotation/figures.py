"""figure.svg of a round: learning curves with intervals, classes, confusion. SVG written here: see docs/adr."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_WIDTH, _ROW = 900, 260
_PLOT = (60.0, 36.0, 330.0, 180.0)
_INK, _PALE, _LINE, _BAND = "#333333", "#dddddd", "#1f6fb2", "#bcd6ec"
_TEXT = f'font-family="sans-serif" font-size="12" fill="{_INK}"'
_LONGEST = 18


def draw(rounds: Sequence[Mapping[str, Any]]) -> str:
    """An SVG with a row per task of the newest round.

    Args:
        rounds: metrics of all rounds in order; see `core.annotation.rounds`.
    """
    newest = rounds[-1]
    parts = [
        _text(20, 24, f"{newest['project']}, round {newest['round']}: {newest['sizes']['labelled']} labels", size=16)
    ]
    for row, name in enumerate(newest["tasks"]):
        top = 40.0 + _ROW * row
        parts.append(_text(20, top + 14, name, size=14))
        parts += _curve([one for one in rounds if name in one["tasks"]], name, top)
        parts += _confusion(newest["tasks"][name], top)
    height = 50 + _ROW * len(newest["tasks"])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}">'
    )
    return "\n".join([head, f'<rect width="{_WIDTH}" height="{height}" fill="white"/>', *parts, "</svg>"]) + "\n"


def _curve(rounds: Sequence[Mapping[str, Any]], name: str, top: float) -> list[str]:
    """Macro F1 on the test set over the number of labels learned from, with its 95 % interval."""
    left, offset, width, height = _PLOT
    bottom = top + offset + height
    parts = []
    for tick in range(0, 101, 20):
        y = bottom - height * tick / 100
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{left + width}" y2="{y:.1f}" stroke="{_PALE}"/>')
        parts.append(_text(left - 8, y + 4, str(tick), anchor="end"))
    points = [(one["sizes"]["train"], one["tasks"][name]["test"]) for one in rounds if one["tasks"][name]["test"]]
    parts.append(
        _text(left + width / 2, bottom + 34, "labels learned from; macro F1 in % on the test set", anchor="middle")
    )
    if not points:
        parts.append(_text(left + width / 2, bottom - height / 2, "no label in the test set yet", anchor="middle"))
        return parts
    most = max(labels for labels, _ in points) or 1

    def place(labels: int, score: float) -> tuple[float, float]:
        return left + width * labels / (1.1 * most), bottom - height * score

    line = []
    for labels, test in points:
        x, y = place(labels, test["macro_f1"])
        line.append(f"{x:.1f},{y:.1f}")
        interval = test["intervals"]["macro_f1"]
        if interval:
            low, high = (place(labels, edge)[1] for edge in interval)
            parts.append(f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{_BAND}" '
                         'stroke-width="6"/>')  # fmt: skip
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_LINE}"/>')
        parts.append(_text(x, bottom + 16, str(labels), anchor="middle"))
        parts.append(_text(x + 6, y - 8, f"{100 * test['macro_f1']:.0f}"))
    parts.append(f'<polyline points="{" ".join(line)}" fill="none" stroke="{_LINE}" stroke-width="2"/>')
    return parts


def _confusion(task: Mapping[str, Any], top: float) -> list[str]:
    """Rows are true, columns predicted; the number of labels stands beside each class."""
    classes = task["classes"]
    left, size = 620.0, min(40.0, 180.0 / len(classes))
    start = top + 60
    parts = [_text(440, top + 26, "test set: rows are true, columns predicted; in brackets labels in all")]
    table = task["test"]["confusion"] if task["test"] else [[0] * len(classes) for _ in classes]
    for row, name in enumerate(classes):
        y = start + size * row
        parts.append(_text(left - 8, y + size / 2 + 4, f"{_short(name)} ({task['labels'][name]})", anchor="end"))
        parts.append(_text(left + size * (row + 0.5), start - 6, str(row + 1), anchor="middle"))
        total = sum(table[row]) or 1
        for column in range(len(classes)):
            x, count = left + size * column, table[row][column]
            shade = f'fill="{_LINE}" fill-opacity="{0.85 * count / total:.2f}" stroke="{_PALE}"'
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size:.1f}" {shade}/>')
            colour = "white" if count / total > 0.6 else _INK
            parts.append(_text(x + size / 2, y + size / 2 + 4, str(count), anchor="middle", colour=colour))
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 12, colour: str = _INK) -> str:
    style = _TEXT.replace('"12"', f'"{size}"').replace(_INK, colour)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{escape(text)}</text>'


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
