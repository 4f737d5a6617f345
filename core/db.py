"""The public face of the history database."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from core.domain.clip import DEFAULT_CLIPS, DEFAULT_DURATION_S, DEFAULT_SPREAD_S, Batch
from core.domain.clip_place import ClipPlace
from core.domain.export import ExportSettings
from core.errors import EightCutError
from core.media_lookup import MediaLookup
from core.paths import data_paths
from core.storage.adopt import AdoptionReport, adopt, convert_in_place
from core.storage.annotation import AnnotationStore
from core.storage.clips import ClipStore
from core.storage.crops import CropStore
from core.storage.database import BUSY_TIMEOUT_S, Database
from core.storage.features import FeatureStore
from core.storage.jobs import JobStore
from core.storage.legacy_reader import is_legacy
from core.storage.list_tabs import ListTabStore
from core.storage.lists import ListStore
from core.storage.media import MediaStore
from core.storage.migrate import migrate, migrations, refuse_newer
from core.storage.moves import MoveStore
from core.storage.negatives import NegativeMark, NegativeStore
from core.storage.problems import DatabaseUnreadable
from core.storage.profiles import ProfileStore
from core.storage.scans import DEFAULT_VERSIONS, Region, ScanStore
from core.storage.script_clips import ScriptClipStore
from core.storage.subprofiles import SubprofileStore
from core.storage.training import TrainingStore, VideoInfo
from core.storage.trash import TrashStore

_log = logging.getLogger(__name__)


def legacy_history() -> Path:
    """Where the program's forerunner kept its history."""
    return Path.home() / ".8cut.db"


def _open(path: Path, read_only: bool, busy_timeout_s: float) -> Database:
    """Open and bring up to date, looking before touching."""
    refuse_newer(path, len(migrations()))
    if is_legacy(path, busy_timeout_s):
        if read_only:
            raise DatabaseUnreadable(
                f"The history {path} cannot be opened read-only",
                "It is of the program's forerunner and must be converted first",
                "Open it normally once; the old file is kept as a backup",
            )
        convert_in_place(path)
    database = Database(path, read_only=read_only, busy_timeout_s=busy_timeout_s)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


class ProcessedDB:
    """The history: what was cut, scanned and judged, by media and profile.

    The stores (`media`, `profiles`, `clips`, `lists`, `jobs`, `scans`, `annotation` …) are for the program; the
    methods below are for scripts and name files the way scripts do: `filename` is a path or a base name, which then
    means the newest file of that name that the profile has anything of.

    Args:
        path: the file, made when it is not there; None for the one in the data folder.
        read_only: for looking only; every write then raises UserError.
        adopt_from: a history from before this program to take over once; None for none. Without a `path` it is
            `~/.8cut.db`. What came of it is in `adoption` (None when there was nothing to do) or, where that file
            could not be read, in `adoption_problem`; this history works either way.
        busy_timeout_s: how long to wait for another program's lock.

    Raises:
        NewerDataError: a newer 8-cut wrote the file; it is left untouched.
        DatabaseLocked, DatabaseCorrupt, DatabaseUnreadable (all EnvironmentProblem): it cannot be opened.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        read_only: bool = False,
        adopt_from: str | os.PathLike[str] | None = None,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        if path is None:
            path, adopt_from = data_paths().prepare().database, adopt_from or legacy_history()
        self.path = Path(path)
        self.read_only = read_only
        self._database = _open(self.path, read_only, busy_timeout_s)
        self.media = MediaStore(self._database)
        self.profiles = ProfileStore(self._database)
        self.clips = ClipStore(self._database)
        self.crops = CropStore(self._database)
        self.features = FeatureStore(self._database)
        self.list_tabs = ListTabStore(self._database, self.profiles)
        self.lists = ListStore(self._database, self.profiles, self.list_tabs)
        self.subprofiles = SubprofileStore(self._database, self.profiles)
        self.jobs = JobStore(self._database, self.media, self.profiles)
        self.scans = ScanStore(self._database)
        self.negatives = NegativeStore(self._database)
        self.moves = MoveStore(self._database, self.profiles)
        self.trash = TrashStore(self._database)
        self.training = TrainingStore(self._database, self.media)
        self.annotation = AnnotationStore(self._database)
        self._script_clips = ScriptClipStore(self._database, self.profiles)
        self._lookup = MediaLookup(self.media)
        self.adoption: AdoptionReport | None = None
        self.adoption_problem: EightCutError | None = None
        if adopt_from is not None and not read_only:
            try:
                self.adoption = self.adopt(adopt_from)
            except EightCutError as error:
                _log.warning("Not taken over: %s", error)
                self.adoption_problem = error

    def adopt(self, legacy: str | os.PathLike[str]) -> AdoptionReport | None:
        """Take over a history from before this program; None when there is none, or when that was done before.

        Raises:
            EnvironmentProblem: it is locked or damaged; nothing was imported and the file is as it was.
        """
        legacy = Path(legacy)
        if not legacy.is_file() or legacy.resolve() == self.path.resolve():
            return None
        return adopt(self._database, legacy)

    def write(self) -> AbstractContextManager:
        """One transaction around several calls; nested blocks join the outermost."""
        return self._database.write()

    def close(self) -> None:
        """Close every thread's connection."""
        self._database.close()

    def __enter__(self) -> ProcessedDB:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def add(
        self,
        filename: str,
        start_time: float,
        output_path: str,
        label: str = "",
        category: str = "",
        short_side: int | None = None,
        portrait_ratio: str = "",
        crop_center: float = 0.5,
        fmt: str = "MP4",
        clip_count: int = DEFAULT_CLIPS,
        clip_duration: float = DEFAULT_DURATION_S,
        spread: float = DEFAULT_SPREAD_S,
        profile: str = "default",
        source_path: str = "",
        scan_export: bool = False,
    ) -> int:
        """Record one exported clip that starts at `start_time` seconds; returns its row id.

        `clip_count`, `clip_duration` and `spread` describe the batch it came from. Clips of one media whose paths
        differ only in the last number (and that carry `mK` in their name, or the same start) are one batch.
        """
        place = ClipPlace.of(str(output_path))
        settings = ExportSettings(
            folder=place.folder,
            name=place.name.name if place.name else "clip",
            label=label,
            category=category,
            format=fmt,
            short_side=short_side,
            portrait_ratio=portrait_ratio,
            crop_center=crop_center,
        )
        with self.write():
            profile_id = self.profiles.ensure(profile)
            media = self._lookup.ensure(str(filename), profile, str(source_path))
            batch = Batch(float(start_time), clip_count, spread, clip_duration)
            return self._script_clips.add(
                profile_id, media.id, float(start_time), str(output_path), settings, batch, scan_export
            )

    def get_export_folders(self, profile: str = "default", include_scan_exports: bool = False) -> list[str]:
        """The classes of a profile (names of export folders), sorted; see `TrainingStore.export_folders`."""
        return self.training.export_folders(self.profiles.id_of(profile), include_scan_exports)

    def get_training_stats(
        self, profile: str = "default", include_scan_exports: bool = False
    ) -> dict[str, dict[str, int]]:
        """`{class: {"clips": n, "videos": n}}`, empty classes left out."""
        return self.training.stats(self.profiles.id_of(profile), include_scan_exports)

    def get_training_data(
        self,
        profile: str,
        positive_folder: str,
        negative_folder: str = "",
        fallback_video_dir: str = "",
        include_scan_exports: bool = False,
        use_hard_negatives: bool = True,
    ) -> list[VideoInfo]:
        """`[(path, positive times, soft times, negative times), …]`; see `TrainingStore.data`."""
        return self.training.data(
            self.profiles.id_of(profile),
            positive_folder,
            negative_folder,
            str(fallback_video_dir),
            include_scan_exports,
            use_hard_negatives,
        )

    def save_scan_results(
        self,
        filename: str,
        profile: str,
        model: str,
        regions: Iterable[Sequence[float]],
        max_versions: int = DEFAULT_VERSIONS,
    ) -> str:
        """Keep (start, end, score) regions as a new version; returns its time stamp `%Y%m%d_%H%M%S_%f`."""
        with self.write():
            profile_id = self.profiles.ensure(profile)
            media = self._lookup.ensure(str(filename), profile)
            return self.scans.save(profile_id, media.id, model, regions, max_versions)

    def get_scan_versions(self, filename: str, profile: str, model: str) -> list[dict[str, Any]]:
        """`[{timestamp, count, max_score}, …]`, newest first."""
        profile_id, media = self.profiles.id_of(profile), self._lookup.find(str(filename), profile)
        return self.scans.versions(profile_id, media.id, model) if media and profile_id is not None else []

    def get_scan_results(
        self, filename: str, profile: str, scan_timestamp: str | None = None
    ) -> dict[str, list[Region]]:
        """`{model: [(id, start, end, score, disabled, orig_start, orig_end), …]}`; see `ScanStore.results`."""
        profile_id, media = self.profiles.id_of(profile), self._lookup.find(str(filename), profile)
        return self.scans.results(profile_id, media.id, scan_timestamp) if media and profile_id is not None else {}

    def add_hard_negatives(
        self, filename: str, profile: str, times: Iterable[float], source_path: str = "", source_model: str = ""
    ) -> int:
        """Mark moments (seconds) as not the target; returns how many were not marked yet."""
        with self.write():
            profile_id = self.profiles.ensure(profile)
            media = self._lookup.ensure(str(filename), profile, str(source_path))
            return self.negatives.add(
                profile_id,
                media.id,
                [NegativeMark(float(time)) for time in times],
                filename=str(filename),
                source_path=str(source_path) or (media.path if media.path != media.name else ""),
                source_model=source_model,
            )

    def get_hard_negatives(self, profile: str) -> list[dict[str, Any]]:
        """`[{id, filename, start_time, source_path, source_model, …}, …]`; see `NegativeStore.all`."""
        return self.negatives.all(profile)

    def delete_hard_negatives_by_ids(self, ids: Iterable[int]) -> int:
        """Unmark by row id, any number of them; returns how many were marked."""
        return self.negatives.delete(ids)
