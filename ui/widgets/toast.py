"""Messages that pass: they appear above the bottom edge of the window and go by themselves."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QPainterPath, QRegion
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.theme.icons import Glyph, icon
from ui.theme.tokens import Space

KINDS = {"info": "info", "success": "check", "warning": "warning", "error": "warning"}
_TONES = {"info": "info", "success": "success", "warning": "warning", "error": "danger"}
_SHOWN_MS = {"info": 4000, "success": 4000, "warning": 8000, "error": 12000}
MOST_CARDS = 3
WIDEST_PX = 560


class ToastCard(QFrame):
    """One message with an optional button; pointing at it keeps it."""

    gone = pyqtSignal(object)

    def __init__(self, text: str, kind: str, action: tuple[str, Callable[[], object]] | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ToastCard")
        self.setProperty("tone", kind)
        self.setAccessibleName(text)
        self.message = QLabel(text)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.action_button: QPushButton | None = None
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip("Dismiss")
        self.close_button.setAccessibleName("Dismiss")
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.XS, Space.S)
        row.setSpacing(Space.S)
        row.addWidget(Glyph(KINDS[kind], Space.ICON, self, token=_TONES[kind]), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.message, 1)
        if action is not None:
            name, act = action
            self.action_button = QPushButton(name)
            self.action_button.setProperty("flat", True)
            self.action_button.clicked.connect(lambda _checked=False: (self.dismiss(), act()))
            row.addWidget(self.action_button)
        row.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS[kind])
        self._timer.timeout.connect(self.dismiss)
        self._timer.start()

    def dismiss(self) -> None:
        self._timer.stop()
        self.gone.emit(self)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._timer.start()
        super().leaveEvent(event)


class Toast(QWidget):
    """The stack of messages of one window, newest at the bottom; a child of the widget it lies over."""

    def __init__(self, parent: QWidget, bottom_margin_px: int = Space.XXL + Space.M) -> None:
        super().__init__(parent)
        self._margin_px = bottom_margin_px
        self._cards: list[ToastCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.S)
        self.hide()
        parent.installEventFilter(self)

    @property
    def cards(self) -> tuple[ToastCard, ...]:
        return tuple(self._cards)

    def show_message(
        self, text: str, kind: str = "info", action: tuple[str, Callable[[], object]] | None = None
    ) -> ToastCard:
        """Show `text` as `info`, `success`, `warning` or `error`, with a button `(text, function)` if given."""
        for card in self._cards:
            if card.message.text() == text:
                self._remove(card)
                break
        while len(self._cards) >= MOST_CARDS:
            self._remove(self._cards[0])
        card = ToastCard(text, kind, action, self)
        card.gone.connect(self._remove)
        self._cards.append(card)
        self._column.addWidget(card)
        self._place()
        self.show()
        self.raise_()
        return card

    def clear(self) -> None:
        """Take all messages away."""
        for card in self.cards:
            self._remove(card)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize and self._cards:
            self._place()
        return super().eventFilter(watched, event)

    def _remove(self, card: ToastCard) -> None:
        if card not in self._cards:
            return
        self._cards.remove(card)
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        if self._cards:
            self._place()
        else:
            self.hide()

    def _place(self) -> None:
        """In the middle above the bottom edge, as wide as the widest message up to a readable width."""
        room = self.parentWidget().size()
        most = min(WIDEST_PX, room.width() - 2 * Space.L)
        wanted = 0
        for card in self._cards:
            text_px = card.message.fontMetrics().horizontalAdvance(card.message.text())
            wanted = max(wanted, card.sizeHint().width() - card.message.sizeHint().width() + text_px + Space.XS)
        width = max(1, min(most, wanted))
        heights = [max(card.heightForWidth(width), card.minimumSizeHint().height()) for card in self._cards]
        for card, height in zip(self._cards, heights, strict=True):
            card.setFixedHeight(height)
        height = sum(heights) + Space.S * (len(heights) - 1)
        self.setGeometry((room.width() - width) // 2, room.height() - self._margin_px - height, width, height)
        self._column.activate()
        if self._lies_over_a_window():
            self.setAttribute(Qt.WidgetAttribute.WA_DontCreateNativeAncestors)
            self.setAttribute(Qt.WidgetAttribute.WA_NativeWindow)
            self.setMask(_outline(width, heights))

    def _lies_over_a_window(self) -> bool:
        """Whether a neighbour has a window of its own, which hides all that has none."""
        neighbours = self.parentWidget().findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return any(each.testAttribute(Qt.WidgetAttribute.WA_NativeWindow) for each in neighbours if each is not self)


def _outline(width: int, heights: list[int]) -> QRegion:
    """The cards without what lies between them: over a native window nothing of it would shine through."""
    path, top = QPainterPath(), 0
    for height in heights:
        path.addRoundedRect(QRectF(0, top, width, height), Space.RADIUS_L, Space.RADIUS_L)
        top += height + Space.S
    return QRegion(path.toFillPolygon().toPolygon())
