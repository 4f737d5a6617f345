"""The lines above and below an item: how far one is, and everything that is no answer."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ui.theme import Space
from ui.widgets.elided_label import ElidedLabel


class ProgressHeader(QWidget):
    """Place, total, how many are done, and who labels. Nothing of what is being judged."""

    jump_requested = pyqtSignal(int)
    """A place in the order, from 0."""

    def __init__(self, coder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = QSpinBox()
        self.place.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.place.setAccessibleName("Number of the item")
        self.place.setToolTip("Type a number and press Enter to go there (G)")
        self.place.setKeyboardTracking(False)
        self.total = QLabel()
        self.done = QLabel()
        self.done.setProperty("muted", True)
        self.coder = ElidedLabel(coder)
        self.coder.setProperty("muted", True)
        self.coder.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("How much is labelled")
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.place)
        row.addWidget(self.total)
        row.addSpacing(Space.M)
        row.addWidget(self.done)
        row.addWidget(self.coder, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(row)
        column.addWidget(self.bar)
        self.place.lineEdit().returnPressed.connect(lambda: self.jump_requested.emit(self.place.value() - 1))

    def ask(self) -> None:
        """Let the person type where to go."""
        self.place.setFocus()
        self.place.selectAll()

    def show_progress(self, position: int, total: int, done: int) -> None:
        """`position` from 0; the total where nothing is left."""
        blocked = self.place.blockSignals(True)
        self.place.setRange(1, max(1, total))
        self.place.setValue(min(total, position + 1))
        self.place.blockSignals(blocked)
        self.place.setEnabled(total > 0)
        self.total.setText(f"/ {total:,}")
        self.done.setText(f"{done:,} of {total:,} labelled")
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)


class LeaveField(QObject):
    """Escape, and for some fields Enter, gives the keys back to the item."""

    def __init__(self, field: QWidget, leave: Callable[[], object], by_enter: bool = False) -> None:
        super().__init__(field)
        self._leave = leave
        self._keys = {Qt.Key.Key_Escape} | ({Qt.Key.Key_Return, Qt.Key.Key_Enter} if by_enter else set())
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event.type() == QEvent.Type.KeyPress and event.key() in self._keys:
            self._leave()
            return True
        return super().eventFilter(watched, event)


class LabellingFooter(QWidget):
    """Note, flag, and the buttons that go somewhere; each shows its key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = QLineEdit()
        self.note.setPlaceholderText("Note (N)")
        self.note.setAccessibleName("Note about this item")
        self.note.setMaxLength(1000)
        self.difficult = QCheckBox("Difficult (D)")
        self.difficult.setToolTip("Hard to decide: others should look at it, too")
        self.auto = QCheckBox("Go on by itself")
        self.auto.setToolTip("Save and go to the next item as soon as the last question is answered")
        self.previous = QPushButton("← Previous")
        self.previous.setToolTip("The item before this one (Left)")
        self.skip = QPushButton("Later →")
        self.skip.setToolTip("Leave it without an answer for now (Right)")
        self.undo = QPushButton("Undo")
        self.undo.setToolTip("Take back the answer saved last, also one from another day (Ctrl+Z)")
        self.save = QPushButton("Save && Next ↵")
        self.save.setProperty("primary", True)
        self.save.setToolTip("Save the answers and go on (Enter)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.note, 1)
        row.addWidget(self.difficult)
        row.addSpacing(Space.M)
        row.addWidget(self.auto)
        row.addSpacing(Space.M)
        for button in (self.undo, self.previous, self.skip, self.save):
            # A click must not take the keys away from the item.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        for box in (self.difficult, self.auto):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
