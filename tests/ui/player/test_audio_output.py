"""Which sound outputs are tried on which machine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ui.player.audio_output import audio_outputs

CARDS = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
NO_CARDS = "--- no soundcards ---\n"


@pytest.mark.parametrize(
    ("cards", "sockets", "variables", "expected"),
    [
        (None, (), {}, "null"),
        (NO_CARDS, (), {}, "null"),
        (CARDS, (), {}, "alsa"),
        (None, (), {"PULSE_SERVER": "tcp:elsewhere"}, "pulse"),
        (CARDS, ("pipewire-0", "pulse/native"), {}, "pipewire,pulse,alsa"),
    ],
)
def test_only_what_is_there_is_tried(tmp_path: Path, monkeypatch, cards, sockets, variables, expected: str) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    runtime = tmp_path / "run"
    runtime.mkdir()
    if cards is not None:
        (tmp_path / "proc" / "asound").mkdir(parents=True)
        (tmp_path / "proc" / "asound" / "cards").write_text(cards)
    for name in sockets:
        (runtime / name).parent.mkdir(exist_ok=True)
        monkeypatch.chdir((runtime / name).parent)  # a socket's path may not be long
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(Path(name).name)
    assert audio_outputs({"XDG_RUNTIME_DIR": str(runtime), **variables}, tmp_path) == expected


def test_other_systems_choose_themselves(monkeypatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert audio_outputs({}) == ""
