"""PNG files: every pixel back, and a broken one is said in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.errors import UserError
from core.media.png import png, read_png


@settings(max_examples=10)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_every_pixel_comes_back(tmp_path_factory: pytest.TempPathFactory, rgb: np.ndarray) -> None:
    path = tmp_path_factory.getbasetemp() / "Bild ü.png"
    path.write_bytes(png(rgb))
    assert np.array_equal(read_png(path), rgb)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        png(np.full((64, 64, 3), 7, np.uint8))[:90],
        png(np.arange(49152, dtype=np.uint8).reshape(128, 128, 3))[:-200],
    ],
)
def test_what_is_no_whole_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.png cannot be read"):
        read_png(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"gone\.png"):
        read_png(tmp_path / "gone.png")
