"""The timeline: an axis, a scene, painters, gestures, and the widget that joins them."""

from ui.timeline.scene import RegionState, SceneMarker, SceneRegion, TimelineScene
from ui.timeline.widget import TimelineWidget

__all__ = ["RegionState", "SceneMarker", "SceneRegion", "TimelineScene", "TimelineWidget"]
