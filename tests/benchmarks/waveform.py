"""How long a waveform takes to compute, to load and to draw from: `python -m tests.benchmarks.waveform`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from core.media.tools import find_tool
from core.media.waveform import FOLDER, WaveformPyramid, load_or_build

COLUMNS = 2000
ROUNDS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=10.0, help="length of the sound (default: 10)")
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source = _make_sound(folder / "sound.m4a", hours)
        before_mib = _peak_memory_mib()
        started = time.perf_counter()
        load_or_build(source, "sound", folder)
        built_s = time.perf_counter() - started
        started = time.perf_counter()
        pyramid = load_or_build(source, "sound", folder)
        loaded_ms = (time.perf_counter() - started) * 1000
        size_mib = (folder / FOLDER / "sound.peaks").stat().st_size / 2**20
        print(f"{hours:g} h of stereo AAC")
        print(f"computed in {built_s:.1f} s, {_peak_memory_mib() - before_mib:.0f} MiB more memory at its peak")
        print(f"loaded from the cache in {loaded_ms:.1f} ms, {size_mib:.1f} MiB on disk")
        for span_s in (hours * 3600, 3600.0, 60.0, 1.0):
            print(f"{COLUMNS} columns of {span_s:7.0f} s: {_draw_ms(pyramid, span_s):.3f} ms")


def _make_sound(path: Path, hours: float) -> Path:
    """Ten minutes of noise, repeated without encoding it again."""
    minutes = path.with_name("ten_minutes.m4a")
    noise = "anoisesrc=d=600:c=pink:r=48000,aformat=channel_layouts=stereo"
    command = [str(find_tool("ffmpeg")), "-v", "error", "-y"]
    subprocess.run([*command, "-f", "lavfi", "-i", noise, "-c:a", "aac", str(minutes)], check=True)
    repeats = ["-stream_loop", str(max(0, round(hours * 6) - 1)), "-i", str(minutes)]
    subprocess.run([*command, *repeats, "-c", "copy", str(path)], check=True)
    return path


def _draw_ms(pyramid: WaveformPyramid, span_s: float) -> float:
    """Mean milliseconds of one call while panning over the sound."""
    room_s = max(0.0, pyramid.duration_s - span_s)
    pyramid.peaks(0, span_s, COLUMNS)
    started = time.perf_counter()
    for number in range(ROUNDS):
        start_s = room_s * number / ROUNDS
        pyramid.peaks(start_s, start_s + span_s, COLUMNS)
    return (time.perf_counter() - started) / ROUNDS * 1000


def _peak_memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
