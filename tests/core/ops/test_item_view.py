"""Items made ready to be shown: the right picture, the right sound, and words for what cannot be shown."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db import ProcessedDB
from core.domain.annotation import Item, ItemKind
from core.domain.media import Media
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.identity import content_key
from core.media.png import read_png
from core.media.probe import probe
from core.media.pts import frame_times
from core.ops.item_view import FRAMES, media_of, prepare, prepare_frames
from core.paths import DataPaths
from tests.media_factory import MediaShelf, read_counter

QUIET = JobContext()


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data").prepare()


@pytest.fixture
def db(paths: DataPaths) -> Iterator[ProcessedDB]:
    with ProcessedDB(paths.database) as opened:
        yield opened


@pytest.fixture
def film(db: ProcessedDB, media: MediaShelf, tmp_path: Path) -> Media:
    """A copy of a short film, known to the history."""
    path = media.copy("tiny", tmp_path / "Ünï 100% #1.mp4")
    return db.media.register(content_key(path), str(path))


def frame(film: Media, number: int) -> Item:
    at_s = float(frame_times(film.path).times[number])
    return Item(film.content_key, ItemKind.FRAME, number, at_s, at_s)


def window(film: Media, start_s: float, end_s: float) -> Item:
    return Item(film.content_key, ItemKind.WINDOW, -1, start_s, end_s)


def made(paths: DataPaths) -> list[Path]:
    return [path for path in paths.cache.rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_media_are_found_by_content_and_unknown_ones_left_out(db: ProcessedDB, film: Media) -> None:
    gone = Item("b3-gone", ItemKind.FRAME, 0, 0.0, 0.0)
    assert media_of(db, (frame(film, 0), frame(film, 1), gone)) == {film.content_key: film}
    assert media_of(db, ()) == {}


def test_a_frame_is_the_one_of_its_number_and_stays_when_the_file_is_gone(
    db: ProcessedDB, paths: DataPaths, film: Media
) -> None:
    item = frame(film, 7)
    view = prepare(item, media_of(db, (item,)), paths, QUIET)
    assert read_counter(read_png(view.file)) == 7
    assert (view.seconds, view.pitches) == (0.0, None)
    Path(film.path).unlink()
    assert prepare(item, {film.content_key: film}, paths, QUIET) == view
    with pytest.raises(UserError):
        prepare(Item(film.content_key, ItemKind.FRAME, 8, 0.3, 0.3), {film.content_key: film}, paths, QUIET)


@pytest.mark.parametrize("picture", [False, True])
def test_a_window_is_a_file_of_its_own_length_with_its_pitches(paths: DataPaths, film: Media, picture: bool) -> None:
    item = window(film, 1.0, 2.0)
    view = prepare(item, {film.content_key: film}, paths, QUIET, picture=picture)
    assert view.seconds == 1.0
    assert view.pitches is not None
    assert (probe(view.file).video is not None) == picture
    if not picture:
        with wave.open(str(view.file)) as sound:
            assert sound.getnframes() / sound.getframerate() == 1.0
    before = made(paths)
    assert prepare(item, {film.content_key: film}, paths, QUIET, picture=picture).file == view.file
    assert made(paths) == before, "it is made once"


def test_what_is_shown_with_and_without_its_picture_is_kept_apart(paths: DataPaths, film: Media) -> None:
    item = window(film, 0.0, 1.0)
    one, other = (prepare(item, {film.content_key: film}, paths, QUIET, picture=picture).file for picture in (0, 1))
    assert one != other
    assert one.is_file()
    assert other.is_file()


@pytest.mark.parametrize("kind", list(ItemKind))
def test_a_video_that_is_not_here_is_told(paths: DataPaths, kind: ItemKind) -> None:
    item = Item("b3-gone", kind, 0 if kind is ItemKind.FRAME else -1, 0.0, 1.0)
    with pytest.raises(UserError, match="The video of this item is not on this machine"):
        prepare(item, {}, paths, QUIET)


@pytest.mark.parametrize("kind", list(ItemKind))
def test_nothing_is_made_of_another_file_in_its_place(
    paths: DataPaths, film: Media, media: MediaShelf, kind: ItemKind
) -> None:
    item = frame(film, 0) if kind is ItemKind.FRAME else window(film, 0.0, 1.0)
    shutil.copy(media("tiny", seconds=2, width=128), film.path)
    with pytest.raises(UserError, match="is not the file it was"):
        prepare(item, {film.content_key: film}, paths, QUIET)
    assert made(paths) == []


def test_all_frames_are_made_ahead_and_those_that_cannot_be_are_passed_over(
    db: ProcessedDB, paths: DataPaths, film: Media
) -> None:
    good = [frame(film, number) for number in (0, 30, 60)]
    gone = Item("b3-gone", ItemKind.FRAME, 0, 0.0, 0.0)
    behind = Item(film.content_key, ItemKind.FRAME, 100_000, 4000.0, 4000.0)
    items = (*good, gone, behind, window(film, 0.0, 1.0))
    prepare_frames(items, media_of(db, items), paths, QUIET)
    assert len(made(paths)) == len(good)
    assert {path.relative_to(paths.cache).parts[0] for path in made(paths)} == {FRAMES}
    Path(film.path).unlink()
    for item in good:
        view = prepare(item, {film.content_key: film}, paths, QUIET)
        assert read_counter(read_png(view.file)) == item.frame


def test_a_cancelled_item_leaves_nothing_behind(paths: DataPaths, film: Media) -> None:
    stopped = JobContext()
    stopped.cancel()
    for item in (frame(film, 0), window(film, 0.0, 1.0)):
        with pytest.raises(Cancelled):
            prepare(item, {film.content_key: film}, paths, stopped)
    assert made(paths) == []


def test_items_of_a_path_never_leave_their_folder_or_mix(paths: DataPaths, film: Media, media: MediaShelf) -> None:
    """A media of which only the path is known has that path in its key."""
    other = media("tiny", seconds=2, width=128)
    keys = {f"path:{film.path}": film.path, "path:/../../elsewhere/Ünï 100% #1.mp4": str(other)}
    found = {}
    for number, (key, path) in enumerate(keys.items()):
        known = {key: Media(number, key, path)}
        found[key] = prepare(Item(key, ItemKind.FRAME, 0, 0.0, 0.0), known, paths, QUIET).file
        sound = prepare(Item(key, ItemKind.WINDOW, -1, 0.0, 1.0), known, paths, QUIET).file
        assert sound.parent == paths.cache / "windows"
    assert {file.parent.parent for file in found.values()} == {paths.cache / FRAMES}
    assert len({file.parent.name for file in found.values()}) == 2, "embeddings are known by the folder's name"
