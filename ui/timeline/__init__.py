"""The timeline: an axis, a scene, painters, gestures, and the widget that joins them."""

from ui.timeline.scene import SceneMarker, TimelineScene
from ui.timeline.scene_regions import RegionState, SceneRegion
from ui.timeline.widget import TimelineWidget

__all__ = ["RegionState", "SceneMarker", "SceneRegion", "TimelineScene", "TimelineWidget"]
