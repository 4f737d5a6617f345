"""A scroll area for a row of fields: where there is too little room it scrolls, and nothing in it is squeezed."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QWidget


class UnsqueezedArea(QScrollArea):
    """As high as its body; scrolls sideways when it is narrower than its body would like to be."""

    def __init__(self, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for child in body.findChildren(QWidget):
            # What the style sheet adds to a field counts only from here on; sizes seen before are out of date.
            child.ensurePolished()
            child.updateGeometry()
        self.setWidget(body)
        body.installEventFilter(self)
        self._fit()

    def sizeHint(self) -> QSize:
        return self.widget().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.widget().sizeHint().height())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self.widget() and event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        self.widget().setMinimumWidth(self.widget().layout().sizeHint().width())
        self.updateGeometry()
