"""Decodes the next items before they are asked for, so that going on never waits for a disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage

from core.domain.annotation import Item, ItemKind
from core.domain.media import Media
from core.errors import EightCutError, UserError
from core.job import JobContext
from core.ops.item_view import ItemView, prepare
from core.paths import DataPaths
from ui.annotation.alive import while_alive
from ui.jobs.runner import Job, Lane, Runner

log = logging.getLogger(__name__)

AHEAD = 6
BEHIND = 2


@dataclass(frozen=True)
class Ready:
    """An item that can be shown at once. `image` is None for a window."""

    view: ItemView
    image: QImage | None = None


class Prefetch(QObject):
    """Keeps what `want` names and forgets the rest. Emits `arrived` with the key of what came."""

    arrived = pyqtSignal(str)

    def __init__(
        self, runner: Runner, paths: DataPaths, *, picture: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._runner, self._paths, self._picture = runner, paths, picture
        self._media: Mapping[str, Media] = {}
        self._room = QSize(1280, 720)
        self._ready: dict[str, Ready | EightCutError] = {}
        self._jobs: dict[str, Job] = {}

    def set_media(self, media: Mapping[str, Media]) -> None:
        """Where the videos are, by content key."""
        self._media = media

    def set_room(self, room: QSize) -> bool:
        """Pictures are scaled to fit into this many device pixels, off the GUI thread; True when that is new.

        Those that were scaled for another room have to be wanted again.
        """
        if room == self._room:
            return False
        self._room = room
        for key, ready in list(self._ready.items()):
            if isinstance(ready, Ready) and ready.image is not None:
                del self._ready[key]
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()
        return True

    def get(self, item: Item) -> Ready | EightCutError | None:
        """The item, why it cannot be shown, or None while it is not here yet."""
        return self._ready.get(item.key)

    def want(self, items: Sequence[Item]) -> None:
        """These and no others, the most urgent first."""
        keys = {item.key for item in items}
        for key in [key for key in self._ready if key not in keys]:
            del self._ready[key]
        for key in [key for key in self._jobs if key not in keys]:
            self._jobs.pop(key).cancel()
        for item in items:
            if item.key not in self._ready and item.key not in self._jobs:
                self._start(item)

    def forget(self, item: Item) -> None:
        """Decode it anew when it is wanted next."""
        self._ready.pop(item.key, None)

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self.want(())

    def _start(self, item: Item) -> None:
        key, work = item.key, self._work(item)

        def came(result: Ready | EightCutError) -> None:
            self._jobs.pop(key, None)
            self._ready[key] = result
            self.arrived.emit(key)

        told = while_alive(self, came)
        job = self._runner.submit(Lane.IO, "Prepare an item", work, on_done=told, on_failed=told, quiet=True)
        if not job.state.final:
            self._jobs[key] = job

    def _work(self, item: Item) -> Callable[[JobContext], Ready | EightCutError]:
        media, paths, picture, room = self._media, self._paths, self._picture, self._room

        def work(ctx: JobContext) -> Ready | EightCutError:
            try:
                view = prepare(item, media, paths, ctx, picture=picture)
                return Ready(view, _read(view, room) if item.kind is ItemKind.FRAME else None)
            except UserError as error:
                # About this one item: no failed job. Its words name the file, which a coder must not know.
                log.info("An item to label cannot be shown: %s", error)
                return UserError(
                    "This item cannot be shown",
                    "Its video is damaged there, or is not where it was; the log names the file",
                    "Go on with the next one: this one stays without an answer",
                )

        return work


def _read(view: ItemView, room: QSize) -> QImage:
    image = QImage(str(view.file))
    if image.isNull():
        # A file of the cache that somebody damaged: the next look makes it anew.
        view.file.unlink(missing_ok=True)
        raise UserError("This picture cannot be read", "Its copy in the cache is damaged", "Go back to it once more")
    if not room.isEmpty():
        image = image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    return image.convertToFormat(QImage.Format.Format_RGB32)
