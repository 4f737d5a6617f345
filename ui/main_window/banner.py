"""A strip above the video that asks a question without stopping the work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ui.theme import Space
from ui.theme.icons import Glyph

Answer = tuple[str, Callable[[], object]]


class Banner(QFrame):
    """Hidden until it has something to ask; questions wait for one another, and an answer brings the next one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "raised")
        self._waiting: deque[tuple[str, tuple[Answer, ...]]] = deque()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._row.setSpacing(Space.S)
        self._row.addWidget(Glyph("info", Space.ICON, self, token="info"))
        self._row.addWidget(self._text, 1)
        self.buttons: list[QPushButton] = []
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def ask(self, text: str, *answers: Answer) -> None:
        """Show `text` with a button per answer, the first one recommended."""
        self._waiting.append((text, answers))
        if self.isHidden():
            self._show_next()

    def _show_next(self) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        if not self._waiting:
            self.hide()
            return
        text, answers = self._waiting.popleft()
        self.buttons = [self._add(name, act, primary=not position) for position, (name, act) in enumerate(answers)]
        self._text.setText(text)
        self.show()

    def _add(self, name: str, act: Callable[[], object], primary: bool) -> QPushButton:
        button = QPushButton(name)
        button.setProperty("primary", primary)
        button.clicked.connect(lambda _checked=False: (self._show_next(), act()))
        self._row.addWidget(button)
        return button
