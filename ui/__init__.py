"""The window: PyQt6 and nothing else may draw; all knowledge of cutting lives in core."""
