"""Scans of a corpus, which take days, while classifiers are trained anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.scan import RegionRule
from core.errors import EnvironmentProblem
from core.job import JobContext
from core.media.identity import content_key
from core.ops.corpus_scan import ScanRecipe, scan_key
from core.ops.models import model_store, open_classifier
from core.ops.train import train
from tests.core.ops.scan_world import REQUEST, World, world

RULE = RegionRule(0.5, fuse_s=2.0)
NAME = "scan-default_LOGMEL"


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world")) as made:
        made.teach()
        train(made.db, made.paths, made.embedder, REQUEST)
        yield made


def test_a_worker_that_starts_late_uses_the_version_that_the_run_began_with(taught: World) -> None:
    began = open_classifier(taught.paths, "default_LOGMEL")
    recipe = ScanRecipe.of(taught.paths, began, RULE, "cpu")
    model_store(taught.paths).save_at(began.path, began.trained)
    now = open_classifier(taught.paths, "default_LOGMEL")
    assert scan_key(now, None, None) > scan_key(began, None, None), "its results are others"
    assert scan_key(now, 0.1234567, None) != scan_key(now, 0.1234568, None), "so are those of another threshold"
    late = recipe.make([NAME])
    assert late._classifier.version == began.version
    walk = taught.recording("walk", [15.0, 40.0])
    row = late.extract(walk, content_key(walk), JobContext())[NAME]
    assert [round((start + end) / 2) for start, end, _ in row["spans"]] == [16, 41]
    late.close()


def test_a_file_from_elsewhere_that_was_replaced_is_refused(taught: World, tmp_path: Path) -> None:
    copy = tmp_path / "mine.safetensors"
    began = open_classifier(taught.paths, "default_LOGMEL")
    shutil.copy(began.path, copy)
    recipe = ScanRecipe.of(taught.paths, open_classifier(taught.paths, str(copy)), RULE, "cpu")
    recipe.make([NAME]).close()
    model_store(taught.paths).save_at(began.path, began.trained)
    shutil.copy(began.path, copy)
    with pytest.raises(EnvironmentProblem, match="is not the classifier it was"):
        recipe.make([NAME])
