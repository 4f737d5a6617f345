"""Hardware encoders that fail while they work: software takes over, says so, and no clip is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.export import ExportSettings
from core.job import JobContext
from core.media.export import export_clips
from core.media.probe import probe
from tests.core.media.test_export import counters, export, planned, wrapper
from tests.media_factory import MediaShelf

# The chosen encoder writes something, reports progress, and dies; every other one works.
DIES = """case "$*" in *h264_nvenc*)
  for arg; do case "$arg" in *picture.partial) echo half > "$arg";; esac; done
  echo out_time_ms=800000; echo progress=continue
  echo "[h264_nvenc @ 0x55d0] OpenEncodeSessionEx failed: out of memory (10)" >&2
  exit 187;;
esac
exec ffmpeg "$@"
"""
# The chosen encoder ends well but leaves frames out. Options that only it knows are dropped.
LOSES_FRAMES = """args=(); skip=0; short=0
case "$*" in *h264_nvenc*) short=1;; esac
for arg; do
  if [ $skip = 1 ]; then skip=0; continue; fi
  if [ $short = 1 ]; then
    case "$arg" in -preset|-rc|-cq|-b:v|-forced-idr) skip=1; continue;; h264_nvenc) arg=libx264;; esac
    [ "$last" = -frames:v ] && arg=20
  fi
  last=$arg; args+=("$arg")
done
exec ffmpeg "${args[@]}"
"""


@pytest.mark.parametrize(
    ("script", "reason"),
    [(DIES, "OpenEncodeSessionEx failed: out of memory (10)"), (LOSES_FRAMES, "Only 20 of 50 frames could be made")],
    ids=["dies half-way", "loses frames"],
)
def test_software_takes_over(
    script: str, reason: str, media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, script)))
    source, out = media("gop250_25"), tmp_path / "out"
    made = export(source, planned(out, ".mp4", [1.0, 2.0, 8.0]), encoder="h264_nvenc")
    assert not made.failed and sorted(made.done) == [0, 1, 2]
    assert [counters(clip.path)[0] for clip in made.clips] == [25, 50, 200]
    assert sorted(path.name for path in out.iterdir()) == [Path(clip.path).name for clip in made.clips]
    said = [line for line in made.ctx.log_lines if "NVIDIA NVENC failed" in line]
    assert said == [f"NVIDIA NVENC failed ({reason}): the clips were made with Software (x264)"], "once is enough"
    assert made.ctx.snapshot.fraction == 1.0


def test_it_is_told_to_the_caller(media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, DIES)))
    settings = ExportSettings(str(tmp_path), encoder="h264_nvenc", preset="ultrafast")
    info, clips = probe(media("tiny")), planned(tmp_path / "out", ".mp4", [0.2])
    notes = export_clips(info, clips, settings, JobContext(), lambda *_: None, lambda *_: None)
    assert len(notes) == 1 and "made with Software" in notes[0]
    settings = ExportSettings(str(tmp_path), preset="ultrafast")
    other = planned(tmp_path / "other", ".mp4", [0.2])
    assert export_clips(info, other, settings, JobContext(), lambda *_: None, lambda *_: None) == ()


def test_a_name_taken_meanwhile_is_not_the_encoders_fault(media: MediaShelf, tmp_path: Path) -> None:
    """What fails with software fails."""
    source, clips = media("tiny"), planned(tmp_path, ".mp4", [0.2])
    Path(clips[0].path).write_bytes(b"mine")
    made = export(source, clips, encoder="h264_nvenc")
    assert made.failed == {0: "Another file has its name"}
    assert not made.ctx.log_lines[1:]


def test_pictures_need_no_video_encoder(media: MediaShelf, tmp_path: Path) -> None:
    made = export(media("tiny"), planned(tmp_path, "", [0.2]), format="WEBP", encoder="h264_nvenc")
    assert not made.failed and not made.ctx.log_lines


def test_software_that_fails_is_said_so(media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'case "$*" in *-filters*|*-version*) exec ffmpeg "$@";; esac\necho broken >&2; exit 1'
    monkeypatch.setenv("EIGHTCUT_FFMPEG", str(wrapper(tmp_path, script)))
    made = export(media("tiny"), planned(tmp_path / "out", ".mp4", [0.2]), encoder="h264_nvenc")
    assert made.failed == {0: "ffmpeg failed: broken"}
    assert not list((tmp_path / "out").iterdir())
