"""The page on the cache: how large each part is, and the way to empty it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from core.ops import cache_parts
from core.ops.cache_parts import CachePart
from core.paths import DataPaths
from ui.dialogs.messages import ask
from ui.jobs.runner import JobRunner, Lane
from ui.main_window.settings_pages import Page

UNITS = ("B", "kB", "MB", "GB", "TB")


def size_text(size_bytes: int) -> str:
    """A size as a person reads it: 0 B, 1.4 MB, 23 GB."""
    size, unit = float(size_bytes), 0
    while size >= 999.5 and unit + 1 < len(UNITS):
        size, unit = size / 1000, unit + 1
    return f"{size:.1f} {UNITS[unit]}" if unit and size < 9.95 else f"{size:.0f} {UNITS[unit]}"


class CachePage(Page):
    """Counts in the background; a part is emptied only after a question."""

    title = "Cache"

    def __init__(self, paths: DataPaths, runner: JobRunner) -> None:
        super().__init__()
        self._paths = paths
        self._runner = runner
        self.note("Everything here can be computed again. Emptying costs time, never work.")
        self.size_labels: dict[str, QLabel] = {}
        self.clear_buttons: dict[str, QPushButton] = {}
        for name, title in cache_parts.PARTS.items():
            label = self.size_labels[name] = QLabel("counting…")
            button = self.clear_buttons[name] = self._button("Clear", (name,), title)
            row = QHBoxLayout()
            row.addWidget(label, 1)
            row.addWidget(button)
            self.form.addRow(title, row)
        self.clear_all = self._button("Clear everything", tuple(cache_parts.PARTS), "Everything in the cache")
        self.add_button("", self.clear_all)
        self.refresh()

    def refresh(self) -> None:
        """Count again."""
        self._runner.submit(
            Lane.IO,
            "Count the cache",
            lambda ctx: cache_parts.sizes(self._paths, ctx),
            on_done=self._show,
            quiet=True,
            supersedes="cache-sizes",
        )

    def _button(self, text: str, names: tuple[str, ...], title: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(f"Clear {title.lower()}")
        button.clicked.connect(lambda: self._clear(names, title))
        return button

    def _show(self, parts: Sequence[CachePart]) -> None:
        for part in parts:
            files = "1 file" if part.files == 1 else f"{part.files:,} files"
            self.size_labels[part.name].setText(f"{size_text(part.bytes)} in {files}" if part.files else "empty")
            self.clear_buttons[part.name].setEnabled(part.files > 0)
        self.clear_all.setEnabled(any(part.files for part in parts))

    def _clear(self, names: tuple[str, ...], title: str) -> None:
        question = "It is computed again when it is next needed."
        if not ask(self, f"Clear: {title.lower()}?", question, "Clear"):
            return
        self._runner.submit(
            Lane.IO,
            f"Clear {title.lower()}",
            lambda ctx: cache_parts.clear(self._paths, names, ctx),
            on_done=lambda _: self.refresh(),
            quiet=True,
        )
