"""A media list with its filter: what each media has yielded, which files are gone, and where rows are dragged."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from core.domain.amounts import count_text
from core.domain.media import Media
from core.domain.media_list import Entry, EntryKey, entry_key
from ui.main_window.figure_header import FigureHeader
from ui.main_window.figures import NAME, Order
from ui.main_window.media_filter import MediaFilter, stretches
from ui.main_window.media_list_model import MediaListModel, Role
from ui.main_window.media_list_view import MediaView
from ui.theme import Space
from ui.theme.icons import icon
from ui.widgets.empty_state import EmptyState


class MediaListPanel(QWidget):
    """Double-click or Enter opens a media; the context menu and what comes of a drop belong to the window."""

    open_requested = pyqtSignal(object)
    add_requested = pyqtSignal()
    context_requested = pyqtSignal(object, QPoint)
    """The media or separator under the mouse, None beside the rows."""
    heading_requested = pyqtSignal(object)
    """A separator was double-clicked."""
    rows_dropped = pyqtSignal(int, list, int)
    """The list they come from, the keys of the rows, and the row of this list that they are to stand before."""
    focused = pyqtSignal()

    def __init__(self, model: MediaListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._filter = MediaFilter(model)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText("Filter by name")
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName("Filter the list by name")
        self._search.textChanged.connect(self._apply_filter)
        self._options = self._build_options()
        self._view = MediaView(self._filter, self)
        self.header = FigureHeader(self)
        self._connect_view()
        self._connect_header()
        self._empty = EmptyState(
            "No media yet", "Drop videos or folders here, or add them.", ("Add files…", self.add_requested.emit)
        )
        self._nothing_found = EmptyState("Nothing matches", "No name in this list holds these words.")
        self._count = QLabel(self)
        self._count.setProperty("muted", True)
        self._count.setProperty("small", True)
        self._stack = QStackedLayout()
        for page in (self._view, self._empty, self._nothing_found):
            self._stack.addWidget(page)
        self._lay_out()
        for changed in (self._filter.modelReset, self._filter.rowsInserted, self._filter.rowsRemoved):
            changed.connect(self._show_page)
        for changed in (
            model.modelReset, model.rowsInserted, model.rowsRemoved, model.marks_changed, model.figures_changed
        ):  # fmt: skip
            changed.connect(self._show_page)
        self._filter.modelAboutToBeReset.connect(self._keep_place)
        self._filter.modelReset.connect(self._back_to_place)
        self._kept: tuple[int | None, frozenset[EntryKey], EntryKey | None, int] = (None, frozenset(), None, 0)
        self._show_page()

    # -- what is selected ---------------------------------------------------------------------------------------------

    def reveal(self, media_id: int) -> None:
        """Scroll to this media and select it, where the filter lets it through."""
        row = self._shown_row(("media", media_id))
        if row is not None:
            index = self._filter.index(row)
            if self._view.currentIndex() != index or not self._view.selectionModel().isSelected(index):
                self._view.setCurrentIndex(index)
            self._view.scrollTo(index)

    def selected(self) -> Media | None:
        """The media of the row that keys act on."""
        index = self._view.currentIndex()
        return index.data(Role.MEDIA) if index.isValid() else None

    def selected_entries(self) -> list[Entry]:
        """The selected media and separators, in order."""
        # By stretches: an index for each of 10,000 rows would take too long.
        parts = sorted((each.top(), each.bottom()) for each in self._view.selectionModel().selection())
        rows = (row for first, last in parts for row in range(first, last + 1))
        return [self._model.entry_at(self._filter.source_row(row)) for row in rows]

    @property
    def list_id(self) -> int | None:
        """The list it shows."""
        return self._model.list_id

    @property
    def row_count(self) -> int:
        """Rows of the list, those that are not seen included."""
        return self._model.rowCount()

    def row_of(self, key: EntryKey) -> int:
        """The row of the list at which this one stands."""
        return self._model.row_of_key(key)

    def select(self, keys: Iterable[EntryKey]) -> None:
        """Select these rows, those of them that are seen."""
        selection = QItemSelection()
        rows = sorted(row for key in keys if (row := self._shown_row(key)) is not None)
        for first, last in stretches(rows):
            selection.select(self._filter.index(first), self._filter.index(last))
        self._view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def neighbour(self, media_id: int | None, step: int) -> Media | None:
        """The media `step` rows on in what is shown, skipping missing files; None at the end."""
        rows, missing = self._filter.rowCount(), self._model.missing_ids
        position = None if media_id is None else self._shown_row(("media", media_id))
        start = (-1 if step > 0 else rows) if position is None else position
        for row in range(start + step, rows if step > 0 else -1, step):
            entry = self._model.entry_at(self._filter.source_row(row))
            if isinstance(entry, Media) and entry.id not in missing:
                return entry
        return None

    # -- what is seen -------------------------------------------------------------------------------------------------

    def focus_filter(self) -> None:
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def set_hide_exported(self, hide: bool) -> None:
        """Leave out media that have clips."""
        self._filter.set_hide_exported(hide)
        self._show_page()

    def set_show_hidden(self, show: bool) -> None:
        """Show hidden media among the others."""
        self._filter.set_show_hidden(show)
        self._show_page()

    def show_order(self, order: Order | None) -> None:
        """Sort by a column while looking; None for the list's own order."""
        known = order is None or order.column in (NAME, *self._model.figures.names)
        self._filter.set_order(order if known and self._model.figures.columns else None)
        self.header.show_order(self._filter.order)
        self._show_page()

    def offer_options(self, *actions: QAction) -> None:
        """Commands about what is seen, in the menu beside the filter."""
        self._options.menu().addActions(actions)
        self._options.setVisible(bool(actions))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _build_options(self) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon("filter"))
        button.setToolTip("What the list shows")
        button.setAccessibleName("What the list shows")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        button.hide()
        return button

    def _lay_out(self) -> None:
        self._top = QWidget(self)
        top = QHBoxLayout(self._top)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(Space.XS)
        top.addWidget(self._search, 1)
        top.addWidget(self._options)
        self._body = QWidget(self)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.header)
        body.addLayout(self._stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.S, Space.S, Space.XS, Space.S)
        layout.setSpacing(Space.S)
        layout.addWidget(self._top)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._count)

    def _connect_view(self) -> None:
        view = self._view
        view.activated.connect(self._activate)
        view.customContextMenuRequested.connect(self._ask_for_menu)
        view.rows_dropped.connect(
            lambda list_id, keys, row: self.rows_dropped.emit(list_id, keys, self._filter.source_row(row))
        )
        view.selectionModel().selectionChanged.connect(lambda *_: self.focused.emit())

    def _connect_header(self) -> None:
        header = self.header
        header.spans_changed.connect(lambda: self._view.show_spans(header.spans))
        header.filter_requested.connect(self._begin_filter)

    def _begin_filter(self, text: str) -> None:
        self._search.setText(" ".join((self._search.text(), text)).strip())
        self._search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _activate(self, index) -> None:
        line = index.data(Role.LINE)
        if line is None:
            self.open_requested.emit(index.data(Role.MEDIA))
        else:
            self.heading_requested.emit(line)

    def _shown_row(self, key: EntryKey) -> int | None:
        row = self._model.row_of_key(key)
        return None if row is None else self._filter.row_of_source(row)

    def _ask_for_menu(self, position: QPoint) -> None:
        index = self._view.indexAt(position)
        if index.isValid() and not self._view.selectionModel().isSelected(index):
            self._view.setCurrentIndex(index)
        entry = (index.data(Role.LINE) or index.data(Role.MEDIA)) if index.isValid() else None
        self.context_requested.emit(entry, self._view.viewport().mapToGlobal(position))

    def _keep_place(self) -> None:
        current = self._view.currentIndex()
        keys = frozenset(map(entry_key, self.selected_entries())) if self._filter.rowCount() else frozenset()
        self._kept = self._model.list_id, keys, current.data(Role.KEY), self._view.verticalScrollBar().value()

    def _back_to_place(self) -> None:
        list_id, keys, current, scroll = self._kept
        if list_id != self._model.list_id:
            return
        row = self._shown_row(current) if current else None
        if row is not None:
            self._view.selectionModel().setCurrentIndex(
                self._filter.index(row), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        if keys:
            self.select(keys)
        self._view.verticalScrollBar().setValue(scroll)

    def _apply_filter(self, text: str) -> None:
        self._filter.set_text(text)
        self._show_page()

    def _show_page(self) -> None:
        total, shown = self._model.media_count, self._filter.media_count
        page = self._view if self._filter.rowCount() else self._nothing_found if self._model.rowCount() else self._empty
        if page is self._nothing_found:
            if self._filter.conditions:
                page.set_texts("Nothing matches", "No file in this list answers these conditions.")
            elif self._search.text():
                page.set_texts("Nothing matches", "No name in this list holds these words.")
            else:
                page.set_texts("Nothing to show", "All files of this list are exported or hidden.")
        self._stack.setCurrentWidget(page)
        self._top.setVisible(self._model.rowCount() > 0)
        columns = self._model.figures.columns
        self._search.setPlaceholderText(f"Filter by name, or {columns[0].name}>1" if columns else "Filter by name")
        self.header.setVisible(bool(columns) and self._model.rowCount() > 0)
        files = count_text(total, "file")
        self._count.setText("" if not total else files if shown == total else f"{shown:,} of {files}")
