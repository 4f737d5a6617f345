"""8-cut without a window: everything here imports neither Qt nor mpv."""

__version__ = "0.1.0"
APP_NAME = "8-cut"
