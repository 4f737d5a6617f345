"""Scan recordings with a classifier; compare versions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.changes import Changes, Kind
from core.db import ProcessedDB
from core.domain.media import Media
from core.domain.scan import Comparison, Hit, RegionRow, RegionRule, ScanMade
from core.errors import UserError
from core.job import JobContext, PartOfJob
from core.media.identity import content_key
from core.ops.scan_rule import set_rule
from core.scan.decisions import compare as compare_hits
from core.scan.decisions import inherit
from core.scan.engine import score_file
from core.scan.regions import find_regions
from core.storage.media import is_placeholder

if TYPE_CHECKING:
    from core.ops.models import Classifier
    from core.scan.embedding import Embedder

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scanned:
    """One recording scanned: its version and the regions in it. `again` is False where an earlier scan was good."""

    media: Media
    timestamp: str
    regions: tuple[RegionRow, ...]
    again: bool = True


@dataclass(frozen=True)
class ScanSummary:
    """How a scan of many files ended.

    Args:
        scanned: newly scanned or shown again, in order.
        failed: (path, one sentence) of those that could not be scanned.
    """

    scanned: tuple[Scanned, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def regions(self) -> int:
        return sum(len(one.regions) for one in self.scanned)

    @property
    def without_hits(self) -> tuple[Media, ...]:
        return tuple(one.media for one in self.scanned if not one.regions)

    @property
    def known_before(self) -> int:
        """How many had been scanned with this version of the classifier already."""
        return sum(not one.again for one in self.scanned)


def rule_for(classifier: Classifier, threshold: float | None = None, fuse_s: float | None = None) -> RegionRule:
    """The rule to find regions by: the classifier's suggested threshold unless another is given.

    Raises:
        UserError: a threshold or gap that makes no sense.
    """
    try:
        rule = RegionRule(classifier.trained.threshold if threshold is None else threshold)
        return rule if fuse_s is None else replace(rule, fuse_s=fuse_s)
    except ValueError as error:
        raise UserError(
            "Regions cannot be found like this", str(error), "Choose a threshold between 0 and 1"
        ) from error


def scan(
    db: ProcessedDB,
    media: Media,
    profile: str,
    classifier: Classifier,
    embedder: Embedder,
    rule: RegionRule | None = None,
    ctx: JobContext | None = None,
) -> tuple[Scanned, Changes]:
    """Scan one recording. Where this version of the classifier has done so before, its scores are used again.

    Without a `rule` it is the one in force where it was scanned before, else the one the classifier suggests.

    What was decided about the regions of the version before is inherited by those that overlap them.

    Raises:
        UserError: the file is gone, was replaced or cannot be read, or the classifier does not fit.
        EnvironmentProblem: weights are missing, or the cache cannot be written to.
        Cancelled: through `ctx`.
    """
    profile_id = db.profiles.ensure(profile)
    changes = Changes.of(Kind.SCANS, media.id)
    made = db.scans.made(profile_id, media.id, classifier.label)
    if made is not None and _same_classifier(made, classifier):
        stamp = db.scans.versions(profile_id, media.id, classifier.label)[0]["timestamp"]
        if rule is not None and (made.threshold, made.fuse_s) != (rule.threshold, rule.fuse_s):
            set_rule(db, media, profile, classifier.label, stamp, rule)
        return Scanned(media, stamp, _shown(db, profile_id, media, classifier.label, stamp), again=False), changes
    key = content_key(media.path)
    if key != media.content_key and not is_placeholder(media.content_key):
        raise UserError(f"{media.name} is not the file it was", "It was replaced since it was added", "Open it again")
    windows = score_file(embedder, media.path, key, classifier.trained, ctx)
    rule = rule or rule_for(classifier)
    made = ScanMade(windows, classifier.name, classifier.version, rule.threshold, rule.fuse_s)
    before = db.scans.rows(profile_id, media.id, classifier.label)
    regions = inherit(find_regions(windows, rule), [row.decision for row in before])
    stamp = db.scans.save_scan(profile_id, media.id, classifier.label, regions, made)
    return Scanned(media, stamp, _shown(db, profile_id, media, classifier.label, stamp)), changes


def scan_all(
    db: ProcessedDB,
    media: Sequence[Media],
    profile: str,
    classifier: Classifier,
    embedder: Embedder,
    rule: RegionRule | None = None,
    ctx: JobContext | None = None,
    on_scanned: Callable[[Scanned], None] | None = None,
) -> tuple[ScanSummary, Changes]:
    """Scan many recordings. One that cannot be read does not stop the rest.

    Each is stored as soon as it is done: after a cancel or a crash, doing it again goes on with the others.

    Raises:
        EnvironmentProblem: something that would fail for every file.
        Cancelled: through `ctx`.
    """
    ctx = ctx or JobContext()
    done, failed, changes = [], [], Changes()
    for number, one in enumerate(media):
        ctx.check()
        step = PartOfJob(ctx, number, len(media), one.name)
        try:
            scanned, changed = scan(db, one, profile, classifier, embedder, rule, step)
        except UserError as error:
            _log.info("Not scanned: %s", error)
            ctx.log(f"{one.name} was not scanned: {error}")
            failed.append((one.path, str(error)))
            continue
        done.append(scanned)
        changes |= changed
        if on_scanned:
            on_scanned(scanned)
    return ScanSummary(tuple(done), tuple(failed)), changes


def compare(db: ProcessedDB, media: Media, profile: str, label: str, old: str, new: str) -> Comparison:
    """What the version `new` gained, lost and moved against the version `old`."""
    profile_id = db.profiles.id_of(profile)
    found = [
        [Hit(row.start_s, row.end_s, row.hit.score) for row in _shown(db, profile_id, media, label, stamp)]
        for stamp in (old, new)
    ]
    return compare_hits(*found)


def media_of(db: ProcessedDB, paths: Iterable[Path]) -> tuple[list[Media], list[tuple[str, str]]]:
    """Register files for a scan; returns them and, for those that cannot be read, (path, one sentence)."""
    found, failed = {}, []
    for path in paths:
        try:
            media = db.media.register(content_key(path), str(path))
        except UserError as error:
            failed.append((str(path), str(error)))
            continue
        found[media.id] = media
    return list(found.values()), failed


def _same_classifier(made: ScanMade, classifier: Classifier) -> bool:
    return bool(classifier.version) and (made.classifier, made.classifier_version) == (
        classifier.name,
        classifier.version,
    )


def _shown(db: ProcessedDB, profile_id: int | None, media: Media, label: str, timestamp: str) -> tuple[RegionRow, ...]:
    return tuple(row for row in db.scans.rows(profile_id, media.id, label, timestamp) if not row.hidden)
