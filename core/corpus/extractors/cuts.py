"""Where a video cuts from one scene to the next: PySceneDetect's content detector, fed from the shared decode."""

from __future__ import annotations

from array import array
from itertools import pairwise

from core.corpus.extractor import Column, Frames, Row, Settings, VideoFacts
from core.corpus.needs import need_package
from core.job import JobContext

THRESHOLD = 27.0
"""The mean change of hue, saturation and brightness (0–255) from one frame to the next that makes a cut."""
MIN_SCENE_FRAMES = 10


class Cuts:
    """Hard cuts and the scenes between them. Looks at every frame, made small as the detector itself would."""

    name = "cuts"
    version = 1
    needs = "cpu"
    wants = "all"
    columns = (
        Column("count", "", "int", "number of cuts"),
        Column("per_s", "1/s", "float", "cuts in each second"),
        Column("scene_mean_s", "s", "float", "mean length of a scene"),
        Column("scene_min_s", "s", "float", "length of the shortest scene"),
        Column("scene_max_s", "s", "float", "length of the longest scene"),
        Column("stamps_s", "s", "json", "when each scene but the first one begins"),
        Column("duration_s", "s", "float", "from the first frame to the end of the last one"),
        Column("fps", "1/s", "float", "frames in each second, the mean where their rate varies"),
    )

    def __init__(self, settings: Settings) -> None:
        """It has no settings."""

    def check(self, ctx: JobContext) -> None:
        """Look for PySceneDetect.

        Raises:
            EnvironmentProblem: it is not installed.
        """
        need_package(self, "scenedetect", "scenedetect-headless")

    def extract(self, frames: Frames, info: VideoFacts) -> Row:
        """The figures of one video; see `columns`."""
        import cv2
        from scenedetect import ContentDetector, FrameTimecode

        detector = ContentDetector(threshold=THRESHOLD, min_scene_len=MIN_SCENE_FRAMES)
        times, timecode = array("d"), None
        found = []
        for frame in frames:
            times.append(frame.time_s)
            # The place among the frames that can be decoded, at a rate that does not matter: lengths are in frames.
            timecode = FrameTimecode(len(times) - 1, 25.0)
            found += detector.process_frame(timecode, cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR))
        if timecode is not None:
            found += detector.post_process(timecode)
        stamps_s = sorted({times[cut.frame_num] for cut in found})
        start_s = times[0] if times else 0.0
        scenes_s = [after - before for before, after in pairwise([start_s, *stamps_s, start_s + info.duration_s])]
        return {
            "count": len(stamps_s),
            "per_s": len(stamps_s) / info.duration_s if info.duration_s else None,
            "scene_mean_s": sum(scenes_s) / len(scenes_s),
            "scene_min_s": min(scenes_s),
            "scene_max_s": max(scenes_s),
            "stamps_s": [round(stamp, 6) for stamp in stamps_s],
            "duration_s": info.duration_s,
            "fps": info.fps,
        }

    def close(self) -> None:
        """Nothing is held."""
