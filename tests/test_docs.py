"""The pages say what is there: rooms that exist, commands that are in the menus with these keys, links that lead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ui.action_table import MENUS, SPECS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_COMMAND = re.compile(r"\*([A-Z]\w+) → ([^*]+?)…?\*+(?: \(`([^`]+)`\))?")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def test_every_room_is_named() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.relative_to(ROOT).as_posix() for top in ("core", "ui") for path in (ROOT / top).rglob("*.py")}
    assert not [room for room in sorted(rooms) if f"`{room}" not in page]
    assert not [
        name for name in re.findall(r"^\| `((?:core|ui)/[\w/.]*)`", page, re.MULTILINE) if not (ROOT / name).exists()
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_called_as_in_the_menus(page: Path) -> None:
    menus = {title.replace("&", "") for title in MENUS.values()}
    known = {(MENUS[spec.menu].replace("&", ""), spec.plain_text): spec.shortcuts for spec in SPECS}
    for menu, words, key in _COMMAND.findall(page.read_text(encoding="utf-8")):
        name = " ".join(words.split())
        if menu in menus:
            assert (menu, name) in known, f"{menu} → {name}"
            assert not key or key in known[menu, name], f"{menu} → {name}: {key}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert not [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
