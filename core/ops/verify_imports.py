"""Import everything 8-cut runs on and say what does not load: the last step of the set-up, run as a program.

It loads the heavy libraries on purpose, so the window and the other commands never import it. Exit code: 0 when all
load, 1 when a Python package is broken, 3 when only a library of the system is missing.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

# torch first: torchvision, torchaudio and timm fail on import when they come from another build than torch.
PACKAGES = (
    "torch",
    "torchvision",
    "torchaudio",
    "transformers.models.audio_spectrogram_transformer.modeling_audio_spectrogram_transformer",
    "timm",
    "sklearn.ensemble",
    "numpy",
    "av",
    "blake3",
    "natsort",
    "platformdirs",
    "rich",
    "scenedetect",
    "onnxruntime",
    "rapidocr",
    "ray",
    "fsspec",
    "s3fs",
    "gcsfs",
    "pyarrow.parquet",
    "PyQt6",
)
# These need libraries that no Python package brings: OpenGL and X, and libmpv.
QT_PARTS = ("PyQt6.QtWidgets", "PyQt6.QtOpenGLWidgets")
PLAYER = ("mpv",)


def load_xcb_plugin() -> None:
    """Load the part of Qt that talks to X, whose libraries are missed only when a window opens otherwise.

    Raises:
        OSError: names the library that is missing.
    """
    folder = Path(importlib.import_module("PyQt6").__path__[0])
    plugin = folder / "Qt6" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.exists():
        ctypes.CDLL(str(plugin))


def problem(load: Callable[[], object]) -> str | None:
    """Why `load` fails, in one line, or None."""
    try:
        load()
    except Exception as error:  # noqa: BLE001 - whatever a library raises on import is the answer
        return f"{type(error).__name__}: {next(iter(str(error).strip().splitlines()), 'no reason given')}"
    return None


def failures(names: tuple[str, ...]) -> list[str]:
    """A line for each of these modules that does not load."""
    found = ((name, problem(lambda name=name: importlib.import_module(name))) for name in names)
    return [f"{name.split('.models.')[0]} does not load: {why}" for name, why in found if why]


def missing_for_qt() -> list[str]:
    """A line for each library of the system without which Qt cannot open a window."""
    missing = failures(QT_PARTS)
    plugin = problem(load_xcb_plugin)
    if plugin and not missing:
        missing.append(f"Qt cannot open a window: {plugin}")
    return missing


def main() -> int:
    broken, missing = failures(PACKAGES), missing_for_qt() + failures(PLAYER)
    for line in broken + missing:
        print(f"  ✗ {line}", file=sys.stderr)
    return 1 if broken else 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
