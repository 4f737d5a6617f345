"""The log, to read, narrow down and send."""

from __future__ import annotations

import re
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QColor, QFont, QShowEvent, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PyQt6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.dialogs.folders import open_folder
from ui.theme import current
from ui.theme.icons import icon
from ui.theme.tokens import Space

READ_BYTES = 1 << 20
FOLLOW_MS = 1000
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
CHOICES = {"Everything": 0, "Information": 1, "Warnings": 2, "Errors": 3}
_LEVEL = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")


def entries(text: str) -> list[tuple[int, str]]:
    """(level, text) of each entry of a log; the lines of a traceback belong to the entry above them."""
    found: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = _LEVEL.match(line)
        if match or not found:
            found.append((LEVELS.index(match[1]) if match else 1, line))
        else:
            level, above = found[-1]
            found[-1] = (level, f"{above}\n{line}")
    return found


def narrowed(found: list[tuple[int, str]], at_least: int, words: str) -> list[str]:
    """The entries of at least this level that hold every one of the words, in any case."""
    wanted = words.lower().split()
    return [text for level, text in found if level >= at_least and all(word in text.lower() for word in wanted)]


class _Colours(QSyntaxHighlighter):
    """Warnings and errors in their colours."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats = {}
        for level, token in {
            "WARNING": "warning",
            "ERROR": "danger",
            "CRITICAL": "danger",
            "DEBUG": "text_muted",
        }.items():
            self._formats[level] = QTextCharFormat()
            self._formats[level].setForeground(QColor(getattr(current(), token)))
        self._formats["CRITICAL"].setFontWeight(QFont.Weight.Bold)

    def highlightBlock(self, text: str | None) -> None:
        match = _LEVEL.match(text or "")
        if match and match[1] in self._formats:
            self.setFormat(0, len(text), self._formats[match[1]])


class LogView(QDialog):
    """The end of the log file, followed while the window is open."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Log")
        self.resize(960, 560)
        self._path = Path(path)
        self._entries: list[tuple[int, str]] = []
        self._stamp: tuple[int, int] | None = None
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Show only lines with these words")
        self.filter.setAccessibleName("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._show)
        self.level = QComboBox()
        self.level.addItems(CHOICES)
        self.level.setCurrentText("Everything")
        self.level.setAccessibleName("Least level")
        self.level.currentIndexChanged.connect(self._show)
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setProperty("mono", True)
        self.view.setAccessibleName("Log")
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._colours = _Colours(self.view.document())
        self.count = QLabel()
        self.count.setProperty("muted", True)
        self.copy_button = QPushButton(icon("copy"), "Copy")
        self.copy_button.clicked.connect(self.copy)
        self.folder_button = QPushButton(icon("folder"), "Open folder")
        self.folder_button.clicked.connect(lambda _checked=False: open_folder(self._path.parent))
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.close)
        for button in (self.copy_button, self.folder_button, self.close_button):
            button.setAutoDefault(False)
        self._timer = QTimer(self)
        self._timer.setInterval(FOLLOW_MS)
        self._timer.timeout.connect(self.reload)
        self._arrange()
        self.reload()

    def reload(self) -> None:
        """Read the file again if it changed."""
        try:
            status = self._path.stat()
            stamp = (status.st_size, status.st_mtime_ns)
            if stamp == self._stamp:
                return
            with self._path.open("rb") as file:
                file.seek(max(0, status.st_size - READ_BYTES))
                text = file.read().decode("utf-8", "replace")
        except OSError as error:
            stamp, text = None, f"The log cannot be read: {error.strerror or error}"
        self._stamp = stamp
        self._entries = entries(text)
        self._show()

    def copy(self) -> None:
        """What is shown to the clipboard."""
        QApplication.clipboard().setText(self.view.toPlainText())

    def showEvent(self, event: QShowEvent | None) -> None:
        self.reload()
        self._timer.start()
        super().showEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._timer.stop()
        super().closeEvent(event)

    def _show(self) -> None:
        bar = self.view.verticalScrollBar()
        at_end = bar.value() >= bar.maximum()
        place = bar.value()
        shown = narrowed(self._entries, CHOICES[self.level.currentText()], self.filter.text())
        self.view.setPlainText("\n".join(shown))
        bar.setValue(bar.maximum() if at_end else place)
        self.count.setText(f"{len(shown)} of {len(self._entries)} entries")

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self.filter, 1)
        head.addWidget(self.level)
        foot = QHBoxLayout()
        foot.setSpacing(Space.S)
        foot.addWidget(self.copy_button)
        foot.addWidget(self.folder_button)
        foot.addWidget(self.count)
        foot.addStretch()
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)
