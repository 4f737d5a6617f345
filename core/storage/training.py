"""What the history holds for training: classes, their sizes, and the times of examples per media."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.domain.disabled import disabled_sibling, is_disabled_class, path_aside
from core.domain.timespan import Span
from core.storage.database import Database
from core.storage.media import MediaStore, base_name

_log = logging.getLogger(__name__)

VideoInfo = tuple[str, list[float], list[float], list[float]]
"""(path, positive times, soft times, negative times), seconds, each list in order without repeats."""

_DONE = "c.state = 'done' AND c.deleted_at IS NULL AND b.deleted_at IS NULL"


@dataclass(frozen=True)
class MarkedMedia:
    """A media and what people marked in it.

    Args:
        path: where its file is; see `TrainingStore.marked`.
        positives, soft, negatives: in order of start. A hard negative of which only the time is known has length 0.
        hard: which of `negatives` are hard negatives, by index.
    """

    media_id: int
    path: str
    positives: tuple[Span, ...]
    soft: tuple[Span, ...]
    negatives: tuple[Span, ...]
    hard: frozenset[int] = frozenset()


@dataclass
class _Marks:
    """Length of each mark by its start."""

    positive: dict[float, float] = field(default_factory=dict)
    soft: dict[float, float] = field(default_factory=dict)
    negative: dict[float, float] = field(default_factory=dict)
    hard: dict[float, float] = field(default_factory=dict)


class TrainingStore:
    """Reads classes and examples. A class is the name of an export folder."""

    def __init__(self, database: Database, media: MediaStore) -> None:
        self._db = database
        self._media = media

    def export_folders(self, profile_id: int | None, include_scan_exports: bool = False) -> list[str]:
        """The classes that have a clip, sorted; those with nothing but scan exports only when asked for.

        `<class>_disabled` is no class but the part of another one that is kept out of training.
        """
        rows = self._db.query(
            "SELECT DISTINCT b.class_name FROM batches b"
            " WHERE b.profile_id = ? AND b.class_name != '' AND (? OR NOT b.scan_export)"
            f" AND EXISTS (SELECT 1 FROM clips c WHERE c.batch_id = b.id AND {_DONE}) ORDER BY b.class_name",
            (profile_id, include_scan_exports),
        )
        return [row[0] for row in rows if not is_disabled_class(row[0])]

    def stats(self, profile_id: int | None, include_scan_exports: bool = False) -> dict[str, dict[str, int]]:
        """`{class: {"clips": n, "videos": n}}` of what would be trained on: disabled clips and media are left out."""
        aside = self._moved_aside(self._folders())
        # Only where there is something: it makes the query read the clips themselves instead of their index.
        without = " AND id NOT IN (SELECT value FROM json_each(:aside))" if aside else ""
        # Adding up per batch first reads the clips in the order of their index: much faster than a plain join.
        rows = self._db.query(
            "SELECT b.class_name, sum(c.clips) AS clips, count(DISTINCT b.media_id) AS videos"
            " FROM (SELECT batch_id, count(*) AS clips FROM clips INDEXED BY clips_done"
            f" WHERE state = 'done' AND deleted_at IS NULL AND NOT disabled{without} GROUP BY batch_id) c"
            " CROSS JOIN batches b ON b.id = c.batch_id"
            " WHERE b.profile_id = :profile AND b.class_name != '' AND (:scans OR NOT b.scan_export)"
            " AND b.deleted_at IS NULL"
            " AND b.media_id NOT IN (SELECT media_id FROM media_flags WHERE profile_id = :profile AND disabled)"
            " GROUP BY b.class_name ORDER BY b.class_name",
            {"profile": profile_id, "scans": include_scan_exports, "aside": json.dumps(sorted(aside))},
        )
        return {
            row["class_name"]: {"clips": row["clips"], "videos": row["videos"]}
            for row in rows
            if not is_disabled_class(row["class_name"])
        }

    def data(
        self,
        profile_id: int | None,
        positive_folder: str,
        negative_folder: str = "",
        fallback_video_dir: str = "",
        include_scan_exports: bool = False,
        use_hard_negatives: bool = True,
    ) -> list[VideoInfo]:
        """The starts of the marks of `marked`, of one positive class and at most one negative one."""
        negatives = [negative_folder] if negative_folder else []
        found = self.marked(
            profile_id, [positive_folder], negatives, fallback_video_dir, include_scan_exports, use_hard_negatives
        )
        return [
            (
                media.path,
                [span.start_s for span in media.positives],
                [span.start_s for span in media.soft],
                [span.start_s for span in media.negatives],
            )
            for media in found
        ]

    def marked(
        self,
        profile_id: int | None,
        positives: Collection[str],
        negatives: Collection[str] = (),
        fallback_video_dir: str = "",
        include_scan_exports: bool = False,
        use_hard_negatives: bool = True,
        counts: Callable[[str], bool] = lambda _source_model: True,
    ) -> list[MarkedMedia]:
        """Examples per media, in the order the media came into the history.

        Positive are the clips of the folders `positives`; negative those of `negatives` and the hard negatives, less
        what is positive; soft is everything else exported of that media, what is disabled (by its flag, or because it
        lies in a `<folder>_disabled`) or a scan export included:
        it keeps automatic negatives away. A media with neither a positive nor a negative, or one that is disabled, is
        left out. One whose file is missing is listed with its path in `fallback_video_dir` when a file of that name
        lies there, else with the path it had. `counts` says of the classifier that a hard negative came from whether
        that is one for this training; if not, it is soft.
        """
        by_media: dict[int, _Marks] = defaultdict(_Marks)
        rows = self._clips(profile_id, positives, negatives, use_hard_negatives)
        aside = self._moved_aside({row["folder"] for row in rows})
        for row in rows:
            marks = by_media[row["media_id"]]
            disabled = row["disabled"] or row["id"] in aside or is_disabled_class(row["class_name"])
            trainable = not disabled and (include_scan_exports or not row["scan_export"])
            kind = marks.soft
            if trainable and row["class_name"] in positives:
                kind = marks.positive
            elif trainable and row["class_name"] in negatives:
                kind = marks.negative
            kind[row["start_s"]] = max(row["duration_s"], kind.get(row["start_s"], 0.0))
        if use_hard_negatives:
            for row in self._db.query(
                "SELECT media_id, start_s, coalesce(end_s, start_s) - start_s AS length_s, source_model"
                " FROM hard_negatives WHERE profile_id = ? AND deleted_at IS NULL",
                (profile_id,),
            ):
                marks = by_media[row["media_id"]]
                kind = marks.hard if counts(row["source_model"]) else marks.soft
                kind.setdefault(row["start_s"], max(0.0, row["length_s"]))
        disabled = self._db.query("SELECT media_id FROM media_flags WHERE profile_id = ? AND disabled", (profile_id,))
        for row in disabled:
            by_media.pop(row[0], None)
        found = []
        for media_id, marks in sorted(by_media.items()):
            media = self._marked_media(media_id, marks, fallback_video_dir)
            if media is not None:
                found.append(media)
        return found

    def _marked_media(self, media_id: int, marks: _Marks, fallback_video_dir: str) -> MarkedMedia | None:
        negative = {start: length for start, length in marks.negative.items() if start not in marks.positive}
        hard = {start for start in marks.hard if start not in marks.positive and start not in negative}
        negative |= {start: marks.hard[start] for start in hard}
        if not marks.positive and not negative:
            return None
        path = self._file(media_id, fallback_video_dir)
        if path is None:
            return None
        taken = marks.positive.keys() | negative.keys()
        soft = {start: length for start, length in marks.soft.items() if start not in taken}
        hard_places = frozenset(place for place, start in enumerate(sorted(negative)) if start in hard)
        return MarkedMedia(media_id, path, _spans(marks.positive), _spans(soft), _spans(negative), hard_places)

    def _clips(
        self, profile_id: int | None, positives: Collection[str], negatives: Collection[str], hard_negatives: bool
    ) -> list:
        return self._db.query(
            "SELECT c.id, b.media_id, b.folder, b.class_name, b.scan_export, c.disabled, c.start_s, c.duration_s"
            " FROM batches b JOIN clips c ON c.batch_id = b.id"
            f" WHERE b.profile_id = :profile AND {_DONE} AND b.media_id IN"
            " (SELECT media_id FROM batches WHERE profile_id = :profile"
            " AND class_name IN (SELECT value FROM json_each(:classes))"
            " UNION SELECT media_id FROM hard_negatives WHERE :hard AND profile_id = :profile AND deleted_at IS NULL)",
            {"profile": profile_id, "classes": json.dumps([*positives, *negatives]), "hard": hard_negatives},
        )

    def _folders(self) -> list[str]:
        """Every export folder of the history. Each step looks for the next one in the index, however many clips."""
        rows = self._db.query(
            "WITH RECURSIVE found(folder) AS (SELECT min(folder) FROM batches UNION ALL"
            " SELECT (SELECT min(folder) FROM batches WHERE folder > found.folder) FROM found"
            " WHERE found.folder IS NOT NULL) SELECT folder FROM found WHERE folder IS NOT NULL"
        )
        return [row[0] for row in rows]

    def _moved_aside(self, folders: Iterable[str]) -> set[int]:
        """The ids of clips whose files were moved to the disabled sibling of their folder and are not in it."""
        aside = set()
        for folder in folders:
            if not folder or not Path(disabled_sibling(folder)).is_dir():
                continue
            rows = self._db.query(
                f"SELECT c.id, c.path FROM batches b JOIN clips c ON c.batch_id = b.id WHERE b.folder = ? AND {_DONE}",
                (folder,),
            )
            for clip_id, path in rows:
                moved = Path(path).is_relative_to(folder) and not Path(path).exists()
                if moved and Path(path_aside(path, folder)).exists():
                    aside.add(clip_id)
        return aside

    def _file(self, media_id: int, fallback_video_dir: str) -> str | None:
        """Where the media's file is: a path it was seen at, the fallback folder, else the path it had.

        None when another file took that path: its sounds must not be learned under this media's times.
        """
        media = self._media.get(media_id)
        for path in self._media.paths(media_id):
            if Path(path).is_file():
                return path
        if fallback_video_dir:
            candidate = Path(fallback_video_dir) / base_name(media.path)
            if candidate.is_file():
                return str(candidate)
        owner = self._media.by_path(media.path)
        if owner is not None and owner.id != media_id:
            _log.warning("Left out of training: %s was replaced by another file", media.path)
            return None
        return media.path


def _spans(lengths: dict[float, float]) -> tuple[Span, ...]:
    return tuple(Span(start, start + length) for start, length in sorted(lengths.items()))
