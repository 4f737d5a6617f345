"""Stands in for the file manager of the desktop: remembers what it was asked to open."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, QUrl, pyqtSlot


class Opened(QObject):
    """Handles URLs of files once `QDesktopServices.setUrlHandler` names its `open`."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[Path] = []

    @pyqtSlot(QUrl)
    def open(self, url: QUrl) -> None:
        self.paths.append(Path(url.toLocalFile()))
