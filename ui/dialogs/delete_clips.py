"""Asked once before clips are deleted: what goes, how much, and what stays."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.amounts import count_text, size_text
from core.domain.trash import DeletePreview, GoingClip
from ui.theme.tokens import Space

SIZE_PX = (560, 380)


class DeleteClipsDialog(QDialog):
    """A checked row per clip; those that are unchecked stay. Accepting it means: delete `chosen`."""

    def __init__(self, preview: DeletePreview, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        self.setWindowTitle("Delete clips")
        self.resize(*SIZE_PX)
        title = QLabel(f"Delete {what}?")
        title.setProperty("title", True)
        title.setWordWrap(True)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.clips = QListWidget()
        self.clips.setAccessibleName("Clips to delete")
        for clip in preview.clips:
            self.clips.addItem(_item(clip))
        self.clips.itemChanged.connect(self._show_summary)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        self.delete_button = QPushButton("Delete")
        self.delete_button.setProperty("danger", True)
        self.delete_button.setDefault(True)
        self.delete_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.delete_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addWidget(self.summary)
        column.addWidget(self.clips, 1)
        column.addLayout(buttons)
        self._show_summary()
        self.delete_button.setFocus()

    @property
    def chosen(self) -> tuple[int, ...]:
        """The ids of the checked clips."""
        return tuple(clip.id for clip in self._chosen())

    def _chosen(self) -> list[GoingClip]:
        return [
            clip
            for row, clip in enumerate(self._preview.clips)
            if self.clips.item(row).checkState() is Qt.CheckState.Checked
        ]

    def _show_summary(self) -> None:
        chosen = DeletePreview(tuple(self._chosen()))
        moved = count_text(len(chosen.moving), "file")
        text = f"{moved} ({size_text(chosen.size_bytes)}) go to the trash. Undo brings them back."
        staying = [clip for clip in chosen.clips if clip.stays_for]
        if staying:
            names = ", ".join(sorted({clip.stays_for for clip in staying}))
            stay = count_text(len(staying), "file stays", "files stay")
            text += f" {stay}: profile {names} uses it too." if len(staying) == 1 else f" {stay}: used by {names} too."
        self.summary.setText(text)
        self.delete_button.setEnabled(bool(chosen.clips))


def _item(clip: GoingClip) -> QListWidgetItem:
    note = "file is missing" if clip.missing else size_text(clip.size_bytes)
    if clip.stays_for:
        note = f"file stays for {clip.stays_for}"
    item = QListWidgetItem(f"{Path(clip.path).name}   {note}")
    item.setToolTip(clip.path)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked)
    return item
