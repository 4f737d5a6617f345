"""The page on the cache: how large each part is, and the way to empty it."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox

from core.domain.amounts import count_text, size_text
from core.errors import EightCutError
from core.ops import cache, cache_parts
from core.ops.cache_parts import CachePart
from core.paths import DataPaths
from ui.dialogs.messages import ask, complain
from ui.jobs.runner import JobRunner, Lane
from ui.main_window.setting_fields import FIELD_WIDTH_PX
from ui.main_window.settings_pages import Page

GB = 1_000_000_000
MOST_GB = 100_000


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
        self.limit = QSpinBox()
        self.limit.setRange(1, MOST_GB)
        self.limit.setSuffix(" GB")
        self.limit.setKeyboardTracking(False)
        self.limit.setMaximumWidth(FIELD_WIDTH_PX)
        self.limit.setAccessibleName("Limit of the embeddings")
        self.limit.valueChanged.connect(self._set_limit)
        self.form.addRow("Embeddings at most", self.limit)
        self.note("Beyond this the embeddings that were used longest ago go.")
        self.refresh()

    def refresh(self) -> None:
        """Count again."""
        self._runner.submit(
            Lane.IO,
            "Count the cache",
            lambda ctx: (cache_parts.sizes(self._paths, ctx), cache.limit(self._paths)),
            on_done=lambda found: self._show(*found),
            quiet=True,
            supersedes="cache-sizes",
        )

    def _button(self, text: str, names: tuple[str, ...], title: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.setAccessibleName(f"Clear {title.lower()}")
        button.clicked.connect(lambda: self._clear(names, title))
        return button

    def _show(self, parts: Sequence[CachePart], limit_bytes: int) -> None:
        blocked = self.limit.blockSignals(True)
        self.limit.setValue(round(limit_bytes / GB))
        self.limit.blockSignals(blocked)
        for part in parts:
            files = count_text(part.files, "file")
            self.size_labels[part.name].setText(f"{size_text(part.bytes)} in {files}" if part.files else "empty")
            self.clear_buttons[part.name].setEnabled(part.files > 0)
        self.clear_all.setEnabled(any(part.files for part in parts))

    def _set_limit(self, limit_gb: int) -> None:
        self._runner.submit(
            Lane.IO,
            "Limit the cache",
            lambda ctx: cache.set_limit(self._paths, limit_gb * GB),
            on_done=lambda _: self.refresh(),
            on_failed=self._complain,
            quiet=True,
            supersedes="cache-limit",
        )

    def _complain(self, error: EightCutError) -> None:
        complain(self, error)
        self.refresh()

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
