"""Opens media, learns about them in the background, and keeps the list true."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from core.changes import Changes, Kind
from core.domain.media import Media, MediaInfo
from core.errors import EightCutError
from core.job import JobContext
from core.ops import media as media_ops
from core.session import Session
from ui.jobs.runner import Job, Lane
from ui.main_window.cutting_state import CuttingState
from ui.main_window.list_reader import ListReader
from ui.main_window.media_list import MediaListPanel
from ui.main_window.notices import Notices
from ui.main_window.video_stage import VideoStage
from ui.player.player import Player
from ui.services import Services
from ui.timeline.widget import TimelineWidget

REMEMBER_AFTER_MS = 1000


class MediaController(QObject):
    """From paths to rows, from a row to an open media with probe, frame times and waveform."""

    _came = pyqtSignal(int, object, bool)

    def __init__(self, services: Services, state: CuttingState, player: Player, notices: Notices) -> None:
        super().__init__(state)
        self._db = services.db
        self._paths = services.paths
        self._session: Session = services.session
        self._runner = services.runner
        self._state = state
        self._player = player
        self._notices = notices
        self._remember = QTimer(self)
        self._remember.setSingleShot(True)
        self._remember.setInterval(REMEMBER_AFTER_MS)
        self._remember.timeout.connect(self.remember_position)
        services.runner.job_changed.connect(self._show_progress)
        state.cursor_changed.connect(lambda _: self._remember.start())

    def show_in(self, reader: ListReader, panel: MediaListPanel, stage: VideoStage, timeline: TimelineWidget) -> None:
        """The panels that follow what is open."""
        self._reader, self._panel, self._stage, self._timeline = reader, panel, stage, timeline
        reader.view_changed.connect(self._find_row)
        self._came.connect(self._show_new)
        panel.open_requested.connect(lambda media: self.open(media))
        self._player.opened.connect(self._player_opened)
        self._player.failed.connect(self._player_failed)

    # -- the list -----------------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[str], open_first: bool = True) -> None:
        """Identify files and folders in the background, append them to the open list, and open the first one."""
        profile, list_id, first = self._session.profile, self._reader.open_list, open_first

        def came(to_list: int, media: tuple[Media, ...]) -> None:
            """Runs on the worker's thread."""
            nonlocal first
            self._came.emit(to_list, media, first)
            first = False

        self._runner.submit(
            Lane.IO,
            "Add media",
            lambda ctx: media_ops.add_files(self._db, profile, paths, ctx, list_id=list_id, on_chunk=came),
            on_done=self._added,
            on_failed=self._notices.complain,
            on_cancelled=self.refresh_list,
            where=paths[0] if len(paths) == 1 else f"{len(paths)} items",
        )

    def refresh_list(self, then: Callable[[], None] | None = None) -> None:
        """Read the profile's lists again."""
        self._reader.refresh(then)

    def resume(self) -> None:
        """Open what was open when 8-cut was last closed, once the list is read."""
        last = self._db.lists.last(self._session.profile)
        if last is None:
            return
        media_id, position_s = last
        media = next((entry for entry in self._reader.media if entry.id == media_id), None)
        if media is not None:
            self.open(media, position_s)

    def open_next(self) -> None:
        """The next media in the list whose file is there."""
        media = self._panel.neighbour(self._state.media.id if self._state.media else None, 1)
        if media:
            self.open(media)
        elif self._state.media:
            self._notices.tell("This is the last file of the list.")

    def remember_position(self) -> None:
        """Store which media is open and where, so that the next start resumes there."""
        self._remember.stop()
        media, profile, cursor_s = self._state.media, self._session.profile, self._state.cursor_s
        if media and not self._db.read_only:
            self._runner.submit(
                Lane.DB,
                "Remember the position",
                lambda _: self._db.lists.remember(profile, media.id, cursor_s),
                quiet=True,
                supersedes=f"position of {media.id} in {profile}",
            )

    # -- opening ------------------------------------------------------------------------------------------------------

    def open(self, media: Media, position_s: float | None = None) -> None:
        """Show a media at once, where it was left; what is to be known about it arrives from the background."""
        if self._state.media:
            self.remember_position()
        if position_s is None:
            position_s = self._db.lists.position(self._session.profile, media.id)
        self._state.open_media(media, position_s)
        self._session.open_media(media)
        self._reader.mark_current(media.id)
        self._panel.reveal(media.id)
        self._timeline.set_waveform(None)
        self._stage.show_video()
        self._player.open(media.path)
        self.remember_position()
        self._submit(media, "Identify", lambda _: media_ops.verify(self._db, media), self._identified, "identity")

    def close(self) -> None:
        """Nothing is open any more."""
        self._player.close()
        self._state.open_media(None)
        self._session.open_media(None)
        self._reader.mark_current(None)
        self._timeline.set_waveform(None)
        self._stage.show_welcome()

    def _identified(self, opened: Media, found: Media) -> None:
        """The file at the path is the one the history knows, or another one has taken its place."""
        if found.id != opened.id:
            self._notices.tell(f"{opened.name} was replaced by another file since it was listed.", "warning")
            self._db.lists.add(self._session.profile, found.id)
            self._session.publish(Changes.of(Kind.LISTS) | Changes.of(Kind.MEDIA, opened.id, found.id))
            self.open(found)
            return
        self._submit(found, "Probe", lambda _: media_ops.probe(found), self._probed, "probe")

    def _probed(self, media: Media, info: MediaInfo) -> None:
        self._state.set_facts(info=info)
        if info.video:
            self._submit(
                media,
                "Read frame times",
                lambda ctx: media_ops.frame_times(media, ctx),
                lambda _, times: self._state.set_facts(times=times),
                "frame-times",
            )
        if info.audio:
            self._timeline.set_waveform_progress(0.0)
            self._submit(
                media,
                "Draw the waveform",
                lambda ctx: media_ops.waveform(media, self._paths.cache, ctx),
                self._show_waveform,
                "waveform",
            )

    def _show_waveform(self, _: Media, waveform: object) -> None:
        self._timeline.set_waveform_progress(None)
        self._timeline.set_waveform(waveform)

    def _show_progress(self, job: Job) -> None:
        if job.key == "waveform" and not job.stale and not job.state.final:
            self._timeline.set_waveform_progress(job.progress.fraction or 0.0)

    def _submit(
        self, media: Media, title: str, work: Callable[[JobContext], object], on_done: Callable, key: str
    ) -> None:
        """Background work about the open media; its result is dropped when another one was opened meanwhile."""

        def done(result: object) -> None:
            if self._state.media == media:
                on_done(media, result)

        def failed(error: EightCutError) -> None:
            if self._state.media == media:
                self._background_failed(key, error)

        self._runner.submit(
            Lane.IO, title, work, on_done=done, on_failed=failed, quiet=True, where=media.name, supersedes=key
        )

    def _background_failed(self, key: str, error: EightCutError) -> None:
        if self._state.media:
            self._reader.doubt(self._state.media.id)
        if key in ("identity", "probe"):
            self._stage.show_problem(error.what, (error.why, error.fix))
        else:
            self._notices.complain(error)
        if key == "waveform":
            self._timeline.set_waveform_progress(None)

    def _player_opened(self, _: str) -> None:
        self._player.seek(self._state.cursor_s)
        self._state.facts_changed.emit()

    def _player_failed(self, error: EightCutError) -> None:
        if self._state.media:
            self._stage.show_problem(error.what, (error.why, error.fix))

    # -- following ----------------------------------------------------------------------------------------------------

    def _show_new(self, list_id: int, media: tuple[Media, ...], open_first: bool) -> None:
        """Some of the files that are being added are in the history and in their list."""
        self._reader.append(list_id, media)
        if open_first:
            self.open(media[0])

    def _find_row(self) -> None:
        """The open media is selected until the person selects something."""
        if self._state.media and self._panel.selected() is None:
            self._panel.reveal(self._state.media.id)

    def _added(self, added: media_ops.AddedMedia) -> None:
        self._notices.tell_problems(added.problems, f"{len(added.problems):,} files could not be added.")
        self._session.publish(added.changes)
