"""Errors and questions, in three sentences: what, why, what to do."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.errors import EightCutError, NewerDataError
from ui.theme.icons import Glyph
from ui.theme.tokens import Space

WIDTH_PX = 460


class MessageDialog(QDialog):
    """An icon, a bold sentence, plain ones below it, and buttons; `choice` is the index of the one pressed, or -1.

    The last button is the one Enter presses, the first is what closing the window means.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        headline: str,
        texts: tuple[str, ...],
        buttons: tuple[str, ...],
        *,
        glyph: str = "info",
        token: str = "info",
        danger: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.choice = -1
        self.buttons: list[QPushButton] = []
        self.headline = self._label(headline)
        self.headline.setProperty("title", True)
        self.labels = [self._label(text) for text in texts if text]
        words = QVBoxLayout()
        words.setSpacing(Space.S)
        for label in (self.headline, *self.labels):
            words.addWidget(label)
        words.addStretch()
        self._body = QHBoxLayout()
        self._body.setSpacing(Space.L)
        self._body.addWidget(Glyph(glyph, 28, self, token=token), 0, Qt.AlignmentFlag.AlignTop)
        self._body.addLayout(words, 1)
        self.button_row = QHBoxLayout()
        self.button_row.setSpacing(Space.S)
        self.button_row.addStretch()
        for index, text in enumerate(buttons):
            self._add_button(index, text, last=index == len(buttons) - 1, danger=danger)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        self.column.setSpacing(Space.XL)
        self.column.addLayout(self._body)
        self.column.addLayout(self.button_row)
        self.setFixedWidth(WIDTH_PX)

    def showEvent(self, event: QShowEvent | None) -> None:
        # Only the layout knows how high wrapped text is at this width.
        self.setFixedHeight(self.layout().totalHeightForWidth(self.width()))
        super().showEvent(event)

    def _add_button(self, index: int, text: str, *, last: bool, danger: bool) -> None:
        button = QPushButton(text)
        button.setProperty("danger" if danger else "primary", last)
        button.setDefault(last)
        button.setAutoDefault(last)
        button.clicked.connect(lambda _checked=False: self._pressed(index))
        self.buttons.append(button)
        self.button_row.addWidget(button)
        if last:
            button.setFocus()

    def _pressed(self, index: int) -> None:
        self.choice = index
        self.accept()

    @staticmethod
    def _label(text: str) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # A path has no spaces; without this a long one is cut off instead of wrapped.
        label.setText("\u200b".join(_pieces(text)))
        label.setAccessibleName(text)
        return label


def _pieces(text: str) -> list[str]:
    """The text in pieces after which a line may break: after each slash, and every 24 characters of a long word."""
    pieces, run = [""], 0
    for character in text:
        pieces[-1] += character
        run = 0 if character.isspace() else run + 1
        if character in "/\\" or run == 24:
            pieces.append("")
            run = 0
    return pieces


def error_dialog(parent: QWidget | None, error: EightCutError, retry: bool = False) -> MessageDialog:
    """What, why and what to do, not yet shown; with `retry` the last button tries again."""
    title = "A newer 8-cut wrote this" if isinstance(error, NewerDataError) else "Something is in the way"
    buttons = ("Close", "Try again") if retry else ("Close",)
    return MessageDialog(parent, title, error.what, (error.why, error.fix), buttons, glyph="warning", token="danger")


def show_error(parent: QWidget | None, error: EightCutError) -> None:
    """Tell what, why and what to do, and wait."""
    error_dialog(parent, error).exec()


def complain(window: QWidget, error: EightCutError) -> None:
    """Tell what, why and what to do over a window, or over the one behind it once it is closed. Nothing waits."""
    dialog = error_dialog(window if window.isVisible() else window.parentWidget(), error)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask(parent: QWidget | None, title: str, text: str, yes: str, no: str = "Cancel") -> bool:
    """Ask and wait; True for `yes`."""
    dialog = MessageDialog(parent, title, title, (text,), (no, yes), glyph="question")
    dialog.exec()
    return dialog.choice == 1
