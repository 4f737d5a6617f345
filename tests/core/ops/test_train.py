"""Training from the history: what is learned, from what, and what is said when it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.changes import Kind
from core.errors import Cancelled, EnvironmentProblem, UserError
from core.job import JobContext
from core.media.identity import content_key
from core.ops.models import history, model_store, open_classifier, restore
from core.ops.train import marked_files, train
from core.scan.embedding import Embedder, EmbeddingKey
from core.scan.engine import score_embedded, score_file
from tests.core.learning.test_model_store_crash import no_room_for_files_over
from tests.core.ops.scan_world import BEEPS, REQUEST, World, world


@pytest.fixture
def taught(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.teach()
        yield made


def test_a_trained_classifier_is_stored_and_found_by_name(taught: World) -> None:
    outcome = train(taught.db, taught.paths, taught.embedder, replace(REQUEST, name="beep"))
    assert outcome.classifier.name == "default_LOGMEL_beep"
    assert outcome.classifier.label == "LOGMEL_beep"
    assert outcome.changes.touches(Kind.MODELS)
    assert not outcome.problems
    for name in ("default_LOGMEL_beep", "LOGMEL_beep", "beep", str(outcome.classifier.path)):
        assert open_classifier(taught.paths, name).version == outcome.classifier.version
    with pytest.raises(UserError, match="no classifier"):
        open_classifier(taught.paths, "cat")


def test_training_again_makes_a_version_and_restoring_goes_back(taught: World) -> None:
    first, second = (train(taught.db, taught.paths, taught.embedder, REQUEST).classifier for _ in range(2))
    assert first.version != second.version
    name = first.name
    assert [version.stamp for version in history(taught.paths, name)] == [second.version, first.version]
    restored, _ = restore(taught.paths, name, first.version)
    assert restored.version == open_classifier(taught.paths, name).version == first.version


def test_a_training_window_has_the_same_score_in_a_scan(taught: World) -> None:
    trained = train(taught.db, taught.paths, taught.embedder, REQUEST).classifier.trained
    key = REQUEST.key
    for name in BEEPS:
        path = taught.folder / f"{name}.wav"
        group = content_key(path)
        trained_on = taught.embedder.embed(path, group, key)
        in_training = np.asarray(trained.score(trained_on))
        cached = score_file(taught.embedder, path, group, trained).scores
        uncached = score_file(Embedder(None, "cpu"), path, group, trained).scores
        one_by_one = score_file(Embedder(None, "cpu", batch=1), path, group, trained).scores
        assert np.abs(in_training - cached).max() < 1e-6
        assert np.abs(in_training - uncached).max() < 1e-5
        assert np.abs(in_training - one_by_one).max() < 1e-5
        reloaded = open_classifier(taught.paths, "LOGMEL").trained
        assert np.abs(score_embedded(trained_on, key, reloaded).scores - in_training).max() < 1e-6


def test_what_counts_as_what(taught: World) -> None:
    path = taught.folder / "a.wav"
    taught.mark(path, [45.0], "knock")
    taught.mark(path, [52.0], "rest")
    taught.db.add_hard_negatives(str(path), "default", [38.0])
    (marks, *_) = marked_files(taught.db, replace(REQUEST, negatives=("knock",)))
    assert [span.start_s for span in marks.positives] == [7.0, 29.0]
    assert all(span.length_s == 4.0 for span in marks.positives)
    assert [(span.start_s, span.length_s) for span in marks.negatives] == [(38.0, 0.0), (45.0, 4.0)]
    assert marks.hard == {0}
    assert [span.start_s for span in marks.soft] == [52.0]
    (marks, *_) = marked_files(taught.db, replace(REQUEST, positives=("beep", "knock"), use_hard_negatives=False))
    assert [span.start_s for span in marks.positives] == [7.0, 29.0, 45.0]
    assert not marks.negatives


def test_hard_negatives_of_another_sound_are_none_here(taught: World) -> None:
    path = taught.folder / "a.wav"
    for label, time in (("LOGMEL_beep", 38.0), ("YAMNET_beep", 45.0), ("LOGMEL", 50.0), ("LOGMEL_cat", 54.0)):
        taught.db.add_hard_negatives(str(path), "default", [time], source_model=label)
    (marks, *_) = marked_files(taught.db, replace(REQUEST, name="beep"))
    assert [span.start_s for span in marks.negatives] == [38.0, 45.0, 50.0]
    assert [span.start_s for span in marks.soft] == [54.0]


def test_a_reviewed_recording_without_clips_gives_its_hard_negatives_alone(taught: World) -> None:
    path = taught.recording("reviewed", [10.0])
    taught.db.add_hard_negatives(str(path), "default", [30.0])
    *_, marks = marked_files(taught.db, REQUEST)
    assert marks.path == str(path)
    assert len(marks.negatives) == 1
    assert marks.soft[0].start_s == 0.0
    assert marks.soft[0].end_s > 60.0, "what nobody looked at is no automatic negative"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"positives": ("cat",)}, "has no clips"),
        ({"negatives": ("cat",)}, "has no clips"),
        ({"positives": ()}, "nothing to learn"),
        ({"negatives": ("beep",)}, "at once"),
        ({"profile": "other"}, "has no clips"),
        ({"model": "NOSUCH"}, "no embedding model"),
        ({"encoding": "sharp"}, "no encoding"),
    ],
)
def test_requests_that_make_no_sense_are_explained(taught: World, change: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        train(taught.db, taught.paths, taught.embedder, replace(REQUEST, **change))
    assert model_store(taught.paths).models() == []


def test_a_source_that_is_gone_is_left_out_and_named(taught: World) -> None:
    (taught.folder / "b.wav").unlink()
    outcome = train(taught.db, taught.paths, taught.embedder, REQUEST)
    assert len(outcome.problems) == 1
    assert "b.wav" in outcome.problems[0]
    for name in "ac":
        (taught.folder / f"{name}.wav").unlink()
    with pytest.raises(UserError, match="nothing to learn from"):
        train(taught.db, taught.paths, taught.embedder, REQUEST)


def test_a_moved_source_is_found_in_the_given_folder(taught: World, tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    (taught.folder / "b.wav").rename(tmp_path / "moved" / "b.wav")
    outcome = train(taught.db, taught.paths, taught.embedder, replace(REQUEST, video_folder=str(tmp_path / "moved")))
    assert not outcome.problems


def test_clip_files_are_not_needed(taught: World) -> None:
    assert not list(taught.folder.rglob("clip_*")), "the marks of this world have no files at all"
    assert train(taught.db, taught.paths, taught.embedder, REQUEST).classifier.version


def test_a_cancelled_training_stores_nothing(taught: World) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        train(taught.db, taught.paths, taught.embedder, REQUEST, ctx)
    assert model_store(taught.paths).models() == []


def test_on_a_full_disk_the_classifier_that_is_there_stays(taught: World) -> None:
    first = train(taught.db, taught.paths, taught.embedder, REQUEST).classifier
    with no_room_for_files_over(1000), pytest.raises(EnvironmentProblem) as caught:
        train(taught.db, taught.paths, taught.embedder, REQUEST)
    assert "Cannot save" in caught.value.what
    assert "Make room" in caught.value.fix
    assert [version.stamp for version in history(taught.paths, first.name)] == [first.version]
    assert open_classifier(taught.paths, first.name).version == first.version
    assert not list(taught.paths.models.rglob("*.partial"))


def test_one_video_is_enough_to_train_on(tmp_path: Path) -> None:
    with world(tmp_path) as alone:
        alone.mark(alone.recording("a", BEEPS["a"]), [time - 1 for time in BEEPS["a"]])
        outcome = train(alone.db, alone.paths, alone.embedder, REQUEST)
        assert open_classifier(alone.paths, outcome.classifier.name).trained.embedding == EmbeddingKey("LOGMEL").meta
