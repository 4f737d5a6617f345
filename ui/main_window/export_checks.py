"""What is asked before an export: does it cut again what is cut, and does it go where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.db import ProcessedDB
from core.domain.clip import export_folder
from core.domain.coverage import folder_fits, overlap_share
from core.domain.export import CutRequest
from ui import settings as keys
from ui.main_window.banner import Banner
from ui.settings import Setting, Settings


class ExportChecks:
    """Asks in the banner, so the window goes on; an export waits until its questions are answered."""

    def __init__(self, db: ProcessedDB, settings: Settings, banner: Banner) -> None:
        self._db = db
        self._settings = settings
        self._banner = banner

    def check(self, request: CutRequest, replaces: int | None, go: Callable[[], None]) -> None:
        """Call `go` now, or when the person says so. `replaces` is the batch that the export overwrites."""
        self._check_folder(request, lambda: self._check_overlap(request, replaces, go))

    def _check_folder(self, request: CutRequest, go: Callable[[], None]) -> None:
        """Once per list, whatever the answer."""
        source = str(Path(request.media.path).parent)
        target = export_folder(request.settings.folder, request.subprofile)
        asked, list_key = keys.FOLDER_ANSWERED, self._list_key(request.profile)
        if not self._settings.get(keys.FOLDER_CHECK) or folder_fits(source, target) or self._said(asked, list_key):
            go()
            return

        def answer(act: Callable[[], None]) -> None:
            self._say(asked, list_key)
            act()

        self._banner.ask(
            f"{request.media.name} is from “{Path(source).name}”, and the clips would go to “{Path(target).name}”."
            " Is that the right folder for this list?",
            ("Export there", lambda: answer(go)),
            ("Don't export", lambda: answer(_nothing)),
        )

    def _check_overlap(self, request: CutRequest, replaces: int | None, go: Callable[[], None]) -> None:
        limit, list_key = self._settings.get(keys.OVERLAP_PERCENT), self._list_key(request.profile)
        if not limit or self._said(keys.OVERLAP_SILENT, list_key):
            go()
            return
        cut = self._db.clips.spans(request.media.id, request.profile, without_batch=replaces)
        percent = round(100 * overlap_share(request.batch, cut))
        if percent <= limit:
            go()
            return

        def never_again() -> None:
            self._say(keys.OVERLAP_SILENT, list_key)
            go()

        self._banner.ask(
            f"{percent} % of this batch is cut already in this profile.",
            ("Export anyway", go),
            ("Don't export", _nothing),
            ("Don't ask again for this list", never_again),
        )

    def _list_key(self, profile: str) -> str:
        """The open list: ids are never given twice."""
        return f"{profile}/{self._db.list_tabs.shown(profile) or 0}"

    def _said(self, setting: Setting[list[str]], list_key: str) -> bool:
        return list_key in self._settings.get(setting)

    def _say(self, setting: Setting[list[str]], list_key: str) -> None:
        if not self._said(setting, list_key):
            self._settings.set(setting, [*self._settings.get(setting), list_key])


def _nothing() -> None:
    """The answer of those who would rather not."""
