"""Speech of a media: found where it is, kept per content, and regions chosen by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.media import Media
from core.domain.scan import Hit, RegionRow
from core.domain.speech import SpeechFilter
from core.errors import Cancelled, UserError
from core.job import JobContext
from core.media.identity import content_key
from core.models import speech as network
from core.ops import speech
from core.scan.region_columns import RegionColumns
from tests.media_factory import MediaShelf
from tests.sound_files import noise, with_speech, write_wav


def media_of(path: Path) -> Media:
    return Media(1, content_key(path), str(path))


@pytest.fixture
def talk(tmp_path: Path) -> Media:
    return media_of(write_wav(tmp_path / "talk.wav", with_speech(noise(12.0, level=0.003), [3.0, 8.0])))


def never(*_: object) -> None:
    raise AssertionError("it was found anew although it is in the cache")


def test_speech_is_found_where_it_is(talk: Media, tmp_path: Path) -> None:
    found = speech.track(talk, tmp_path / "cache", JobContext())
    assert [round(span.start_s) for span in found.spans] == [3, 8]
    assert all(1.0 < span.length_s < 2.0 for span in found.spans)
    assert found.duration_s == 12.0


def test_it_is_found_once_per_content(talk: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = speech.track(talk, tmp_path / "cache", JobContext())
    monkeypatch.setattr(network, "probabilities", never)
    assert speech.track(talk, tmp_path / "cache", JobContext()) == first


@pytest.mark.parametrize("content", [b"", b"{}", b'{"spans": [[3, 1]], "duration_s": 1}', b"\xff\xfe"])
def test_a_damaged_entry_is_made_anew(talk: Media, tmp_path: Path, content: bytes) -> None:
    first = speech.track(talk, tmp_path / "cache", JobContext())
    (entry,) = (tmp_path / "cache" / speech.FOLDER).iterdir()
    entry.write_bytes(content)
    assert speech.track(talk, tmp_path / "cache", JobContext()) == first


def test_a_cancelled_search_leaves_nothing(talk: Media, tmp_path: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        speech.track(talk, tmp_path / "cache", ctx)
    assert not list((tmp_path / "cache").rglob("*.*"))


def test_files_without_sound_say_so(media: MediaShelf, tmp_path: Path) -> None:
    silent = media_of(media("no_audio"))
    with pytest.raises(UserError):
        speech.track(silent, tmp_path / "cache", JobContext())


def test_regions_are_chosen(talk: Media, tmp_path: Path) -> None:
    found = speech.track(talk, tmp_path / "cache", JobContext())
    rows = [RegionRow(number, Hit(at, at + 1.0, 0.9), at, at + 1.0) for number, at in enumerate((0.5, 3.2, 6.0, 8.2))]
    for by, ids in ((SpeechFilter.ONLY, [1, 3]), (SpeechFilter.WITHOUT, [0, 2]), (SpeechFilter.ANY, [0, 1, 2, 3])):
        assert [row.id for row in speech.choose(rows, found, by)] == ids
    assert speech.choose([], found, SpeechFilter.ONLY) == ()
    keep = speech.keeper(talk, tmp_path / "cache", SpeechFilter.ONLY, JobContext())
    assert keep(RegionColumns.of(rows)).tolist() == [False, True, False, True]
    assert speech.keeper(talk, tmp_path / "cache", SpeechFilter.ANY, JobContext()) is None
