"""Keeps the lists on screen true: reads them off the GUI thread and hands them to the models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication

from core.changes import Changes, Kind
from core.domain.media import Media
from core.ops import lists
from core.ops import media as media_ops
from ui.jobs.runner import Lane
from ui.main_window.lists_pane import ListsPane
from ui.main_window.media_list_model import Marks, MediaListModel
from ui.main_window.notices import Notices
from ui.services import Services

_KINDS = (Kind.LISTS, Kind.MEDIA, Kind.CLIPS, Kind.PROFILES)


class ListReader(QObject):
    """One read at a time, the latest wish wins; files are looked for once per place, until something says otherwise."""

    view_changed = pyqtSignal()
    """The lists, or what is in them, were read again."""

    def __init__(
        self, services: Services, pane: ListsPane, model: MediaListModel, pinned_model: MediaListModel, notices: Notices
    ) -> None:
        super().__init__(pane)
        self._db = services.db
        self._session = services.session
        self._runner = services.runner
        self._pane = pane
        self._models = (model, pinned_model)
        self._notices = notices
        self.view: lists.ListView | None = None
        self._there: dict[tuple[int, str], bool] = {}
        self._current: int | None = None
        self._profile = self._session.profile
        services.bridge.changed.connect(self._follow)
        services.bridge.focus_changed.connect(self._follow_profile)
        QApplication.instance().applicationStateChanged.connect(self._look_again)

    @property
    def open_list(self) -> int | None:
        """The id of the open list, None before the first read."""
        return self.view.shown if self.view else None

    @property
    def media(self) -> tuple[Media, ...]:
        """The media of the open list in order."""
        return self._models[0].media

    @property
    def missing_ids(self) -> frozenset[int]:
        """The ids of those on screen whose file was not there when last looked for."""
        return self._gone(self._shown_media())

    def mark_current(self, media_id: int | None) -> None:
        """Show this media as the open one in every list."""
        self._current = media_id
        for model in self._models:
            model.mark_current(media_id)

    def append(self, list_id: int, media: Sequence[Media]) -> None:
        """Show media that were just added at the end of a list."""
        for each in media:
            self._there[each.id, each.path] = True
        for model in self._models:
            if model.list_id == list_id:
                model.append(media)

    def doubt(self, *media_ids: int) -> None:
        """Look again whether the files of these are there, or with no id those of all."""
        self._forget(frozenset(media_ids) or None)
        self._look_for_files()

    def refresh(self, then: Callable[[], None] | None = None) -> None:
        """Read the profile's lists again, on the database lane."""
        profile = self._session.profile

        def show(view: lists.ListView) -> None:
            if profile == self._session.profile:
                self._show(view)
                if then:
                    then()

        self._runner.submit(
            Lane.DB,
            "Read the list",
            lambda _: lists.view(self._db, profile),
            on_done=show,
            on_failed=self._notices.complain,
            quiet=True,
            supersedes=None if then else "list",
        )

    # -- inside -------------------------------------------------------------------------------------------------------

    def _show(self, view: lists.ListView) -> None:
        self.view = view
        for model, list_id in zip(self._models, (view.shown, view.pinned), strict=True):
            rows = view.rows.get(list_id, ())
            gone = self._gone(row for row in rows if isinstance(row, Media))
            model.show_marks(Marks(view.counts, gone, view.hidden, view.disabled))
            model.show(rows, list_id)
            model.mark_current(self._current)
        self._pane.show_lists(view.tabs, view.shown, view.pinned)
        self._look_for_files()
        self.view_changed.emit()

    def _look_for_files(self) -> None:
        """Find out which files are gone, of those nobody has looked for yet."""
        new = [each for each in self._shown_media() if (each.id, each.path) not in self._there]
        if not new:
            self._show_missing()
            return

        def looked(gone: frozenset[int]) -> None:
            for each in new:
                self._there[each.id, each.path] = each.id not in gone
            self._show_missing()

        self._runner.submit(
            Lane.IO,
            "Look for missing files",
            lambda ctx: media_ops.missing(new, ctx),
            on_done=looked,
            quiet=True,
            supersedes="missing",
        )

    def _show_missing(self) -> None:
        for model in self._models:
            model.show_missing(self._gone(model.media))

    def _gone(self, media: Iterable[Media]) -> frozenset[int]:
        return frozenset(each.id for each in media if not self._there.get((each.id, each.path), True))

    def _shown_media(self) -> list[Media]:
        return [media for model in self._models for media in model.media]

    def _forget(self, media_ids: frozenset[int] | None) -> None:
        kept = self._there.items() if media_ids else ()
        self._there = {place: there for place, there in kept if place[0] not in media_ids}

    def _follow(self, changes: Changes) -> None:
        touched = frozenset(media_id for kind, media_id in changes if kind is Kind.MEDIA)
        if touched:
            self._forget(None if None in touched else touched)
        if any(changes.touches(kind) for kind in _KINDS):
            self.refresh()

    def _follow_profile(self) -> None:
        if self._session.profile != self._profile:
            self._profile = self._session.profile
            self.refresh()

    def _look_again(self, state: Qt.ApplicationState) -> None:
        """Somebody may have moved files while another program had the screen."""
        if state is Qt.ApplicationState.ApplicationActive and self.view:
            self.doubt()
