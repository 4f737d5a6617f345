"""What a path says about a clip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.clip import ClipName, clip_path, export_folder
from core.domain.clip_place import ClipPlace


def test_both_kinds_of_slash() -> None:
    place = ClipPlace.of("C:\\out\\cat\\vid_012\\clip_012_m3_1.mp4")
    assert place == ClipPlace("C:\\out\\cat", "cat", "clip_012_m3.mp4", 1, ClipName("clip", 12, 3, 1), media_number=12)
    assert ClipPlace.of("/out/cat/clip_007/clip_007_0.mp4") == ClipPlace(
        "/out/cat", "cat", "clip_007.mp4", 0, None, media_number=None
    )
    assert ClipPlace.of("/out/cat/clip_007/clip_007.mp4").index is None
    assert ClipPlace.of("clip.mp4") == ClipPlace("", "", "clip.mp4", None, None, None)


@given(
    st.text(st.characters(blacklist_characters="/\\\0", blacklist_categories=["Cs"]), min_size=1, max_size=8).filter(
        lambda text: text.strip(".")
    ),
    st.integers(1, 2000),
    st.integers(1, 500),
    st.integers(0, 98),
    st.booleans(),
)
def test_a_path_that_was_made_is_understood(folder: str, media: int, batch: int, index: int, scan: bool) -> None:
    name = ClipName("my clip_7", media, batch, index, scan)
    place = ClipPlace.of(clip_path(f"/out/{folder}", name, "mp4"))
    assert (place.folder, place.class_name) == (f"/out/{folder}", folder)
    assert (place.name, place.index, place.media_number) == (name, index, media)


def test_export_folders_and_formats() -> None:
    assert export_folder("/out/cat") == "/out/cat"
    assert export_folder("/out/cat", "wide") == "/out/cat_wide"
    with pytest.raises(ValueError, match="unknown"):
        clip_path("/out", ClipName("clip", 1, 1, 0), "gif")
