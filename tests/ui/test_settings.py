"""What a person sets stays set, and no settings file stops the start."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ui import settings as keys
from ui.settings import Setting, Settings

ALL = [value for value in vars(keys).values() if isinstance(value, Setting)]
ROOT = Path(keys.__file__).resolve().parent.parent
OTHER = {
    keys.THEME: "light",
    keys.GEOMETRY: bytes(range(256)),
    keys.LEFT_PANEL: False,
    keys.CLIPS: 7,
    keys.SPREAD_S: 0.5,
    keys.FOLDER: '/data/tür, "a" = b; c\n\\x 🎬',
    keys.RECENT_LABELS: ["door, slam", "glas;s"],
    keys.SHORTCUTS: {"export": ["X", "Ctrl+,"], "play": []},
    keys.SPEED: 2.0,
}


def test_names_are_unique_and_defaults_sound() -> None:
    assert len({setting.name for setting in ALL}) == len(ALL)
    for setting in ALL:
        assert setting.decode(setting.encode(setting.default)) == setting.default


def test_an_absent_file_gives_defaults(tmp_path: Path) -> None:
    fresh = Settings(tmp_path / "settings.ini")
    assert {setting.name: fresh.get(setting) for setting in ALL} == {s.name: s.default for s in ALL}
    assert not (tmp_path / "settings.ini").exists()


def test_every_type_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    first = Settings(path)
    for setting, value in OTHER.items():
        first.set(setting, value)
    first.save()
    lines = ["import sys", "from ui import settings as k", "s = k.Settings(sys.argv[1])"]
    lines += [f"assert s.get(k.{name}) == {OTHER[getattr(keys, name)]!r}" for name in vars(keys) if _is_other(name)]
    lines += [f"assert type(s.get(k.{name})) is type(k.{name}.default)" for name in vars(keys) if _is_other(name)]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _is_other(name: str) -> bool:
    value = getattr(keys, name)
    return isinstance(value, Setting) and value in OTHER


@given(text=st.text(), labels=st.lists(st.text()), blob=st.binary())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_any_text_survives(tmp_path: Path, text: str, labels: list[str], blob: bytes) -> None:
    # Half a surrogate pair is no text that a file or a field can hold.
    path = tmp_path / "any.ini"
    first = Settings(path)
    values = {keys.FOLDER: text, keys.RECENT_LABELS: labels, keys.GEOMETRY: blob}
    for setting, value in values.items():
        first.set(setting, value)
    first.save()
    again = Settings(path)
    assert {setting: again.get(setting) for setting in values} == values


@pytest.mark.parametrize(
    "line",
    [
        "clips=three",
        'clips="\\"3\\""',
        "clips=0",
        "clips=100",
        "clips=3.5",
        "clips=true",
        "clips=null",
        "clips=1, 2",
        "clips=@Invalid()",
        "clips=@ByteArray(abc)",
        "clips=",
    ],
)
def test_a_broken_value_falls_back_and_is_noted(tmp_path: Path, line: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(f'[deck]\n{line}\nlabel="\\"door\\""\n', encoding="utf-8")
    with caplog.at_level(logging.INFO, "ui.settings"):
        settings = Settings(path)
        assert settings.get(keys.CLIPS) == keys.CLIPS.default
    assert "deck/clips" in caplog.text
    assert settings.get(keys.LABEL) == "door"
    settings.set(keys.CLIPS, 5)
    settings.save()
    assert Settings(path).get(keys.CLIPS) == 5


@pytest.mark.parametrize("content", [b"\x00\xff\xfe rubbish", b"no section at all\n\n===", b"[deck\nclips=3", b""])
def test_a_file_that_is_rubbish_does_not_stop_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes(content)
    settings = Settings(path)
    assert settings.get(keys.CLIPS) == keys.CLIPS.default
    settings.set(keys.CLIPS, 9)
    settings.save()
    assert Settings(path).get(keys.CLIPS) == 9


def test_an_unsound_value_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    for value in (0, 100, 3.0, "3", None, True):
        with pytest.raises(ValueError, match="deck/clips"):
            settings.set(keys.CLIPS, value)
    assert settings.get(keys.CLIPS) == keys.CLIPS.default


def test_a_whole_number_will_do_for_a_fraction(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    settings.set(keys.SPREAD_S, 4)
    assert settings.get(keys.SPREAD_S) == 4.0
    assert type(settings.get(keys.SPREAD_S)) is float


def test_changed_is_said_once_and_only_for_a_change(tmp_path: Path, qtbot) -> None:
    settings = Settings(tmp_path / "settings.ini")
    heard: list[str] = []
    settings.changed.connect(heard.append)
    settings.set(keys.CLIPS, 4)
    settings.set(keys.CLIPS, 4)
    settings.reset(keys.CLIPS)
    assert heard == ["deck/clips", "deck/clips"]


def test_lists_are_handed_out_as_copies(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    given_in = ["door"]
    settings.set(keys.RECENT_LABELS, given_in)
    given_in.append("glass")
    settings.get(keys.RECENT_LABELS).append("wood")
    assert settings.get(keys.RECENT_LABELS) == ["door"]
    assert keys.RECENT_LABELS.default == []


def test_a_folder_that_cannot_be_written_keeps_values_until_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    settings = Settings(blocked / "settings.ini")
    settings.set(keys.CLIPS, 6)
    with caplog.at_level(logging.INFO, "ui.settings"):
        settings.save()
        settings.save()
    assert settings.get(keys.CLIPS) == 6
    assert caplog.text.count("cannot be written") == 1


def test_a_read_only_file_is_read_and_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    first = Settings(path)
    first.set(keys.CLIPS, 6)
    first.save()
    path.chmod(stat.S_IREAD)
    again = Settings(path)
    assert again.get(keys.CLIPS) == 6
    again.set(keys.CLIPS, 7)
    again.save()
    assert again.get(keys.CLIPS) == 7
