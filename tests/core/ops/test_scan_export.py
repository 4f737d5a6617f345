"""What a scan found, as files: cropped by the media's own keyframes, the source read once."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from core.db import ProcessedDB
from core.domain.clip import Batch
from core.domain.crop import cropped_size
from core.domain.crop_plan import CropKeyframe, CropPlan
from core.domain.export import CutRequest, ExportSettings
from core.job import JobContext
from core.media.identity import content_key
from core.ops import cut_check, scan_export
from core.ops.crops import set_keyframes
from tests.media_factory import MediaShelf


def test_each_file_is_cropped_by_its_own_keyframes_and_read_once(
    db: ProcessedDB, media: MediaShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [media.copy("gop250_25", tmp_path / "one.mp4"), media("no_audio")]
    one, two = (db.media.register(content_key(path), str(path)) for path in sources)
    set_keyframes(db, "default", one.id, [CropKeyframe(0.0, "9:16"), CropKeyframe(8.0, "1:1")])
    for each in (one, two):
        db.save_scan_results(each.path, "default", "LOGMEL", [(2.0, 4.0, 0.9), (10.0, 12.0, 0.8), (15.0, 17.0, 0.7)])
    # As it was asked for while the second file was open, which has a keyframe of its own in another profile only.
    set_keyframes(db, "other", two.id, [CropKeyframe(0.0, "4:5")])
    plan = CropPlan(base=CropKeyframe(0.0, ""), keyframes=(CropKeyframe(0.0, "4:5"),))
    settings = ExportSettings(str(tmp_path / "hits"), preset="ultrafast", audio="none")
    read: list[str] = []
    frame_times = cut_check.frame_times
    monkeypatch.setattr(cut_check, "frame_times", lambda path, ctx: (read.append(path), frame_times(path, ctx))[1])
    sizes = {}
    for each in (one, two):
        request = CutRequest(each, Batch(0.0, 1, 1.0, 2.0), settings, crop_plan=plan)
        summary, changes = scan_export.run_for(db, request, "LOGMEL", JobContext())
        assert not summary.failed
        assert changes
        sizes[each.id] = [size_of(path) for path in sorted(summary.done)]
    assert sizes[one.id] == [cropped_size(320, 240, ratio, None) for ratio in ("9:16", "1:1", "1:1")]
    assert sizes[two.id] == [(320, 240)] * 3
    assert read == [one.path, two.path]
    again, _ = scan_export.run_for(db, CutRequest(one, Batch(0.0, 1, 1.0, 2.0), settings), "LOGMEL", JobContext())
    assert again.done == (), "what was cut is not cut again"
    db.save_scan_results(one.path, "default", "YAMNET", [(5.0, 7.0, 0.9), (12.5, 14.5, 0.8)])
    request = CutRequest(one, Batch(0.0, 1, 1.0, 2.0), settings)
    chosen, _ = scan_export.run_for(db, request, "YAMNET", JobContext(), keep=lambda rows: rows.starts > 9.0)
    assert len(chosen.done) == 1, "a filter leaves out the other"


def size_of(path: str) -> tuple[int, int]:
    with av.open(path) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height
