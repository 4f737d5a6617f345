"""Heads on vectors: what they say adds up, is calibrated on videos they had not seen, and is stored to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.annotation.window_models import fit, in_columns, read_model, window_vectors, write_model
from core.domain.annotation import Item, ItemKind
from core.errors import Cancelled, UserError
from core.scan.embedding import Embedded


def blobs(classes: int, each: int = 30, videos: int = 6, seed: int = 0) -> tuple[np.ndarray, list[str], list[str]]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, 8)) * 3
    labels = np.repeat(np.arange(classes), each)
    vectors = centres[labels] + rng.normal(size=(len(labels), 8))
    groups = [f"v{number}" for number in rng.integers(videos, size=len(labels))]
    return vectors.astype(np.float32), [f"c{label}" for label in labels], groups


@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_add_up_and_are_right(classes: int, tmp_path: Path) -> None:
    vectors, labels, groups = blobs(classes)
    fitted = fit(vectors, labels, groups, "logistic")
    unseen, truth, _ = blobs(classes)
    said = fitted.model.probabilities(unseen)
    assert said.sum(axis=1) == pytest.approx(np.ones(len(said)))
    names = np.array(fitted.model.classes)
    assert np.mean(names[said.argmax(axis=1)] == np.array(truth)) > 0.95
    assert np.mean(names[fitted.out_of_fold.argmax(axis=1)] == np.array(labels)) > 0.9
    write_model(tmp_path / "m.safetensors", fitted.model)
    assert np.array_equal(read_model(tmp_path / "m.safetensors").probabilities(unseen), said)


def test_the_kind_of_rounds_works_too() -> None:
    vectors, labels, groups = blobs(2, each=15)
    assert fit(vectors, labels, groups, "blend").out_of_fold.shape == (30, 2)


def test_what_an_item_says_of_itself_comes_from_other_videos() -> None:
    """A video whose labels are all wrong is judged by the others, and looks wrong, though trees would know it."""
    vectors, labels, _ = blobs(2, each=40)
    groups = [f"v{place % 5}" for place in range(80)]
    lied = [("c0" if label == "c1" else "c1") if group == "v0" else label
            for label, group in zip(labels, groups, strict=True)]  # fmt: skip
    fitted = fit(vectors, lied, groups, "trees")
    said = np.array(fitted.model.classes)[fitted.out_of_fold.argmax(axis=1)]
    own = [place for place, group in enumerate(groups) if group == "v0"]
    assert np.mean(said[own] == np.array(lied)[own]) < 0.2


def test_a_single_video_and_a_rare_class_still_make_a_model() -> None:
    vectors, labels, _ = blobs(3, each=10)
    only = fit(vectors, labels, ["v"] * 30, "logistic")
    assert np.isfinite(only.out_of_fold).all()
    rare = fit(vectors[:21], labels[:21], [f"v{place % 4}" for place in range(21)], "logistic")
    assert rare.model.classes == ("c0", "c1", "c2")


def test_wrong_input_is_told(tmp_path: Path) -> None:
    vectors, labels, groups = blobs(2)
    with pytest.raises(UserError, match="nothing to tell apart"):
        fit(vectors[:5], labels[:5], groups[:5])
    with pytest.raises(UserError, match="no head 'best'"):
        fit(vectors, labels, groups, "best")
    model = fit(vectors, labels, groups, "logistic").model
    with pytest.raises(UserError, match="vectors of 8 numbers, these have 3"):
        model.probabilities(np.zeros((2, 3), np.float32))
    assert read_model(tmp_path / "none.safetensors") is None
    (tmp_path / "bad.safetensors").write_bytes(b"no model at all")
    with pytest.raises(UserError, match="refused"):
        read_model(tmp_path / "bad.safetensors")

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        fit(vectors, labels, groups, "logistic", check=stop)


def test_columns_of_classes_that_were_not_learned_are_zero() -> None:
    found = in_columns(np.array([[0.25, 0.75]]), ("b", "c"), ("a", "b", "c", "d"))
    assert found.tolist() == [[0.0, 0.25, 0.75, 0.0]]


def test_a_window_is_what_its_grains_say_and_how_they_differ() -> None:
    starts = np.arange(20) * 0.5
    vectors = np.zeros((20, 2), np.float16)
    vectors[8:12, 0] = 1.0
    embedded = Embedded(starts, vectors, 1.0, 10.5)
    inside, outside, between = window_vectors(
        embedded,
        [
            Item("v", ItemKind.WINDOW, -1, 4.0, 6.0),
            Item("v", ItemKind.WINDOW, -1, 0.0, 2.0),
            Item("v", ItemKind.WINDOW, -1, 4.6, 4.7),
        ],
    )
    # Mean, mean against the surroundings, maximum, maximum against the surroundings; two numbers each.
    assert inside == pytest.approx([0.8, 0, 0.6, 0, 1.0, 0, 0.8, 0], abs=1e-3)
    assert outside[:2] == pytest.approx([0, 0])
    assert outside[2] < 0
    assert between[0] == 1.0
    with pytest.raises(UserError, match="too short"):
        window_vectors(Embedded(np.zeros(0), np.zeros((0, 2), np.float16), 1.0, 0.2), [])
