"""What has changed in this version: the list of changes that comes with the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLabel, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from core import APP_NAME, __version__
from ui.theme.tokens import Space

CHANGES_FILE = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
_HEADING = re.compile(r"^## +(?P<version>\S+)(?: +[—–-] +(?P<date>.+))?$", re.MULTILINE)


@dataclass(frozen=True)
class Release:
    """One version in the list of changes; `text` is Markdown."""

    version: str
    date: str
    text: str


def releases(text: str) -> list[Release]:
    """The versions of a list of changes, in its order, which is the newest first."""
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings), len(text)][1:]
    return [
        Release(heading["version"], heading["date"] or "", text[heading.end() : end].strip())
        for heading, end in zip(headings, ends, strict=True)
    ]


def read_releases(path: Path = CHANGES_FILE) -> list[Release]:
    """Those of the file; none where it is missing."""
    try:
        return releases(path.read_text(encoding="utf-8"))
    except OSError:
        return []


def is_due(seen: str, version: str = __version__) -> bool:
    """Whether to show it by itself: this version is not the one that was silenced, and not the first ever started."""
    return bool(seen) and seen != version


class WhatsNewDialog(QDialog):
    """Stays open beside the work. `silenced` says whether this version need not be shown again."""

    def __init__(self, found: list[Release], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What’s new")
        self.resize(560, 480)
        title = QLabel(f"What’s new in {APP_NAME} {__version__}")
        title.setProperty("title", True)
        self.view = QTextBrowser()
        self.view.setAccessibleName("Changes")
        self.view.setOpenExternalLinks(True)
        self.view.setMarkdown(_markdown(found))
        self.silence = QCheckBox("Do not show this again until the next version")
        self.silence.setChecked(True)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addWidget(self.silence, 1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addWidget(self.view, 1)
        column.addLayout(foot)

    @property
    def silenced(self) -> bool:
        return self.silence.isChecked()


def _markdown(found: list[Release]) -> str:
    if not found:
        return "The list of changes did not come with this copy of the program."
    newest, *older = found
    parts = [newest.text]
    for release in older:
        parts.append(f"### {release.version}" + (f" — {release.date}" if release.date else ""))
        parts.append(release.text)
    return "\n\n".join(parts)
