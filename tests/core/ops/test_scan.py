"""Scanning: versions with scores, thresholds that move, decisions that stay, files that fail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.changes import Kind
from core.domain.scan import RegionRule
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.ops import negatives, regions, scan, scan_rule
from core.ops.models import Classifier
from core.ops.train import train
from tests.core.ops.scan_world import REQUEST, World, world

RULE = RegionRule(0.5, fuse_s=2.0)


@pytest.fixture(scope="module")
def trained_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Classifier]]:
    with world(tmp_path_factory.mktemp("world")) as made:
        made.teach()
        yield made, train(made.db, made.paths, made.embedder, REQUEST).classifier


@pytest.fixture
def place(trained_world: tuple[World, Classifier], request: pytest.FixtureRequest) -> Iterator[Place]:
    made, classifier = trained_world
    yield Place(made, classifier, request.node.name.replace("/", "_"))


class Place:
    """One test's own recording and profile in the shared world."""

    def __init__(self, made: World, classifier: Classifier, name: str) -> None:
        self.world, self.db, self.classifier, self.profile = made, made.db, classifier, name
        self.path = made.recording(name, [15.0, 40.0])
        self.media = made.media(self.path)

    def scan(self, rule: RegionRule = RULE, classifier: Classifier | None = None) -> scan.Scanned:
        chosen = classifier or self.classifier
        return scan.scan(self.db, self.media, self.profile, chosen, self.world.embedder, rule)[0]

    @property
    def newer(self) -> Classifier:
        """The same classifier as if it had been trained again."""
        return replace(self.classifier, version="20990101_000000_000000")

    def rows(self) -> list:
        return self.db.scans.rows(self.db.profiles.id_of(self.profile), self.media.id, self.classifier.label)


def test_sounds_are_found_where_they_are(place: Place) -> None:
    found = place.scan()
    assert [round((row.start_s + row.end_s) / 2) for row in found.regions] == [16, 41]
    assert found.again
    results = place.db.get_scan_results(str(place.path), place.profile)
    assert [row[1:3] for row in results["LOGMEL"]] == [(row.start_s, row.end_s) for row in found.regions]
    assert place.db.get_scan_versions(str(place.path), place.profile, "LOGMEL")[0]["timestamp"] == found.timestamp


def test_the_threshold_moves_without_another_scan(place: Place) -> None:
    place.scan()
    place.path.unlink()  # whoever scans again would notice
    (shown,) = regions.view(place.db, place.media, place.profile, {})
    none = regions.preview(shown, RegionRule(1.0)).rows
    many = regions.preview(shown, RegionRule(0.001, 0.0)).rows
    assert len(none) <= 2 <= len(many)
    assert len(place.rows()) == 2, "looking stores nothing"


def test_decisions_survive_a_threshold_that_hides_them(place: Place) -> None:
    found = place.scan()
    first = found.regions[0]
    place.db.scans.set_disabled([first.id], True)

    def at(threshold: float) -> list[tuple[int, bool]]:
        rule = RegionRule(threshold, RULE.fuse_s)
        changes = scan_rule.set_rule(place.db, place.media, place.profile, "LOGMEL", found.timestamp, rule)
        assert changes.touches(Kind.SCANS, place.media.id)
        shown = place.db.get_scan_results(str(place.path), place.profile)["LOGMEL"]
        return [(row[0], row[4]) for row in shown]

    assert at(1.0) == []
    assert all(row.hidden for row in place.rows())
    back = at(RULE.threshold)
    assert back[0] == (first.id, True)
    assert len(back) == 2
    assert back[1][1] is False


def test_a_scan_with_the_same_classifier_is_not_done_again(place: Place) -> None:
    first = place.scan()
    again = place.scan()
    assert not again.again
    assert (again.timestamp, again.regions) == (first.timestamp, first.regions)
    higher = place.scan(RegionRule(1.0))
    assert higher.timestamp == first.timestamp
    assert higher.regions == ()
    newer = place.scan(classifier=place.newer)
    assert newer.again
    assert newer.timestamp != first.timestamp


def test_decisions_are_inherited_by_the_next_version(place: Place) -> None:
    first, second = place.scan().regions
    place.db.scans.set_disabled([first.id], True)
    place.db.scans.set_accepted([second.id], True)
    place.db.scans.set_times(second.id, second.start_s - 0.5, second.end_s + 1.0)
    one, two = place.scan(classifier=place.newer).regions
    assert one.inherited and one.disabled and not one.accepted
    assert two.inherited and two.accepted and not two.disabled
    assert (two.start_s, two.end_s) == (second.start_s - 0.5, second.end_s + 1.0)
    assert two.hit.span == second.hit.span
    assert not first.inherited


def test_hard_negatives_are_seen_in_every_version(place: Place) -> None:
    found = place.scan()
    added, changes = negatives.mark_regions(
        place.db, place.media, place.profile, "LOGMEL", found.timestamp, found.regions[:1]
    )
    assert added == 1
    assert changes.touches(Kind.NEGATIVES, place.media.id)
    assert (
        negatives.mark_regions(place.db, place.media, place.profile, "LOGMEL", found.timestamp, found.regions[:1])[0]
        == 0
    )
    newer = place.scan(classifier=place.newer)
    (shown,) = regions.view(place.db, place.media, place.profile, {})
    assert (shown.timestamp, shown.negative) == (newer.timestamp, {newer.regions[0].id})
    (mark,) = negatives.marked(place.db, place.profile, "LOGMEL")
    assert (mark["scan_timestamp"], mark["region_id"]) == (found.timestamp, found.regions[0].id)
    assert negatives.marked(place.db, place.profile, "other") == []
    assert negatives.unmark(place.db, [mark["id"]])[0] == 1
    assert negatives.restore(place.db, [mark["id"]])[0] == 1


def test_versions_are_compared(place: Place) -> None:
    old = place.scan()
    new = place.scan(classifier=place.newer)
    place.db.scans.set_times(new.regions[0].id, 14.0, 20.0)
    stamp = place.db.save_scan_results(str(place.path), place.profile, "LOGMEL", [(3.0, 4.0, 0.9), (40.0, 42.0, 0.9)])
    same = scan.compare(place.db, place.media, place.profile, "LOGMEL", old.timestamp, new.timestamp)
    assert (len(same.moved), len(same.kept), len(same.gained), len(same.lost)) == (1, 1, 0, 0)
    other = scan.compare(place.db, place.media, place.profile, "LOGMEL", old.timestamp, stamp)
    assert [hit.start_s for hit in other.gained] == [3.0]
    assert len(other.lost) == 1


def test_a_file_that_was_replaced_is_not_scanned_under_its_old_name(place: Place) -> None:
    place.world.recording(place.path.stem, [5.0])
    with pytest.raises(UserError, match="not the file it was"):
        place.scan()


def test_versions_without_scores_have_no_slider(place: Place) -> None:
    stamp = place.db.save_scan_results(str(place.path), place.profile, "LOGMEL", [(3.0, 4.0, 0.9)])
    (shown,) = regions.view(place.db, place.media, place.profile, {})
    assert shown.made is None
    scan_rule.set_rule(place.db, place.media, place.profile, "LOGMEL", stamp, RegionRule(1.0))
    assert len(place.rows()) == 1


def test_five_broken_files_of_many_do_not_stop_the_rest(place: Place) -> None:
    paths = []
    for number in range(500):
        path = place.world.recording(f"{place.profile}-{number}", [1.0] if number % 50 == 0 else [], seconds=3.0)
        if number % 100 == 7:
            path.write_bytes(b"RIFF but nothing else %d" % number)
        paths.append(path)
    media, failed = scan.media_of(place.db, paths)
    assert not failed, "a broken file has content too"
    told: list[scan.Scanned] = []
    summary, changes = scan.scan_all(
        place.db, media, place.profile, place.classifier, place.world.embedder, RULE, on_scanned=told.append
    )
    assert len(summary.scanned) == len(told) == 495
    assert [Path(path).stem.rpartition("-")[2] for path, _ in summary.failed] == ["7", "107", "207", "307", "407"]
    assert all(reason for _, reason in summary.failed)
    assert len(summary.without_hits) >= 450
    assert summary.regions >= 8
    assert changes.touches(Kind.SCANS, media[0].id)
    again, _ = scan.scan_all(place.db, media, place.profile, place.classifier, place.world.embedder, RULE)
    assert again.known_before == 495, "files without hits are remembered too"


def test_a_cancelled_scan_of_many_goes_on_where_it_was(place: Place) -> None:
    paths = [place.world.recording(f"{place.profile}-{number}", [1.0], seconds=3.0) for number in range(6)]
    media, _ = scan.media_of(place.db, paths)
    ctx, seen = JobContext(), itertools.count(1)

    def stop_after_three(_one: scan.Scanned) -> None:
        if next(seen) == 3:
            ctx.cancel()

    arguments = (place.db, media, place.profile, place.classifier, place.world.embedder, RULE)
    with pytest.raises(Cancelled):
        scan.scan_all(*arguments, ctx, stop_after_three)
    summary, _ = scan.scan_all(*arguments)
    assert [one.again for one in summary.scanned] == [False] * 3 + [True] * 3


def test_a_classifier_of_another_embedding_is_refused(place: Place) -> None:
    meta = {**place.classifier.trained.meta, "embedding": {**place.classifier.trained.embedding, "revision": "0"}}
    old = replace(place.newer, trained=replace(place.classifier.trained, meta=meta))
    with pytest.raises(UserError, match="another revision"):
        place.scan(classifier=old)


def test_rules_that_make_no_sense_are_explained(place: Place) -> None:
    assert scan.rule_for(place.classifier).threshold == place.classifier.trained.threshold
    assert scan.rule_for(place.classifier, 0.3, 1.0) == RegionRule(0.3, 1.0)
    with pytest.raises(UserError, match="threshold"):
        scan.rule_for(place.classifier, 2.0)
