"""What a panel shows while it has nothing to show: what fills it, and the buttons that do."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.theme.icons import Glyph
from ui.theme.tokens import Space


class EmptyState(QFrame):
    """A title, a sentence and buttons in the middle of the room there is."""

    def __init__(
        self,
        title: str,
        text: str = "",
        *actions: tuple[str, Callable[[], object]],
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`actions` are (button text, what it does), the first the recommended one; `icon` is one of ui.theme.icons."""
        super().__init__(parent)
        self.setObjectName("EmptyState")
        self.title = QLabel(title)
        self.text = QLabel(text)
        self.buttons: list[QPushButton] = []
        self._glyph = Glyph(icon or "film", 32, self)
        self._glyph.setVisible(bool(icon))
        self.title.setProperty("title", True)
        self.text.setProperty("muted", True)
        for label in (self.title, self.text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._row = QHBoxLayout()
        self._row.setSpacing(Space.S)
        self._row.addStretch()
        self._row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addStretch()
        column.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(Space.S)
        column.addLayout(self._row)
        column.addStretch()
        self.set_texts(title, text)
        for name, act in actions:
            self.add_action(name, act)

    def set_texts(self, title: str, text: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))

    def add_action(self, name: str, act: Callable[[], object]) -> QPushButton:
        """One more button; the first is the recommended one."""
        button = QPushButton(name)
        button.setProperty("primary", not self.buttons)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        self._row.insertWidget(self._row.count() - 1, button)
        self.buttons.append(button)
        return button
